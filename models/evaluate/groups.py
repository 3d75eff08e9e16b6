"""Group photographs composed from the portraits of modern/ and congress/: 6 to 20 people in rows, faces of 20 to 60 pixels.

    python groups.py [--count 40] [--look SHEETS]            goal: recall at least 90 %

A face's size is the longer side of its reference box. Everything is drawn from one seed, so two networks see the same pictures.
"""
import os
import tempfile

import cv2
import numpy as np

import draw
import program

SIZES = (20, 24, 30, 40, 61)  # the bins of the table, pixels


def portraits(reference):
    """Pictures with one labelled face only: (file, box)."""
    return [(n, np.array(r['faces'][0]['box'])) for n, r in reference.items() if n.startswith(('modern', 'congress')) and len(r['faces']) == 1]


def cutout(image, box, long):
    """Head and shoulders with the box's longer side `long` pixels: picture, softened mask 0..1, the box in it."""
    k = long / max(box[2:])
    while k < 0.5:
        image, box, k = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), box / 2, k * 2
    x, y, w, h = box
    lo = np.array([max(0, x - 1.0 * w), max(0, y - 0.75 * h)])
    hi = np.array([min(image.shape[1], x + 2.0 * w), min(image.shape[0], y + 2.2 * h)])
    size = np.maximum(np.round((hi - lo) * k), 1).astype(int)
    m = np.array([[k, 0, -lo[0] * k + k / 2 - 0.5], [0, k, -lo[1] * k + k / 2 - 0.5]])
    out = cv2.warpAffine(image, m, [int(v) for v in size], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    middle, b = (np.array([x + w / 2, y + h * 0.42]) - lo) * k, np.array([w, h]) * k
    mask = np.zeros(out.shape[:2], np.float32)
    cv2.ellipse(mask, [int(v) for v in middle], [int(0.72 * b[0]), int(0.85 * b[1])], 0, 0, 360, 1, -1)
    cv2.ellipse(mask, [int(middle[0]), int(middle[1] + 1.75 * b[1])], [int(1.25 * b[0]), int(1.2 * b[1])], 0, 0, 360, 1, -1)
    return out, cv2.GaussianBlur(mask, (0, 0), max(0.6, long / 40))[..., None], np.array([(x - lo[0]) * k, (y - lo[1]) * k, *b])


def backdrop(rng, pictures, h, w):
    """A plain wall with a fall of light, or some portrait's picture out of focus beyond recognition."""
    if rng.random() < 0.5:
        wall = rng.uniform(30, 225, 3) + np.linspace(0, rng.normal(0, 40), h)[:, None, None] + np.linspace(0, rng.normal(0, 40), w)[None, :, None]
        return np.clip(wall + rng.normal(0, 3, (h, w, 1)), 0, 255).astype(np.uint8)
    small = cv2.resize(pictures(rng), (6, 5), interpolation=cv2.INTER_AREA)
    return cv2.resize(small[::-1], (w, h), interpolation=cv2.INTER_CUBIC)


def compose(rng, people, folder):
    """One photograph: picture, boxes [n,4]."""
    count = int(rng.integers(6, 21))
    long = rng.uniform(22, 55)  # of this picture; people vary about it
    rows = max(1, round(np.sqrt(count / 3.2)))
    per = -(-count // rows)
    w, h = int(long * 2.0 * (per + 0.8)), int(long * (2.2 * rows + 2.2))
    load = lambda name: cv2.imread(os.path.join(folder, name))
    out = backdrop(rng, lambda r: load(people[r.integers(len(people))][0]), h, w).astype(np.float32)
    boxes = []
    for n in range(count):
        name, box = people[rng.integers(len(people))]
        row, column = divmod(n, per)  # the back row first: those in front hide shoulders, not faces
        size = float(np.clip(long * np.exp(rng.normal(0, 0.08)), 20, 60))
        cut, mask, b = cutout(load(name), box, size)
        at = np.array([(column + 0.9 + 0.5 * (row % 2)) * 2.0 * long, (row * 2.2 + 1.3) * long]) + rng.normal(0, 0.12 * long, 2)
        corner = np.round(at - b[:2] - b[2:] / 2).astype(int)
        lo, hi = np.maximum(corner, 0), np.minimum(corner + [cut.shape[1], cut.shape[0]], [w, h])
        if (hi <= lo).any():
            continue
        inside = slice(lo[1], hi[1]), slice(lo[0], hi[0])
        part = slice(lo[1] - corner[1], hi[1] - corner[1]), slice(lo[0] - corner[0], hi[0] - corner[0])
        light = rng.uniform(0.85, 1.12)
        out[inside] += mask[part] * (np.clip(cut[part] * light, 0, 255) - out[inside])
        box = np.array([*(corner + b[:2]), *b[2:]])
        if (box[:2] >= 0).all() and (box[:2] + box[2:] <= [w, h]).all():
            boxes.append(box)
    return np.clip(out, 0, 255).astype(np.uint8), np.array(boxes).reshape(-1, 4)


def photographs(a, count, temporary):
    """Writes `count` photographs into the folder: {file: boxes}."""
    reference, folder = program.reference(a)
    people, truth = portraits(reference), {}
    for n in range(count):
        image, truth[f'{n:03}.jpg'] = compose(np.random.default_rng(n), people, folder)
        cv2.imwrite(os.path.join(temporary, f'{n:03}.jpg'), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return truth


def main():
    p = program.arguments(__doc__)
    p.add_argument('--count', type=int, default=40, help='photographs')
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        truth = photographs(a, a.count, temporary)
        found = program.analyse(a, list(truth), temporary)
        bins, false, tiles = np.zeros((len(SIZES) - 1, 2), int), 0, []
        for name, boxes in truth.items():
            free, marks = list(found[name]), []
            for box in boxes:
                at = next((f for f in free if program.same_place(box, f['box'])), None)
                bin_ = int(np.searchsorted(SIZES, max(box[2:]), 'right')) - 1
                bins[min(max(bin_, 0), len(bins) - 1)] += [1, at is not None]
                if at is None:
                    marks.append((box, draw.RED))
                else:
                    free = [f for f in free if f is not at]
                    marks.append((at['box'], draw.GREEN))
            false += len(free)
            if len(tiles) < 12:
                tiles.append(draw.tile(cv2.imread(os.path.join(temporary, name)), marks + [(f['box'], draw.MAGENTA) for f in free], label=name, size=420))
    total, hit = bins.sum(0)
    print(f'group photographs: {a.count} with {total} faces, recall {100 * hit / max(1, total):.1f} %, precision {100 * hit / max(1, hit + false):.1f} % ({false} false)')
    print('  by longer side of the box: ' + ', '.join(f'{SIZES[i]} to {SIZES[i + 1] - 1} px {100 * b[1] / max(1, b[0]):.0f} % of {b[0]}' for i, b in enumerate(bins)))
    if a.look:
        draw.sheet(tiles, os.path.join(a.look, 'groups.png'), 3)


if __name__ == '__main__':
    main()
