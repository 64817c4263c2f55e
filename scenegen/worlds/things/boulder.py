"""A boulder."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds import rocks
from scenegen.worlds.spec import Prop
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a boulder 1.2 to 2.4 m wide, a little sunk into the ground."""
    name = f"rock:{prop.color}" if prop.color else "rock"
    return {name: [rocks.boulder(float(rng.uniform(1.2, 2.4)), rng, 4)]}
