"""A double bed: frame, headboard, mattress, blanket and pillows; its foot is its front."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, patch
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, cushion, legs
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a bed 1.7 x 2.15 m; a stated colour is its blanket's, a material its frame's."""
    frame = prop.material if prop.material in ("wood", "metal") else "wood:brown"
    blanket = f"cloth:{prop.color or 'blue'}"
    wood = [
        block([-0.85, -1.07, 0.2], [0.85, 1.05, 0.32], rng, frame),
        block([-0.88, 1.03, 0.0], [0.88, 1.09, 1.1], rng, frame),
        block([-0.92, 1.01, 1.1], [0.92, 1.11, 1.16], rng, frame),
        block([-0.88, -1.11, 0.0], [0.88, -1.06, 0.5], rng, frame),
        *legs((0.85, 1.05), 0.2, 0.09, rng, frame),
    ]
    mattress = cushion([-0.82, -1.05, 0.3], [0.82, 1.02, 0.56], 0.14)
    pillows = [
        cushion([s * 0.4 - 0.34, 0.52, 0.53], [s * 0.4 + 0.34, 0.98, 0.72], 0.55) for s in (-1, 1)
    ]
    return {
        frame: wood,
        "cloth:white": [mattress, *pillows, _fold(rng)],
        blanket: [_cover(rng, -1.06, 0.3, 0.585, 0.36)],
    }


def _cover(rng: Generator, foot: float, head: float, top: float, drop: float) -> Mesh:
    """Return a blanket that hangs down at both sides, in soft folds."""
    wave, half = rng.uniform(0, 6, 3), 0.86

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        run = (a - 0.5) * 2 * (half + drop)
        x = np.clip(run, -half, half)
        down = np.maximum(np.abs(run) - half, 0)
        y = foot + b * (head - foot)
        swell = 0.012 * np.sin(5 * x + wave[0] + 3 * y) + 0.01 * np.sin(7 * y + wave[1])
        out = np.sign(run) * 0.025 * np.sin(13 * y + wave[2]) * down / drop
        return [x + out + np.sign(run) * 0.02 * (down > 0), y, top + swell - down]

    return patch(surface, (60, 40), (0, 0, 2, 1))


def _fold(rng: Generator) -> Mesh:
    """Return the sheet that is turned back over the blanket's edge."""
    return _cover(rng, 0.24, 0.5, 0.6, 0.3)
