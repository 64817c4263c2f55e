"""A table: a thick top on an apron and four legs."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, legs, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator, half: tuple[float, float] = (0.9, 0.48)) -> Parts:
    """Return a table 0.76 m high, half as large as said."""
    stuff = made_of(prop, "wood:brown")
    x, y = half
    boards = 5
    wide = 2 * y / boards
    top = [
        block([-x, -y + k * wide + 0.002, 0.72], [x, -y + (k + 1) * wide - 0.002, 0.76], rng, stuff)
        for k in range(boards)
    ]
    ends = [block([s * (x - 0.1) - 0.03, -y + 0.05, 0.62], [s * (x - 0.1) + 0.03, y - 0.05, 0.72],
                  rng, stuff) for s in (-1, 1)]  # fmt: skip
    sides = [block([-x + 0.1, s * (y - 0.09) - 0.02, 0.62], [x - 0.1, s * (y - 0.09) + 0.02, 0.72],
                   rng, stuff) for s in (-1, 1)]  # fmt: skip
    return {stuff: [*top, *ends, *sides, *legs((x - 0.03, y - 0.03), 0.72, 0.08, rng, stuff)]}
