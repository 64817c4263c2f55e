"""A wooden pier on piles: it begins at the origin and runs towards -Y."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts

_HIGH = 1.05


def make(prop: Prop, rng: Generator, long: float = 26.0) -> Parts:
    """Return a pier whose planks lie 1.05 m above the water, with piles that reach 4 m down."""
    stuff = made_of(prop, "wood")
    planks: list[Mesh] = []
    y = 0.6
    while y > -long:
        wide, off = float(rng.uniform(0.15, 0.2)), float(rng.normal(0, 0.025))
        if rng.random() > 0.02:
            planks.append(
                block(
                    [-1.05 + off, y - wide + 0.008, _HIGH - 0.05 + float(rng.normal(0, 0.004))],
                    [1.05 + off, y, _HIGH + float(rng.normal(0, 0.004))],
                    rng,
                    stuff,
                )
            )
        y -= wide
    beams = [
        block([x - 0.08, -long, _HIGH - 0.27], [x + 0.08, 0.6, _HIGH - 0.05], rng, stuff)
        for x in (-0.8, 0.8)
    ]
    piles: list[Mesh] = []
    for at in np.arange(-long + 0.4, 0.0, 3.2):
        for side in (-1, 1):
            top = _HIGH + (0.75 if rng.random() < 0.6 else -0.1)
            line = np.array(
                [
                    [side * 1.06, at, -4.0],
                    [side * (1.06 + rng.normal(0, 0.02)), at, 0.0],
                    [side * (1.06 + rng.normal(0, 0.03)), at, top],
                ]
            )
            piles.append(tube(line, np.array([0.14, 0.14, 0.125]), 10, (0, 0, 0.3, 2.4)))
            cap = np.array(
                [[*line[-1][:2], top - 0.001], [*line[-1][:2], top], [*line[-1][:2], top + 0.02]]
            )
            piles.append(tube(cap, np.array([0.125, 0.1, 0.001]), 10, (0, 0, 0.3, 0.05)))
    return {stuff: [*planks, *beams], "bark": piles}
