"""Standing collars and cravats of the 19th century: a strip of cloth around the neck, up to the jaw, and a bow or a
knot before it."""

from __future__ import annotations

import numpy as np

import head_layout as layout
import meshes

ANGLES = 32


def _ring(vertices: np.ndarray, height: float) -> tuple[np.ndarray, np.ndarray]:
    """(middle, radius [ANGLES]) of the neck at `height`; angle 0 is the subject's left, a quarter turn the front."""
    skin = vertices[meshes.skin_mesh().source]
    near = skin[(np.abs(skin[:, 1] - height) < 0.12) & (np.abs(skin[:, 0]) < 0.8)]
    middle = np.array([0.0, height, 0.5 * (near[:, 2].min() + near[:, 2].max())])
    d = near - middle
    angle, far = np.arctan2(d[:, 2], d[:, 0]), np.hypot(d[:, 0], d[:, 2])
    radius = np.empty(ANGLES)
    for k in range(ANGLES):
        off = np.abs((angle - 2 * np.pi * k / ANGLES + np.pi) % (2 * np.pi) - np.pi)
        radius[k] = far[off < 0.35].max(initial=0.45)
    radius = np.minimum(radius, 0.75)
    for _ in range(3):
        radius = 0.25 * np.roll(radius, 1) + 0.5 * radius + 0.25 * np.roll(radius, -1)
    return middle, radius


def parts(vertices: np.ndarray, high: float, bow: float) -> list[list[tuple]]:
    """[collar's meshes, tie's meshes]; `high` 0..1 lifts the collar towards the jaw, `bow` is the knot's half-width, dm."""
    chin = vertices[layout.landmarks68()[8], 1]
    middle, radius = _ring(vertices, chin - 0.5)
    angle = 2 * np.pi * np.arange(ANGLES) / ANGLES
    front = np.clip(np.sin(angle), 0, 1)
    tops = chin - 0.42 + 0.34 * high - 0.10 * front**8
    rows = []
    for share, flare in ((0.0, 0.10), (0.5, 0.06), (1.0, 0.05)):
        bottom = np.full(ANGLES, chin - 0.85)
        r = radius + flare
        rows.append(np.stack([r * np.cos(angle), bottom + share * (tops - bottom), middle[2] + r * np.sin(angle)], 1))
    points = np.concatenate(rows).astype(np.float32)
    k = np.arange(ANGLES)
    n = (k + 1) % ANGLES
    strips = [np.concatenate([np.stack([a + k, b + k, b + n], 1), np.stack([a + k, b + n, a + n], 1)]) for a, b in ((0, ANGLES), (ANGLES, 2 * ANGLES))]
    collar = (points, np.concatenate(strips).astype(np.int32))
    z = middle[2] + radius[ANGLES // 4] + 0.12
    y = chin - 0.70
    u = np.linspace(-1, 1, 9)
    knot = np.stack([bow * u, y - 0.05 * np.abs(u), z - 0.15 * u**2], 1)
    band = np.stack([(radius + 0.1) * np.cos(angle), np.full(ANGLES, y - 0.02), middle[2] + (radius + 0.1) * np.sin(angle)], 1)
    return [[collar], [meshes.tube(knot, 0.06 + 0.13 * np.abs(u) ** 0.7, False, 8), meshes.tube(band, 0.09, True, 6)]]
