"""A castle: curtain walls between four round towers, a gate, and a keep within."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, quad
from scenegen.worlds.spec import Prop
from scenegen.worlds.things import tower
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts, add, placed

HALF, _WALL = 17.0, 8.5
"""Half the castle's width between its towers, and its walls' height, in metres."""


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a castle whose gate is towards -Y."""
    stuff = made_of(prop, "stone")
    said = Prop.model_validate({"kind": "tower", "material": prop.material, "color": prop.color})
    parts: Parts = {}
    for x in (-HALF, HALF):
        for y in (-HALF, HALF):
            high = float(rng.uniform(12, 15))
            corner = tower.make(said, rng, 3.4, high)
            add(parts, placed(corner, (x, y, 0), 90.0 if x < 0 else -90.0))
            if rng.random() < 0.7:
                add(parts, {"roof": [_cone(high + 0.9).moved(x, y)]})
    for side in range(4):
        gap = 2.6 if side == 0 else 0.0
        add(parts, {stuff: [m.moved(turn_deg=90.0 * side) for m in _curtain(gap, rng, stuff)]})
    for x in (-3.9, 3.9):
        add(parts, placed(tower.make(said, rng, 2.0, 11.5), (x, -HALF, 0), 180.0))
    gate = quad([-2.6, -HALF + 0.1, -0.5], [5.2, 0, 0], [0, 0, 5.3], (0, 0, 1.7, 1.7))
    keep = block([-6.5, -4.0, -1.0], [6.5, 9.0, 20.0], rng, stuff)
    add(parts, {"wood:brown": [gate], stuff: [keep]})
    add(parts, {stuff: _battlements(7.0, 20.0, rng, stuff), "cloth:black": _slits(6.52)})
    return parts


def _cone(foot: float) -> Mesh:
    """Return the roof of a corner tower, which rests on its merlons ``foot`` metres up."""
    profile = [(4.1, foot), (2.0, foot + 3.2), (0.0, foot + 7.1)]
    return lathe(profile, 32, (0, 0, 4, 1.4))


def _curtain(gap: float, rng: Generator, stuff: str) -> list[Mesh]:
    made: list[Mesh] = []
    spans = ((-HALF, -gap), (gap, HALF)) if gap else ((-HALF, HALF),)
    for x0, x1 in spans:
        made.append(block([x0, -HALF - 0.9, -1.5], [x1, -HALF + 0.9, _WALL], rng, stuff))
    if gap:
        made.append(block([-gap, -HALF - 0.9, 4.8], [gap, -HALF + 0.9, _WALL], rng, stuff))
    for x in np.arange(-HALF + 3.8, HALF - 3.4, 1.55):
        made.append(
            block([x, -HALF - 0.95, _WALL], [x + 0.85, -HALF - 0.5, _WALL + 0.95], rng, stuff)
        )
    return made


def _battlements(half: float, z: float, rng: Generator, stuff: str) -> list[Mesh]:
    made = []
    for side in range(4):
        for x in np.arange(-half + 0.4, half - 0.4, 1.5):
            made.append(
                block([x, -half, z - 0.2], [x + 0.85, -half + 0.45, z + 0.95], rng, stuff)
                .moved(turn_deg=90.0 * side)
                .moved(0, 2.5, 0)
            )
    return made


def _slits(half: float) -> list[Mesh]:
    return [
        quad([x - 0.3, -half, z], [0.6, 0, 0], [0, 0, 1.6], (0, 0, 0.1, 0.3))
        .moved(turn_deg=90.0 * side)
        .moved(0, 2.5, 0)
        for side in range(4)
        for x in (-3.6, 0.0, 3.6)
        for z in (11.0, 15.5)
    ]
