"""A clay pot or jar; a pot has a plant in it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds import plants
from scenegen.worlds import textures as t
from scenegen.worlds.mesh import lathe
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts, add, placed

_POT = [
    (0.19, 0.0), (0.2, 0.03), (0.29, 0.42), (0.33, 0.44), (0.335, 0.53), (0.3, 0.53), (0.28, 0.46),
    (0.0, 0.45),
]  # fmt: skip
_JAR = [
    (0.14, 0.0), (0.17, 0.03), (0.27, 0.25), (0.35, 0.52), (0.355, 0.68), (0.27, 0.88),
    (0.15, 0.98), (0.13, 1.05), (0.18, 1.11), (0.16, 1.13), (0.11, 1.06), (0.11, 0.9), (0.0, 0.9),
]  # fmt: skip


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a pot 0.5 m high with a shrub or flowers, or a jar 1.1 m high."""
    name = "clay" if prop.material is None and prop.color is None else made_of(prop, "plaster")
    u, v = rng.uniform(0, 1, 2)
    if rng.random() < 0.35:
        return {name: [lathe(_JAR, 36, (u, v, u + 0.5, v + 0.4))]}
    parts: Parts = {name: [lathe(_POT, 36, (u, v, u + 0.5, v + 0.3))]}
    tall = float(rng.uniform(0.55, 0.95))
    add(parts, placed(plants.bush(tall, t.CITRUS, rng, "near"), (0, 0, 0.42)))
    if rng.random() < 0.6:
        heads = rng.normal(0, [0.17, 0.17, 0.12], (46, 3)) + np.array([0, 0, 0.42 + 0.55 * tall])
        row = (t.GERANIUM, t.WHITE_FLOWER, t.BOUGAINVILLEA)[int(rng.integers(3))]
        add(parts, {"leaf": [plants.blossoms(heads, 0.16, row, rng)]})
    return parts
