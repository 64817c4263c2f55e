"""A draw well under a small roof."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.walls import beam, gable_roof
from scenegen.worlds.world import Parts, add

_CIRCLE = [(np.cos(t), np.sin(t)) for t in np.linspace(0, 2 * np.pi, 17)[:-1]]


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a well 1.9 metres wide: a ring of stone, posts, a windlass and a bucket."""
    skin = prop.material if prop.material in ("brick", "marble", "wood") else "stone"
    ring = lathe([(0.98, -0.3), (0.95, 0.78), (1.03, 0.8), (1.03, 0.93), (0.68, 0.93), (0.68, 0.2)],
                 28, (0, 0, 1.5, 0.75), smooth=1)  # fmt: skip
    ring = ring.flat_sided()
    wood = [beam([x, 0, 0.2], [x, 0, 2.25], 0.14, rng) for x in (-0.9, 0.9)]
    wood += [beam([-1.0, 0, 2.2], [1.0, 0, 2.2], 0.13, rng)]
    drum = tube(np.array([[-0.86, 0, 1.45], [0, 0, 1.45], [0.86, 0, 1.45]]), np.full(3, 0.11), 12)
    rope = tube(
        np.array([[0.1, -0.1, 1.45], [0.1, -0.12, 1.2], [0.1, -0.12, 0.98]]), np.full(3, 0.016), 6
    )
    crank = [
        tube(np.array([[0.86, 0, 1.45], [1.05, 0, 1.45], [1.2, 0, 1.45]]), np.full(3, 0.02), 6),
        tube(np.array([[1.2, 0, 1.45], [1.2, 0, 1.3], [1.2, 0, 1.15]]), np.full(3, 0.02), 6),
    ]
    bucket = lathe([(0.1, 0.0), (0.13, 0.0), (0.17, 0.3), (0.15, 0.3), (0.12, 0.04)], 16, smooth=1)
    parts: Parts = {
        skin: [ring], "wood": [*wood, drum, bucket.moved(0.1, -0.12, 0.7)],
        "cloth:brown": [rope], "metal": crank,
        "glass": [Mesh(np.array([[0.7 * c, 0.7 * s, 0.25] for c, s in _CIRCLE]),
                       np.zeros((16, 2)), np.array([[0, k, k + 1] for k in range(1, 15)]))],
    }  # fmt: skip
    cover = f"wood:{prop.color}" if prop.color else "roof"
    roof = gable_roof(1.9, 1.5, 2.25, 0.75, rng, cover, (0.2, 0.2))
    add(parts, roof)
    for x in (-0.9, 0.9):
        parts["wood"] += [
            beam([x, -0.75, 2.25], [x, 0, 3.0], 0.1, rng),
            beam([x, 0.75, 2.25], [x, 0, 3.0], 0.1, rng),
        ]
    return parts
