"""The four people's hair, as wishes: which way hair wants to go at each point (head's frame, metres)."""

from __future__ import annotations

import numpy as np

from people_hair import Style, scalp, unit


def smooth(x, low, high):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def directed(p, *parts):
    """Sum of weighted directions; a weight is a number or one value per point."""
    return sum(np.asarray(w, float).reshape(-1, 1) * np.broadcast_to(np.asarray(d, float), p.shape) for w, d in parts)


def coils(length=0.052, count=70000) -> Style:
    """Natural tight curls in a rounded shape."""
    centre = np.array([0, 0.015, 0.01])

    def wish(p, roots, normals, s):
        return unit(p - centre) + 0.5 * normals + directed(p, (0.25 - 0.5 * s, (0, 0, 1)), (0.1, (0, 1, 0)))

    def size(roots):
        front = smooth(-roots[:, 1], 0.02, 0.10)
        low = smooth(-roots[:, 2], -0.02, 0.06)
        return length * (1 - 0.30 * front) * (1 - 0.5 * low)

    return Style(
        scalp(lift=-0.004, soft=0.006), wish, size, lambda r: np.full(len(r), 0.002), count=count, guides=2600, steps=44,
        stiffness=0.7, clump=0.75, locks=4200, wander=((0.025, 0.45), (0.008, 0.25)), frizz=0.0012, flyaway=0.06,
        coil=(0.0030, 0.0105), radius=0.000045, raise_root=0.8,
    )  # fmt: skip


def side_part(part=0.028, top=0.062, side=0.020, count=60000) -> Style:
    """A man's short cut, parted on his left, swept over and a little up."""

    def crown(roots):
        return smooth(roots[:, 2], 0.035, 0.075)

    def wish(p, roots, normals, s):
        up = crown(roots)
        over = np.where(roots[:, 0] < part, -1.0, 1.0)
        front = smooth(-roots[:, 1], 0.02, 0.09)
        swept = directed(p, (over, (1, 0, 0)), (0.75 - 0.35 * front, (0, 1, 0)), (0.55 * front * (1 - s) - 0.25 * s, (0, 0, 1)))
        down = directed(p, (1.0, (0, 0, -1)), (0.45, (0, 1, 0)))
        return up[:, None] * swept + (1 - up[:, None]) * down

    def size(roots):
        low = smooth(-roots[:, 2], -0.03, 0.05)
        return side * (1 - 0.65 * low) + (top - side) * crown(roots) * (0.8 + 0.2 * smooth(-roots[:, 1], 0, 0.08))

    return Style(
        scalp(lift=0.004, temples=0.008, soft=0.006, sideburn=0.9), wish, size, lambda r: 0.0015 + 0.009 * crown(r), count=count,
        guides=2600, steps=12, stiffness=0.45, clump=0.45, locks=3600, wander=((0.03, 0.3), (0.01, 0.16)), frizz=0.0012,
        flyaway=0.05, radius=0.00005, raise_root=0.35, cling=0.9,
    )  # fmt: skip


def thinning(count=30000) -> Style:
    """An old man's fine hair: receding, combed back, fuller at the sides."""
    base = scalp(lift=0.020, temples=0.030, soft=0.022, sideburn=0.8)

    def density(p):
        bald = smooth(p[..., 2], 0.06, 0.10) * smooth(-p[..., 1], -0.10, 0.06)
        return base(p) * (1 - 0.62 * bald)

    def wish(p, roots, normals, s):
        up = smooth(roots[:, 2], 0.035, 0.08)
        side = np.sign(roots[:, 0])
        back = directed(p, (1, (0, 1, 0)), (0.10 - 0.2 * s, (0, 0, 1)), (-0.25, (1, 0, 0)))
        down = directed(p, (0.8, (0, 1, 0)), (0.55, (0, 0, -1)), (0.25 * side * (1 - s), (1, 0, 0)))
        return up[:, None] * back + (1 - up[:, None]) * down

    def size(roots):
        return 0.030 + 0.035 * smooth(roots[:, 2], 0.02, 0.08) - 0.012 * smooth(-roots[:, 2], 0.0, 0.07)

    return Style(
        density, wish, size, lambda r: 0.003 + 0.004 * smooth(r[:, 2], 0.0, 0.06), count=count, guides=2000, steps=14,
        stiffness=0.5, clump=0.35, locks=2200, wander=((0.04, 0.3), (0.012, 0.22)), frizz=0.0022, flyaway=0.10,
        radius=0.00005, raise_root=0.3, cling=0.9,
    )  # fmt: skip


def long_waves(part=0.022, length=0.30, count=60000) -> Style:
    """Shoulder-length hair, parted off centre, with loose waves."""

    def wish(p, roots, normals, s):
        side = np.where(roots[:, 0] > part - 0.10 * np.clip(roots[:, 1], 0, 0.1), 1.0, -1.0)
        above = smooth(p[:, 2], 0.02, 0.085)
        front = smooth(-roots[:, 1], 0.0, 0.08)
        lie = directed(p, (side * (1.0 - 0.1 * front), (1, 0, 0)), (0.50 + 0.25 * front, (0, 1, 0)), (0.10 * (1 - s) * above, (0, 0, 1)))
        fall = directed(p, (1.0, (0, 0, -1)), (side * 0.10, (1, 0, 0)), (0.10 * front, (0, 1, 0)))
        d = above[:, None] * lie + (1 - above[:, None]) * fall
        # Nothing may hang before the face: aside until clear of the cheeks.
        face = smooth(-p[:, 1], 0.010, 0.05) * smooth(0.088 - np.abs(p[:, 0]), 0.0, 0.02) * (p[:, 2] < 0.055)
        d = d + face[:, None] * directed(p, (side * 1.2, (1, 0, 0)), (0.8, (0, 1, 0)))
        # Ends turn in a little.
        return d + directed(p, (-0.25 * side * smooth(np.full(len(p), s), 0.7, 1.0), (1, 0, 0)))

    def size(roots):
        return length * (1 - 0.28 * smooth(-roots[:, 2], -0.02, 0.08)) * (0.93 + 0.07 * smooth(roots[:, 1], -0.08, 0.05))

    def layer(roots):
        return 0.004 + 0.020 * smooth(roots[:, 2], -0.02, 0.085)

    return Style(
        scalp(lift=0.0, soft=0.005, sideburn=0.6), wish, size, layer, count=count, guides=2400, steps=34, stiffness=0.62,
        clump=0.55, locks=1800, wander=((0.06, 0.16), (0.02, 0.08)), frizz=0.0020, wave=(0.0065, 0.075), flyaway=0.05,
        radius=0.000055, raise_root=0.3, cling=1.0,
    )  # fmt: skip
