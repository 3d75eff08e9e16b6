"""Finds, for every outer vertex of MakeHuman's mean head, its place on ICT-FaceKit's neutral head.

ICT's head is aligned by landmarks, bent by a thin-plate spline through landmarks and the rims of lips and
lids, then drawn onto MakeHuman's surface (non-rigid closest points, Amberg et al. 2007, with a plain graph
Laplacian as stiffness). Last, each MakeHuman vertex takes the closest point of the bent mesh. Upper and
lower lip, and upper and lower lid, touch or nearly touch, so closest points are sought on the same side of
the lip and lid lines only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sparse
from scipy.interpolate import RBFInterpolator
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

import topology
from makehuman import assets_root, heads_root, load_base, mean_vertices, triangulate

# ICT-FaceKit's vertex ranges (its README, "Geometry"): outer face, outer head and neck; then the sockets.
ICT_OUTER = 11248
ICT_SKIN = 14062
ICT_TEETH = (17039, 21451)


@dataclass(frozen=True)
class IctHead:
    neutral: np.ndarray  # float64 [26719, 3], cm
    deltas: dict[str, np.ndarray]  # name -> float32 [26719, 3]
    triangles: np.ndarray  # skin only, [T, 3]
    landmarks: np.ndarray  # [68]


@lru_cache(maxsize=None)
def load_ict() -> IctHead:
    root = assets_root() / "ict-facekit"
    data = np.load(root / "ict_facekit_f16.npz")
    faces = data["faces"]
    faces = np.where(faces < 0, faces[:, 2:3], faces)
    faces = faces[(faces < ICT_SKIN).all(1)]
    names = [str(name) for name in data["expr_names"]]
    deltas = data["expr"].astype(np.float32)
    landmarks = json.loads((root / "vertex_indices.json").read_text())["idx_to_landmark_verts"]
    return IctHead(
        data["neutral"].astype(np.float64), dict(zip(names, deltas)), triangulate(faces), np.array(landmarks)
    )


@lru_cache(maxsize=None)
def makehuman_landmarks() -> np.ndarray:
    return np.array(json.loads((heads_root() / "landmarks68.json").read_text()))


def similarity(source: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Least-squares scale, rotation, translation (Umeyama 1991): target = scale * rotation @ source + t."""
    a, b = source - source.mean(0), target - target.mean(0)
    u, s, vt = np.linalg.svd(b.T @ a)
    sign = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ sign @ vt
    scale = float(np.trace(np.diag(s) @ sign) / (a**2).sum())
    return scale, rotation, target.mean(0) - scale * rotation @ source.mean(0)


def ict_rims() -> dict[str, np.ndarray]:
    """Rims of ICT's lips and lids as vertex paths from smaller to larger x: `lip_upper`, `left_lower` ..."""
    ict = load_ict()
    points = ict.neutral[:ICT_SKIN]
    e = topology.edges(ict.triangles)
    length = np.linalg.norm(points[e[:, 0]] - points[e[:, 1]], axis=1)
    # Diagonals of quads are in `e` too; a power above 1 prefers the short steps along a rim.
    graph = sparse.coo_matrix((length**1.5, (e[:, 0], e[:, 1])), shape=(ICT_SKIN,) * 2).tocsr()

    def path(*numbers: int) -> np.ndarray:
        stops = ict.landmarks[list(numbers)]
        result = [int(stops[0])]
        for start, end in zip(stops[:-1], stops[1:]):
            previous = dijkstra(graph, directed=False, indices=start, return_predecessors=True)[1]
            back = [int(end)]
            while back[-1] != start:
                back.append(int(previous[back[-1]]))
            result += back[-2::-1]
        return np.array(result)

    return {
        "lip_upper": path(60, 61, 62, 63, 64),
        "lip_lower": path(60, 67, 66, 65, 64),
        "right_upper": path(36, 37, 38, 39),
        "right_lower": path(36, 41, 40, 39),
        "left_upper": path(42, 43, 44, 45),
        "left_lower": path(42, 47, 46, 45),
    }


def makehuman_rims() -> dict[str, np.ndarray]:
    rims = dict(zip(("lip_upper", "lip_lower"), topology.lip_loops()))
    for side in ("left", "right"):
        rims |= dict(zip((f"{side}_upper", f"{side}_lower"), topology.lid_loops(side)))
    return rims


def along(points: np.ndarray, count: int) -> np.ndarray:
    """`count` points evenly spaced by arc length on a polyline."""
    return at_parameters(points, np.linspace(0, 1, count))


def arc_parameters(points: np.ndarray) -> np.ndarray:
    """Arc length at each vertex of a polyline, 0..1."""
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return steps / steps[-1]


def at_parameters(points: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    own = arc_parameters(points)
    return np.stack([np.interp(parameters, own, points[:, axis]) for axis in range(3)], axis=1)


def sides(edge_list, points: np.ndarray, upper: np.ndarray, lower: np.ndarray, reach: float) -> np.ndarray:
    """+1 nearer (along the mesh) to the rim `upper`, -1 nearer to `lower`, 0 far from both or beside a corner."""
    length = np.linalg.norm(points[edge_list[:, 0]] - points[edge_list[:, 1]], axis=1)
    graph = sparse.coo_matrix((length, (edge_list[:, 0], edge_list[:, 1])), shape=(len(points),) * 2).tocsr()
    to = [dijkstra(graph, directed=False, indices=rim[1:-1], min_only=True, limit=4 * reach) for rim in (upper, lower)]
    to = np.minimum(np.array(to), 4 * reach)
    side = np.sign(to[1] - to[0])
    side[np.abs(to[0] - to[1]) < 0.15 * reach] = 0
    side[to.min(0) > reach] = 0
    side[upper[1:-1]], side[lower[1:-1]] = 1, -1
    return side.astype(np.int8)


def closest_on_triangles(queries, vertices, triangles, candidates: int = 24, allowed=None):
    """Closest surface points: (triangle [n], barycentric [n, 3], distance [n]). `allowed(query, triangle)`
    (arrays of numbers -> bool) may forbid pairs."""
    corners = vertices[triangles]
    tree = cKDTree(corners.mean(1))
    near = tree.query(queries, k=candidates)[1]
    a, b, c = (corners[near][:, :, k] for k in range(3))
    p = queries[:, None]
    ab, ac, ap = b - a, c - a, p - a
    d00, d01, d11 = (ab * ab).sum(-1), (ab * ac).sum(-1), (ac * ac).sum(-1)
    d20, d21 = (ap * ab).sum(-1), (ap * ac).sum(-1)
    area = np.maximum(d00 * d11 - d01 * d01, 1e-18)
    v, w = (d11 * d20 - d01 * d21) / area, (d00 * d21 - d01 * d20) / area
    inside = np.stack([1 - v - w, v, w], -1)
    options = [np.where((inside >= 0).all(-1, keepdims=True), inside, np.nan)]
    for first, second in ((0, 1), (1, 2), (2, 0)):  # the closest point on each side
        start, side = corners[near][:, :, first], corners[near][:, :, second] - corners[near][:, :, first]
        t = np.clip(((p - start) * side).sum(-1) / np.maximum((side * side).sum(-1), 1e-18), 0, 1)
        edge = np.zeros_like(inside)
        edge[..., first], edge[..., second] = 1 - t, t
        options.append(edge)
    barycentric = np.stack(options, 2)  # [n, candidates, 4, 3]
    found = np.einsum("nkob,nkbc->nkoc", np.nan_to_num(barycentric), corners[near])
    distance = np.linalg.norm(found - queries[:, None, None], axis=-1)
    distance[np.isnan(barycentric[..., 0])] = np.inf
    if allowed is not None:
        distance[~allowed(np.arange(len(queries))[:, None], near)] += 1e3
    best = distance.reshape(len(queries), -1).argmin(1)
    rows, k, o = np.arange(len(queries)), best // 4, best % 4
    return near[rows, k], barycentric[rows, k, o], distance[rows, k, o]


def normals(vertices, triangles):
    from preview import vertex_normals

    return vertex_normals(vertices, triangles)


@dataclass(frozen=True)
class Registration:
    bent: np.ndarray  # ICT skin vertices on MakeHuman's mean head, [ICT_SKIN, 3]
    outer: np.ndarray  # MakeHuman's outer vertices that have a place on ICT's head, [n]
    triangle: np.ndarray  # [n] into `ict_triangles`
    barycentric: np.ndarray  # [n, 3]
    distance: np.ndarray  # [n] dm; above 1 where no place on ICT's head was fit
    ict_triangles: np.ndarray
    scale: float  # MakeHuman units (dm) per ICT unit (cm)
    rotation: np.ndarray  # [3, 3]
    translation: np.ndarray  # [3]


@lru_cache(maxsize=None)
def register() -> Registration:
    ict, base, mean = load_ict(), load_base(), mean_vertices().astype(np.float64)
    mh_landmarks = makehuman_landmarks()
    scale, rotation, shift = similarity(ict.neutral[ict.landmarks[17:]], mean[mh_landmarks[17:]])
    start = scale * ict.neutral[:ICT_SKIN] @ rotation.T + shift

    rims_ict, rims_mh = ict_rims(), makehuman_rims()
    from_points, to_points = [], []
    for name, rim in rims_ict.items():
        count = 17 if name.startswith("lip") else 13
        from_points.append(along(start[rim], count)[1:-1])
        to_points.append(along(mean[rims_mh[name]], count)[1:-1])
        if name.endswith("upper"):  # both halves share the corners
            from_points.append(start[rim[[0, -1]]])
            to_points.append(mean[rims_mh[name][[0, -1]]])
    # Only landmarks that sit on sharp features; the closest points find the rest.
    sharp = [27, 28, 29, 30, 31, 33, 35, 8, 48, 50, 51, 52, 54, 57]
    from_points.append(start[ict.landmarks[sharp]])
    to_points.append(mean[mh_landmarks[sharp]])
    source, target = np.concatenate(from_points), np.concatenate(to_points)
    # The head's outline keeps the spline sane far from the face.
    outline = _outline_pairs(start, mean)
    source, target = np.concatenate([source, outline[0]]), np.concatenate([target, outline[1]])
    spline = RBFInterpolator(source, target - source, kernel="thin_plate_spline", degree=1, smoothing=2e-3)
    bent = start + spline(start)

    body = base.faces[base.groups["body"]]
    inner = np.concatenate([topology.mouth_bag(), topology.eye_socket("left"), topology.eye_socket("right")])
    is_inner = np.zeros(len(mean), bool)
    is_inner[inner] = True
    body_triangles = triangulate(body)
    mh_triangles = body_triangles[~is_inner[body_triangles].any(1) & (mean[body_triangles][:, :, 1] > 5.3).all(1)]
    outer_triangles = ict.triangles[(ict.triangles < ICT_OUTER).all(1)]
    # ICT's outer mesh reaches a little behind its rims; what lies behind has no partner here.
    e_ict, e_mh = topology.edges(ict.triangles), topology.edges(body)

    side_pairs = [("lip_upper", "lip_lower", 0.35)] + [(f"{s}_upper", f"{s}_lower", 0.2) for s in ("left", "right")]
    ict_sides = [sides(e_ict, start, rims_ict[u], rims_ict[l], reach) for u, l, reach in side_pairs]
    mh_sides = [sides(e_mh, mean, rims_mh[u], rims_mh[l], reach) for u, l, reach in side_pairs]

    def triangle_side(side, triangles):
        corners = side[triangles].astype(int)
        return np.where((corners >= 0).all(1), corners.max(1), np.where((corners <= 0).all(1), corners.min(1), 0))

    pinned_v, pinned_t = [], []
    for name, rim in rims_ict.items():
        pinned_v.append(rim)
        pinned_t.append(at_parameters(mean[rims_mh[name]], arc_parameters(start[rim])))
    pinned_v, pinned_t = np.concatenate(pinned_v), np.concatenate(pinned_t)

    adjacency = sparse.coo_matrix((np.ones(len(e_ict)), (e_ict[:, 0], e_ict[:, 1])), shape=(ICT_SKIN,) * 2).tocsr()
    adjacency = adjacency + adjacency.T
    laplacian = sparse.diags(1 / np.asarray(adjacency.sum(1)).ravel()) @ adjacency - sparse.identity(ICT_SKIN)
    stiffness_matrix = (laplacian.T @ laplacian).tocsc()
    mh_normals = normals(mean, mh_triangles)
    behind = np.zeros(ICT_SKIN, bool)
    behind[_behind_rims(e_ict, rims_ict)] = True
    moving = np.flatnonzero((np.arange(ICT_SKIN) < ICT_OUTER) & ~behind)
    tri_sides = [triangle_side(side, mh_triangles) for side in mh_sides]
    for stiffness in (30.0, 10.0, 3.0, 1.0, 0.5):
        def allowed(query, near):
            return np.logical_and.reduce(
                [ict_sides[k][moving][query] * tri_sides[k][near] >= 0 for k in range(len(side_pairs))]
            )

        triangle, weights, distance = closest_on_triangles(bent[moving], mean, mh_triangles, 16, allowed)
        found = np.einsum("nb,nbc->nc", weights, mean[mh_triangles[triangle]])
        facing = np.einsum("nb,nbc->nc", weights, mh_normals[mh_triangles[triangle]])
        agreement = (facing * normals(bent, outer_triangles)[moving]).sum(1)
        confidence = np.where((agreement > 0.5) & (distance < 0.25), 1.0, 0.0)
        weight = np.zeros(ICT_SKIN)
        goal = bent.copy()
        weight[moving], goal[moving] = confidence, found
        weight[pinned_v], goal[pinned_v] = 20.0, pinned_t
        system = splu((sparse.diags(weight + 1e-4) + stiffness * stiffness_matrix).tocsc())
        bent = bent + system.solve((weight[:, None]) * (goal - bent))

    outer = np.setdiff1d(np.unique(mh_triangles), inner)
    front = outer_triangles[~behind[outer_triangles].all(1)]
    # ICT's nostrils are deeper than MakeHuman's: what is left of their walls bulges out of the bent nose.
    turned = (_face_normals(start, front) * _face_normals(bent, front)).sum(1) < 0.2
    bulge = np.zeros(ICT_SKIN, bool)
    bulge[front[turned]] = True
    for _ in range(2):
        bulge[front[bulge[front].any(1)]] = True
    wings = np.linalg.norm(start - start[ict.landmarks[33]], axis=1) < 0.35
    front = front[~(bulge & wings)[front].any(1)]
    front_normals, mean_normals = _face_normals(bent, front), normals(mean, body_triangles)
    tri_sides = [triangle_side(side, front) for side in ict_sides]

    def same_side(query, near):
        facing = (mean_normals[outer][query] * front_normals[near]).sum(-1) > 0.2
        return np.logical_and.reduce(
            [mh_sides[k][outer][query] * tri_sides[k][near] >= 0 for k in range(len(side_pairs))] + [facing]
        )

    triangle, barycentric, distance = closest_on_triangles(mean[outer], bent, front, 24, same_side)
    barycentric = np.maximum(barycentric, 0)
    barycentric /= barycentric.sum(1, keepdims=True)
    return Registration(bent, outer, triangle, barycentric, distance, front, scale, rotation, shift)


def _face_normals(vertices, triangles):
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    return cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-12)


def _outline_pairs(start, mean):
    """Pairs that hold skull, ears and neck: ICT points and their nearest MakeHuman points after alignment."""
    rng = np.random.default_rng(0)
    back = np.flatnonzero((np.arange(ICT_SKIN) < ICT_OUTER) & (start[:, 2] < 0.75))
    chosen = rng.choice(back, 60, replace=False)
    skin = load_base().group_vertices("body")
    skin = skin[(mean[skin, 1] > 5.5)]
    partner = skin[cKDTree(mean[skin]).query(start[chosen])[1]]
    return start[chosen], mean[partner]


def _behind_rims(edge_list, rims) -> np.ndarray:
    """ICT skin vertices behind the rims of lips and lids (mouth and eye sockets)."""
    rim = np.unique(np.concatenate(list(rims.values())))
    keep = ~np.isin(edge_list, rim).any(1)
    graph = sparse.coo_matrix((np.ones(keep.sum()), edge_list[keep].T), shape=(ICT_SKIN,) * 2)
    labels = sparse.csgraph.connected_components(graph, directed=False)[1]
    skull = np.bincount(labels[:ICT_OUTER]).argmax()
    return np.setdiff1d(np.flatnonzero(labels != skull), rim)
