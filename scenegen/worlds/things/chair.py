"""A wooden chair with a slatted back, which its front turns away from."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, cushion, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a chair 0.95 m high; a stated cloth or colour is its cushion's."""
    stuff = made_of(prop, "wood:brown")
    parts: Parts = {}
    if stuff.startswith("cloth"):
        parts[stuff] = [cushion([-0.2, -0.2, 0.455], [0.2, 0.2, 0.52])]
        stuff = "wood:brown"
    front = [
        block([s * 0.19 - 0.02, -0.21, 0], [s * 0.19 + 0.02, -0.17, 0.44], rng, stuff)
        for s in (-1, 1)
    ]
    back = [
        block([s * 0.19 - 0.02, 0.17, 0], [s * 0.19 + 0.02, 0.21, 0.95], rng, stuff)
        for s in (-1, 1)
    ]
    seat = block([-0.23, -0.23, 0.435], [0.23, 0.22, 0.465], rng, stuff)
    rails = [block([-0.18, 0.175, z], [0.18, 0.2, z + 0.07], rng, stuff) for z in (0.58, 0.86)]
    slats = [
        block([x - 0.02, 0.18, 0.62], [x + 0.02, 0.195, 0.88], rng, stuff)
        for x in (-0.11, 0.0, 0.11)
    ]
    low = [
        block([-0.18, y - 0.012, 0.2], [0.18, y + 0.012, 0.235], rng, stuff) for y in (-0.19, 0.19)
    ]
    parts.setdefault(stuff, []).extend([*front, *back, seat, *rails, *slats, *low])
    return parts
