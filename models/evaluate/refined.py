"""What the refiner gains on films of people it never saw: distance from the truth by region, and flicker.

    cd models/train && python refiner_pairs.py --binary ../../target/release/portraoke --sequences FILMS --out PAIRS
    cd ../evaluate && python refined.py --pairs PAIRS [--model ../refiner.onnx] [--look SHEET.png]

FILMS come from `models/synth/sequences.py` (consecutive frames, another seed than the training's). Flicker is how much
the difference from the truth changes from frame to frame: drawn or painted detail that jumps, but no true motion."""
import argparse
import os
import sys

import cv2
import numpy as np
import onnxruntime
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'train'))
from export import NAMES
from refiner_data import Pairs, regions

REGIONS = ('mouth', 'eyes', 'face', 'rest')


def refine(net, batch):
    """[n,3,128,128] as the program shows it, in 0..1."""
    shown = []
    for k in range(len(batch[0])):
        y = net.run(None, {name: (2 * t[k:k + 1] - 1).numpy() for name, t in zip(NAMES['refiner'][0], batch)})[0]
        frame = batch[0][k].numpy()
        shown.append(frame + y[0, 3:] * (y[0, :3] - frame))
    return torch.from_numpy(np.stack(shown)).clamp(0, 1)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--pairs', required=True)
    ap.add_argument('--model', default=os.path.join(HERE, '..', 'refiner.onnx'))
    ap.add_argument('--look', help='contact sheet: source, drawn, refined, truth')
    a = ap.parse_args()
    net = onnxruntime.InferenceSession(a.model, providers=['CPUExecutionProvider'])
    pairs = Pairs([a.pairs], held_out=None)
    films = {}
    for n, (f, i) in enumerate(pairs.index):
        films.setdefault((f, int(pairs.files[f]['person'][i])), []).append(n)
    sums, tiles = {name: np.zeros((4, 2)) for name in REGIONS}, []
    for numbers in films.values():
        batch = pairs.batch(numbers)
        frame, guide, source, truth = batch
        shown = refine(net, batch)
        wrong = [frame - truth, shown - truth]
        for name, mask in zip(REGIONS, regions(guide)):
            still = mask[1:] * mask[:-1]
            for k, w in enumerate(wrong):
                sums[name][:, k] += [float((mask * w.abs()).sum()), 3 * float(mask.sum()), float((still * w.diff(dim=0).abs()).sum()), 3 * float(still.sum())]
        for k in np.linspace(len(numbers) // 4, len(numbers) - 1, 3).astype(int):
            tiles.append(torch.cat([source[k], frame[k], shown[k], truth[k]], 2))
    print(f'{len(films)} films, {len(pairs)} frames; mean absolute differences in 1/255, drawn -> refined')
    for name, (wrong, area, change, still) in sums.items():
        print(f'{name:6} difference {255 * wrong[0] / area[0]:.2f} -> {255 * wrong[1] / area[1]:.2f}   flicker {255 * change[0] / still[0]:.2f} -> {255 * change[1] / still[1]:.2f}')
    if a.look:
        tiles = [t.mul(255).byte().permute(1, 2, 0).numpy() for t in tiles]
        rows = [np.hstack(tiles[k:k + 3]) for k in range(0, len(tiles), 3)]
        cv2.imwrite(a.look, np.vstack(rows)[..., ::-1])


if __name__ == '__main__':
    main()
