"""Which MakeHuman vertices make up the head model, and what they are called: regions, landmarks, dense points.

Vertex numbers here are MakeHuman's; `build_head.py` renumbers them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

import topology
from makehuman import VERTEX_COUNT, list_proxies, load_base, load_proxy, load_target, mean_vertices, rig_weights
from registration import makehuman_landmarks

FACE, UPPER_LIP, LOWER_LIP, UPPER_LID, LOWER_LID, EAR, NECK, SCALP, INSIDE_MOUTH, EYE_SOCKET, SHOULDER = range(11)

# Edge loops around the mouth, by (vertex, neighbour): the border of the red of the lips.
LIP_BORDER_SEED = (455, 7214)


@lru_cache(maxsize=None)
def lip_border() -> tuple[np.ndarray, np.ndarray]:
    """(upper, lower) border of the red of the lips, from smaller to larger x, corners shared."""
    return topology.split_loop(topology.body_walker().loop(*LIP_BORDER_SEED), mean_vertices())


@lru_cache(maxsize=None)
def kept_vertices() -> np.ndarray:
    """Body vertices of head, neck and upper shoulders; of mouth bag and eye sockets only what an open mouth or
    lid can show, the rest would cost a fifth of the file."""
    mean = mean_vertices()
    body = load_base().group_vertices("body")
    keep = np.zeros(VERTEX_COUNT, bool)
    keep[body[(mean[body, 1] > 5.15) & (np.abs(mean[body, 0]) < 1.75)]] = True
    for inside, rim, depth in (
        (topology.mouth_bag(), np.union1d(*topology.lip_loops()), 0.40),
        (topology.eye_socket("left"), np.union1d(*topology.lid_loops("left")), 0.06),
        (topology.eye_socket("right"), np.union1d(*topology.lid_loops("right")), 0.06),
    ):
        keep[inside[topology.geodesic(rim, mean)[inside] > depth]] = False
    for side in ("left", "right"):
        keep[eye_anchor(side)] = True
    return np.flatnonzero(keep)


@lru_cache(maxsize=None)
def eye_anchor(side: str) -> np.ndarray:
    """Eight vertices of the socket behind the eyeball, which no expression moves: their mean tells where the
    eyeball is. They belong to no triangle."""
    mean = mean_vertices()
    socket = topology.eye_socket("left")
    rim = np.union1d(*topology.lid_loops("left"))
    deep = socket[np.argsort(topology.geodesic(rim, mean)[socket])[-60:]]
    # Spread them: farthest points first.
    chosen = [int(deep[-1])]
    while len(chosen) < 8:
        distance = cKDTree(mean[chosen]).query(mean[deep])[0]
        chosen.append(int(deep[distance.argmax()]))
    chosen = np.array(chosen)
    return chosen if side == "left" else topology.mirror_map()[chosen]


def _bones(*prefixes: str) -> np.ndarray:
    weight = np.zeros(VERTEX_COUNT)
    for bone, (index, values) in rig_weights().items():
        if bone.startswith(prefixes):
            weight[index] += values
    return weight


@lru_cache(maxsize=None)
def rigidity() -> np.ndarray:
    """1 where the skin moves with the skull, falling to 0 down the neck, [V]."""
    still = ("root", "pelvis", "spine", "clavicle", "shoulder", "breast", "upper", "lower", "wrist", "meta", "finger", "foot", "toe")
    weight = 1 - _bones(*still) - _bones("neck01") * 0.85 - _bones("neck02") * 0.5 - _bones("neck03") * 0.2
    weight = np.clip(weight, 0, 1)
    smoother = topology.body_laplacian()
    for _ in range(8):
        weight = weight + 0.5 * (smoother @ weight)
    return np.clip(weight, 0, 1)


def _inside_of_loop(border: np.ndarray, seed: int) -> np.ndarray:
    return topology._inside(seed, tuple(int(v) for v in border))


@lru_cache(maxsize=None)
def regions() -> np.ndarray:
    """uint8 [V], the region numbers of ARCHITECTURE.md."""
    mean = mean_vertices()
    body = load_base().group_vertices("body")
    region = np.full(VERTEX_COUNT, FACE, np.uint8)
    # Scalp: behind a hairline from the nape over the ear and the temple to the brow's top, (y, z) in dm.
    hairline = np.interp(mean[:, 1], [6.75, 7.0, 7.35, 7.5, 7.8, 7.9], [0.0, 0.3, 0.55, 0.85, 1.15, 2.0])
    region[(mean[:, 1] > 6.75) & (mean[:, 2] < hairline)] = SCALP
    ears = np.zeros(VERTEX_COUNT, bool)
    for side in "lr":
        index, delta = load_target(f"ears/{side}-ear-wing-incr")
        ears[index[np.linalg.norm(delta, axis=1) > 0.012]] = True
    region[ears] = EAR
    rigid = rigidity()
    below_jaw = mean[:, 1] < 6.17
    behind = (mean[:, 1] < 6.75) & (mean[:, 2] < 0.55)
    region[(rigid < 0.8) & (below_jaw | behind) | (behind & (region == FACE))] = NECK
    region[_bones("clavicle", "shoulder", "spine", "breast", "upperarm") > 0.55] = SHOULDER
    for loop, number in zip(lip_border(), (UPPER_LIP, LOWER_LIP)):
        region[loop] = number
    inner = _inside_of_loop(np.union1d(*lip_border()), 467)
    to_upper, to_lower = (topology.geodesic(rim[1:-1], mean) for rim in topology.lip_loops())
    region[inner] = np.where(to_upper < to_lower, UPPER_LIP, LOWER_LIP)[inner]
    region[topology.mouth_bag()] = INSIDE_MOUTH
    upper, lower = topology.lip_loops()
    region[upper], region[lower[1:-1]] = UPPER_LIP, LOWER_LIP
    for side in ("left", "right"):
        upper, lower = topology.lid_loops(side)
        to_upper, to_lower = (topology.geodesic(rim[1:-1], mean) for rim in (upper, lower))
        near = np.minimum(to_upper, to_lower) < 0.075
        region[near] = np.where(to_upper < to_lower, UPPER_LID, LOWER_LID)[near]
        region[topology.eye_socket(side)] = EYE_SOCKET
        region[upper], region[lower[1:-1]] = UPPER_LID, LOWER_LID
    return region


def paired_rims(upper: np.ndarray, lower: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two rims as columns of equal number: a vertex of the sparser rim repeats where the other has more.
    Mirror-symmetric rims pair symmetrically."""
    from registration import arc_parameters

    mean = mean_vertices()
    a, b = arc_parameters(mean[upper]), arc_parameters(mean[lower])
    pairs = {(0, 0), (len(a) - 1, len(b) - 1)}
    i = j = 0
    while (i, j) != (len(a) - 1, len(b) - 1):
        steps = [(i + 1, j), (i, j + 1), (i + 1, j + 1)]
        # A column joins both corners or neither.
        steps = [s for s in steps if s[0] < len(a) and s[1] < len(b) and (s[0] == len(a) - 1) == (s[1] == len(b) - 1)]
        i, j = min(steps, key=lambda s: (round(abs(a[s[0]] - b[s[1]]), 6), -sum(s)))
        pairs.add((i, j))
    columns = sorted(pairs)
    return upper[[c[0] for c in columns]], lower[[c[1] for c in columns]]


def symmetric_paired_lips() -> tuple[np.ndarray, np.ndarray]:
    upper, lower = paired_rims(*topology.lip_loops())
    mirror, mean = topology.mirror_map(), mean_vertices()
    right = [k for k in range(len(upper)) if mean[upper[k], 0] < -1e-4 or mean[lower[k], 0] < -1e-4]
    centre = [(topology.lip_loops()[0][len(topology.lip_loops()[0]) // 2], topology.lip_loops()[1][len(topology.lip_loops()[1]) // 2])]
    half = [(int(upper[k]), int(lower[k])) for k in right if mean[upper[k], 0] < 1e-4 and mean[lower[k], 0] < 1e-4]
    columns = half + centre + [(int(mirror[u]), int(mirror[l])) for u, l in half[::-1]]
    columns = list(dict.fromkeys(columns))
    return np.array([c[0] for c in columns]), np.array([c[1] for c in columns])


# -------------------------------------------------------------------------------------------- landmarks


def _nearest(loop: np.ndarray, x: float) -> int:
    mean = mean_vertices()
    return int(loop[np.abs(mean[loop, 0] - x).argmin()])


# iBUG's left-right partners.
LANDMARK_MIRROR = np.array(
    [16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 27, 28, 29, 30,
     35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,
     64, 63, 62, 61, 60, 67, 66, 65]
)  # fmt: skip


def _brow() -> np.ndarray:
    """Five places along the right brow, tail first, a little above the middle of MakeHuman's brow styles, [5, 3].
    (The networks' vote was taken on faces whose brows were hardly drawn.)"""
    mean = mean_vertices()
    styles = np.stack([load_proxy(path).fit(mean) for path in list_proxies("eyebrows")])
    right = styles[styles[:, :, 0] < 0].reshape(-1, 3)
    places = []
    for x in np.linspace(np.percentile(right[:, 0], 2), np.percentile(right[:, 0], 97), 5):
        here = right[np.abs(right[:, 0] - x) < 0.03]
        places.append([x, np.percentile(here[:, 1], 60), here[:, 2].mean()])
    return np.array(places)


@lru_cache(maxsize=None)
def landmarks68() -> np.ndarray:
    """The 68 iBUG points, [68]: the networks' vote, with brows, eyes and lips moved onto the features."""
    points = makehuman_landmarks().copy()
    face = np.flatnonzero(regions() == FACE)
    points[17:22] = face[cKDTree(mean_vertices()[face]).query(_brow())[1]]
    upper, lower = topology.lid_loops("left")
    width = mean_vertices()[upper[-1], 0] - mean_vertices()[upper[0], 0]
    start = mean_vertices()[upper[0], 0]
    points[42], points[45] = upper[0], upper[-1]
    points[43], points[44] = _nearest(upper, start + width / 3), _nearest(upper, start + 2 * width / 3)
    points[47], points[46] = _nearest(lower, start + width / 3), _nearest(lower, start + 2 * width / 3)
    rim_upper, rim_lower = topology.lip_loops()
    border_upper, border_lower = lip_border()
    points[51], points[52], points[53] = _nearest(border_upper, 0), _nearest(border_upper, 0.048), _nearest(border_upper, 0.135)
    points[57], points[56], points[55] = _nearest(border_lower, 0), _nearest(border_lower, 0.062), _nearest(border_lower, 0.14)
    points[62], points[63], points[64] = _nearest(rim_upper, 0), _nearest(rim_upper, 0.103), rim_upper[-1]
    points[66], points[65] = _nearest(rim_lower, 0), _nearest(rim_lower, 0.103)
    mirror = topology.mirror_map()
    for right in (17, 18, 19, 20, 21):
        points[LANDMARK_MIRROR[right]] = mirror[points[right]]
    for right in (36, 37, 38, 39, 40, 41, 49, 50, 58, 59, 60, 61, 67):
        points[right] = mirror[points[LANDMARK_MIRROR[right]]]
    return points


@lru_cache(maxsize=None)
def dense() -> tuple[np.ndarray, np.ndarray]:
    """(vertices [D], mirror partners [D]). Right-hand points are followed by their left partners, group by
    group: lips, lids, brows, nose, jaw, cheeks, forehead, temples, ears, neck."""
    from registration import along

    mean, mirror, region = mean_vertices().astype(np.float64), topology.mirror_map(), regions()
    taken = set(int(v) for v in landmarks68())
    chosen: list[int] = []
    skin = kept_vertices()
    skin = skin[~np.isin(region[skin], (INSIDE_MOUTH, EYE_SOCKET, SHOULDER))]

    def take(vertex: int) -> None:
        vertex = int(vertex)
        if vertex not in taken:
            taken.update((vertex, int(mirror[vertex])))
            chosen.append(vertex)

    def on_loop(loop: np.ndarray, count: int) -> None:
        """`count` evenly spaced inner vertices of a rim."""
        for place in along(mean[loop], count + 2)[1:-1]:
            if place[0] < 1e-3:
                take(loop[np.linalg.norm(mean[loop] - place, axis=1).argmin()])

    def at(x: float, y: float, front: bool = True) -> None:
        """The foremost outer vertex near (x, y) on the mean head, dm."""
        near = skin[np.hypot(mean[skin, 0] - x, mean[skin, 1] - y) < 0.09]
        near = near[mean[near, 2] > mean[near, 2].max() - 0.25] if front else near
        take(near[np.hypot(mean[near, 0] - x, mean[near, 1] - y).argmin()])

    def between(a: int, b: int, share: float = 0.5) -> None:
        place = mean[landmarks68()[a]] * (1 - share) + mean[landmarks68()[b]] * share
        take(skin[cKDTree(mean[skin]).query(place)[1]])

    def near_point(x: float, y: float, z: float) -> None:
        take(skin[cKDTree(mean[skin]).query((x, y, z))[1]])

    for loop in topology.lip_loops():
        on_loop(loop, 11)
    for loop in lip_border():
        on_loop(loop, 9)
    # The middle of the red of the lips.
    for y, z in ((6.672, 1.542), (6.568, 1.514)):
        for x in (0.0, -0.075):
            near_point(x, y, z)
    for loop in topology.lid_loops("right"):
        on_loop(loop, 7)
    brow = mean[landmarks68()[17:22]]
    for lift in (0.05, -0.05):
        for place in along(brow, 4):
            near_point(place[0], place[1] + lift, place[2])
    for a, b in ((27, 28), (28, 29), (29, 30), (30, 33)):
        between(a, b)
    tip = mean[landmarks68()[30]]
    for x, y, z in ((-0.075, 0.0, -0.06), (-0.15, -0.02, -0.16), (-0.165, 0.06, -0.2), (-0.09, 0.12, -0.12), (-0.07, 0.28, -0.2)):
        near_point(tip[0] + x, tip[1] + y, tip[2] + z)
    near_point(0.0, 6.788, 1.514)  # philtrum
    for k in range(8):
        between(k, k + 1)
    chin = mean[landmarks68()[8]]
    for x, y in ((0.0, 6.46), (0.0, 6.36), (-0.12, 6.38), (-0.26, 6.42), (-0.3, 6.58)):
        at(x, y)
    for x, y in ((-0.3, 7.0), (-0.5, 7.0), (-0.36, 6.76), (-0.56, 6.8), (-0.46, 6.56), (-0.3, 7.12)):
        at(x, y)
    for x in (0.0, -0.2, -0.4):
        for y in (7.6, 7.8):
            at(x, y)
    for x, y in ((-0.56, 7.5), (-0.6, 7.34), (-0.6, 7.66)):
        at(x, y)
    ear = np.flatnonzero((region == EAR) & (mean[:, 0] < 0))
    for axis, sign in ((1, 1), (1, -1), (2, -1), (0, -1)):
        take(ear[(sign * mean[ear, axis]).argmax()])
    at(0.0, 6.05)
    at(0.0, 5.85)
    for x, y in ((-0.3, 6.0), (-0.32, 5.75)):
        at(x, y)
    vertices, partners = [], []
    for v in chosen:
        here = len(vertices)
        if mirror[v] == v:
            vertices.append(v)
            partners.append(here)
        else:
            vertices += [v, int(mirror[v])]
            partners += [here + 1, here]
    return np.array(vertices), np.array(partners)
