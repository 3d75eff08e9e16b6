"""Trains the refiner for a number of minutes on pairs, exporting it again and again.

    python refiner.py --minutes 40 --data PAIRS... --runs RUNS --export EXPORT [--fresh] [--threads 1]
    python refiner.py --minutes 0  --data PAIRS... --runs RUNS --sheet FILE.png      (measures, draws held-out people)

Without `--fresh` a run continues the last checkpoint, with the learning rate starting anew. The rate follows the clock,
so a run ends annealed. Files of pairs may appear while it runs. Every tenth person is held out."""
import loop  # first: it starts the program anew

import argparse
import copy
import json
import os
import time

import cv2
import numpy as np
import torch
import torch.nn.functional as F

import refiner_data as data
from export import FILES, build, export

# How much a pixel matters by where it is.
WEIGHTS = dict(mouth=7.0, eyes=5.0, face=1.0, rest=0.2)
STRETCHED = 2.0  # added on skin that geometry had to stretch: lids that close, lips, the far cheek
# Absolute differences at full, half and quarter size: coarser ones forgive geometry a pixel. In mouth and eyes nobody can
# tell where exactly the tongue lies; there the fine ones would ask for the mean of all possibilities, a blur.
LEVELS = dict(plain=(1.0, 0.7, 0.5), parts=(0.3, 0.7, 1.0))
CONTRAST, CONTRAST_FACE = 0.5, 0.12
# The price of a change, in shares of what it may gain: about 0.35 of 2, so a change must be right three times out of five.
# Beyond the face the drawn picture mostly knows better.
SILENCE, SILENCE_BEYOND, SMOOTHNESS = 0.35, 0.3, 0.25


def inputs(batch):
    """The network's arguments, in -1..1."""
    return [(2 * t - 1).contiguous(memory_format=torch.channels_last) for t in batch[:3]]


def change(y, frame):
    """What the program adds to the frame, from the network's logits."""
    colour, alpha = torch.sigmoid(y).split([3, 1], 1)
    return alpha * (colour - frame)


def contrast(t, size=5):
    """Local spread of brightness: a blurred patch lacks it, a misplaced one does not."""
    grey = t.mean(1, keepdim=True)
    mean, square = F.avg_pool2d(grey, size, 1, size // 2), F.avg_pool2d(grey.square(), size, 1, size // 2)
    return (square - mean.square()).clamp(min=0).add(2e-4).sqrt()


def loss(y, batch):
    frame, guide, _, truth = batch
    residual = change(y, frame)
    masks = dict(zip(WEIGHTS, data.regions(guide)))
    weight = sum(WEIGHTS[name] * mask for name, mask in masks.items())
    stretched = F.avg_pool2d(((guide[:, 2:3] - 0.62) / 0.12).clamp(0, 1) * (guide[:, 2:3] < 0.9), 3, 1, 1)
    weight = weight + STRETCHED * stretched * masks['face']
    parts = masks['mouth'] + masks['eyes']
    sharp = parts + CONTRAST_FACE * masks['face']
    total = SILENCE * (weight * residual.abs()).sum() / (3 * weight.sum()) + SILENCE_BEYOND * (masks['rest'] * residual.abs()).mean()
    shown, inside = frame + residual, parts
    for plain_share, part_share in zip(LEVELS['plain'], LEVELS['parts']):
        share = plain_share + (part_share - plain_share) * inside
        total = total + (share * weight * (shown - truth).abs()).sum() / (3 * weight.sum())
        if len(shown[0, 0]) > 32:
            total = total + CONTRAST * (sharp * (contrast(shown) - contrast(truth)).abs()).sum() / sharp.sum()
            shown, truth, weight, inside, sharp = (F.avg_pool2d(t, 2) for t in (shown, truth, weight, inside, sharp))
    # Folds and light are smooth: elsewhere than in openings an edge in the residual is a ghost of misplaced texture.
    plain = (1 - parts) * (1 - stretched)
    for axis in (2, 3):
        total = total + SMOOTHNESS * (residual.diff(dim=axis).abs() * plain.narrow(axis, 1, 127)).mean()
    return total


@torch.no_grad()
def figures(y, batch):
    """[before, after] by region: mean absolute difference from the truth in 1/255, PSNR in dB, and local contrast as a
    share of the truth's (below 1: blurred)."""
    frame, guide, _, truth = batch
    result = {}
    for name, mask in zip(WEIGHTS, data.regions(guide)):
        area = 3 * mask.sum().clamp(min=1)
        both = [mask * (t - truth) for t in (frame, frame + change(y, frame))]
        sharp = [(mask * contrast(t)).sum() for t in (frame, frame + change(y, frame), truth)]
        result[name + '_sharp'] = [float(t / sharp[2].clamp(min=1e-6)) for t in sharp[:2]]
        result[name] = [float(255 * t.abs().sum() / area) for t in both]
        result[name + '_db'] = [float(-10 * torch.log10(t.square().sum() / area + 1e-9)) for t in both]
    return result


def measure(net, held, batch, most=1024):
    """Means of `figures` over held-out pairs, evenly taken."""
    numbers = np.linspace(0, len(held) - 1, min(most, len(held))).astype(int)
    sums = []
    with torch.no_grad():
        for k in range(0, len(numbers), batch):
            b = held.batch(numbers[k:k + batch])
            sums.append(figures(net(*inputs(b)).float(), b))
    return {k: [round(float(np.mean([s[k][i] for s in sums])), 2) for i in (0, 1)] for k in sums[0]}


def sheet(net, held, path, rows=24, columns=2):
    """Source, drawn, refined, truth, residual x 4 around grey, alpha: held-out people, the portraits themselves left out."""
    numbers = np.linspace(0, len(held) - 1, rows * columns).astype(int)
    with torch.no_grad():
        b = held.batch(numbers)
        y = net(*inputs(b)).float()
        residual = change(y, b[0])
        alpha = torch.sigmoid(y[:, 3:]).expand(-1, 3, -1, -1)
        tiles = [b[2], b[0], b[0] + residual, b[3], 0.5 + 4 * residual, alpha]
    picture = torch.cat(tiles, 3).clamp(0, 1).mul(255).byte().permute(0, 2, 3, 1).numpy()
    picture = np.hstack([np.vstack(picture[k::columns]) for k in range(columns)])
    cv2.imwrite(path, picture[..., ::-1])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--minutes', type=float, required=True)
    ap.add_argument('--data', nargs='+', required=True, help='folders of pairs')
    ap.add_argument('--runs', required=True)
    ap.add_argument('--export', help='folder for refiner.onnx')
    ap.add_argument('--sheet', help='contact sheet of held-out people')
    ap.add_argument('--everybody', action='store_true', help='measure on all people: films made to be held out')
    ap.add_argument('--batch', type=int, default=32)
    ap.add_argument('--rate', type=float, default=2e-3)
    ap.add_argument('--every', type=float, default=4, help='minutes between exports')
    ap.add_argument('--threads', type=int, default=1)
    ap.add_argument('--fresh', action='store_true')
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(int(time.time()))
    rng = np.random.default_rng(int(time.time()))
    os.makedirs(a.runs, exist_ok=True)
    net = build('refiner', 0).to(memory_format=torch.channels_last)
    ema = copy.deepcopy(net).eval()
    path, seen = os.path.join(a.runs, 'refiner.pt'), 0
    if not a.fresh and os.path.exists(path):
        seen = loop.load(path, net, ema)
    opts = loop.optimisers(net, a.rate, ('head', 's1'))
    pairs, held = data.Pairs(a.data), data.Pairs(a.data, held_out=None if a.everybody else True)
    log = open(os.path.join(a.runs, 'refiner.log'), 'a', buffering=1)

    def say(line):
        line = f'{time.strftime("%H:%M:%S")} seen {seen} {line}'
        print(line, flush=True)
        log.write(line + '\n')

    start = last = time.time()
    step, sums, recent = 0, [], []
    while a.minutes:
        now = (time.time() - start) / 60 / a.minutes
        rate = loop.set_rate(opts, a.rate, now, step)
        batch = data.photograph(rng, pairs.batch(rng.integers(len(pairs), size=a.batch)))
        x = inputs(batch)
        recent = (recent + [x])[-24:]
        net.train()
        with torch.autocast('cpu', torch.bfloat16):
            y = net(*x)
        total = loss(y.float(), batch)
        loop.descend(net, opts, total)
        step += 1
        seen += a.batch
        loop.average(ema, net, step)
        sums.append(float(total.detach()))
        if step % 40 == 0:
            now_ = ' '.join(f'{k} {v[1] / max(v[0], 1e-3):.3f}' for k, v in figures(y.detach().float(), batch).items() if '_' not in k)
            say(f'of {len(pairs)} rate {rate:.1e} {step * a.batch / (time.time() - start):.0f}/s loss {np.mean(sums):.4f} after/before {now_}')
            sums = []
            pairs.scan()
        if time.time() - last > a.every * 60 or now >= 1:
            last = time.time()
            loop.settle(ema, recent)
            loop.save(path, net, ema, seen)
            if held.scan():
                say('HELD OUT before, after ' + json.dumps(measure(ema, held, a.batch, 256)))
            if a.export:
                os.makedirs(a.export, exist_ok=True)
                say(f'exported, largest difference {export("refiner", ema, os.path.join(a.export, FILES["refiner"] + ".onnx")):.1e}')
            if now >= 1:
                break
    if held.scan():
        say(f'HELD OUT {len(held)} pairs; before, after ' + json.dumps(measure(ema, held, a.batch)))
        if a.sheet:
            sheet(ema, held, a.sheet)


if __name__ == '__main__':
    main()
