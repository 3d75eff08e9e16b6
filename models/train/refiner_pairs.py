"""Runs the program over films of synthetic people (models/synth/sequences.py) and packs what its geometry drew, beside
the truth, for the refiner.

    python refiner_pairs.py --binary target/release/portraoke --sequences DIR --out PAIRS [--people 40] [--minutes 60]

Frame 0001.png of each film is the portrait, the film drives it: what comes out should equal what went in. With
`--minutes` it waits for films that are still being rendered. Files that exist are kept, so a run can be continued."""
import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time

import cv2

from refiner_data import cut, write

cv2.setNumThreads(1)


def read(path):
    image = cv2.imread(path)
    if image is None:
        raise FileNotFoundError(path)
    return image[..., ::-1]


def pairs_of(binary, models, film, fps):
    """(source crop, [(frame, guide, truth)]) of a film, or None where the program found no face."""
    with tempfile.TemporaryDirectory() as folder:
        driving, inputs = os.path.join(folder, 'driving'), os.path.join(folder, 'inputs')
        os.mkdir(driving)
        for name in sorted(os.listdir(film)):
            if name.endswith('.png'):
                os.symlink(os.path.abspath(os.path.join(film, name)), os.path.join(driving, name))
        command = [binary, *(['--models', models] if models else []), 'reenact', '--source', os.path.join(driving, '0001.png'), '--driving', driving,
                   '--fps', str(fps), '--out', os.path.join(folder, 'out'), '--refiner-inputs', inputs]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode or not os.path.exists(os.path.join(inputs, 'source.png')):
            print(film, 'failed:', (done.stderr.strip().splitlines() or ['no message'])[-1])
            return None
        rows = []
        with open(os.path.join(inputs, 'crops.jsonl')) as lines:
            for crop in map(json.loads, lines):
                name = crop['frame'].removesuffix('.png')
                truth = cut(read(os.path.join(film, name + '.png')), crop['center'], crop['side'])
                rows.append((read(os.path.join(inputs, name + '.frame.png')), read(os.path.join(inputs, name + '.guide.png')), truth))
        return read(os.path.join(inputs, 'source.png')), rows


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--binary', required=True)
    ap.add_argument('--models', help='folder with the networks and the head model')
    ap.add_argument('--sequences', required=True)
    ap.add_argument('--out', required=True)
    ap.add_argument('--people', type=int, default=40, help='films in a file')
    ap.add_argument('--first', type=int, default=0, help='number of the first file')
    ap.add_argument('--minutes', type=float, default=0)
    ap.add_argument('--fps', type=float, default=25)
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    end, number = time.time() + 60 * a.minutes, a.first
    while True:
        films = [os.path.join(a.sequences, f'{k:04d}') for k in range(number * a.people, (number + 1) * a.people)]
        waiting = not all(map(os.path.exists, films))
        if waiting and time.time() < end:
            time.sleep(5)
            continue
        films = [f for f in films if os.path.exists(f)]
        if not films:
            return
        if not os.path.exists(os.path.join(a.out, f'pairs_{number:05d}.npz')):
            start, rows, people = time.time(), [], []
            for film in films:
                found = pairs_of(a.binary, a.models, film, a.fps)
                if found:
                    rows += [(*row, len(people)) for row in found[1]]
                    people.append((found[0], int(os.path.basename(film))))
            if people:
                write(a.out, number, rows, people)
            print(f'file {number}: {len(rows)} pairs, {(time.time() - start) / max(len(rows), 1):.2f} s each', flush=True)
        number += 1
        if a.minutes and time.time() > end:
            return


if __name__ == '__main__':
    main()
