"""Equal treatment: faces found and their error by skin tone and sex, on held-out synthetic heads and on the photographs.

    python fairness.py --synth SHARDS                        goal: the worst group within 10 % of the mean

Synthetic heads carry their own group (`meta` of the shards whose number % 20 is 19). Photographs (modern and congress) carry no
label of sex, so none is guessed; their skin tone is the individual typology angle of the cheeks in CIELAB, in terciles; grey pictures stand apart.
"""
import glob
import json
import os
import re
import tempfile

import cv2
import numpy as np

import program

CHEEKS = ((36, 31, 48, 2), (45, 35, 54, 14))  # each cheek lies amid these points: outer eye corner, nostril, mouth corner, jaw
FEWEST = 20  # smaller groups are shown but not judged
MARGIN = 2  # least radius of the patch of skin, pixels


def tone(image, points):
    """Individual typology angle of the cheeks, degrees (high is light), and the skin's chroma."""
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    scale = np.linalg.norm(points[45] - points[36])
    seen = []
    for corners in CHEEKS:
        if np.isnan(points[list(corners)]).any():
            continue
        x, y = points[list(corners)].mean(0)
        r = max(MARGIN, 0.09 * scale)
        patch = lab[max(0, int(y - r)):int(y + r) + 1, max(0, int(x - r)):int(x + r) + 1].reshape(-1, 3)
        if len(patch):
            seen.append(np.median(patch, 0))
    if not seen:
        return None, 0.0
    light = max(seen, key=lambda c: c[0])  # the side that the light falls on
    return float(np.degrees(np.arctan2(light[0] - 50, max(light[2], 1e-3)))), float(np.hypot(light[1], light[2]))


def report(title, rows, order=None):
    """rows: (group, found, error in % or nan). Prints each group, and the worst over the mean of the groups."""
    groups = {}
    for group, found, error in rows:
        groups.setdefault(group, []).append((found, error))
    table = {}
    for group in order or sorted(groups):
        if group in groups:
            v = np.array(groups[group], float)
            errors = v[np.isfinite(v[:, 1]), 1]
            table[group] = len(v), 100 * v[:, 0].mean(), errors.mean() if len(errors) else np.nan, errors.std() / np.sqrt(max(1, len(errors)))
    print(title)
    for group, (n, found, error, doubt) in table.items():
        print(f'  {group:<22} n {n:4}   found {found:6.2f} %   NME {error:5.2f} +- {doubt:.2f}')
    counted = [t for t in table.values() if t[0] >= FEWEST]
    if len(counted) > 1:
        found, error = (np.array([t[k] for t in counted]) for k in (1, 2))
        print(f'  worst over mean: found {found.min() / found.mean():.3f} (goal >= 0.9), NME {np.nanmax(error) / np.nanmean(error):.3f} (goal <= 1.1)')


def error_of(points, want, weight=None):
    """Mean distance of the inner 51 points, % of the outer eye corners' distance; jaw points only mark a curve."""
    d = np.linalg.norm(points[17:] - want[17:], axis=1) / np.linalg.norm(want[45] - want[36])
    keep = np.isfinite(d) if weight is None else np.isfinite(d) & (weight[17:] > 0)
    return 100 * d[keep].mean() if keep.sum() > 20 else np.nan


def best(found, box):
    """The found face in this place, or None."""
    return next((f for f in found if program.same_place(box, f['box'])), None)


def removed(pairs):
    """The constant offset of each point between two conventions, in eye distances along and across the eyes' line: [(ours, theirs)]."""
    rows = []
    for ours, theirs in pairs:
        u = ours[45] - ours[36]
        rows.append((ours - theirs) @ np.array([[u[0], -u[1]], [u[1], u[0]]]) / (u @ u))
    return np.nan_to_num(np.nanmedian(rows, 0)) if rows else np.zeros((68, 2))


def shifted(points, offset):
    u = points[45] - points[36]
    return points - offset @ np.array([[u[0], u[1]], [-u[1], u[0]]])


def synthetic(a):
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        files, truth = [], {}
        for path in sorted(glob.glob(os.path.join(a.synth, 'shard_*.npz'))):
            number = int(re.search(r'(\d+)\.npz$', path)[1])
            if number % 20 != 19:
                continue
            with np.load(path) as z:
                if 'meta' not in z.files:
                    print(f'{os.path.basename(path)} has no meta: left out')
                    continue
                # Frames before the camera only: beyond 45 degrees is another figure.
                keep = [i for i in range(len(z['pose'])) if np.abs(z['pose'][i][:2]).max() < 0.8]
                keep = keep[::max(1, len(keep) * a.shards // a.count)]
                image, points, visible, meta = z['image'], z['points'], z['visible'], z['meta']
            for i in keep:
                name = f'{number}-{i}.png'
                cv2.imwrite(os.path.join(temporary, name), image[i][..., ::-1])
                files.append(name)
                truth[name] = points[i][:68], visible[i][:68], json.loads(str(meta[i])).get('group', 'unknown')
        found = program.analyse(a, files, temporary)
    for name in files:
        want, visible, group = truth[name]
        lo, hi = want.min(0), want.max(0)
        face = best(found[name], [*lo, *(hi - lo)])
        rows.append((group, face is not None, error_of(face['p68'], want, visible) if face else np.nan))
    if not rows:
        print(f'{a.synth}: no held-out shard with meta')
        return
    for part, title in ((0, 'tone'), (1, 'sex'), (2, 'age')):
        report(f'held-out synthetic heads, {title} ({len(rows)} pictures)', [(g.split('/')[part] if g.count('/') >= part else g, *r) for g, *r in rows])


def photographs(a):
    reference, folder = program.reference(a)
    reference = {k: v for k, v in reference.items() if k.startswith(('modern', 'congress'))}
    found = program.analyse(a, list(reference), folder)
    read = []
    for name, r in reference.items():
        face = next((f for f in r['faces'] if f.get('landmarks')), None)
        if face is None:
            continue
        want = program.points_of(face)
        angle, chroma = tone(cv2.imread(os.path.join(folder, name)), want)
        if angle is not None:
            read.append((angle if chroma > 6 else None, want, best(found[name], face['box'])))
    offset = removed([(f['p68'], want) for _, want, f in read if f])
    angles = np.array([angle for angle, *_ in read if angle is not None])
    cuts = np.quantile(angles, [1 / 3, 2 / 3])
    names = [f'dark (below {cuts[0]:.0f})', f'medium (to {cuts[1]:.0f})', f'light (above {cuts[1]:.0f})']
    tenth = np.quantile(angles, 0.1)
    rows = [(names[int(np.searchsorted(cuts, angle))] if angle is not None else 'grey picture', f is not None, error_of(shifted(f['p68'], offset), want) if f else np.nan)
            for angle, want, f in read]
    report('modern and congress, skin tone by typology angle in degrees', rows, [*names, 'grey picture'])
    darkest = [(e, ok) for (_, ok, e), (angle, *_) in zip(rows, read) if angle is not None and angle <= tenth]
    print(f'  the darkest tenth (below {tenth:.0f}): found {100 * np.mean([ok for _, ok in darkest]):.2f} %, NME {np.nanmean([e for e, _ in darkest]):.2f}')
    print('  sex: these photographs carry no label, so nothing is reported')


def main():
    p = program.arguments(__doc__)
    p.add_argument('--synth', default='/work/data/synth', help='folder of shards')
    p.add_argument('--count', type=int, default=600, help='at most about so many synthetic pictures')
    a = p.parse_args()
    a.shards = max(1, sum(int(re.search(r'(\d+)\.npz$', f)[1]) % 20 == 19 for f in glob.glob(os.path.join(a.synth, 'shard_*.npz'))))
    synthetic(a)
    photographs(a)


if __name__ == '__main__':
    main()
