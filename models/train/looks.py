"""What light, cameras, plates, prints, engravers, painters and compression do to a picture of a face."""
import cv2
import numpy as np

from clutter import clouds

RAMP = np.arange(256, dtype=np.float32) / 255


def light(rng, image):
    """A soft shadow or side light over the picture; at times the edge of a hard one."""
    h, w = image.shape[:2]
    g = clouds(rng, h, w, rng.integers(1, 4)) * rng.uniform(0.1, 0.5)
    if rng.random() < 0.2:
        edge = clouds(rng, h, w, 2) * 4
        g = g + rng.uniform(0.3, 1.0) * (1 / (1 + np.exp(np.clip(-edge * rng.uniform(1, 8), -30, 30))) - 0.5)
    return np.clip(image * np.exp(g), 0, 255).astype(np.uint8)


def grey_of(rng, image):
    """uint8 [h, w]: as film or as a blue-sensitive plate sees it, on which skin is dark and freckled."""
    weights = np.array([0.3, 0.59, 0.11], np.float32) if rng.random() < 0.6 else rng.dirichlet(np.ones(3)).astype(np.float32)
    return np.clip(image @ weights, 0, 255).astype(np.uint8)


def engraving(rng, image):
    """Lines whose width follows the tone, bent along it, and crossed in the shadows; or a raster of dots."""
    h, w = image.shape[:2]
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), 0.7).astype(np.float32) / 255
    grey = np.clip((grey - grey.mean()) * rng.uniform(0.8, 1.5) + 0.55, 0.02, 1)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    period, soft = rng.uniform(2.0, 4.5), rng.uniform(0.1, 0.35)
    bent = clouds(rng, h, w, 3)[..., 0] * rng.uniform(0, 6) + grey * rng.uniform(-8, 8)

    def lines(angle):
        phase = (xx * np.cos(angle) + yy * np.sin(angle) + bent) / period
        return np.abs(2 * (phase - np.floor(phase)) - 1)  # 0 in the middle of a line

    angle = rng.uniform(0, np.pi)
    pattern = lines(angle)
    if rng.random() < 0.3:
        pattern = 0.5 * (pattern + lines(angle + np.pi / 2))
    white = 1 / (1 + np.exp(-(grey * 1.15 - pattern) / soft))
    if rng.random() < 0.5:  # crossed
        white *= 1 / (1 + np.exp(-(grey * 2.2 - lines(angle + rng.uniform(0.6, 1.5))) / soft))
    share = rng.uniform(0.4, 1.0)
    out = (share * white + (1 - share) * grey) * 255
    return np.repeat(np.clip(out, 0, 255).astype(np.uint8)[..., None], 3, 2)


def painting(rng, image):
    """Strokes without detail on a canvas, with the colours that varnish leaves."""
    h, w = image.shape[:2]
    out = cv2.medianBlur(image, int(rng.choice([3, 5])))
    if rng.random() < 0.5:
        out = cv2.bilateralFilter(out, 5, 40, 3)
    shift = clouds(rng, h, w, int(rng.uniform(16, 40)), 2) * rng.uniform(0.3, 1.3)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    out = cv2.remap(out, xx + shift[..., 0], yy + shift[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    weave = cv2.GaussianBlur(rng.standard_normal((h, w), dtype=np.float32), (0, 0), 0.8, None, rng.uniform(0.6, 2)) * rng.uniform(4, 22)
    white = np.array([1, rng.uniform(0.85, 1), rng.uniform(0.6, 1)])
    return np.clip((out + weave[..., None]) * white, 0, 255).astype(np.uint8)


def vignette(rng, image):
    """An oval that fades into paper, or dark corners."""
    h, w = image.shape[:2]
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    r = np.hypot((xx / w - rng.uniform(0.42, 0.58)) / rng.uniform(0.75, 1.2), (yy / h - rng.uniform(0.42, 0.6)) / rng.uniform(0.85, 1.4))
    keep = 1 / (1 + np.exp((r - rng.uniform(0.36, 0.6)) * rng.uniform(12, 80)))
    paper = rng.uniform(150, 250) if rng.random() < 0.6 else rng.uniform(5, 120)
    return (image * keep[..., None] + paper * (1 - keep[..., None])).astype(np.uint8)


def photograph(rng, image, smallest=40, old=0.3, lines=True):
    """One picture of one kind: a camera's today, an old plate or print, an engraving (not where `lines` would hide what
    is small), a painting."""
    h, w = image.shape[:2]
    if rng.random() < 0.35:
        image = light(rng, image)
    gamma, contrast, bright = np.exp(rng.normal(0, 0.26)), np.exp(rng.normal(0, 0.22)), rng.normal(0, 0.06)
    tone = np.clip((RAMP ** gamma - 0.5) * contrast + 0.5 + bright, 0, 1)
    is_old = rng.random() < old
    white = np.ones(3)
    if is_old:
        image = np.repeat(grey_of(rng, image)[..., None], 3, 2)
        kind = rng.random()
        if kind < 0.16 and lines:
            image = engraving(rng, image)
        elif 0.16 < kind < 0.22:
            image = painting(rng, image)
        if rng.random() < 0.3:
            image = vignette(rng, image)
        if rng.random() < 0.5:  # sepia
            white = np.array([1, rng.uniform(0.8, 1), rng.uniform(0.6, 0.95)])
        if rng.random() < 0.5:  # faded
            low, high = rng.uniform(0, 0.3), rng.uniform(0.6, 1)
            tone = low + tone * (high - low)
    else:
        if rng.random() < 0.1:
            image = painting(rng, image)
        white = np.exp(rng.normal(0, 0.1, 3))
        if rng.random() < 0.25:
            g = image.mean(2, keepdims=True)
            image = np.clip(g + (image - g) * rng.uniform(0, 1.7), 0, 255).astype(np.uint8)
    image = cv2.LUT(image, np.clip(tone[:, None] * white * 255, 0, 255).astype(np.uint8)[None])
    kind = rng.random()
    if kind < 0.33:  # small originals
        s = rng.uniform(smallest, w)
        small = (max(4, int(s)), max(4, int(s * h / w)))
        image = cv2.resize(cv2.resize(image, small, interpolation=cv2.INTER_AREA), (w, h), interpolation=rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    elif kind < 0.45:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8))
    elif kind < 0.5:  # moved
        k = np.zeros((7, 7), np.float32)
        a, r = rng.uniform(0, np.pi), rng.uniform(1, 3.4)
        cv2.line(k, (round(3 - r * np.cos(a)), round(3 - r * np.sin(a))), (round(3 + r * np.cos(a)), round(3 + r * np.sin(a))), 1.0, 1)
        image = cv2.filter2D(image, -1, k / k.sum())
    elif kind < 0.6:  # sharpened
        amount = rng.uniform(0.3, 1.5)
        image = cv2.addWeighted(image, 1 + amount, cv2.GaussianBlur(image, (0, 0), 1.2), -amount, 0)
    if rng.random() < (0.7 if is_old else 0.35):
        n = rng.standard_normal((h, w, 1 if is_old or rng.random() < 0.4 else 3), dtype=np.float32) * rng.uniform(1, 16 if is_old else 10)
        if rng.random() < 0.4:
            n = cv2.GaussianBlur(n, (0, 0), 0.8).reshape(h, w, -1) * 1.7
        image = np.clip(image + n, 0, 255).astype(np.uint8)
    if is_old and rng.random() < 0.3:  # scratches and dust
        for _ in range(rng.integers(1, 8)):
            a = rng.uniform(0, [w, h])
            b = a + rng.normal(0, w * 0.2, 2)
            cv2.line(image, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), (int(rng.choice([20, 235])),) * 3, 1, cv2.LINE_AA)
    if rng.random() < 0.3:
        image = cv2.imdecode(cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(12, 85))])[1], cv2.IMREAD_COLOR)
    return image


def bend(rng, image, p, strength):
    """More kinds of faces than the model has: a smooth random displacement, and mouth and eyes larger or smaller.
    Returns the picture and its points `p` [68+, 2], pixels."""
    h, w = image.shape[:2]
    d = clouds(rng, h, w, rng.integers(2, 5), 2) * (strength * w)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    # Official portraits smile wider than the synthetic heads do.
    eyes = np.exp(rng.normal(0.04, 0.09, 2))
    for part, stretch in ((slice(48, 68), np.exp(rng.normal([0.07, 0.03], [0.11, 0.09]))), (slice(36, 42), eyes), (slice(42, 48), eyes)):
        centre = p[part].mean(0)
        radius = max(np.ptp(p[part], 0).max(), 4) * 0.95
        x, y = xx - centre[0], yy - centre[1]
        near = np.exp(-((x * x + y * y) / (radius * radius)) ** 2)
        d[..., 0] += x * near * (1 / stretch[0] - 1)
        d[..., 1] += y * near * (1 / stretch[1] - 1)
    out = cv2.remap(image, xx + d[..., 0], yy + d[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    q = p.copy()
    for _ in range(6):  # out(q) = image(q + d(q)), so q + d(q) = p; the maps' pixel (0, 0) is at (0.5, 0.5)
        at = (q - 0.5).astype(np.float32)
        q = p - cv2.remap(d, at[:, 0], at[:, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(-1, 2)
    return out, q
