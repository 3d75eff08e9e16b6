"""Shards of synthetic heads, and from them the training samples of the three networks.

Everything works on single uint8 pictures with OpenCV: a sample costs about a millisecond, which one thread delivers
while the other trains. Coordinates are continuous pixels: (0, 0) is the top-left corner of the top-left pixel."""
import glob
import os
import re
import zipfile

import cv2
import numpy as np

cv2.setNumThreads(1)
SIZE = 128  # side of every network's input, pixels
SEG = dict(background=0, face=1, hair=2, cloth=3, body=4, eye=5, mouth=6, glasses=7, hat=8, ear=9, lip=10, brow=11, occluder=12, teeth=13, tongue=14, beard=15)


def member(path, name):
    """One array of an uncompressed .npz, mapped rather than read: pages are shared between processes."""
    with zipfile.ZipFile(path) as z:
        info = z.getinfo(name + '.npy')
        with z.open(info) as f:
            version = np.lib.format.read_magic(f)
            shape, fortran, dtype = (np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0)(f)
            header = f.tell()
    if info.compress_type != zipfile.ZIP_STORED:
        return np.load(path)[name]
    with open(path, 'rb') as f:
        f.seek(info.header_offset + 26)
        a, b = np.frombuffer(f.read(4), '<u2')
    return np.memmap(path, dtype, 'r', info.header_offset + 30 + int(a) + int(b) + header, shape, 'F' if fortran else 'C')


class Heads:
    """All finished shards of a folder. Shards whose number % 20 == 19 are held out."""

    def __init__(self, folder, held_out=False):
        self.folder, self.held_out, self.shards, self.seen, self.index = folder, held_out, [], set(), []
        self.scan()

    def scan(self):
        for path in sorted(glob.glob(os.path.join(self.folder, 'shard_*.npz'))):
            number = int(re.search(r'(\d+)\.npz$', path)[1])
            if path in self.seen or (number % 20 == 19) != self.held_out:
                continue
            try:
                s = {k: member(path, k) for k in ('image', 'seg')}
                with np.load(path) as z:
                    s.update({k: z[k] for k in ('points', 'visible', 'expression', 'pose', 'gaze')})
            except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError):
                continue  # still being written
            if not np.isfinite(s['points']).all():
                print('not finite:', path)
            self.seen.add(path)
            self.index += [(len(self.shards), i) for i in range(len(s['image']))]
            self.shards.append(s)
        return len(self.index)

    def __len__(self):
        return len(self.index)

    def get(self, n, key):
        s, i = self.index[n]
        return self.shards[s][key][i]


HEAD = np.isin(np.arange(256), (1, 2, 4, 5, 6, 7, 8, 9, 10, 11))  # every label but background and cloth


# ---- geometry

def box_of(p):
    """Tight box of points: x, y, w, h."""
    a, b = p.min(0), p.max(0)
    return np.array([*a, *(b - a)])


def apply(m, p):
    return p @ m[:, :2].T + m[:, 2]


def crop_matrix(centre, side, angle, out=SIZE, stretch=1.0):
    """Picture -> crop pixels; the crop's x axis is turned by `angle` (radians, clockwise as seen). `stretch` widens."""
    c, s = np.cos(angle), np.sin(angle)
    r = np.diag([stretch, 1 / stretch]) @ np.array([[c, s], [-s, c]]) * (out / side)
    return np.hstack([r, (out / 2 - r @ np.asarray(centre, float))[:, None]])


def warp(image, m, out=SIZE, border=cv2.BORDER_CONSTANT, value=(128, 128, 128), interpolation=cv2.INTER_LINEAR):
    """Affine warp in continuous coordinates; shrinks by area first where it would skip pixels."""
    m = m.copy()
    scale = np.sqrt(abs(np.linalg.det(m[:, :2])))
    while scale < 0.6 and min(image.shape[:2]) >= 2 and interpolation == cv2.INTER_LINEAR:
        h, w = image.shape[:2]
        image = cv2.resize(image, (max(w // 2, 1), max(h // 2, 1)), interpolation=cv2.INTER_AREA)
        m[:, 0] *= w / image.shape[1]
        m[:, 1] *= h / image.shape[0]
        scale *= 2
    m[:, 2] += m[:, :2].sum(1) * 0.5 - 0.5
    size = out if isinstance(out, tuple) else (out, out)
    return cv2.warpAffine(image, m, size, flags=interpolation, borderMode=border, borderValue=value)


def rotation(yaw, pitch, roll):
    cy, sy, cx, sx, cz, sz = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rx = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    rz = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return ry @ rx @ rz


def turned_pose(pose, angle):
    """Pose seen in a crop whose x axis is turned clockwise by `angle`: the content turns counter-clockwise."""
    r = rotation(0, 0, angle) @ rotation(*pose)
    return np.array([np.arctan2(r[0, 2], r[2, 2]), np.arcsin(np.clip(-r[1, 2], -1, 1)), np.arctan2(r[1, 0], r[1, 1])])


def eye_angle(p):
    """Clockwise turn of the line through the eyes, radians."""
    d = p[42:48].mean(0) - p[36:42].mean(0)
    return np.arctan2(d[1], d[0])


# ---- appearance

def noise_texture(rng, h, w):
    """Coloured noise over several octaves, blots and stripes: what is not a face."""
    out = np.zeros((h, w, 3), np.float32) + rng.uniform(0, 255, 3)
    a = rng.uniform(0, 90)
    grey = rng.random() < 0.4
    for k in rng.choice([1, 2, 3, 4, 6, 12, 24, 64], rng.integers(1, 4), False):
        n = rng.normal(0, a, (k + 1, k + 1, 1 if grey else 3)).astype(np.float32)
        n = cv2.resize(n, (w, h), interpolation=cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_NEAREST)
        out += n if n.ndim == 3 else n[..., None]
    out = np.clip(out, 0, 255).astype(np.uint8)
    for _ in range(rng.integers(0, 6)):
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


def replace_background(rng, heads, image, seg, chance):
    if rng.random() > chance:
        return image
    back = backdrop(rng, heads, *image.shape[:2])
    if rng.random() < 0.4:
        back = cv2.GaussianBlur(back, (0, 0), rng.uniform(0.5, 6))
    a = cv2.GaussianBlur((seg != 0).astype(np.uint8) * 255, (3, 3), 0.7).astype(np.uint16)[..., None]
    return ((image * a + back * (255 - a)) // 255).astype(np.uint8)


def facial_hair(rng, image, p, pose):
    """Beard, moustache or both, painted as short strokes: the renderer's men are shaved, old photographs' are not."""
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


def occlude(rng, heads, image):
    """Up to three things in front: plain shapes, or shapes filled with a texture."""
    h, w = image.shape[:2]
    out = image.copy()
    for _ in range(rng.integers(1, 4)):
        if rng.random() < 0.5:
            shape(rng, out, tuple(int(c) for c in rng.integers(0, 256, 3)), 0.05, 0.45)
        else:
            mask = np.zeros((h, w), np.uint8)
            shape(rng, mask, 255, 0.05, 0.45)
            out = np.where(mask[..., None] > 127, backdrop(rng, heads, h, w), out)
    return out


def light(rng, image):
    """A soft shadow or side light over the picture."""
    k = rng.integers(2, 5)
    g = cv2.resize(rng.normal(0, rng.uniform(0.1, 0.5), (k, k)).astype(np.float32), (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.clip(image * np.exp(g)[..., None], 0, 255).astype(np.uint8)


def photograph(rng, image, smallest=40, old=0.28):
    """What cameras, plates, prints, painters and compression do to a picture."""
    h, w = image.shape[:2]
    if rng.random() < 0.35:
        image = light(rng, image)
    x = np.arange(256, dtype=np.float32) / 255
    gamma, contrast, bright = np.exp(rng.normal(0, 0.24)), np.exp(rng.normal(0, 0.2)), rng.normal(0, 0.06)
    tone = np.clip((x ** gamma - 0.5) * contrast + 0.5 + bright, 0, 1)
    is_old = rng.random() < old
    if is_old:
        grey = image @ (np.array([0.3, 0.59, 0.11], np.float32) if rng.random() < 0.6 else rng.dirichlet(np.ones(3)).astype(np.float32))  # blue plates darken skin
        image = np.repeat(grey[..., None], 3, 2).astype(np.uint8)
        white = np.array([1, 1, 1.0])
        if rng.random() < 0.5:
            white = np.array([1, rng.uniform(0.8, 1), rng.uniform(0.6, 0.95)])
        low, high = rng.uniform(0, 0.25), rng.uniform(0.7, 1)
        if rng.random() < 0.5:
            tone = low + tone * (high - low)
    else:
        white = np.exp(rng.normal(0, 0.1, 3))
        if rng.random() < 0.25:
            g = image.mean(2, keepdims=True)
            image = np.clip(g + (image - g) * rng.uniform(0, 1.7), 0, 255).astype(np.uint8)
    table = np.clip(tone[:, None] * white * 255, 0, 255).astype(np.uint8)
    image = cv2.LUT(image, table[None])
    kind = rng.random()
    if kind < 0.33:  # small originals
        s = rng.uniform(smallest, w)
        q = (max(4, int(s)), max(4, int(s * h / w)))
        image = cv2.resize(cv2.resize(image, q, interpolation=cv2.INTER_AREA), (w, h), interpolation=rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    elif kind < 0.45:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8))
    elif kind < 0.5:
        image = cv2.medianBlur(image, int(rng.choice([3, 5])))  # brush strokes
    elif kind < 0.58:
        b = cv2.GaussianBlur(image, (0, 0), 1.2)
        image = cv2.addWeighted(image, 1 + (k := rng.uniform(0.3, 1.5)), b, -k, 0)  # sharpened
    if rng.random() < (0.7 if is_old else 0.35):
        s = rng.uniform(2, 22 if is_old else 14)
        n = rng.standard_normal((h, w, 1 if is_old or rng.random() < 0.4 else 3), dtype=np.float32) * s
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
    """A smooth random displacement: more kinds of faces than the model has. Returns the picture and its points."""
    h, w = image.shape[:2]
    k = rng.integers(3, 6)
    d = cv2.resize(rng.normal(0, strength * w, (k, k, 2)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    if d.shape[0] != h:
        return image, p
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    out = cv2.remap(image, xx + d[..., 0], yy + d[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    q = p.copy()
    for _ in range(3):  # out(q) = image(q + d(q)), so q + d(q) = p
        i = np.clip(q.astype(int), 0, [w - 1, h - 1])
        q = p - d[i[:, 1], i[:, 0]]
    return out, q


# ---- samples

class Mirror:
    """Index permutations for mirrored pictures, from the head model."""

    def __init__(self, head_model):
        from safetensors.numpy import load_file
        from safetensors import safe_open
        t = load_file(head_model)
        dense = t['dense_mirror'].astype(int)
        self.points = np.concatenate([t['landmarks68_mirror'].astype(int), [69, 68], 70 + dense])
        with safe_open(head_model, 'np') as f:
            names = f.metadata()['expression_names'].split(',')
        other = lambda n: n[:-4] + 'Right' if n.endswith('Left') else n[:-5] + 'Left' if n.endswith('Right') else n
        self.expression = np.array([names.index(other(n)) for n in names])


def landmark_sample(rng, heads, mirror, plain=False):
    """Image [128,128,3], points [P,2] in crop units, expression, pose, gaze, score (1 face, 0 none), weight."""
    n = rng.integers(len(heads))
    image, seg = np.asarray(heads.get(n, 'image')), np.asarray(heads.get(n, 'seg'))
    p = heads.get(n, 'points').astype(np.float64)
    e, pose, gaze = heads.get(n, 'expression'), heads.get(n, 'pose').astype(np.float64), heads.get(n, 'gaze')
    if not plain:
        image = replace_background(rng, heads, image, seg, 0.4)
        if rng.random() < 0.14 and abs(pose[0]) < 0.9:
            image = facial_hair(rng, image, p, pose)
    negative = not plain and rng.random() < 0.1
    if not plain and rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
        p = (p * [-1, 1] + [image.shape[1], 0])[mirror.points]
        e, pose, gaze = e[mirror.expression], pose * [1 * -1, 1, -1], gaze[[2, 3, 0, 1]] * [-1, 1, -1, 1]
    score = 1.0
    base = eye_angle(p)
    if abs(pose[0]) > 1.0:  # in profile the line through the eyes says little
        base = -pose[2]
    if plain:
        angle, stretch = base + rng.normal(0, 0.08), 1.0
    else:
        k = rng.random()
        tilt = rng.normal(0, 0.09) if k < 0.55 else rng.uniform(-0.44, 0.44) if k < 0.93 else rng.uniform(-1.05, 1.05)
        angle, stretch = base + tilt, np.exp(rng.normal(0, 0.035))
    turn = crop_matrix((0, 0), SIZE, angle)[:, :2]
    box = box_of(p[:68] @ turn.T)
    longer = max(box[2:])
    centre = np.linalg.solve(turn, box[:2] + box[2:] / 2)
    if plain:
        side = longer * 1.6 * np.exp(rng.normal(0, 0.03))
        centre = centre + rng.normal(0, 0.03, 2) * longer
    elif not negative:
        wild = rng.random() < 0.5
        side = longer * 1.6 * (np.exp(rng.uniform(np.log(0.8), np.log(1.25))) if wild else np.exp(rng.normal(0, 0.05)))
        centre = centre + (rng.uniform(-0.14, 0.14, 2) if wild else rng.normal(0, 0.03, 2)) * longer
    else:
        score = 0.0
        k = rng.random()
        if k < 0.4:  # far too large or too small, or beside the face
            side = longer * rng.choice([rng.uniform(0.25, 0.6), rng.uniform(3.6, 6.0)])
            centre = centre + rng.uniform(-0.3, 0.3, 2) * longer
        else:
            side = longer * 1.6 * np.exp(rng.uniform(-0.5, 0.4))
            a = rng.uniform(0, 2 * np.pi)
            centre = centre + np.array([np.cos(a), np.sin(a)]) * rng.uniform(0.75, 1.4) * longer
        if k > 0.75:
            image = backdrop(rng, heads, 224, 224)
    m = crop_matrix(centre, side, angle, stretch=stretch)
    out = warp(image, m, border=cv2.BORDER_CONSTANT if rng.random() < 0.7 else cv2.BORDER_REPLICATE)
    p = apply(m, p)
    if not plain:
        if rng.random() < 0.35 and not negative:
            out, p = bend(rng, out, p, rng.uniform(0.004, 0.016))
        if rng.random() < 0.18:
            out = occlude(rng, heads, out)
        out = photograph(rng, out)
    return out, (p / SIZE).astype(np.float32), e, turned_pose(pose, angle).astype(np.float32), gaze, score


def detector_sample(rng, heads, plain=False):
    """Image [128,128,3] and the faces' boxes [n,4] x y w h in its pixels."""
    boxes = []
    kind = 0.0 if plain else rng.random()
    if kind < 0.35:  # one picture, as a portrait photograph: cut anywhere, letterboxed
        n = rng.integers(len(heads))
        image, p = np.asarray(heads.get(n, 'image')), heads.get(n, 'points')[:68].astype(np.float64)
        if not plain:
            image = replace_background(rng, heads, image, np.asarray(heads.get(n, 'seg')), 0.5)
            if rng.random() < 0.14:
                image = facial_hair(rng, image, p, None)
        box = box_of(p)
        side = 224 * (1.0 if plain else np.exp(rng.uniform(np.log(0.55), np.log(1.5))))
        centre = np.array([112, 112]) if plain else box[:2] + box[2:] / 2 + rng.uniform(-0.3, 0.3, 2) * max(side - max(box[2:]), 0)
        angle = 0 if plain else rng.normal(0, 0.12) if rng.random() < 0.7 else rng.uniform(-0.8, 0.8)
        m = crop_matrix(centre, side, angle)
        out = warp(image, m, border=cv2.BORDER_REPLICATE)
        boxes.append(box_of(apply(m, p)))
        k = 1.0 if plain else rng.random()
        if k < 0.6:  # the bars of a letterbox
            bar = int(rng.uniform(0, 0.24) * SIZE)
            if k < 0.45:
                out[:, :bar] = out[:, SIZE - bar:] = 128
            else:
                out[:bar] = out[SIZE - bar:] = 128
    else:
        out = backdrop(rng, heads, SIZE, SIZE)
        if rng.random() < 0.4:
            out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.5, 4))
        for _ in range(rng.integers(0, 6)):
            shape(rng, out, tuple(int(c) for c in rng.integers(0, 256, 3)), 0.05, 0.7)
        if kind < 0.93:
            for _ in range(rng.integers(1, 6)):
                n = rng.integers(len(heads))
                image, seg, p = np.asarray(heads.get(n, 'image')), np.asarray(heads.get(n, 'seg')), heads.get(n, 'points')[:68].astype(np.float64)
                box = box_of(p)
                height = np.exp(rng.uniform(np.log(8), np.log(112)))
                m = crop_matrix(box[:2] + box[2:] / 2, box[3] * SIZE / height, rng.normal(0, 0.15) if rng.random() < 0.7 else rng.uniform(-0.8, 0.8))
                m[:, 2] += rng.uniform(0.02, 0.98, 2) * SIZE - SIZE / 2
                b = box_of(apply(m, p))
                mid = b[:2] + b[2:] / 2
                # Faces overlap little, and are mostly inside.
                if (mid < 3).any() or (mid > SIZE - 3).any() or any(np.abs(mid - (o[:2] + o[2:] / 2)).max() < 0.75 * max(*b[2:], *o[2:]) for o in boxes):
                    continue
                if np.prod(np.minimum(b[:2] + b[2:], SIZE) - np.maximum(b[:2], 0)) < 0.7 * np.prod(b[2:]):
                    continue
                if rng.random() < 0.12:
                    image = facial_hair(rng, image, p, None)
                a = warp(((seg != 0) * np.uint8(255)), m, value=0).astype(np.float32)[..., None] / 255
                out = (out * (1 - a) + warp(image, m, border=cv2.BORDER_REPLICATE) * a).astype(np.uint8)
                boxes.append(b)
    # A later head may hide an earlier one's box only in part: the rule above keeps their middles apart.
    if not plain:
        if rng.random() < 0.5:
            out = np.ascontiguousarray(out[:, ::-1])
            for b in boxes:
                b[0] = SIZE - b[0] - b[2]
        out = photograph(rng, out, smallest=70, old=0.4)
    return out, np.array(boxes, np.float32).reshape(-1, 4)


def matte_sample(rng, heads, plain=False):
    """Image [128,128,3], targets [128,128,2]: person, hair, 0..1."""
    n = rng.integers(len(heads))
    image, seg = np.asarray(heads.get(n, 'image')), np.asarray(heads.get(n, 'seg'))
    p = heads.get(n, 'points')[:68].astype(np.float64)
    # Opened: where the renderer's head and body meet, a line one pixel wide carries the scalp's label.
    hair = cv2.morphologyEx((seg == SEG['hair']).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = np.stack([(seg != 0), hair, np.zeros_like(seg)], 2).astype(np.uint8) * 255
    if not plain:
        image = replace_background(rng, heads, image, seg, 0.55)
        if rng.random() < 0.12:
            image = facial_hair(rng, image, p, None)
    box = box_of(p)
    side, centre, angle = max(box[2:]) * 3.2, box[:2] + box[2:] / 2 + [0, 0.35 * box[3]], 0.0
    if not plain:
        side *= np.exp(rng.uniform(np.log(0.55), np.log(1.15)))
        centre = centre + rng.uniform(-0.1, 0.1, 2) * side
        angle = rng.normal(0, 0.1)
    m = crop_matrix(centre, side, angle)
    out = warp(image, m, border=cv2.BORDER_REPLICATE)
    mask = warp(mask, m, border=cv2.BORDER_REPLICATE)
    if not plain:
        if rng.random() < 0.5:
            out, mask = np.ascontiguousarray(out[:, ::-1]), np.ascontiguousarray(mask[:, ::-1])
        out = photograph(rng, out, smallest=60, old=0.35)
    return out, mask[..., :2].copy()
