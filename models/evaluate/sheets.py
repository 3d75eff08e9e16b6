"""Contact sheets of our points on the pictures, to be looked at, and the card's drawing of the ten worst.

    python sheets.py --pred pred.json --look SHEETS                          (pred.json from photos.py; without it the program runs)
    python sheets.py --pred pred.json --worst ../face_landmarks_worst.png    only the drawing: points on white, no photograph

SHEETS must lie outside the repository: photographs are never committed.
"""
import json
import os
import sys

import cv2
import numpy as np

import draw
import fairness
import program

SETS = (('paintings', 'paintings', 7), ('modern', 'modern', 104), ('historic', 'historic', 100), ('congress', 'congress', 60))
CURVES = ((0, 17), (17, 22), (22, 27), (27, 31), (31, 36), (36, 42), (42, 48), (48, 60), (60, 68))
CLOSED = ((36, 42), (42, 48), (48, 60), (60, 68))


def errors(reference, found):
    """[(error %, file, our points less the constant offset, reference points)], the worst first; missed faces count as infinite."""
    pairs = []
    for name, r in reference.items():
        for face in r['faces']:
            want = program.points_of(face)
            if want is not None:
                hit = fairness.best(found.get(name, []), face['box'])
                pairs.append((name, np.array(hit['p68'], float) if hit else None, want))
    near = [(p, w) for n, p, w in pairs if p is not None and not n.startswith('historic')]
    offset = fairness.removed(near)
    offset[:17] = 0
    out = []
    for name, p, want in pairs:
        p = None if p is None else fairness.shifted(p, offset)
        out.append((np.inf if p is None else fairness.error_of(p, want), name, p, want))
    return sorted(out, key=lambda e: -e[0] if np.isfinite(e[0]) else -1e9)


def drawing(error, name, ours, want, size=150):
    """One face as points on white: reference grey, ours coloured."""
    t = np.full((size, size, 3), 255, np.uint8)
    everything = want if ours is None else np.concatenate([want, ours])
    lo, hi = np.nanmin(everything, 0), np.nanmax(everything, 0)
    k = (size - 26) / (hi - lo).max()
    place = lambda p: (p - (lo + hi) / 2) * k + [size / 2, size / 2 - 6]
    for p, colour in ((want, (170, 170, 170)), (ours, (40, 60, 220))):
        if p is None:
            continue
        q = np.round(place(p) * 16)
        for a, b in CURVES:
            line = q[a:b][np.isfinite(q[a:b]).all(1)].astype(np.int32)
            cv2.polylines(t, [line], (a, b) in CLOSED, colour, 1, cv2.LINE_AA, 4)
    cv2.putText(t, f'{os.path.basename(name).removesuffix(".jpg")}  ' + ('missed' if ours is None else f'{error:.1f} %'), (4, size - 5), 0, 0.33, (90, 90, 90), 1, cv2.LINE_AA)
    return t


def overlay(image, faces, label, size=200):
    """The first face large with its points; a picture without a face whole."""
    face = faces[0] if faces else None
    points = [] if face is None else [(np.array(f['p68'], float), draw.GREEN) for f in faces]
    return draw.tile(image, (), points, label, size, None if face is None else face['box'])


def clips(a, folder):
    """Eight frames of every clip."""
    import facetrack
    for file in sorted(os.listdir(folder)):
        clip = facetrack.Clip(os.path.join(folder, file))
        images = clip.read(np.linspace(0, min(clip.n, 240) - 1, 8).astype(int).tolist())
        yield file, images


def main():
    p = program.arguments(__doc__)
    p.add_argument('--pred', help='predictions of photos.py')
    p.add_argument('--worst', help='write the drawing of the ten worst here')
    a = p.parse_args()
    if a.look and os.path.abspath(a.look).startswith(program.REPO + os.sep):
        sys.exit(f'{a.look} lies in the repository: choose a folder outside it, photographs are never committed')
    reference, folder = program.reference(a)
    if a.pred:
        with open(a.pred) as f:
            found = json.load(f)
    else:
        found = program.predictions(program.analyse(a, list(reference), folder))
    ranked = errors(reference, found)
    print('the ten worst: ' + ', '.join(f'{n} ' + ('missed' if q is None else f'{e:.1f} %') for e, n, q, _ in ranked[:10]))
    if a.worst:
        draw.sheet([drawing(*r) for r in ranked[:10]], a.worst, 5)
    if not a.look:
        return
    read = lambda name: cv2.imread(os.path.join(folder, name))
    for title, part, count in SETS:
        names = [n for n in reference if n.startswith(part)]
        names = names[::max(1, len(names) // count)][:count]
        draw.sheet([overlay(read(n), found[n], os.path.basename(n), 320 if part == 'paintings' else 180) for n in names], os.path.join(a.look, f'{title}.png'))
    program.tools(a.shared)
    import tempfile
    with tempfile.TemporaryDirectory() as temporary:
        files, labels = ['astronaut.png'], ['astronaut.png']
        cv2.imwrite(os.path.join(temporary, files[0]), read('astronaut.png'))
        for file, images in clips(a, os.path.join(a.shared, 'assets', 'clips')):
            for i, image in images.items():
                files.append(f'{file}-{i}.png')
                labels.append(f'{file} {i}')
                cv2.imwrite(os.path.join(temporary, files[-1]), image[..., ::-1])
        seen = program.analyse(a, files, temporary)
        tiles = [overlay(cv2.imread(os.path.join(temporary, f)), seen[f], label, 220) for f, label in zip(files, labels)]
    draw.sheet(tiles[:1], os.path.join(a.look, 'astronaut.png'))
    draw.sheet(tiles[1:], os.path.join(a.look, 'clips.png'), 8)
    worst = []
    for e, n, q, want in ranked[:10]:
        lo, hi = np.nanmin(want, 0), np.nanmax(want, 0)
        marks = [(want, draw.GREY)] + ([(q, draw.GREEN)] if q is not None else [])
        worst.append(draw.tile(read(n), (), marks, f'{os.path.basename(n)} ' + ('missed' if q is None else f'{e:.1f} %'), 300, [*lo, *(hi - lo)]))
    draw.sheet(worst, os.path.join(a.look, 'worst.png'), 5)


if __name__ == '__main__':
    main()
