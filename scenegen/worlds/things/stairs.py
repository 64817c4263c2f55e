"""A flight of stone steps that rises towards +Y."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator, width: float = 2.4, steps: int = 10) -> Parts:
    """Return a flight of steps, each 0.17 m high and 0.32 m deep, with a landing behind."""
    stuff = made_of(prop, "stone")
    half = width / 2
    flight = []
    for k in range(steps):
        y = -1.6 + 0.32 * k
        flight.append(block([-half, y, -0.3], [half, y + 0.34, 0.17 * (k + 1)], rng, stuff))
    end = -1.6 + 0.32 * steps
    flight.append(block([-half, end, -0.3], [half, end + 1.2, 0.17 * steps], rng, stuff))
    return {stuff: flight}
