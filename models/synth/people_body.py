"""A person's geometry in metres, z up, looking along -y (Blender's habit): skin, clothes, cards.

MakeHuman gives shapes in decimetres with y up, arms half raised; here the arms are lowered, so that the
shoulders of a portrait look at ease, and everything below the chest is dropped.
"""

from __future__ import annotations

import json
from functools import lru_cache

import makehuman as mh
import numpy as np

METRES = 0.1
CHEST = 2.4  # decimetres: portraits end above this height


def to_blender(points: np.ndarray) -> np.ndarray:
    """MakeHuman's decimetres (y up, z to the camera) to metres (z up, -y to the camera)."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1) * METRES


@lru_cache(maxsize=None)
def _rig() -> dict:
    return json.loads((mh.heads_root() / "rigs" / "default.mhskel").read_text())


@lru_cache(maxsize=None)
def landmark_numbers() -> np.ndarray:
    return np.array(json.loads((mh.heads_root() / "landmarks68.json").read_text()))


def _children(root: str) -> list[str]:
    bones = _rig()["bones"]
    found = [root]
    for name in found:
        found += [child for child, bone in bones.items() if bone["parent"] == name]
    return found


def _turn(axis: np.ndarray, angle: float) -> np.ndarray:
    x, y, z = axis / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k


@lru_cache(maxsize=None)
def _chain_weight(root: str) -> np.ndarray:
    """Per base vertex: the share of its skinning that hangs below bone `root`."""
    below, total = np.zeros(mh.VERTEX_COUNT), np.full(mh.VERTEX_COUNT, 1e-9)
    inside = set(_children(root))
    for bone, (index, weight) in mh.rig_weights().items():
        total[index] += weight
        if bone in inside:
            below[index] += weight
    return below / total


def pose(vertices: np.ndarray, turns: list[tuple[str, tuple, float]], weights_of=lambda w: w, rest=None) -> np.ndarray:
    """Turns bone chains one after the other; `turns` holds (bone, axis, degrees). Proxies pass the base
    vertices at rest and a `weights_of` that carries base weights over to their own vertices."""
    rest = vertices if rest is None else rest
    out = vertices.astype(np.float64)
    rig = _rig()
    for bone, axis, degrees in turns:
        pivot = rest[rig["joints"][rig["bones"][bone]["head"]]].mean(0)
        weight = weights_of(_chain_weight(bone))[:, None]
        out = out + weight * ((out - pivot) @ _turn(np.array(axis, float), np.radians(degrees)).T + pivot - out)
    return out


def portrait_pose(turn: float, tilt: float = 0.0, nod: float = 0.0, arms: float = 33.0) -> list:
    """Arms down, and the head turned back by `turn` degrees against the shoulders (which the scene turns the
    other way), tilted and nodded. Children come before their parents, so that pivots at rest stay valid."""
    turns = []
    for bone, share in (("head", 0.4), ("neck03", 0.2), ("neck02", 0.2), ("neck01", 0.2)):
        for axis, degrees in (((0, 1, 0), turn), ((0, 0, 1), tilt), ((1, 0, 0), nod)):
            if degrees:
                turns.append((bone, axis, degrees * share))
    for side, sign in (("L", -1), ("R", 1)):
        turns += [(f"upperarm01.{side}", (0, 0, 1), sign * arms), (f"clavicle.{side}", (0, 0, 1), sign * 5.0)]
    return turns


class Body:
    """One person: base vertices at rest and posed, and proxies fitted to them."""

    def __init__(self, traits: mh.Traits, targets: dict[str, float], turns: list):
        self.rest = mh.macro_vertices(traits).astype(np.float64)
        for name, weight in targets.items():
            mh.apply_target(self.rest, name, weight)
        self._close_lips()
        self.turns = turns
        self.posed = pose(self.rest, self.turns)

    def _close_lips(self, share: float = 1.0) -> None:
        """MakeHuman's lips are parted by 2 to 4 mm; a portrait that is to sing starts closed."""
        inner = self.rest[landmark_numbers()[60:68]]
        centre, half = (inner[0, 0] + inner[4, 0]) / 2, abs(inner[4, 0] - inner[0, 0]) / 2
        upper, lower = inner[[0, 1, 2, 3, 4], 1], inner[[0, 7, 6, 5, 4], 1]
        at = inner[[0, 1, 2, 3, 4], 0]
        x, y, z = self.rest.T
        gap = np.interp(x, at, upper - lower, 0, 0) * share
        line = np.interp(x, at, 0.45 * upper + 0.55 * lower)
        above = y > line
        reach = np.where(above, y - line - 0.45 * gap, line - y - 0.55 * gap).clip(0)
        weight = np.exp(-((reach / 0.11) ** 2)) * np.clip((z - (inner[:, 2].min() - 0.35)) / 0.2, 0, 1)
        weight[np.abs(x - centre) > half] = 0
        self.rest[:, 1] += np.where(above, -0.45, 0.55) * gap * weight

    def skin(self, hidden: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(vertices, faces, corner UVs, base numbers): the visible skin above the chest, without what clothes hide."""
        base = mh.load_base()
        number = base.groups["body"]
        keep = (self.posed[base.faces[number], 1] > CHEST).all(1)
        if hidden is not None and len(hidden):
            covered = np.zeros(mh.VERTEX_COUNT, bool)
            covered[hidden] = True
            keep &= ~covered[base.faces[number]].all(1)
        number = number[keep]
        used, faces = np.unique(base.faces[number], return_inverse=True)
        return to_blender(self.posed[used]), faces.reshape(-1, 4), base.uv[base.faces_uv[number]], used

    def proxy(self, path: str, above: float = CHEST):
        """(vertices, faces, corner UVs) of a fitted proxy, and the base vertices that it hides."""
        proxy = mh.load_proxy(path)
        fitted = proxy.fit(self.rest.astype(np.float32))
        carried = lambda w: np.clip((w[proxy.binding] * proxy.weights).sum(1), 0, 1)
        posed = pose(fitted, self.turns, carried, self.rest)
        keep = (posed[proxy.mesh.faces, 1] > above).all(1)
        used, faces = np.unique(proxy.mesh.faces[keep], return_inverse=True)
        return to_blender(posed[used]), faces.reshape(-1, 4), proxy.mesh.uv[proxy.mesh.faces_uv[keep]], proxy.delete_vertices

    def group(self, name: str) -> np.ndarray:
        return to_blender(self.posed[mh.load_base().group_vertices(name)])

    def landmarks(self) -> np.ndarray:
        """The 68 iBUG points [68, 3]."""
        return to_blender(self.posed[landmark_numbers()])

    def eyes(self) -> list[tuple[np.ndarray, float]]:
        """(centre, radius) of the right and the left eyeball."""
        balls = []
        for side in "rl":
            points = self.group(f"helper-{side}-eye")
            # least-squares sphere: |p|^2 = 2 p.c + k
            a = np.c_[2 * points, np.ones(len(points))]
            solution = np.linalg.lstsq(a, (points**2).sum(1), rcond=None)[0]
            balls.append((solution[:3], float(np.sqrt(solution[3] + solution[:3] @ solution[:3]))))
        return balls
