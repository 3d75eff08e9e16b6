"""MakeHuman's CC0 human: base mesh, shape targets, proxies (hair, teeth, clothes ...), random identities.

Coordinates are MakeHuman's: decimetres, x towards the subject's left, y up, z towards the camera.
Left and right always mean the subject's own. The assets stay outside the repository; their folder is
`$PORTRAOKE_ASSETS`, by default `shared/assets` next to the repository's main checkout.

    base = load_base()                          # mesh, UVs, groups
    traits = random_traits(rng)                 # age, sex, ethnicity, weight: also useful to pick a skin
    vertices = random_identity(rng, traits)     # float32 [19158, 3], a few milliseconds
    hair = load_proxy("base/hair/short01/short01.mhclo")
    hair_vertices = hair.fit(vertices)          # float32 [n, 3]; `vertices` may carry an expression too
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

VERTEX_COUNT = 19158


def assets_root() -> Path:
    """The assets' folder (holds `heads/`, `ict-facekit/` ...)."""
    if "PORTRAOKE_ASSETS" in os.environ:
        return Path(os.environ["PORTRAOKE_ASSETS"])
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "assets").is_dir():
            return parent / "shared" / "assets"
    raise FileNotFoundError("set PORTRAOKE_ASSETS to the folder that holds heads/ and ict-facekit/")


def heads_root() -> Path:
    return assets_root() / "heads"


# ---------------------------------------------------------------------------------------------- meshes


@dataclass(frozen=True)
class Mesh:
    """A Wavefront mesh. A triangle among the quads repeats its last corner; see `triangulate`."""

    vertices: np.ndarray  # float32 [V, 3]
    uv: np.ndarray  # float32 [U, 2], v up
    faces: np.ndarray  # int32 [F, 4], counter-clockwise from outside
    faces_uv: np.ndarray  # int32 [F, 4]
    groups: dict[str, np.ndarray]  # group name -> face numbers

    def group_vertices(self, *names: str) -> np.ndarray:
        """The sorted vertex numbers that the faces of these groups use."""
        return np.unique(np.concatenate([self.faces[self.groups[name]].ravel() for name in names]))


def load_obj(path: Path) -> Mesh:
    vertices, uv, faces, faces_uv = [], [], [], []
    groups: dict[str, list[int]] = {}
    group = groups.setdefault("", [])
    for line in Path(path).read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append(rest.split()[:3])
        elif kind == "vt":
            uv.append(rest.split()[:2])
        elif kind == "g":
            group = groups.setdefault(rest.strip(), [])
        elif kind == "f":
            corners = [corner.split("/") for corner in rest.split()]
            corners += corners[-1:] * (4 - len(corners))
            group.append(len(faces))
            faces.append([int(c[0]) - 1 for c in corners])
            faces_uv.append([int(c[1]) - 1 if len(c) > 1 and c[1] else 0 for c in corners])
    return Mesh(
        np.array(vertices, np.float32),
        np.array(uv, np.float32).reshape(-1, 2),
        np.array(faces, np.int32),
        np.array(faces_uv, np.int32),
        {name: np.array(numbers) for name, numbers in groups.items() if numbers},
    )


def triangulate(faces: np.ndarray, *parallel: np.ndarray):
    """Splits quads [F, 4] into triangles [T, 3], without degenerate ones. Arrays in `parallel` (such as
    `faces_uv`) are split alike. Returns one array, or a tuple when there are parallels."""
    split = [np.concatenate([f[:, [0, 1, 2]], f[:, [0, 2, 3]]]) for f in (faces, *parallel)]
    t = split[0]
    keep = (t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 2] != t[:, 0])
    split = [s[keep] for s in split]
    return split[0] if not parallel else tuple(split)


@lru_cache(maxsize=None)
def load_base() -> Mesh:
    """The base mesh, 19,158 vertices. Group `body` is the skin; `helper-*` groups carry proxies (teeth,
    tongue, eyes, lashes, hair, clothes) and `joint-*` cubes mark joints. By itself the base is no person:
    the macro targets make it one, see `identity_vertices`."""
    return load_obj(heads_root() / "3dobjs" / "base.obj")


def joint(vertices: np.ndarray, name: str) -> np.ndarray:
    """Position [3] of a joint, for example `head`, `neck`, `jaw`, `l-eye`: its marker cube's centre."""
    return vertices[load_base().group_vertices(f"joint-{name}")].mean(0)


@lru_cache(maxsize=None)
def rig_weights() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Skinning: bone name -> (vertex numbers, weights)."""
    weights = json.loads((heads_root() / "rigs" / "default_weights.mhw").read_text())["weights"]
    return {
        bone: (np.array([p[0] for p in pairs], np.int64), np.array([p[1] for p in pairs], np.float32))
        for bone, pairs in weights.items()
    }


# --------------------------------------------------------------------------------------------- targets


@lru_cache(maxsize=None)
def load_target(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Target `name` (path below `targets/` without suffix) as (vertex numbers [n], deltas [n, 3])."""
    lines = (heads_root() / "targets" / f"{name}.target").read_text().splitlines()
    rows = " ".join(line for line in lines if line and not line.startswith("#")).split()
    table = np.array(rows, np.float64).reshape(-1, 4)
    return table[:, 0].astype(np.int64), table[:, 1:].astype(np.float32)


ETHNICITIES = ("african", "asian", "caucasian")


@lru_cache(maxsize=None)
def _macro_deltas() -> np.ndarray:
    """[3 ethnicities, (female, male), (young, old), V * 3]. MakeHuman's further macro axes (muscle, weight)
    are empty at their average, the only point these assets hold."""
    deltas = np.zeros((3, 2, 2, VERTEX_COUNT, 3), np.float32)
    for e, ethnicity in enumerate(ETHNICITIES):
        for s, sex in enumerate(("female", "male")):
            for a, age in enumerate(("young", "old")):
                index, delta = load_target(f"macrodetails/{ethnicity}-{sex}-{age}")
                deltas[e, s, a, index] = delta
    return deltas.reshape(3, 2, 2, -1)


@dataclass(frozen=True)
class Slider:
    """One signed shape control: weight < 0 applies `negative`, > 0 applies `positive`."""

    name: str
    negative: tuple[str, ...]
    positive: tuple[str, ...]
    spread: float  # standard deviation of a random weight


# MakeHuman names the two ends of a slider with these words.
_OPPOSITES = (
    ("decr", "incr"),
    ("down", "up"),
    ("in", "out"),
    ("backward", "forward"),
    ("concave", "convex"),
    ("compress", "uncompress"),
)
# Sideways shifts of single features and elfin ears exist to be used sparingly; whole-head and whole-neck
# shifts are pose, not identity.
_RARE = ("mouth-trans-in", "nose-trans-in", "ear-shape", "ear-wing", "chin-cleft", "epicanthus")
_EXCLUDED = ("asymm-", "head-trans", "neck-trans", "head-angle", "head-age", "head-fat", "neck-double")


@lru_cache(maxsize=None)
def face_sliders() -> tuple[Slider, ...]:
    """Every local face control. Left and right targets of one name share a slider, side `l` first."""
    folders = ("cheek", "chin", "ears", "eyebrows", "eyes", "forehead", "head", "mouth", "neck", "nose", "asym")
    names = sorted(
        f"{folder}/{path.stem}"
        for folder in folders
        for path in (heads_root() / "targets" / folder).glob("*.target")
        if not path.stem.startswith(_EXCLUDED)
    )
    stems = {}
    for name in names:
        folder, stem = name.split("/")
        if folder == "asym":
            continue
        stems.setdefault(f"{folder}/{stem[2:]}" if stem[:2] in ("l-", "r-") else name, []).append(name)
    sliders = []
    for stem, targets in stems.items():
        head, _, end = stem.rpartition("-")
        spread = 0.14 if any(word in stem for word in _RARE) else 0.2 if stem.startswith("eyebrows/") else 0.29
        for low, high in _OPPOSITES:
            if end == low and f"{head}-{high}" in stems:
                sliders.append(Slider(stem, tuple(targets), tuple(stems[f"{head}-{high}"]), spread))
                break
            if end == high and f"{head}-{low}" in stems:
                break
        else:
            sliders.append(Slider(stem, (), tuple(targets), spread))
    for name in names:
        if name.startswith("asym/") and name.endswith("-l"):
            sliders.append(Slider(name, (name,), (name[:-1] + "r",), 0.18))
    return tuple(sliders)


# ------------------------------------------------------------------------------------------ identities


@dataclass(frozen=True)
class Traits:
    """What MakeHuman calls macro details."""

    age: float  # years, 4..92 (below 18: see child.py); MakeHuman's `young` is 25, its `old` 90
    male: float  # 0 female .. 1 male
    african: float  # the three ethnicity weights sum to 1
    asian: float
    caucasian: float
    weight: float  # -1 thin .. 1.4 very heavy


def random_traits(rng: np.random.Generator) -> Traits:
    # Mostly one ethnicity with a share of the others, sometimes an even mix.
    mix = rng.dirichlet([0.35, 0.35, 0.35])
    male = float(np.clip(rng.choice([0.08, 0.92]) + rng.normal(0, 0.12), 0, 1))
    # Every age; one in ten is a child.
    age = float(rng.uniform(4, 18) if rng.random() < 0.10 else 18 + 74 * rng.beta(1.2, 1.3))
    return Traits(age, male, *(float(m) for m in mix), float(np.clip(rng.normal(0.1, 0.6), -1, 1.4)))


def macro_vertices(traits: Traits) -> np.ndarray:
    """The base mesh under the macro targets alone, float32 [19158, 3]."""
    old = np.clip((traits.age - 25) / (90 - 25), 0, 1)
    ethnicity = np.array([traits.african, traits.asian, traits.caucasian], np.float32)
    sex = np.array([1 - traits.male, traits.male], np.float32)
    age = np.array([1 - old, old], np.float32)
    weights = np.einsum("e,s,a->esa", ethnicity, sex, age).ravel()
    delta = weights @ _macro_deltas().reshape(12, -1)
    vertices = load_base().vertices + delta.reshape(-1, 3)
    seat_teeth(vertices)
    return vertices


# Base vertices: lowest of the upper lip, highest of the lower lip, inner wall of the upper lip.
_LIP_UPPER, _LIP_LOWER, _LIP_WALL = 520, 523, 554


@lru_cache(maxsize=None)
def _teeth() -> tuple[np.ndarray, int]:
    """(helper vertices of teeth and tongue, the one at the upper incisors' edge)."""
    base = load_base()
    upper = base.group_vertices("helper-upper-teeth")
    middle = upper[np.abs(base.vertices[upper, 0]) < 1e-4]
    low = middle[base.vertices[middle, 1] < np.sort(base.vertices[middle, 1])[0] + 0.02]
    edge = int(low[np.argmax(base.vertices[low, 2])])
    return base.group_vertices("helper-upper-teeth", "helper-lower-teeth", "helper-tongue"), edge


def seat_teeth(vertices: np.ndarray) -> None:
    """Places teeth and tongue behind the person's lips, in place: the upper incisors end 2.4 mm below the lip
    line, as at rest in people (MakeHuman's hide 1 mm above it, so that an open mouth showed only lower teeth),
    and stand 3 mm behind the upper lip's inner wall wherever sliders have moved the lips."""
    index, edge = _teeth()
    lip_line = 0.5 * (vertices[_LIP_UPPER, 1] + vertices[_LIP_LOWER, 1])
    vertices[index, 1] += lip_line - 0.024 - vertices[edge, 1]
    vertices[index, 2] += vertices[_LIP_WALL, 2] - 0.06 - vertices[edge, 2]


def apply_target(vertices: np.ndarray, name: str, weight: float) -> None:
    """Adds target `name`, scaled, to `vertices` in place."""
    index, delta = load_target(name)
    vertices[index] += np.float32(weight) * delta


def apply_slider(vertices: np.ndarray, slider: Slider, weight: float, asymmetry: float = 0.0) -> None:
    """Adds a slider in place; `asymmetry` is added on the left target and subtracted on the right one."""
    names = slider.negative if weight < 0 else slider.positive
    for side, name in enumerate(names):
        shift = (asymmetry if side == 0 else -asymmetry) if len(names) == 2 else 0.0
        apply_target(vertices, name, abs(weight) + shift)


# Where the bare macros differ from portraits' points on average: brows low and frowning, lips twice as thick, short
# noses and chins, narrow mouths.
_TOWARDS_PEOPLE = {
    "eyebrows/eyebrows-angle-up": (0.15, 0.75),
    "eyebrows/eyebrows-trans-up": (0.6, 4.0),
    "mouth/mouth-upperlip-height-decr": (0.9, 2.2),
    "mouth/mouth-lowerlip-height-decr": (0.1, 1.2),
    "mouth/mouth-scale-horiz-incr": (0.0, 0.45),
    "nose/nose-scale-vert-incr": (0.0, 0.8),
    "nose/nose-width3-incr": (0.0, 0.7),
    "chin/chin-height-incr": (0.0, 0.5),
}


def random_identity(rng: np.random.Generator, traits: Traits | None = None) -> np.ndarray:
    """A random neutral person, float32 [19158, 3]: macro mix plus 10 to 25 random face sliders."""
    traits = traits or random_traits(rng)
    vertices = macro_vertices(traits)
    end = "incr" if traits.weight > 0 else "decr"
    apply_target(vertices, f"head/head-fat-{end}", 0.75 * abs(traits.weight))
    apply_target(vertices, f"neck/neck-double-{end}", 0.7 * abs(traits.weight))
    if traits.age > 45:
        apply_target(vertices, "head/head-age-incr", rng.uniform(0, 0.5) * (traits.age - 45) / 35)
    for name, (low, high) in _TOWARDS_PEOPLE.items():
        apply_target(vertices, name, rng.uniform(low, high))
    # And wide-eyed.
    narrow = rng.uniform(0, 0.9)
    for name in ("l-eye-height1", "l-eye-height2", "l-eye-height3", "r-eye-height1", "r-eye-height2", "r-eye-height3"):
        apply_target(vertices, f"eyes/{name}-decr", narrow)
    # The bare macros are bony: most people carry some flesh.
    for side in "lr":
        apply_target(vertices, f"cheek/{side}-cheek-volume-incr", 0.15 + 0.25 * max(traits.weight, 0))
    sliders = face_sliders()
    for number in rng.choice(len(sliders), rng.integers(10, 26), replace=False):
        slider = sliders[number]
        weight = float(np.clip(rng.normal(0, slider.spread), -2.2 * slider.spread, 2.2 * slider.spread))
        apply_slider(vertices, slider, weight, rng.normal(0, 0.035))
    seat_teeth(vertices)
    return vertices


@lru_cache(maxsize=None)
def _mean_vertices() -> np.ndarray:
    third = 1 / 3
    return macro_vertices(Traits(40, 0.5, third, third, third, 0.0))


def mean_vertices() -> np.ndarray:
    """The average person: both sexes, the three ethnicities, aged 40; float32 [19158, 3], a fresh copy."""
    return _mean_vertices().copy()


# --------------------------------------------------------------------------------------------- proxies


@dataclass(frozen=True)
class Proxy:
    """A mesh bound to the base mesh: vertex = sum(weights * base[binding]) + scale * offset."""

    name: str
    mesh: Mesh  # its own vertices are in the artist's pose; `fit` gives those on a person
    binding: np.ndarray  # int64 [n, 3]
    weights: np.ndarray  # float32 [n, 3]
    offsets: np.ndarray  # float32 [n, 3]
    scale_refs: tuple[tuple[int, int, float], ...]  # per axis: two base vertices, their distance at scale 1
    material: Path | None
    texture: Path | None  # diffuse picture: the material's, else `<name>_diffuse.*` beside the mesh
    delete_vertices: np.ndarray  # base vertices that it hides, sorted

    def fit(self, base_vertices: np.ndarray) -> np.ndarray:
        """The proxy's vertices [n, 3] on a person's base vertices [19158, 3]."""
        scale = np.array(
            [
                abs(float(base_vertices[a, axis] - base_vertices[b, axis])) / distance
                for axis, (a, b, distance) in enumerate(self.scale_refs)
            ],
            np.float32,
        )
        points = np.einsum("nk,nkc->nc", self.weights, base_vertices[self.binding])
        return (points + self.offsets * scale).astype(np.float32)


@lru_cache(maxsize=None)
def load_proxy(path: str) -> Proxy:
    """Reads a `.mhclo` file; `path` is relative to `heads/`."""
    file = heads_root() / path
    refs: dict[str, tuple[int, int, float]] = {}
    obj = material = None
    name = file.stem
    rows: list[list[float]] = []
    deleted: list[int] = []
    section = ""
    for line in file.read_text().splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] in ("verts", "delete_verts"):
            section = words[0]
        elif section == "verts" and words[0].isdigit():
            if len(words) == 1:  # rides on one base vertex
                rows.append([int(words[0])] * 3 + [1, 0, 0, 0, 0, 0])
            else:
                rows.append([float(word) for word in words[:9]])
        elif section == "delete_verts":
            deleted += _vertex_ranges(words)
        elif words[0] in ("x_scale", "y_scale", "z_scale"):
            refs[words[0][0]] = (int(words[1]), int(words[2]), float(words[3]))
        elif words[0] == "obj_file":
            obj = words[1]
        elif words[0] == "material":
            material = file.parent / words[1]
        elif words[0] == "name":
            name = words[1]
    if obj is None:
        raise ValueError(f"{path}: no obj_file line")
    mesh = load_obj(file.parent / obj)
    table = np.array(rows, np.float64)
    if len(table) != len(mesh.vertices):
        raise ValueError(f"{path}: {len(table)} bound vertices, {len(mesh.vertices)} in {obj}")
    if material is None or not material.exists():
        beside = file.with_suffix(".mhmat")
        material = beside if beside.exists() else None
    return Proxy(
        name,
        mesh,
        table[:, :3].astype(np.int64),
        table[:, 3:6].astype(np.float32),
        table[:, 6:9].astype(np.float32),
        tuple(refs.get(axis, (0, 0, 1.0)) for axis in "xyz"),
        material,
        _diffuse_texture(file, material),
        np.unique(np.array(deleted, np.int64)),
    )


def _diffuse_texture(file: Path, material: Path | None) -> Path | None:
    named = load_material(material).get("diffuseTexture") if material else None
    candidates = [material.parent / named] if material and named else []
    candidates += sorted(file.parent.glob(f"{file.stem}_diffuse.*"))
    return next((path for path in candidates if path.exists()), None)


def _vertex_ranges(words: list[str]) -> list[int]:
    """MakeHuman's list of vertices: `5 7 - 9` means 5, 7, 8, 9."""
    numbers: list[int] = []
    through = False
    for word in words:
        if word == "-":
            through = True
        elif through:
            numbers += range(numbers[-1] + 1, int(word) + 1)
            through = False
        else:
            numbers.append(int(word))
    return numbers


def load_material(path: Path) -> dict[str, str]:
    """A `.mhmat` file as key -> rest of the line (last one wins)."""
    entries = {}
    for line in Path(path).read_text().splitlines():
        key, _, value = line.strip().partition(" ")
        if key and not key.startswith("#"):
            entries[key] = value.strip()
    return entries


def list_proxies(kind: str) -> list[str]:
    """Paths for `load_proxy`; `kind` is `hair`, `eyebrows`, `eyelashes`, `teeth`, `tongue`, `eyes`, `clothes`."""
    root = heads_root()
    folder = root / (kind if kind in ("clothes", "eyes") else f"base/{kind}")
    return sorted(str(path.relative_to(root)) for path in folder.glob("*/*.mhclo"))


def list_skins() -> list[Path]:
    """The body textures (albedo, sRGB, 2048 px) for the base mesh's UVs."""
    return sorted((heads_root() / "skins").glob("*.jpg"))
