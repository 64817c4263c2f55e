"""Boulders and stones."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, merge


def boulder(size: float, rng: Generator, rounds: int = 3) -> Mesh:
    """A weathered block about ``size`` metres wide that sinks into the ground a little.

    A subdivided icosahedron, cut by random planes and roughened by waves.
    """
    points, faces = _icosphere(rounds)
    shape = points.copy()
    for _ in range(7):
        normal = rng.normal(0, 1, 3)
        normal /= np.linalg.norm(normal)
        over = np.maximum(shape @ normal - rng.uniform(0.55, 0.9), 0)
        shape = shape - 0.9 * over[:, None] * normal
    for scale in (2.0, 4.5, 9.0):
        ways = rng.normal(0, scale, (6, 3))
        shape = shape * (
            1
            + 0.13
            / scale
            * np.sin(points @ ways.T + rng.uniform(0, 6, 6)).sum(axis=1, keepdims=True)
        )
    shape = shape * size / 2 * rng.uniform([0.8, 0.7, 0.55], [1.2, 1.0, 0.8])
    shape[:, 2] += 0.18 * size
    uv = 0.25 * np.stack([shape[:, 0] + 0.4 * shape[:, 2], shape[:, 1] + 0.5 * shape[:, 2]], -1)
    return Mesh(shape, uv + rng.uniform(0, 1, 2), faces)


def stones(
    places: Float[np.ndarray, "n 3"], size: tuple[float, float], rng: Generator, rounds: int = 1
) -> Mesh:
    """Stones of random sizes (smallest, largest; small ones are common) at places, in one mesh."""
    models = [boulder(1.0, rng, rounds) for _ in range(8)]
    sizes = size[0] * (size[1] / size[0]) ** (rng.random(len(places)) ** 2)
    turns = rng.uniform(0, 360, len(places))
    return merge([
        models[k % 8].scaled(float(s)).moved(*(float(v) for v in place), turn_deg=float(turn))
        for k, (place, s, turn) in enumerate(zip(places, sizes, turns, strict=True))
    ])  # fmt: skip


def _icosphere(rounds: int) -> tuple[Float[np.ndarray, "n 3"], Int[np.ndarray, "face 3"]]:
    """Return a unit ball of triangles: an icosahedron whose faces are split in four each round."""
    from scipy.spatial import ConvexHull

    g = (1 + 5**0.5) / 2
    pairs = [(s, t * g) for s in (-1.0, 1.0) for t in (-1.0, 1.0)]
    points = np.array([p for a, b in pairs for p in ((0, a, b), (a, b, 0), (b, 0, a))], float)
    faces = ConvexHull(points).simplices
    a, b, c = (points[faces[:, k]] for k in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), a) < 0
    faces[inward] = faces[inward][:, ::-1]
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    for _ in range(rounds):
        edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
        unique, place = np.unique(edges, axis=0, return_inverse=True)
        middle = points[unique].mean(axis=1)
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        ab, bc, ca = (part + len(points) for part in np.split(place.ravel(), 3))
        p, q, r = faces.T
        points = np.concatenate([points, middle])
        faces = np.concatenate([
            np.stack(part, -1) for part in ((p, ab, ca), (q, bc, ab), (r, ca, bc), (ab, bc, ca))
        ])  # fmt: skip
    return points, faces
