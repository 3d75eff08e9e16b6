"""A random shot of a person: expression, gaze, head pose, camera and light. What changes from picture to picture.

Signs follow ARCHITECTURE.md: yaw + to the subject's own left, pitch + nods down, roll + lifts the own left ear;
gaze has the head's signs and is relative to the head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arkit import EXPRESSION_NAMES, expression_index as ex
from raster import rotation

SIDES = ("Left", "Right")


@dataclass
class Shot:
    expression: np.ndarray  # float32 [52], 0..1
    gaze: np.ndarray  # [left yaw, left pitch, right yaw, right pitch], radians
    pose: np.ndarray  # [yaw, pitch, roll] of the head, relative to the camera
    trunk: np.ndarray  # the same of the shoulders
    fov: float  # radians, of the whole picture
    face_size: float  # longer side of the landmarks' box, share of the picture
    centre: np.ndarray  # the box's centre, share of the picture
    directions: np.ndarray  # [3, 3], towards each light
    colours: np.ndarray  # [3, 3]
    sky: np.ndarray
    ground: np.ndarray
    level: float  # wanted brightness of the skin
    shadow: float  # 0 none .. 1 black
    shadow_blur: float
    gloss: float
    power: float
    redness: float
    occluder: bool  # something is before the face


def random_shot(rng: np.random.Generator) -> Shot:
    pose, trunk = random_pose(rng)
    gaze = random_gaze(rng, pose)
    directions, colours, sky, ground, shadow, blur = random_light(rng)
    size = rng.uniform(0.28, 0.52)
    spread = 0.06 if rng.random() < 0.85 else 0.2
    centre = np.array([0.5, 0.46]) + rng.normal(0, spread, 2).clip(-0.32, 0.32)
    return Shot(
        random_expression(rng, gaze), gaze, pose, trunk,
        np.radians(rng.uniform(15, 45)), size, centre,
        directions, colours, sky, ground, float(np.clip(rng.normal(0.98, 0.18), 0.45, 1.45)), shadow, blur,
        rng.uniform(0.15, 1.2) if rng.random() < 0.85 else rng.uniform(1.2, 2.2), rng.uniform(8, 30), rng.uniform(0, 0.8), bool(rng.random() < 0.10),
    )  # fmt: skip


def random_gaze(rng, pose: np.ndarray) -> np.ndarray:
    """Mostly into the camera, as in portraits; the rest anywhere."""
    if rng.random() < 0.65:
        yaw, pitch = to_camera(pose) + rng.normal(0, [0.03, 0.025])
        squint = 0.02
    else:
        yaw, pitch = rng.normal(0, [0.2, 0.12]) if rng.random() < 0.6 else rng.uniform([-0.6, -0.4], [0.6, 0.45])
        squint = abs(rng.normal(0, 0.03))  # looking at something near
    # The own left eye's inward direction is -yaw.
    return (np.array([yaw - squint, pitch, yaw + squint, pitch]) + rng.normal(0, 0.01, 4)).clip(-0.7, 0.7)


def to_camera(pose: np.ndarray) -> np.ndarray:
    """[yaw, pitch] of a gaze into the camera, in the head's own frame; eyes turn no farther than about half a radian."""
    x, y, z = rotation(*pose)[2]
    return np.clip([np.arctan2(x, z), -np.arcsin(y)], -0.5, 0.5)


EXPRESSION_KINDS = {"relaxed": 0.30, "portrait": 0.25, "closed smile": 0.10, "sparse": 0.11, "speech": 0.18, "rich": 0.06}


def random_expression(rng, gaze: np.ndarray) -> np.ndarray:
    e = np.zeros(len(EXPRESSION_NAMES), np.float32)
    kind = rng.choice(list(EXPRESSION_KINDS), p=list(EXPRESSION_KINDS.values()))
    if kind == "relaxed":
        relaxed(rng, e)
    elif kind == "portrait":
        portrait_smile(rng, e)
    elif kind == "closed smile":
        closed_smile(rng, e)
    if kind in ("sparse", "rich"):
        sparse(rng, e, rng.integers(1, 8) if kind == "sparse" else rng.integers(6, 14))
    if kind in ("speech", "rich"):
        speech(rng, e)
    if rng.random() < 0.35:
        brows(rng, e)
    _lids(rng, e, gaze)
    physical(e)
    return np.clip(e, 0, 1)


def relaxed(rng, e) -> None:
    """Lips shut without effort; half of them carry a trace of a mood."""
    if rng.random() < 0.5:
        name = rng.choice(["mouthPress", "mouthFrown", "mouthSmile", "mouthDimple"])
        pair(e, name, rng.uniform(0, 0.3), rng)
    if rng.random() < 0.3:
        e[ex(str(rng.choice(["mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthPucker"])))] = rng.uniform(0, 0.3)


def pair(e, name: str, value: float, rng, lopsided: float = 0.12) -> None:
    for side in SIDES:
        e[ex(name + side)] += value * (1 + rng.normal(0, lopsided))


def sparse(rng, e, count: int) -> None:
    """Random shapes; a left one mostly comes with its right partner."""
    free = [k for k, name in enumerate(EXPRESSION_NAMES) if not name.startswith("eye")]
    weights = np.array([0.25 if EXPRESSION_NAMES[k] in ("tongueOut", "jawLeft", "jawRight", "mouthLeft", "mouthRight") else 1.0 for k in free])
    weights[[free.index(ex("browDown" + side)) for side in SIDES]] = 0.4
    for k in rng.choice(free, count, replace=False, p=weights / weights.sum()):
        value = rng.beta(1.3, 1.6)
        name = EXPRESSION_NAMES[k]
        e[k] = max(e[k], value)
        partner = name.replace("Left", "Right") if name.endswith("Left") else name.replace("Right", "Left")
        if partner != name and name not in ("jawLeft", "jawRight", "mouthLeft", "mouthRight") and rng.random() < 0.75:
            e[ex(partner)] = np.clip(value + rng.normal(0, 0.1), 0, 1)


def speech(rng, e) -> None:
    """A sung or spoken moment: jaw, then a mouth shape on top."""
    jaw = rng.beta(1.2, 2.0) if rng.random() < 0.7 else rng.uniform(0.4, 1.0)
    e[ex("jawOpen")] = max(e[ex("jawOpen")], jaw)
    shape = rng.choice(["open", "round", "pucker", "wide", "closed", "bite", "upper"])
    v = rng.uniform(0.3, 1.0)
    if shape == "round":
        e[ex("mouthFunnel")] += 0.9 * v
        e[ex("mouthPucker")] += 0.3 * v * rng.random()
    elif shape == "pucker":
        e[ex("mouthPucker")] += v
        e[ex("jawOpen")] *= 0.4
    elif shape == "wide":
        pair(e, "mouthStretch", 0.6 * v, rng)
        pair(e, "mouthSmile", 0.3 * v, rng)
        pair(e, "mouthLowerDown", 0.4 * v, rng)
    elif shape == "closed":
        e[ex("jawOpen")] *= 0.5
        e[ex("mouthClose")] += e[ex("jawOpen")] * rng.uniform(0.7, 1.0)
        pair(e, "mouthPress", 0.4 * v, rng)
    elif shape == "bite":
        e[ex("mouthRollLower")] += 0.7 * v
        e[ex("jawOpen")] *= 0.3
        pair(e, "mouthUpperUp", 0.4 * v, rng)
    elif shape == "upper":
        pair(e, "mouthUpperUp", 0.5 * v, rng)
        pair(e, "mouthLowerDown", 0.5 * v, rng)


def portrait_smile(rng, e) -> None:
    """The official portrait: the upper teeth show."""
    v = rng.uniform(0.35, 1.0)
    happy(rng, e, v)
    pair(e, "mouthUpperUp", rng.uniform(0.3, 0.95), rng)
    pair(e, "mouthLowerDown", rng.uniform(0.1, 0.85), rng)
    # Broad smiles stretch the mouth to nearly three quarters of the eyes' distance.
    pair(e, "mouthStretch", rng.uniform(0.1, 0.7) * v, rng)
    e[ex("jawOpen")] = rng.uniform(0, 0.14) if rng.random() < 0.7 else rng.uniform(0.14, 0.3)


def closed_smile(rng, e) -> None:
    happy(rng, e, rng.uniform(0.25, 1.0))
    if rng.random() < 0.4:
        pair(e, "mouthPress", rng.uniform(0, 0.4), rng)


def happy(rng, e, v: float) -> None:
    """Corners, cheeks and eyes of a smile of strength `v`."""
    pair(e, "mouthSmile", v, rng)
    pair(e, "cheekSquint", v * rng.uniform(0.2, 0.9), rng)
    pair(e, "eyeSquint", v * rng.uniform(0, 0.5), rng)
    pair(e, "mouthDimple", rng.uniform(0, 0.5), rng)


def brows(rng, e) -> None:
    v = rng.beta(1.3, 1.7)
    if rng.random() < 0.75:
        e[ex("browInnerUp")] = max(e[ex("browInnerUp")], v)
        pair(e, "browOuterUp", v * rng.random(), rng, 0.3)
    else:
        pair(e, "browDown", 0.8 * v, rng)
        pair(e, "noseSneer", v * rng.random() * 0.4, rng)


def follow_gaze(e, gaze) -> None:
    """Lids follow the gaze (ARKit's eyeLook shapes reach 1 at about half a radian)."""
    for k, side in enumerate(SIDES):
        yaw, pitch = gaze[2 * k], gaze[2 * k + 1]
        outward = yaw if side == "Left" else -yaw
        e[ex("eyeLookOut" + side)] = max(outward, 0) / 0.55
        e[ex("eyeLookIn" + side)] = max(-outward, 0) / 0.55
        e[ex("eyeLookDown" + side)] = max(pitch, 0) / 0.5
        e[ex("eyeLookUp" + side)] = max(-pitch, 0) / 0.5


def _lids(rng, e, gaze) -> None:
    """They follow the gaze; some close."""
    follow_gaze(e, gaze)
    draw = rng.random()
    if draw < 0.05:
        pair(e, "eyeBlink", rng.uniform(0.9, 1.05), rng, 0.02)
    elif draw < 0.12:
        pair(e, "eyeBlink", rng.uniform(0.3, 0.9), rng, 0.06)
    elif draw < 0.135:
        e[ex("eyeBlink" + str(rng.choice(SIDES)))] = rng.uniform(0.7, 1)
    else:
        pair(e, "eyeBlink", abs(rng.normal(0, 0.08)), rng, 0.1)
    if rng.random() < 0.12:
        pair(e, "eyeWide", rng.uniform(0.2, 1), rng)
    if rng.random() < 0.15:
        pair(e, "eyeSquint", rng.uniform(0.2, 1), rng)


def physical(e) -> None:
    """Opposites do not act together; the tongue wants an open jaw."""
    for a, b in (("jawLeft", "jawRight"), ("mouthLeft", "mouthRight")):
        low = min(e[ex(a)], e[ex(b)])
        e[ex(a)] -= low
        e[ex(b)] -= low
    e[ex("mouthClose")] = min(e[ex("mouthClose")], e[ex("jawOpen")])
    if e[ex("tongueOut")] > 0:
        e[ex("jawOpen")] = max(e[ex("jawOpen")], 0.25 + 0.4 * e[ex("tongueOut")])
        e[ex("mouthClose")] = 0
    if e[ex("mouthPucker")] + e[ex("mouthFunnel")] > 1:
        e[ex("mouthPucker")] = 1 - min(1.0, e[ex("mouthFunnel")])
    round_lips = min(1.0, e[ex("mouthPucker")] + e[ex("mouthFunnel")])
    for side in SIDES:
        e[ex("mouthSmile" + side)] *= 1 - 0.7 * round_lips
        e[ex("mouthStretch" + side)] *= 1 - 0.7 * round_lips
        e[ex("mouthFrown" + side)] *= 1 - 0.7 * min(1.0, e[ex("mouthSmile" + side)])


def random_pose(rng) -> tuple[np.ndarray, np.ndarray]:
    """(head, trunk) as [yaw, pitch, roll]."""
    def spread(usual, tail, limit):
        value = rng.normal(0, usual) if rng.random() < 0.8 else rng.uniform(-tail, tail)
        return np.clip(value, -limit, limit)

    # Frontal, half turned, profile.
    draw, side = rng.random(), rng.choice([-1, 1])
    degrees = np.clip(rng.normal(0, 10), -20, 20) if draw < 0.65 else side * (rng.uniform(20, 50) if draw < 0.9 else rng.uniform(50, 80))
    yaw = np.radians(degrees)
    pitch = np.radians(spread(7, 26, 30))
    roll = np.radians(spread(6, 34, 42))
    # Part of the turn is the neck's, part the whole body's; the camera's own roll tips both.
    neck = rng.uniform(0.1, 0.8)
    trunk = np.array([yaw * (1 - neck) + rng.normal(0, 0.12), pitch * 0.3, roll * rng.uniform(0.3, 1.0)])
    trunk[0] = np.clip(trunk[0], yaw - 0.85, yaw + 0.85)
    return np.array([yaw, pitch, roll]), trunk


def _towards(yaw: float, height: float) -> np.ndarray:
    """Unit vector to a light at `yaw` (0 = behind the camera) and `height`, radians."""
    return np.array([np.sin(yaw) * np.cos(height), np.sin(height), np.cos(yaw) * np.cos(height)])


def _warm(rng, amount: float) -> np.ndarray:
    """A light's colour between candle and sky."""
    t = rng.normal(0, amount)
    return np.array([np.exp(t), 1.0, np.exp(-1.3 * t)])


def random_light(rng):
    style = rng.choice(["studio", "soft", "side", "outdoor", "wild"], p=[0.35, 0.22, 0.15, 0.18, 0.10])
    side = rng.choice([-1, 1])
    directions = np.zeros((3, 3))
    colours = np.zeros((3, 3))
    key, fill, rim, ambient = {
        "studio": (1.0, rng.uniform(0.2, 0.6), rng.uniform(0, 0.8), rng.uniform(0.25, 0.6)),
        "soft": (0.5, 0.35, rng.uniform(0, 0.3), rng.uniform(0.7, 1.2)),
        "side": (1.4, rng.uniform(0, 0.2), rng.uniform(0, 0.6), rng.uniform(0.08, 0.3)),
        "outdoor": (rng.uniform(0.2, 1.4), 0.1, rng.uniform(0, 0.4), rng.uniform(0.6, 1.0)),
        "wild": (rng.uniform(0.3, 1.5), rng.uniform(0, 1.2), rng.uniform(0, 1.2), rng.uniform(0.05, 0.6)),
    }[style]
    key_yaw = {"studio": rng.normal(0.6, 0.25), "side": rng.uniform(1.0, 1.9)}.get(style, rng.uniform(0, 1.3))
    key_height = {"outdoor": rng.uniform(0.4, 1.35), "wild": rng.uniform(-0.7, 1.2)}.get(style, rng.normal(0.55, 0.25))
    directions[0] = _towards(side * key_yaw, key_height)
    directions[1] = _towards(-side * rng.uniform(0.2, 1.3), rng.uniform(-0.3, 0.6))
    directions[2] = _towards(rng.choice([-1, 1]) * rng.uniform(1.9, 2.8), rng.uniform(0.0, 0.9))
    tint = 0.08 if style != "wild" else 0.22
    for k, strength in enumerate((key, fill, rim)):
        colours[k] = strength * _warm(rng, tint)
    sky = ambient * _warm(rng, 0.10) * rng.uniform(0.8, 1.2)
    ground = ambient * _warm(rng, 0.12) * rng.uniform(0.25, 0.9)
    hard = {"studio": 0.65, "soft": 0.25, "side": 0.8, "outdoor": 0.6, "wild": 0.6}[style]
    shadow = rng.uniform(0.45, 0.95) if rng.random() < hard else 0.0
    return directions, colours, sky, ground, shadow, rng.uniform(0.0015, 0.02)
