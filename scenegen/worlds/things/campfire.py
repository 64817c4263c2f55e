"""A campfire: a ring of stones, burning logs, flames and embers."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, patch, tube
from scenegen.worlds.rocks import stones
from scenegen.worlds.spec import Prop
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a fire 1.5 metres wide, with two logs to sit on."""
    del prop
    t = np.linspace(0, 2 * np.pi, 15)[:-1]
    ring = np.stack([0.62 * np.cos(t), 0.62 * np.sin(t), 0 * t], -1)
    logs = []
    for angle in np.linspace(0, 2 * np.pi, 7)[:-1] + rng.uniform(0, 0.5, 6):
        foot = np.array([0.42 * np.cos(angle), 0.42 * np.sin(angle), 0.03])
        tip = np.array([-0.08 * np.cos(angle), -0.08 * np.sin(angle), 0.55])
        logs.append(tube(np.linspace(foot, tip, 3), np.array([0.06, 0.055, 0.04]), 8))
    for x, y, turn in ((-1.9, 0.5, 70.0), (1.6, 1.2, -60.0)):
        seat = tube(np.array([[-0.8, 0, 0.2], [0, 0, 0.21], [0.8, 0, 0.2]]), np.full(3, 0.21), 14)
        ends = [_disc(0.21, -0.8, -1.0), _disc(0.21, 0.8, 1.0)]
        logs += [m.moved(x, y, 0, turn) for m in (seat, *ends)]
    ash = Mesh(
        np.concatenate([[[0, 0, 0.05]], ring * 0.95 + [0, 0, 0.02]]), np.zeros((15, 2)),
        np.array([[0, k + 1, (k + 1) % 14 + 1] for k in range(14)]),
    )  # fmt: skip
    return {
        "rock": [stones(ring, (0.22, 0.34), rng, 2)], "bark": logs, "cloth:black": [ash],
        "flame": [_flame(rng, k) for k in range(7)],
    }  # fmt: skip


def _flame(rng: Generator, k: int) -> Mesh:
    """Return a tongue of fire: a drop that narrows upwards and bends."""
    height = float(rng.uniform(0.35, 0.55)) if k else 0.8
    x, y = rng.normal(0, 0.12, 2) if k else np.zeros(2)
    bend, phase = rng.normal(0, 0.08, 2), float(rng.uniform(0, 6))

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        wide = (
            0.2
            * height
            * np.sin(np.pi * np.clip(b, 0.04, 1) ** 0.6)
            * (1 + 0.2 * np.sin(3 * 2 * np.pi * a + phase))
        )
        sway = b**2
        return [
            x + bend[0] * sway + wide * np.cos(2 * np.pi * a),
            y + bend[1] * sway + wide * np.sin(2 * np.pi * a),
            0.08 + height * b,
        ]

    return patch(surface, (10, 8))


def _disc(radius: float, x: float, way: float) -> Mesh:
    t = np.linspace(0, 2 * np.pi, 15)[:-1]
    rim = np.stack([np.full(14, x), radius * np.cos(t), 0.2 + radius * np.sin(t)], -1)
    faces = np.array([[0, k, k + 1] if way > 0 else [0, k + 1, k] for k in range(1, 13)])
    return Mesh(rim, 0.3 * rim[:, 1:], faces)
