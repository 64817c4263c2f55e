"""A panelled door in its frame; its back stands against or in a wall."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import ball, block, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a door 0.95 x 2.1 m with a frame 0.12 m wide."""
    stuff = made_of(prop, "wood:brown")
    frame = [
        block([s * 0.535 - 0.06, -0.05, 0], [s * 0.535 + 0.06, 0.04, 2.22], rng, stuff)
        for s in (-1, 1)
    ]
    frame.append(block([-0.62, -0.06, 2.1], [0.62, 0.04, 2.24], rng, stuff))
    leaf = [block([-0.475, -0.01, 0.01], [0.475, 0.03, 2.1], rng, stuff)]
    for z0, z1 in ((0.18, 0.9), (1.08, 1.95)):
        for x0, x1 in ((-0.38, -0.05), (0.05, 0.38)):
            leaf.append(block([x0, -0.022, z0], [x1, 0.0, z1], rng, stuff))
            leaf.append(
                block([x0 + 0.05, -0.032, z0 + 0.05], [x1 - 0.05, -0.015, z1 - 0.05], rng, stuff)
            )
    return {stuff: [*frame, *leaf], "metal:golden": [ball([0.41, -0.07, 1.02], 0.035)]}
