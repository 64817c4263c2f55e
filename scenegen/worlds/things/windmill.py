"""A tower mill: eight sides, a cap of shingles and four sails."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import walls_of
from scenegen.worlds.walls import Hole, beam, door, wall, window
from scenegen.worlds.world import Parts, add


def _cap(top: float) -> Parts:
    rise = ((2.75, -0.15), (2.75, 0.25), (2.3, 1.3), (1.4, 2.3), (0.0, 2.9))
    cap = lathe([(radius, top + z) for radius, z in rise], 16, (0, 0, 3, 1), smooth=2)
    eave = lathe([(2.3, top - 0.1), (2.75, top - 0.15)], 16, smooth=1)
    return {"wood:brown": [cap], "wood": [Mesh(eave.points, eave.uv, eave.faces[:, ::-1])]}


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a mill 13 metres high whose sails, 16 metres across, face -Y."""
    skin = walls_of(prop, ("stone", "brick", "wood"))
    parts: Parts = {}
    low, high, top = 3.5, 2.4, 10.0
    side = 2 * low * np.tan(np.pi / 8)
    for k in range(8):
        holes = [Hole(0, 0.3, 1.2, 2.2)] if k == 0 else [Hole(0, 1.4, 0.8, 1.2)] if k % 2 else []
        upper = Hole(0, 5.6, 0.7, 1.1)
        holes += [upper] if k % 2 == 0 else []
        face: Parts = {skin: [wall(float(side), top, holes, skin)]}
        for hole in holes:
            add(face, door(hole, rng, "wood:green") if hole.z < 1 else window(hole, rng))
        for name, meshes in face.items():
            parts.setdefault(name, []).extend(
                _tapered(m, low, high, top).moved(turn_deg=45 * k) for m in meshes
            )
    add(parts, _cap(top))
    hub = np.array([0, -3.3, top + 0.7])
    line = hub + np.array([[0, 3.0, 0.2], [0, 1.0, 0.05], [0, -0.3, 0]])
    shaft = tube(line, np.full(3, 0.24), 12)
    add(parts, {"wood": [shaft]})
    turn = float(rng.uniform(15, 60))
    for k in range(4):
        add(parts, _sail(hub, np.radians(turn + 90 * k), rng))
    return parts


def _tapered(mesh: Mesh, low: float, high: float, top: float) -> Mesh:
    """Return a piece of a wall leaned back to the tower's slope and narrowed upwards."""
    x, y, z = mesh.points.T
    away = low + (high - low) * np.clip(z / top, -0.1, 1)
    return Mesh(np.stack([x * away / low, y - away, z], -1), mesh.uv, mesh.faces)


def _sail(hub: np.ndarray, angle: float, rng: Generator) -> Parts:
    """Return a stock with its lattice, and cloth over the inner part of it."""
    way = np.array([np.cos(angle), 0, np.sin(angle)])
    side = np.array([-np.sin(angle), 0, np.cos(angle)])
    wood = [beam(hub, hub + 8.0 * way, 0.17, rng)]
    for out in np.arange(1.6, 8.0, 0.62):
        wood.append(
            beam(
                hub + out * way - 0.3 * side,
                hub + out * way + 1.7 * side + [0, -0.25, 0],
                0.06,
                rng,
            )
        )
    for across in (0.6, 1.15, 1.65):
        lean = np.array([0, -0.14 * across, 0])
        wood.append(
            beam(
                hub + 1.5 * way + across * side + lean,
                hub + 7.9 * way + across * side + lean,
                0.06,
                rng,
            )
        )
    corner = [
        hub + 1.6 * way + 0.1 * side,
        hub + 7.2 * way + 0.1 * side,
        hub + 7.2 * way + 1.6 * side,
        hub + 1.6 * way + 1.6 * side,
    ]
    points = np.stack(corner) + np.array([0, -0.1, 0])
    points[2:, 1] -= 0.2
    uv = np.array([[0, 0], [3, 0], [3, 1], [0, 1]], float)
    cloth = Mesh(points, uv, np.array([[0, 1, 2], [0, 2, 3]]))
    return {"wood": wood, "cloth:white": [cloth]}
