"""Children from 4 to 18: MakeHuman's targets here begin at 25, so the proportions are bent by hand. A child's face lies
low under a large skull, with large eyes, a small nose and jaw, on a thin neck and narrow shoulders."""

from __future__ import annotations

import numpy as np

import head_layout as layout
import topology
from makehuman import apply_target, load_base

_CHANGES = {
    "head/head-age-decr": 0.5, "head/head-round": 0.35, "eyes/l-eye-scale-incr": 0.5, "eyes/r-eye-scale-incr": 0.5,
    "nose/nose-scale-vert-decr": 0.4, "nose/nose-scale-depth-decr": 0.5, "nose/nose-width3-decr": 0.3,
    "nose/nose-hump-decr": 0.3, "nose/nose-point-up": 0.3, "nose/nose-curve-concave": 0.3,
    "chin/chin-height-decr": 0.5, "chin/chin-prominent-decr": 0.3, "chin/chin-bones-decr": 0.4,
    "cheek/l-cheek-volume-incr": 0.5, "cheek/r-cheek-volume-incr": 0.5, "mouth/mouth-scale-horiz-decr": 0.3,
    "neck/neck-scale-horiz-decr": 0.5, "neck/neck-scale-depth-decr": 0.5,
}  # fmt: skip


def grow_down(vertices: np.ndarray, age: float, rng) -> None:
    """Makes an adult's vertices a child's, in place."""
    before = vertices.copy()
    sockets = {side: _socket(vertices, side) for side in ("left", "right")}
    young = float(np.clip((18 - age) / 14, 0, 1)) ** 0.7
    for name, weight in _CHANGES.items():
        apply_target(vertices, name, young * weight * rng.uniform(0.7, 1.2))
    marks = vertices[layout.landmarks68()]
    # The face below the eyes becomes shorter and narrower.
    eyes = marks[36:48, 1].mean() - 0.16
    below = np.clip((eyes - vertices[:, 1]) / 0.2, 0, 1)
    vertices[:, 1] += young * 0.13 * np.maximum(eyes - vertices[:, 1], 0).clip(0, 1.0)
    vertices[:, 0] *= 1 - 0.10 * young * below
    # Everything below the skull shrinks towards the neck.
    trunk = 1 - layout.rigidity()
    neck = np.array([0, marks[8, 1] - 0.2, 0.0])
    vertices += (trunk * -0.32 * young)[:, None] * (vertices - neck) * [1, 0.15, 1]
    # Milk teeth, and less gum below the lip.
    teeth = load_base().group_vertices("helper-upper-teeth", "helper-lower-teeth", "helper-tongue")
    middle = vertices[teeth].mean(0)
    vertices[teeth] = middle + (vertices[teeth] - middle) * (1 - 0.22 * young)
    # The eyeballs keep their place behind the lids.
    for side, (centre, width) in sockets.items():
        ball = load_base().group_vertices(f"helper-{side[0]}-eye")
        middle, now = _socket(vertices, side)
        vertices[ball] = middle + (now / width) * (before[ball] - centre)


def _socket(vertices: np.ndarray, side: str) -> tuple[np.ndarray, float]:
    """(middle of the lids' rim, its width)."""
    rim = vertices[np.union1d(*topology.lid_loops(side))]
    return rim.mean(0), float(np.ptp(rim[:, 0]))
