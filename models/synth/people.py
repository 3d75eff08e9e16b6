"""Renders the bundled synthetic people (www/portraits) with Blender Cycles: see PEOPLE.md.

    python models/synth/people.py [ID ...] [--draft | --height 1200 --samples 96] [--region x0,y0,x1,y1] [--out DIR]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import cv2
import numpy as np
from scipy.spatial import cKDTree

import makehuman as mh
import people_body as body
import people_hair as strands
import people_look as look
import people_room as room
import people_scene as scene
import people_styles as styles


@dataclass
class Person:
    id: str
    name: str
    alt: str
    traits: mh.Traits
    targets: dict
    skin: str
    tone: tuple  # cheek albedo, linear RGB
    iris: tuple  # inner, outer sRGB
    clothes: list  # (proxy, material function)
    hem: float = 0.0  # radius of a rolled collar
    contrast: float = 1.0  # of the skin's texture
    saturation: float = 1.0
    flush: tuple = (1.0, 0.82, 0.80)
    lip: tuple = (1.0, 1.0, 1.0)
    stubble: tuple = (0.75, 0.78, 0.82)
    shadow: float = 0.0  # strength of the beard's shadow
    roughness: float = 0.47
    shine: float = 1.0
    depth: float = 0.0030  # metres that red light wanders under the skin
    pores: float = 0.8
    relief: float = 0.5
    mottle: float = 0.7  # strength of pores in the colour
    spots: float = 0.15  # freckles, age spots
    turn: float = 14.0  # degrees between shoulders and head
    yaw: float = 4.0  # degrees of the face, towards the picture's right
    tilt: float = 0.0
    seed: int = 1
    exposure: float = 0.35
    hair: object = None  # makes a Style
    hair_colour: tuple = (0.9, 0.2)  # melanin, redness, roughness, spread, share of grey
    brow: str = "eyebrow001"
    brow_colour: tuple = (0.9, 0.2)
    brows: dict = field(default_factory=dict)
    lash_colour: tuple = (0.95, 0.1)
    beard: tuple = ()  # count, metres, melanin, redness, roughness, spread, share of grey
    lashes: dict = field(default_factory=dict)
    room: object = room.canvas
    lamps: tuple = (  # name, (right, back, up) of the face in metres, diameter, watts, colour
        ("key", (-0.9, -1.0, 0.75), 0.9, 48, (1, 0.97, 0.93)),
        ("fill", (1.3, -1.0, 0.0), 1.4, 9, (0.93, 0.97, 1)),
        ("rim", (0.8, 0.9, 0.8), 0.5, 9, (1, 1, 1)),
    )
    sky: tuple = ((0.35, 0.38, 0.42), 0.2)


def both(name: str, weight: float, skew: float = 0.0) -> dict:
    folder, stem = name.split("/")
    return {f"{folder}/l-{stem}": weight + skew, f"{folder}/r-{stem}": weight - skew}


def cloth(colour, **settings):
    return lambda name: look.cloth(name, colour, **settings)


PEOPLE = [
    Person(
        "amara", "Amara", "Synthetic portrait: a young woman with dark brown skin",
        mh.Traits(26, 0.0, 0.85, 0.0, 0.15, 0),
        {**both("eyes/eye-scale-incr", 0.6, 0.02), "expression/units/african/mouth-corner-puller": 0.3, "chin/chin-width-decr": 0.3,
         "nose/nose-scale-horiz-decr": 0.15, "head/head-oval": 0.4, "asym/asym-mouth-1-l": 0.2, "asym/asym-eye-1-r": 0.15},
        "young_lightskinned_female_diffuse3", (0.155, 0.072, 0.040), ((0.22, 0.12, 0.07), (0.14, 0.08, 0.05)),
        [("clothes/female_casualsuit02/female_casualsuit02.mhclo", cloth((0.75, 0.55, 0.2)))],
        shine=0.15, hem=0.0045, roughness=0.52, contrast=1.25, pores=0.9, hair=styles.coils, room=room.loft, hair_colour=(0.97, 0.2, 0.3),
    ),
    Person(
        "kenji", "Kenji", "Synthetic portrait: a middle-aged East Asian man",
        mh.Traits(47, 1.0, 0.0, 0.9, 0.1, 0),
        {"expression/units/asian/mouth-corner-puller": 0.25, "chin/chin-bones-incr": 0.5, "chin/chin-width-incr": 0.3, "head/head-square": 0.35,
         "head/head-age-incr": 0.3, **both("cheek/cheek-bones-incr", 0.3, 0.05), "nose/nose-width1-incr": 0.2, "asym/asym-nose-1-l": 0.2,
         "asym/asym-jaw-1-r": 0.2, **both("eyes/eye-scale-incr", 1.1, 0.03), **both("eyes/eye-height2-incr", 0.45, 0.03), **both("eyes/eye-trans-out", 0.1), "neck/neck-scale-horiz-incr": 0.3, "eyebrows/eyebrows-angle-up": 0.35},
        "middleage_lightskinned_male_diffuse", (0.44, 0.265, 0.175), ((0.25, 0.15, 0.08), (0.15, 0.09, 0.05)),
        [("clothes/male_elegantsuit01/male_elegantsuit01.mhclo", cloth((0, 0, 0), picture="clothes/male_elegantsuit01/male_elegantsuit01_diffuse.jpg"))],
        hair=styles.side_part, room=room.library, hair_colour=(0.96, 0.1, 0.28, 0.4, 0.06), brow="eyebrow004", shadow=0.5, beard=(9000, 0.0009, 0.95, 0.1, 0.4, 0.4, 0.1), shine=0.5, roughness=0.5, brows=dict(count=1000, length=0.0095, spread=0.0017, radius=0.00006),
    ),
    Person(
        "henrik", "Henrik", "Synthetic portrait: an old white man",
        mh.Traits(74, 1.0, 0.0, 0.0, 1.0, 0),
        {"expression/units/caucasian/mouth-corner-puller": 0.4, "mouth/mouth-angles-up": 0.3, "nose/nose-volume-incr": 0.3,
         **both("eyes/eye-scale-incr", 0.65, 0.03), **both("eyes/eye-height2-incr", 0.3, 0.02), "asym/asym-mouth-2-l": 0.25, "asym/asym-brown-1-r": 0.2, "head/head-rectangular": 0.2},
        "old_lightskinned_male_diffuse2", (0.50, 0.285, 0.20), ((0.55, 0.62, 0.66), (0.3, 0.42, 0.52)),
        [("clothes/male_casualsuit03/male_casualsuit03.mhclo", cloth((0.3, 0.35, 0.3)))],
        hair=styles.thinning, room=room.garden, hair_colour=(0.25, 0.2, 0.35, 0.5, 0.8), brow="eyebrow009", brow_colour=(0.4, 0.2, 0.35, 0.5, 0.6), beard=(9000, 0.0011, 0.2, 0.2, 0.4, 0.4, 0.85), spots=0.7, shine=0.6,
        lash_colour=(0.6, 0.3),
    ),
    Person(
        "elena", "Elena", "Synthetic portrait: a woman in her forties with olive skin",
        mh.Traits(42, 0.0, 0.1, 0.1, 0.8, 0),
        {"expression/units/caucasian/mouth-corner-puller": 0.3, **both("eyes/eye-scale-incr", 0.65, 0.02), "head/head-oval": 0.3,
         "mouth/mouth-lowerlip-volume-incr": 0.3, "asym/asym-nose-2-r": 0.2, "asym/asym-mouth-1-r": 0.2, **both("cheek/cheek-bones-incr", 0.3, 0.03)},
        "middleage_lightskinned_female_diffuse2", (0.40, 0.235, 0.145), ((0.36, 0.26, 0.12), (0.22, 0.18, 0.09)),
        [("clothes/female_elegantsuit01/female_elegantsuit01.mhclo", cloth((0.2, 0.3, 0.32)))],
        hair=styles.long_waves, room=room.canvas, hair_colour=(0.82, 0.45, 0.28), brow="eyebrow008",
    ),
]  # fmt: skip


def soft_mask(points, centres, radius) -> np.ndarray:
    """1 near any centre, falling off as a Gaussian of `radius` metres."""
    d = np.linalg.norm(points[:, None] - np.atleast_2d(centres)[None], axis=-1).min(1)
    return np.exp(-((d / radius) ** 2))


def skin_attributes(points: np.ndarray, marks: np.ndarray) -> dict:
    """Where the face is lip, oily, flushed or bearded: per vertex, from the 68 landmarks."""
    face = marks[[27, 30, 33]].mean(0)
    front = points[:, 1] < face[1] + 0.10
    flat = points[:, [0, 2]].astype(np.float32)
    outline = marks[48:60][:, [0, 2]].astype(np.float32)
    inside = np.array([cv2.pointPolygonTest(outline * 1000, (float(x) * 1000, float(z) * 1000), True) for x, z in flat])
    lip = np.clip(inside / 2.0 + 0.6, 0, 1) * front
    brow = marks[17:27].mean(0)
    oil = np.maximum.reduce([
        soft_mask(points, marks[27:36], 0.013),
        0.8 * soft_mask(points, brow + np.array([[x, 0.005, 0.022] for x in (-0.03, 0, 0.03)]), 0.02),
        0.5 * soft_mask(points, marks[8] + np.array([0, 0, 0.012]), 0.012),
    ])  # fmt: skip
    cheeks = [0.5 * marks[a] + 0.5 * marks[b] for a, b in ((41, 3), (46, 13))]
    flush = np.maximum.reduce([soft_mask(points, cheeks, 0.024), soft_mask(points, marks[30], 0.013), 0.6 * soft_mask(points, marks[8], 0.014)])
    jaw = np.concatenate([marks[2:15], 0.5 * (marks[4:13] + marks[[48, 48, 48, 57, 57, 57, 54, 54, 54]]), [0.5 * (marks[33] + marks[51])]])
    stubble = np.clip(1.3 * soft_mask(points, jaw, 0.02), 0, 1) * (1 - lip)
    return {"lip": lip, "oil": oil, "flush": flush, "stubble": stubble}


def build(person: Person, width: int, height: int) -> None:
    scene.clear()
    # MakeHuman's axis y up: a positive turn brings the face to the subject's left.
    human = body.Body(person.traits, person.targets, body.portrait_pose(person.turn, person.tilt))
    garments, hidden = [], []
    for number, (path, material) in enumerate(person.clothes):
        points, faces, uv, covers = human.proxy(path)
        thing = scene.mesh(f"clothes {number}", points, faces, material(f"cloth {number}"), uv, subdivision=2)
        garments.append(thing)
        scene.thicken(thing, 0.002)
        if person.hem:
            scene.hem("hem", points, faces, person.hem, thing.active_material)
        hidden.append(covers)
    points, faces, uv, used = human.skin(np.concatenate(hidden) if hidden else None)
    marks = human.landmarks()
    textures = look.skin_textures(mh.heads_root() / "skins" / f"{person.skin}.jpg", person.tone, person.contrast, person.saturation)
    skin = scene.mesh("skin", points, faces, look.skin(person, textures), uv, 2, skin_attributes(points, marks))

    eyes = [np.array(c) for c, _ in human.eyes()]
    middle = marks[27:36].mean(0)
    # The shoulders are turned by -turn + yaw, so that the face ends at `yaw`.
    turned = np.radians(person.yaw - person.turn)
    distance = 1.25
    lens_at = middle + distance * np.array([np.sin(-turned), -np.cos(turned), 0.02])
    look_at = middle + np.array([0, 0, -0.028])
    picture = look.iris_picture(*person.iris, person.seed)
    for side, (centre, radius) in zip("rl", human.eyes()):
        scene.eye(f"eye {side}", centre, radius, lens_at, picture)
    obstacles = [scene.evaluated(thing)[:2] for thing in garments]
    head = strands.Head(*scene.evaluated(skin), marks, person.turn, obstacles)
    plant(person, human, head)
    if person.beard:
        tree, dense = cKDTree(head.local(points)), skin_attributes(points, marks)["stubble"]
        bearded = lambda p: np.clip(1.6 * dense[tree.query(p)[1]] - 0.5, 0, 1)
        count, length, *pigment = person.beard
        scene.strands("stubble", *strands.short_hairs(head, bearded, count, length, 0.00005, person.seed), look.hair("stubble", *pigment))
    # Lamps stand in the camera's axes, so that shoulders may turn without moving the light.
    right, back = np.array([np.cos(turned), np.sin(turned), 0]), np.array([-np.sin(turned), np.cos(turned), 0])
    for name, (x, y, z), size, power, colour in person.lamps:
        scene.area(name, middle + x * right + y * back + np.array([0, 0, z]), middle, size, power, colour)
    scene.world(*person.sky)
    lens = scene.camera(lens_at, look_at, (eyes[0] + eyes[1]) / 2)
    scene.backdrop(lens, person.room(person.seed))
    scene.settings(width, height, 32, person.exposure)


def plant(person: Person, human: body.Body, head: strands.Head) -> None:
    """Every hair of the head."""
    colour = look.hair("hair", *person.hair_colour)
    if person.hair is not None:
        scene.strands("hair", *strands.grow(head, person.hair(), person.seed), colour)
    path = f"base/eyebrows/{person.brow}/{person.brow}"
    points, faces, uv, _ = human.proxy(path + ".mhclo")
    alpha = strands.opaque(mh.heads_root() / (path + ".png"))
    scene.strands("brows", *strands.brows(head, (head.local(points), faces, uv), alpha, person.seed, **person.brows), look.hair("brow", *person.brow_colour))
    scene.strands("lashes", *strands.lashes(human, person.seed, **person.lashes), look.hair("lash", *person.lash_colour))


# Width and height of the page's small picture, pixels: twice what a phone shows.
THUMBNAIL = (168, 224)


def finish(raw: Path, target: Path, seed: int, limit=90_000) -> None:
    """Film grain, a breath of vignette, and the best JPEG below `limit` bytes."""
    picture = cv2.imread(str(raw), cv2.IMREAD_UNCHANGED)[..., :3].astype(np.float32) / 65535
    h, w = picture.shape[:2]
    rng = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(rng.normal(size=(h, w)).astype(np.float32), None, 0.7)[..., None]
    tone = picture.mean(-1, keepdims=True)
    picture = picture + 0.011 * grain * np.sqrt(np.clip(tone * (1 - tone), 0.02, 1)) * 2
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    picture = picture * (1 - 0.10 * np.clip(np.hypot(x, y) - 0.55, 0, 1) ** 1.5)[..., None]
    pixels = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    for quality in range(90, 50, -2):
        ok, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1, cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
        if len(data) <= limit:
            break
    target.write_bytes(data.tobytes())
    # The page shows everyone small before anyone is chosen; the large pictures wait for a click.
    small = cv2.resize(pixels, THUMBNAIL, interpolation=cv2.INTER_AREA)
    (target.parent / "thumbs").mkdir(exist_ok=True)
    cv2.imwrite(str(target.parent / "thumbs" / target.name), small, [cv2.IMWRITE_JPEG_QUALITY, 82])
    print(f"{target}: quality {quality}, {len(data)} bytes", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", help="default: everyone")
    parser.add_argument("--height", type=int, default=1200)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--region", help="only this part: fractions x0,y0,x1,y1 of the picture")
    parser.add_argument("--out", type=Path, default=Path("out/people"), help="raw renders, 16 bits")
    parser.add_argument("--finish", action="store_true", help="do not render: finish the raw renders in --out again")
    parser.add_argument("--publish", type=Path, help="folder for the JPEGs and catalogue.json, such as www/portraits")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for person in PEOPLE:
        if args.ids and person.id not in args.ids:
            continue
        raw = args.out / f"{person.id}.png"
        if not args.finish:
            start = time.time()
            build(person, args.height * 3 // 4, args.height)
            bpy.context.scene.cycles.samples = args.samples
            if args.region:
                scene.crop(*map(float, args.region.split(",")))
            scene.render(raw)
            print(f"{person.id}: {time.time() - start:.0f} s", file=sys.stderr)
        finish(raw, (args.publish or args.out) / f"{person.id}.jpg", person.seed)
    if args.publish:
        catalogue = [{"id": p.id, "name": p.name, "file": f"{p.id}.jpg", "thumb": f"thumbs/{p.id}.jpg", "alt": p.alt} for p in PEOPLE]
        (args.publish / "catalogue.json").write_text(json.dumps(catalogue, indent=2) + "\n")


if __name__ == "__main__":
    main()
