"""A bench: a wooden seat and back on two feet."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.mesh import box
from scenegen.worlds.spec import Prop
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a bench 1.9 metres wide to sit on facing -Y."""
    seat = f"wood:{prop.color}" if prop.color else "wood"
    foot = prop.material if prop.material in ("metal", "brick", "marble") else "stone"
    if prop.material in ("stone", "marble"):
        seat = prop.material
    feet = [box([x - 0.12, -0.22, -0.2], [x + 0.12, 0.22, 0.42], rng, 4.0) for x in (-0.65, 0.65)]
    slats = [box([-0.95, y, 0.42], [0.95, y + 0.14, 0.47], rng, 3.0) for y in (-0.26, -0.09, 0.08)]
    slats += [box([-0.95, 0.24, z], [0.95, 0.28, z + 0.13], rng, 3.0) for z in (0.58, 0.76)]
    slats += [box([x - 0.04, 0.2, 0.4], [x + 0.04, 0.25, 0.9], rng, 3.0) for x in (-0.7, 0.7)]
    return {foot: feet, seat: slats} if foot != seat else {seat: feet + slats}
