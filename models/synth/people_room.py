"""Backgrounds, painted in linear light and blurred like a lens would: highlights grow into discs."""

from __future__ import annotations

import cv2
import numpy as np

HEIGHT, WIDTH = 800, 640


def _defocus(picture, radius: int):
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return cv2.filter2D(picture.astype(np.float32), -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)


def _clouds(rng, size: int, octaves=4):
    field = np.zeros((HEIGHT, WIDTH), np.float32)
    for k in range(octaves):
        n = max(2, int(HEIGHT / size * 2**k))
        field += cv2.resize(rng.normal(size=(n, n)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) * 0.55**k
    return field[..., None]


def _glow(x, y, radius):
    v, u = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.exp(-(((u / WIDTH - x) ** 2 * (WIDTH / HEIGHT) ** 2 + (v / HEIGHT - y) ** 2) / radius**2))[..., None].astype(np.float32)


def canvas(seed, colour=(0.11, 0.13, 0.16)):
    """A painted studio backdrop, lighter behind the head."""
    rng = np.random.default_rng(seed)
    picture = np.array(colour, np.float32) * np.exp(0.16 * _clouds(rng, 220) + 0.07 * _clouds(rng, 60))
    return _defocus(picture * (0.45 + 1.0 * _glow(0.55, 0.38, 0.5)), 14)


def library(seed):
    """Shelves of books in lamplight."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), (0.030, 0.018, 0.011), np.float32)
    inks = np.array([(0.16, 0.04, 0.025), (0.05, 0.07, 0.11), (0.20, 0.15, 0.09), (0.04, 0.08, 0.06), (0.10, 0.06, 0.04), (0.28, 0.24, 0.18), (0.03, 0.03, 0.04)])
    for shelf in range(-40, HEIGHT, 176):
        x = 0
        while x < WIDTH:
            wide, tall = int(rng.uniform(11, 32)), int(rng.uniform(105, 150))
            if rng.random() > 0.08:
                ink = inks[rng.integers(len(inks))] * rng.uniform(0.6, 1.3)
                cv2.rectangle(picture, (x, shelf + 160 - tall), (x + wide - 2, shelf + 160), ink.tolist(), -1)
                cv2.rectangle(picture, (x, shelf + 160 - tall + 20), (x + wide - 2, shelf + 160 - tall + 26), (ink * 2.2).tolist(), -1)
            x += wide
        cv2.rectangle(picture, (0, shelf + 160), (WIDTH, shelf + 172), (0.10, 0.055, 0.028), -1)
    picture *= 0.5 + 1.1 * _glow(0.15, 0.25, 0.65)
    picture += 1.4 * np.array([1.0, 0.62, 0.30], np.float32) * _glow(0.08, 0.30, 0.045)
    grey = picture.mean(-1, keepdims=True)
    return _defocus(grey + 0.75 * (picture - grey), 20) * 0.62


def garden(seed):
    """Sunlit leaves."""
    rng = np.random.default_rng(seed)
    picture = np.array([0.045, 0.075, 0.028], np.float32) * np.exp(0.5 * _clouds(rng, 160))
    for _ in range(5200):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        light = np.exp(rng.normal(-0.3, 0.7)) * (1.25 - 0.7 * y / HEIGHT)
        leaf = np.array([0.085, 0.13, 0.035]) * light * np.array([rng.uniform(0.7, 1.35), 1, rng.uniform(0.6, 1.4)])
        cv2.ellipse(picture, (int(x), int(y)), (int(rng.uniform(5, 13)), int(rng.uniform(2, 6))), rng.uniform(0, 180), 0, 360, leaf.tolist(), -1, cv2.LINE_AA)
    for _ in range(70):
        x, y = rng.uniform(0, WIDTH), HEIGHT * rng.beta(1.2, 2.6)
        cv2.circle(picture, (int(x), int(y)), int(rng.uniform(2, 4)), (np.array([1.0, 1.0, 0.72]) * rng.uniform(2, 7)).tolist(), -1)
    return _defocus(picture, 21)


def loft(seed):
    """A light room: plaster, a window at the left, plants at the right."""
    rng = np.random.default_rng(seed)
    picture = np.array([0.34, 0.285, 0.225], np.float32) * np.exp(0.03 * _clouds(rng, 150)) * (0.5 + 0.75 * _glow(0.0, 0.35, 0.7))
    cv2.rectangle(picture, (-10, 60), (120, 520), (0.55, 0.52, 0.47), -1)
    for y in (75, 225, 375):
        for x in (-60, 32):
            cv2.rectangle(picture, (x, y), (x + 78, y + 135), (1.15, 1.22, 1.3), -1)
    cv2.rectangle(picture, (0, 610), (WIDTH, 640), (0.20, 0.13, 0.08), -1)
    picture[640:] *= 0.65
    for _ in range(150):
        x, y = 560 + rng.normal(0, 50), 470 + rng.normal(0, 95)
        leaf = np.array([0.05, 0.085, 0.035]) * np.exp(rng.normal(0, 0.5))
        cv2.ellipse(picture, (int(x), int(y)), (int(rng.uniform(22, 48)), int(rng.uniform(6, 12))), rng.uniform(-80, 80) + 90, 0, 360, leaf.tolist(), -1)
    return _defocus(picture, 16)
