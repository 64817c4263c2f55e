"""Snow that lies on what faces up: a crust over roofs, sills, steps and things."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.worlds.mesh import Mesh
from scenegen.worlds.world import Parts

_TILE_M = 7.0
"""How many metres the texture of snow spans."""

_BARE = ("leaf", "glow", "flame", "lit", "water", "snow")
"""What snow does not stay on, by the name in stock: plants have snow of their own."""

_RISE = 0.5
"""Snow lies on faces whose unit normals rise at least so much: up to 60 degrees steep."""

_LEAST, _LEAST_THICK = 2e-4, 2e-3
"""Smallest face in square metres that bears snow, and a thick crust: that would swallow rails."""


def snowed(parts: Parts, thick: float = 0.07, roof: float = 0.2) -> Parts:
    """Return parts under a crust of snow, in metres; it is thicker on roofs."""
    snow = list(parts.get("snow", []))
    for name, meshes in parts.items():
        deep = roof if name.startswith("roof") else thick
        snow += snow_on({name: meshes}, deep, least=_LEAST_THICK)["snow"]
    return {**parts, "snow": snow}


def snow_on(parts: Parts, thick: float, bare: Collection[str] = (), least: float = _LEAST) -> Parts:
    """Return the crust on parts, ``thick`` metres, none on the materials named in ``bare``.

    ``least`` is the smallest face in square metres that bears snow.
    """
    never = {*bare, *_BARE}
    return {"snow": [
        crust
        for name, meshes in sorted(parts.items())
        if name not in never and name.partition(":")[0] not in never
        for mesh in meshes
        if (crust := _crust(mesh, thick, least)) is not None
    ]}  # fmt: skip


def _crust(mesh: Mesh, thick: float, least: float) -> Mesh | None:
    """Return a mesh's upward faces, lifted and closed at their rim; None where none faces up."""
    a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    twice = np.linalg.norm(normal, axis=1)  # the area
    up = (normal[:, 2] > _RISE * twice) & (twice > 2 * least)
    if not up.any():
        return None
    foot, faces = _welded(mesh, up)
    lifted = foot + np.array([0.0, 0.0, thick])
    start, end = _rim(faces).T
    points = np.concatenate([lifted, foot[start], foot[end], lifted[end], lifted[start]])
    n = len(start)
    k = len(lifted) + np.arange(n)
    sides = [np.stack([k, k + n, k + 2 * n], -1), np.stack([k, k + 2 * n, k + 3 * n], -1)]
    uv = points[:, :2] / _TILE_M + points[:, 2:] * 0.1  # upright sides show some of it as well
    return Mesh(points, uv, np.concatenate([faces, *sides]))


def _welded(
    mesh: Mesh, chosen: Bool[np.ndarray, "face"]
) -> tuple[Float[np.ndarray, "n 3"], Int[np.ndarray, "m 3"]]:
    """Return the chosen faces over vertices that touching faces share."""
    corners = mesh.points[mesh.faces[chosen]].reshape(-1, 3)
    _, first, place = np.unique(
        np.round(corners, 4), axis=0, return_index=True, return_inverse=True
    )
    return corners[first], place.reshape(-1, 3)


def _rim(faces: Int[np.ndarray, "m 3"]) -> Int[np.ndarray, "n 2"]:
    """Return the edges that only one face has, in its direction."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    _, place, count = np.unique(
        np.sort(edges, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    return edges[count[place.ravel()] == 1]
