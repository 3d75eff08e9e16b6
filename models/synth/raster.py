"""The rasteriser: OpenGL through EGL, one context a process. Works on a GPU and on Mesa's llvmpipe alike.

A picture is drawn at 1.5 times its size into one RGBA target, colour in RGB and the segmentation class in alpha, then
reduced. Rows run top-down because the projection flips y."""

from __future__ import annotations

import os
from pathlib import Path

# One process draws on one core; the workers share the cores among themselves. Mesa reads this when it loads.
os.environ.setdefault("LP_NUM_THREADS", "0")

import moderngl
import numpy as np

import textures

SHADERS = Path(__file__).parent / "shaders"
SUPERSAMPLE = 1.5  # twice costs 1.8 times as much and is hardly to be told apart at 224 pixels
SHADOW_SIZE = 288
NEAR, FAR = 1.0, 60.0


class Rasteriser:
    def __init__(self, size: int):
        self.context = moderngl.create_standalone_context(backend="egl")
        self.size = int(SUPERSAMPLE * size)
        self.colour = self.context.texture((self.size, self.size), 4)
        self.depth = self.context.depth_texture((self.size, self.size))
        self.target = self.context.framebuffer([self.colour], self.depth)
        self.shadow_depth = self.context.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self.shadow_depth.compare_func = "<="
        self.shadow_depth.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.shadow_depth.repeat_x = self.shadow_depth.repeat_y = False
        self.shadow_target = self.context.framebuffer(
            [self.context.renderbuffer((SHADOW_SIZE, SHADOW_SIZE), 4)], self.shadow_depth
        )
        self.context.front_face = "cw"
        self.programs: dict[str, moderngl.Program] = {}
        self.members: dict[str, dict] = {}
        self.buffers: dict[object, tuple] = {}
        self.arrays: dict[tuple, moderngl.VertexArray] = {}
        self.pictures: dict[object, moderngl.Texture] = {}
        self.noise = self.picture("noise", textures.noise)
        self.white = self.picture("white", lambda: np.full((4, 4, 4), 255, np.uint8))
        # Noise needs no smoothing, and a nearest texel costs llvmpipe a quarter of four.
        self.noise.filter = (moderngl.NEAREST, moderngl.NEAREST)

    def program(self, name: str) -> moderngl.Program:
        if name not in self.programs:
            vertex = (SHADERS / "mesh.vert").read_text()
            body = (SHADERS / f"{name}.frag").read_text()
            light = "" if name == "depth" else (SHADERS / "light.glsl").read_text()
            self.programs[name] = self.context.program(vertex, "#version 330\n" + light + body)
            self.members[name] = {key: self.programs[name][key] for key in self.programs[name]}
        return self.programs[name]

    def picture(self, key, load) -> moderngl.Texture:
        """A texture from `load()` -> uint8 [h, w, 4], kept under `key`."""
        if key not in self.pictures:
            data = np.ascontiguousarray(load())
            texture = self.context.texture(data.shape[1::-1], 4, data.tobytes())
            # Lashes and brows are far finer than a picture's pixels: without mipmaps they become salt and pepper.
            texture.build_mipmaps()
            texture.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
            self.pictures[key] = texture
        return self.pictures[key]

    def upload(self, key, moving: np.ndarray, fixed: np.ndarray, triangles: np.ndarray, index_key=None) -> tuple:
        """Vertex data under `key`: `moving` [N, 7] is written every time, `fixed` [N, 8] and `triangles` once.
        Returns the handle that `draw` takes."""
        if key not in self.buffers:
            self.buffers[key] = (
                self.context.buffer(reserve=moving.size * 4, dynamic=True),
                self.context.buffer(np.ascontiguousarray(fixed, np.float32).tobytes()),
            )
        self.buffers[key][0].write(np.ascontiguousarray(moving, np.float32))
        index = (key, index_key, "index")
        if index not in self.buffers:
            self.buffers[index] = self.context.buffer(np.ascontiguousarray(triangles, np.int32).tobytes())
        return key, index

    def subset(self, handle: tuple, index_key, triangles: np.ndarray) -> tuple:
        """A handle for some of the triangles of an uploaded mesh."""
        index = (handle[0], index_key, "index")
        if index not in self.buffers:
            self.buffers[index] = self.context.buffer(np.ascontiguousarray(triangles, np.int32).tobytes())
        return handle[0], index

    def _array(self, program_name: str, handle: tuple) -> moderngl.VertexArray:
        if (program_name, *handle) not in self.arrays:
            program = self.program(program_name)
            moving, fixed = self.buffers[handle[0]]
            formats = (("3f", "position"), ("3f", "normal"), ("1f", "occlusion")), (("2f", "uv"), ("2f", "facts"), ("4f", "mask"))
            content = []
            for buffer, attributes in zip((moving, fixed), formats):
                # An attribute that a program does not use becomes padding.
                layout = " ".join(f if a in program else f"{4 * int(f[0])}x" for f, a in attributes)
                content.append((buffer, layout, *(a for _, a in attributes if a in program)))
            self.arrays[(program_name, *handle)] = self.context.vertex_array(program, content, self.buffers[handle[1]])
        return self.arrays[(program_name, *handle)]

    def uniforms(self, name: str, values: dict) -> None:
        self.program(name)
        program = self.members[name]
        for key, value in values.items():
            if key in program:
                if isinstance(value, np.ndarray):
                    # OpenGL's matrices are column-major.
                    matrix = value.ndim == 2 and key in ("head", "trunk", "projection", "shadow_projection")
                    program[key].write(np.ascontiguousarray(value.T if matrix else value, np.float32).tobytes())
                else:
                    program[key].value = value

    def draw(self, name: str, handle: tuple, values: dict, picture: moderngl.Texture | None = None, closed: bool = False):
        """`closed` surfaces never show their back, which saves a third of their cost."""
        self.uniforms(name, {"albedo_map": 0, "noise_map": 1, "shadow_map": 2, "lift": 0.0, "fur_mask": 0, "wrinkle_map": 3, **values})
        (picture or self.white).use(0)
        self.noise.use(1)
        self.shadow_depth.use(2)
        if closed:
            self.context.enable(moderngl.CULL_FACE)
        self._array(name, handle).render(moderngl.TRIANGLES)
        self.context.disable(moderngl.CULL_FACE)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """(RGBA uint8 [t, t, 4], depth as distance from the camera, float32 [t, t]), t = size * SUPERSAMPLE."""
        rgba = np.frombuffer(self.colour.read(), np.uint8).reshape(self.size, self.size, 4)
        depth = np.frombuffer(self.depth.read(), np.float32).reshape(self.size, self.size)
        return rgba, 2 * NEAR * FAR / (FAR + NEAR - (2 * depth - 1) * (FAR - NEAR))


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """ARCHITECTURE.md's R = Ry(yaw) Rx(pitch) Rz(roll), [3, 3]."""
    cy, sy, cx, sx, cz, sz = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rx = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    rz = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return ry @ rx @ rz


class Camera:
    """A pinhole camera on the +z side of `focus`, with a shifted picture (as a crop of a larger photo has)."""

    def __init__(self, fov: float, focus: np.ndarray, distance: float, shift: np.ndarray):
        self.focal, self.focus, self.distance, self.shift = 1 / np.tan(fov / 2), focus, distance, shift

    @property
    def eye(self) -> np.ndarray:
        return self.focus + [0, 0, self.distance]

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(picture coordinates in 0..1, y down [n, 2]; distance along the view axis [n])."""
        relative = points - self.focus
        w = self.distance - relative[:, 2]
        ndc = self.focal * relative[:, :2] / w[:, None] * [1, -1]
        return 0.5 + 0.5 * ndc + self.shift, w

    def matrix(self) -> np.ndarray:
        """Clip coordinates with y down."""
        f, d, (cx, cy, cz), (sx, sy) = self.focal, self.distance, self.focus, 2 * self.shift
        w = np.array([0, 0, -1, d + cz])
        depth = (FAR + NEAR) / (FAR - NEAR)
        return np.array(
            [
                np.array([f, 0, 0, -f * cx]) + sx * w,
                np.array([0, -f, 0, f * cy]) + sy * w,
                depth * w + [0, 0, 0, -2 * FAR * NEAR / (FAR - NEAR)],
                w,
            ]
        )


def frame(fov: float, points: np.ndarray, size: float, centre: np.ndarray) -> Camera:
    """The camera that shows `points` [n, 3] in a box with longer side `size` around `centre` (shares of the picture)."""
    focus = 0.5 * (points.min(0) + points.max(0))
    extent = np.ptp(points[:, :2], axis=0).max()
    camera = Camera(fov, focus, extent / (2 * np.tan(fov / 2) * size) + 0.5, np.zeros(2))
    for _ in range(4):
        flat, _ = camera.project(points)
        camera.distance *= np.ptp(flat, axis=0).max() / size
    flat, _ = camera.project(points)
    camera.shift = centre - 0.5 * (flat.min(0) + flat.max(0))
    return camera


def look_along(direction: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """Orthographic projection [4, 4] of a sphere seen from `direction`."""
    z = direction / np.linalg.norm(direction)
    x = np.cross([0.0, 1.0, 0.02], z)
    x /= np.linalg.norm(x)
    turn = np.stack([x, np.cross(z, x), -z]) / radius
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, -turn @ centre
    return matrix
