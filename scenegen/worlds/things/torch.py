"""A torch in an iron bracket; its back (+Y) is fixed to a wall at its origin's height."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import lathe, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.fireplace import flames
from scenegen.worlds.things.stuff import block
from scenegen.worlds.world import Parts, add, placed

FLAME = (0.0, -0.3, 0.62)
"""Where its flame is, from its origin."""


_POST_M = 1.35
ON_POST = (FLAME[0], FLAME[1], FLAME[2] + _POST_M + 0.12)
"""Where the light of a torch on a post comes from, from the post's foot."""


def on_post(prop: Prop, rng: Generator) -> Parts:
    """Return a burning torch fixed to a post that stands by itself."""
    parts = placed(make(prop, rng), (0.0, 0.0, _POST_M))
    add(parts, {"wood": [block([-0.07, 0.0, -0.3], [0.07, 0.14, _POST_M + 0.5], rng, "wood")]})
    return parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a burning torch that leans away from its wall."""
    del prop
    line = np.array([[0, -0.06, -0.1], [0, -0.16, 0.18], [0, -0.26, 0.46]], float)
    cup = lathe([(0.02, 0.36), (0.075, 0.44), (0.085, 0.52), (0.07, 0.52), (0.0, 0.46)], 14)
    iron = [
        cup.moved(0, -0.26, 0.0),
        block([-0.05, -0.02, -0.14], [0.05, 0.0, 0.3], rng, "metal"),
        tube(
            np.array([[0, 0, 0.12], [0, -0.08, 0.08], [0, -0.17, 0.16]], float),
            np.full(3, 0.014),
            6,
        ),
        tube(
            np.array([[0, 0, -0.06], [0, -0.05, -0.09], [0, -0.09, -0.05]], float),
            np.full(3, 0.014),
            6,
        ),
    ]
    return {
        "bark": [tube(line, np.array([0.022, 0.027, 0.032]), 8)],
        "metal:black": iron,
        "glow:orange": flames(rng, [0.0, -0.27, 0.48], 0.035, 0.3, 4),
    }
