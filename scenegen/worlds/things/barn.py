"""A barn of upright boards with wide doors."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import box, quad
from scenegen.worlds.spec import Prop
from scenegen.worlds.walls import Hole, around, beam, gable_roof, upright, wall, window
from scenegen.worlds.world import Parts, add


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a barn about 9 x 14 metres; its doors are in the gable towards -Y."""
    width, length = float(rng.uniform(8.5, 10)), float(rng.uniform(12, 16))
    eave, rise = 4.2, 0.5 * width
    material = prop.material
    kind = {"stone": "stone", "brick": "brick", "plaster": "limewash"}.get(material or "", "wood")
    skin = kind + (f":{prop.color}" if prop.color and kind in ("wood", "limewash") else "")
    trim = "wood:white" if prop.color in ("red", "green", "blue") else "wood:brown"
    parts: Parts = {}
    for side in ("front", "back", "left", "right"):
        gable = side in ("front", "back")
        across = width if gable else length
        holes = (
            [] if gable else [Hole(x, 1.6, 0.9, 0.9) for x in np.linspace(-0.3, 0.3, 3) * length]
        )
        made = wall(across, eave, holes, skin, rise if gable else 0.0, 0.1)
        face: Parts = {skin: [upright(made) if kind == "wood" else made]}
        for hole in holes:
            add(face, window(hole, rng, trim, depth=0.07))
        for x in (-across / 2, across / 2):
            add(face, {trim: [box([x - 0.1, -0.03, -0.3], [x + 0.1, 0.1, eave], rng, 3.0)]})
        if gable:
            add(face, _doors(skin if kind == "wood" else "wood", trim, rng, eave))
        add(parts, around(face, side, width, length))
    roof = gable_roof(length, width, eave, rise, rng)
    add(parts, {name: [m.moved(turn_deg=90) for m in meshes] for name, meshes in roof.items()})
    plinth = box(
        [-width / 2 - 0.06, -length / 2 - 0.06, -0.5],
        [width / 2 + 0.06, length / 2 + 0.06, 0.3],
        rng,
        4.0,
    )
    add(parts, {"stone": [plinth]})
    return parts


def _doors(leaf: str, trim: str, rng: Generator, eave: float) -> Parts:
    """Return two leaves with crossed battens, and the hatch of the hayloft above."""
    parts: Parts = {leaf: [], trim: []}
    for x, z, w, h in (
        (-0.85, 0.05, 1.7, 3.3),
        (0.85, 0.05, 1.7, 3.3),
        (0.0, eave + 0.2, 1.5, 1.5),
    ):
        x0, x1 = x - w / 2, x + w / 2
        panel = box([x0, -0.09, z], [x1, -0.02, z + h], rng, 3.0)
        parts[leaf].append(upright(panel))
        edge, y = 0.16, -0.1
        parts[trim] += [
            beam([x0 + 0.07, y, z], [x0 + 0.07, y, z + h], edge, rng),
            beam([x1 - 0.07, y, z], [x1 - 0.07, y, z + h], edge, rng),
            beam([x0, y, z + 0.08], [x1, y, z + 0.08], edge, rng),
            beam([x0, y, z + h - 0.08], [x1, y, z + h - 0.08], edge, rng),
            beam([x0, y, z + 0.1], [x1, y, z + h - 0.1], 0.12, rng),
            beam([x1, y, z + 0.1], [x0, y, z + h - 0.1], 0.12, rng),
        ]
    rail = quad([-3.2, -0.14, 3.5], [6.4, 0, 0], [0, 0, 0.12], (0, 0, 1, 0.1))
    return {**parts, "metal": [rail]}
