"""Pairs for the refiner's first lessons without the program: the exact points of synthetic films warp the portrait onto
each frame, triangle by triangle, and the mouth's opening stays a dark hole. Rougher than the program's geometry, but to
be had in a few milliseconds; the last lessons are its own (`refiner_pairs.py`).

    python refiner_warps.py --sequences DIR --out WARPS [--people 40] [--first 0] [--count 20]
"""
import argparse
import os

import cv2
import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay

from geometry import SIZE, box_of
from refiner_data import cut, write
from refiner_pairs import read

CROP = 1.5  # side, longer sides of the face's box
MOUTH, EYES = slice(60, 68), (slice(36, 42), slice(42, 48))
GRID = (np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), -1) + 0.5) / SIZE


def square(points):
    box = box_of(points[:68])
    return box[:2] + box[2:] / 2, CROP * max(box[2:])


def anchored(a, b):
    """Points of two frames with fixed ones around: half way out the head still carries its surroundings along."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    fixed = a[:68].mean(0) + 3 * np.ptp(a[:68], 0).max() * ring
    return [np.concatenate([p, p[:68].mean(0) + 0.85 * np.ptp(p[:68], 0).max() * ring, fixed]) for p in (a, b)]


def warped(source, a, b, seen, centre, side):
    """(frame [128,128,3], guide [128,128,3]) of the crop: `source` with points `a` drawn where they are `b`."""
    home, home_side = square(a)
    a, b = anchored(a[seen], b[seen])
    # Two points in one place would be one vertex with two textures.
    keep = np.unique(np.round(b, 2), axis=0, return_index=True)[1]
    back = LinearNDInterpolator(Delaunay(b[keep]), a[keep])
    places = centre + (GRID - 0.5) * side
    from_ = back(places.reshape(-1, 2)).reshape(SIZE, SIZE, 2).astype(np.float32)
    from_ = np.where(np.isfinite(from_), from_, places).astype(np.float32)
    frame = cv2.remap(np.ascontiguousarray(source), from_[..., 0] - 0.5, from_[..., 1] - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    shift = (places - centre) / side - (from_ - home) / home_side
    dx, dy = np.gradient(from_, axis=1), np.gradient(from_, axis=0)
    area = np.abs(dx[..., 0] * dy[..., 1] - dx[..., 1] * dy[..., 0])
    log_area = -np.log2(np.maximum(area, 1e-6) / (side / SIZE) ** 2)
    guide = np.concatenate([0.5 + 2 * shift, (0.6 + 0.2 * log_area).clip(0.4, 0.8)[..., None]], 2)
    return frame, guide


def inside(points, centre, side):
    """Mask of a polygon given in the film's pixels."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    polygon = ((points - centre) / side + 0.5) * SIZE
    cv2.fillPoly(mask, [np.round(16 * (polygon - 0.5)).astype(np.int32)], 1, cv2.LINE_8, 4)
    return mask > 0


def pair(source, start, points, visible, rng):
    """(frame, guide, truth's square) for one frame of a film."""
    centre, side = square(points)
    seen = (visible > 0) | (np.arange(len(points)) >= 17) & (np.arange(len(points)) < 68)
    frame, guide = warped(source, start, points, seen, centre, side)
    around = points[:17].mean(0)
    outline = np.concatenate([points[:17], around + 1.25 * (points[[26, 24, 19, 17]] - around)])
    guide[~inside(outline, centre, side), 2] = 1
    for eye in EYES:
        guide[inside(points[eye], centre, side), 2] = 0.2
    hole = inside(points[MOUTH], centre, side)
    if np.linalg.norm(points[62] - points[66]) > 0.012 * side:
        guide[hole, 2] = 0
        if rng.random() < 0.7:
            dark = np.array([60, 25, 25]) * rng.uniform(0.3, 1.6) * frame[hole].mean() / 120
            frame[cv2.erode(hole.astype(np.uint8), np.ones((2, 2))) > 0] = dark.clip(0, 255)
    return frame, (guide * 255 + 0.5).clip(0, 255).astype(np.uint8), (centre, side)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--sequences', required=True)
    ap.add_argument('--out', required=True)
    ap.add_argument('--people', type=int, default=40, help='films in a file')
    ap.add_argument('--first', type=int, default=0, help='number of the first file')
    ap.add_argument('--count', type=int, default=1000, help='files')
    a = ap.parse_args()
    cv2.setNumThreads(1)
    os.makedirs(a.out, exist_ok=True)
    for number in range(a.first, a.first + a.count):
        rng, rows, people = np.random.default_rng(number), [], []
        for k in range(number * a.people, (number + 1) * a.people):
            film = os.path.join(a.sequences, f'{k:04d}')
            if not os.path.exists(film):
                continue
            labels = dict(np.load(os.path.join(film, 'labels.npz')))
            points = labels['points'].astype(np.float64)
            source = read(os.path.join(film, '0001.png'))
            for i in range(len(points)):
                frame, guide, where = pair(source, points[0], points[i], labels['visible'][i] & labels['visible'][0], rng)
                rows.append((frame, guide, cut(read(os.path.join(film, f'{i + 1:04d}.png')), *where), len(people)))
            people.append((cut(source, *square(points[0])), k))
        if not people:
            return
        write(a.out, number, rows, people)
        print(f'file {number}: {len(rows)} pairs', flush=True)


if __name__ == '__main__':
    main()
