"""A bookshelf, full of books that stand, lean and lie."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts

_BINDINGS = (
    "cloth:red",
    "cloth:green",
    "cloth:blue",
    "cloth:brown",
    "cloth:black",
    "cloth:white",
    "cloth:golden",
    "cloth:grey",
)


def make(prop: Prop, rng: Generator, width: float = 1.2, height: float = 2.15) -> Parts:
    """Return a bookshelf 0.32 m deep, its books towards -Y."""
    stuff = made_of(prop, "wood:brown")
    half, deep = width / 2, 0.16
    boards = [
        block([s * half - 0.02, -deep, 0], [s * half + 0.02, deep, height], rng, stuff)
        for s in (-1, 1)
    ]
    boards.append(block([-half, deep - 0.015, 0], [half, deep, height], rng, stuff))
    boards.append(
        block([-half - 0.05, -deep - 0.03, height], [half + 0.05, deep, height + 0.05], rng, stuff)
    )
    levels = np.linspace(0.09, height - 0.33, 6)
    parts: Parts = {stuff: boards}
    for level in levels:
        boards.append(block([-half, -deep, level - 0.025], [half, deep - 0.02, level], rng, stuff))
        for name, mesh in _row(float(level), half - 0.03, rng):
            parts.setdefault(name, []).append(mesh)
    return parts


def _row(level: float, half: float, rng: Generator) -> list[tuple[str, Mesh]]:
    row: list[tuple[str, Mesh]] = []
    x = -half
    while x < half - 0.06:
        if rng.random() < 0.07:
            x += float(rng.uniform(0.05, 0.2))
            continue
        thick = float(rng.uniform(0.018, 0.05))
        tall, deep = float(rng.uniform(0.19, 0.29)), float(rng.uniform(0.15, 0.2))
        name = _BINDINGS[int(rng.choice(8, p=[0.2, 0.16, 0.15, 0.2, 0.1, 0.07, 0.05, 0.07]))]
        low = [x, -0.13, level]
        row.append((name, block(low, [x + thick - 0.002, -0.13 + deep, level + tall], rng, name)))
        x += thick
    return row
