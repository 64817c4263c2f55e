"""A ridge tent with open flaps."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, patch, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.walls import beam
from scenegen.worlds.world import Parts


def _ropes(half: float, length: float, high: float) -> list[Mesh]:
    lines = [
        [[0, y, high + 0.05], [0, y + pull / 2, high / 2], [0, y + pull, 0.0]]
        for y, pull in ((-length / 2, -1.5), (length / 2, 1.5))
    ]
    lines += [
        [[side * half, y, 0.06], [side * 1.6, y, 0.03], [side * 1.85, y, 0.0]]
        for side in (-1, 1)
        for y in (-1.5, 0.0, 1.5)
    ]
    return [tube(np.array(line), np.full(3, 0.01), 5) for line in lines]


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a tent 2.6 x 3.4 metres of sagging cloth; its way in is towards -Y."""
    skin = f"cloth:{prop.color or ('orange', 'green', 'blue', 'yellow')[int(rng.integers(4))]}"
    half, length, high = 1.3, 3.4, 1.75
    cloth: list[Mesh] = []
    for side in (-1.0, 1.0):

        def slope(a: np.ndarray, b: np.ndarray, side: float = side) -> list[np.ndarray]:
            along = a if side > 0 else 1 - a
            sag = 0.09 * np.sin(np.pi * along) * b
            hang = 0.10 * np.sin(np.pi * b)
            x = side * (half * (1 - b) - hang * (0.4 + 0.6 * np.sin(np.pi * along)))
            wrinkle = 0.012 * np.sin(17 * along + 5 * b)
            return [x + wrinkle, (along - 0.5) * length, high * b - sag - 0.3 * hang]

        cloth.append(patch(slope, (24, 12), (0, 0, 4, 2)))

        def flap(a: np.ndarray, b: np.ndarray, side: float = side) -> list[np.ndarray]:
            across = (1 - a) if side > 0 else a
            x = side * half * (1 - b) * (1 - 0.42 * across)
            y = -length / 2 - 0.35 * np.sin(0.5 * np.pi * across) * (1 - b)
            return [x, y, high * b]

        cloth.append(patch(flap, (8, 10), (0, 0, 1, 2)))
    back = Mesh(
        np.array([[half, length / 2, 0], [-half, length / 2, 0], [0, length / 2, high]]),
        np.array([[0, 0], [1, 0], [0.5, 1.0]]), np.array([[0, 1, 2]]),
    )  # fmt: skip
    poles = [
        beam([0, y, -0.1], [0, y, high + 0.12], 0.045, rng)
        for y in (-length / 2 - 0.02, length / 2 + 0.02)
    ]
    ropes = _ropes(half, length, high)
    return {skin: [*cloth, back], "wood": poles, "cloth:white": ropes}
