"""How one person moves while singing or speaking to the camera: expression, gaze, head and place over time.

The first moment is the source portrait's; from there everything changes smoothly. Signs as in shot.py."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import shot as shots
from arkit import EXPRESSION_NAMES, expression_index as ex

# A blink closes faster than it opens (VanderWerf et al. 2003), seconds.
BLINK_DOWN, BLINK_SHUT, BLINK_UP = 0.08, 0.03, 0.16
SACCADE = 0.04
SOURCES = {"calm": 0.60, "portrait": 0.20, "speaking": 0.10, "drowsy": 0.10}


@dataclass
class Motion:
    expression: np.ndarray  # float32 [F, 52]
    pose: np.ndarray  # [F, 3]
    trunk: np.ndarray  # [F, 3]
    gaze: np.ndarray  # [F, 4]
    place: np.ndarray  # [F, 3]: shift in shares of the picture, growth (1 = as in the first frame)


def source_shot(rng: np.random.Generator) -> shots.Shot:
    """A portrait as people choose it: nearly frontal, large enough, mostly calm."""
    shot = shots.random_shot(rng)
    degrees = np.clip(rng.normal(0, [7, 5, 4]), -18, 18)
    shot.trunk = shot.trunk - shot.pose * [1, 0.3, 0.6] + np.radians(degrees) * [0.6, 0.3, 0.6]
    shot.pose = np.radians(degrees)
    shot.trunk[0] = np.clip(shot.trunk[0], shot.pose[0] - 0.5, shot.pose[0] + 0.5)
    shot.face_size = rng.uniform(0.32, 0.52)
    shot.centre = np.array([0.5, 0.47]) + rng.normal(0, 0.03, 2).clip(-0.06, 0.06)
    shot.occluder = bool(rng.random() < 0.03)
    aside = rng.normal(0, [0.15, 0.08]) if rng.random() < 0.2 else rng.normal(0, [0.03, 0.025])
    shot.gaze = _eyes(shots.to_camera(shot.pose) + aside)
    kind = rng.choice(list(SOURCES), p=list(SOURCES.values()))
    e = np.zeros(len(EXPRESSION_NAMES), np.float32)
    if kind == "portrait":
        shots.portrait_smile(rng, e)
    elif kind == "speaking":
        shots.speech(rng, e)
    elif rng.random() < 0.6:
        shots.relaxed(rng, e)
    else:
        shots.closed_smile(rng, e)
    shots.pair(e, "eyeBlink", rng.uniform(0.35, 0.9) if kind == "drowsy" else abs(rng.normal(0, 0.05)), rng, 0.06)
    shots.follow_gaze(e, shot.gaze)
    shots.physical(e)
    shot.expression = e.clip(0, 1)
    return shot


def _eyes(direction) -> np.ndarray:
    """Both eyes' [yaw, pitch, yaw, pitch] for one direction [..., 2]."""
    return np.concatenate([direction, direction], -1).clip(-0.7, 0.7)


def _ease(u):
    u = np.clip(u, 0, 1)
    return u * u * (3 - 2 * u)


def _wander(rng, times: np.ndarray, pace: float, columns: int = 1) -> np.ndarray:
    """Smooth noise [F, columns] of unit spread that changes within `pace` seconds: a few waves of random length."""
    length = pace * np.exp(rng.uniform(-0.5, 0.9, (6, columns)))
    phase = rng.uniform(0, 2 * np.pi, (6, columns))
    weight = rng.normal(0, 1, (6, columns)) + 0.3
    weight /= np.linalg.norm(weight, axis=0) / np.sqrt(2)
    return np.sum(weight * np.sin(2 * np.pi * times[:, None, None] / (2.5 * length) + phase), 1)


def _mouths(rng, times: np.ndarray, first: np.ndarray, pace: float) -> np.ndarray:
    """[F, 52]: mouth shapes one after another, each reached within a syllable's onset and then held. Song holds its
    vowels (`pace` near 1), speech does not (0)."""
    result = np.zeros((len(times), len(first)), np.float32)
    before, start, length = first, 0.0, rng.uniform(0.05, 0.4)
    after = first
    while start <= times[-1]:
        inside = (times >= start) & (times < start + length)
        onset = min(length, rng.uniform(0.09, 0.22))
        u = _ease((times[inside] - start) / onset)[:, None]
        result[inside] = before + u * (after - before)
        start += length
        before, after = after, np.zeros_like(first)
        draw = rng.random()
        if draw < 0.72:
            shots.speech(rng, after)
        elif draw < 0.82:
            shots.sparse(rng, after, rng.integers(1, 6))
        elif draw < 0.9:
            shots.pair(after, "mouthPress", rng.uniform(0, 0.6), rng)  # lips shut as in m, b, p
        elif draw < 0.95:
            shots.portrait_smile(rng, after)
        elif draw < 0.97:
            after[ex("tongueOut")] = rng.uniform(0.1, 0.5)
        shots.physical(after)
        length = rng.uniform(0.1, 0.26) + pace * rng.exponential(0.3) * (draw < 0.72)
    return result


def _blinks(rng, times: np.ndarray, rate: float) -> np.ndarray:
    """How far blinks close the lids, [F]; `rate` in blinks a minute."""
    closed = np.zeros(len(times))
    start = rng.exponential(60 / rate)
    while start < times[-1]:
        depth = rng.uniform(0.95, 1.0) if rng.random() < 0.85 else rng.uniform(0.5, 0.9)
        stretch = rng.uniform(0.9, 1.4)
        t = (times - start) / stretch
        shape = np.where(t < BLINK_DOWN + BLINK_SHUT, _ease(t / BLINK_DOWN), 1 - _ease((t - BLINK_DOWN - BLINK_SHUT) / BLINK_UP))
        closed = np.maximum(closed, depth * shape)
        start += 0.35 + rng.exponential(max(60 / rate - 0.35, 0.1))
    return closed


def _looking(rng, times: np.ndarray, pose: np.ndarray, first: np.ndarray) -> np.ndarray:
    """[F, 4]: into the camera while the head moves, with saccades aside that last a while."""
    camera = np.array([shots.to_camera(p) for p in pose])
    start, now = rng.uniform(0.2, 1.5), first[:2] - camera[0]
    aside = np.tile(now, (len(times), 1))
    while start < times[-1]:
        draw = rng.random()
        after = rng.normal(0, [0.02, 0.015]) if draw < 0.5 else rng.normal(0, [0.08, 0.05]) if draw < 0.75 else rng.normal(0, [0.25, 0.13])
        u = _ease((times - start) / SACCADE)[:, None]
        aside = np.where(times[:, None] >= start, now + u * (after - now), aside)
        now = after
        start += rng.uniform(0.3, 0.6) + rng.exponential(0.8)
    return _eyes(camera + aside)


def random_motion(rng: np.random.Generator, source: shots.Shot, frames: int, fps: float, blinks: float) -> Motion:
    """`frames` moments, the first of them `source`; `blinks` a minute."""
    times = np.arange(frames) / fps
    # Only the mouth follows the syllables; moods change slowly and fade what the portrait showed.
    mood = np.array([name.startswith(("brow", "cheekSquint", "eyeSquint", "eyeWide", "noseSneer")) for name in EXPRESSION_NAMES])
    eyes = np.array([name.startswith("eye") and not name.startswith(("eyeSquint", "eyeWide")) for name in EXPRESSION_NAMES])
    leaving = _ease(times / rng.uniform(0.3, 1.5))[:, None]
    e = source.expression * (mood & ~eyes) * (1 - leaving * rng.uniform(0.2, 1))
    e = e + _mouths(rng, times, source.expression * ~mood * ~eyes, rng.beta(0.7, 0.7))
    for add, lift in ((shots.happy, 0.9), (shots.brows, 0.5), (shots.brows, 0.5)):
        state = np.zeros(len(EXPRESSION_NAMES), np.float32)
        add(rng, state, rng.uniform(0.2, 0.8)) if add is shots.happy else add(rng, state)
        gate = _ease(_wander(rng, times, 0.7) - lift)
        e = e + leaving * gate * state
    for name in ("eyeSquint", "eyeWide"):
        state = np.zeros(len(EXPRESSION_NAMES), np.float32)
        shots.pair(state, name, rng.uniform(0.2, 1), rng)
        e = e + leaving * _ease(_wander(rng, times, 0.7) - 1.0) * state

    # Sway in degrees: mostly small, some people throw their heads about.
    reach = np.array([9.0, 5.5, 6.0]) * np.exp(rng.normal(0, 0.45))
    sway = _wander(rng, times, rng.uniform(0.5, 1.1), 3) * reach
    limit = np.array([25.0, 15.0, 20.0])
    away = np.degrees(source.pose) * (1 - leaving) + sway - sway[0] * (1 - _ease(times / 2.0))[:, None]
    pose = np.radians(limit * np.tanh(away / limit))
    # The first frame is the source itself, whatever the limits say.
    pose += (source.pose - pose[0]) * (1 - leaving)
    trunk = source.trunk + 0.3 * (pose - source.pose)
    gaze = _looking(rng, times, pose, source.gaze)

    blink = _blinks(rng, times, blinks)[:, None]
    rest = source.expression * eyes * (1 - _ease(times / 0.25))[:, None]  # drowsy lids open soon
    e = e + rest
    for k in range(frames):
        lids = e[k, ex("eyeBlinkLeft")], e[k, ex("eyeBlinkRight")]
        shots.follow_gaze(e[k], gaze[k])
        for side, lid in zip(shots.SIDES, lids):
            e[k, ex("eyeBlink" + side)] = max(lid, blink[k, 0])
        shots.physical(e[k])
    shift = _wander(rng, times, 1.2, 3) * [0.012, 0.008, 0.02]
    place = shift - shift[0] + [0, 0, 1]
    # Leaning sideways carries the head along.
    place[:, 0] -= 0.08 * (trunk[:, 2] - trunk[0, 2])
    return Motion(e.clip(0, 1).astype(np.float32), pose, trunk, gaze, place)
