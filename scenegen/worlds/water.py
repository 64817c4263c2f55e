"""Water's surface."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.noise import fractal
from scenegen.worlds.textures import Color, finish
from scenegen.worlds.world import Material

_PX = 512
_STEEP = 2.6
"""How fast ripples get lower as they get shorter: from 2 on it is not the pixels that glitter."""
SPAN_M = 12.0
"""How many metres a tile of water spans."""


def still(rng: Generator, color: Color = (38, 74, 70), ripple_m: float = 0.012) -> Material:
    """Return water with ripples so high, as a tile of `SPAN_M` metres."""
    scale = _PX / SPAN_M
    mottle = fractal((_PX, _PX), scale, rng, 2.0, 0.8)
    tone = np.array(color) * (1 + 0.2 * mottle[..., None])
    return Material(finish(tone, ripple_m * fractal((_PX, _PX), scale, rng, _STEEP, 0.7)), "water")
