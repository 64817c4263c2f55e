"""A fluted column of drums, with base and capital; broken ones end in a slanting fracture."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, patch
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator, height: float = 5.2, broken_at: float | None = None) -> Parts:
    """Return a column about ``height`` metres high, or what stands up to ``broken_at``."""
    stuff = made_of(prop, "marble")
    foot = 0.075 * height
    base = [
        block([-1.45 * foot, -1.45 * foot, 0], [1.45 * foot, 1.45 * foot, 0.35 * foot], rng, stuff),
        lathe(
            [
                (1.4 * foot, 0.35 * foot),
                (1.42 * foot, 0.5 * foot),
                (1.15 * foot, 0.62 * foot),
                (1.22 * foot, 0.74 * foot),
                (1.0 * foot, 0.85 * foot),
            ],
            32,
            (0, 0, 1.2, 0.1),
        ),
    ]
    low, top = 0.85 * foot, height - 1.15 * foot
    if broken_at is not None:
        return {stuff: [*base, *drums(foot, low, min(broken_at, top), top, rng, True)]}
    return {
        stuff: [*base, *drums(foot, low, top, top, rng, False), *capital(foot, top, rng, stuff)]
    }


def capital(foot: float, top: float, rng: Generator, stuff: str) -> list[Mesh]:
    """Return a Doric capital over a shaft that ends at ``top``."""
    slab = block(
        [-1.3 * foot, -1.3 * foot, top + 0.7 * foot],
        [1.3 * foot, 1.3 * foot, top + 1.15 * foot],
        rng,
        stuff,
    )
    bell = lathe(
        [
            (0.84 * foot, top),
            (0.88 * foot, top + 0.1 * foot),
            (1.1 * foot, top + 0.45 * foot),
            (1.26 * foot, top + 0.7 * foot),
        ],
        32,
        (0, 0, 1.2, 0.1),
    )
    return [bell, slab]


def drums(
    foot: float, low: float, end: float, top: float, rng: Generator, broken: bool
) -> list[Mesh]:
    """Return the drums of a fluted shaft from ``low`` to ``end``; whole, it would reach ``top``."""
    tall = (top - low) / 5
    count = max(1, int(np.ceil((end - low) / tall - 1e-6)))
    spans = [(low + k * tall, min(low + (k + 1) * tall, end)) for k in range(count)]
    return [
        _drum(foot, (low, top), span, rng, broken and k == count - 1)
        for k, span in enumerate(spans)
    ]


def _drum(
    foot: float, shaft: tuple[float, float], span: tuple[float, float], rng: Generator, last: bool
) -> Mesh:
    """Return one drum of a shaft, from z to z; the last one of a broken column is torn off."""
    flutes, (low, top), (z0, z1) = 20, shaft, span
    turn, chip = rng.uniform(-0.02, 0.02), rng.uniform(0, 2 * np.pi, 3)
    shift = rng.normal(0, 0.01 * foot, 2)
    tilt = rng.uniform(0.25, 0.6) * foot if last else 0.0

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        angle = 2 * np.pi * a + turn
        edge = np.minimum(b, np.minimum(1.0, (1 - b) / 0.12) if last else 1 - b)
        z = z0 + (z1 - z0) * np.minimum(b / (0.88 if last else 1.0), 1.0)
        radius = foot * (1 - 0.17 * ((z - low) / (top - low)) ** 1.3)
        groove = 0.055 * np.abs(np.sin(flutes * angle / 2)) ** 0.7 - 0.045
        bite = 0.02 * np.clip(np.sin(5 * angle + chip[0]) + np.sin(3 * angle + chip[1]), 0, 2)
        rim = np.clip(1 - edge / 0.04, 0, 1) if not last else np.clip(1 - b / 0.04, 0, 1)
        radius = radius * (1 + groove - 0.012 * rim - bite * rim)
        if last:
            radius = radius * np.clip((1 - b) / 0.12, 0, 1)
            z = z + tilt * np.cos(angle + chip[2]) * np.clip(b / 0.88, 0, 1) ** 2
            z = z + 0.12 * foot * np.sin(4 * angle + chip[0]) * (b > 0.86)
        return [radius * np.cos(angle) + shift[0], radius * np.sin(angle) + shift[1], z]

    u, v = rng.uniform(0, 1, 2)
    window = (float(u), float(v), float(u) + 1.6 * foot, float(v) + (z1 - z0) / 4)
    return patch(surface, (120, 16 if last else 8), window)
