"""A fountain: an eight-sided basin on steps, two bowls on a turned stem, water that falls."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.water import SPAN_M
from scenegen.worlds.world import Parts

_STEM = [
    (0.55, 0.2), (0.55, 0.55), (0.4, 0.62), (0.33, 0.7), (0.27, 0.9), (0.32, 1.12), (0.2, 1.25),
    (0.17, 1.45), (0.2, 1.56), (0.34, 1.6), (0.75, 1.72), (1.05, 1.9), (1.09, 1.97), (1.02, 1.97),
    (0.6, 1.86), (0.16, 1.82), (0.12, 2.02), (0.16, 2.2), (0.1, 2.32), (0.13, 2.46), (0.32, 2.54),
    (0.55, 2.68), (0.56, 2.73), (0.5, 2.73), (0.12, 2.64), (0.1, 2.78), (0.16, 2.92), (0.11, 3.06),
    (0.03, 3.22), (0.0, 3.24),
]  # fmt: skip


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a fountain 5.6 m wide and 3.2 m high; it plays in ``water``."""
    stone = made_of(prop, "limestone")
    rim = [
        _eight([(2.8, 0), (2.8, 0.16), (2.45, 0.16), (2.45, 0.32), (2.1, 0.32)], rng),
        _eight([(2.1, 0.32), (2.18, 0.36), (2.18, 0.44), (2.06, 0.5), (2.06, 0.88), (2.2, 0.94),
                (2.24, 1.04), (2.18, 1.06), (1.82, 1.06), (1.82, 0.3)], rng),
    ]  # fmt: skip
    stem = lathe(_STEM, 40, (0, 0, 1.0, 1.0), 2)
    water = [_disc(1.84, 0.88, 8), _disc(1.03, 1.935, 32), _disc(0.51, 2.71, 32)]
    drops = [_jet(1.03, 1.93, 0.9, 1.3, k, rng) for k in range(8)]
    drops += [_jet(0.5, 2.7, 1.94, 0.8, k + 0.5, rng) for k in range(6)]
    return {stone: [*rim, stem], "water": water, "glass:white": drops}


def _eight(profile: list[tuple[float, float]], rng: Generator) -> Mesh:
    """Return an eight-sided ring with sharp edges: every side has its own vertices."""
    around = np.arange(9) * np.pi / 4 + np.pi / 8
    points, uv, faces = [], [], []
    for k in range(8):
        run = float(rng.uniform(0, 4))
        for (r0, z0), (r1, z1) in pairwise(profile):
            first = len(points)
            for r, z, a in ((r0, z0, 0), (r0, z0, 1), (r1, z1, 1), (r1, z1, 0)):
                points.append((r * np.cos(around[k + a]), r * np.sin(around[k + a]), z))
                along = r * (a - 0.5) * 0.77
                uv.append(((run + along) / 4, (z + r) / 4))
            faces += [(first, first + 1, first + 2), (first, first + 2, first + 3)]
    return Mesh(np.array(points), np.array(uv), np.array(faces))


def _disc(radius: float, z: float, sides: int) -> Mesh:
    turn = 22.5 if sides == 8 else 0.0
    mesh = lathe([(radius, z), (0.02, z)], sides, smooth=1).moved(turn_deg=turn)
    return Mesh(mesh.points, mesh.points[:, :2] / SPAN_M, mesh.faces)


def _jet(radius: float, top: float, foot: float, fall: float, k: float, rng: Generator) -> Mesh:
    """Return a thin thread of water over a rim."""
    angle = 2 * np.pi * k / (8 if radius > 0.9 else 6)
    t = np.linspace(0, 1, 8)
    out = radius + 0.22 * fall * t**0.6
    wave = 0.012 * rng.normal(0, 1, 8)
    line = np.stack([out * np.cos(angle) + wave, out * np.sin(angle) - wave,
                     top + (foot - top) * t**1.6], -1)  # fmt: skip
    return tube(line, np.linspace(0.022, 0.03, 8), 6)
