"""A window: its casements, and a dark pane where nothing is to be seen through it."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, quad
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a window 1.2 x 1.5 m with its pane, its sill on the ground."""
    stuff = made_of(prop, "wood:white")
    pane = quad([-0.6, 0.0, 0], [1.2, 0, 0], [0, 0, 1.5], (0, 0, 1, 1))
    return {stuff: casement(1.2, 1.5, rng, stuff), "glass": [pane]}


def casement(width: float, height: float, rng: Generator, stuff: str) -> list[Mesh]:
    """Return a frame with glazing bars about x = 0, from z = 0 up, without panes."""
    x = width / 2
    frame = [
        block(
            [s * (x - 0.035) - 0.035, -0.04, 0], [s * (x - 0.035) + 0.035, 0.04, height], rng, stuff
        )
        for s in (-1, 1)
    ]
    frame += [block([-x, -0.04, z], [x, 0.04, z + 0.07], rng, stuff) for z in (0, height - 0.07)]
    frame.append(block([-0.045, -0.035, 0], [0.045, 0.035, height], rng, stuff))
    for k in (1, 2):
        z = height * k / 3
        frame.append(block([-x, -0.015, z - 0.014], [x, 0.015, z + 0.014], rng, stuff))
    frame.append(block([-x - 0.06, -0.16, -0.04], [x + 0.06, 0.05, 0.0], rng, stuff))
    return frame
