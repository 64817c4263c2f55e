"""A stretch of fence along X: posts and rails, or a dry wall of stone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, box
from scenegen.worlds.rocks import stones
from scenegen.worlds.spec import Prop
from scenegen.worlds.walls import beam
from scenegen.worlds.world import Parts

LENGTH = 9.0
"""Metres from its first to its last post."""


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a fence `LENGTH` metres long."""
    half = LENGTH / 2
    if prop.material in ("stone", "brick"):
        x = np.linspace(-half, half, 40)
        rows = [np.stack([x + rng.normal(0, 0.06, 40), rng.normal(0, 0.07, 40), np.full(40, z)], -1)
                for z in (-0.05, 0.2, 0.42, 0.62)]  # fmt: skip
        return {"rock": [stones(np.concatenate(rows), (0.34, 0.46), rng, 2)]}
    skin = f"wood:{prop.color}" if prop.color else "wood"
    posts = np.linspace(-half, half, 6)
    tops = 1.15 + rng.uniform(-0.05, 0.05, 6)
    lean = rng.normal(0, 0.03, (6, 2))
    made: list[Mesh] = [
        beam([x, 0, -0.4], [x + dx, dy, z], 0.12, rng)
        for x, z, (dx, dy) in zip(posts, tops, lean, strict=True)
    ]
    if prop.color == "white":
        made += [box([x - 0.045, -0.09, 0.1], [x + 0.045, -0.06, 0.95 + 0.05 * (k % 2)], rng, 3.0)
                 for k, x in enumerate(np.arange(-half + 0.1, half, 0.15))]  # fmt: skip
    for left, right in pairwise(posts):
        for z in (0.42, 0.72, 1.0) if prop.color != "white" else (0.3, 0.8):
            ends = z + rng.normal(0, 0.025, 2)
            made.append(
                beam([left - 0.1, -0.03, ends[0]], [right + 0.1, -0.03, ends[1]], 0.085, rng)
            )
    return {skin: made}
