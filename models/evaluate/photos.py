"""The labelled photographs (issue 3's table): one line of figures, the missed faces and the false positives by name.

    python photos.py --models CHECKPOINTS --out pred.json --look SHEETS      everything: about a minute on two cores
    python photos.py --models CHECKPOINTS --every 4                          every fourth picture, for a first look
"""
import json
import os

import cv2

import draw
import program

COLUMNS = ('recall %', 'false positives', 'NME all', 'modern', 'historic', 'congress', 'paintings', 'eyes', 'mouth', 'opening error', 'opening r', 'above 10 %', 'MB')


def weight(models):
    """Bytes of detector and landmark network."""
    return sum(os.path.getsize(os.path.join(program.completed(models), f)) for f in program.NETWORKS[:2])


def figures(score, reference, pred, models):
    """Issue 3's columns, as score_faces.py --debias --fit-box gives them; and both of its tables."""
    fit, _ = score.fit_box(reference, pred)
    boxed = {k: [dict(q, box=fit(q['box'])) for q in v] for k, v in pred.items()}
    detection = score.detection(reference, boxed)
    points = score.landmarks(reference, pred, off=score.offsets(reference, pred))
    group = lambda name, key='all': points.get(name, {}).get(key, float('nan'))
    row = [100 * detection['recall'], detection['fp_on_face_images'], *(group(g) for g in ('all', 'modern', 'historic', 'congress', 'painting')), group('all', 'eyes'), group('all', 'mouth'),
           group('all', 'mouth_open_err'), group('all', 'mouth_open_corr'), group('all', 'fail10'), weight(models) / 1e6]
    return row, detection, points, boxed


def subjects(entry):
    """Numbers of the labels that show the portrayed: those with points, else the largest (a profile on which the vote
    disagreed). What is left are other detectors' finds in hands, ties and jackets, looked at one by one."""
    faces = entry['faces']
    known = {k for k, f in enumerate(faces) if f.get('landmarks')}
    return known or {max(range(len(faces)), key=lambda k: faces[k]['box'][2] * faces[k]['box'][3])} if faces else set()


def lost(score, reference, boxed):
    """[(file, face number, whether it is a subject)] that were missed, [(file, prediction number)] that are no labelled face."""
    missed, false = [], []
    for name, r in reference.items():
        overlap = lambda a, b: score.iou(a, b) >= score.IOU_T
        hit, rest = score.match(r['faces'], boxed.get(name, []), 0, overlap, score.iou)
        missed += [(name, k, k in subjects(r)) for k, f in enumerate(r['faces']) if k not in hit and not f.get('ignore')]
        false += [(name, i) for i in rest]
    return missed, false


def main():
    p = program.arguments(__doc__)
    p.add_argument('--part', default='', help='only pictures whose path starts so')
    p.add_argument('--every', type=int, default=1, help='only every n-th picture')
    p.add_argument('--out', help='write PRED.json here')
    p.add_argument('--full', action='store_true', help='also print the tables of score_faces.py')
    a = p.parse_args()
    program.tools(a.shared)
    import score_faces as score
    reference, folder = program.reference(a, a.part)
    reference = {k: reference[k] for k in list(reference)[::a.every]}
    pred = program.predictions(program.analyse(a, list(reference), folder))
    if a.out:
        with open(a.out, 'w') as f:
            json.dump(pred, f)
    row, detection, points, boxed = figures(score, reference, pred, a.models)
    if a.full:
        score.show(detection, points)
    print('| ' + ' | '.join(COLUMNS) + ' |')
    print('| ' + ' | '.join(str(v) if isinstance(v, int) else f'{v:.2f}' for v in row) + ' |')
    missed, false = lost(score, reference, boxed)
    portrayed = sum(len(subjects(r)) for r in reference.values())
    main_missed = [n for n, _, subject in missed if subject]
    print(f'of the {portrayed} people portrayed {100 - 100 * len(main_missed) / max(1, portrayed):.2f} % found; missed:', ', '.join(main_missed) or 'none')
    print('labels that show no face, not found:', ', '.join(n for n, _, subject in missed if not subject) or 'none')
    print('false positives:', ', '.join(f'{n} (score {pred[n][i]["score"]:.2f})' for n, i in false) or 'none')
    if a.look:
        tiles = []
        for name in dict.fromkeys([n for n, *_ in missed] + [n for n, _ in false]):
            marks = [(f['box'], draw.RED if any(m[:2] == (name, k) for m in missed) else draw.GREY) for k, f in enumerate(reference[name]['faces'])]
            marks += [(f['box'], draw.MAGENTA if (name, i) in false else draw.GREEN) for i, f in enumerate(boxed[name])]
            tiles.append(draw.tile(cv2.imread(os.path.join(folder, name)), marks, label=name[-30:], size=240))
        draw.sheet(tiles, os.path.join(a.look, 'photos_lost.png'))


if __name__ == '__main__':
    main()
