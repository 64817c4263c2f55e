"""A fireplace with a mantel and a burning fire; its back stands against a wall."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, patch, quad, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a fireplace 1.9 m wide and 0.55 m deep whose chimney rises to 3.1 m."""
    stuff = made_of(prop, "stone")
    stone = [
        block([s * 0.72 - 0.22, -0.27, 0], [s * 0.72 + 0.22, 0.28, 1.05], rng, stuff)
        for s in (-1, 1)
    ]
    stone.append(block([-0.94, -0.27, 0.95], [0.94, 0.28, 1.28], rng, stuff))
    stone.append(block([-0.72, -0.1, 1.28], [0.72, 0.28, 3.1], rng, stuff))
    stone.append(block([-1.0, -0.72, 0], [1.0, -0.2, 0.05], rng, stuff))
    soot = [
        quad([-0.5, 0.22, 0], [1.0, 0, 0], [0, 0, 0.95], (0, 0, 0.3, 0.3)),
        quad([-0.5, -0.27, 0.03], [1.0, 0, 0], [0, 0.5, 0], (0, 0, 0.3, 0.3)),
    ]
    mantel = [block([-1.05, -0.4, 1.28], [1.05, 0.1, 1.36], rng, "wood")]
    logs = []
    for k in range(4):
        way = float(rng.uniform(-0.12, 0.12))
        y, z = -0.12 + 0.13 * (k % 3), 0.1 + 0.1 * (k // 3)
        line = np.array([[-0.32, y - way, z], [0.0, y, z + 0.01], [0.32, y + way, z]])
        logs.append(tube(line, np.array([0.05, 0.055, 0.05]), 9))
    return {
        stuff: stone,
        "cloth:black": soot,
        "wood:brown": mantel,
        "bark": logs,
        "glow:orange": flames(rng, [0.0, 0.0, 0.16], 0.22, 0.42, 7),
    }


def flames(
    rng: Generator, foot: list[float], spread: float, height: float, count: int
) -> list[Mesh]:
    """Return tongues of fire about a foot."""
    tongues = []
    for _ in range(count):
        x, y = foot[0] + rng.uniform(-spread, spread), foot[1] + rng.uniform(-0.4, 0.4) * spread
        tall, wide, lean = height * rng.uniform(0.5, 1), 0.16 * height, rng.normal(0, 0.12, 2)

        def tongue(
            a: np.ndarray,
            b: np.ndarray,
            x: float = x,
            y: float = y,
            tall: float = tall,
            wide: float = wide,
            lean: np.ndarray = lean,
        ) -> list[np.ndarray]:
            fat = wide * np.sin(np.pi * np.clip(0.18 + 0.82 * b, 0, 1)) ** 1.2
            turn = 2 * np.pi * a
            sway = 0.25 * tall * b**1.5
            return [
                x + fat * np.cos(turn) + lean[0] * sway,
                y + fat * np.sin(turn) + lean[1] * sway,
                foot[2] + tall * b,
            ]

        tongues.append(patch(tongue, (7, 6)))
    return tongues
