"""Renders short films of people who do not exist: one person, one room, moving head and face, exact labels.

    python models/synth/sequences.py --out DIR --count N --seed S [--frames 40] [--size 384] [--fps 25] [--first 0]
    python models/synth/sequences.py --out DIR --count N --seed S --sparse --frames 7 --size 256
    python models/synth/sequences.py --sheet FILE.png --seed S --frames 12 --count 8

DIR/NNNN/0001.png ... are the frames (RGB), the first is a portrait from which the rest moves away; DIR/NNNN/labels.npz
holds the arrays of README.md for each frame, without the pictures. Camera, exposure, lights and background stay, so a
head turns in the light. Person NNNN depends on (seed, NNNN) alone; a restart skips the folders that exist, and a folder
appears whole.

`--sparse` takes moments seconds apart (the same person, the same light, another state in each frame; sorted by
yaw so that a tracker can follow): the most variety for training pairs."""

from __future__ import annotations

import argparse
import copy
import os
import shutil
import time
from pathlib import Path

import cv2
import numpy as np

APART = 2.0  # seconds between the moments of a sparse sequence
STARTLED = 70  # blinks a minute there: states of the lids matter more than their frequency
KEYS = ("seg", "points", "visible", "expression", "pose", "gaze")


def sequence(scene, seed: int, number: int, frames: int, fps: float, sparse: bool) -> list[dict]:
    """The samples of person `number`."""
    from motion import random_motion, source_shot
    from person import random_person

    rng = np.random.default_rng([seed, number])
    scene.person(random_person(rng))
    source = source_shot(rng)
    if sparse:
        motion = random_motion(rng, source, int(APART * fps) * frames, fps, STARTLED)
        later = int(APART * fps) * np.arange(1, frames)
        chosen = [0, *later[np.argsort(motion.pose[later, 0])]]
    else:
        motion = random_motion(rng, source, frames, fps, rng.uniform(10, 20))
        chosen = range(frames)
    still = scene.still(source, rng)
    rows = []
    for k in chosen:
        shot = copy.copy(source)
        shot.expression, shot.pose, shot.trunk, shot.gaze = motion.expression[k], motion.pose[k], motion.trunk[k], motion.gaze[k]
        moved = copy.copy(still)
        moved.camera = copy.copy(still.camera)
        # Moving the picture's frame is moving the person, for the background does not come along.
        moved.camera.shift = still.camera.shift + motion.place[k, :2]
        moved.camera.distance = still.camera.distance / motion.place[k, 2]
        # The same random numbers in each frame: what is before the face keeps its kind and its colours.
        rows.append(scene.draw(shot, np.random.default_rng([seed, number, 1]), moved))
    return rows


def write(folder: Path, rows: list[dict]) -> None:
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    aside.mkdir()
    for k, row in enumerate(rows):
        cv2.imwrite(str(aside / f"{k + 1:04d}.png"), row["image"][..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 2])
    np.savez_compressed(aside / "labels.npz", meta=np.array([row["meta"] for row in rows]), **{key: np.stack([row[key] for row in rows]) for key in KEYS})
    aside.rename(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", help="folder of the sequences")
    parser.add_argument("--sheet", help="write a contact sheet instead, a person a row")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--first", type=int, default=0, help="number of the first person")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--fps", type=float, default=25)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--smooth", action="store_true", help="consecutive frames (the default)")
    mode.add_argument("--sparse", action="store_true", help="moments far apart")
    arguments = parser.parse_args()
    if not arguments.out and not arguments.sheet:
        parser.error("--out or --sheet")
    cv2.setNumThreads(1)
    from scene import Scene

    scene = Scene(arguments.size)
    strips = []
    for number in range(arguments.first, arguments.first + arguments.count):
        folder = Path(arguments.out or "") / f"{number:04d}"
        if arguments.out and folder.exists():
            continue
        start = time.time()
        rows = sequence(scene, arguments.seed, number, arguments.frames, arguments.fps, arguments.sparse)
        if arguments.sheet:
            strips.append(np.hstack([row["image"] for row in rows]))
            continue
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left in folder.parent.glob(f".{folder.name}.*"):
            shutil.rmtree(left)  # of a run that was stopped
        write(folder, rows)
        print(f"{folder}: {len(rows) / (time.time() - start):.1f} pictures/s", flush=True)
    if arguments.sheet:
        cv2.imwrite(arguments.sheet, np.vstack(strips)[..., ::-1])


if __name__ == "__main__":
    main()
