"""Meshes made ready for drawing: triangulated, cropped to head and chest, split at UV seams, with the per-vertex
facts that never change (how far a vertex follows the skull, what it is, where a beard grows).

Units and axes are MakeHuman's (dm; x subject's left, y up, z to the camera)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

import head_layout as layout
import topology
from makehuman import Mesh, Proxy, joint, load_base, load_proxy, mean_vertices, rig_weights, triangulate

# Nothing below this height (dm) is ever in the picture.
FLOOR = 3.3

# Segmentation classes, as stored.
(BACKGROUND, FACE, HAIR, CLOTH, BODY, EYE, MOUTH, GLASSES, HAT, EAR, LIP, BROW, OCCLUDER, TEETH, TONGUE, BEARD) = range(16)


@dataclass
class DrawMesh:
    """`source[k]` is the vertex of the original mesh that drawn vertex k copies; seams make copies."""

    source: np.ndarray  # int64 [N]
    uv: np.ndarray  # float32 [N, 2], v up
    triangles: np.ndarray  # int32 [T, 3]
    # float32 [N, 6]: rigidity, class, then four masks in 0..1 whose meaning depends on the material.
    facts: np.ndarray
    normals: "NormalOperator" = field(repr=False, default=None)


class NormalOperator:
    """Smooth vertex normals by one sparse product; seam copies share theirs."""

    def __init__(self, triangles: np.ndarray, count: int):
        self.triangles = triangles
        rows = triangles.ravel()
        columns = np.repeat(np.arange(len(triangles)), 3)
        self.gather = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (count, len(triangles)))

    def __call__(self, vertices: np.ndarray) -> np.ndarray:
        a, b, c = (vertices[self.triangles[:, k]] for k in range(3))
        normals = self.gather @ np.cross(b - a, c - a).astype(np.float32)
        return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def split_seams(mesh: Mesh, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(source vertex [N], uv [N, 2], triangles [T, 3]) of the given faces."""
    corners, corners_uv = triangulate(mesh.faces[faces], mesh.faces_uv[faces])
    pairs = corners.astype(np.int64) * (1 + len(mesh.uv)) + corners_uv
    unique, inverse = np.unique(pairs, return_inverse=True)
    source, uv = unique // (1 + len(mesh.uv)), unique % (1 + len(mesh.uv))
    return source, mesh.uv[uv], inverse.reshape(corners.shape).astype(np.int32)


# ------------------------------------------------------------------------------------------------ skin


@lru_cache(maxsize=None)
def skin_mesh() -> DrawMesh:
    """Body skin above `FLOOR`. Masks: beard, lips, cheek blush, eye shadow."""
    base, mean = load_base(), mean_vertices()
    faces = base.groups["body"]
    faces = faces[(mean[base.faces[faces], 1] > FLOOR).all(1)]
    source, uv, triangles = split_seams(base, faces)
    facts = np.zeros((len(source), 6), np.float32)
    facts[:, 0] = layout.rigidity()[source]
    facts[:, 1] = _skin_classes()[source]
    facts[:, 2:] = _skin_masks()[source]
    return DrawMesh(source, uv, triangles, facts, NormalOperator(triangles, len(source)))


def _skin_classes() -> np.ndarray:
    """The segmentation class of every base vertex. The neck starts where the head's regions say so."""
    classes = np.full(len(mean_vertices()), BODY)
    region = layout.regions()
    for number in (layout.FACE, layout.UPPER_LID, layout.LOWER_LID, layout.SCALP, layout.EYE_SOCKET):
        classes[region == number] = FACE
    classes[np.isin(region, (layout.UPPER_LIP, layout.LOWER_LIP))] = LIP
    classes[region == layout.INSIDE_MOUTH] = MOUTH
    classes[region == layout.EAR] = EAR
    # Below the layout's own vertices everything is body.
    classes[mean_vertices()[:, 1] < 5.6] = BODY
    return classes


def _blob(mean: np.ndarray, centre, radius) -> np.ndarray:
    """Gaussian around `centre`, mirrored to both sides, [V]."""
    mirrored = np.stack([np.abs(mean[:, 0]), mean[:, 1], mean[:, 2]], 1)
    return np.exp(-0.5 * (((mirrored - centre) / radius) ** 2).sum(1))


@lru_cache(maxsize=None)
def _skin_masks() -> np.ndarray:
    """float32 [V, 4]: where a beard grows; red of the lips (below 0: scalp); blush; eye shadow (below 0: how far inside
    the mouth)."""
    mean, region = mean_vertices(), layout.regions()
    marks = mean[layout.landmarks68()]
    x, y, z = np.abs(mean[:, 0]), mean[:, 1], mean[:, 2]
    # The beard's upper border falls from the sideburn to the corner of the nose's wing.
    border = np.interp(x, [0.0, 0.16, 0.3, 0.45, 0.55, 0.66], [6.80, 6.83, 6.70, 6.72, 6.85, 7.25])
    beard = 1 / (1 + np.exp(-(border - y) / 0.025))
    beard *= 1 / (1 + np.exp(-(y - np.interp(z, [0.4, 1.3], [6.35, 6.02])) / 0.05))
    beard *= 1 / (1 + np.exp(-(z - 0.48) / 0.04))
    # No hair grows on the nose's underside.
    beard *= 1 - _blob(mean, marks[33], (0.13, 0.06, 0.12))
    allowed = np.isin(region, (layout.FACE, layout.NECK)) & (y > 5.7)
    beard *= allowed
    lips = np.isin(region, (layout.UPPER_LIP, layout.LOWER_LIP, layout.INSIDE_MOUTH)).astype(np.float32)
    blush = _blob(mean, (0.40, 6.98, 1.25), (0.16, 0.13, 0.25))
    lid_upper, _ = topology.lid_loops("left")
    shadow = np.clip(1.4 * _blob(mean, mean[lid_upper].mean(0) + [0.01, 0.05, 0.0], (0.17, 0.06, 0.15)), 0, 1)
    shadow *= region != layout.EYE_SOCKET
    shadow = np.where(mouth_depth() > 0, -np.clip(mouth_depth() / 0.12, 0, 1), shadow)
    scalp = (region == layout.SCALP).astype(np.float64)
    smoother = topology.body_laplacian()
    for _ in range(3):
        scalp = scalp + 0.5 * (smoother @ scalp)
    return np.stack([beard, lips - np.clip(scalp, 0, 1) * (lips == 0), blush, shadow], 1).astype(np.float32)


@lru_cache(maxsize=None)
def mouth_depth() -> np.ndarray:
    """Distance (dm) of each base vertex of the mouth bag behind the lips' inner rims; 0 elsewhere, [V]."""
    rim = np.union1d(*topology.lip_loops())
    depth = np.zeros(len(mean_vertices()), np.float32)
    bag = topology.mouth_bag()
    depth[bag] = topology.geodesic(rim, mean_vertices())[bag]
    depth[~np.isfinite(depth)] = 1.0
    return depth


def socket_depth() -> np.ndarray:
    """The same behind the lids' rims."""
    depth = np.zeros(len(mean_vertices()), np.float32)
    for side in ("left", "right"):
        socket = topology.eye_socket(side)
        depth[socket] = topology.geodesic(np.union1d(*topology.lid_loops(side)), mean_vertices())[socket]
    depth[~np.isfinite(depth)] = 1.0
    return depth


@lru_cache(maxsize=None)
def visible_skin(garment: str) -> np.ndarray:
    """The skin's triangles that a garment leaves visible, int32 [T, 3]: those not deleted by it and not close behind
    its cloth (its edge apart). The head is never hidden."""
    mesh, cloth, mean = skin_mesh(), proxy_mesh(garment, CLOTH), mean_vertices()
    points = load_proxy(garment).fit(mean)[cloth.source]
    normals = cloth.normals(points)
    edges = np.sort(np.concatenate([cloth.source[cloth.triangles[:, [a, b]]] for a, b in ((0, 1), (1, 2), (2, 0))]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    border = np.isin(cloth.source, unique[count == 1])
    distance, nearest = cKDTree(points).query(mean)
    depth = ((points[nearest] - mean) * normals[nearest]).sum(1)
    gone = (distance < 0.3) & (depth > -0.10) & ~border[nearest]
    gone[load_proxy(garment).delete_vertices] = True
    gone &= mean[:, 1] < 5.9
    return mesh.triangles[~gone[mesh.source[mesh.triangles]].all(1)]


@lru_cache(maxsize=None)
def coat(mask: int) -> np.ndarray:
    """The skin's triangles that can carry fur: 0 beard, 1 scalp; int32 [T, 3]."""
    mesh = skin_mesh()
    grows = mesh.facts[:, 2] if mask == 0 else -mesh.facts[:, 3]
    return mesh.triangles[(grows > 0.05)[mesh.triangles].any(1)]


# -------------------------------------------------------------------------------------------- proxies


@lru_cache(maxsize=None)
def proxy_mesh(path: str, kind: int) -> DrawMesh:
    """A bound mesh above `FLOOR`. `kind` is its segmentation class. Masks: 0 is a random number per connected
    piece (hair cards), the rest zero."""
    proxy = load_proxy(path)
    mean = mean_vertices()
    points = proxy.fit(mean)
    faces = np.flatnonzero((points[proxy.mesh.faces, 1] > FLOOR).all(1))
    source, uv, triangles = split_seams(proxy.mesh, faces)
    facts = np.zeros((len(source), 6), np.float32)
    facts[:, 0] = _carried(points[source], kind)
    facts[:, 1] = kind
    count = len(proxy.mesh.vertices)
    edges = np.concatenate([proxy.mesh.faces[faces][:, [0, k]] for k in (1, 2, 3)])
    graph = sparse.coo_matrix((np.ones(len(edges)), edges.T), (count, count))
    _, piece = sparse.csgraph.connected_components(graph, directed=False)
    facts[:, 2] = np.random.default_rng(1).random(piece.max() + 1)[piece[source]]
    return DrawMesh(source, uv, triangles, facts, NormalOperator(triangles, len(source)))


def _carried(points: np.ndarray, kind: int) -> np.ndarray:
    """How far a proxy's vertices follow the skull: what sits on the head fully, garments like the skin below
    them, long hair less and less towards the shoulders."""
    if kind == CLOTH:
        body = load_base().group_vertices("body")
        distance, nearest = cKDTree(mean_vertices()[body]).query(points, k=4)
        weight = 1 / (distance + 0.02)
        near = (layout.rigidity()[body][nearest] * weight).sum(1) / weight.sum(1)
        return near * np.interp(points[:, 1], [5.6, 6.3], [0.15, 0.8])
    if kind == HAIR:
        behind = np.interp(points[:, 2], [0.0, 1.0], [0.0, 0.25])
        return np.interp(points[:, 1] + behind, [5.2, 6.4], [0.05, 1.0])
    return np.ones(len(points))


# -------------------------------------------------------------------------------------- arms hang down


@lru_cache(maxsize=None)
def _arm_weights() -> list[tuple[int, np.ndarray, np.ndarray]]:
    """(sign of x, vertices, weights): the base vertices each arm carries."""
    result = []
    for side, sign in (("L", 1), ("R", -1)):
        weight = np.zeros(len(mean_vertices()), np.float32)
        for bone, (index, values) in rig_weights().items():
            if bone.endswith("." + side) and bone.startswith(("upperarm", "lowerarm", "wrist", "metacarpal", "finger")):
                weight[index] += values
            elif bone == f"shoulder01.{side}":
                weight[index] += 0.45 * values
        index = np.flatnonzero(weight > 1e-3)
        result.append((sign, index, np.minimum(weight[index], 1)))
    return result


def lower_arms(vertices: np.ndarray, angle: float) -> None:
    """Turns both arms down about the shoulders by `angle` radians, in place (MakeHuman's stand out by 45 degrees)."""
    for sign, index, weight in _arm_weights():
        pivot = joint(vertices, "l-shoulder" if sign > 0 else "r-shoulder")
        turn = -sign * angle * weight
        arm = vertices[index] - pivot
        c, s = np.cos(turn), np.sin(turn)
        vertices[index, 0] = pivot[0] + c * arm[:, 0] - s * arm[:, 1]
        vertices[index, 1] = pivot[1] + s * arm[:, 0] + c * arm[:, 1]


# --------------------------------------------------------------------------------- procedural meshes


@lru_cache(maxsize=None)
def sphere(rings: int = 18, segments: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Front two thirds of a unit sphere around +z: (points [N, 3], triangles [T, 3])."""
    polar = np.linspace(0, np.radians(115), rings)
    around = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    p, a = np.meshgrid(polar, around, indexing="ij")
    points = np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rings - 1), np.arange(segments), indexing="ij")
    k = (j + 1) % segments
    at = lambda r, s: r * segments + s
    quads = np.stack([at(i, j), at(i + 1, j), at(i + 1, k), at(i, k)], -1).reshape(-1, 4)
    return points.astype(np.float32), triangulate(quads.astype(np.int32))


def tube(path: np.ndarray, radius: np.ndarray | float, closed: bool, sides: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """A tube along `path` [n, 3]: (points [n * sides, 3], triangles)."""
    n = len(path)
    if closed:
        tangent = np.roll(path, -1, 0) - np.roll(path, 1, 0)
    else:
        tangent = np.gradient(path, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    reference = np.array([0.03, 0.05, 1.0]) if closed else np.array([0.05, 1.0, 0.03])
    side = np.cross(tangent, reference)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    up = np.cross(side, tangent)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.cos(angle)[None, :, None] * side[:, None] + np.sin(angle)[None, :, None] * up[:, None]
    points = path[:, None] + ring * np.broadcast_to(np.asarray(radius), (n,))[:, None, None]
    i, j = np.meshgrid(np.arange(n if closed else n - 1), np.arange(sides), indexing="ij")
    k, m = (j + 1) % sides, (i + 1) % n
    quads = np.stack([i * sides + j, m * sides + j, m * sides + k, i * sides + k], -1).reshape(-1, 4)
    return points.reshape(-1, 3).astype(np.float32), triangulate(quads.astype(np.int32))
