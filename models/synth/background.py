"""Procedural backgrounds: studio backdrops, gradients, blurred clutter, bokeh, stripes, and skin-coloured distractors.

A pool is made once for a size; pictures take a random crop of it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

POOL = 160


def _colour(rng) -> np.ndarray:
    value = rng.uniform(10, 245)
    hue = rng.uniform(-1, 1, 3) * rng.choice([5, 25, 80])
    return np.clip(value + hue - hue.mean(), 0, 255)


def _skin_colour(rng) -> np.ndarray:
    return np.clip(np.array([225, 170, 140]) * rng.uniform(0.25, 1.05) * rng.uniform(0.92, 1.08, 3), 0, 255)


def _noise(rng, size: int, cells: int) -> np.ndarray:
    return cv2.resize(rng.standard_normal((cells, cells)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)


def _gradient(rng, size: int) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    ramp = x * np.cos(angle) + y * np.sin(angle) + 0.5 if rng.random() < 0.5 else 1.6 * np.hypot(x - rng.uniform(-0.3, 0.3), y - rng.uniform(-0.3, 0.3))
    ramp = np.clip(ramp, 0, 1)[..., None]
    return _colour(rng) * (1 - ramp) + _colour(rng) * ramp


def _shapes(rng, picture: np.ndarray, count: int, blur: float, skin: float = 0.15) -> np.ndarray:
    size = len(picture)
    for _ in range(count):
        colour = (_skin_colour(rng) if rng.random() < skin else _colour(rng)).tolist()
        centre = rng.uniform(0, size, 2)
        kind = rng.integers(4)
        if kind == 0:
            axes = rng.uniform(0.03, 0.3, 2) * size
            cv2.ellipse(picture, centre.astype(int).tolist(), axes.astype(int).tolist(), rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
        elif kind == 1:
            box = cv2.boxPoints((centre.tolist(), (rng.uniform(0.05, 0.7, 2) * size).tolist(), rng.choice([0, 90, rng.uniform(0, 90)])))
            cv2.fillPoly(picture, [box.astype(np.int32)], colour, cv2.LINE_AA)
        elif kind == 2:
            points = centre + rng.normal(0, 0.2 * size, (rng.integers(3, 7), 2))
            cv2.fillPoly(picture, [points.astype(np.int32)], colour, cv2.LINE_AA)
        else:
            end = centre + rng.normal(0, 0.5 * size, 2)
            cv2.line(picture, centre.astype(int).tolist(), end.astype(int).tolist(), colour, int(rng.integers(1, 20)), cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), blur) if blur > 0.3 else picture


def _stripes(rng, size: int) -> np.ndarray:
    """Curtains, flags, panelling."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    angle = rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)])
    phase = (x * np.cos(angle) + y * np.sin(angle)) / size * rng.uniform(4, 30) + _noise(rng, size, 5) * rng.uniform(0, 0.6)
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * phase)
    wave = (wave > 0.5).astype(np.float32) if rng.random() < 0.4 else wave
    return _colour(rng) * (1 - wave[..., None]) + _colour(rng) * wave[..., None]


def _bokeh(rng, size: int) -> np.ndarray:
    picture = (_gradient(rng, size) * 0.4).astype(np.float32)
    for _ in range(rng.integers(15, 60)):
        light = np.zeros((size, size), np.float32)
        radius = rng.uniform(0.015, 0.07) * size
        cv2.circle(light, rng.integers(0, size, 2).tolist(), int(radius), 1, -1, cv2.LINE_AA)
        picture += cv2.GaussianBlur(light, (0, 0), radius * 0.15 + 0.5)[..., None] * _colour(rng) * rng.uniform(0.15, 0.8)
    return picture


def _make(rng, size: int) -> np.ndarray:
    kind = rng.choice(["studio", "flat", "gradient", "clutter", "blurred", "stripes", "bokeh", "foliage"], p=[0.2, 0.07, 0.1, 0.18, 0.2, 0.1, 0.07, 0.08])
    if kind == "studio":
        y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size - 0.5
        cloud = sum(_noise(rng, size, n) / n**0.7 for n in (3, 6, 12, 24)) * rng.uniform(5, 40)
        picture = _colour(rng) + cloud[..., None] - 220 * rng.uniform(0, 0.6) * (x**2 + (y + 0.1) ** 2)[..., None]
    elif kind == "flat":
        picture = np.zeros((size, size, 3)) + _colour(rng)
    elif kind == "gradient":
        picture = _gradient(rng, size)
    elif kind in ("clutter", "blurred"):
        base = np.ascontiguousarray(_gradient(rng, size), np.float32)
        picture = _shapes(rng, base, rng.integers(8, 45), rng.uniform(0, 2) if kind == "clutter" else rng.uniform(3, 14))
        if kind == "clutter":
            picture = picture + (_noise(rng, size, size // 2) * rng.uniform(0, 22))[..., None]
    elif kind == "stripes":
        picture = np.ascontiguousarray(_stripes(rng, size), np.float32)
        picture = _shapes(rng, picture, rng.integers(0, 8), rng.uniform(0, 4))
    elif kind == "bokeh":
        picture = _bokeh(rng, size)
    else:
        leaf = sum(_noise(rng, size, n) / n**0.3 for n in (10, 24, 60, 110))
        picture = np.clip(0.5 + 0.25 * leaf, 0, 1)[..., None] ** 1.3 * (np.array([90, 140, 50]) * rng.uniform(0.4, 1.6) + rng.normal(0, 25, 3))
        picture = cv2.GaussianBlur(np.ascontiguousarray(picture, np.float32), (0, 0), rng.uniform(0.3, 5))
    return np.clip(picture, 0, 255).astype(np.uint8)


@lru_cache(maxsize=None)
def _pool(size: int) -> list[np.ndarray]:
    rng = np.random.default_rng(11)
    return [_make(rng, size) for _ in range(POOL)]


def random_background(rng: np.random.Generator, size: int) -> np.ndarray:
    """uint8 [size, size, 3] RGB."""
    source = _pool(int(1.5 * size))[rng.integers(POOL)]
    side = int(rng.uniform(0.45, 1.0) * len(source))
    x, y = rng.integers(0, len(source) - side + 1, 2)
    crop = source[y : y + side, x : x + side]
    crop = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_LINEAR)
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    # Colours vary without limit: a random order of channels and a gain.
    crop = crop[..., rng.permutation(3)] if rng.random() < 0.5 else crop
    return cv2.convertScaleAbs(np.ascontiguousarray(crop), alpha=float(rng.uniform(0.5, 1.2)), beta=float(rng.uniform(-15, 15)))
