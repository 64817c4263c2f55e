"""A round stone tower with battlements, a door and arrow slits."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, quad
from scenegen.worlds.spec import Prop
from scenegen.worlds.things import door
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts, add, placed


def make(prop: Prop, rng: Generator, radius: float = 3.2, height: float = 15.0) -> Parts:
    """Return a tower; its door is towards -Y."""
    stuff = made_of(prop, "stone")
    around = 2 * np.pi * radius / 4
    shaft = lathe(
        [(1.12 * radius, -1.5), (1.05 * radius, 1.2), (radius, 1.4), (0.96 * radius, height)],
        40,
        (0, -0.4, around, height / 4),
    )
    walk = lathe(
        [(0.96 * radius, height - 0.9), (1.15 * radius, height - 0.3), (1.15 * radius, height)],
        40,
        (0, 0, around, 0.3),
    )
    roof = lathe([(1.15 * radius, height), (0.0, height + 0.01)], 40, (0, 0, 3, 1))
    parts: Parts = {stuff: [shaft, walk, roof, *_merlons(radius, height, rng, stuff)]}
    dark = [
        _slit(radius, float(turn), float(z))
        for turn, z in zip(np.linspace(30, 330, 6), np.linspace(0.35, 0.8, 6) * height, strict=True)
    ]
    parts["cloth:black"] = dark
    gate = placed(door.make(Prop(kind="door"), rng), (0, -1.1 * radius, 0), 0, 1.15)
    add(parts, gate)
    add(
        parts,
        {stuff: [block([-0.95, -1.14 * radius, 2.5], [0.95, -0.98 * radius, 2.9], rng, stuff)]},
    )
    return parts


def _merlons(radius: float, height: float, rng: Generator, stuff: str) -> list[Mesh]:
    count = max(8, int(radius * 3.6))
    return [
        block([-0.42, -0.2, -0.05], [0.42, 0.2, 0.95], rng, stuff)
        .moved(0, -1.08 * radius, height)
        .moved(turn_deg=360.0 * k / count)
        for k in range(count)
    ]


def _slit(radius: float, turn: float, z: float) -> Mesh:
    return quad(
        [-0.11, -1.045 * radius + 0.045 * radius * min(z / 15, 1), z],
        [0.22, 0, 0],
        [0, 0, 1.1],
        (0, 0, 0.1, 0.3),
    ).moved(turn_deg=turn)
