"""Where things stand: believable places by slope, height and water, never two on one spot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy.random import Generator

from scenegen.worlds.terrain import Terrain

Chance = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""How likely something stands at places: of height, slope, wetness, and clumping noise."""


def spots(
    land: Terrain,
    around: Float[np.ndarray, "2"],
    reach: tuple[float, float],
    spacing: float,
    chance: Chance,
    rng: Generator,
) -> Float[np.ndarray, "n 3"]:
    """Return places on the ground in a ring (metres from a place), about ``spacing`` apart.

    One candidate stands in every cell of a grid, shaken; so no two are closer than a third of it.
    """
    inner, outer = reach
    count = int(2 * outer / spacing)
    cell = np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1).reshape(-1, 2)
    xy = (cell + rng.uniform(0.17, 0.83, cell.shape)) * spacing - outer
    distance = np.linalg.norm(xy, axis=1)
    lucky = rng.random(len(xy))
    clump = _clumps(xy + around, rng)
    near = (distance >= inner) & (distance < outer)
    xy, lucky, clump = xy[near] + around, lucky[near], clump[near]
    x, y = xy.T
    z = land.height(x, y)
    likely = chance(z, land.slope(x, y, 1.0), land.wet(x, y), clump)
    kept = lucky < likely
    return np.stack([x, y, z], -1)[kept]


def _clumps(xy: Float[np.ndarray, "n 2"], rng: Generator) -> Float[np.ndarray, "n"]:
    """Return smooth noise of deviation about 1 with patches some 30 metres wide."""
    waves = rng.normal(0, 1 / 14.0, (24, 2))
    phase = rng.uniform(0, 2 * np.pi, 24)
    return np.cos(xy @ waves.T + phase).sum(axis=1) / np.sqrt(12)
