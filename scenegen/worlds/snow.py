"""Snow on what faces up."""

from __future__ import annotations

import numpy as np

from scenegen.worlds.mesh import Mesh, merge
from scenegen.worlds.world import Parts

_NEVER = ("leaf", "glow", "flame", "lit", "water", "snow")


def snowed(parts: Parts, thick: float = 0.07, roof: float = 0.2) -> Parts:
    """Return parts with a layer of snow, in metres, on every face that snow stays on."""
    layers: list[Mesh] = []
    for name, meshes in parts.items():
        if name.partition(":")[0] in _NEVER or not meshes:
            continue
        deep = roof if name.startswith(("roof", "thatch")) else thick
        layers += [layer for mesh in meshes if (layer := _layer(mesh, deep)) is not None]
    return {**parts, "snow": [merge(layers)]} if layers else parts


def _layer(mesh: Mesh, deep: float) -> Mesh | None:
    """Return the lifted copy of a mesh's upward faces, closed at its edges."""
    a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    area = np.linalg.norm(normal, axis=1)
    up = (normal[:, 2] > 0.45 * area) & (area > 4e-3)
    if not up.any():
        return None
    faces = mesh.faces[up]
    used, back = np.unique(faces, return_inverse=True)
    faces = back.reshape(-1, 3)
    low = mesh.points[used]
    high = low + np.array([0, 0, deep])
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    _, first, count = np.unique(np.sort(edges, 1), axis=0, return_index=True, return_counts=True)
    rim = edges[first[count == 1]]
    n = len(used)
    p, q = rim.T
    top, foot = np.concatenate([high[p], high[q]]), np.concatenate([low[p], low[q]])
    m = len(rim)
    k = np.arange(m)
    skirt = np.concatenate([
        np.stack([2 * m + k, 3 * m + k, m + k], -1), np.stack([2 * m + k, m + k, k], -1)
    ])  # fmt: skip
    points = np.concatenate([high, top, foot])
    return Mesh(points, points[:, :2] / 7.0, np.concatenate([faces, skirt + n]))
