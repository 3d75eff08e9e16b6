"""ARKit's 52 expressions as vertex deltas on the MakeHuman base mesh.

    vertices = express(identity, coefficients)   # [19158, 3] dm; coefficients [52], 0..1

`express` adds the deltas, closes every person's own lids and lips exactly, and keeps lids in front of the eyes;
`expression_deltas()` gives the bare deltas, float32 [52, 19158, 3].

Transferred from ICT-FaceKit (MIT, (c) 2020 USC Institute for Creative Technologies) by `registration.py` and
then corrected so that blinks close the lids, `mouthClose` seals the open jaw's lips, and teeth, tongue,
lashes and the mouth's inside follow. Eyeballs (`helper-*-eye`) do not move: rotate them with the gaze."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

import registration
import topology
from makehuman import VERTEX_COUNT, load_base, mean_vertices

CACHE = Path(__file__).parent / "data" / "arkit.npz"

# The order of `EXPRESSION_NAMES` in src/head/expression.rs.
EXPRESSION_NAMES = tuple(
    """browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
    cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight
    eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft
    eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft
    mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight
    mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft
    mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft
    noseSneerRight tongueOut""".split()
)
LIDS = ("left", "right")


def expression_index(name: str) -> int:
    return EXPRESSION_NAMES.index(name)


@lru_cache(maxsize=None)
def expression_deltas() -> np.ndarray:
    """float32 [52, 19158, 3], decimetres; computed once (some 20 s), then read from `data/arkit.npz`."""
    if not CACHE.exists():
        deltas = build_deltas()
        CACHE.parent.mkdir(exist_ok=True)
        np.savez_compressed(CACHE, deltas=deltas, names=EXPRESSION_NAMES)
    return np.load(CACHE)["deltas"]


# ------------------------------------------------------------------------------------------- the jaw


def jaw_motion(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Rotation [3, 3] and translation [3] (dm) of the lower teeth under an ICT expression at 1, in
    MakeHuman's frame: x -> R x + t."""
    ict, placed = registration.load_ict(), registration.register()
    first, last = registration.ICT_TEETH
    teeth = np.arange(first, last)
    # Which teeth belong to the jaw is read off the motion itself.
    moved = np.linalg.norm(ict.deltas["jawOpen"][teeth], axis=1)
    lower = teeth[moved > 0.5 * moved.max()]

    def to_makehuman(points):
        return placed.scale * points @ placed.rotation.T + placed.translation

    before = to_makehuman(ict.neutral[lower])
    after = to_makehuman(ict.neutral[lower] + ict.deltas[name][lower])
    _, rotation, _ = registration.similarity(before, after)
    return rotation, after.mean(0) - rotation @ before.mean(0)


def jaw_pivot() -> np.ndarray:
    """The hinge centre [3] of jawOpen on the mean head, in the mid-sagittal plane: the point that the motion
    leaves in place."""
    rotation, translation = jaw_motion("jawOpen")
    plane = slice(1, 3)
    fixed = np.linalg.solve(np.eye(2) - rotation[plane, plane], translation[plane])
    return np.array([0.0, *fixed])


# -------------------------------------------------------------------------------------- the transfer


def _ict_expressions() -> dict[str, np.ndarray]:
    """ARKit name -> ICT delta in cm. ICT keeps two shapes in halves, and adds `cheekRaiser`."""
    ict = registration.load_ict().deltas
    result = {}
    for name in EXPRESSION_NAMES:
        if name in ("browInnerUp", "cheekPuff"):
            result[name] = ict[f"{name}_L"] + ict[f"{name}_R"]
        elif name == "tongueOut":
            continue
        elif name in ict:
            result[name] = ict[name]
        else:
            half = name.replace("Left", "_L").replace("Right", "_R")
            result[name] = ict[half]
            if name.startswith("cheekSquint"):
                # ARKit's "upward movement of the cheek around and below the eye" is both ICT shapes.
                result[name] = ict[half] + 0.7 * ict[half.replace("Squint", "Raiser")]
    return result


def _local_frames() -> np.ndarray:
    """[ICT_SKIN, 3, 3]: how a small step on ICT's head maps to MakeHuman's, fitted over a neighbourhood and
    pulled towards the global similarity, which decides across the surface."""
    ict, placed = registration.load_ict(), registration.register()
    source = ict.neutral[: registration.ICT_SKIN]
    whole = placed.scale * placed.rotation
    distance, near = cKDTree(source).query(source, k=48)
    weight = np.exp(-((distance / 1.2) ** 2))[..., None]
    dx = source[near] - source[:, None]
    residual = (placed.bent[near] - placed.bent[:, None]) - dx @ whole.T
    moment = np.einsum("nki,nkj->nij", weight * dx, dx) + 4.0 * np.eye(3)
    frames = whole + np.einsum("nki,nkj->nij", weight * residual, dx) @ np.linalg.inv(moment)
    # Where the bending folded (nostrils) the fit means nothing: keep its stretch within reason.
    u, stretch, v = np.linalg.svd(frames)
    return u * np.clip(stretch, 0.6 * placed.scale, 1.5 * placed.scale)[:, None] @ v


def _transfer() -> dict[str, np.ndarray]:
    """The outer skin's deltas, [V, 3] each; zero elsewhere."""
    placed = registration.register()
    frames = _local_frames()
    corners = placed.ict_triangles[placed.triangle]
    # The shoulders have no partner on ICT's head; nostrils and folds that found none are bridged.
    mean = mean_vertices()[placed.outer]
    unmatched = placed.distance > 0.04
    face = (mean[:, 1] > 6.0) & (mean[:, 2] > 0.5)
    bridge = placed.outer[unmatched & face]
    fade = np.where(unmatched, 0.0, 1.0)
    fade = np.where(unmatched & ~face, 1 - np.clip((placed.distance - 0.05) / 0.15, 0, 1), fade)
    result = {}
    for name, delta in _ict_expressions().items():
        local = np.einsum("nij,nj->ni", frames, delta[: registration.ICT_SKIN])
        skin = np.zeros((VERTEX_COUNT, 3))
        skin[placed.outer] = np.einsum("nb,nbc->nc", placed.barycentric, local[corners]) * fade[:, None]
        around = np.setdiff1d(placed.outer, bridge)
        result[name] = topology.bridge(skin, bridge, around)
    return result


def _fill_inside(skin: np.ndarray) -> None:
    """Extends a delta [V, 3] into mouth bag and eye sockets, in place."""
    mean = mean_vertices().astype(np.float64)
    for side in LIDS:
        rim = np.union1d(*topology.lid_loops(side))
        socket = topology.eye_socket(side)
        depth = topology.geodesic(rim, mean)[socket]
        # The margin goes with the rim; the rest of the socket, behind the eyeball, fades out.
        nearest = rim[cKDTree(mean[rim]).query(mean[socket])[1]]
        skin[socket] = skin[nearest] * np.clip(1 - (depth[:, None] - 0.03) / 0.12, 0, 1)
    _fill_mouth(skin)


def _fill_mouth(skin: np.ndarray) -> None:
    """The mouth bag lies close behind lips, cheeks and chin: its walls move with the outer skin next to them
    (upper walls with upper skin, lower with lower), so that they never come through it; the throat is still."""
    mean = mean_vertices().astype(np.float64)
    upper, lower = topology.lip_loops()
    bag = topology.mouth_bag()
    to_upper, to_lower = (topology.geodesic(rim[1:-1], mean) for rim in (upper, lower))
    outer = registration.register().outer
    outer = outer[mean[outer, 2] > 0.3]
    follow = np.zeros((len(bag), 3))
    for below in (False, True):
        mine = (to_lower[bag] < to_upper[bag]) == below
        walls = outer[(to_lower[outer] < to_upper[outer]) == below]
        distance, near = cKDTree(mean[walls]).query(mean[bag[mine]], k=8)
        weight = 1 / (distance + 0.02) ** 2
        weight /= weight.sum(1, keepdims=True)
        follow[mine] = np.einsum("nk,nkc->nc", weight, skin[walls[near]])
    follow *= np.clip((mean[bag, 2] - 0.5) / 0.5, 0, 1)[:, None]
    # Near the rim the mesh itself decides.
    rim = np.union1d(upper, lower)
    skin[bag] = topology.blend(rim, skin[rim], bag, follow, 0.05)[bag]


# ----------------------------------------------------------------------------------------- corrections


def _eyeball(side: str) -> tuple[np.ndarray, float]:
    points = mean_vertices()[load_base().group_vertices(f"helper-{side[0]}-eye")].astype(np.float64)
    centre = points.mean(0)
    return centre, float(np.linalg.norm(points - centre, axis=1).max())


def _close(skin: np.ndarray, upper: np.ndarray, lower: np.ndarray, meet: np.ndarray, reach: float, inside) -> None:
    """Moves two rims of `skin` (delta [V, 3]) onto one line, in place, and their surroundings softly along.
    `meet` [n, 3]: positions of that line, evenly spaced from the first corner to the last."""
    mean = mean_vertices().astype(np.float64)
    rims, values = [], []
    for rim in (upper, lower):
        target = registration.at_parameters(meet, registration.arc_parameters(mean[rim]))
        rims.append(rim[1:-1])
        values.append(target[1:-1] - (mean[rim[1:-1]] + skin[rim[1:-1]]))
    corners = upper[[0, -1]]
    rims.append(corners)
    values.append(meet[[0, -1]] - (mean[corners] + skin[corners]))
    fixed, values = np.concatenate(rims), np.concatenate(values)
    near = np.flatnonzero(topology.geodesic(fixed, mean) < reach)
    skin += topology.spread(fixed, values, np.union1d(near, inside))


def _close_lids(skin: np.ndarray, side: str) -> None:
    """Both rims end on one line, a quarter of the way up from where the transfer left the lower rim, clear of
    the eyeball."""
    mean = mean_vertices().astype(np.float64)
    upper, lower = topology.lid_loops(side)
    count = 33
    a = registration.along((mean + skin)[upper], count)
    b = registration.along((mean + skin)[lower], count)
    meet = 0.25 * a + 0.75 * b
    centre, radius = _eyeball(side)
    away = meet - centre
    length = np.linalg.norm(away, axis=1, keepdims=True)
    meet = centre + away * np.maximum(1, (radius + 0.010) / length)
    meet[[0, -1]] = (mean + skin)[upper[[0, -1]]]
    socket = topology.eye_socket(side)
    margin = socket[topology.geodesic(np.union1d(upper, lower), mean)[socket] < 0.06]
    _close(skin, upper, lower, meet, 0.16, margin)


def _seal_lips(skin: np.ndarray, open_jaw: np.ndarray) -> None:
    """Corrects mouthClose so that the lips meet when it is added to jawOpen, both at 1."""
    mean = mean_vertices().astype(np.float64)
    upper, lower = topology.lip_loops()
    both = skin + open_jaw
    a = registration.along((mean + both)[upper], 41)
    b = registration.along((mean + both)[lower], 41)
    meet = 0.5 * (a + b)
    meet[[0, -1]] = (mean + both)[upper[[0, -1]]]
    bag = topology.mouth_bag()
    near = bag[topology.geodesic(np.union1d(upper, lower), mean)[bag] < 0.1]
    before = both.copy()
    _close(both, upper, lower, meet, 0.22, near)
    skin += both - before


def clear_eyeballs(vertices: np.ndarray, margin: float = 0.010) -> np.ndarray:
    """Pushes lid vertices that a straight-line blend has sunk into an eyeball back out in front of it.
    `vertices` [19158, 3] in dm; returns a corrected copy. The margin (dm) also clears the cornea."""
    result = np.array(vertices, np.float32)
    for side in LIDS:
        eye = result[load_base().group_vertices(f"helper-{side[0]}-eye")]
        centre = eye.mean(0)
        radius = np.linalg.norm(eye - centre, axis=1).max() + margin
        lids = _lid_patch(side)
        away = result[lids] - centre
        length = np.linalg.norm(away, axis=1, keepdims=True)
        result[lids] = centre + away * np.maximum(1, radius / np.maximum(length, 1e-6))
    return result


@lru_cache(maxsize=None)
def _lid_patch(side: str) -> np.ndarray:
    """Outer lid skin with its rim, without the socket."""
    mean = mean_vertices().astype(np.float64)
    rim = np.union1d(*topology.lid_loops(side))
    near = np.flatnonzero(topology.geodesic(rim, mean) < 0.12)
    return np.setdiff1d(near, topology.eye_socket(side))


# --------------------------------------------------------------------------------------------- helpers


def _carry_rigidly(skin: np.ndarray, group: str, motion: tuple[np.ndarray, np.ndarray], share: float = 1.0) -> None:
    mean = mean_vertices().astype(np.float64)
    index = load_base().group_vertices(group)
    rotation, translation = motion
    skin[index] = share * (mean[index] @ rotation.T + translation - mean[index])


def _carry_lashes(skin: np.ndarray) -> None:
    """Each lash vertex follows the rigid motion of the rim around its root."""
    base, mean = load_base(), mean_vertices().astype(np.float64)
    for side in LIDS:
        groups = [base.group_vertices(f"helper-{side[0]}-eyelashes-{k}") for k in (1, 2)]
        groups.sort(key=lambda index: mean[index, 1].mean())  # lower lashes, upper lashes
        upper, lower = topology.lid_loops(side)
        for index, rim in zip(groups, (lower, upper)):
            index = np.setdiff1d(index, [])
            band = np.flatnonzero(topology.geodesic(rim, mean) < 0.035)
            other = upper if rim is lower else lower
            band = np.setdiff1d(band, np.union1d(other[1:-1], topology.eye_socket(side)))
            root = rim[cKDTree(mean[rim]).query(mean[index])[1]]
            for r in np.unique(root):
                near = band[cKDTree(mean[band]).query(mean[r], k=7)[1]]
                moved = mean[near] + skin[near]
                if np.abs(skin[near]).max() < 1e-6:
                    continue
                _, rotation, _ = registration.similarity(mean[near], moved)
                mine = index[root == r]
                skin[mine] = (mean[mine] - mean[r]) @ rotation.T + mean[r] + skin[r] - mean[mine]


def _carry_hair_and_clothes(skin: np.ndarray) -> None:
    base, mean = load_base(), mean_vertices()
    body = base.group_vertices("body")
    for group in ("helper-hair", "helper-tights"):
        index = base.group_vertices(group)
        skin[index] = skin[body[cKDTree(mean[body]).query(mean[index])[1]]]


def _tongue_out() -> np.ndarray:
    """The tongue slides out over the lower lip and droops; it wants an open jaw, as ARKit's does."""
    mean = mean_vertices().astype(np.float64)
    index = load_base().group_vertices("helper-tongue")
    z = mean[index, 2]
    s = (z - z.min()) / np.ptp(z)  # 0 root, 1 tip
    skin = np.zeros((VERTEX_COUNT, 3))
    skin[index, 2] = 0.42 * s**1.3
    skin[index, 1] = 0.06 * s * (1 - s) * 4 - 0.10 * s**3
    skin[index, 0] = -(0.1 * s + 0.35 * s**4) * mean[index, 0]
    return skin


def _symmetric(deltas: dict[str, np.ndarray]) -> None:
    """Averages each expression with the mirror image of its partner, in place."""
    mirror = topology.mirror_map()
    for name in EXPRESSION_NAMES:
        partner = name.replace("Left", "Right") if "Left" in name else name.replace("Right", "Left")
        if "Right" in name:
            continue
        mean = 0.5 * (deltas[name] + deltas[partner][mirror] * [-1, 1, 1])
        deltas[name], deltas[partner] = mean, mean[mirror] * [-1, 1, 1]


def effective_coefficients(coefficients: np.ndarray) -> np.ndarray:
    """Coefficients [..., 52] as the shape applies them, the same rule as in src/head/closure.rs: a lid that a blink
    has closed cannot be squinted, widened or lowered further, and lips close no further than the jaw is open."""
    result = np.array(coefficients, np.float32)
    for side in ("Left", "Right"):
        open_lid = 1 - result[..., expression_index(f"eyeBlink{side}")]
        for name in ("eyeSquint", "eyeWide", "eyeLookDown", "eyeLookUp", "cheekSquint"):
            result[..., expression_index(name + side)] *= open_lid
    close = expression_index("mouthClose")
    result[..., close] = np.minimum(result[..., close], result[..., expression_index("jawOpen")])
    return result


@dataclass(frozen=True)
class _Closure:
    """Two rims that shall meet although each person opens them differently. The same as src/head/closure.rs."""

    names: tuple[str, ...]  # expressions that are at 1 when the rims meet; the last one drives the correction
    rims: tuple[np.ndarray, np.ndarray]
    partners: tuple  # for each rim: (index a, index b, share of b) on the other one
    meet: float  # where they meet: the upper rim's share
    patch: np.ndarray  # vertices that follow
    weights: np.ndarray  # [patch, upper + lower rim]


@lru_cache(maxsize=None)
def _closures() -> tuple[_Closure, ...]:
    mean, deltas = mean_vertices().astype(np.float64), expression_deltas()
    # Distances on a head with parted lips never reach across the lip line.
    parted = mean + deltas[expression_index("jawOpen")]
    result = []
    for names, (upper, lower), meet, reach, width in (
        (("eyeBlinkLeft",), topology.lid_loops("left"), 0.25, 0.08, 0.025),
        (("eyeBlinkRight",), topology.lid_loops("right"), 0.25, 0.08, 0.025),
        (("jawOpen", "mouthClose"), topology.lip_loops(), 0.5, 0.13, 0.04),
    ):
        t = [registration.arc_parameters(mean[rim]) for rim in (upper, lower)]
        partners = []
        for own, rim, other in ((t[0], lower, t[1]), (t[1], upper, t[0])):
            b = np.clip(np.searchsorted(other, own), 1, len(other) - 1)
            share = np.clip((own - other[b - 1]) / (other[b] - other[b - 1]), 0, 1)
            partners.append((rim[b - 1], rim[b], share[:, None]))
        rim = np.concatenate([upper, lower])
        body = load_base().group_vertices("body")
        nearest = cKDTree(parted[rim]).query(parted[body])[0]
        patch = body[nearest < reach]
        distance = np.linalg.norm(parted[patch][:, None] - parted[rim], axis=2)
        is_upper = np.arange(len(rim)) < len(upper)
        mine = is_upper[distance.argmin(1)]
        weight = np.exp(-((distance / width) ** 2) + (distance.min(1, keepdims=True) / width) ** 2)
        weight[mine[:, None] != is_upper[None]] = 0
        weight /= weight.sum(1, keepdims=True)
        weight *= ((1 - (distance.min(1, keepdims=True) / reach) ** 2).clip(0) ** 2)
        for k, vertex in enumerate(rim):  # a rim vertex follows itself alone
            row = np.flatnonzero(patch == vertex)
            weight[row] = 0
            weight[row, k] = 1
        result.append(_Closure(names, (upper, lower), tuple(partners), meet, patch, weight.astype(np.float32)))
    return tuple(result)


def express(neutral: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """A person's vertices [19158, 3] (dm) under an expression [52], float32."""
    effective, deltas = effective_coefficients(coefficients), expression_deltas()
    active = np.flatnonzero(effective)
    result = neutral + np.einsum("e,evc->vc", effective[active], deltas[active], optimize=True)
    for closure in _closures():
        drive = float(effective[expression_index(closure.names[-1])])
        if drive == 0:
            continue
        closed = lambda index: neutral[index] + sum(deltas[expression_index(name)][index] for name in closure.names)
        steps = []
        for rim, (a, b, share), part in zip(closure.rims, closure.partners, (1 - closure.meet, closure.meet)):
            steps.append(part * (closed(a) * (1 - share) + closed(b) * share - closed(rim)))
        result[closure.patch] += drive * (closure.weights @ np.concatenate(steps))
    return clear_eyeballs(result)


def shut_lips(neutral: np.ndarray) -> None:
    """Brings a neutral person's lips together, in place: sliders part them. A hair's breadth of overlap keeps the
    teeth from shining through."""
    closure, steps = _closures()[2], []
    for rim, (a, b, share), part, overlap in zip(closure.rims, closure.partners, (0.5, 0.5), (-0.002, 0.002)):
        step = part * (neutral[a] * (1 - share) + neutral[b] * share - neutral[rim])
        step[1:-1, 1] += overlap
        steps.append(step)
    neutral[closure.patch] += closure.weights @ np.concatenate(steps)


def build_deltas() -> np.ndarray:
    deltas = _transfer()
    deltas["tongueOut"] = _tongue_out()
    for name in deltas:
        if name == "tongueOut":
            continue
        if name.startswith("eyeLook"):
            deltas[name] *= 0.7  # ICT's lids follow the gaze further than MakeHuman's narrower eyes allow
        _fill_inside(deltas[name])
        if name.startswith("jaw"):
            rotation, translation = jaw_motion(name)
            # MakeHuman's chin is thinner over the tooth roots than ICT's.
            jaw = rotation, translation - [0, 0, 0.03 if name == "jawOpen" else 0]
            _carry_rigidly(deltas[name], "helper-lower-teeth", jaw)
            _carry_rigidly(deltas[name], "helper-tongue", jaw, 0.9)
    _symmetric(deltas)
    for side in LIDS:
        _close_lids(deltas[f"eyeBlink{side.title()}"], side)
    _seal_lips(deltas["mouthClose"], deltas["jawOpen"])
    for name, skin in deltas.items():
        _carry_lashes(skin)
        _carry_hair_and_clothes(skin)
    _symmetric(deltas)
    return np.stack([deltas[name] for name in EXPRESSION_NAMES]).astype(np.float32)
