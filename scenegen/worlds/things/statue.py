"""A statue: a cloaked figure that leans on a staff, on a stepped pedestal."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, patch, tube
from scenegen.worlds.panels import blocks
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts

_FOOT = 1.86
"""Height in metres of the pedestal."""


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a statue 4.3 m high with its pedestal."""
    body = made_of(prop, "plaster:white")
    low = [(-1.3, -1.3, 0), (-1.0, -1.0, 0.2), (-0.7, -0.7, 0.4), (-0.58, -0.58, 0.62),
           (-0.66, -0.66, 1.6), (-0.74, -0.74, 1.7)]  # fmt: skip
    high = [(1.3, 1.3, 0.2), (1.0, 1.0, 0.4), (0.7, 0.7, 0.62), (0.58, 0.58, 1.6),
            (0.66, 0.66, 1.7), (0.74, 0.74, _FOOT)]  # fmt: skip
    plaque = blocks([(-0.36, -0.61, 0.85)], [(0.36, -0.57, 1.35)])
    figure = [_robe(rng), _cloak(rng), _head(), *_arms()]
    return {
        "limestone": [blocks(low, high, (4.0, 4.0))],
        "metal:golden": [plaque],
        body: [mesh.moved(z=_FOOT) for mesh in figure],
    }


def _robe(rng: Generator) -> Mesh:
    """Return body and robe: an upright shape in folds, its weight on one leg."""
    z = np.array([0.0, 0.06, 0.5, 0.95, 1.2, 1.38, 1.62, 1.82, 1.95, 2.0, 2.08])
    wide = np.array([0.42, 0.44, 0.36, 0.31, 0.25, 0.24, 0.31, 0.34, 0.24, 0.1, 0.085])
    deep = np.array([0.36, 0.38, 0.3, 0.26, 0.2, 0.18, 0.22, 0.2, 0.15, 0.09, 0.085])
    sway = np.array([0.0, 0.0, 0.03, 0.07, 0.05, 0.02, -0.02, -0.03, -0.02, -0.02, -0.02])
    phase = rng.uniform(0, 6.28, 3)
    grid = np.linspace(0, 1, len(z))

    def surface(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
        angle, height = 2 * np.pi * a, np.interp(b, grid, z)
        deepness = np.clip(1.25 - height, 0, 1) * 0.075 + 0.012 * (height < 1.9)
        fold = np.sin(11 * angle + phase[0] + 1.4 * height) + 0.6 * np.sin(
            17 * angle + phase[1] - 2 * height
        )
        grow = 1 + deepness * fold
        x = np.interp(b, grid, wide) * grow * np.cos(angle) + np.interp(b, grid, sway)
        return x, np.interp(b, grid, deep) * grow * np.sin(angle), height

    return patch(surface, (120, 60), (0, 0, 0.4, 0.4))


def _cloak(rng: Generator) -> Mesh:
    """Return a cloak from the shoulders down the back, blown a little aside."""
    phase = float(rng.uniform(0, 6.28))

    def surface(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
        angle = np.pi * (-0.08 + 1.16 * a)
        height = 1.9 - 1.78 * b
        out = 0.31 + 0.18 * b + 0.035 * (0.3 + b) * np.sin(15 * a + phase + 3 * b)
        return out * np.cos(angle) - 0.03 + 0.1 * b**2, 0.75 * out * np.sin(angle), height

    cloth = patch(surface, (70, 30), (0.3, 0.1, 0.7, 0.6))
    return Mesh(cloth.points, cloth.uv, cloth.faces[:, ::-1])


def _head() -> Mesh:
    """Return head and hair as one turned shape, narrower than deep."""
    head = lathe(
        [(0.06, 2.02), (0.075, 2.1), (0.1, 2.14), (0.118, 2.22), (0.125, 2.3), (0.12, 2.38),
         (0.09, 2.45), (0.04, 2.48), (0.0, 2.485)], 28, (0, 0, 0.2, 0.2)
    )  # fmt: skip
    x, y, z = head.points.T
    face = np.exp(-(((z - 2.24) / 0.028) ** 2) - (x / 0.03) ** 2) * (y < -0.05)
    brow = np.exp(-(((z - 2.3) / 0.015) ** 2)) * (y < -0.06)
    points = np.stack([0.92 * x - 0.02, 1.08 * y - 0.035 * face - 0.008 * brow - 0.01, z], -1)
    return Mesh(points, head.uv, head.faces)


def _arms() -> list[Mesh]:
    """Return an arm raised to a staff, and one bent before the body."""
    raised = np.array([[0.27, 0, 1.8], [0.42, -0.06, 1.6], [0.5, -0.16, 1.52], [0.46, -0.3, 1.66]])
    bent = np.array([[-0.31, 0, 1.8], [-0.42, -0.05, 1.52], [-0.36, -0.16, 1.32],
                     [-0.16, -0.28, 1.36]])  # fmt: skip
    radii = np.array([0.105, 0.085, 0.07, 0.05])
    staff = np.array([[0.47, -0.36, 0.0], [0.46, -0.33, 1.2], [0.45, -0.31, 2.35]])
    book = blocks([(-0.24, -0.36, 1.3)], [(-0.02, -0.26, 1.5)])
    return [
        tube(raised, radii, 14), tube(bent, radii, 14), tube(staff, np.full(3, 0.025), 8), book,
    ]  # fmt: skip
