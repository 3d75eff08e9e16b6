"""Draws the mean head under each of the 52 expressions at 1, for people to look at: data/sheets/*.png."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

import arkit
import preview
from makehuman import load_base, load_proxy, mean_vertices, random_identity, triangulate

EYES = "eyes/high-poly/high-poly.mhclo"
TEETH = "base/teeth/teeth_base/teeth_base.mhclo"
TONGUE = "base/tongue/tongue01/tongue01.mhclo"
LASHES = "base/eyelashes/eyelashes01/eyelashes01.mhclo"


def parts(vertices):
    base = load_base()
    result = [(vertices, triangulate(base.faces[base.groups["body"]]), preview.SKIN)]
    for path, colour in ((EYES, preview.EYE), (TEETH, preview.TEETH), (TONGUE, preview.TONGUE)):
        proxy = load_proxy(path)
        result.append((proxy.fit(vertices), triangulate(proxy.mesh.faces), colour))
    return result


def posed(neutral=None, **coefficients: float):
    values = np.zeros(len(arkit.EXPRESSION_NAMES), np.float32)
    for name, value in coefficients.items():
        values[arkit.expression_index(name)] = value
    return arkit.express(mean_vertices() if neutral is None else neutral, values)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    face, mouth = np.array([0, 6.85, 1.2]), np.array([0, 6.58, 1.45])
    names = list(arkit.EXPRESSION_NAMES)
    for start in range(0, len(names), 18):
        chosen = (["neutral"] if start == 0 else []) + names[start : start + 18]
        pictures = []
        for name in chosen:
            vertices = posed() if name == "neutral" else posed(**{name: 1.0})
            pictures.append(preview.draw(parts(vertices), face, 0.85, 300, 0.25))
        cv2.imwrite(str(folder / f"expressions-{start // 18}.png"), preview.sheet(pictures, 6, chosen)[:, :, ::-1])
    mixes = [
        {}, {"jawOpen": 0.3}, {"jawOpen": 0.7}, {"jawOpen": 1, "mouthClose": 1}, {"jawOpen": 0.4, "mouthFunnel": 0.7},
        {"mouthPucker": 1}, {"mouthSmileLeft": 1, "mouthSmileRight": 1}, {"jawOpen": 0.5, "tongueOut": 1},
        {"mouthRollLower": 1, "mouthRollUpper": 1}, {"mouthPressLeft": 1, "mouthPressRight": 1},
        {"mouthUpperUpLeft": 1, "mouthUpperUpRight": 1}, {"mouthLowerDownLeft": 1, "mouthLowerDownRight": 1},
    ]  # fmt: skip
    pictures = [preview.draw(parts(posed(**mix)), mouth, 0.42, 300, 0.15) for mix in mixes]
    labels = [" ".join(f"{k}{v}" for k, v in mix.items()) for mix in mixes]
    cv2.imwrite(str(folder / "mouth.png"), preview.sheet(pictures, 4, labels)[:, :, ::-1])
    eye = np.array([0.29, 7.28, 1.3])
    mixes = [{}, *({"eyeBlinkLeft": k} for k in (0.25, 0.5, 0.75, 1.0)), {"eyeSquintLeft": 1}, {"eyeWideLeft": 1},
             {"eyeLookDownLeft": 1}, {"eyeLookUpLeft": 1}, {"cheekSquintLeft": 1}, {"eyeBlinkLeft": 1, "cheekSquintLeft": 1},
             {"eyeBlinkLeft": 0.8, "eyeSquintLeft": 0.5}]  # fmt: skip
    pictures = [preview.draw(parts(posed(**mix)), eye, 0.26, 300, 0.1) for mix in mixes]
    labels = [" ".join(f"{k}{v}" for k, v in mix.items()) for mix in mixes]
    cv2.imwrite(str(folder / "eye.png"), preview.sheet(pictures, 4, labels)[:, :, ::-1])

    # Lids and lips must close on everyone.
    rng = np.random.default_rng(7)
    pictures = []
    for _ in range(12):
        person = random_identity(rng)
        vertices = posed(person, eyeBlinkLeft=1, eyeBlinkRight=1, jawOpen=0.6, mouthClose=0.6)
        pictures.append(preview.draw(parts(vertices), face, 0.75, 300, 0.15))
    cv2.imwrite(str(folder / "closed.png"), preview.sheet(pictures, 4)[:, :, ::-1])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data" / "sheets")
