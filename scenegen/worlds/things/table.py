"""A table: a thick top on an apron and four legs."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, legs, made_of
from scenegen.worlds.world import Parts


def make(
    prop: Prop, rng: Generator, half: tuple[float, float] = (0.9, 0.48), high: float = 0.76
) -> Parts:
    """Return a table; ``half`` is half its width and depth in metres."""
    stuff = made_of(prop, "wood:brown")
    x, y = half
    boards = 5
    wide = 2 * y / boards
    top = [
        block(
            [-x, -y + k * wide + 0.002, high - 0.04],
            [x, -y + (k + 1) * wide - 0.002, high],
            rng,
            stuff,
        )
        for k in range(boards)
    ]
    ends = [
        block(
            [s * (x - 0.1) - 0.03, -y + 0.05, high - 0.14],
            [s * (x - 0.1) + 0.03, y - 0.05, high - 0.04],
            rng,
            stuff,
        )
        for s in (-1, 1)
    ]
    sides = [
        block(
            [-x + 0.1, s * (y - 0.09) - 0.02, high - 0.14],
            [x - 0.1, s * (y - 0.09) + 0.02, high - 0.04],
            rng,
            stuff,
        )
        for s in (-1, 1)
    ]
    return {
        stuff: [*top, *ends, *sides, *legs((x - 0.03, y - 0.03), high - 0.04, 0.08, rng, stuff)]
    }
