"""Computes `models/head.safetensors`, the head model of ARCHITECTURE.md: mean, identity modes, expressions, names.

    python models/synth/build_head.py [--people 4000] [--modes 40]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

import arkit
import head_layout as layout
import registration
import topology
from makehuman import joint, load_base, load_proxy, mean_vertices, random_identity, triangulate

OUTPUT = Path(__file__).resolve().parents[1] / "head.safetensors"
SEED = 20


def people(count: int, mirror: np.ndarray) -> np.ndarray:
    """Random neutral people, rigidly aligned on the mean face and brought to its size, float32 [count, V, 3];
    every second one is the mirror image of the one before, so that the modes come out (anti)symmetric."""
    rng = np.random.default_rng(SEED)
    kept = layout.kept_vertices()
    reference = mean_vertices()
    region = layout.regions()
    anchors = np.flatnonzero(np.isin(region, (layout.FACE, layout.UPPER_LIP, layout.LOWER_LIP, layout.UPPER_LID, layout.LOWER_LID)))
    anchors = np.intersect1d(anchors[layout.rigidity()[anchors] > 0.95], kept)
    result = np.empty((count, len(kept), 3), np.float32)
    for k in range(0, count, 2):
        person = random_identity(rng)
        scale, rotation, shift = registration.similarity(person[anchors], reference[anchors])
        aligned = scale * person[kept] @ rotation.T + shift
        result[k] = aligned
        if k + 1 < count:
            result[k + 1] = aligned[mirror] * [-1, 1, 1]
    return result


def vertex_weights(mean: np.ndarray, triangles: np.ndarray, region: np.ndarray) -> np.ndarray:
    """How much each vertex counts in the modes: its area, times 4 on the face, a quarter on neck and shoulders."""
    a, b, c = (mean[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 6
    weight = sum(np.bincount(triangles[:, k], area, len(mean)) for k in range(3))
    factor = np.full(11, 1.0)
    factor[[layout.FACE, layout.UPPER_LIP, layout.LOWER_LIP, layout.UPPER_LID, layout.LOWER_LID]] = 4.0
    factor[[layout.NECK, layout.SHOULDER, layout.INSIDE_MOUTH, layout.EYE_SOCKET]] = 0.25
    # Dense lips and lids would count little by area alone, yet they are what a viewer watches.
    return (weight + 0.3 * weight.mean()) * factor[region]


def modes(samples: np.ndarray, weight: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Weighted principal components: (mean [V, 3], modes [count, V, 3] for one standard deviation, share of the
    variance they hold)."""
    mean = samples.mean(0, dtype=np.float64)
    root = np.sqrt(np.repeat(weight, 3))
    centred = ((samples - mean.astype(np.float32)).reshape(len(samples), -1) * root.astype(np.float32))
    values, vectors = np.linalg.eigh(centred @ centred.T)
    values, vectors = values[::-1], vectors[:, ::-1]
    deviation = np.sqrt(np.maximum(values[:count], 0) / len(samples))
    axes = (vectors[:, :count].T @ centred) / np.sqrt(np.maximum(values[:count, None], 1e-12))
    return mean, (deviation[:, None] * axes / root).reshape(count, -1, 3), float(values[:count].sum() / values.sum())


def quantise(deltas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[N, V, 3] as (i8 [N, V, 3], scale [N])."""
    scale = np.abs(deltas).reshape(len(deltas), -1).max(1).astype(np.float32)
    return np.rint(deltas / np.maximum(scale, 1e-9)[:, None, None] * 127).astype(np.int8), scale


def incisors(vertices: np.ndarray) -> np.ndarray:
    """Midpoints of the cutting edges of the upper and the lower incisors, [2, 3]."""
    proxy = load_proxy("base/teeth/teeth_base/teeth_base.mhclo")
    teeth = proxy.fit(vertices)
    result = []
    for group, sign in (("helper-upper-teeth", -1), ("helper-lower-teeth", 1)):
        mine = np.isin(proxy.binding, load_base().group_vertices(group)).all(1) & (np.abs(teeth[:, 0]) < 0.08)
        front = teeth[mine]
        front = front[front[:, 2] > front[:, 2].max() - 0.06]
        edge = front[(sign * front[:, 1]) > (sign * front[:, 1]).max() - 0.006]
        result.append([0.0, edge[:, 1].mean(), edge[:, 2].mean()])
    return np.array(result)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--people", type=int, default=4000)
    arguments.add_argument("--modes", type=int, default=40)
    options = arguments.parse_args()

    kept = layout.kept_vertices()
    number = np.full(len(mean_vertices()), -1)
    number[kept] = np.arange(len(kept))
    mirror = number[topology.mirror_map()[kept]]
    base = load_base()
    body = triangulate(base.faces[base.groups["body"]])
    anchors = np.concatenate([layout.eye_anchor(side) for side in ("left", "right")])
    drawn = (number[body] >= 0).all(1) & ~np.isin(body, anchors).any(1)
    triangles = number[body[drawn]]
    region = layout.regions()[kept]

    samples = people(options.people, mirror)
    weight = vertex_weights(mean_vertices()[kept], triangles, region)
    mean, identity, share = modes(samples, weight, options.modes)
    print(f"{options.modes} modes hold {100 * share:.1f} % of the weighted variance")

    landmarks = number[layout.landmarks68()]
    unit = np.linalg.norm(mean[landmarks[45]] - mean[landmarks[36]])
    # The pivot moves with the samples' alignment, which is that of MakeHuman's mean.
    origin = joint(mean_vertices(), "head")
    place = lambda points: (points - origin) / unit
    print(f"unit {unit:.4f} dm, pivot {origin.round(3)}")

    expression = arkit.expression_deltas()[:, kept] / unit
    expression_bytes, expression_scale = quantise(expression)
    # mouthClose undoes jawOpen as stored, so that rounding does not part the lips.
    jaw, close = arkit.expression_index("jawOpen"), arkit.expression_index("mouthClose")
    error = expression[jaw] - expression_bytes[jaw] / 127 * expression_scale[jaw]
    expression[close] += error * (np.abs(expression[close]).max(1, keepdims=True) > 0)
    expression_bytes, expression_scale = quantise(expression)
    identity_bytes, identity_scale = quantise(identity / unit)

    dense, dense_mirror = layout.dense()
    lips = layout.symmetric_paired_lips()
    lids = {side: layout.paired_rims(*topology.lid_loops(side)) for side in ("left",)}
    # The right eye's columns are the left's mirrored, again from smaller to larger x.
    lids["right"] = tuple(topology.mirror_map()[rim[::-1]] for rim in lids["left"])
    mean_eyes, eye_offset, eye_radius = [], [], []
    rng = np.random.default_rng(SEED)
    crowd = [random_identity(rng) for _ in range(200)]
    for side in ("left", "right"):
        eye = base.group_vertices(f"helper-{side[0]}-eye")
        anchor = layout.eye_anchor(side)
        offsets = np.array([person[eye].mean(0) - person[anchor].mean(0) for person in crowd])
        print(f"{side} eye: centre from its anchors within {offsets.std(0).max() / unit:.4f}")
        eye_offset.append(offsets.mean(0) / unit)
        centre = mean_vertices()[eye].mean(0)
        eye_radius.append(np.linalg.norm(mean_vertices()[eye] - centre, axis=1).max() / unit)
    # Mirror-symmetric by construction, but for the finite crowd.
    eye_offset = np.array(eye_offset)
    eye_offset[0] = 0.5 * (eye_offset[0] + eye_offset[1] * [-1, 1, 1])
    eye_offset[1] = eye_offset[0] * [-1, 1, 1]

    index = lambda vertices: number[vertices].astype(np.uint16)
    tensors = {
        "mean": place(mean).astype(np.float32),
        "identity": identity_bytes,
        "identity_scale": identity_scale,
        "expression": expression_bytes,
        "expression_scale": expression_scale,
        "triangles": triangles.astype(np.uint16),
        "landmarks68": landmarks.astype(np.uint16),
        "landmarks68_mirror": layout.LANDMARK_MIRROR.astype(np.uint16),
        "dense": index(dense),
        "dense_mirror": dense_mirror.astype(np.uint16),
        "region": region,
        "lip_upper": index(lips[0]),
        "lip_lower": index(lips[1]),
        "eye_left": index(layout.eye_anchor("left")),
        "eye_right": index(layout.eye_anchor("right")),
        "eye_offset": eye_offset.astype(np.float32),
        "eye_radius": np.array(eye_radius, np.float32),
        "rigid": layout.rigidity()[kept].astype(np.float32),
        "mouth_anchor": place(incisors(mean_vertices())).astype(np.float32),
        "jaw_pivot": place(arkit.jaw_pivot()).astype(np.float32),
    }
    for side, rims in lids.items():
        for name, rim in zip(("upper", "lower"), rims):
            tensors[f"lid_{side}_{name}"] = index(rim)
    for name in [name for name, tensor in tensors.items() if tensor.dtype == np.uint16]:
        if "mirror" not in name and (tensors[name] >= len(kept)).any():
            raise ValueError(f"{name} names a vertex that the model leaves out")
    metadata = {
        "expression_names": ",".join(arkit.EXPRESSION_NAMES),
        "source": "MakeHuman (CC0 1.0); expressions after ICT-FaceKit, MIT, (c) 2020 USC Institute for Creative Technologies",
    }
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, OUTPUT, metadata)
    print(f"{OUTPUT}: {len(kept)} vertices, {len(triangles)} triangles, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
