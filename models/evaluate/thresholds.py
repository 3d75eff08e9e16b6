"""What a threshold on the trust in a face would cost and save: a table to choose the program's thresholds by, for given networks.

    python thresholds.py --models CHECKPOINTS

Trust is the program's: score times exp(-(fit error / 0.06)^2). "Alone" is a picture's surest face, "company" any other. The program's own
thresholds apply before these, so a row can only take away.
"""
import tempfile

import numpy as np

import faceless
import groups
import photos
import program

LEVELS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)


def trust(face):
    return face['score'] * np.exp(-(face['fit']['error'] / 0.06) ** 2)


def split(faces, boxes):
    """Trusts of the faces that match no box, and for each box the trust of its face (-1: none)."""
    free, hits = list(faces), []
    for box in boxes:
        at = next((f for f in free if program.same_place(box, f['box'])), None)
        free = [f for f in free if f is not at]
        hits.append(trust(at) if at is not None else -1.0)
    return [trust(f) for f in free], hits


def main():
    p = program.arguments(__doc__)
    p.add_argument('--count', type=int, default=100, help='rectangles of photographs without a face')
    a = p.parse_args()
    reference, folder = program.reference(a)
    found = program.analyse(a, list(reference), folder)
    people, extra = [], []
    for name, r in reference.items():
        labels = [f['box'] for f in r['faces']]
        wanted = photos.subjects(r)
        rest, hits = split(found[name], labels)
        people += [h for k, h in enumerate(hits) if k in wanted]
        extra += rest
    with tempfile.TemporaryDirectory() as temporary:
        truth = groups.photographs(a, 25, temporary)
        seen = program.analyse(a, list(truth), temporary)
    crowd = [h for name, boxes in truth.items() for h in split(seen[name], boxes)[1]]
    empty = [max(map(trust, faces), default=-1.0) for faces in faceless.search(a, faceless.crops(a, a.count))]
    share = lambda values, level: 100 * np.mean([v >= level for v in values])
    print('| trust at least | people portrayed found % | false positives on photographs | faces in groups found % | face-free crops with a face % |\n|---|---|---|---|---|')
    for level in LEVELS:
        print(f'| {level:.2f} | {share(people, level):.2f} | {sum(v >= level for v in extra)} | {share(crowd, level):.1f} | {share(empty, level):.1f} |')


if __name__ == '__main__':
    main()
