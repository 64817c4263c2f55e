"""A piece of old wall: coursed stone under a coping, uneven at its top."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import patch
from scenegen.worlds.panels import blocks
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts

LENGTH, HEIGHT, THICK = 6.0, 2.1, 0.5


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a wall 6 m long, 2.2 m high and 0.5 m thick."""
    name = made_of(prop, "stone")
    x, y = LENGTH / 2, THICK / 2
    bend = rng.uniform(0, 6.28, 2)

    def front(side: int):
        def surface(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
            along = (2 * a - 1) * x * side
            bulge = 0.025 * np.sin(1.7 * along + bend[0]) + 0.018 * np.sin(3 * b + bend[1])
            return along, side * (-y - 0.06 * (1 - b) + bulge * b * (1 - b) * 2), b * HEIGHT

        return surface

    u, v = rng.uniform(0, 1), 0.0
    window = (u, v, u + LENGTH / 4, v + HEIGHT / 4)
    faces = [patch(front(1), (24, 10), window), patch(front(-1), (24, 10), window)]
    ends = blocks([(-x - 0.02, -y - 0.07, 0), (x - 0.3, -y - 0.07, 0)],
                  [(-x + 0.3, y + 0.07, HEIGHT), (x + 0.02, y + 0.07, HEIGHT)],
                  (4.0, 4.0))  # fmt: skip
    low, high, at = [], [], -x - 0.05
    while at < x:
        wide = float(rng.uniform(0.45, 0.8))
        tall = float(rng.uniform(0.09, 0.15))
        low.append((at, -y - 0.1, HEIGHT))
        high.append((min(at + wide - 0.012, x + 0.06), y + 0.1, HEIGHT + tall))
        at += wide
    return {name: [*faces, ends, blocks(low, high, (4.0, 4.0))]}
