"""Uneven patterns that lie in the world: they do not swim when a camera moves."""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Float, Float32

_TILE = 512
_OCTAVES = (8, 16, 32, 64, 128)


class Pattern:
    """Noise over the ground plane, 0 to 1 and evenly spread between; ``scale`` is its coarsest
    wavelength in world units. It repeats after eight of these.

    Sum of octaves of interpolated lattice noise: Perlin, "An image synthesizer" (1985).
    """

    def __init__(self, scale: float, seed: int) -> None:
        self._per_unit = _TILE / (_OCTAVES[0] * scale)
        self._tile = _tile(seed)

    def at(self, points: Float[np.ndarray, "n 2"]) -> Float32[np.ndarray, "n"]:
        """Return the noise at places of the plane."""
        place = (points * self._per_unit) % _TILE
        low = place.astype(np.int32)
        share = (place - low).astype(np.float32)
        x, y = low[:, 0] % _TILE, low[:, 1] % _TILE
        right, up = (x + 1) % _TILE, (y + 1) % _TILE
        a, b = share[:, 0], share[:, 1]
        tile = self._tile
        lower = tile[x, y] * (1 - a) + tile[right, y] * a
        upper = tile[x, up] * (1 - a) + tile[right, up] * a
        return lower * (1 - b) + upper * b


@cache
def _tile(seed: int) -> Float32[np.ndarray, "x y"]:
    """Return a tile of noise whose values are evenly spread over 0 to 1."""
    rng = np.random.default_rng([seed, 7])
    total = np.zeros((_TILE, _TILE))
    for octave in _OCTAVES:
        lattice = rng.random((octave, octave))
        place = np.arange(_TILE) * octave / _TILE
        low = place.astype(int)
        share = place - low
        share = share * share * (3 - 2 * share)
        high = (low + 1) % octave
        rows = lattice[low] * (1 - share[:, None]) + lattice[high] * share[:, None]
        smooth = rows[:, low] * (1 - share) + rows[:, high] * share
        total += smooth * (_OCTAVES[0] / octave) ** 0.8
    ranks = np.empty(total.size, np.float32)
    ranks[np.argsort(total, axis=None)] = np.linspace(0, 1, total.size, dtype=np.float32)
    return ranks.reshape(total.shape)
