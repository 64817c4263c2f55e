"""Arches: walls that they pierce, with their rings of wedge stones and the columns they rest on."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, patch, quad

_RING = 0.3
"""How wide the stones around an arch are, in metres."""


def arch_wall(
    middle: float, bay: float, radius: float, spring: float, top: float, thick: float,
    texture: tuple[float, float],
) -> list[Mesh]:  # fmt: skip
    """Return the wall of one bay above its arch, from y = 0 to ``thick``: front, back, soffit.

    The arch is round, begins at ``spring`` and leaves half of ``bay - 2 * radius`` to each side.
    """
    angle = np.linspace(np.pi, 0, 25)
    x = np.concatenate([[-bay / 2], radius * np.cos(angle), [bay / 2]]) + middle
    z = np.concatenate([[spring], spring + radius * np.sin(angle), [spring]])
    grid = np.linspace(0, 1, len(x))

    def straight(depth: float, back: bool) -> Mesh:
        def surface(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
            t = 1 - a if back else a
            under = np.interp(t, grid, z)
            return np.interp(t, grid, x), np.full_like(a, depth), under + b * (top - under)

        mesh = patch(surface, (len(x) - 1, 1))
        return Mesh(mesh.points, mesh.points[:, [0, 2]] / texture, mesh.faces)

    def soffit(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
        return np.interp(a, grid, x), thick * (1 - b), np.interp(a, grid, z)

    under = patch(soffit, (len(x) - 1, 1), (0, 0.2, bay / texture[0], 0.2 + thick / texture[1]))
    return [straight(0.0, False), straight(thick, True), under]


def ring(middle: float, radius: float, spring: float, thick: float, rng: Generator) -> list[Mesh]:
    """Return the wedge stones around an arch, each standing out by its own few centimetres."""
    count = max(11, round(np.pi * radius / 0.33) | 1)
    stones = []
    for k in range(count):
        start, end = np.pi * (k + 0.03) / count, np.pi * (k + 0.97) / count
        key = 0.1 if k == count // 2 else 0.0
        outer = radius + _RING + key + float(rng.uniform(-0.02, 0.02))
        front = -float(rng.uniform(0.03, 0.055)) - 0.4 * key
        for facing in (1, -1):

            def block(
                a: np.ndarray, b: np.ndarray, s: float = start, e: float = end, o: float = outer,
                f: float = front, facing: int = facing,
            ) -> tuple[np.ndarray, ...]:  # fmt: skip
                r = np.interp(b, [0, 0.2, 0.8, 1], [radius - 0.01, radius - 0.01, o, o])
                y = np.interp(b, [0, 0.2, 0.8, 1], [0.02, f, f, 0.02])
                turn = e + (s - e) * (a if facing > 0 else 1 - a)
                depth = y if facing > 0 else thick - y
                return middle + r * np.cos(turn), depth, spring + r * np.sin(turn)

            u, v = rng.uniform(0, 1, 2)
            stones.append(patch(block, (2, 5), (u, v, u + 0.09, v + 0.1)))
        for angle, out in ((start, 1), (end, -1)):
            c, s = np.cos(angle), np.sin(angle)
            at = [middle + radius * c, front, spring + radius * s]
            cheek = quad(at, [0, 0.02 - front, 0], [_RING * c, 0, _RING * s], (0, 0, 0.02, 0.1))
            if out < 0:
                cheek = Mesh(cheek.points, cheek.uv, cheek.faces[:, ::-1])
            stones.append(cheek)
    return stones


def column(height: float, radius: float, segments: int = 28) -> Mesh:
    """Return a round column with base, swelling shaft and capital, ``height`` metres in all."""
    r, h = radius, height
    profile = [
        (1.42 * r, 0.0), (1.42 * r, 0.09), (1.25 * r, 0.13), (1.3 * r, 0.18), (1.3 * r, 0.22),
        (1.02 * r, 0.27), (1.0 * r, 0.35 * h), (0.86 * r, h - 0.42), (1.0 * r, h - 0.4),
        (1.0 * r, h - 0.36), (0.88 * r, h - 0.33), (0.95 * r, h - 0.24), (1.35 * r, h - 0.1),
        (1.4 * r, h - 0.08), (1.4 * r, h),
    ]  # fmt: skip
    return lathe(profile, segments, (0, 0, 2 * np.pi * r / 4, h / 4), 1)
