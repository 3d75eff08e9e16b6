"""Blender objects for a portrait: meshes, eyes, light, camera, render settings."""

from __future__ import annotations

import math

import bpy
import numpy as np
from mathutils import Vector

import people_look as look


def clear() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


def mesh(name, vertices, faces, material, uv=None, subdivision=0, attributes=None, smooth=True):
    """A mesh object; `uv` holds per-corner pairs [F, 4, 2]; a face that repeats its last corner is a triangle."""
    lists = [f[:3] if f[2] == f[3] else f for f in faces.tolist()] if len(faces[0]) == 4 else faces.tolist()
    data = bpy.data.meshes.new(name)
    data.from_pydata(vertices.tolist(), [], lists)
    if uv is not None:
        layer = data.uv_layers.new(name="uv")
        corners = np.concatenate([u[: len(f)] for u, f in zip(uv, lists)])
        layer.data.foreach_set("uv", corners.astype(np.float32).ravel())
    for key, values in (attributes or {}).items():
        data.attributes.new(key, "FLOAT", "POINT").data.foreach_set("value", values.astype(np.float32))
    data.polygons.foreach_set("use_smooth", np.full(len(lists), smooth))
    data.materials.append(material)
    data.update()
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    if subdivision:
        modifier = thing.modifiers.new("subdivision", "SUBSURF")
        modifier.levels = modifier.render_levels = subdivision
        modifier.uv_smooth = "PRESERVE_BOUNDARIES"
    return thing


def thicken(thing, metres: float) -> None:
    """Gives cloth an edge; comes before subdivision."""
    modifier = thing.modifiers.new("thickness", "SOLIDIFY")
    modifier.thickness, modifier.offset = metres, 1.0
    thing.modifiers.move(len(thing.modifiers) - 1, 0)


def hem(name, vertices, faces, radius, material, lift=0.0):
    """A rolled collar along the highest open edge of a garment."""
    sides = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 3]], faces[:, [3, 0]]]), axis=1)
    sides = sides[sides[:, 0] != sides[:, 1]]
    edges, count = np.unique(sides, axis=0, return_counts=True)
    beside: dict = {}
    for a, b in edges[count == 1].tolist():
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    # Of the open loops, the one that lies highest.
    best, left = [], set(beside)
    while left:
        loop = [left.pop()]
        while True:
            following = [v for v in beside[loop[-1]] if v in left]
            if not following:
                break
            loop.append(following[0])
            left.discard(following[0])
        if not best or vertices[loop, 2].mean() > vertices[best, 2].mean():
            best = loop
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions, data.bevel_depth, data.bevel_resolution = "3D", radius, 4
    line = data.splines.new("NURBS")
    line.points.add(len(best) - 1)
    line.points.foreach_set("co", np.c_[vertices[best] + [0, 0, lift], np.ones(len(best))].ravel())
    line.use_cyclic_u, line.order_u = True, 4
    data.materials.append(material)
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    return thing


def evaluated(thing) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(vertices, normals, triangles, triangle UVs) after modifiers, in the object's own space."""
    done = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    data = done.to_mesh()
    data.calc_loop_triangles()
    n, t = len(data.vertices), len(data.loop_triangles)
    points, normals = np.empty(n * 3, np.float32), np.empty(n * 3, np.float32)
    triangles, loops = np.empty(t * 3, np.int32), np.empty(t * 3, np.int32)
    data.vertices.foreach_get("co", points)
    data.vertices.foreach_get("normal", normals)
    data.loop_triangles.foreach_get("vertices", triangles)
    data.loop_triangles.foreach_get("loops", loops)
    uv = np.empty(len(data.loops) * 2, np.float32)
    data.uv_layers[0].data.foreach_get("uv", uv)
    done.to_mesh_clear()
    return points.reshape(-1, 3), normals.reshape(-1, 3), triangles.reshape(-1, 3), uv.reshape(-1, 2)[loops].reshape(-1, 3, 2)


def strands(name, points: np.ndarray, radius: np.ndarray, material):
    """Hair from [n, k, 3] points and [n, k] radii, as Blender's curves."""
    n, k = points.shape[:2]
    data = bpy.data.hair_curves.new(name)
    data.add_curves([k] * n)
    data.attributes["position"].data.foreach_set("vector", points.astype(np.float32).ravel())
    data.attributes.new("radius", "FLOAT", "POINT").data.foreach_set("value", radius.astype(np.float32).ravel())
    data.materials.append(material)
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    return thing


# ---------------------------------------------------------------------------------------------------- eyes


def _ball(profile, centre, axis, up, rings=72, segments=96):
    """A surface of revolution about `axis`; `profile(theta)` gives (radial, forward) distances. UVs are azimuthal."""
    axis = axis / np.linalg.norm(axis)
    side = np.cross(up, axis)
    side /= np.linalg.norm(side)
    top = np.cross(axis, side)
    # Fine rings around the iris, coarse ones behind.
    theta = np.concatenate([np.linspace(0.02, 40, rings * 2 // 3), np.linspace(40, 150, rings // 3 + 1)[1:]])
    phi = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    radial, forward = profile(np.radians(theta))
    around = np.cos(phi)[:, None] * side + np.sin(phi)[:, None] * top
    points = centre + radial[:, None, None] * around + (forward[:, None] * axis)[:, None, :]
    r = np.clip(theta / 90, 0, 1)[:, None] * 0.5
    uv = np.stack([0.5 - r * np.cos(phi), 0.5 + r * np.sin(phi)], -1)
    i, j = np.mgrid[0 : rings - 1, 0:segments]
    corner = lambda a, b: (a * segments + b % segments).ravel()
    faces = np.stack([corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)], -1)
    return points.reshape(-1, 3), faces, uv.reshape(-1, 2)[faces]


def eye(name, centre, radius, target, picture):
    """Two surfaces: the painted ball with a sunken iris, and the clear wet shell that bulges over it."""
    limbus = np.radians(look.IRIS_ANGLE)
    flat = math.cos(limbus)

    def inner(theta):
        dish = np.clip(theta / limbus, 0, 1)
        forward = np.where(theta < limbus, flat - 0.030 * (1 - dish**2), np.cos(theta))
        return 0.985 * radius * np.sin(theta), 0.985 * radius * forward

    def outer(theta):
        bulge = 0.0003 * np.clip(1 - (theta / (limbus * 1.12)) ** 2, 0, 1) ** 1.3
        return (radius + bulge) * np.sin(theta), (radius + bulge) * np.cos(theta)

    axis = target - centre
    up = np.array([0, 0, 1.0])
    points, faces, uv = _ball(inner, centre, axis, up)
    mesh(name, points, faces, look.eyeball(picture), uv)
    points, faces, uv = _ball(outer, centre, axis, up)
    shell = mesh(name + " cornea", points, faces, look.cornea(centre, axis / np.linalg.norm(axis), radius), uv)
    shell.visible_shadow = False


# ------------------------------------------------------------------------------------- light, camera, render


def aim(thing, target) -> None:
    thing.rotation_euler = (Vector(target) - thing.location).to_track_quat("-Z", "Y").to_euler()


def area(name, place, target, size, power, colour=(1, 1, 1), shape="DISK", size_y=None, spread=180):
    data = bpy.data.lights.new(name, "AREA")
    data.energy, data.color, data.shape, data.size = power, colour, shape, size
    data.spread = math.radians(spread)
    if size_y:
        data.size_y = size_y
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    thing.location = place
    aim(thing, target)
    return thing


def world(colour, strength) -> None:
    bpy.context.scene.world = w = bpy.data.worlds.new("world")
    w.use_nodes = True
    w.node_tree.nodes["Background"].inputs[0].default_value = (*colour, 1)
    w.node_tree.nodes["Background"].inputs[1].default_value = strength


def camera(place, target, focus, millimetres=105.0, stop=3.2):
    data = bpy.data.cameras.new("camera")
    data.sensor_fit, data.sensor_height, data.sensor_width = "VERTICAL", 36.0, 27.0
    data.lens = millimetres
    data.dof.use_dof = True
    data.dof.aperture_fstop = stop
    data.dof.aperture_blades = 9
    thing = bpy.data.objects.new("camera", data)
    bpy.context.collection.objects.link(thing)
    thing.location = place
    aim(thing, target)
    forward = (Vector(target) - thing.location).normalized()
    data.dof.focus_distance = (Vector(focus) - thing.location).dot(forward)
    bpy.context.scene.camera = thing
    return thing


def backdrop(lens, picture, distance=3.6) -> None:
    """A self-lit picture that fills the view; only the camera sees it."""
    half = distance / lens.data.lens * np.array([lens.data.sensor_width, lens.data.sensor_height]) / 2 * 1.12
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    points = np.c_[corners * half, np.full(4, -distance)]
    uv = (corners[None] + 1) / 2
    bpy.context.view_layer.update()
    thing = mesh("backdrop", points, np.array([[0, 1, 2, 3]]), look.backdrop(picture), uv)
    thing.matrix_world = lens.matrix_world
    for ray in ("diffuse", "glossy", "transmission", "volume_scatter", "shadow"):
        setattr(thing, f"visible_{ray}", False)


def settings(width, height, samples, exposure=0.0, contrast="AgX - Medium High Contrast") -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = width, height, 100
    cycles = scene.cycles
    cycles.device, cycles.samples = "CPU", samples
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.015
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.denoising_prefilter = "ACCURATE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 7, 2, 2
    cycles.transmission_bounces, cycles.transparent_max_bounces = 5, 16
    cycles.sample_clamp_indirect = 4.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    scene.cycles_curves.shape = "RIBBONS"
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = contrast
    scene.view_settings.exposure = exposure
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_depth = "16"


def crop(x0, y0, x1, y1) -> None:
    render = bpy.context.scene.render
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y = x0, x1, 1 - y1, 1 - y0


def render(path) -> None:
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
