"""Hair as real strands: scalp styles grown from guides, brows, lashes, stubble, down.

All points are metres in the head's frame (see `Head`): origin between the ears at brow height, x to the
subject's left, -y to the front, z up. A style is a function of a point on its way and of its root that
says where the hair wants to go; a distance field keeps it out of skin and clothes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree


def unit(v):
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


class Noise:
    """Smooth random vectors over space, with features about `size` metres wide."""

    def __init__(self, rng, size: float, waves: int = 12):
        self.k = unit(rng.normal(size=(waves, 3))) * rng.uniform(0.6, 1.6, (waves, 1)) * 2 * np.pi / size / 2
        self.phase = rng.uniform(0, 2 * np.pi, waves)
        self.a = rng.normal(size=(waves, 3)) * np.sqrt(2 / waves)

    def __call__(self, p):
        return np.cos(p @ self.k.T + self.phase) @ self.a


class Head:
    """The subdivided skin in the head's frame, its distance field, and what is scalp on it."""

    def __init__(self, points, normals, triangles, uv, marks, turn: float, obstacles=()):
        brow = marks[17:27].mean(0)
        ears = (marks[0] + marks[16]) / 2
        self.origin = np.array([ears[0], ears[1] + 0.012, brow[2]])
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        self.frame = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])  # columns: the head's axes
        self.points, self.normals = self.local(points), normals @ self.frame
        self.triangles, self.uv, self.marks = triangles, uv, self.local(marks)
        self._field([self.points] + [self.local(p) for p, _ in obstacles], [self.normals] + [n @ self.frame for _, n in obstacles])

    def local(self, p):
        return (p - self.origin) @ self.frame

    def world(self, p):
        return p @ self.frame.T + self.origin

    def _field(self, points, normals, step=0.005):
        self.low, self.step = np.array([-0.21, -0.20, -0.33]), step
        shape = (np.array([0.21, 0.22, 0.20]) - self.low) // step + 1
        grid = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1) * step + self.low
        points, normals = np.concatenate(points), np.concatenate(normals)
        far = 0.04
        distance, nearest = cKDTree(points).query(grid.reshape(-1, 3), eps=0.1, distance_upper_bound=far)
        near = np.isfinite(distance)
        nearest = nearest[near]
        side = ((grid.reshape(-1, 3)[near] - points[nearest]) * normals[nearest]).sum(1)
        field = np.full(len(distance), far)
        field[near] = np.where(side < 0, -distance[near], distance[near])
        self.field = field.reshape(grid.shape[:3])
        self.slope = np.stack(np.gradient(self.field, step), -1)

    def distance(self, p):
        at = ((p - self.low) / self.step).reshape(-1, 3).T
        d = map_coordinates(self.field, at, order=1, mode="nearest")
        g = np.stack([map_coordinates(self.slope[..., k], at, order=1, mode="nearest") for k in range(3)], -1)
        return d.reshape(p.shape[:-1]), unit(g).reshape(p.shape)

    def sample(self, rng, count: int, density):
        """Roots [n, 3] and normals, about `count` where `density(points)` is 1."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        size = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        size = size * (density((a + b + c) / 3) > 0)
        pick = rng.choice(len(size), count, p=size / size.sum())
        u, v = rng.random((2, count, 1))
        u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
        p = a[pick] + u * (b - a)[pick] + v * (c - a)[pick]
        n = self.normals[self.triangles[pick]].mean(1)
        keep = rng.random(count) < density(p)
        return p[keep], unit(n[keep])


# The hairline: azimuth from the front in degrees -> height above the brows in metres. Ears sit near 95.
_LINE = np.array([
    (0, 0.060), (18, 0.062), (32, 0.058), (42, 0.046), (50, 0.028), (58, 0.014), (66, 0.004), (73, -0.022), (80, -0.034),
    (86, -0.012), (92, 0.004), (104, 0.002), (112, -0.022), (118, -0.060), (140, -0.078), (180, -0.085),
])  # fmt: skip


def scalp(lift: float = 0.0, temples: float = 0.0, sideburn: float = 1.0, soft: float = 0.005, seed: int = 0):
    """A density over the head: 1 on the scalp. `lift` raises the front hairline, `temples` its corners."""
    wobble = Noise(np.random.default_rng(seed), 0.012)

    def density(p):
        azimuth = np.degrees(np.arctan2(np.abs(p[..., 0]), -p[..., 1]))
        line = np.interp(azimuth, _LINE[:, 0], _LINE[:, 1])
        line = line - 0.006 + lift * np.exp(-((azimuth / 45) ** 2)) + temples * np.exp(-(((azimuth - 38) / 16) ** 2))
        line = np.where((azimuth > 60) & (azimuth < 86), np.maximum(line, -0.034 * sideburn), line)
        inside = p[..., 2] - line + 0.003 * wobble(p)[..., 0]
        ear = (np.abs(p[..., 0]) > 0.078) & (p[..., 2] < 0.012) & (azimuth > 80) & (azimuth < 118)
        return np.clip(inside / soft + 0.5, 0, 1) * ~ear * (p[..., 2] > -0.11)

    return density


# --------------------------------------------------------------------------------------------------- growth


@dataclass
class Style:
    density: object  # points -> 0..1
    wish: object  # (points [n, 3], roots, normals, s in 0..1) -> wanted direction [n, 3]
    length: object  # roots -> metres
    layer: object  # roots -> metres kept above the skin
    count: int = 50000
    guides: int = 1600
    steps: int = 14
    stiffness: float = 0.5  # share of its old direction that a step keeps
    clump: float = 0.4  # how far strands gather at their lock's tip
    locks: int = 2500
    wander: tuple = ((0.03, 0.25),)  # (feature size, strength) of noise along the guides
    frizz: float = 0.0006  # metres of single strands' own wander
    wave: tuple = (0.0, 0.05)  # (amplitude, wavelength) of locks
    flyaway: float = 0.03  # share of strands that leave the lock
    coil: tuple = (0.0, 0.01)  # (radius, pitch) of single curls
    radius: float = 0.00005
    cling: float = 0.0  # pull back towards the head of hair that has left its layer
    raise_root: float = 0.5  # first direction: share of the normal


def _walk(head: Head, style: Style, roots, normals, rng):
    length = style.length(roots)[:, None]
    layer = style.layer(roots)
    noises = [(Noise(rng, size), weight) for size, weight in style.wander]
    p = roots.copy()
    d = unit(style.wish(p, roots, normals, 0.0) * (1 - style.raise_root) + normals * style.raise_root)
    path = [p]
    step = length / (style.steps - 1)
    for i in range(1, style.steps):
        s = i / (style.steps - 1)
        wish = unit(style.wish(p, roots, normals, s))
        if style.cling:
            gap, out = head.distance(p)
            wish = unit(wish - (wish * out).sum(1, keepdims=True).clip(0) * out * style.cling)
            wish = wish - out * (style.cling * np.clip((gap - layer) / 0.012, 0, 1))[:, None]
        for noise, weight in noises:
            wish = wish + weight * noise(p + roots * 0.7)
        d = unit(style.stiffness * d + (1 - style.stiffness) * wish)
        q = p + d * step
        # Twice: the slope is only a direction near the field's creases.
        for _ in range(2):
            gap, out = head.distance(q)
            q = q + out * np.clip(layer * min(1, 3.0 * s) + 0.0004 - gap, 0, 0.03)[:, None]
        q = p + unit(q - p) * step
        d = unit(q - p)
        p = q
        path.append(p)
    return np.stack(path, 1)


def _resample(paths, share):
    """Cuts every path at `share` of its length, keeping the number of points."""
    k = paths.shape[1]
    at = np.linspace(0, 1, k)[None] * share[:, None] * (k - 1)
    i = np.minimum(at.astype(int), k - 2)
    f = (at - i)[..., None]
    rows = np.arange(len(paths))[:, None]
    return paths[rows, i] * (1 - f) + paths[rows, i + 1] * f


def _tangents(paths):
    return unit(np.gradient(paths, axis=1))


def grow(head: Head, style: Style, seed: int):
    """(points [n, k, 3] in the world, radius [n, k])."""
    rng = np.random.default_rng(seed)
    guide_roots, guide_normals = head.sample(rng, style.guides * 4, style.density)
    guide_roots, guide_normals = guide_roots[: style.guides], guide_normals[: style.guides]
    guides = _walk(head, style, guide_roots, guide_normals, rng)
    roots, normals = head.sample(rng, style.count, style.density)
    # A strand follows its three nearest guides, then gathers towards its lock's middle strand.
    def follow(points):
        distance, near = cKDTree(guide_roots).query(points, 3)
        # Guides that part ways (at a parting) must not be averaged: keep those that agree with the nearest.
        ends = guides[near][:, :, style.steps // 2] - guide_roots[near]
        agree = (unit(ends) * unit(ends[:, :1])).sum(-1) > 0.6
        weight = agree / (distance + 0.0015) ** 2
        weight = weight / weight.sum(1, keepdims=True)
        return points[:, None] + np.einsum("nk,nksc->nsc", weight, guides[near] - guide_roots[near][:, :, None])

    paths = follow(roots)
    lock_roots = roots[rng.choice(len(roots), min(style.locks, len(roots)), replace=False)]
    locks = follow(lock_roots)
    k = style.steps
    s = np.linspace(0, 1, k)[None, :, None]
    if style.wave[0]:
        tangent = _tangents(locks)
        side = unit(np.cross(tangent, [0, 0, 1.0]) + np.cross(tangent, [1.0, 0.2, 0]) * 0.5)
        length = np.linalg.norm(np.diff(locks, axis=1), axis=-1).sum(1)[:, None, None]
        slow = Noise(rng, 0.05)(lock_roots)
        phase = 2 * np.pi * s * length / (style.wave[1] * (1 + 0.12 * slow[:, None, :1])) + 2.2 * slow[:, None, 1:2]
        grow_in = np.clip(s * 2.5, 0, 1)
        bend = style.wave[0] * grow_in * (np.sin(phase) * side + 0.6 * np.cos(phase) * np.cross(tangent, side))
    else:
        bend = np.zeros_like(locks)
    _, near = cKDTree(lock_roots).query(roots)
    loose = rng.random(len(roots)) < style.flyaway
    pull = style.clump * rng.uniform(0.5, 1.15, len(roots)) * ~loose
    paths = paths + bend[near]
    paths = paths + pull[:, None, None] * np.clip(s, 0, 1) ** 0.8 * (locks[near] + bend[near] - paths)
    if style.coil[0]:
        tangent = _tangents(locks)
        side = unit(np.cross(tangent, unit(rng.normal(size=(len(locks), 1, 3)))))
        length = np.linalg.norm(np.diff(locks, axis=1), axis=-1).sum(1)[:, None, None]
        turn = rng.choice([-1, 1], (len(locks), 1, 1)) * 2 * np.pi * s * length / (style.coil[1] * rng.uniform(0.8, 1.25, (len(locks), 1, 1)))
        turn = turn + rng.uniform(0, 6.28, (len(locks), 1, 1))
        radius = style.coil[0] * rng.uniform(0.7, 1.3, (len(locks), 1, 1)) * np.clip(s * 4, 0, 1)
        # Strands of a lock sit side by side on its spiral.
        spread = rng.normal(0, 0.55, (len(roots), 1, 1))
        t, sd, r = turn[near] + spread, side[near], radius[near] * rng.uniform(0.75, 1.25, (len(roots), 1, 1))
        paths = paths + r * (np.cos(t) * sd + np.sin(t) * np.cross(tangent[near], sd))
    own = Noise(rng, 0.02)
    wild = np.where(loose, 5.0, 1.0)[:, None, None] * style.frizz
    offset = rng.uniform(-1, 1, (len(roots), 1, 3))
    paths = paths + wild * s * (own(paths + offset) + offset)
    paths = _resample(paths, rng.uniform(0.72, 1.0, len(roots)) ** 0.7)
    gap, out = head.distance(paths)
    paths = paths + out * np.clip(0.0003 - gap, 0, 0.03)[..., None] * (s > 0)
    radius = style.radius * rng.uniform(0.7, 1.25, (len(roots), 1)) * np.clip(1.15 - np.linspace(0, 1, k) ** 3, 0.15, 1)[None]
    return head.world(paths), radius


# -------------------------------------------------------------------------------------------- small hairs


def _bent(roots, first, last, length, k=6):
    """Strands that leave along `first` and end along `last`."""
    s = np.linspace(0, 1, k)[None, :, None]
    d = unit(first[:, None] * (1 - s) + last[:, None] * s)
    step = d * (length / (k - 1))[:, None, None]
    return roots[:, None] + np.concatenate([np.zeros_like(step[:, :1]), np.cumsum(step[:, :-1], 1)], 1)


def _taper(count, radius, k, rng):
    return radius * rng.uniform(0.75, 1.2, (count, 1)) * np.linspace(1.1, 0.25, k)[None]


def brows(head: Head, card, alpha, seed: int, count=520, length=0.0085, radius=0.00005, wild=0.18, spread=0.0008):
    """Hairs where the brow card's texture is opaque; `card` = (vertices in the head's frame, faces, corner UVs)."""
    rng = np.random.default_rng(seed)
    points, faces, uv = card
    tree = cKDTree(head.points)
    strand, radii = [], []
    for sign in (-1, 1):
        corners = points[faces]
        mine = np.sign(corners[..., 0].mean(1)) == sign
        c, u = corners[mine], uv[mine]
        pick = rng.integers(0, len(c), count * 12)
        a, b = rng.random((2, len(pick), 1))
        blend = lambda q: (q[pick, 0] * (1 - a) + q[pick, 1] * a) * (1 - b) + (q[pick, 3] * (1 - a) + q[pick, 2] * a) * b
        p, t = blend(c), blend(u)
        h, w = alpha.shape
        opaque = alpha[np.clip(((1 - t[:, 1]) * h).astype(int), 0, h - 1), np.clip((t[:, 0] * w).astype(int), 0, w - 1)]
        p = p[rng.random(len(p)) < opaque][:count]
        p = p + rng.normal(0, 1, p.shape) * spread * [1, 0, 1]
        across = np.abs(p[:, 0])
        along = np.clip((across - np.percentile(across, 2)) / np.ptp(np.percentile(across, [2, 98])), 0, 1)
        _, near = tree.query(p)
        n = head.normals[near]
        p = p + n * ((head.points[near] - p) * n).sum(1, keepdims=True)
        angle = np.interp(along, [0, 0.15, 0.5, 0.8, 1], np.radians([72, 48, 20, -8, -22])) + rng.normal(0, wild, len(p))
        # Upper hairs lie down towards the brow's spine, lower ones rise to it.
        middle = np.interp(along, np.linspace(0.05, 0.95, 10), [np.median(p[np.abs(along - x) < 0.08, 2]) for x in np.linspace(0.05, 0.95, 10)])
        angle = angle - np.clip((p[:, 2] - middle) / 0.003, -1, 1) * 0.35
        flat = lambda g: unit(np.stack([sign * np.cos(g), np.zeros_like(g), np.sin(g)], -1))
        tangent = lambda g: unit(flat(g) - (flat(g) * n).sum(1, keepdims=True) * n)
        size = length * np.interp(along, [0, 0.3, 1], [0.85, 1.0, 0.7]) * rng.uniform(0.6, 1.1, len(p))
        strand.append(_bent(p - n * 0.0002, unit(tangent(angle) + 0.38 * n), unit(tangent(angle - 0.35) + 0.02 * n), size))
        radii.append(_taper(len(p), radius, 6, rng))
    return head.world(np.concatenate(strand)), np.concatenate(radii)


def lashes(human, seed: int, upper=150, lower=70, scale=1.0, radius=0.000055):
    """Lashes from root rim to tip rim of MakeHuman's lash helpers, in the world."""
    rng = np.random.default_rng(seed)
    strand, radii = [], []
    for side, (centre, ball) in zip("rl", human.eyes()):
        for number, count, reach in ((2, upper, 1.0), (1, lower, 0.75)):
            points = human.group(f"helper-{side}-eyelashes-{number}")
            gap = np.linalg.norm(points - centre, axis=1) - ball
            order = np.argsort(np.abs(points[:, 0]))
            line = lambda mask: points[order][mask[order]]
            root, tip = line(gap < -0.0004), line(gap > 0.0033)
            t = rng.random(count) ** 0.9 * 0.92 + 0.06
            along = lambda chain, at: np.stack([np.interp(at, np.linspace(0, 1, len(chain)), chain[:, k]) for k in range(3)], -1)
            a, b = along(root, t), along(tip, np.clip(t + rng.normal(0, 0.03, count), 0, 1))
            out = unit(a - centre)
            a = centre + out * np.maximum(np.linalg.norm(a - centre, axis=1, keepdims=True), ball + 0.0003)
            aim = b - a
            size = np.linalg.norm(aim, axis=1) * reach * scale * rng.uniform(0.65, 1.05, count) * (1.0 + 0.25 * t)
            up = np.array([0, 0, 1.0 if number == 2 else -1.0])
            strand.append(_bent(a, unit(unit(aim) + 0.45 * out - 0.35 * up), unit(unit(aim) + 0.7 * up), size, 7))
            radii.append(_taper(count, radius * (1 if number == 2 else 0.7), 7, rng))
    return np.concatenate(strand), np.concatenate(radii)


def short_hairs(head: Head, density, count: int, length: float, radius: float, seed: int, lean=0.5, sweep=(0, 0.1, -1)):
    """Stubble, down on cheeks: short hairs that lean along `sweep`."""
    rng = np.random.default_rng(seed)
    p, n = head.sample(rng, count, density)
    along = np.array(sweep, float) + 0.25 * rng.normal(size=p.shape)
    along = unit(along - (along * n).sum(1, keepdims=True) * n)
    size = length * rng.uniform(0.4, 1.1, len(p))
    return head.world(_bent(p - n * 0.0002, unit(n + lean * along), unit(0.6 * n + 2 * lean * along), size, 4)), _taper(len(p), radius, 4, rng)


def opaque(path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., 3].astype(np.float32) / 255
