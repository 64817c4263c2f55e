"""Meshes as plain arrays: boxes, parametric patches, lathed shapes, tubes and clouds of leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.random import Generator

from scenegen.worlds.textures import LEAF_COLUMNS, LEAF_ROWS

Points = Float[np.ndarray, "vertex 3"]
Vector = Sequence[float] | Float[np.ndarray, "3"]
Window = tuple[float, float, float, float]
"""Part of a texture that a surface shows: u0, v0, u1, v1; v grows upwards."""


@dataclass(frozen=True)
class Mesh:
    """Triangles in metres; vertices that faces share are shaded smooth."""

    points: Float[np.ndarray, "vertex 3"]
    uv: Float[np.ndarray, "vertex 2"]
    faces: Int[np.ndarray, "face 3"]

    def moved(self, x: float = 0, y: float = 0, z: float = 0, turn_deg: float = 0) -> Mesh:
        """Turn about +Z, then shift."""
        c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
        rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        return Mesh(self.points @ rotation.T + [x, y, z], self.uv, self.faces)

    def scaled(self, factor: float) -> Mesh:
        """Grow about the origin."""
        return Mesh(self.points * factor, self.uv, self.faces)

    def flat_sided(self) -> Mesh:
        """Give every face its own vertices, so that it is shaded flat."""
        corners = self.faces.ravel()
        return Mesh(self.points[corners], self.uv[corners], np.arange(len(corners)).reshape(-1, 3))

    @property
    def image_uv(self) -> Float[np.ndarray, "vertex 2"]:
        """Texture coordinates as Mitsuba counts them: v from an image's first row, downwards."""
        return np.stack([self.uv[:, 0], 1 - self.uv[:, 1]], -1)

    @property
    def normals(self) -> Points:
        """Area-weighted unit normals of the vertices."""
        a, b, c = (self.points[self.faces[:, k]] for k in range(3))
        face = np.cross(b - a, c - a)
        corner, face = self.faces.ravel(), np.repeat(face, 3, axis=0)
        total = np.stack(
            [np.bincount(corner, face[:, k], minlength=len(self.points)) for k in range(3)], -1
        )
        return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh of many: much faster to trace than instances of them. Of none it is empty."""
    if not meshes:
        return Mesh(np.zeros((0, 3)), np.zeros((0, 2)), np.zeros((0, 3), int))
    starts = np.cumsum([0, *(len(m.points) for m in meshes[:-1])])
    return Mesh(
        np.concatenate([m.points for m in meshes]),
        np.concatenate([m.uv for m in meshes]),
        np.concatenate([m.faces + start for m, start in zip(meshes, starts, strict=True)]),
    )


def patch(
    surface: Callable[[np.ndarray, np.ndarray], Sequence[np.ndarray]],
    steps: tuple[int, int],
    window: Window = (0, 0, 1, 1),
) -> Mesh:
    """Surface (x, y, z) = surface(a, b) over the unit square; it faces along d/da x d/db."""
    a, b = np.meshgrid(np.linspace(0, 1, steps[0] + 1), np.linspace(0, 1, steps[1] + 1))
    points = np.stack([np.broadcast_to(c, a.shape) for c in surface(a, b)], -1).reshape(-1, 3)
    u0, v0, u1, v1 = window
    uv = np.stack([u0 + (u1 - u0) * a, v0 + (v1 - v0) * b], -1).reshape(-1, 2)
    index = np.arange(a.size).reshape(a.shape)
    p, q, r, s = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([p, q, r], -1), np.stack([p, r, s], -1)]).reshape(-1, 3)
    return Mesh(points.astype(float), uv, faces)


def quad(corner: Vector, right: Vector, up: Vector, window: Window) -> Mesh:
    """Parallelogram that faces along right x up."""
    o, r, t = (np.array(v, float) for v in (corner, right, up))
    return patch(lambda a, b: [o[k] + a * r[k] + b * t[k] for k in range(3)], (1, 1), window)


def box(
    low: Sequence[float], high: Sequence[float], rng: Generator, texture_m: float = 2.0
) -> Mesh:
    """Axis-parallel box; every side shows its own part of a texture ``texture_m`` metres wide."""
    near, far = np.array(low, float), np.array(high, float)
    size = far - near
    corner = rng.uniform(0, 1, (6, 2))
    span = np.abs(np.stack([size[_RIGHT], size[_UP]], -1)) / texture_m
    uv = corner[:, None] + _CORNERS * span[:, None]
    return Mesh((near + _PLACES * size).reshape(-1, 3), uv.reshape(-1, 2), _SIDES)


_CORNERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], float)
"""How far right and up the corners of a side are."""

_RIGHT, _UP = np.array([1, 1, 0, 0, 0, 0]), np.array([2, 2, 2, 2, 1, 1])
"""Along which axes the sides run to the right and up: those that face +X, -X, +Y, -Y, +Z, -Z."""


def _unit_places() -> Float[np.ndarray, "side corner 3"]:
    places = np.zeros((6, 4, 3))
    for side, (right, up) in enumerate(zip(_RIGHT, _UP, strict=True)):
        axis, outward = side // 2, side % 2 == 0
        places[side, :, axis] = outward
        flip = (np.cross(np.eye(3)[right], np.eye(3)[up])[axis] > 0) != outward
        places[side, :, right] = 1 - _CORNERS[:, 0] if flip else _CORNERS[:, 0]
        places[side, :, up] = _CORNERS[:, 1]
    return places


_PLACES = _unit_places()
_SIDES = np.concatenate([4 * side + np.array([[0, 1, 3], [0, 3, 2]]) for side in range(6)])


def lathe(
    profile: Sequence[tuple[float, float]],
    segments: int = 28,
    window: Window = (0, 0, 1, 1),
    smooth: int = 3,
) -> Mesh:
    """Turn a profile of (radius, z) around +Z; it faces outward where z grows along the profile."""
    points = np.array(profile, float)
    at = np.linspace(0, len(points) - 1, (len(points) - 1) * smooth + 1)
    radius = np.interp(at, np.arange(len(points)), points[:, 0])
    height = np.interp(at, np.arange(len(points)), points[:, 1])
    grid = np.linspace(0, 1, len(at))

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        r, z = np.interp(b, grid, radius), np.interp(b, grid, height)
        return [r * np.cos(2 * np.pi * a), r * np.sin(2 * np.pi * a), z]

    return patch(surface, (segments, len(at) - 1), window)


def tube(
    line: Points,
    radii: Float[np.ndarray, "vertex"],
    segments: int = 8,
    window: Window = (0, 0, 1, 1),
) -> Mesh:
    """Branch or rope along a polyline."""
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, [0.31, 0.22, 0.93])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(along, side)
    t = np.linspace(0, 1, len(line))

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        angle, out = 2 * np.pi * a, []
        for k in range(3):
            ring = np.cos(angle) * np.interp(b, t, side[:, k]) + np.sin(angle) * np.interp(
                b, t, other[:, k]
            )
            out.append(np.interp(b, t, line[:, k]) + np.interp(b, t, radii) * ring)
        return out

    return patch(surface, (segments, len(line) - 1), window)


def leaf_cloud(
    at: Points, normals: Points, size_m: float, row: int, rng: Generator, slim: float = 0.55
) -> Mesh:
    """One folded leaf at every point: two triangles along a midrib, coloured by an atlas row."""
    n = len(at)
    out = normals + rng.normal(0, 0.45, (n, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    along = np.cross(out, rng.normal(0, 1, (n, 3)))
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    across = np.cross(out, along)
    size = size_m * rng.uniform(0.6, 1.3, (n, 1))
    fold = 0.18 * size * out
    corners = np.stack(
        [at, at + size * (0.5 * along + slim * across) + fold, at + size * along,
         at + size * (0.5 * along - slim * across) + fold], 1
    )  # fmt: skip
    u = rng.integers(LEAF_COLUMNS, size=n)[:, None] / LEAF_COLUMNS
    v = 1 - (row + 1) / len(LEAF_ROWS)
    margin = 0.1
    du = np.array([0.5, 1 - margin, 0.5, margin]) / LEAF_COLUMNS
    dv = np.array([margin, 0.5, 1 - margin, 0.5]) / len(LEAF_ROWS)
    uv = np.stack([u + du, np.broadcast_to(v + dv, (n, 4))], -1)
    first = 4 * np.arange(n)[:, None]
    faces = np.concatenate([first + np.array(k) for k in ((0, 1, 2), (0, 2, 3))])
    return Mesh(corners.reshape(-1, 3), uv.reshape(-1, 2), faces)
