"""Where skin folds with age and smiling, drawn over the skin's UVs: grooves below one half, ridges above.

Lines are defined on the mean head in decimetres, so they sit right on everybody."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.interpolate import LinearNDInterpolator

import head_layout as layout
import meshes
from makehuman import mean_vertices

SIZE = 1024
CHANNELS = ("forehead", "eyes", "nasolabial", "mouth")


@lru_cache(maxsize=None)
def picture() -> np.ndarray:
    """RGBA uint8 [SIZE, SIZE, 4], first row = bottom: one channel for each of `CHANNELS`."""
    mesh, mean = meshes.skin_mesh(), mean_vertices()
    head = mean[mesh.source, 1] > 5.7
    uv, places = mesh.uv[head], mean[mesh.source][head]
    low = np.floor(uv.min(0).clip(0, 1) * SIZE).astype(int)
    high = np.ceil(uv.max(0).clip(0, 1) * SIZE).astype(int)
    x, y = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    position = LinearNDInterpolator(uv, places, fill_value=0)((x + 0.5) / SIZE, (y + 0.5) / SIZE)
    result = np.full((SIZE, SIZE, 4), 128, np.uint8)
    folds = np.stack(_folds(position), -1)
    result[low[1] : high[1], low[0] : high[0]] = np.clip(128 + 127 * folds, 0, 255)
    return result


def _line(distance: np.ndarray, width: float) -> np.ndarray:
    """A groove between two soft ridges."""
    return 0.45 * np.exp(-((distance / (2.6 * width)) ** 2)) - 1.2 * np.exp(-((distance / width) ** 2))


def _distance(x, y, path) -> np.ndarray:
    """From points to a polyline in the front view."""
    best = np.full(x.shape, 9.0)
    for (ax, ay), (bx, by) in zip(path[:-1], path[1:]):
        dx, dy = bx - ax, by - ay
        t = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
        best = np.minimum(best, np.hypot(x - ax - t * dx, y - ay - t * dy))
    return best


def _folds(position: np.ndarray):
    marks = mean_vertices()[layout.landmarks68()]
    side, x, y, z = np.sign(position[..., 0]), np.abs(position[..., 0]), position[..., 1], position[..., 2]
    front = np.clip((z - 0.55) / 0.3, 0, 1)
    brow = marks[[19, 24], 1].mean()
    wave = 0.012 * np.sin(5 * position[..., 0] + 1) + 0.005 * np.sin(19 * position[..., 0])
    forehead = sum(_line(y + wave * (1 + 0.7 * np.sin(9 * k)) - brow - 0.14 - 0.125 * k, 0.016) * np.clip((0.52 - 0.06 * k - x) / 0.15, 0, 1) for k in range(4))
    frown = _line(x - 0.075 - 0.02 * side, 0.014) * np.exp(-(((y - brow + 0.02) / 0.12) ** 2))
    forehead = (forehead + frown) * front

    outer, inner = marks[45], marks[42]
    along = np.hypot(x - outer[0], z - outer[2]) * np.sign(x - outer[0])
    angle, far = np.arctan2(y - outer[1] + 0.01, along), np.hypot(along, y - outer[1])
    crow = -np.cos(angle * 2 * np.pi / 0.42) * (np.abs(angle) < 0.85) * np.clip((far - 0.05) / 0.05, 0, 1) * np.clip((0.30 - far) / 0.12, 0, 1)
    middle = 0.5 * (outer + inner)
    radius = np.hypot((x - middle[0]) / 1.25, y - middle[1])
    below = np.clip((middle[1] - 0.02 - y) / 0.05, 0, 1) * (radius < 0.4)
    bags = (0.8 * _line(radius - 0.185, 0.016) + 0.4 * _line(radius - 0.135, 0.010)) * below
    eyes = (0.55 * crow + bags) * front

    wing, corner = marks[35], marks[54]
    path = [(wing[0] + 0.015, wing[1] + 0.06), (wing[0] + 0.09, wing[1] - 0.03), (corner[0] + 0.07, corner[1] + 0.10), (corner[0] + 0.085, corner[1] - 0.03)]
    nasolabial = _line(_distance(x, y, path), 0.020) * front
    path = [(corner[0] + 0.015, corner[1] - 0.03), (corner[0] + 0.05, corner[1] - 0.14), (corner[0] + 0.04, corner[1] - 0.26)]
    mouth = _line(_distance(x, y, path), 0.018)
    # Fine upright lines over the upper lip, and the crease above the chin.
    lip = marks[51, 1]
    mouth += 0.25 * np.cos(x * 2 * np.pi / 0.05) * np.exp(-(((y - lip - 0.06) / 0.05) ** 2)) * (x < 0.22)
    mouth += 0.5 * _line(y - marks[57, 1] + 0.09 + 0.6 * x**2, 0.022) * (x < 0.2)
    return forehead, eyes, nasolabial, mouth * front
