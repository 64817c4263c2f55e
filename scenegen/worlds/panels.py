"""Flat walls in one mesh: many rectangles at once, walls with openings, and their reveals.

A wall stands in its own frame: +X to the right along its front, which faces -Y, and +Z up.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from scenegen.worlds.mesh import Mesh

Opening = tuple[float, float, float, float]
"""A rectangle of a wall in metres: left, right, low, high."""

Numbers = Sequence[Sequence[float]] | Float[np.ndarray, "n 3"]


def panels(corners: Numbers, rights: Numbers, ups: Numbers, texture: tuple[float, float]) -> Mesh:
    """Return rectangles that face along right x up, under a texture so many metres wide and high.

    The texture lies straight: what stands upright shows it by x + y and z, what lies by x and y.
    """
    corner, right, up = (np.asarray(part, float).reshape(-1, 3) for part in (corners, rights, ups))
    points = np.stack([corner, corner + right, corner + right + up, corner + up], 1)
    facing = np.abs(np.cross(right, up))
    lies = (facing[:, 2] > facing[:, :2].max(axis=1))[:, None]
    x, y, z = np.moveaxis(points, -1, 0)
    uv = np.stack([np.where(lies, x, x + y), np.where(lies, y, z)], -1) / texture
    first = 4 * np.arange(len(points))[:, None]
    faces = np.concatenate([first + np.array(k) for k in ((0, 1, 2), (0, 2, 3))])
    return Mesh(points.reshape(-1, 3), uv.reshape(-1, 2), faces)


def blocks(lows: Numbers, highs: Numbers, texture: tuple[float, float] = (2.0, 2.0)) -> Mesh:
    """Return axis-parallel boxes between two corners each."""
    low, high = np.asarray(lows, float).reshape(-1, 3), np.asarray(highs, float).reshape(-1, 3)
    size = high - low
    x, y, z = (size * unit for unit in np.eye(3))
    sides = (
        (low, x, z), (low + x, y, z), (low + x + y, -x, z), (low + y, -y, z),
        (low + z, x, y), (low + y, x, -y),
    )  # fmt: skip
    corners, rights, ups = (np.concatenate([side[k] for side in sides]) for k in range(3))
    return panels(corners, rights, ups, texture)


def pierced(
    left: float, right: float, low: float, high: float, holes: Sequence[Opening],
    texture: tuple[float, float],
) -> Mesh:  # fmt: skip
    """Return a wall at y = 0 with holes, which may share their columns or lie side by side."""
    xs = np.unique([left, right, *(edge for hole in holes for edge in hole[:2])])
    zs = np.unique([low, high, *(edge for hole in holes for edge in hole[2:])])
    corners, sizes = [], []
    for x0, x1 in pairwise(xs):
        for z0, z1 in pairwise(zs):
            x, z = (x0 + x1) / 2, (z0 + z1) / 2
            if not any(a < x < b and c < z < d for a, b, c, d in holes):
                corners.append((x0, 0.0, z0))
                sizes.append((x1 - x0, z1 - z0))
    size = np.array(sizes)
    none = np.zeros(len(size))
    return panels(
        corners, np.stack([size[:, 0], none, none], -1), np.stack([none, none, size[:, 1]], -1),
        texture,
    )  # fmt: skip


def reveals(holes: Sequence[Opening], depth: float, texture: tuple[float, float]) -> Mesh:
    """Return the jambs, heads and sills of holes in a wall so thick."""
    corners, rights, ups = [], [], []
    for x0, x1, z0, z1 in holes:
        tall, wide, deep = (0, 0, z1 - z0), (x1 - x0, 0, 0), (0, depth, 0)
        corners += [(x0, 0, z0), (x1, depth, z0), (x0, depth, z1), (x0, 0, z0)]
        rights += [deep, (0, -depth, 0), wide, wide]
        ups += [tall, tall, (0, -depth, 0), deep]
    return panels(corners, rights, ups, texture)
