"""Plain shaded pictures of meshes, to look at what the scripts make."""

from __future__ import annotations

from functools import lru_cache

import moderngl
import numpy as np

_VERTEX = """
#version 330
in vec3 position; in vec3 normal; in vec3 colour;
uniform mat3 turn; uniform vec3 centre; uniform float extent;
out vec3 n; out vec3 c;
void main() {
    vec3 p = turn * (position - centre) / extent;
    n = turn * normal; c = colour;
    gl_Position = vec4(p.xy, -0.2 * p.z, 1.0);
}
"""
_FRAGMENT = """
#version 330
in vec3 n; in vec3 c; out vec4 pixel;
void main() {
    vec3 m = normalize(n);
    if (!gl_FrontFacing) m = -m;
    float light = 0.25 + 0.6 * max(dot(m, normalize(vec3(-0.4, 0.5, 0.8))), 0.0)
                       + 0.25 * max(dot(m, normalize(vec3(0.9, 0.2, 0.3))), 0.0);
    pixel = vec4(pow(c * light * (gl_FrontFacing ? 1.0 : 0.45), vec3(0.4545)), 1.0);
}
"""
SKIN, EYE, TEETH, TONGUE = (0.62, 0.40, 0.31), (0.75, 0.75, 0.75), (0.8, 0.78, 0.7), (0.55, 0.18, 0.18)


@lru_cache(maxsize=1)
def _context():
    context = moderngl.create_standalone_context(backend="egl")
    return context, context.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)


def vertex_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for axis in range(3):
        normals[:, axis] = np.bincount(triangles.ravel(), np.repeat(face[:, axis], 3), len(vertices))
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def draw(parts, centre, extent: float, size: int = 320, yaw: float = 0.0, pitch: float = 0.0) -> np.ndarray:
    """Picture [size, size, 3] uint8 of `parts`: (vertices [n,3], triangles [t,3], colour [3] or [n,3]).
    `extent` is half the view's width; yaw and pitch (radians) turn the object."""
    context, program = _context()
    buffer = context.framebuffer(
        [context.renderbuffer((size, size), 4, samples=4)], context.depth_renderbuffer((size, size), samples=4)
    )
    resolved = context.simple_framebuffer((size, size))
    buffer.use()
    context.enable(moderngl.DEPTH_TEST)
    buffer.clear(0.85, 0.87, 0.9)
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    program["turn"].write(turn.T.astype("f4").tobytes())
    program["centre"].value = tuple(float(v) for v in centre)
    program["extent"].value = float(extent)
    for vertices, triangles, colour in parts:
        colours = np.broadcast_to(np.asarray(colour, "f4"), vertices.shape)
        data = np.hstack([vertices, vertex_normals(vertices, triangles), colours]).astype("f4")
        vbo = context.buffer(data.tobytes())
        ibo = context.buffer(np.ascontiguousarray(triangles, "i4").tobytes())
        array = context.vertex_array(program, [(vbo, "3f 3f 3f", "position", "normal", "colour")], ibo)
        array.render()
        for item in (array, vbo, ibo):
            item.release()
    context.copy_framebuffer(resolved, buffer)
    picture = np.frombuffer(resolved.read(components=3), np.uint8).reshape(size, size, 3)[::-1].copy()
    for item in (buffer, resolved):
        item.release()
    return picture


def sheet(pictures, columns: int, labels=()) -> np.ndarray:
    """Pictures of one size as a grid, row by row, with optional labels."""
    import cv2

    rows = []
    blank = np.full_like(pictures[0], 255)
    for i, label in enumerate(labels):
        cv2.putText(pictures[i], label, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 120), 1, cv2.LINE_AA)
    for start in range(0, len(pictures), columns):
        row = list(pictures[start : start + columns])
        rows.append(np.hstack(row + [blank] * (columns - len(row))))
    return np.vstack(rows)
