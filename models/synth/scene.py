"""A person in a shot, drawn: gathers meshes, materials and uniforms, and makes the labels of one sample."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

import arkit
import growth
import headwear
import head_layout as layout
import labels
import meshes
import neckwear
import occluders
import textures
import topology
import wrinkles
from background import random_background
from makehuman import VERTEX_COUNT, heads_root, joint, load_base, load_proxy, mean_vertices
from person import Person
from raster import Camera, Rasteriser, frame, look_along, rotation
from shot import Shot

TONGUE = "base/tongue/tongue01/tongue01.mhclo"


@lru_cache(maxsize=None)
def _eye_vertices(side: str) -> np.ndarray:
    return load_base().group_vertices(f"helper-{side[0]}-eye")


@dataclass
class Still:
    """What a film keeps from picture to picture: the camera, its exposure and what is behind the person."""

    camera: Camera
    exposure: float
    background: np.ndarray  # uint8 [s, s, 3]


class Scene:
    """Draws samples. `person` caches what the next shots of the same person reuse."""

    def __init__(self, size: int):
        self.size = size
        self.skin_facts = meshes.skin_mesh().facts
        self.gl = Rasteriser(size)
        self.occlusion = self._ambient_occlusion()
        self.point_count = 70 + len(layout.dense()[0])

    # ------------------------------------------------------------------------------------ geometry

    def _ambient_occlusion(self) -> np.ndarray:
        """Share of the sky that each skin vertex of the mean head sees, [N]; from depth maps all around."""
        cache = Path(__file__).parent / "data" / "occlusion.npy"
        if cache.exists():
            return np.load(cache)
        mesh, points = meshes.skin_mesh(), mean_vertices()[meshes.skin_mesh().source]
        normals = mesh.normals(points)
        handle = self._upload("occlusion", mesh, points, normals)
        total, seen = np.zeros(len(points)), np.zeros(len(points))
        count = 160
        for k in range(count):
            z = 1 - (2 * k + 1) / count
            azimuth = k * np.pi * (3 - np.sqrt(5))
            direction = np.array([np.sqrt(1 - z * z) * np.cos(azimuth), z, np.sqrt(1 - z * z) * np.sin(azimuth)])
            matrix = look_along(direction, np.array([0, 6.4, 0.6]), 2.6)
            self._shadow_pass([("skin", handle, None)], matrix, np.eye(3), np.eye(3), np.zeros(3))
            depth = np.frombuffer(self.gl.shadow_depth.read(), np.float32).reshape(*self.gl.shadow_depth.size)
            clip = points @ matrix[:3, :3].T + matrix[:3, 3] + 0.012 * normals @ matrix[:3, :3].T
            x, y = ((clip[:, :2] * 0.5 + 0.5) * len(depth)).astype(int).clip(0, len(depth) - 1).T
            cosine = np.maximum(normals @ direction, 0)
            total += cosine
            seen += cosine * (clip[:, 2] * 0.5 + 0.5 < depth[y, x] + 0.003)
        result = seen / np.maximum(total, 1e-6)
        # Inside mouth and sockets the distance behind the rim says more than a closed mesh can.
        inside, socket = meshes.mouth_depth()[mesh.source], meshes.socket_depth()[mesh.source]
        result = np.where(inside > 0, 0.75 * np.exp(-inside / 0.16), result)
        result = np.where(socket > 0, 0.7 * np.exp(-socket / 0.05), result)
        lids = np.isin(layout.regions()[mesh.source], (layout.UPPER_LIP, layout.LOWER_LIP, layout.UPPER_LID, layout.LOWER_LID))
        result = np.where(lids, np.maximum(result, 0.8), result)
        cache.parent.mkdir(exist_ok=True)
        temporary = cache.with_suffix(f".{np.random.default_rng().integers(1 << 30)}.npy")
        np.save(temporary, result.astype(np.float32))
        temporary.rename(cache)
        return result.astype(np.float32)

    def _upload(self, key, mesh: meshes.DrawMesh, points, normals, occlusion=None, triangles=None, index_key=None):
        moving = np.empty((len(points), 7), np.float32)
        moving[:, :3], moving[:, 3:6] = points, normals
        moving[:, 6] = 1.0 if occlusion is None else occlusion
        fixed = np.concatenate([mesh.uv, self.skin_facts if key == "skin" else mesh.facts], 1)
        return self.gl.upload(key, moving, fixed, mesh.triangles if triangles is None else triangles, index_key)

    def _proxy(self, path: str, kind: int, base: np.ndarray, occlusion=None, swell: float = 0.0, shift=0.0) -> tuple:
        """Uploads a bound mesh on `base` vertices, pushed outwards by `swell` dm; `occlusion` maps its points to 0..1."""
        mesh, proxy = meshes.proxy_mesh(path, kind), load_proxy(path)
        points = proxy.fit(base)[mesh.source]
        normals = mesh.normals(points)
        points = points + swell * normals + shift
        return self._upload((path, kind), mesh, points, normals, None if occlusion is None else occlusion(points))

    def _hair(self, person: Person) -> tuple:
        """The style on this head, with the fringe shortened by pulling it up over the brows."""
        mesh = meshes.proxy_mesh(person.hair, meshes.HAIR)
        points = load_proxy(person.hair).fit(person.vertices)
        marks = person.vertices[layout.landmarks68()]
        brow = marks[[19, 24], 1].mean() + 0.07
        before_face = np.clip((marks[45, 0] - 0.02 - np.abs(points[:, 0])) / 0.1, 0, 1) * (points[:, 2] > marks[36, 2] - 0.1)
        below = np.maximum(brow - points[:, 1], 0)
        shortened = 0.3 * person.fringe * below / (below + 0.3) if person.fringe < 1 else below
        points[:, 1] += before_face * (below - shortened)
        points = points[mesh.source]
        return self._upload((person.hair, meshes.HAIR), mesh, points, mesh.normals(points))

    def person(self, person: Person) -> None:
        """Prepares what does not move with the expression."""
        self.who = person
        self.garment = self._proxy(person.clothes, meshes.CLOTH, person.vertices, swell=0.025)
        self.skin_triangles = meshes.visible_skin(person.clothes)
        self.hair = self._hair(person) if person.hair else None
        self.hat = self._hat(person) if person.hat else None
        self.glasses = self._glasses(person) if person.glasses else None
        self.collar = [self._merge(name, part, meshes.CLOTH, 0.3) for name, part in zip(("collar", "tie"), neckwear.parts(person.vertices, *person.neckwear[:2]))] if person.neckwear else None
        self.bun = self._bun(person) if person.bun else None
        self._grow(person)

    def _hat(self, person: Person) -> tuple:
        if person.hat not in headwear.KINDS:
            return self._proxy(person.hat, meshes.HAT, person.vertices)
        parts = [headwear.cloth(person.hat, person.vertices, person.hat_size), headwear.brim(person.hat, person.vertices, 2 * person.hat_size)]
        return self._merge(person.hat, [part for part in parts if part], meshes.HAT)

    def _bun(self, person: Person) -> tuple:
        """A ball of hair on the head's back, sunk into it by a third."""
        radius, angle = person.bun
        scalp = person.vertices[layout.regions() == layout.SCALP]
        middle = 0.5 * (scalp.min(0) + scalp.max(0)) * [0, 1, 1]
        out = np.array([0, np.cos(angle), -np.sin(angle)])
        place = middle + out * ((scalp - middle) @ out).max() + out * radius * 0.35
        u = np.linspace(-0.98, 0.98, 9)
        ball = meshes.tube(place + np.outer(u, [radius * 1.1, 0, 0]), radius * np.sqrt(1 - u**2), False, 12)
        return self._merge("bun", [ball], meshes.HAIR)

    def _grow(self, person: Person) -> None:
        """The skin's own masks for this person's beard and hairline."""
        mesh = meshes.skin_mesh()
        self.skin_facts = mesh.facts.copy()
        if person.beard:
            self.skin_facts[:, 2] = growth.beard_mask(person.beard.regions)
        if person.cut:
            bald = mesh.facts[:, 3] < 0
            self.skin_facts[bald, 3] = -growth.scalp_mask(person.cut)[bald]
        if ("skin") in self.gl.buffers:
            self.gl.buffers["skin"][1].write(np.ascontiguousarray(np.concatenate([mesh.uv, self.skin_facts], 1), np.float32))

    def _glasses(self, person: Person) -> tuple:
        """(frame handle, lens handle): superellipse rims, bridge and temples, resting on nose and ears."""
        g, v = person.glasses, person.vertices
        marks = v[layout.landmarks68()]
        ears = layout.regions() == layout.EAR
        centre_x = 0.5 * (marks[45, 0] - marks[36, 0]) * 0.5 + 0.5 * (marks[42, 0] - marks[39, 0]) * 0.5 + 0.01
        scale = (marks[45, 0] - marks[36, 0]) / 0.83
        eye_y = marks[[36, 39, 42, 45], 1].mean() - g["down"] * scale
        front = max(marks[[37, 38, 43, 44, 19, 24], 2].max(), marks[27, 2] - 0.05) + 0.07
        width, height = g["width"] * scale, g["height"] * scale
        width = min(width, centre_x - 0.06)
        t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        c, s = np.cos(t), np.sin(t)
        x = np.sign(c) * np.abs(c) ** (2 / g["power"]) * width
        y = np.sign(s) * np.abs(s) ** (2 / g["power"]) * height
        y = np.where(y < 0, y * (1 + 0.1 * (x / width)), y)
        bend = lambda x: front - 0.16 * (np.abs(x) / 0.5) ** 2
        parts, lenses = [], []
        for sign in (1, -1):
            rim = np.stack([sign * (centre_x + x), eye_y + y, bend(centre_x + x) - 0.12 * np.clip(-y, 0, 1)], 1)
            thick = np.where(y < -0.3 * height, 0.003, g["thick"]) if g["half"] else g["thick"]
            parts.append(meshes.tube(rim, thick, True))
            middle = rim.mean(0)
            lens = np.concatenate([[middle], rim]).astype(np.float32)
            fan = np.array([[0, 1 + k, 1 + (k + 1) % 40] for k in range(40)], np.int32)
            lenses.append((lens, fan))
            ear = v[ears & (np.sign(v[:, 0]) == sign)]
            top = ear[ear[:, 1].argmax()]
            start = np.array([sign * (centre_x + width), eye_y + 0.35 * height, bend(centre_x + width)])
            side = sign * max(abs(top[0]), abs(start[0]) + 0.02)
            hinge = start + [sign * 0.03, 0, -0.05]
            end = np.array([side, top[1] - 0.03, top[2] - 0.05])
            temple = np.concatenate([[start, hinge], hinge + np.linspace(0.2, 1, 6)[:, None] * (end - hinge)])
            parts.append(meshes.tube(temple, max(g["thick"], 0.012), False))
        u = np.linspace(-1, 1, 9)
        bridge = np.stack([u * (centre_x - width), eye_y + 0.25 * height + 0.04 * (1 - u**2), bend(u * 0.1) + 0.02 * (1 - u**2)], 1)
        parts.append(meshes.tube(bridge, g["thick"], False))
        return self._merge("frame", parts, meshes.GLASSES), self._merge("lens", lenses, meshes.GLASSES)

    def _merge(self, key: str, parts, kind: int, rigid: float = 1.0) -> tuple:
        points = np.concatenate([p for p, _ in parts])
        offsets = np.cumsum([0] + [len(p) for p, _ in parts])
        triangles = np.concatenate([t + o for (_, t), o in zip(parts, offsets)])
        facts = np.zeros((len(points), 6), np.float32)
        facts[:, 0], facts[:, 1] = rigid, kind
        operator = meshes.NormalOperator(triangles, len(points))
        mesh = meshes.DrawMesh(np.arange(len(points)), (0.4 * points[:, :2]).astype(np.float32), triangles, facts, operator)
        handle = self._upload((key, len(points)), mesh, points, operator(points))
        # The pattern's place must not depend on who wore it first.
        self.gl.buffers[handle[0]][1].write(np.ascontiguousarray(np.concatenate([mesh.uv, facts], 1), np.float32))
        return handle

    def _eyes(self, shape: np.ndarray, shot: Shot) -> list[tuple]:
        """Per eye (handle, uniforms, iris centre before posing [3])."""
        points, triangles = meshes.sphere()
        result = []
        for k, side in enumerate(("left", "right")):
            ball = shape[_eye_vertices(side)]
            centre = 0.5 * (ball.min(0) + ball.max(0))
            radius = float(np.linalg.norm(ball - centre, axis=1).mean()) * 0.985
            turn = rotation(shot.gaze[2 * k], shot.gaze[2 * k + 1], 0)
            direction = points @ turn.T
            upper, lower = topology.lid_loops(side)
            opening = abs(shape[upper[0], 0] - shape[upper[-1], 0])
            lid = lambda loop: float(np.arctan2(*(shape[loop[len(loop) // 2]] - centre)[[1, 2]]))
            facts = np.zeros((len(points), 6), np.float32)
            facts[:, 0], facts[:, 1] = 1, meshes.EYE
            mesh = meshes.DrawMesh(np.arange(len(points)), np.zeros((len(points), 2), np.float32), triangles, facts)
            moving = np.concatenate([centre + radius * direction, direction, np.ones((len(points), 1))], 1)
            # The eyeball's own direction and the elevation ride in `mask`; they change with the gaze.
            fixed = np.zeros((len(points), 8), np.float32)
            fixed[:, 2:4] = 1, meshes.EYE
            fixed[:, 4:7], fixed[:, 7] = points, np.arcsin(direction[:, 1].clip(-1, 1))
            handle = self.gl.upload(("eye", side), moving, fixed, triangles)
            self.gl.buffers[("eye", side)][1].write(fixed)
            iris = float(np.arcsin(min(0.9, 0.195 * opening * self.who.iris_size / radius)))
            values = {"iris_angle": iris, "lid_height": lid(upper), "lid_low": lid(lower)}
            result.append((handle, values, centre + radius * turn[:, 2]))
        return result

    # ------------------------------------------------------------------------------------- drawing

    def _shadow_pass(self, parts, matrix, head, trunk, pivot) -> None:
        gl = self.gl
        gl.shadow_target.use()
        gl.context.enable_only(gl.context.DEPTH_TEST)
        gl.shadow_target.clear(depth=1.0)
        values = {"projection": matrix, "head": head, "trunk": trunk, "pivot": pivot}
        for _, handle, picture in parts:
            gl.uniforms("depth", {**values, "albedo_map": 0, "has_alpha": 0.0 if picture is None else 1.0, "lift": 0.0})
            (picture or gl.noise).use(0)
            gl._array("depth", handle).render()

    def _file(self, path: Path, size: int):
        return self.gl.picture(str(path), lambda: textures.read(path, size))

    def _placing(self, shot: Shot) -> tuple:
        """(head's rotation, trunk's, pivot, function that poses base vertices as the vertex shader does)."""
        head, trunk = rotation(*shot.pose), rotation(*shot.trunk)
        pivot = joint(self.who.vertices, "head")
        rigid = layout.rigidity().astype(np.float32)

        def place(vertices, numbers):
            arm, w = vertices[numbers] - pivot, rigid[numbers][:, None]
            return w * (arm @ head.T) + (1 - w) * (arm @ trunk.T) + pivot

        return head, trunk, pivot, place

    def still(self, shot: Shot, rng: np.random.Generator) -> Still:
        """A camera set up for `shot`, to take more shots of the person with."""
        head, _, _, place = self._placing(shot)
        marks = place(arkit.express(self.who.vertices, shot.expression), layout.landmarks68())
        return Still(frame(shot.fov, marks, shot.face_size, shot.centre), self._light(shot, head)["exposure"], random_background(rng, self.size))

    def draw(self, shot: Shot, rng: np.random.Generator, still: Still | None = None) -> dict:
        """One sample: the arrays of README.md, without the leading axis. Without `still` the camera follows the face."""
        gl, who = self.gl, self.who
        shape = arkit.express(who.vertices, shot.expression)
        head, trunk, pivot, place = self._placing(shot)
        eyes = self._eyes(shape, shot)
        vertices = labels.point_vertices()
        world = place(shape, vertices)
        irises = np.stack([(iris - pivot) @ head.T + pivot for _, _, iris in eyes])
        camera = still.camera if still else frame(shot.fov, world[:68], shot.face_size, shot.centre)
        light = self._light(shot, head)
        if still:
            light["exposure"] = still.exposure
        outline = labels.contour(shape, head, place)
        # Image-left is the subject's right eye.
        points = np.concatenate([outline, world[17:68], irises[::-1], world[68:]])

        values, plain = self._draw(shape, shot, eyes, camera, light, head, trunk, pivot)
        before = self._draw_occluder(rng, values, plain, world[:68]) if shot.occluder else ""
        rgba, depth = gl.read()
        image, seg = self._resolve(rgba, still.background if still else random_background(rng, self.size))
        flat, distance = camera.project(points)
        visible = labels.visibility(flat, distance, depth)
        labels.snap_to_outline(flat, distance, visible, depth, head)
        expression = shot.expression.astype(np.float32)
        meta = {"skin": who.skin, "group": who.group(), "age": round(who.traits.age), "male": round(who.traits.male, 2),
                "hair": Path(who.hair).stem if who.hair else who.scalp, "beard": round((who.beard.length if who.beard else 0) + 0.01 * who.stubble, 3),
                "glasses": bool(who.glasses), "hat": bool(who.hat), "occluder": before}  # fmt: skip
        return {
            "image": image, "seg": seg, "points": (flat * self.size).astype(np.float32), "visible": visible,
            "expression": expression, "pose": shot.pose.astype(np.float32), "gaze": shot.gaze.astype(np.float32),
            "meta": json.dumps(meta),
        }  # fmt: skip

    def _light(self, shot: Shot, head) -> dict:
        """Light uniforms; exposure brings the lit face near the wanted brightness whatever the lights add up to."""
        who = self.who
        total = np.zeros(3)
        normals = np.array([[0, 0, 1], [0.6, 0.1, 0.8], [-0.6, 0.1, 0.8], [0, 0.5, 0.85]])
        for normal in normals @ head.T:
            for k in range(3):
                total += max(0, (normal @ shot.directions[k] + 0.2) / 1.2) * shot.colours[k]
            total += (shot.sky + shot.ground) / 2
        irradiance = float(total @ [0.2126, 0.7152, 0.0722]) / len(normals)
        tone = float(who.tone @ [0.2126, 0.7152, 0.0722])
        wanted = 0.40 * (tone / 0.35) ** 0.65 * shot.level
        return {
            "light_direction": shot.directions, "light_colour": shot.colours, "sky": shot.sky, "ground": shot.ground,
            "up": np.array([0.0, 1.0, 0.0]), "exposure": wanted / (tone * irradiance),
            "shadow_strength": shot.shadow, "shadow_blur": shot.shadow_blur,
        }  # fmt: skip

    def _draw(self, shape, shot: Shot, eyes, camera, light, head, trunk, pivot) -> tuple:
        gl, who = self.gl, self.who
        mesh = meshes.skin_mesh()
        points = shape[mesh.source]
        marks = shape[layout.landmarks68()]
        gap = float(np.linalg.norm(marks[61:64] - marks[67:64:-1], axis=1).max())
        # An open mouth lets light in; some comes back from its walls.
        light_in = min(1.0, 0.25 + gap / 0.35)
        occlusion = np.where(meshes.mouth_depth()[mesh.source] > 0, np.maximum(self.occlusion, 0.09) * light_in, self.occlusion)
        skin = self._upload("skin", mesh, points, mesh.normals(points), occlusion, self.skin_triangles, who.clothes)

        hair_picture = None
        if who.hair:
            proxy = load_proxy(who.hair)
            hair_picture = self._file(proxy.texture, 512) if proxy.texture else None
        values = {"head": head, "trunk": trunk, "pivot": pivot, "projection": camera.matrix(), "eye": camera.eye, **light}
        if shot.shadow > 0:
            centre = np.array([0, -0.1, 0.3]) + pivot
            matrix = look_along(shot.directions[0], centre, 2.1)
            casters = [("skin", skin, None), ("cloth", self.garment, None)]
            casters += [("hair", self.hair, hair_picture)] if self.hair else []
            casters += [("hat", self.hat, None)] if self.hat else []
            casters += [("frame", self.glasses[0], None)] if self.glasses else []
            self._shadow_pass(casters, matrix, head, trunk, pivot)
            values["shadow_projection"] = matrix

        gl.target.use()
        gl.context.enable_only(gl.context.DEPTH_TEST)
        gl.target.clear(0, 0, 0, 0, depth=1.0)
        shaved = {"bald": 0.0, "shaved": 0.55, "cropped": 0.85, "hidden": 0.95}[who.scalp]
        gl.picture("wrinkles", wrinkles.picture).use(3)
        gl.draw("skin", skin, {
            **values, "density": who.density, "saturation": who.saturation, "contrast": 0.16, "freckles": who.freckles, "gloss": shot.gloss, "power": shot.power,
            "lip_colour": who.lips, "blush_colour": who.blush, "shadow_colour": who.shadow,
            "stubble": who.stubble, "stubble_colour": who.hair_colour * 0.7 + who.tone * 0.12, "bump": 0.16, "wrinkles": self._wrinkles(shot),
            "scalp_shade": shaved, "scalp_colour": who.hair_colour * 0.8 + who.tone * 0.1,
        }, gl.picture(("skin", who.skin), lambda: textures.skin(who.skin)), closed=True)  # fmt: skip
        self._draw_eyes(values, eyes, shot)
        # Brows and lashes lie on the skin.
        brow = self._proxy(who.brow, meshes.BROW, shape)
        plain = {"tint": np.ones(3), "keep_hue": 0.0, "gloss": 0.1, "power": 10.0, "scatter": np.zeros(3), "weave": 0.0,
                 "weave_scale": np.array([4.0, 4.0]), "has_alpha": 0.0, "alpha_gain": 1.0, "stripe": np.zeros(4)}  # fmt: skip
        # Brows are darker than the hair, and turn grey later.
        brow_colour = np.minimum(who.hair_colour, 0.12 if who.traits.age < 60 else 0.3) * 0.8
        gl.draw("hair", brow, {**values, "hair_colour": brow_colour, "tip_colour": brow_colour, "mean_luminance": 0.1, "has_alpha": 1.0, "gloss": 0.2, "roughness": 0.3,
                "strand": np.array([9.0, 9.0]), "label": float(meshes.BROW), "grey": 0.0}, self._file(heads_root() / Path(who.brow).with_suffix(".png"), 256))  # fmt: skip
        lash = self._proxy(who.lash, meshes.EYE, shape)
        gl.draw("plain", lash, {**values, **plain, "tint": np.array([0.02, 0.015, 0.012]), "has_alpha": 1.0, "alpha_gain": 0.7 if who.traits.male < 0.5 else 0.3, "label": float(meshes.FACE)},
                self._file(heads_root() / Path(who.lash).with_suffix(".png"), 256))  # fmt: skip
        out = float(shot.expression[arkit.expression_index("tongueOut")])
        if gap > 0.02 or out > 0.05:
            self._draw_mouth(values, plain, shape, gap, out)
        self._draw_fur(values, skin)
        tint = {**plain, "tint": who.cloth_tint * 0.35, "weave": who.cloth_weave, "weave_scale": np.array([22.0, 22.0]), "label": float(meshes.CLOTH)}
        proxy = load_proxy(who.clothes)
        picture = self._file(proxy.texture, 512) if proxy.texture else None
        if picture and who.cloth_hue > 0.5:
            tint["tint"], tint["keep_hue"] = who.cloth_tint, 1.0
        elif picture:
            tint["tint"] = who.cloth_tint
        gl.draw("plain", self.garment, {**values, **tint, "stripe": who.stripe, "scatter": np.full(3, 0.1)}, picture)
        if self.collar:
            for handle, colour in zip(self.collar, (np.full(3, 0.5), who.neckwear[2])):
                gl.draw("plain", handle, {**values, **plain, "tint": colour, "weave": 0.2, "weave_scale": np.array([22.0, 22.0]), "label": float(meshes.CLOTH)})
        if self.bun:
            gl.draw("hair", self.bun, {
                **values, "hair_colour": who.hair_colour, "tip_colour": who.hair_colour, "grey": who.grey, "gloss": 0.5, "mean_luminance": 0.5, "has_alpha": 0.0,
                "roughness": 1.2, "strand": np.array([6.0, 40.0]), "label": float(meshes.HAIR),
            })  # fmt: skip
        if self.hair:
            gl.draw("hair", self.hair, {
                **values, "hair_colour": who.hair_colour, "tip_colour": who.tip_colour, "grey": who.grey, "gloss": 0.7,
                "mean_luminance": self._hair_luminance(who.hair) if hair_picture else 0.5, "has_alpha": 1.0 if hair_picture else -1.0 if "afro" in who.hair else 0.0, "roughness": 0.45 if hair_picture else 1.2,
                "strand": np.array([26.0, 5.0]), "label": float(meshes.HAIR),
            }, hair_picture)  # fmt: skip
        if self.hat:
            gl.draw("plain", self.hat, {**values, **plain, "tint": who.hat_tint * 0.8, "weave": 0.5, "weave_scale": np.array([16.0, 16.0]), "label": float(meshes.HAT)})
        if self.glasses:
            self._draw_glasses(values, plain)
        return values, plain

    def _draw_occluder(self, rng, values, plain, marks) -> str:
        kind, parts = occluders.random_occluder(rng, marks, self.who.tone)
        own = {**values, **plain, "head": np.eye(3), "trunk": np.eye(3), "pivot": np.zeros(3), "label": float(meshes.OCCLUDER), "weave": 0.25}
        for k, part in enumerate(parts):
            handle = self._merge(f"{kind} {k} {len(part.triangles)}", [(part.points, part.triangles)], meshes.OCCLUDER)
            scatter = np.array([0.3, 0.13, 0.09]) if part.skin else np.full(3, 0.05)
            self.gl.draw("plain", handle, {**own, "tint": part.tint, "gloss": part.gloss, "power": 20.0, "scatter": scatter})
        return kind

    @lru_cache(maxsize=None)
    def _hair_luminance(self, path: str) -> float:
        picture = textures.read(load_proxy(path).texture, 128).astype(np.float32) / 255
        opaque = picture[..., 3] > 0.5
        return float((picture[..., :3] @ [0.3, 0.59, 0.11])[opaque].mean())

    def _wrinkles(self, shot: Shot) -> np.ndarray:
        """Strengths of `wrinkles.CHANNELS`: age, and what the moment adds."""
        e = dict(zip(arkit.EXPRESSION_NAMES, shot.expression))
        now = np.array([max(e["browInnerUp"], e["browOuterUpLeft"]), e["cheekSquintLeft"], 0.7 * e["mouthSmileLeft"] + 0.5 * e["noseSneerLeft"], 0.3 * e["mouthFrownLeft"]])
        return self.who.wrinkles + now * (0.15 + 0.5 * self.who.wrinkles) * [0.6, 0.7, 1.0, 1.0]

    def _draw_eyes(self, values, eyes, shot: Shot) -> None:
        who = self.who
        name, pixels = textures.eyes()[who.eye]
        picture = self.gl.picture(("eye", name), lambda: pixels)
        disc, scale = _iris(who.eye)
        for handle, own, _ in eyes:
            self.gl.draw("eye", handle, {
                **values, **own, "disc": disc, "disc_scale": scale, "pupil": 0.36, "iris_tint": who.iris_tint,
                "sclera": np.array([1.0, 0.98, 0.97]) * 0.92, "window": np.array([0.13, 0.13]), "sparkle": 1.6, "redness": shot.redness,
            }, picture, closed=True)  # fmt: skip

    def _draw_mouth(self, values, plain, shape, gap: float, out: float) -> None:
        """Teeth and tongue, darker the farther they are behind the lips."""
        marks = shape[layout.landmarks68()]
        front = marks[[62, 66], 2].mean()
        open_ = min(1.0, 0.7 + gap / 0.4)
        deep = lambda points: open_ * np.exp(-np.maximum(front - 0.10 - points[:, 2], 0) / 0.22)
        teeth = self._proxy(self.who.teeth, meshes.MOUTH, shape, deep)
        common = {**values, **plain, "keep_hue": 1.0, "power": 40.0, "gloss": 0.8}
        material = heads_root() / "base" / "teeth" / "materials" / "teeth.png"
        self.gl.draw("plain", teeth, {**common, "label": float(meshes.TEETH), "tint": 1.25 * self.who.teeth_tint, "scatter": np.full(3, 0.2)}, self._file(material, 512), closed=True)
        tongue = self._proxy(TONGUE, meshes.MOUTH, shape, deep, shift=self.who.tongue_rest * (1 - min(1.0, 3 * out)) * min(1.0, max(gap - 0.03, 0) / 0.18))
        self.gl.draw("plain", tongue, {**common, "label": float(meshes.TONGUE), "tint": np.array([0.62, 0.36, 0.36]), "scatter": np.array([0.3, 0.1, 0.1])}, self._file(load_proxy(TONGUE).texture, 256))

    def _draw_fur(self, values, skin) -> None:
        """Coats in shells: beard, and cropped hair on the scalp."""
        who = self.who
        coats = []
        if who.beard:
            b = who.beard
            scale = [30.0, 30.0] if b.length < 0.1 else [24.0, 7.0]
            coats.append((0, b.length, b.coverage, meshes.BEARD, {"droop": b.droop, "curl": 0.15, "part": np.zeros(2), "edge": np.array([0.06, 0.25]), "strand_scale": np.array(scale)}))
        if who.cut:
            c = who.cut
            coats.append((1, c.length, 1.15, meshes.HAIR, {"droop": c.droop, "curl": 0.6 * c.curl, "part": np.array(c.part), "edge": np.array([0.12, 0.4]),
                          "strand_scale": np.array([30.0, 30.0] if c.length < 0.12 or c.curl > 0.5 else who.strands)}))  # fmt: skip
        for mask, length, coverage, label, style in coats:
            shells = int(np.clip(4 + length * 18, 4, 14))
            handle = self.gl.subset(skin, ("coat", mask), meshes.coat(mask))
            for k in range(shells):
                height = (k + 1) / shells
                self.gl.draw("fur", handle, {
                    **values, **style, "droop": style["droop"] * (0.3 + 0.7 * height), "fur_mask": mask, "lift": length * height, "height": height, "taper": 0.75 - 0.35 * min(1.0, length / 0.3), "coverage": coverage,
                    "label": float(label), "hair_colour": who.hair_colour, "grey": who.grey,
                }, closed=True)  # fmt: skip

    def _draw_glasses(self, values, plain) -> None:
        g, gl = self.who.glasses, self.gl
        frame_, lens = self.glasses
        gl.draw("plain", frame_, {**values, **plain, "tint": np.array(g["colour"]) * 1.2, "gloss": 1.2, "power": 60.0, "label": float(meshes.GLASSES), "keep_hue": 0.0})
        gl.context.enable(gl.context.BLEND)
        # Lenses leave the class below.
        gl.context.blend_func = gl.context.SRC_ALPHA, gl.context.ONE_MINUS_SRC_ALPHA, gl.context.ZERO, gl.context.ONE
        gl.draw("glass", lens, {**values, "lens": np.array([*(np.array(g["colour"]) * 0.3), g["tint"]]), "mirror_gain": g["mirror"]})
        gl.context.disable(gl.context.BLEND)

    def _resolve(self, rgba: np.ndarray, background: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(picture [s, s, 3] over the background, classes [s, s]) from the larger target."""
        size = (self.size, self.size)
        label = np.ascontiguousarray(rgba[..., 3])
        small = cv2.resize(rgba[..., :3], size, interpolation=cv2.INTER_AREA)
        empty = cv2.resize(cv2.compare(label, 0, cv2.CMP_EQ), size, interpolation=cv2.INTER_AREA)
        behind = cv2.multiply(background, cv2.merge([empty] * 3), scale=1 / 255)
        # The median keeps single strands and the stochastic alpha from speckling the classes.
        seg = cv2.resize(cv2.medianBlur(label, 3), size, interpolation=cv2.INTER_NEAREST) // 17
        return cv2.add(small, behind), seg


@lru_cache(maxsize=None)
def _iris(index: int) -> tuple[np.ndarray, float]:
    """(centre of an eye picture's first iris in UV [2], iris radius in UV)."""
    _, pixels = textures.eyes()[index]
    grey = cv2.GaussianBlur(pixels[..., :3].astype(np.float32).mean(-1), (0, 0), 2)
    half = grey[:, : len(grey) // 2]  # one of the two eyes
    opaque = pixels[:, : len(grey) // 2, 3] > 128
    y, x = np.nonzero((half < 40) & opaque)
    centre = np.array([np.median(x), np.median(y)])
    return (centre + 0.5) / len(grey), 0.124
