"""Walks and smooth fields on the MakeHuman body mesh: rim loops of lips and lids, mirror map, spreading.

Left and right are the subject's own; the left side has x > 0."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from makehuman import VERTEX_COUNT, load_base, mean_vertices


def edges(faces: np.ndarray) -> np.ndarray:
    """Unique undirected edges [E, 2] of faces [F, 4] (repeated corners allowed)."""
    pairs = np.concatenate([faces[:, [k, (k + 1) % faces.shape[1]]] for k in range(faces.shape[1])])
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0)


class QuadWalker:
    """Follows edge loops of a quad mesh: at a vertex of valence 4 an edge continues into the opposite one."""

    def __init__(self, faces: np.ndarray):
        self.neighbours: dict[int, set[int]] = {}
        self.faces_at: dict[int, set[int]] = {}
        for number, face in enumerate(faces.tolist()):
            corners = list(dict.fromkeys(face))
            for a, b in zip(corners, corners[1:] + corners[:1]):
                self.neighbours.setdefault(a, set()).add(b)
                self.neighbours.setdefault(b, set()).add(a)
                self.faces_at.setdefault(a, set()).add(number)

    def loop(self, a: int, b: int) -> list[int]:
        """The closed edge loop that starts a, b. Fails at a pole."""
        path = [a, b]
        while True:
            previous, here = path[-2], path[-1]
            beside = self.faces_at[previous] & self.faces_at[here]
            ahead = [n for n in self.neighbours[here] if n != previous and not self.faces_at[n] & self.faces_at[here] & beside]
            if len(self.neighbours[here]) != 4 or len(ahead) != 1:
                raise ValueError(f"edge loop {a}, {b} meets a pole at {here}")
            if ahead[0] == a:
                return path
            path.append(ahead[0])


@lru_cache(maxsize=None)
def body_walker() -> QuadWalker:
    base = load_base()
    return QuadWalker(base.faces[base.groups["body"]])


@lru_cache(maxsize=None)
def mirror_map() -> np.ndarray:
    """The mirror partner of each base vertex (the base mesh is exactly symmetric)."""
    vertices = load_base().vertices
    return cKDTree(vertices).query(vertices * [-1, 1, 1])[1]


def split_loop(loop: list[int], points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cuts a closed rim at its leftmost and rightmost vertex: (upper, lower), both from the smallest to the
    largest x, corners shared."""
    x = points[loop, 0]
    start, end = int(np.argmin(x)), int(np.argmax(x))
    ring = np.roll(loop, -start)
    cut = (end - start) % len(loop)
    one, other = ring[: cut + 1], np.concatenate([ring[cut:], ring[:1]])[::-1]
    return (one, other) if points[one, 1].mean() > points[other, 1].mean() else (other, one)


# Seeds: one vertex and its neighbour along the wanted loop. The lip rim is the loop of first contact:
# the upper lip's lowest, the lower lip's highest points. The lid rim is the front edge of the lid margin;
# the next loop inwards is the margin's back edge, which touches the eyeball.
LIP_RIM_SEED = (520, 7267)
LID_RIM_SEED_LEFT = 6790
LID_RIM_OUTER_NEIGHBOUR_LEFT = 11467


@lru_cache(maxsize=None)
def lip_loops() -> tuple[np.ndarray, np.ndarray]:
    """(upper, lower) inner lip rims, subject's right corner to left corner, corners shared."""
    return split_loop(body_walker().loop(*LIP_RIM_SEED), mean_vertices())


@lru_cache(maxsize=None)
def lid_loops(side: str) -> tuple[np.ndarray, np.ndarray]:
    """(upper, lower) lid rims of the `left` or `right` eye, from smaller to larger x, corners shared."""
    walker = body_walker()
    # The rim continues over the edges that do not lead outwards or inwards.
    radial = {LID_RIM_OUTER_NEIGHBOUR_LEFT, 13358}
    along = next(n for n in walker.neighbours[LID_RIM_SEED_LEFT] if n not in radial)
    loop = walker.loop(LID_RIM_SEED_LEFT, along)
    if side == "right":
        loop = [int(mirror_map()[v]) for v in loop]
    return split_loop(loop, mean_vertices())


@lru_cache(maxsize=None)
def _inside(seed: int, rim: tuple[int, ...]) -> np.ndarray:
    """Vertices connected to `seed` without crossing `rim`."""
    walker, blocked = body_walker(), set(rim)
    found, todo = {seed}, [seed]
    while todo:
        for n in walker.neighbours[todo.pop()]:
            if n not in found and n not in blocked:
                found.add(n)
                todo.append(n)
    return np.array(sorted(found))


def mouth_bag() -> np.ndarray:
    """Body vertices inside the mouth, behind the lip rim."""
    upper, lower = lip_loops()
    return _inside(707, tuple(int(v) for v in np.concatenate([upper, lower])))


def eye_socket(side: str) -> np.ndarray:
    """Body vertices behind the lid rim (lid margin and socket)."""
    upper, lower = lid_loops(side)
    seed = 7775 if side == "left" else int(mirror_map()[7775])
    return _inside(seed, tuple(int(v) for v in np.concatenate([upper, lower])))


@lru_cache(maxsize=None)
def body_laplacian() -> sparse.csr_matrix:
    """Umbrella operator of the body mesh, [V, V]: neighbours' mean minus the vertex."""
    base = load_base()
    e = edges(base.faces[base.groups["body"]])
    adjacency = sparse.coo_matrix((np.ones(len(e)), (e[:, 0], e[:, 1])), shape=(VERTEX_COUNT,) * 2).tocsr()
    adjacency = adjacency + adjacency.T
    degree = np.maximum(np.asarray(adjacency.sum(1)).ravel(), 1)
    return (sparse.diags(1 / degree) @ adjacency - sparse.identity(VERTEX_COUNT)).tocsr()


def geodesic(sources: np.ndarray, points: np.ndarray, limit: float = np.inf) -> np.ndarray:
    """Distance along the body's edges from the nearest of `sources` to every base vertex; inf if beyond."""
    base = load_base()
    e = edges(base.faces[base.groups["body"]])
    length = np.linalg.norm(points[e[:, 0]] - points[e[:, 1]], axis=1)
    graph = sparse.coo_matrix((length, (e[:, 0], e[:, 1])), shape=(VERTEX_COUNT,) * 2).tocsr()
    return dijkstra(graph, directed=False, indices=sources, min_only=True, limit=limit)


def spread(fixed: np.ndarray, values: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The smoothest field (least bending) that takes `values` [n, c] at `fixed`, is free at `free` and zero
    at every other body vertex; [V, c]."""
    laplacian = body_laplacian()
    free = np.setdiff1d(free, fixed)
    result = np.zeros((VERTEX_COUNT, values.shape[1]))
    result[fixed] = values
    if len(free):
        columns = laplacian[:, free]
        solve = splu((columns.T @ columns + 1e-9 * sparse.identity(len(free))).tocsc())
        result[free] = solve.solve(-(columns.T @ (laplacian @ result)))
    return result


def bridge(field: np.ndarray, gap: np.ndarray, known: np.ndarray) -> np.ndarray:
    """A copy of `field` [V, c] whose vertices `gap` are bent smoothly between the neighbours in `known`."""
    laplacian = body_laplacian()
    result = field.copy()
    result[gap] = 0
    if len(gap):
        rows = laplacian[gap]
        system = (rows[:, gap] - 1e-9 * sparse.identity(len(gap))).tocsc()
        result[gap] = splu(system).solve(-(rows[:, known] @ field[known]))
    return result


def blend(fixed, values, free, wish, trust: float) -> np.ndarray:
    """A field [V, c] that takes `values` at `fixed`, is near `wish` [len(free), c] at `free` and smooth; `trust`
    weighs the wish against smoothness. First differences only, so it never overshoots."""
    laplacian = body_laplacian()
    result = np.zeros((VERTEX_COUNT, values.shape[1]))
    result[fixed] = values
    rows = laplacian[free]
    system = (rows[:, free] - trust * sparse.identity(len(free))).tocsc()
    result[free] = splu(system).solve(-(rows[:, fixed] @ values) - trust * wish)
    return result
