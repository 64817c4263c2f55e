"""A chest with a rounded lid and iron bands."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, patch
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a chest 1.0 x 0.55 x 0.68 m, its lock towards -Y."""
    stuff = made_of(prop, "wood:brown")
    body = [
        block([-0.5, -0.27, 0.03], [0.5, 0.27, 0.42], rng, stuff),
        _lid(0.5, 0.28, (0, 0, 0.34, 0.3)),
    ]
    cheeks = [_cheek(side) for side in (-1, 1)]
    iron = [_lid(0.03, 0.288, (0, 0, 0.1, 0.3)).moved(x) for x in (-0.36, 0.36)]
    iron += [
        block([x - 0.03, -0.278, 0.0], [x + 0.03, 0.278, 0.425], rng, "metal")
        for x in (-0.36, 0.36)
    ]
    iron += [block([-0.06, -0.3, 0.34], [0.06, -0.26, 0.5], rng, "metal")]
    iron += [block([-0.505, -0.275, 0.4], [0.505, 0.275, 0.43], rng, "metal")]
    return {stuff: [*body, *cheeks], "metal:black": iron}


def _lid(half: float, radius: float, window: tuple[float, float, float, float]) -> Mesh:
    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        turn = np.pi * (1 - b)
        return [(2 * a - 1) * half, radius * np.cos(turn), 0.42 + 0.86 * radius * np.sin(turn)]

    return patch(surface, (1, 16), window)


def _cheek(side: int) -> Mesh:
    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        turn = np.pi * (1 - a if side < 0 else a)
        out = 0.28 * b
        return [np.full_like(a, side * 0.5), out * np.cos(turn), 0.42 + 0.86 * out * np.sin(turn)]

    return patch(surface, (16, 1), (0, 0, 0.2, 0.1))
