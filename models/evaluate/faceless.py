"""Crops that hold no face: clothes, hands and backgrounds of the photographs, and drawn fur, cloth, wood and leaves.

    python faceless.py [--count 200] [--look SHEETS]         goal: a face "found" in at most 2 % of them

Rectangles of the photographs keep clear of every labelled face by its own size (labels that show no face included, so a few
hard places are spared). Drawn with one seed.
"""
import os
import tempfile

import cv2
import numpy as np

import draw
import program

SIDE = 256  # of drawn pictures, pixels
HANDS = {  # hands of the paintings, looked up by eye: x, y, w, h as fractions
    'paintings/leonardo-mona-lisa.jpg': (0.25, 0.70, 0.65, 0.25),
    'paintings/raphael-veiled-woman.jpg': (0.10, 0.68, 0.80, 0.30),
    'paintings/bouguereau-girl.jpg': (0.20, 0.62, 0.60, 0.36),
    'paintings/sargent-portrait.jpg': (0.45, 0.55, 0.55, 0.40),
    'historic/006017.jpg': (0.15, 0.55, 0.70, 0.40),
}


def rectangles(rng, reference, folder, count):
    """[(name, picture)] cut from the photographs."""
    names, out = [n for n in reference], []
    while len(out) < count:
        name = names[rng.integers(len(names))]
        image = cv2.imread(os.path.join(folder, name))
        h, w = image.shape[:2]
        side = np.exp(rng.uniform(np.log(0.2), np.log(0.6))) * min(h, w)
        a, b = (np.clip(side * np.exp(rng.normal(0, 0.25)), 24, s - 1) for s in (w, h))
        x, y = rng.uniform(0, w - a), rng.uniform(0, h - b)
        clear = all(x > f['box'][0] + 1.5 * f['box'][2] or x + a < f['box'][0] - 0.5 * f['box'][2] or y > f['box'][1] + 1.25 * f['box'][3] or y + b < f['box'][1] - 0.6 * f['box'][3]
                    for f in reference[name]['faces'])
        crop = image[int(y):int(y + b), int(x):int(x + a)]
        if not clear or crop.std() < 4:  # a plain wall tells nothing
            continue
        k = max(1.0, 160 / min(crop.shape[:2]))  # visitors' photos are not 24 pixels wide
        out.append(('photo ' + name, cv2.resize(crop, None, fx=k, fy=k, interpolation=cv2.INTER_CUBIC) if k > 1 else crop))
    return out


def octaves(rng, h, w, stretch=(1.0, 1.0), start=4, fall=0.55):
    """Fractal noise, about -1..1; `stretch` makes it finer down (y) or across (x)."""
    out, size = np.zeros((h, w), np.float32), 1.0
    n = start
    while n < min(h, w):
        grid = rng.normal(0, 1, (max(2, int(n * stretch[0])), max(2, int(n * stretch[1])))).astype(np.float32)
        out += size * cv2.resize(grid, (w, h), interpolation=cv2.INTER_CUBIC)
        n, size = n * 2, size * fall
    return out / max(out.std() * 2, 1e-6)


def colours(rng, values, palette):
    """Values -1..1 to colours between two of a palette (BGR)."""
    a, b = (np.array(palette[rng.integers(len(palette))], float) + rng.normal(0, 12, 3) for _ in range(2))
    t = np.clip(values[..., None] * 0.5 + 0.5, 0, 1)
    return np.clip(a * (1 - t) + b * t, 0, 255).astype(np.uint8)


BROWNS = [(40, 60, 90), (90, 130, 170), (20, 30, 45), (150, 180, 200), (60, 80, 140), (200, 205, 210), (110, 120, 130)]
CLOTH = [(120, 40, 30), (30, 30, 30), (200, 200, 205), (40, 40, 140), (60, 90, 60), (150, 120, 90), (90, 60, 120)]
GREENS = [(40, 90, 50), (30, 50, 25), (90, 160, 120), (20, 30, 20), (110, 140, 100), (60, 120, 150)]


def fur(rng):
    """Hairs along a slowly turning field, light over dark."""
    out = colours(rng, octaves(rng, SIDE, SIDE), BROWNS)
    bend = np.pi * octaves(rng, SIDE, SIDE, start=2, fall=0.3) + rng.uniform(0, 6.3)
    shade = octaves(rng, SIDE, SIDE, start=3)
    for _ in range(2600):
        x, y = rng.uniform(0, SIDE, 2)
        line, long = [(x, y)], rng.integers(4, 9)
        for _ in range(long):
            t = bend[int(np.clip(y, 0, SIDE - 1)), int(np.clip(x, 0, SIDE - 1))]
            x, y = x + 3 * np.cos(t), y + 3 * np.sin(t)
            line.append((x, y))
        i = int(np.clip(line[0][1], 0, SIDE - 1)), int(np.clip(line[0][0], 0, SIDE - 1))
        c = np.clip(out[i].astype(float) * (1 + 0.25 * rng.normal()) + 25 * shade[i], 0, 255)
        cv2.polylines(out, [np.round(line).astype(np.int32)], False, [float(v) for v in c], int(rng.integers(1, 3)), cv2.LINE_AA)
    if rng.random() < 0.5:  # buttons, noses, eyes of animals: dark shiny discs
        for _ in range(rng.integers(1, 4)):
            c, r = rng.integers(30, SIDE - 30, 2), int(rng.integers(4, 16))
            cv2.circle(out, [int(v) for v in c], r, (15, 15, 20), -1, cv2.LINE_AA)
            cv2.circle(out, [int(c[0] - r // 3), int(c[1] - r // 3)], max(1, r // 4), (235, 235, 235), -1, cv2.LINE_AA)
    return out


def cloth(rng):
    """Folds, with stripes, checks or dots bent by them."""
    folds = octaves(rng, SIDE, SIDE, (rng.uniform(0.3, 1), rng.uniform(0.3, 1)), 3, 0.4)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    u, v = x + 25 * folds, y + 25 * octaves(rng, SIDE, SIDE, start=3, fall=0.4)
    period = rng.uniform(8, 50)
    kind = rng.integers(4)
    pattern = [np.zeros_like(x), np.sign(np.sin(6.28 * u / period)), np.sign(np.sin(6.28 * u / period)) * 0.5 + np.sign(np.sin(6.28 * v / period)) * 0.5,
               (np.hypot((u % period) - period / 2, (v % period) - period / 2) < period * 0.25) * 2.0 - 1][kind]
    out = colours(rng, pattern.astype(np.float32), CLOTH).astype(np.float32) * (1 + 0.5 * folds[..., None])
    return np.clip(out + rng.normal(0, 4, out.shape), 0, 255).astype(np.uint8)


def wood(rng):
    """Rings along planks, with knots."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    rings = x / rng.uniform(4, 14) + 2.5 * octaves(rng, SIDE, SIDE, (0.4, 1.5), 3)
    for _ in range(rng.integers(0, 4)):
        c, r = rng.uniform(20, SIDE - 20, 2), rng.uniform(8, 26)
        d = np.hypot((x - c[0]) * 1.4, (y - c[1]) * 0.7) / r
        rings += 6 * np.exp(-d * d)
    return np.clip(colours(rng, np.sin(rings) * 0.7, BROWNS) + rng.normal(0, 5, (SIDE, SIDE, 1)), 0, 255).astype(np.uint8)


def leaves(rng):
    """Overlapping leaves, darker below."""
    out = colours(rng, octaves(rng, SIDE, SIDE), GREENS) // 2
    for n in range(500):
        c, r, t = rng.uniform(0, SIDE, 2), rng.uniform(4, 20), rng.uniform(0, 360)
        colour = np.array(GREENS[rng.integers(len(GREENS))]) * (0.4 + 0.8 * n / 500) + rng.normal(0, 12, 3)
        cv2.ellipse(out, [int(v) for v in c], [int(r), max(1, int(r * rng.uniform(0.25, 0.6)))], t, 0, 360, [float(v) for v in np.clip(colour, 0, 255)], -1, cv2.LINE_AA)
    return out


def crops(a, count):
    """[(kind and source, picture)]."""
    reference, folder = program.reference(a)
    rng = np.random.default_rng(1)
    pictures = rectangles(rng, reference, folder, count)
    for name, (x, y, w, h) in HANDS.items():
        image = cv2.imread(os.path.join(folder, name))
        s = image.shape
        pictures.append(('hands ' + name, image[int(y * s[0]):int((y + h) * s[0]), int(x * s[1]):int((x + w) * s[1])]))
    for kind in (fur, cloth, wood, leaves):
        pictures += [(kind.__name__, kind(rng)) for _ in range(count // 5)]
    return pictures


def search(a, pictures):
    """The faces found in each."""
    with tempfile.TemporaryDirectory() as temporary:
        files = [f'{n:04}.png' for n in range(len(pictures))]
        for f, (_, image) in zip(files, pictures):
            cv2.imwrite(os.path.join(temporary, f), image)
        found = program.analyse(a, files, temporary)
    return [found[f] for f in files]


def main():
    p = program.arguments(__doc__)
    p.add_argument('--count', type=int, default=200, help='rectangles of photographs; drawn ones are a fifth of it, of each kind')
    a = p.parse_args()
    pictures = crops(a, a.count)
    kinds, tiles = {}, []
    for faces, (name, image) in zip(search(a, pictures), pictures):
        count = kinds.setdefault(name.split()[0], [0, 0])
        count[0] += 1
        count[1] += bool(faces)
        if faces:
            tiles.append(draw.tile(image, [(g['box'], draw.MAGENTA) for g in faces], [(g['p68'], draw.YELLOW) for g in faces], f'{name[-22:]} {faces[0]["score"]:.2f}'))
    total, wrong = np.sum(list(kinds.values()), 0)
    print(f'face-free crops: a face in {100 * wrong / total:.2f} % of {total} (' + ', '.join(f'{k} {w} of {n}' for k, (n, w) in kinds.items()) + ')')
    if a.look:
        draw.sheet(tiles, os.path.join(a.look, 'faceless_found.png'))
        draw.sheet([draw.tile(image, label=name[-22:]) for name, image in pictures[::max(1, len(pictures) // 60)]], os.path.join(a.look, 'faceless_all.png'))


if __name__ == '__main__':
    main()
