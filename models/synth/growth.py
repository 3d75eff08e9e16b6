"""Where and how hair grows on one head: beards of all centuries, hairlines, haircuts made of fur. Masks per drawn
skin vertex; the fur's length scales with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import head_layout as layout
import meshes
from makehuman import mean_vertices


@dataclass
class Beard:
    regions: tuple  # length share of moustache, chin, cheeks and sideburns, neck
    length: float  # dm
    droop: np.ndarray  # [3]
    coverage: float


@dataclass
class Cut:
    """Hair as a coat of fur on the scalp."""

    length: float
    droop: np.ndarray  # [3], added to the surface's normal
    part: tuple  # (x of the parting, strength of the sweep to both sides)
    curl: float
    front: float  # how far the hairline has receded, 0..1
    crown: float  # bald crown, 0..1
    sides: float  # length of the sides against the top


def _step(x, middle, soft):
    return 0.5 + 0.5 * np.tanh((x - middle) / (2 * soft))


@lru_cache(maxsize=None)
def _beard_regions() -> np.ndarray:
    """[4, N]: moustache, chin, cheeks, neck; they share the beard's mask."""
    mesh, mean = meshes.skin_mesh(), mean_vertices()
    x, y, z = np.abs(mean[mesh.source, 0]), mean[mesh.source, 1], mean[mesh.source, 2]
    marks = mean[layout.landmarks68()]
    lip, corner = marks[62, 1], marks[54, 0]
    whole = mesh.facts[:, 2]
    moustache = _step(y, lip + 0.02, 0.015) * _step(-x, -corner - 0.06, 0.02)
    neck = _step(-y, -marks[8, 1] - 0.02, 0.04) * _step(-z, -0.95, 0.06)
    chin = _step(-y, -lip - 0.02, 0.02) * _step(-x, -0.24, 0.03) * (1 - neck)
    cheeks = (1 - moustache) * (1 - chin) * (1 - neck)
    return whole * np.stack([moustache, chin, cheeks, neck])


def beard_mask(regions) -> np.ndarray:
    return np.asarray(regions, np.float32) @ _beard_regions()


@lru_cache(maxsize=None)
def _scalp() -> tuple[np.ndarray, np.ndarray]:
    mesh = meshes.skin_mesh()
    return np.clip(-mesh.facts[:, 3], 0, 1), mean_vertices()[mesh.source]


def scalp_mask(cut: Cut) -> np.ndarray:
    scalp, p = _scalp()
    top, front = p[scalp > 0.5, 1].max(), p[scalp > 0.5, 2].max()
    x = np.abs(p[:, 0])
    # The temples recede first.
    line = front - 0.05 - cut.front * (0.75 + 0.5 * np.exp(-(((x - 0.35) / 0.15) ** 2)))
    mask = scalp * np.where(p[:, 1] > 7.3, _step(line - p[:, 2], 0, 0.04), 1) if cut.front > 0 else scalp
    bald = np.exp(-((np.hypot(p[:, 0], p[:, 2] - 0.1) / (0.15 + 0.6 * cut.crown)) ** 4)) * (p[:, 1] > top - 0.5)
    mask = mask * (1 - bald * (cut.crown > 0))
    side = _step(-p[:, 1], -(top - 0.75), 0.08)
    return mask * (1 - side * (1 - cut.sides))


def random_cut(rng, old: float, male: bool) -> Cut:
    style = rng.choice(["back", "parted", "side", "short", "curly", "long", "upswept"], p=[0.18, 0.22, 0.16, 0.16, 0.12, 0.08, 0.08] if male else [0.15, 0.4, 0.08, 0.05, 0.17, 0.15, 0.0])
    u = rng.uniform
    side = rng.choice([-1, 1])
    length, droop, part = {
        "back": (u(0.12, 0.35), [0, -0.2, u(-1.6, -0.8)], (0, u(0, 0.5))),
        "parted": (u(0.15, 0.4), [0, u(-0.8, -0.3), u(-0.5, 0.1)], (u(-0.4, 0.4) if male else u(-0.1, 0.1), u(0.8, 1.8))),
        "side": (u(0.12, 0.32), [side * u(0.7, 1.5), -0.2, u(-0.3, 0.4)], (0, 0.0)),
        "short": (u(0.05, 0.12), [0, -0.1, u(-0.4, 0.5)], (0, 0.0)),
        "curly": (u(0.15, 0.45), [0, u(-0.3, 0), 0], (0, u(0, 0.4))),
        "long": (u(0.4, 0.8), [0, u(-1.3, -0.9), -0.6], (0, u(0.5, 0.9))),
        "upswept": (u(0.15, 0.4), [0, 0.5, u(-0.6, 0.1)], (u(-0.3, 0.3), u(0, 0.5))),
    }[style]
    curl = u(0.5, 1.0) if style == "curly" else u(0.0, 0.4)
    balding = male and rng.random() < 0.15 + 0.45 * old
    sides = u(0.15, 0.6) if male and style not in ("long", "curly") and rng.random() < 0.7 else u(0.6, 1.0)
    return Cut(length, np.array(droop), part, curl, u(0.1, 1.0) if balding else 0.0, u(0.3, 1.0) if balding and rng.random() < 0.5 else 0.0, sides)


def random_beard(rng) -> Beard:
    """Regions are moustache, chin, cheeks, neck."""
    kind = rng.choice(["short", "full", "long", "moustache", "walrus", "goatee", "imperial", "sideburns", "chops", "chin curtain"],
                      p=[0.15, 0.16, 0.17, 0.09, 0.12, 0.10, 0.05, 0.05, 0.06, 0.05])  # fmt: skip
    u = rng.uniform
    regions, length, down = {
        "short": ((0.8, 1, 0.8, u(0.3, 1)), u(0.03, 0.08), 0.4),
        "full": ((u(0.4, 0.9), 1, u(0.5, 1), 0.9), u(0.12, 0.35), 0.5),
        "long": ((u(0.2, 0.45), 1, u(0.3, 0.7), 0.9), u(0.4, 1.1), 0.9),
        "moustache": ((1, 0, 0, 0), u(0.05, 0.14), 0.5),
        "walrus": ((1, 0, 0, 0), u(0.16, 0.26), 1.1),
        "goatee": ((u(0.3, 0.7), 1, 0, u(0, 0.4)), u(0.1, 0.4), 0.7),
        "imperial": ((1, 0.9, 0, 0), u(0.12, 0.25), 0.8),
        "sideburns": ((0, 0, 1, 0), u(0.05, 0.2), 0.4),
        "chops": ((0.9, 0, 1, 0), u(0.12, 0.3), 0.5),
        "chin curtain": ((0, 0.9, 0.8, 1), u(0.15, 0.6), 0.7),
    }[kind]
    return Beard(tuple(regions), length, np.array([0, -down, 0.1]), u(0.8, 1.15))
