"""The matte's four maps on held-out synthetic crops: intersection over union at one half, and the mean error.

    python mattes.py --synth SHARDS                          goals: .97 person, .93 hair

Samples are those of training, plain and as photographed (models/train/data.py).
"""
import os
import sys

import cv2
import numpy as np
import onnxruntime as ort

import draw
import program

sys.path.insert(0, os.path.join(program.REPO, 'models', 'train'))
import data  # noqa: E402
import shards  # noqa: E402

MAPS = ('person', 'hair', 'face', 'occluder')


def network(models, name='person_matte.onnx'):
    o = ort.SessionOptions()
    o.intra_op_num_threads = o.inter_op_num_threads = 1
    return ort.InferenceSession(os.path.join(program.completed(models), name), o, providers=['CPUExecutionProvider'])


def score(net, heads, count, plain):
    """For each map IoU over all pixels, mean IoU a picture (where the thing is there), mean error; and some pictures."""
    rng, tiles, single = np.random.default_rng(3), [], [[] for _ in MAPS]
    both, either, error = np.zeros((3, len(MAPS)))
    for n in range(count):
        image, mask = data.matte_sample(rng, heads, plain=plain)
        x = np.ascontiguousarray(image.transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1)
        y = net.run(None, {'image': x})[0][0]
        t = mask.transpose(2, 0, 1).astype(np.float32) / 255
        for c in range(len(MAPS)):
            a, b = y[c] > 0.5, t[c] > 0.5
            both[c] += (a & b).sum()
            either[c] += (a | b).sum()
            error[c] += np.abs(y[c] - t[c]).mean() / count
            if b.sum() > 50:
                single[c].append((a & b).sum() / (a | b).sum())
        if n < 15:
            show = lambda m: (image[..., ::-1] * (0.25 + 0.75 * m[0][..., None]) + np.array([90, 0, 0]) * m[1][..., None]).clip(0, 255).astype(np.uint8)
            tiles.append(cv2.resize(np.hstack([image[..., ::-1], show(y), show(t)]), None, fx=1.5, fy=1.5))
    return both / either, [np.mean(s) for s in single], error, tiles


def main():
    p = program.arguments(__doc__)
    p.add_argument('--synth', default='/work/data/synth', help='folder of shards')
    p.add_argument('--count', type=int, default=400, help='crops of each kind')
    a = p.parse_args()
    heads = shards.Heads([a.synth], held_out=True)
    if not len(heads):
        sys.exit(f'{a.synth}: no held-out shard (number % 20 == 19) is here')
    net = network(a.models)
    for plain in (True, False):
        iou, single, error, tiles = score(net, heads, a.count, plain)
        kind = 'plain' if plain else 'as photographed'
        print(f'mattes, {kind}, {a.count} crops of {len(heads)} held-out pictures')
        for c, name in enumerate(MAPS):
            print(f'  {name:9} IoU {iou[c]:.3f}  mean of pictures {single[c]:.3f}  mean error {error[c]:.3f}')
        if a.look:
            draw.sheet(tiles, os.path.join(a.look, f'mattes_{"plain" if plain else "photo"}.png'), 3)


if __name__ == '__main__':
    main()
