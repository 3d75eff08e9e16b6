"""A random person: shape, skin, hair, beard, make-up, eyes, clothes, glasses. What stays the same from picture to
picture of one person.

The colour figures are choices by eye against the photos in `photos/modern`; albedo is linear RGB."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

import arkit
import child
import growth
import headwear
import meshes
import textures
from makehuman import Traits, list_proxies, random_identity, random_traits, seat_teeth

# Natural hair, linear albedo: black, dark brown, brown, light brown, blond, red, grey, white.
HAIR_COLOURS = np.array(
    [
        [0.012, 0.010, 0.009],
        [0.030, 0.019, 0.013],
        [0.075, 0.042, 0.024],
        [0.16, 0.095, 0.052],
        [0.36, 0.24, 0.12],
        [0.20, 0.065, 0.025],
        [0.28, 0.27, 0.26],
        [0.46, 0.45, 0.43],
    ]
)
LONG_HAIR = ("long01", "bob01", "bob02", "braid01", "ponytail01")
MELANIN = np.array([0.44, 0.64, 0.86])
BLOOD = np.array([0.06, 0.42, 0.30])


@dataclass
class Person:
    traits: Traits
    vertices: np.ndarray  # float32 [19158, 3], neutral, arms down
    skin: int
    saturation: float  # of the skin, after the density
    density: np.ndarray  # optical density added to the skin's picture, [3]
    tone: np.ndarray  # resulting albedo of the cheek, [3]
    hair: str | None  # proxy path
    scalp: str  # "bald", "cropped", "shaved", "hidden" (under hair)
    fringe: float  # of hair that hangs below the brows: 0 none, 1 as the artist made it
    hair_colour: np.ndarray
    tip_colour: np.ndarray
    grey: float
    cut: growth.Cut | None  # hair of fur
    strands: list  # the fur's grain
    beard: growth.Beard | None
    stubble: float
    brow: str
    brow_gain: float
    lash: str
    teeth: str
    clothes: str
    cloth_tint: np.ndarray
    cloth_hue: float
    cloth_weave: float
    stripe: np.ndarray
    neckwear: tuple | None  # standing collar: height 0..1, half-width of the bow, colour of the tie
    bun: tuple | None  # of hair: radius, angle from the crown towards the nape
    hat: str | None
    hat_tint: np.ndarray
    hat_size: float
    eye: int
    iris_size: float
    iris_tint: np.ndarray
    glasses: dict | None
    lips: np.ndarray
    blush: np.ndarray
    shadow: np.ndarray
    freckles: float
    wrinkles: np.ndarray  # strengths of wrinkles.CHANNELS
    teeth_tint: np.ndarray
    tongue_rest: np.ndarray  # [3] dm: where the tongue lies in the open mouth

    def group(self) -> str:
        """Groups for fairness figures: skin tone (by the cheek's luminance), sex, age."""
        light = float(self.tone @ [0.2126, 0.7152, 0.0722])
        tone = "dark" if light < 0.10 else "medium" if light < 0.27 else "light"
        return f"{tone}/{'male' if self.traits.male > 0.5 else 'female'}/{'old' if self.traits.age > 55 else 'young'}"


def random_person(rng: np.random.Generator) -> Person:
    traits = random_traits(rng)
    male = traits.male > 0.5
    old = float(np.clip((traits.age - 35) / 40, 0, 1))
    vertices = random_identity(rng, replace(traits, male=traits.male * 0.4) if traits.age < 15 else traits)
    if traits.age < 18:
        child.grow_down(vertices, traits.age, rng)
    arkit.shut_lips(vertices)
    seat_teeth(vertices)
    meshes.lower_arms(vertices, rng.uniform(0.45, 0.75))

    skin, density = _skin(rng, traits)
    tone = textures.skin_tone(skin) * np.exp(-density)
    # MakeHuman's dark skins are redder than people's.
    dark = "darkskinned" in textures.skin_names()[skin]
    saturation = rng.uniform(0.5, 0.78) if dark else rng.uniform(0.68, 0.97)
    tone = saturation * tone + (1 - saturation) * float(tone @ [0.3, 0.59, 0.11])
    hair, scalp = _hair(rng, traits, old)
    hair_colour, grey = _hair_colour(rng, traits, old)
    hat = None
    if rng.random() < 0.06:
        hat = str(rng.choice(headwear.KINDS, p=[0.05, 0.05, 0.7, 0.2] if male else [0.4, 0.35, 0.15, 0.1]))
        hair, scalp = None, "cropped" if hat == "cap" or (hat == "bonnet" and rng.random() < 0.6) else "hidden"
    elif rng.random() < 0.05:
        hat = str(rng.choice(["clothes/fedora01/fedora.mhclo", "clothes/fedora01/fedora_cocked.mhclo"]))
        if hair is None or "afro" in hair or rng.random() < 0.5:
            hair, scalp = None, "cropped"
    beard, stubble = None, 0.0
    if male and traits.age > 17:
        kind = rng.choice(["none", "stubble", "beard"], p=[0.42, 0.18, 0.40])
        if kind != "none":
            stubble = rng.uniform(0.15, 0.75)
        if kind == "beard":
            beard = growth.random_beard(rng)
    cut = growth.random_cut(rng, old, male) if scalp == "cropped" else None
    if hat and cut:
        cut.length = min(cut.length, 0.08)
    made_up = not male and rng.random() < 0.5
    lips = np.array([0, 0, 0, 0.0])
    if made_up and rng.random() < 0.8:
        lips = np.array([*rng.choice([[0.45, 0.05, 0.06], [0.5, 0.15, 0.14], [0.35, 0.1, 0.12], [0.2, 0.02, 0.05]]) * rng.uniform(0.7, 1.2), rng.uniform(0.3, 0.85)])
    elif rng.random() < 0.5:
        # Most skins' lips are too red or too pale for their tone.
        lips = np.array([*(tone * [0.85, 0.55, 0.55] * rng.uniform(0.7, 1.25)), rng.uniform(0.2, 0.7)])
    blush = np.array([1.0, 0.72, 0.72, rng.uniform(0, 0.9) if made_up or rng.random() < 0.4 else 0.0])
    shadow = np.array([*rng.uniform(0.2, 0.8, 3), rng.uniform(0.1, 0.9)]) if made_up else np.array([0.75, 0.62, 0.6, rng.uniform(0, 0.7)])
    cloth_tint, cloth_hue = _cloth_colour(rng)
    return Person(
        traits, vertices, skin, saturation, density, tone, hair, scalp, 1.0 if rng.random() < 0.12 else rng.uniform(0.0, 0.7), hair_colour,
        np.clip(hair_colour * rng.uniform(0.8, 2.0), 0, 0.7), grey, cut,
        [rng.uniform(18, 34), rng.uniform(4, 12)][:: rng.choice([-1, 1])], beard, stubble,
        _brow(rng, male), rng.uniform(0.7, 1.6), str(rng.choice(list_proxies("eyelashes"))),
        str(rng.choice(list_proxies("teeth"))), _clothes(rng, male), cloth_tint, cloth_hue, rng.uniform(0, 0.6),
        np.array([*rng.uniform(0, 1, 3), rng.uniform(20, 90) if rng.random() < 0.12 else 0.0]),
        _neckwear(rng, traits), (rng.uniform(0.25, 0.55), rng.uniform(0.0, 1.9)) if not male and not hat and cut and cut.length < 0.4 and rng.random() < 0.6 else None,
        hat, rng.choice([0.05, 0.15, 0.4, 0.9]) * rng.uniform(0.6, 1.2, 3), rng.uniform(0.06, 0.14),
        _eye(rng, traits), rng.uniform(0.92, 1.16), rng.uniform(0.25, 1.05) * rng.uniform(0.85, 1.15, 3),
        _glasses(rng), lips, blush, shadow, rng.uniform(0.1, 0.6) if rng.random() < 0.12 else 0.0,
        rng.uniform(0.4, 1.3, 4) * np.clip((traits.age - 25) / 45, 0, 1.1),
        np.array([1.0, rng.uniform(0.88, 1.0), rng.uniform(0.68, 0.96)]) * rng.uniform(0.75, 1.15),
        np.array([0.0, -rng.uniform(0.04, 0.15), -rng.uniform(0.03, 0.15)]),
    )  # fmt: skip


def _skin(rng, traits: Traits) -> tuple[int, np.ndarray]:
    """The most fitting of 14 pictures by sex, age and tone, with chance; then melanin and blood on top."""
    dark_wanted = rng.random() < np.clip(traits.african * 1.0 + traits.asian * 0.12, 0, 0.95)
    scores = []
    for name in textures.skin_names():
        score = 2.5 * (("darkskinned" in name) == dark_wanted)
        score += 1.2 * (("female" in name) == (traits.male < 0.5))
        years = 25 if "young" in name else 45 if "middleage" in name else 68
        score -= abs(years - traits.age) / 18
        scores.append(score + rng.gumbel() * 0.45)
    index = int(np.argmax(scores))
    if dark_wanted:
        melanin = rng.uniform(-0.9, 0.45)
    else:
        # Between pale and brown; the light pictures take more melanin for Asian and mixed people.
        melanin = rng.normal(0.15 + 0.3 * traits.asian + 0.5 * traits.african, 0.28)
        melanin = float(np.clip(melanin, -0.15, 1.3))
    return index, melanin * MELANIN + rng.normal(-0.03, 0.16) * BLOOD + rng.normal(0, 0.05, 3)


def _hair(rng, traits: Traits, old: float) -> tuple[str | None, str]:
    male = traits.male > 0.5
    bald = (0.05 + 0.10 * old) if male and traits.age > 20 else 0.005
    cropped = 0.58 if male else 0.22
    draw = rng.random()
    if draw < bald:
        return None, str(rng.choice(["bald", "shaved"]))
    if draw < bald + cropped:
        return None, "cropped"
    styles = list_proxies("hair")
    weights = []
    for path in styles:
        long = any(name in path for name in LONG_HAIR)
        weight = (0.12 if long else 1.0) if male else (1.0 if long else 0.55)
        if any(name in path for name in ("bob01", "bob02", "short03", "braid01")):
            weight *= 0.2  # their fringes hide an eye
        if "afro" in path:
            weight *= 0.25 + 1.5 * traits.african
        weights.append(weight)
    weights = np.array(weights) / np.sum(weights)
    return str(rng.choice(styles, p=weights)), "hidden"


def _hair_colour(rng, traits: Traits, old: float) -> tuple[np.ndarray, float]:
    natural = np.array([2.0, 2.0, 1.6, 1.0, 1.0, 0.35, 0.0, 0.0])
    darker = traits.african + traits.asian
    natural[3:6] *= max(0.03, 1 - 1.3 * darker)
    natural[2] *= max(0.15, 1 - 0.7 * darker)
    natural[6], natural[7] = 4.0 * old**2, 3.5 * old**3
    a, b = rng.choice(8, 2, p=natural / natural.sum())
    colour = HAIR_COLOURS[a] ** 0.8 * HAIR_COLOURS[b] ** 0.2 * rng.uniform(0.75, 1.3)
    if rng.random() < 0.008:
        colour = rng.uniform(0.02, 0.5, 3)
    return np.clip(colour, 0.006, 0.65), float(rng.uniform(0, 1) * old) if rng.random() < 0.6 else 0.0


def _clothes(rng, male: bool) -> str:
    wardrobe = [path for path in list_proxies("clothes") if "fedora" not in path]
    own = "clothes/male" if male else "clothes/female"
    weights = np.array([1.0 if path.startswith(own) else 0.2 for path in wardrobe])
    # The suit: what people wear in portraits.
    weights *= [(6.0 if male else 3.0) if "male_elegant" in path else 1.0 for path in wardrobe]
    return str(rng.choice(wardrobe, p=weights / weights.sum()))


def _cloth_colour(rng) -> tuple[np.ndarray, float]:
    """(tint, share of the picture's own hue kept)."""
    if rng.random() < 0.35:
        return np.ones(3) * rng.uniform(0.7, 1.1), 1.0
    value = 10 ** rng.uniform(-1.1, 0.55)
    hue = rng.uniform(0, 1, 3) ** 1.5
    mix = rng.uniform(0, 1)
    return value * (mix * hue / max(hue.mean(), 0.1) + 1 - mix), 0.0


def _neckwear(rng, traits: Traits) -> tuple | None:
    if rng.random() > (0.2 if traits.male > 0.5 else 0.07):
        return None
    return rng.uniform(0, 1), rng.uniform(0.15, 0.4), 10 ** rng.uniform(-2, 0) * rng.uniform(0.7, 1.1, 3)


def _brow(rng, male: bool) -> str:
    """Some of the twelve are steep or plucked thin: make-up, and rare."""
    brows = list_proxies("eyebrows")
    weights = np.array([0.25 if path.endswith(("002.mhclo", "003.mhclo", "004.mhclo", "006.mhclo")) else 2.0 if male and path.endswith(("008.mhclo", "009.mhclo", "012.mhclo")) else 1.0 for path in brows])
    return str(rng.choice(brows, p=weights / weights.sum()))


def _eye(rng, traits: Traits) -> int:
    brown = [k for k, (name, _) in enumerate(textures.eyes()) if "brown" in name]
    if rng.random() < 0.35 + 0.65 * (1 - traits.caucasian):
        return int(rng.choice(brown))
    return int(rng.integers(len(textures.eyes())))


def _glasses(rng) -> dict | None:
    if rng.random() > 0.20:
        return None
    return {
        "width": rng.uniform(0.235, 0.30),  # half-width of a lens, dm
        "height": rng.uniform(0.15, 0.25),
        "power": rng.uniform(2.0, 4.5),  # superellipse: 2 round, more is squarer
        "thick": float(rng.choice([0.009, 0.014, 0.022, 0.032])),
        "colour": rng.choice([[0.01, 0.01, 0.01], [0.08, 0.04, 0.02], [0.35, 0.33, 0.3], [0.4, 0.28, 0.12], [0.2, 0.02, 0.03]]),
        "down": rng.uniform(-0.02, 0.06),
        "mirror": rng.uniform(0.0, 0.35) if rng.random() < 0.6 else 0.0,
        "tint": rng.uniform(0.6, 0.95) if rng.random() < 0.12 else rng.uniform(0.0, 0.12),
        "half": bool(rng.random() < 0.15),
    }
