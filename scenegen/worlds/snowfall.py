"""Snow that lies on whatever faces up: a crust over roofs, sills, steps and things."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.worlds.mesh import Mesh
from scenegen.worlds.world import Parts

_TILE_M = 7.0
_UP = 0.55
"""Snow lies on faces whose normals rise at least so much."""

_LEAST = 2e-4
"""Smallest face in square metres that bears snow."""


def lie(parts: Parts, bare: tuple[str, ...], thick: float = 0.05) -> None:
    """Put snow so many metres thick on parts, other than those of the materials in ``bare``."""
    crust = [
        snowed
        for name, meshes in sorted(parts.items()) if name not in bare
        for mesh in meshes if (snowed := _crust(mesh, thick)) is not None
    ]  # fmt: skip
    parts.setdefault("snow", []).extend(crust)


def _crust(mesh: Mesh, thick: float) -> Mesh | None:
    a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    area = np.linalg.norm(normal, axis=1)
    up = (normal[:, 2] > _UP * area) & (area > 2 * _LEAST)
    if not up.any():
        return None
    top, faces = _welded(mesh, up)
    lifted = top + np.array([0.0, 0.0, thick])
    rim = _rim(faces)
    first = 2 * len(top)
    low = np.concatenate([lifted, top])
    sides = np.concatenate([top[rim[:, 0]], top[rim[:, 1]], lifted[rim[:, 1]], lifted[rim[:, 0]]])
    k, n = np.arange(len(rim)), len(rim)
    walls = np.concatenate(
        [np.stack([k, k + n, k + 2 * n], -1), np.stack([k, k + 2 * n, k + 3 * n], -1)]
    )
    points = np.concatenate([low, sides])
    uv = points[:, :2] / _TILE_M + points[:, 2:] * 0.1
    return Mesh(points, uv, np.concatenate([faces, walls + first]))


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
