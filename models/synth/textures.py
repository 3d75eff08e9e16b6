"""The pictures that the renderer samples: assets reduced to the size that 224-pixel portraits need, and noise."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from makehuman import heads_root, list_skins


def read(path: Path, size: int) -> np.ndarray:
    """RGBA uint8 [size, size, 4], first row = bottom (OpenGL's order)."""
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    if picture.shape[2] == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
    return np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA)[::-1])


@lru_cache(maxsize=None)
def skin_names() -> tuple[str, ...]:
    return tuple(path.stem for path in list_skins())


@lru_cache(maxsize=None)
def skin(index: int) -> np.ndarray:
    return read(list_skins()[index], 1024)


@lru_cache(maxsize=None)
def skin_tone(index: int) -> np.ndarray:
    """Linear RGB [3] of a skin's cheeks."""
    picture = skin(index)[::-1].astype(np.float32) / 255
    # The cheek beside the nose, where all MakeHuman skins have it: see the UV layout.
    patch = picture[int(0.455 * 1024) : int(0.475 * 1024), int(0.885 * 1024) : int(0.905 * 1024), :3]
    return (patch.reshape(-1, 3).mean(0)) ** 2.0


@lru_cache(maxsize=None)
def eyes() -> list[tuple[str, np.ndarray]]:
    paths = sorted((heads_root() / "base" / "eyes" / "materials").glob("*.png"))
    return [(path.stem, read(path, 512)) for path in paths]


def _octaves(rng: np.random.Generator, size: int, cells: list[int], fall: float) -> np.ndarray:
    """Tileable noise in 0..1 with a flat histogram, [size, size]."""
    total = np.zeros((size, size), np.float32)
    for k, n in enumerate(cells):
        grid = rng.standard_normal((n, n)).astype(np.float32)
        grid = np.pad(grid, 2, mode="wrap")
        scale = size // n
        big = cv2.resize(grid, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        total += big[2 * scale : 2 * scale + size, 2 * scale : 2 * scale + size] * fall**k
    order = total.ravel().argsort()
    flat = np.empty(size * size, np.float32)
    flat[order] = np.linspace(0, 1, size * size, dtype=np.float32)
    return flat.reshape(size, size)


@lru_cache(maxsize=None)
def noise() -> np.ndarray:
    """RGBA uint8 [256, 256, 4], tileable: r and g clouds at pore scale, b single hairs, a broad clouds."""
    rng = np.random.default_rng(7)
    channels = [
        _octaves(rng, 256, [32, 64, 128], 0.8),
        _octaves(rng, 256, [16, 32, 64, 128], 0.7),
        _octaves(rng, 256, [64, 128], 1.0),
        _octaves(rng, 256, [4, 8, 16, 32], 0.6),
    ]
    return (np.stack(channels, -1) * 255).astype(np.uint8)
