"""A slatted wooden box."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.mesh import Mesh
from scenegen.worlds.panels import blocks
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts

SIZE = (0.62, 0.44, 0.38)


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a crate, as wide, deep and high as ``SIZE`` in metres says; some are open."""
    return crate(prop, bool(rng.random() < 0.5), rng)


def crate(prop: Prop, closed: bool, rng: Generator) -> Parts:
    """Return a crate with or without a lid."""
    x, y, high = SIZE[0] / 2, SIZE[1] / 2, SIZE[2]
    low, far = [], []
    for k in range(3):
        z = 0.01 + 0.125 * k
        low += [(-x, -y, z), (-x, y - 0.014, z), (-x, -y + 0.014, z), (x - 0.014, -y + 0.014, z)]
        far += [(x, -y + 0.014, z + 0.108), (x, y, z + 0.108), (-x + 0.014, y - 0.014, z + 0.108),
                (x, y - 0.014, z + 0.108)]  # fmt: skip
    for a in (-x + 0.014, x - 0.05):
        for b in (-y + 0.014, y - 0.05):
            low.append((a, b, 0.0))
            far.append((a + 0.036, b + 0.036, high))
    low.append((-x + 0.01, -y + 0.01, 0.012))
    far.append((x - 0.01, y - 0.01, 0.026))
    if closed:
        low += [(-x, -y + 0.15 * k, high - 0.002) for k in range(3)]
        far += [(x, -y + 0.15 * k + 0.135, high + 0.012) for k in range(3)]
    boards = blocks(low, far, (1.1, 1.1))
    boards = Mesh(boards.points, boards.uv + rng.uniform(0, 1, 2), boards.faces)
    return {made_of(prop, "wood:brown"): [boards]}
