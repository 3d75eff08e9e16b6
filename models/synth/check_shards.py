"""Checks shards against the head model: do points, pose and classes agree?

    python models/synth/check_shards.py DIR/shard_*.npz

Pose is estimated from the points by an affine fit of the mean head (`models/head.safetensors`) and compared with the
label: medians near 0 show that the signs and the order of the points hold. Identity and expression, which the mean
head lacks, leave 1 to 2 degrees of scatter."""

import collections
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file


def estimated_pose(model: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Yaw, pitch, roll (radians) of centred `model` [n, 3] seen as `points` [n, 2] (pixels, y down)."""
    picture = (points - points.mean(0)) * [1, -1]
    affine = np.linalg.lstsq(model, picture, rcond=None)[0].T
    u, _, v = np.linalg.svd(affine, full_matrices=False)
    rows = u @ v
    r = np.vstack([rows, np.cross(*rows)])
    return np.array([np.arctan2(r[0, 2], r[2, 2]), np.arcsin(-r[1, 2]), np.arctan2(r[1, 0], r[1, 1])])


def main() -> None:
    head = load_file(Path(__file__).resolve().parents[1] / "head.safetensors")
    # Jaw points follow the visible outline and irises the gaze: neither is a fixed place of the head.
    model = head["mean"][np.concatenate([head["landmarks68"][17:], head["dense"]])].astype(float)
    model -= model.mean(0)
    errors, groups, classes, count = [], collections.Counter(), np.zeros(256), 0
    for path in sys.argv[1:]:
        shard = np.load(path)
        points = np.concatenate([shard["points"][:, 17:68], shard["points"][:, 70:]], 1)
        errors += [estimated_pose(model, p) - pose for p, pose in zip(points, shard["pose"])]
        classes += np.bincount(shard["seg"].ravel(), minlength=256)
        groups.update(json.loads(meta)["group"] for meta in shard["meta"])
        count += len(points)
    errors = np.degrees(errors)
    print(f"{count} pictures")
    print("pose, degrees (yaw, pitch, roll): median error", np.median(errors, 0).round(2), "95 % within", np.percentile(np.abs(errors), 95, 0).round(1))
    print("classes, %:", (100 * classes[:16] / classes.sum()).round(2))
    print("groups, %:", {group: round(100 * n / count, 1) for group, n in sorted(groups.items())})
    if classes[16:].any() or np.abs(np.median(errors, 0)).max() > 2:
        raise SystemExit("labels are wrong")


if __name__ == "__main__":
    main()
