"""Pairs for the refiner: what geometry drew beside the truth. `refiner_pairs.py` and `refiner_warps.py` write them.

`pairs_NNNNN.npz` (uncompressed): `frame`, `guide`, `truth` u8 [n,128,128,3] RGB, `source` u8 [people,128,128,3],
`person` [n] (row of `source`), `number` [people] (the person's own; every tenth is held out)."""
import glob
import os
import zipfile

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from geometry import SIZE
from shards import member

HELD_OUT = 10
# Values of the guide's blue channel, 0..255: opening of the mouth, of the eyes, the face's surface, the rest.
MOUTH_BELOW, EYE_BELOW, FACE_BELOW = 26, 77, 230


def cut(image, centre, side):
    """The upright square of a picture as the program cuts it: each pixel the mean of its area, edges repeated."""
    fine = int(np.clip(np.ceil(2 * side / SIZE), 1, 8))
    out, scale = SIZE * fine, side / (SIZE * fine)
    m = np.array([[scale, 0, centre[0] - side / 2 + 0.5 * scale - 0.5], [0, scale, centre[1] - side / 2 + 0.5 * scale - 0.5]])
    crop = cv2.warpAffine(image, m, (out, out), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    return cv2.resize(crop, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def write(folder, number, rows, people):
    """One file of `rows` (frame, guide, truth, row of `people`) and `people` (source, number); it appears whole."""
    path = os.path.join(folder, f'pairs_{number:05d}.npz')
    with open(path + '.tmp', 'wb') as f:
        np.savez(f, frame=np.stack([r[0] for r in rows]), guide=np.stack([r[1] for r in rows]), truth=np.stack([r[2] for r in rows]),
                 person=np.array([r[3] for r in rows]), source=np.stack([p[0] for p in people]), number=np.array([p[1] for p in people]))
    os.rename(path + '.tmp', path)


class Pairs:
    """All pairs of some folders, of the people to learn from, of those held out, or of everybody (None); `scan` finds
    new files."""

    def __init__(self, folders, held_out=False):
        self.folders, self.held_out, self.files, self.seen, self.index = folders, held_out, [], set(), []
        self.scan()

    def scan(self):
        for path in sorted(p for folder in self.folders for p in glob.glob(os.path.join(folder, 'pairs_*.npz'))):
            if path in self.seen:
                continue
            try:
                f = {k: member(path, k) for k in ('frame', 'guide', 'truth', 'source', 'person', 'number')}
            except (zipfile.BadZipFile, KeyError, ValueError, OSError):
                continue
            self.seen.add(path)
            for i, person in enumerate(f['person']):
                if self.held_out in (None, f['number'][person] % HELD_OUT == HELD_OUT - 1):
                    self.index.append((len(self.files), i))
            self.files.append(f)
        return len(self.index)

    def __len__(self):
        return len(self.index)

    def get(self, n):
        """(frame, guide, source, truth)"""
        f, i = self.index[n]
        f = self.files[f]
        return f['frame'][i], f['guide'][i], f['source'][f['person'][i]], f['truth'][i]

    def batch(self, numbers):
        """Float tensors [n,3,128,128] in 0..1: frame, guide, source, truth."""
        rows = [self.get(n) for n in numbers]
        return [torch.from_numpy(np.stack([r[k] for r in rows])).permute(0, 3, 1, 2).float().div_(255) for k in range(4)]


def mirror(batch):
    """Half of a batch mirrored, in place; motion to the right becomes motion to the left."""
    n = len(batch[0]) // 2
    for t in batch:
        t[:n] = t[:n].flip(3)
    batch[1][:n, 0] = 1 - batch[1][:n, 0]
    return batch


def per_sample(rng, n, spread, channels=1):
    return torch.from_numpy(rng.normal(0, spread, (n, channels, 1, 1)).astype(np.float32))


def photograph(rng, batch):
    """Other cameras, light and film, alike for frame, source and truth. What cannot be foreseen (noise, blocks of JPEG)
    is the same in frame and truth, so that the network leaves it alone."""
    frame, guide, source, truth = mirror(batch)
    n = len(frame)
    gamma, contrast, bright = per_sample(rng, n, 0.22).exp(), per_sample(rng, n, 0.15).exp(), per_sample(rng, n, 0.05)
    white = per_sample(rng, n, 0.08, 3).exp()
    colour = torch.from_numpy(np.where(rng.random((n, 1, 1, 1)) < 0.18, 0, np.where(rng.random((n, 1, 1, 1)) < 0.4, rng.uniform(0.2, 1.6, (n, 1, 1, 1)), 1)).astype(np.float32))
    grey_of = torch.from_numpy(np.where(rng.random((n, 1)) < 0.6, [[0.3, 0.59, 0.11]], rng.dirichlet(np.ones(3), n)).astype(np.float32))[:, :, None, None]
    soft = rng.random(n) < 0.3
    sigma = rng.uniform(0.4, 1.6, n)

    def look(t):
        grey = (t * grey_of).sum(1, keepdim=True)
        t = ((grey + colour * (t - grey)).clamp(0, 1) ** gamma - 0.5) * contrast + 0.5 + bright
        t = (t * white).clamp(0, 1)
        for k in np.flatnonzero(soft):
            radius = 3
            x = torch.arange(-radius, radius + 1)
            g = torch.exp(-x.float().square() / (2 * sigma[k] ** 2))
            g = (g / g.sum())[None, None].expand(3, 1, -1)
            row = F.conv2d(F.pad(t[k:k + 1], (radius,) * 4, mode='replicate'), g[:, :, None], groups=3)
            t[k] = F.conv2d(row, g[..., None], groups=3)[0]
        return t

    frame, source, truth = look(frame), look(source), look(truth)
    for k in range(n):
        if rng.random() < 0.35:
            strength = rng.uniform(0.002, 0.035)
            channels = 1 if rng.random() < 0.5 else 3
            noise = lambda: torch.from_numpy(rng.standard_normal((channels, SIZE, SIZE), dtype=np.float32)) * strength
            same = noise()
            frame[k] += same
            truth[k] += same
            source[k] += noise()
        if rng.random() < 0.3:
            quality = int(rng.uniform(25, 90))
            truth[k] += press(frame[k], quality)
            press(source[k], quality)
    return [frame.clamp(0, 1), guide, source.clamp(0, 1), truth.clamp(0, 1)]


def press(t, quality):
    """JPEG on a picture [3,h,w], in place; returns what it changed."""
    image = (t.clamp(0, 1).permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)
    image = cv2.imdecode(cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    pressed = torch.from_numpy(image).permute(2, 0, 1).float() / 255
    change = pressed - t
    t.copy_(pressed)
    return change


def regions(guide):
    """Masks [n,1,128,128] from a guide in 0..1: mouth, eyes (both a little beyond their openings), face, rest."""
    grown = np.empty((2, len(guide), SIZE, SIZE), np.uint8)
    blue = (guide[:, 2] * 255 + 0.5).byte().numpy()
    for k, b in enumerate(blue):
        for out, mask in zip(grown, (b < MOUTH_BELOW, (b >= MOUTH_BELOW) & (b < EYE_BELOW))):
            out[k] = cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8))
    mouth, eyes = (torch.from_numpy(g)[:, None].float() for g in grown)
    eyes = eyes * (1 - mouth)
    face = torch.from_numpy(blue < FACE_BELOW)[:, None].float() * (1 - mouth) * (1 - eyes)
    return mouth, eyes, face, (1 - mouth) * (1 - eyes) * (1 - face)
