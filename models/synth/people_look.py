"""Materials and painted textures: skin, eyes, hair, cloth. Pictures are made with NumPy, shaders with nodes."""

from __future__ import annotations

import bpy
import cv2
import numpy as np

import makehuman as mh

# ------------------------------------------------------------------------------------------------ helpers


class Shader:
    """A material's node tree with less typing: `add("TexNoise", Scale=4.0)["Fac"]` makes a node, sets inputs
    (numbers or other nodes' sockets) and properties (lower case), and is asked for outputs by name."""

    def __init__(self, name: str):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()

    def add(self, kind: str, **settings):
        node = self.tree.nodes.new("ShaderNode" + kind)
        for key, value in settings.items():
            if key[0].islower():
                setattr(node, key, value)
        for key, value in settings.items():
            if not key[0].islower():
                self.link(node.inputs[int(key[1:]) if key[0] == "I" and key[1:].isdigit() else key.replace("_", " ")], value)
        return node.outputs

    def link(self, socket, value):
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, bpy.types.bpy_prop_collection):
            self.tree.links.new(value[0], socket)
        else:
            if hasattr(value, "__len__") and socket.type == "RGBA" and len(value) == 3:
                value = (*value, 1.0)
            socket.default_value = value

    def math(self, operation: str, a, b=0.0, clamp=False):
        return self.add("Math", operation=operation, use_clamp=clamp, I0=a, I1=b)[0]

    def mix(self, fac, a, b, blend="MIX"):
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", blend
        for name, value in (("Factor_Float", fac), ("A_Color", a), ("B_Color", b)):
            self.link(next(s for s in node.inputs if s.identifier == name), value)
        return next(s for s in node.outputs if s.identifier == "Result_Color")

    def blend(self, fac, a, b):
        """`mix` for plain numbers."""
        node = self.tree.nodes.new("ShaderNodeMix")
        for socket, value in zip(node.inputs, (fac, None, a, b)):
            if value is not None:
                self.link(socket, value)
        return node.outputs[0]

    def ramp(self, fac, low: float, high: float, to_low=0.0, to_high=1.0):
        return self.add("MapRange", interpolation_type="SMOOTHSTEP", Value=fac, From_Min=low, From_Max=high, To_Min=to_low, To_Max=to_high)[0]

    def attribute(self, name: str):
        return self.add("Attribute", attribute_name=name)

    def picture(self, image, vector=None, interpolation="Cubic", extension="EXTEND"):
        settings = {"Vector": vector} if vector is not None else {}
        return self.add("TexImage", image=image, interpolation=interpolation, extension=extension, **settings)

    def surface(self, socket, displacement=None):
        out = self.tree.nodes.new("ShaderNodeOutputMaterial")
        self.link(out.inputs["Surface"], socket)
        return self.material


def image(name: str, pixels: np.ndarray, colour=True) -> bpy.types.Image:
    """A Blender image from [h, w, 1|3|4] floats 0..1, top row first; sRGB-encoded when `colour`."""
    h, w = pixels.shape[:2]
    pixels = pixels.reshape(h, w, -1)
    rgba = np.ones((h, w, 4), np.float32)
    rgba[..., : pixels.shape[2]] = pixels
    if pixels.shape[2] == 1:
        rgba[..., 1:3] = pixels
    picture = bpy.data.images.new(name, w, h, alpha=pixels.shape[2] == 4, float_buffer=not colour)
    picture.colorspace_settings.name = "sRGB" if colour else "Non-Color"
    picture.pixels.foreach_set(rgba[::-1].ravel())
    picture.pack() if colour else None
    return picture


def read(path) -> np.ndarray:
    """A picture file as [h, w, 3|4] floats 0..1, RGB(A), sRGB-encoded."""
    data = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32) / 255
    return data[..., [2, 1, 0, 3]] if data.shape[2] == 4 else data[..., ::-1]


def linear(srgb):
    srgb = np.asarray(srgb, np.float32)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def encoded(value):
    value = np.clip(value, 0, 1)
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055).astype(np.float32)


# --------------------------------------------------------------------------------------------------- skin

# The face's cheeks in the body texture (fractions from the top left): where a skin's tone is measured.
_CHEEKS = ((0.41, 0.62), (0.855, 0.9))


def skin_textures(path, tone: tuple, contrast: float, saturation: float):
    """(albedo sRGB, height) of a body texture, moved to another complexion: `tone` is the wanted cheek albedo
    (linear RGB), `contrast` scales the deviations from it in log space, `saturation` those in chroma only."""
    albedo = np.log(np.maximum(linear(read(path)), 0.004))
    h, w = albedo.shape[:2]
    rows, columns = (slice(int(a * n), int(b * n)) for (a, b), n in zip(_CHEEKS, (h, w)))
    deviation = albedo - np.median(albedo[rows, columns].reshape(-1, 3), 0)
    grey = deviation.mean(-1, keepdims=True)
    # Fine detail is stronger than in the texture, which was photographed softly; the denoiser keeps it.
    fine = grey - cv2.GaussianBlur(grey, None, 8)[..., None]
    deviation = deviation + 0.9 * fine
    grey = grey + 0.9 * fine
    result = np.exp(np.log(np.array(tone, np.float32)) + contrast * (grey + saturation * (deviation - grey)))
    height = np.clip(0.5 + fine * 1.2, 0, 1)
    return encoded(result), height


def skin(person, textures) -> bpy.types.Material:
    """Random-walk subsurface under two lobes: broad sheen everywhere, a thin oily coat on forehead and nose.
    Vertex attributes (people.py) say where: lip, oil, flush, stubble, scalp."""
    s = Shader("skin")
    albedo, height = textures
    uv = s.add("UVMap", uv_map="uv")[0]
    colour = s.picture(image("albedo", albedo), uv)[0]
    place = s.add("TexCoord")["Object"]
    blotch = s.add("TexNoise", Vector=place, Scale=38.0, Detail=4.0, Roughness=0.6)["Fac"]
    colour = s.mix(s.math("MULTIPLY", s.attribute("flush")["Fac"], s.ramp(blotch, 0.3, 0.7, 0.6, 1.0)), colour, person.flush, "MULTIPLY")
    tint = s.ramp(blotch, 0.3, 0.7, 0.93, 1.05)
    colour = s.mix(1.0, colour, s.add("CombineColor", Red=s.math("POWER", tint, 0.5), Green=tint, Blue=tint)[0], "MULTIPLY")
    colour = s.mix(s.attribute("lip")["Fac"], colour, person.lip, "MULTIPLY")
    colour = s.mix(s.math("MULTIPLY", s.attribute("stubble")["Fac"], person.shadow), colour, person.stubble, "MULTIPLY")
    # Pores: cells about half a millimetre wide, deeper where skin is oily; broad unevenness under them.
    oil, lip = s.attribute("oil")["Fac"], s.attribute("lip")["Fac"]
    pores = s.add("TexVoronoi", Vector=place, Scale=1150.0, feature="SMOOTH_F1", Smoothness=0.5)["Distance"]
    grain = s.add("TexNoise", Vector=place, Scale=480.0, Detail=3.0, Roughness=0.65)["Fac"]
    speck = s.math("MULTIPLY", s.ramp(pores, 0.0, 0.45, 0.80, 1.0), s.ramp(grain, 0.3, 0.7, 0.90, 1.08))
    speck = s.blend(lip, s.blend(person.mottle, 1.0, speck), 1.0)
    colour = s.mix(1.0, colour, s.add("CombineColor", Red=s.math("POWER", speck, 0.7), Green=speck, Blue=speck)[0], "MULTIPLY")
    # Freckles or age spots: sparse, a few millimetres wide.
    spots = s.add("TexNoise", Vector=place, Scale=210.0, Detail=1.0)["Fac"]
    spots = s.math("MULTIPLY", s.ramp(spots, 0.64, 0.72), s.ramp(s.add("TexNoise", Vector=place, Scale=30.0)["Fac"], 0.42, 0.62))
    colour = s.mix(s.math("MULTIPLY", spots, person.spots), colour, (0.62, 0.45, 0.36), "MULTIPLY")
    broad = s.add("TexNoise", Vector=place, Scale=140.0, Detail=3.0)["Fac"]
    depth = s.math("ADD", s.math("MULTIPLY", pores, s.math("ADD", 0.35, s.math("MULTIPLY", oil, 0.4))), s.math("MULTIPLY", grain, 0.45))
    depth = s.math("ADD", depth, s.math("MULTIPLY", broad, 1.0))
    # Lips have vertical furrows instead of pores.
    furrow = s.add("TexNoise", Vector=s.add("Mapping", Vector=place, Scale=(1.0, 0.2, 0.14))[0], Scale=900.0, Detail=2.0)["Fac"]
    depth = s.blend(lip, depth, s.math("MULTIPLY", furrow, 1.6))
    normal = s.add("Bump", Strength=person.pores, Distance=0.00022, Height=depth)[0]
    normal = s.add("Bump", Strength=person.relief, Distance=0.0022, Height=s.picture(image("height", height, False), uv)[0], Normal=normal)[0]
    rough = s.ramp(grain, 0.3, 0.7, person.roughness - 0.05, person.roughness + 0.07)
    rough = s.math("SUBTRACT", rough, s.math("MULTIPLY", oil, 0.10))
    rough = s.blend(lip, rough, 0.36)
    coat = s.math("ADD", s.math("MULTIPLY", oil, 0.10 * person.shine), s.math("MULTIPLY", lip, 0.12))
    return s.surface(
        s.add(
            "BsdfPrincipled", subsurface_method="RANDOM_WALK", Base_Color=colour, Roughness=rough, IOR=1.4,
            Subsurface_Weight=1.0, Subsurface_Radius=(1.0, 0.36, 0.2), Subsurface_Scale=person.depth, Subsurface_Anisotropy=0.0,
            Coat_Weight=coat, Coat_Roughness=0.28, Normal=normal, Specular_IOR_Level=0.42,
        )[0]
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- eyes

IRIS_ANGLE = 22.5  # degrees from the optical axis to the limbus: 6 mm on MakeHuman's large eyeballs


def iris_picture(inner, outer, seed: int, pupil: float = 0.36, size: int = 1024) -> np.ndarray:
    """An eyeball's front in azimuthal projection, 90 degrees at the rim: pupil, fibres, limbus, veined white."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size]
    x, y = (x + 0.5) / size * 2 - 1, (y + 0.5) / size * 2 - 1
    r, angle = np.hypot(x, y) * 90 / IRIS_ANGLE, np.arctan2(y, x)  # r is 1 at the limbus
    turn = (angle / (2 * np.pi)) % 1
    fibres = np.zeros_like(r)
    for n, weight in ((60, 0.35), (130, 0.4), (260, 0.25)):
        table = rng.normal(size=(7, n))
        table = np.concatenate([table, table[:, :1]], 1).astype(np.float32)
        wobble = 0.006 * np.sin(9 * r + 6.28 * 3 * turn)
        fibres += weight * cv2.remap(table, (((turn + wobble) % 1) * n).astype(np.float32), (np.clip(r, 0, 1) * 6).astype(np.float32), cv2.INTER_CUBIC)
    collarette = np.exp(-(((r - pupil - 0.17 - 0.02 * np.sin(turn * 6.28 * 11)) / 0.07) ** 2))
    blend = np.clip((r - pupil - 0.05) / 0.42, 0, 1)[..., None]
    iris = linear(inner) * (1 - blend) + linear(outer) * blend
    iris = iris * np.exp(0.38 * fibres[..., None] + 0.35 * collarette[..., None])
    iris *= (1 - 0.72 * np.clip((r - 0.80) / 0.2, 0, 1) ** 2)[..., None]  # the dark limbal ring
    iris *= np.clip((r - pupil) / 0.035, 0.01, 1)[..., None]
    # White: bluish near the iris, warmer and veined towards the corners.
    far = np.clip((r - 1) / 1.6, 0, 1)[..., None]
    white = np.array([0.46, 0.445, 0.43]) * (1 - far) + np.array([0.42, 0.33, 0.29]) * far
    veins = np.zeros((size, size), np.float32)
    for _ in range(46):
        a, radius, point = rng.uniform(0, 2 * np.pi), 2.9, []
        heading = 0.0
        while radius > rng.uniform(1.25, 1.7):
            point.append(((1 + radius * IRIS_ANGLE / 90 * np.cos(a)) * size / 2, (1 + radius * IRIS_ANGLE / 90 * np.sin(a)) * size / 2))
            heading = 0.8 * heading + rng.normal(0, 0.022)
            a, radius = a + heading, radius - 0.035
        if len(point) > 2:
            cv2.polylines(veins, [np.array(point, np.float32).reshape(-1, 1, 2).astype(np.int32)], False, float(rng.uniform(0.25, 0.8)), 1, cv2.LINE_AA)
    veins = cv2.GaussianBlur(veins, None, 0.9)[..., None] * far
    white = white * (1 - 0.55 * veins * np.array([0.25, 1.0, 1.0]))
    limbus = (1 / (1 + np.exp(-(r - 1.0) / 0.022)))[..., None]
    return encoded(iris * (1 - limbus) + white * limbus)


def eyeball(picture) -> bpy.types.Material:
    s = Shader("eyeball")
    colour = s.picture(image("eye", picture), s.add("UVMap", uv_map="uv")[0])[0]
    return s.surface(
        s.add("BsdfPrincipled", Base_Color=colour, Roughness=0.5, Subsurface_Weight=0.25, Subsurface_Radius=(1, 0.5, 0.35),
              Subsurface_Scale=0.0012, Specular_IOR_Level=0.15)[0]
    )  # fmt: skip


def cornea(centre, axis, radius) -> bpy.types.Material:
    """Reflects like a wet surface and otherwise lets light straight through: no caustics, no noise.

    A cornea is a tighter ball (7.8 mm) than the eye, which makes its catchlights small and crisp. Modelled so, it
    would pierce MakeHuman's lids; only its normals are bent that way.
    """
    s = Shader("cornea")
    limbus = np.radians(IRIS_ANGLE)
    inner = np.array(centre) + axis * (radius * np.cos(limbus) - np.sqrt(0.0078**2 - min(radius * np.sin(limbus), 0.0075) ** 2))
    place = s.add("NewGeometry")["Position"]
    vector = lambda operation, a, b: s.add("VectorMath", operation=operation, I0=a, I1=b)
    out = lambda c: vector("NORMALIZE", vector("SUBTRACT", place, tuple(c))[0], (0, 0, 0))[0]
    ball = out(centre)
    inside = s.ramp(vector("DOT_PRODUCT", ball, tuple(axis))["Value"], float(np.cos(limbus * 1.12)), float(np.cos(limbus * 0.92)))
    bent = s.add("Mix", data_type="VECTOR", I0=inside, I4=ball, I5=out(inner))[1]
    fresnel = s.math("MINIMUM", s.add("Fresnel", IOR=1.38)[0], 0.5)
    return s.surface(s.add("MixShader", I0=fresnel, I1=s.add("BsdfTransparent"), I2=s.add("BsdfGlossy", Roughness=0.02, Normal=bent))[0])


# ----------------------------------------------------------------------------------------- hair and cloth


def backdrop(picture) -> bpy.types.Material:
    s = Shader("backdrop")
    colour = s.picture(image("backdrop", picture, False), s.add("UVMap", uv_map="uv")[0], "Linear")[0]
    return s.surface(s.add("Emission", Color=colour, Strength=1.0)[0])


def hair(name: str, melanin: float, redness: float, roughness=0.32, spread=0.45, grey: float = 0.0) -> bpy.types.Material:
    """Chiang's hair scattering; `grey` is the share of strands without pigment."""
    s = Shader(name)
    chance = s.add("HairInfo")["Random"]
    pigment = s.math("MULTIPLY", s.math("LESS_THAN", s.math("FRACT", s.math("MULTIPLY", chance, 37.7)), 1.0 - grey), melanin)
    pigment = s.math("ADD", pigment, 0.035)
    return s.surface(
        s.add("BsdfHairPrincipled", parametrization="MELANIN", Melanin=pigment, Melanin_Redness=redness, Roughness=roughness,
              Radial_Roughness=spread, Coat=0.0, IOR=1.55, Random_Color=0.25, Random_Roughness=0.25, Random=chance)[0]
    )  # fmt: skip


def cloth(name: str, colour, weave: float = 900.0, rough=0.85, sheen=0.3, picture=None, knit=False, fold: float = 1.0) -> bpy.types.Material:
    """Woven or knitted cloth: thread relief over soft wrinkles."""
    s = Shader(name)
    uv = s.add("UVMap", uv_map="uv")[0]
    place = s.add("TexCoord")["Object"]
    base = s.picture(image(name + " colour", read(mh.heads_root() / picture)[..., :3]), uv)[0] if picture is not None else s.add("RGB")
    if picture is None:
        base[0].default_value = (*linear(colour), 1)
        base = base[0]
    lint = s.add("TexNoise", Vector=place, Scale=420.0, Detail=4.0, Roughness=0.7)["Fac"]
    base = s.mix(1.0, base, s.add("CombineColor", Red=(t := s.ramp(lint, 0.25, 0.75, 0.82, 1.1)), Green=t, Blue=t)[0], "MULTIPLY")
    if knit:
        rib = s.add("TexWave", Vector=place, Scale=weave / 6, Distortion=0.4, bands_direction="X")["Fac"]
        row = s.add("TexWave", Vector=place, Scale=weave / 6, Distortion=0.6, bands_direction="Z")["Fac"]
        relief, depth = s.math("MULTIPLY", s.math("ADD", rib, 0.6), s.math("ADD", row, 0.8)), 0.0011
    else:
        warp = s.add("TexWave", Vector=place, Scale=weave / 6, Distortion=0.3, bands_direction="DIAGONAL")["Fac"]
        weft = s.add("TexWave", Vector=place, Scale=weave / 6, Distortion=0.3, bands_direction="Z")["Fac"]
        relief, depth = s.math("ADD", s.math("MULTIPLY", warp, weft), s.math("MULTIPLY", lint, 0.7)), 0.0003
    base = s.mix(0.35, base, s.mix(relief, (0.35, 0.35, 0.35), (1, 1, 1)), "MULTIPLY")
    normal = s.add("Bump", Strength=0.6, Distance=depth, Height=relief)[0]
    crease = s.add("TexNoise", Vector=s.add("Mapping", Vector=place, Scale=(1, 1, 0.55), Rotation=(0.2, 0.4, 0.5))[0], Scale=16.0, Detail=3.0, Distortion=0.8)["Fac"]
    normal = s.add("Bump", Strength=0.5 * fold, Distance=0.02, Height=crease, Normal=normal)[0]
    return s.surface(
        s.add("BsdfPrincipled", Base_Color=base, Roughness=rough, Normal=normal, Sheen_Weight=sheen, Sheen_Roughness=0.4, Specular_IOR_Level=0.2)[0]
    )
