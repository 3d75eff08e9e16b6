"""What is not a face: textures, shapes, other pictures' backgrounds; behind heads and in front of them."""
import cv2
import numpy as np

from shards import HEAD


def clouds(rng, h, w, cells, channels=1):
    """Smooth noise of about unit variance with some `cells` blots across; float32 [h, w, channels]."""
    n = rng.standard_normal((cells + 1, cells + 1, channels)).astype(np.float32)
    return cv2.resize(n, (w, h), interpolation=cv2.INTER_CUBIC).reshape(h, w, channels)


def blots(rng, h, w):
    """Coloured noise over several octaves."""
    out, amplitude, channels = np.zeros((h, w, 1), np.float32), rng.uniform(0.2, 1.0), 1 if rng.random() < 0.4 else 3
    for k in rng.choice([1, 2, 3, 4, 6, 12, 24, 64], rng.integers(1, 4), False):
        n = rng.standard_normal((k + 1, k + 1, channels)).astype(np.float32) * amplitude
        out = out + cv2.resize(n, (w, h), interpolation=cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_NEAREST).reshape(h, w, channels)
    return out


def strands(rng, h, w):
    """Fur, hair, grass or wood: stretched noise along lines that bend."""
    n = cv2.GaussianBlur(rng.standard_normal((h, w), dtype=np.float32), (0, 0), sigmaX=rng.uniform(0.5, 1.2), sigmaY=rng.uniform(2, 12))
    d = clouds(rng, h, w, rng.integers(1, 6), 2) * rng.uniform(2, 0.2 * w)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    if rng.random() < 0.5:
        n = np.ascontiguousarray(n.T) if h == w else n
    n = cv2.remap(n, xx + d[..., 0], yy + d[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)[..., None]
    return n / (n.std() + 1e-6) * rng.uniform(0.3, 1.0) + clouds(rng, h, w, rng.integers(1, 8)) * rng.uniform(0, 1.2)


def leaves(rng, h, w):
    """Many small things over one another: foliage, pebbles, feathers, a crowd of blots."""
    out = np.zeros((h, w), np.float32)
    size, flat = rng.uniform(0.02, 0.12) * w, rng.uniform(0.25, 1.0)
    for _ in range(rng.integers(30, 160)):
        a = max(1, int(size * rng.uniform(0.5, 1.6)))
        cv2.ellipse(out, (int(rng.uniform(0, w)), int(rng.uniform(0, h))), (a, max(1, int(a * flat))), rng.uniform(0, 180), 0, 360, rng.normal(), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.5))[..., None] * rng.uniform(0.5, 1.2)


def folds(rng, h, w):
    """Draped cloth, curtains, shells: waves whose phase wanders, lit from one side."""
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    phase = (xx * np.cos(angle) + yy * np.sin(angle)) / w * rng.uniform(4, 40) + clouds(rng, h, w, rng.integers(1, 6))[..., 0] * rng.uniform(0.5, 4)
    wave = np.sin(phase)
    if rng.random() < 0.4:
        wave = np.tanh(3 * wave)
    return wave[..., None] * rng.uniform(0.3, 1.0) + clouds(rng, h, w, 3) * rng.uniform(0, 0.8)


def noise_texture(rng, h, w):
    """One kind of stuff in one or two colours, and things on it: what is not a face."""
    n = (blots, strands, leaves, folds)[rng.integers(4)](rng, h, w)
    base = rng.uniform(0, 255, 3)
    k = rng.random()
    if k < 0.3:
        base[:] = base.mean()
    elif k < 0.6:  # skins, furs, woods
        base = np.array([225, 170, 140]) * rng.uniform(0.15, 1.1) * rng.uniform(0.85, 1.15, 3)
    depth = rng.uniform(10, 90) * (np.exp(rng.normal(0, 0.2, 3)) if rng.random() < 0.5 else np.ones(3))
    out = np.clip(base + n * depth, 0, 255).astype(np.uint8)
    for _ in range(rng.integers(0, 6) if rng.random() < 0.6 else 0):
        shape(rng, out, tuple(int(c) for c in rng.integers(0, 256, 3)), 0.05, 0.6)
    return out


def shape(rng, image, colour, low, high):
    """One filled ellipse, rectangle, triangle or line; sizes as parts of the side."""
    h, w = image.shape[:2]
    s = max(h, w)
    c = (int(rng.uniform(0, w)), int(rng.uniform(0, h)))
    a, b = (max(1, int(s * rng.uniform(low, high) / 2)) for _ in range(2))
    kind = rng.integers(4)
    angle = rng.uniform(0, 180)
    if kind == 0:
        cv2.ellipse(image, c, (a, b), angle, 0, 360, colour, -1, cv2.LINE_AA)
    elif kind == 1:
        cv2.fillConvexPoly(image, cv2.boxPoints((c, (2 * a, 2 * b), angle)).astype(np.int32), colour, cv2.LINE_AA)
    elif kind == 2:
        cv2.fillConvexPoly(image, (np.array(c) + rng.normal(0, s * high / 3, (3, 2))).astype(np.int32), colour, cv2.LINE_AA)
    else:
        d = rng.normal(0, s, 2)
        cv2.line(image, c, (int(c[0] + d[0]), int(c[1] + d[1])), colour, max(1, int(s * rng.uniform(0.004, 0.06))), cv2.LINE_AA)


def backdrop(rng, heads, h, w):
    """A picture without a face: noise, or the cloth and background of another picture, smeared over where the head was."""
    kind = rng.random()
    if kind < 0.3:
        return noise_texture(rng, h, w)
    if kind < 0.42:  # a studio: nearly plain, with a soft light
        base, slope = rng.uniform(0, 255, 3) * (1 - rng.random() * 0.3), rng.normal(0, 40, (2, 2, 1))
        if rng.random() < 0.6:
            base[:] = base.mean()
        g = cv2.resize(slope.astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
        return np.clip(base + g[..., None], 0, 255).astype(np.uint8)
    n = rng.integers(len(heads))
    image, seg = heads.get(n, 'image'), heads.get(n, 'seg')
    rows = np.flatnonzero(HEAD[seg[::4, ::4]].any(1)) * 4
    top = rows[0] if len(rows) else 224
    if kind < 0.7 and top > 24:  # what is above the head
        piece = image[:top]
    elif kind < 0.85:  # the clothes
        piece = image[-int(rng.uniform(20, 60)):]
        x = rng.integers(0, 160)
        piece = piece[:, x:x + int(rng.uniform(20, 64))]
    else:  # the sides
        piece = image[:, :int(rng.uniform(16, 40))] if rng.random() < 0.5 else image[:, -int(rng.uniform(16, 40)):]
    if rng.random() < 0.5:
        piece = piece[:, ::-1]
    if rng.random() < 0.3:
        piece = piece[::-1]
    return cv2.resize(np.ascontiguousarray(piece), (w, h), interpolation=cv2.INTER_LINEAR)


def behind(rng, heads, image, cover):
    """`image` with another background where `cover` (uint8 [h, w], 255 = the person) lets it through."""
    back = backdrop(rng, heads, *image.shape[:2])
    if rng.random() < 0.4:
        back = cv2.GaussianBlur(back, (0, 0), rng.uniform(0.5, 4))
    a = cover.astype(np.uint16)[..., None]
    return ((image * a + back * (255 - a)) // 255).astype(np.uint8)


def occlude(rng, heads, image):
    """Up to three things in front: plain shapes, or shapes filled with a texture. Returns the picture and what covers
    it, uint8 [h, w]."""
    h, w = image.shape[:2]
    out, cover = image.copy(), np.zeros((h, w), np.uint8)
    for _ in range(rng.integers(1, 4)):
        mask = np.zeros((h, w), np.uint8)
        shape(rng, mask, 255, 0.05, 0.45)
        filling = rng.integers(0, 256, 3).astype(np.uint8) if rng.random() < 0.5 else backdrop(rng, heads, h, w)
        out = np.where(mask[..., None] > 127, filling, out)
        cover = np.maximum(cover, mask)
    return out, cover
