"""Things before a face: a hand, a microphone, a cup, a telephone, a scarf's edge. Meshes in the world, dm, built around
the posed landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import meshes

KINDS = {"cheek hand": 0.22, "mouth hand": 0.13, "microphone": 0.22, "stand": 0.13, "cup": 0.1, "phone": 0.1, "scarf": 0.1}


@dataclass
class Part:
    points: np.ndarray
    triangles: np.ndarray
    tint: np.ndarray  # linear RGB
    gloss: float
    skin: bool


def random_occluder(rng, marks: np.ndarray, tone: np.ndarray) -> tuple[str, list[Part]]:
    """(kind, parts); `marks` [68, 3] in the world, the camera at +z."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    side = rng.choice([-1.0, 1.0])
    mouth, chin, eye = marks[[51, 57]].mean(0), marks[8], marks[45 if side > 0 else 36]
    front = marks[:, 2].max()
    if kind == "cheek hand":
        # A palm under the jaw, fingers up the cheek.
        place = chin + [side * rng.uniform(0.2, 0.6), rng.uniform(-0.2, 0.2), 0]
        place[2] = rng.uniform(0.4, 1.0) * (front - chin[2]) + chin[2]
        return kind, _hand(rng, place, _towards([side * rng.uniform(-0.2, 0.4), 1, rng.uniform(-0.2, 0.2)]), rng.uniform(0.0, 0.5), tone)
    if kind == "mouth hand":
        place = mouth + [side * rng.uniform(0.4, 1.0), rng.uniform(-0.7, 0.1), 0]
        place[2] = front + rng.uniform(0.0, 0.3)
        return kind, _hand(rng, place, _towards([-side * rng.uniform(0.6, 1), rng.uniform(0.1, 0.8), 0]), rng.uniform(0.0, 0.7), tone)
    if kind in ("microphone", "stand"):
        head = mouth + [side * rng.uniform(0, 0.35), rng.uniform(-0.75, -0.05), 0]
        head[2] = front + rng.uniform(0.15, 0.6)
        down = _towards([side * rng.uniform(0, 0.9), -1, rng.uniform(-0.2, 0.6)])
        radius, dark = rng.uniform(0.2, 0.32), rng.uniform(0.01, 0.05) * np.ones(3)
        parts = [_part(_ball(head, radius), rng.choice([0.03, 0.12, 0.3]) * np.ones(3), 1.0)]
        parts.append(_part(_tube(head + down * 0.15, head + down * 2.2, 0.11 if kind == "microphone" else 0.07), dark, 0.8))
        if kind == "microphone":
            parts += _hand(rng, head + down * rng.uniform(0.7, 1.2) + [side * 0.3, 0, 0.05], _towards([-side, 0.15, 0.1]), 1.5, tone)
        return kind, parts
    if kind == "cup":
        place = mouth + [side * rng.uniform(0, 0.4), rng.uniform(-0.9, -0.2), 0]
        place[2] = front + 0.35
        axis = _towards([rng.normal(0, 0.2), 1, rng.uniform(-0.2, 0.3)])
        cup = _limb(np.linspace(place - axis * 0.45, place + axis * 0.45, 8), np.linspace(0.28, 0.38, 8), 14, flat=True)
        return kind, [_part(cup, rng.uniform(0.02, 0.7, 3), 0.8)] + _hand(rng, place + [side * 0.45, -0.1, 0.1], _towards([-side, 0.1, 0.3]), 1.2, tone)
    if kind == "phone":
        place = (marks[14 if side > 0 else 2] + 0.4 * (mouth - marks[14 if side > 0 else 2])) if rng.random() < 0.5 else 0.5 * (eye + chin) + [side * 0.2, 0, 0]
        place[2] = front + 0.15
        up = _towards([rng.normal(0, 0.3), 1, 0])
        return kind, [_part(_box(place, up, 0.36, 0.75), rng.uniform(0.005, 0.08) * np.ones(3), 1.2)] + _hand(rng, place + [side * 0.45, -0.4, 0.12], _towards([-side, 0.4, 0]), 0.9, tone)
    # A scarf: thick folds around the neck, up to the chin or the mouth.
    height = chin[1] + rng.uniform(-0.35, 0.45)
    turns = []
    colour = rng.uniform(0.02, 0.6, 3)
    middle = np.array([chin[0], 0, 0.5 * (chin[2] + marks[[0, 16], 2].mean())])
    for k in range(3):
        a = np.linspace(0, 2 * np.pi, 40)
        ring = np.stack([0.95 * np.cos(a), 0.1 * np.sin(2 * a + k + rng.uniform(0, 6)) + height - 0.27 * k, 0.75 * np.sin(a)], 1) + middle
        turns.append(_part(meshes.tube(ring, 0.2 + 0.05 * np.sin(3 * a + k), True, 10), colour * rng.uniform(0.8, 1.2), 0.05))
    return kind, turns


def _towards(v) -> np.ndarray:
    return np.asarray(v, float) / np.linalg.norm(v)


def _part(mesh, tint, gloss: float, skin: bool = False) -> Part:
    return Part(*mesh, np.asarray(tint, float), gloss, skin)


def _tube(a, b, radius, sides: int = 10):
    """A capsule from `a` to `b`; `radius` may vary along it."""
    radius = np.broadcast_to(radius, 8) if np.ndim(radius) == 0 else np.asarray(radius)
    return _limb(np.linspace(a, b, len(radius)), radius, sides)


def _limb(path: np.ndarray, radius: np.ndarray, sides: int = 10, flat: bool = False):
    """A tube with round or flat ends."""
    path, radius = np.asarray(path, float), np.asarray(radius, float)
    first, last = _towards(path[0] - path[1]), _towards(path[-1] - path[-2])
    caps = [(0.0, 0.05), (0.0, 0.9), (0.0, 1.0)] if flat else [(0.99, 0.05), (0.8, 0.6), (0.45, 0.9)]
    path = path + (1e-4 * np.arange(len(path)))[:, None]  # no two rings in one place
    path = np.concatenate([[path[0] + first * radius[0] * c for c, _ in caps], path, [path[-1] + last * radius[-1] * c for c, _ in caps[::-1]]])
    radius = np.concatenate([[radius[0] * s for _, s in caps], radius, [radius[-1] * s for _, s in caps[::-1]]])
    return meshes.tube(path, radius, False, sides)


def _ball(centre, radius: float):
    return _limb(np.stack([centre - [0, 0.01, 0], centre + [0, 0.01, 0]]), np.array([radius, radius]), 14)


def _box(centre, up, half_width: float, half_height: float):
    """A thin slab facing the camera."""
    side = np.cross(up, [0, 0, 1.0])
    corners = np.array([[x, y, z] for z in (-0.04, 0.04) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    points = centre + corners[:, :1] * half_width * side + corners[:, 1:2] * half_height * up + corners[:, 2:] * [0, 0, 1]
    quads = [[4, 5, 6, 7], [3, 2, 1, 0], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
    triangles = np.array([t for a, b, c, d in quads for t in ([a, b, c], [a, c, d])], np.int32)
    # Every side has corners of its own, so that edges stay sharp.
    return points[triangles].reshape(-1, 3).astype(np.float32), np.arange(triangles.size, dtype=np.int32).reshape(-1, 3)


def _hand(rng, palm: np.ndarray, along: np.ndarray, curl: float, tone: np.ndarray) -> list[Part]:
    """Capsules: a forearm, the back of the hand, five fingers that start at `palm`, run `along` and bend away from the
    camera."""
    tone = tone * rng.uniform(0.85, 1.1)
    across = _towards(np.cross(along, [0, 0, 1.0]))
    thumb_side = rng.choice([-1.0, 1.0])
    into = -_towards(np.cross(across, along)) * np.sign(np.cross(across, along)[2])
    parts = []
    for k in range(4):
        start = palm + across * (0.19 * (k - 1.5))
        spread = across * (k - 1.5) * rng.uniform(0.02, 0.12)
        path, angle = [start - along * 0.75 * (1 - 0.05 * k), start], rng.normal(0.1, 0.05)
        for bone in np.array([0.42, 0.28, 0.2]) * (1.0, 1.08, 1.0, 0.8)[k if thumb_side < 0 else 3 - k]:
            path.append(path[-1] + bone * _towards(along * np.cos(angle) + into * np.sin(angle) + spread))
            angle += curl * rng.uniform(0.85, 1.1)
        parts.append(_part(_limb(path, [0.15, 0.125, 0.105, 0.09, 0.075]), tone, 0.3, True))
    base = palm - along * 0.6 + across * thumb_side * 0.3
    tip = _towards(along * 0.7 + across * thumb_side * rng.uniform(0.2, 1.0) + into * 0.3 * curl)
    parts.append(_part(_limb([base - along * 0.2, base + tip * 0.25, base + tip * 0.55, base + (tip + 0.3 * along) * 0.75], [0.16, 0.14, 0.11, 0.09]), tone, 0.3, True))
    wrist = palm - along * 0.85
    arm = _towards(-along + np.array([0, -0.6, 0.1]))
    parts.append(_part(_limb([wrist + along * 0.2, wrist, wrist + arm * 0.5, wrist + arm * 1.1], [0.26, 0.23, 0.25, 0.3]), tone, 0.3, True))
    if rng.random() < 0.7:
        parts.append(_part(_limb([wrist + arm * 0.5, wrist + arm * 1.2, wrist + arm * 3.5], [0.33, 0.36, 0.45]), 10 ** rng.uniform(-2, -0.2) * rng.uniform(0.6, 1.2, 3), 0.05))
    return parts
