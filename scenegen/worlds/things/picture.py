"""A framed painting: it hangs with its middle on the origin, seen from -Y."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.mesh import quad
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a painting; a stated material or colour is its frame's."""
    frame = made_of(prop, "wood:golden")
    x, z = (0.55, 0.38) if rng.random() < 0.6 else (0.36, 0.48)
    bar = 0.05
    bars = [
        block(
            [-x - bar, -0.03, s * z - (bar if s < 0 else 0)],
            [x + bar, 0.01, s * z + (bar if s > 0 else 0)],
            rng,
            frame,
        )
        for s in (-1, 1)
    ] + [
        block(
            [s * x - (bar if s < 0 else 0), -0.03, -z],
            [s * x + (bar if s > 0 else 0), 0.01, z],
            rng,
            frame,
        )
        for s in (-1, 1)
    ]
    canvas = quad([-x, -0.012, -z], [2 * x, 0, 0], [0, 0, 2 * z], (0, 0, 1, 1))
    scene = ("white", "yellow", "orange", "blue")[int(rng.integers(4))]
    return {frame: bars, f"painting:{scene}": [canvas]}
