"""Trains one network for a number of minutes, exporting it again and again.

usage: train.py {detector,landmarks,matte} --minutes M [--data DIR...] [--runs DIR] [--export DIR] [--fresh]

One thread computes (on a shared machine two would wait for each other), one worker process draws samples into a pool
from which the batches come, so that training never waits: a sample is seen more than once when drawing is slower. The learning
rate follows the clock, so a run always ends annealed; without --fresh it continues the last checkpoint."""
import loop  # first: it starts the program anew

import argparse
import copy
import json
import multiprocessing as mp
import os
import queue
import time

import numpy as np
import torch
import torch.nn.functional as F

import data
import shards
from export import FILES, build, export

GRID = 32  # detector cells per side
UPPER, LOWER = [61, 62, 63, 37, 38, 43, 44], [67, 66, 65, 41, 40, 47, 46]  # opposite points of inner lips and lids
EYE_UPPER, EYE_LOWER = [[37, 38], [43, 44]], [[41, 40], [47, 46]]


class Pool:
    """The newest samples. A process of lower priority keeps adding to them, and looks for new shards every so often."""

    def __init__(self, kind, folders, head_model, batch, seed, capacity=16384):
        self.queue = mp.Queue(12)
        self.process = mp.Process(target=self.draw, args=(kind, folders, head_model, batch, seed), daemon=True)
        self.process.start()
        self.capacity, self.rows, self.filled, self.next, self.drawn = capacity, None, 0, 0, 0
        while self.filled < 6 * batch:
            self.add(self.queue.get())

    def draw(self, kind, folders, head_model, batch, seed):
        os.nice(4)
        torch.set_num_threads(1)
        rng = np.random.default_rng(seed)
        heads, mirror, n = shards.Heads(folders), data.Mirror(head_model), 0
        while True:
            n += 1
            if n % 60 == 0:
                heads.scan()
            self.queue.put([t.numpy() for t in batch_of(kind, rng, heads, mirror, batch)])

    def add(self, batch):
        if self.rows is None:
            self.rows = [torch.empty((self.capacity, *b.shape[1:]), dtype=torch.from_numpy(b).dtype) for b in batch]
        n = len(batch[0])
        for store, b in zip(self.rows, batch):
            store[self.next:self.next + n] = torch.from_numpy(b)  # the capacity is a multiple of the batch
        self.next = (self.next + n) % self.capacity
        self.filled = max(self.filled, self.next) if self.filled < self.capacity and self.next else self.capacity
        self.drawn += n

    def batch(self, n):
        while True:
            try:
                self.add(self.queue.get_nowait())
            except queue.Empty:
                break
        i = torch.randint(self.filled, (n,))
        return [r[i] for r in self.rows]


def batch_of(kind, rng, heads, mirror, size, plain=False):
    if kind == 'landmarks':
        rows = [data.landmark_sample(rng, heads, mirror, plain) for _ in range(size)]
        return [torch.from_numpy(np.stack([np.asarray(r[i]) for r in rows])) for i in range(6)]
    if kind == 'matte':
        rows = [data.matte_sample(rng, heads, plain) for _ in range(size)]
        return [torch.from_numpy(np.stack([r[i] for r in rows])) for i in range(2)]
    rows = [data.detector_sample(rng, heads, plain) for _ in range(size)]
    maps = np.stack([detector_target(b) for _, b in rows])
    return [torch.from_numpy(np.stack([r[0] for r in rows])), torch.from_numpy(maps)]


def detector_target(boxes):
    """[6,32,32]: heat (1 at a face's cell, falling off around it), offsets, ln sizes, weight of the box terms."""
    t = np.zeros((6, GRID, GRID), np.float32)
    yy, xx = np.mgrid[0:GRID, 0:GRID] + 0.5
    for x, y, w, h in sorted(boxes.tolist(), key=lambda b: -b[3]):
        cx, cy = (x + w / 2) / 4, (y + h / 2) / 4
        i, j = int(cx), int(cy)
        if not (0 <= i < GRID and 0 <= j < GRID):
            continue
        s = max(0.6, 0.13 * max(w, h) / 4)
        heat = np.exp(-((xx - cx) ** 2 + (yy - cy) ** 2) / (2 * s * s))
        t[0] = np.maximum(t[0], np.minimum(heat, 0.999))
        t[0, j, i] = 1
        # Neighbours learn the box as well: the peak may fall beside the exact cell.
        near = (np.abs(xx - cx) < 1.3) & (np.abs(yy - cy) < 1.3)
        t[1][near], t[2][near] = (cx - xx + 0.5)[near], (cy - yy + 0.5)[near]
        t[3][near], t[4][near], t[5][near] = np.log(w / 128), np.log(h / 128), 0.3
        t[5, j, i] = 1
    return t


def point_weights(count):
    """Eyes, irises and the inner lips carry the likeness and the singing; dense points only support the fit."""
    w = torch.ones(count)
    w[36:48] = w[60:68] = 3
    w[68:70] = 8  # an iris is three pixels wide in a crop and moves by two: without this it stays in the middle of the eye
    w[70:] = 0.6
    return w / w.mean()


def pictures(batch):
    """The batch's pictures as the networks take them: [n,3,128,128] in -1..1."""
    return batch[0].permute(0, 3, 1, 2).float().div_(127.5).sub_(1).contiguous(memory_format=torch.channels_last)


def losses(kind, net, batch):
    """Total, and named figures for the log."""
    x = pictures(batch)
    with torch.autocast('cpu', torch.bfloat16):
        y = net(x)
    y = y.float()
    if kind == 'landmarks':
        o = net.split(y)
        _, p, e, pose, gaze, score = batch
        face = score.float()
        n = face.sum().clamp(min=1)
        w = point_weights(p.shape[1])
        distance = (o['points'] - p).square().sum(2).add(1e-10).sqrt()
        # Laplace likelihood for sigma alone: its gradient must not decide which points the network attends to.
        s = o['sigma'].clamp(-7, 0)
        nll = (distance.detach() * torch.exp(-s) + s).mean(1)
        # Points far outside the crop would drown the rest.
        near = ((p - 0.5).abs().amax(2) < 0.75).float() * 0.9 + 0.1
        point = (distance * w * near).mean(1)
        # How far lips and lids are apart is what singing and blinking show: said once more, apart from where they are.
        gap = ((o['points'] - p)[:, UPPER] - (o['points'] - p)[:, LOWER]).norm(dim=2).mean(1)
        expr = (o['expression'] - e).abs().mean(1) + 2 * (o['expression'] - e).square().mean(1)
        ang = (o['pose'] - pose).abs().mean(1)
        # Nobody sees where a closed eye looks.
        open_ = ((p[:, EYE_UPPER] - p[:, EYE_LOWER]).norm(dim=3).mean(2) / (p[:, [36, 42]] - p[:, [39, 45]]).norm(dim=2).clamp(min=0.03) / 0.15).clamp(0.05, 1)
        gz = ((o['gaze'] - gaze).abs() * open_.repeat_interleave(2, 1)).mean(1)
        point = point + 8 / p.shape[1] * ((distance[:, 68:70] * (open_ - 1)).sum(1))  # the weight of hidden irises, taken back
        sc = F.binary_cross_entropy_with_logits(o['score'][:, 0], face)
        mean = lambda v: (v * face).sum() / n
        total = 20 * mean(point) + 8 * mean(gap) + 0.05 * mean(nll) + 1.5 * mean(expr) + 0.6 * mean(ang) + 2.0 * mean(gz) + 0.3 * sc
        outer = (p[:, 36] - p[:, 45]).square().sum(1).sqrt().clamp(min=0.12)
        fig = dict(nme=mean(distance[:, :68].mean(1) / outer), gap=mean(gap / outer), eyes=mean(distance[:, 36:48].mean(1) / outer), iris=mean(distance[:, 68:70].mean(1) / outer),
                   expr=mean((o['expression'] - e).abs().mean(1)), pose=mean(ang), gaze=mean(gz), score=sc)
    elif kind == 'detector':
        t = batch[1]
        z, heat = y[:, 0], t[:, 0]
        q = torch.sigmoid(z)
        one = (heat == 1).float()
        focal = -(one * (1 - q).square() * F.logsigmoid(z) + (1 - one) * (1 - heat) ** 4 * q.square() * F.logsigmoid(-z))
        n = one.sum().clamp(min=1)
        box = ((y[:, 1:5] - t[:, 1:5]).abs() * torch.tensor([1.0, 1, 3, 3])[:, None, None] * t[:, 5:6]).sum() / t[:, 5].sum().clamp(min=1)
        total = focal.sum() / n + 0.5 * box
        fig = dict(heat=focal.sum() / n, box=box, hit=((q > 0.3) & (one > 0)).sum() / n, false=((q > 0.3) & (heat < 0.1)).sum() / n)
    else:
        t = batch[1].permute(0, 3, 1, 2).float() / 255
        edge = 1 + 2 * ((F.avg_pool2d(t, 5, 1, 2) - t).abs() > 0.1).float()
        bce = (F.binary_cross_entropy_with_logits(y, t, reduction='none') * edge).mean((0, 2, 3))
        q = torch.sigmoid(y)
        dice = 1 - ((2 * (q * t).sum((2, 3)) + 50) / ((q + t).sum((2, 3)) + 50)).mean(0)
        total = (bce + 0.3 * dice).sum()
        both, either = ((q > 0.5) & (t > 0.5)).sum((0, 2, 3)), ((q > 0.5) | (t > 0.5)).sum((0, 2, 3)).clamp(min=1)
        fig = {f'{name}_iou': both[k] / either[k] for k, name in enumerate(('person', 'hair', 'face', 'occluder'))}
        fig.update({f'{name}_error': (q - t)[:, k].abs().mean() for k, name in enumerate(('person', 'hair'))})
    return total, {k: float(v.detach()) for k, v in fig.items()}


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument('kind', choices=['detector', 'landmarks', 'matte'])
    ap.add_argument('--minutes', type=float, required=True)
    ap.add_argument('--data', nargs='+', default=['/work/data/synth'], help='folders of shards')
    ap.add_argument('--runs', default='/work/data/runs')
    ap.add_argument('--export', default='/work/data/models_preview')
    ap.add_argument('--head-model', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'head.safetensors'))
    ap.add_argument('--batch', type=int, default=64)
    ap.add_argument('--rate', type=float, default=2e-3)
    ap.add_argument('--every', type=float, default=4, help='minutes between exports')
    ap.add_argument('--fresh', action='store_true')
    a = ap.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(int(time.time()))
    os.makedirs(a.runs, exist_ok=True)
    os.makedirs(a.export, exist_ok=True)
    from nets import dense_count
    net = build(a.kind, dense_count(a.head_model)).to(memory_format=torch.channels_last)
    ema = copy.deepcopy(net)
    path, seen = os.path.join(a.runs, a.kind + '.pt'), 0
    if not a.fresh and os.path.exists(path):
        seen = loop.load(path, net, ema)
    opts = loop.optimisers(net, a.rate, ('head', 'stem.0', 's2.0', 'mix'))
    pool = Pool(a.kind, a.data, a.head_model, a.batch, int(time.time()))
    rng = np.random.default_rng(7)
    held = shards.Heads(a.data, held_out=True)
    mirror = data.Mirror(a.head_model)
    tests = {}
    log = open(os.path.join(a.runs, a.kind + '.log'), 'a', buffering=1)
    start = last = time.time()
    sums, count, step, recent = {}, 0, 0, []
    while True:
        now = (time.time() - start) / 60 / a.minutes
        rate = loop.set_rate(opts, a.rate, now, step)
        batch = pool.batch(a.batch)
        recent = (recent + [batch])[-24:]
        net.train()
        total, fig = losses(a.kind, net, batch)
        loop.descend(net, opts, total)
        step += 1
        seen += a.batch
        loop.average(ema, net, step)
        fig['loss'] = float(total.detach())
        for k, v in fig.items():
            sums[k] = sums.get(k, 0) + v
        count += 1
        if step % 40 == 0:
            line = f'{time.strftime("%H:%M:%S")} seen {seen} drawn {pool.drawn} rate {rate:.1e} {step * a.batch / (time.time() - start):.0f}/s ' + ' '.join(f'{k} {v / count:.4f}' for k, v in sums.items())
            print(line, flush=True)
            log.write(line + '\n')
            sums, count = {}, 0
        if time.time() - last > a.every * 60 or now >= 1:
            last = time.time()
            loop.settle(ema, [[pictures(b)] for b in recent])
            loop.save(path, net, ema, seen)
            if not tests and held.scan():
                tests = {p: [batch_of(a.kind, rng, held, mirror, 64, p) for _ in range(4)] for p in (False, True)}
            with torch.no_grad():
                for p, bs in tests.items():
                    r = [losses(a.kind, ema, b)[1] for b in bs]
                    line = f'{time.strftime("%H:%M:%S")} seen {seen} HELD OUT {"plain" if p else "augmented"} ' + json.dumps({k: round(float(np.mean([q[k] for q in r])), 4) for k in r[0]})
                    print(line, flush=True)
                    log.write(line + '\n')
            worst = export(a.kind, ema, os.path.join(a.export, FILES[a.kind] + '.onnx'))
            print('exported, largest difference', f'{worst:.1e}', flush=True)
            if now >= 1:
                pool.process.terminate()
                return


if __name__ == '__main__':
    main()
