"""What is painted on a rendered face: more beards than the renderer grows, and lips as pale as age and old plates make them."""
import cv2
import numpy as np

from shards import SEG


def facial_hair(rng, image, p):
    """A copy of `image` whose face with the 68 points `p` (pixels) wears a beard, a moustache or both, in short strokes."""
    u = np.linalg.norm(p[8] - p[27])  # brow to chin, pixels
    h, w = image.shape[:2]
    mask = np.zeros((h, w), np.uint8)
    beard, mouth = rng.random() < 0.6, p[48:60]
    down = (p[8] - p[27]) / (u + 1e-6)
    if beard:
        t = rng.integers(1, 6)
        jaw = p[t:17 - t].copy()
        grow = rng.uniform(0, 0.1) * u if rng.random() < 0.6 else rng.uniform(0.1, 0.45) * u
        jaw += down * grow * np.sin(np.linspace(0, np.pi, len(jaw)))[:, None] ** 0.6
        inner = np.array([p[48] + (p[t] - p[48]) * rng.uniform(0.1, 0.6), p[48], p[58] + down * 0.02 * u, p[57] + down * 0.02 * u, p[56] + down * 0.02 * u, p[54],
                          p[54] + (p[16 - t] - p[54]) * rng.uniform(0.1, 0.6)])
        cv2.fillPoly(mask, [np.vstack([jaw, inner[::-1]]).astype(np.int32)], 255)
    if not beard or rng.random() < 0.75:
        low = p[48:55] + down * rng.uniform(-0.01, 0.035) * u
        high = p[31:36] + down * rng.uniform(0.01, 0.06) * u
        side = rng.uniform(-0.3, 1.0)
        ends = [p[48] + (p[48] - p[51]) * side * 0.3 + down * rng.uniform(-0.02, 0.08) * u, p[54] + (p[54] - p[51]) * side * 0.3 + down * rng.uniform(-0.02, 0.08) * u]
        cv2.fillPoly(mask, [np.vstack([[ends[0]], high, [ends[1]], low[::-1]]).astype(np.int32)], 255)
    if rng.random() < 0.8:  # the lips stay in front, most of the time
        cv2.fillPoly(mask, [mouth.astype(np.int32)], 0)
    x, y, bw, bh = cv2.boundingRect(mask)
    if min(bw, bh) < 2:
        return image
    x0, y0, x1, y1 = max(x - 4, 0), max(y - 4, 0), min(x + bw + 4, w), min(y + bh + 4, h)
    # Strokes: noise stretched along the downward direction.
    n = cv2.GaussianBlur(rng.standard_normal((y1 - y0, x1 - x0), dtype=np.float32), (0, 0), sigmaX=0.6, sigmaY=rng.uniform(0.8, 2.5))
    n /= n.std() + 1e-6
    base = rng.uniform(8, 90) if rng.random() < 0.7 else rng.uniform(90, 225)
    tint = np.array([1.0, rng.uniform(0.7, 1), rng.uniform(0.45, 1)]) if rng.random() < 0.6 else np.ones(3)
    local = image[int(np.clip(p[33, 1], 0, h - 1)), int(np.clip(p[33, 0], 0, w - 1))].mean() / 140
    hair = np.clip((base * (0.5 + 0.5 * local) + n * base * rng.uniform(0.1, 0.4))[..., None] * tint, 0, 255)
    m = cv2.GaussianBlur(mask[y0:y1, x0:x1], (0, 0), rng.uniform(0.6, 2.2)).astype(np.float32) / 255
    m = np.clip(m * (rng.uniform(0.35, 1.1)) + m * n * 0.25, 0, 1)[..., None]
    out = image.copy()
    out[y0:y1, x0:x1] = image[y0:y1, x0:x1] * (1 - m) + hair * m
    return out


def pale_lips(rng, image, seg):
    """A copy of `image` whose lips have the colour of the skin around them, more or less."""
    lips = (seg == SEG['lip']).astype(np.uint8)
    x, y, w, h = cv2.boundingRect(lips)
    if min(w, h) < 3:
        return image
    window = np.s_[max(y - h // 2, 0):y + h + h // 2, max(x - w // 4, 0):x + w + w // 4]
    part, mask = image[window].astype(np.float32), lips[window] > 0
    skin = seg[window] == SEG['face']
    if skin.sum() < 8:
        return image
    gain = np.clip(part[skin].mean(0) / (part[mask].mean(0) + 1), 0.6, 1.8)
    share = cv2.GaussianBlur(lips[window].astype(np.float32), (0, 0), 0.8)[..., None] * rng.uniform(0.4, 1.1)
    out = image.copy()
    out[window] = np.clip(part * (1 + (gain - 1) * share), 0, 255)
    return out
