"""Exact labels: where landmarks are in the picture, and which of them are visible.

iBUG's jaw points 0-16: where an annotator cannot see the jaw's edge because the head has turned, he follows the
visible outline of the cheek. So a jaw point slides inwards over the face, along a path on the surface, to the place
that stands out farthest in the picture ("landmark marching", Zhu et al. 2015)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

import head_layout as layout
from makehuman import load_base, mean_vertices, triangulate

PATH_POINTS = 28


@lru_cache(maxsize=None)
def point_vertices() -> np.ndarray:
    """Base vertices of the 68 points and the dense points, [68 + D] (the irises are no vertices)."""
    return np.concatenate([layout.landmarks68(), layout.dense()[0]])


@lru_cache(maxsize=None)
def _paths() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Paths over the skin from each jaw point towards the face's middle: (vertices [17, P, 3], barycentric weights
    [17, P, 3], outward direction in the head's x-y plane [17, 2])."""
    mean = mean_vertices().astype(np.float64)
    marks = mean[layout.landmarks68()]
    base = load_base()
    triangles = triangulate(base.faces[base.groups["body"]])
    region = layout.regions()
    face = np.isin(region, (layout.FACE, layout.NECK, layout.LOWER_LIP, layout.UPPER_LIP, layout.LOWER_LID)) & (mean[:, 1] > 5.6)
    triangles = triangles[face[triangles].all(1)]
    corners = mean[triangles]
    # Dense samples of the surface stand in for exact projection on triangles.
    grid = np.array([(i, j, 6 - i - j) for i in range(7) for j in range(7 - i)]) / 6
    samples = np.einsum("gk,tkc->tgc", grid, corners).reshape(-1, 3)
    tree = cKDTree(samples)
    # Where each path leads: temple points under the eye, cheek points to the mouth's corner, the chin to the lip.
    inner = np.array([
        marks[36] + [-0.02, -0.10, 0.02], marks[36] + [0.03, -0.16, 0.05], marks[31] + [-0.14, 0.08, -0.05], marks[31] + [-0.12, -0.08, -0.05],
        marks[48] + [-0.05, 0.04, 0.0], marks[48] + [-0.02, -0.05, 0.0], marks[59] + [0.0, -0.05, 0.0], marks[58] + [0.0, -0.06, 0.0], marks[57] + [0.0, -0.08, 0.0],
    ])  # fmt: skip
    inner = np.concatenate([inner, inner[7::-1] * [-1, 1, 1]])
    index = np.zeros((17, PATH_POINTS, 3), np.int64)
    weight = np.zeros((17, PATH_POINTS, 3))
    for k in range(17):
        place = marks[k] + np.linspace(0, 1, PATH_POINTS)[:, None] * (inner[k] - marks[k])
        # A chord would cut through the cheek and project unevenly; bulge it outwards.
        bulge = np.sin(np.linspace(0, np.pi, PATH_POINTS))[:, None] * 0.22
        out = place - [0, 6.9, 0.5]
        place = place + bulge * out / np.linalg.norm(out, axis=1, keepdims=True)
        found = tree.query(place)[1]
        index[k] = triangles[found // len(grid)]
        weight[k] = grid[found % len(grid)]
        index[k, 0], weight[k, 0] = layout.landmarks68()[k], (1, 0, 0)
    side = np.array([1, 1, 1, 0.95, 0.8, 0.6, 0.4, 0.2, 0])
    outward = np.stack([-side, -np.sqrt(1 - side**2)], 1)
    outward = np.concatenate([outward, outward[7::-1] * [-1, 1]])
    return index, weight, outward


def _outward(turn: np.ndarray) -> np.ndarray:
    """Outward directions of the jaw points in the world's x-y plane, [17, 2]: they roll with the head but do not
    turn with it."""
    roll = np.arctan2(turn[1, 0], turn[1, 1])
    c, s = np.cos(roll), np.sin(roll)
    return _paths()[2] @ np.array([[c, s], [-s, c]])


def contour(vertices: np.ndarray, turn: np.ndarray, place) -> np.ndarray:
    """The 17 jaw points on the visible outline, [17, 3] in the world.

    `vertices` [19158, 3] before posing, `turn` the head's rotation, `place` maps (vertices, base numbers) to the
    world; the picture's plane is the world's x-y plane, as seen by a camera at +z infinity, near enough here."""
    index, weight, _ = _paths()
    world = np.einsum("kpc,kpcd->kpd", weight, place(vertices, index.ravel()).reshape(*index.shape, 3))
    reach = np.einsum("kpd,kd->kp", world[..., :2], _outward(turn))
    # Stay with the jaw itself unless the outline stands out clearly beyond it.
    reach[:, 0] += 0.012
    return world[np.arange(17), reach.argmax(1)]


def snap_to_outline(points, distance, visible, depth, turn) -> None:
    """Jaw points that ended up just behind the visible cheek move out to its edge, in place: the first place along
    their outward direction where `depth` [s, s] falls away, if it is near."""
    size = len(depth)
    outward = _outward(turn) * [1, -1]
    reach = int(0.07 * size)
    for k in np.flatnonzero(visible[:17] == 0):
        steps = points[k] * size + np.arange(reach)[:, None] * outward[k]
        pixel = np.floor(steps).astype(int)
        if ((pixel < 0) | (pixel >= size)).any():
            continue
        along = depth[pixel[:, 1], pixel[:, 0]]
        edge = np.flatnonzero(along > distance[k] + 0.25)
        # Nothing within reach: hair or a collar hides the outline.
        if len(edge) and along[0] > distance[k] - 0.6:
            points[k] = (steps[edge[0]] - 0.5 * outward[k]) / size
            visible[k] = 1


def visibility(points: np.ndarray, distance: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """uint8 [n]: 1 where a point (share of the picture [n, 2], distance from the camera [n]) lies inside the picture
    and nothing in `depth` [s, s] (distances) is in front of it."""
    size = len(depth)
    pixel = np.floor(points * size).astype(int)
    inside = ((pixel >= 0) & (pixel < size)).all(1)
    farthest = np.zeros(len(points))
    for dx in (-2, 0, 2):
        for dy in (-2, 0, 2):
            x, y = (pixel + [dx, dy]).clip(0, size - 1).T
            farthest = np.maximum(farthest, depth[y, x])
    return (inside & (distance < farthest + 0.06)).astype(np.uint8)
