"""A woven rug."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import patch
from scenegen.worlds.spec import Prop
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator, half: tuple[float, float] = (1.5, 1.05)) -> Parts:
    """Return a rug a centimetre thick; a stated colour makes it plain."""
    stuff = f"cloth:{prop.color}" if prop.color else "rug"
    phase = rng.uniform(0, 6, 2)

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        x, y = (2 * a - 1) * half[0], (2 * b - 1) * half[1]
        inside = np.minimum(np.minimum(a, 1 - a), np.minimum(b, 1 - b))
        wave = 0.003 * np.sin(4 * x + phase[0]) * np.sin(3 * y + phase[1])
        return [x, y, np.where(inside > 0, 0.012 + wave, 0.0)]

    return {stuff: [patch(surface, (60, 42), (0, 0, half[0] / 1.1, half[1] / 1.1))]}
