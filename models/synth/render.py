"""Renders synthetic portraits with exact labels into shards of 248.

    python models/synth/render.py --out DIR --count N --seed S [--workers 2] [--size 224]
    python models/synth/render.py --sheet FILE.png [--seed S] [--count 40]

Shard k depends on (seed, k) alone; a restart skips the shards that exist. README.md describes the arrays."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from pathlib import Path

import cv2
import numpy as np

SHARD = 248
SHOTS = 4  # pictures of each person
VERSION = 4  # raised when the looks change


def samples(scene, seed: int, first_person: int, count: int):
    """Yields `count` samples of the people from `first_person` on."""
    from person import random_person
    from shot import random_shot

    for k in range(count):
        if k % SHOTS == 0:
            rng = np.random.default_rng([seed, first_person + k // SHOTS])
            scene.person(random_person(rng))
        yield scene.draw(random_shot(rng), rng)


def write_shard(scene, path: Path, seed: int, number: int, count: int) -> None:
    rows = list(samples(scene, seed, number * SHARD // SHOTS, count))
    arrays = {key: np.stack([row[key] for row in rows]) for key in rows[0] if key != "meta"}
    arrays["meta"] = np.array([row["meta"] for row in rows])
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with open(temporary, "wb") as file:
        np.savez(file, **arrays)
    temporary.rename(path)


def work(jobs, arguments) -> None:
    cv2.setNumThreads(1)
    from scene import Scene

    scene = Scene(arguments.size)
    while True:
        number = jobs.get()
        if number is None:
            return
        path = Path(arguments.out) / f"shard_{number:05d}.npz"
        if path.exists():
            continue
        start = time.time()
        count = min(SHARD, arguments.first * SHARD + arguments.count - number * SHARD)
        write_shard(scene, path, arguments.seed, number, count)
        print(f"{path.name}: {count / (time.time() - start):.1f} pictures/s", flush=True)


def sheet(arguments) -> None:
    """A contact sheet: each picture with and without its points and classes."""
    from scene import Scene

    scene = Scene(arguments.size)
    count = arguments.count or 40
    palette = np.random.default_rng(3).integers(40, 255, (16, 3)).astype(np.uint8)
    palette[0] = 0
    tiles = []
    for sample in samples(scene, arguments.seed, 0, count * SHOTS if arguments.people else count):
        tiles.append((sample["image"], sample))
    tiles = tiles[::SHOTS] if arguments.people else tiles
    cells = []
    for image, sample in tiles:
        cells.append(image)
        if arguments.labels:
            marked = cv2.resize(image, None, fx=1, fy=1).copy()
            for k, ((x, y), visible) in enumerate(zip(sample["points"], sample["visible"])):
                colour = ((255, 255, 0) if k < 17 else (0, 255, 0) if k < 68 else (255, 0, 255) if k < 70 else (0, 200, 255)) if visible else (255, 0, 0)
                cv2.circle(marked, (round(16 * (float(x) - 0.5)), round(16 * (float(y) - 0.5))), 16 if k < 70 else 8, colour, -1, cv2.LINE_AA, 4)
            cells += [marked, palette[sample["seg"]]]
    columns = arguments.columns
    while len(cells) % columns:
        cells.append(np.zeros_like(cells[0]))
    picture = np.vstack([np.hstack(cells[k : k + columns]) for k in range(0, len(cells), columns)])
    cv2.imwrite(arguments.sheet, picture[..., ::-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", help="folder of the shards")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first shard")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--sheet", help="write a contact sheet instead")
    parser.add_argument("--labels", action="store_true", help="points and classes on the sheet")
    parser.add_argument("--people", action="store_true", help="one picture a person on the sheet")
    parser.add_argument("--columns", type=int, default=8)
    arguments = parser.parse_args()
    if arguments.sheet:
        return sheet(arguments)
    if not arguments.out or not arguments.count:
        parser.error("--out and --count, or --sheet")
    Path(arguments.out).mkdir(parents=True, exist_ok=True)
    shards = (arguments.count + SHARD - 1) // SHARD
    context = multiprocessing.get_context("spawn")
    jobs = context.Queue()
    for number in range(arguments.first, arguments.first + shards):
        jobs.put(number)
    workers = [context.Process(target=work, args=(jobs, arguments)) for _ in range(arguments.workers)]
    for worker in workers:
        jobs.put(None)
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
