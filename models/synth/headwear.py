"""Scarves, bonnets and caps: cloth that follows the scalp, with a brim between two arcs."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

import head_layout as layout
import meshes
from makehuman import mean_vertices

KINDS = ("headscarf", "bonnet", "cap", "turban")


@lru_cache(maxsize=None)
def _covered(kind: str) -> np.ndarray:
    """Triangles of the skin mesh under the cloth."""
    mesh, mean = meshes.skin_mesh(), mean_vertices()
    region = layout.regions()
    x, y, z = np.abs(mean[:, 0]), mean[:, 1], mean[:, 2]
    brow = mean[layout.landmarks68()[[19, 24]], 1].mean()
    scalp = region == layout.SCALP
    high = (y > brow + 0.22) & (z > 0) | scalp
    if kind == "headscarf":
        beside = (x > 0.58) & (z < 0.85)
        wanted = high | (region == layout.EAR) | ((beside | (z < 0.3)) & (y > 6.1))
    elif kind == "bonnet":
        wanted = (scalp & (z < 0.8)) | ((region == layout.EAR) | (z < 0.4)) & (y > 6.3)
    else:
        wanted = high & (y > brow + _rim(kind, z))
        return mesh.triangles[wanted[mesh.source[mesh.triangles]].any(1)]
    return mesh.triangles[wanted[mesh.source[mesh.triangles]].all(1)]


def _rim(kind: str, z):
    """Height above the brows where the cloth ends."""
    return (0.12 if kind == "turban" else 0.22) - 0.3 * np.clip((0.9 - z) / 1.0, 0, 1)


def cloth(kind: str, vertices: np.ndarray, thick: float) -> tuple[np.ndarray, np.ndarray]:
    """(points, triangles) of the cloth on a person's neutral vertices."""
    mesh, triangles = meshes.skin_mesh(), _covered(kind)
    used, inverse = np.unique(triangles, return_inverse=True)
    points = vertices[mesh.source]
    points = points + mesh.normals(points) * thick
    if kind in ("cap", "turban"):
        # An even rim: what the triangles cover below it is drawn up.
        points[:, 1] = np.maximum(points[:, 1], vertices[layout.landmarks68()[[19, 24]], 1].mean() + _rim(kind, points[:, 2]))
    if kind == "turban":
        points = points + mesh.normals(points) * 0.06 * np.sin(12 * points[:, 1:2] + 5 * points[:, :1])
    return points[used].astype(np.float32), inverse.reshape(-1, 3).astype(np.int32)


def brim(kind: str, vertices: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray] | None:
    """A visor before a cap, a ruffle around a bonnet."""
    marks = vertices[layout.landmarks68()]
    brow, wide = marks[[19, 24], 1].mean(), np.abs(marks[[0, 16], 0]).mean()
    front = marks[27, 2]
    a = np.linspace(0, np.pi, 25)
    if kind == "cap":
        inner = np.stack([0.85 * wide * np.cos(a), np.full(25, brow + 0.28), front - 0.55 + 0.55 * np.sin(a)], 1)
        outer = inner + np.stack([0.1 * np.cos(a), -0.14 - 0.05 * np.sin(a), reach * 2.2 * np.sin(a) ** 0.7], 1)
    elif kind == "bonnet":
        inner = np.stack([1.02 * wide * np.cos(a), brow - 0.35 + 1.05 * np.sin(a), np.full(25, front - 0.75) + 0.15 * np.sin(a)], 1)
        outer = inner + np.stack([reach * np.cos(a), reach * np.sin(a) + 0.04 * np.sin(14 * a), 0.8 * reach + 0.05 * np.sin(11 * a)], 1)
    else:
        return None
    points = np.concatenate([inner, outer]).astype(np.float32)
    k = np.arange(24)
    return points, np.concatenate([np.stack([k, k + 1, k + 25], 1), np.stack([k + 1, k + 26, k + 25], 1)]).astype(np.int32)
