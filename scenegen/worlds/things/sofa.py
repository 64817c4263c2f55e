"""A sofa: stuffed seat, back and arms on short legs, with a few loose cushions."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import cushion, legs, made_of
from scenegen.worlds.world import Parts, placed


def make(prop: Prop, rng: Generator, width: float = 2.1) -> Parts:
    """Return a sofa ``width`` metres wide and 0.9 m deep, its front towards -Y."""
    stuff = made_of(prop, "cloth:blue")
    seats = max(1, round(width / 0.8))
    inner = width / 2 - 0.2
    each = 2 * inner / seats
    soft = [
        cushion([-width / 2, -0.44, 0.1], [width / 2, 0.44, 0.34], 0.12),
        cushion([-width / 2 + 0.02, 0.2, 0.2], [width / 2 - 0.02, 0.45, 0.84], 0.25),
    ]
    for side in (-1, 1):
        x = side * (width / 2 - 0.1)
        soft.append(cushion([x - 0.11, -0.45, 0.12], [x + 0.11, 0.42, 0.62], 0.28))
    for k in range(seats):
        x = -inner + k * each
        soft.append(cushion([x + 0.005, -0.46, 0.3], [x + each - 0.005, 0.26, 0.48], 0.3))
        soft.append(cushion([x + 0.02, 0.06, 0.42], [x + each - 0.02, 0.32, 0.86], 0.4))
    parts: Parts = {stuff: soft, "wood:black": legs((width / 2, 0.42), 0.14, 0.06, rng, "wood")}
    if width > 1.5:
        hues = ("cloth:golden", "cloth:white", "cloth:red")
        for side in (-1, 1):
            pillow = {
                hues[int(rng.integers(3))]: [cushion([-0.2, -0.06, 0], [0.2, 0.07, 0.38], 0.5)]
            }
            at = [side * (inner - 0.22), 0.0, 0.47]
            for name, meshes in placed(pillow, at, float(rng.uniform(-14, 14))).items():
                parts.setdefault(name, []).extend(meshes)
    return parts
