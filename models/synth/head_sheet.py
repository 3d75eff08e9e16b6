"""Draws models/head.safetensors: mean, modes, regions, landmarks, expressions: data/sheets/head-*.png."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from safetensors.numpy import load_file

import arkit
import preview

PALETTE = np.array(
    [[0.6, 0.45, 0.38], [0.8, 0.1, 0.1], [0.9, 0.4, 0.1], [0.1, 0.1, 0.8], [0.1, 0.7, 0.8], [0.9, 0.8, 0.1],
     [0.3, 0.6, 0.3], [0.25, 0.2, 0.15], [0.5, 0, 0.5], [0.9, 0.9, 0.9], [0.3, 0.3, 0.7]]
)  # fmt: skip


def dots(points, colour, radius):
    """Small octahedra."""
    corners = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]) * radius
    sides = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
    vertices = (points[:, None] + corners + [0, 0, 1.2 * radius]).reshape(-1, 3)
    return vertices, (sides + 6 * np.arange(len(points))[:, None, None]).reshape(-1, 3), colour


def main() -> None:
    folder = Path(__file__).parent / "data" / "sheets"
    folder.mkdir(parents=True, exist_ok=True)
    head = load_file(Path(__file__).resolve().parents[1] / "head.safetensors")
    mean, triangles = head["mean"], head["triangles"].astype(np.int32)
    identity = head["identity"] * head["identity_scale"][:, None, None] / 127
    expression = head["expression"] * head["expression_scale"][:, None, None] / 127
    save = lambda name, image: cv2.imwrite(str(folder / f"head-{name}.png"), image[:, :, ::-1])
    eyes = [(head["eye_left"], 0), (head["eye_right"], 1)]

    def balls(vertices):
        return [dots(vertices[index].mean(0, keepdims=True) + head["eye_offset"][k], (0.75,) * 3, head["eye_radius"][k]) for index, k in eyes]

    face, all_of_it = mean[head["landmarks68"]].mean(0), np.array([0, 0, 0.3])
    pictures = [preview.draw([(mean, triangles, PALETTE[head["region"]])], all_of_it, 1.9, 400, yaw) for yaw in (0, 0.8, 2.6)]
    rigid = head["rigid"][:, None]
    pictures.append(preview.draw([(mean, triangles, np.hstack([rigid, rigid * 0, 1 - rigid]))], all_of_it, 1.9, 400, 0.5))
    save("regions", preview.sheet(pictures, 4))

    pictures, names = [], []
    for mode in range(20):
        for sign in (-2.5, 2.5):
            pictures.append(preview.draw([(mean + sign * identity[mode], triangles, preview.SKIN)], all_of_it, 1.7, 200, 0.35))
            names.append(f"{mode}: {sign}")
    save("modes", preview.sheet(pictures, 8, names))
    rng = np.random.default_rng(1)
    pictures = [preview.draw([(mean + np.tensordot(rng.normal(size=len(identity)), identity, 1), triangles, preview.SKIN)], all_of_it, 1.7, 300, 0.35) for _ in range(12)]
    save("people", preview.sheet(pictures, 6))

    pictures = []
    lips, lids = mean[head["landmarks68"][48:]].mean(0), mean[head["landmarks68"][36:42]].mean(0)
    for centre, extent, yaw in ((face, 1.0, 0), (face, 1.0, -0.8), (lips, 0.4, 0), (lids, 0.34, 0)):
        size = 0.012 if extent > 0.5 else 0.006
        pictures.append(preview.draw(
            [(mean, triangles, preview.SKIN), dots(mean[head["landmarks68"]], (0, 0.8, 0), size), dots(mean[head["dense"]], (0, 0, 1), size)],
            centre, extent, 700, yaw))  # fmt: skip
    save("points", preview.sheet(pictures, 2))

    pictures, names = [], []
    for mix in ({"jawOpen": 1}, {"jawOpen": 1, "mouthClose": 1}, {"eyeBlinkLeft": 1, "eyeBlinkRight": 1}, {"mouthSmileLeft": 1, "mouthSmileRight": 1, "jawOpen": 0.2}, {"mouthPucker": 1}, {"mouthFunnel": 1, "jawOpen": 0.3}):
        vertices = mean + sum(value * expression[arkit.expression_index(name)] for name, value in mix.items())
        pictures.append(preview.draw([(vertices, triangles, preview.SKIN)], face, 1.0, 400, 0.2))
        names.append(" ".join(mix))
    save("expressions", preview.sheet(pictures, 3, names))


if __name__ == "__main__":
    main()
