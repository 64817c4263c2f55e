"""A lighthouse: a tapering tower with bands, a gallery and a lantern."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, quad, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.things import door
from scenegen.worlds.world import Parts, add, placed


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a lighthouse 23 m high; a stated colour is its bands'."""
    base = prop.material or "plaster:white"
    band = f"plaster:{prop.color or 'red'}"
    parts: Parts = {base: [lathe([(3.4, -1.5), (3.3, 0.8), (2.9, 0.9)], 40, (0, 0, 4, 0.5))]}
    for k in range(5):
        z0, z1 = 0.9 + 3.6 * k, 0.9 + 3.6 * (k + 1)
        ring = lathe([(_radius(z0), z0), (_radius(z1), z1)], 40, (0, 0, 3.4, 0.72))
        parts.setdefault(base if k % 2 == 0 else band, []).append(ring)
    top = 18.9
    floor = lathe(
        [(1.7, top - 0.5), (2.5, top), (2.5, top + 0.16), (0.0, top + 0.17)], 36, (0, 0, 3, 0.5)
    )
    dome = lathe(
        [
            (1.55, top + 2.7),
            (1.4, top + 3.1),
            (0.8, top + 3.7),
            (0.15, top + 3.9),
            (0.05, top + 4.6),
            (0, top + 4.7),
        ],
        32,
    )
    glass = lathe([(1.2, top + 0.9), (1.2, top + 2.7)], 16)
    wall = lathe([(1.3, top + 0.1), (1.3, top + 0.95), (1.15, top + 0.97)], 32)
    add(parts, {base: [floor, wall], band: [dome], "glow": [glass], "metal:black": _rails(top)})
    panes = [
        quad([-0.3, -_radius(z) - 0.02, z], [0.6, 0, 0], [0, 0.06, 0.95], (0, 0, 1, 1)).moved(
            turn_deg=turn
        )
        for z, turn in ((5.0, 20.0), (9.5, -25.0), (13.8, 15.0))
    ]
    add(parts, {"glass": panes})
    add(parts, placed(door.make(Prop(kind="door"), rng), (0, -2.93, 0.85), 0.0, 1.1))
    return parts


def _radius(z: float) -> float:
    return 2.9 - 1.1 * ((z - 0.9) / 18.0) ** 0.8 if z > 0.9 else 2.9


def _rails(top: float) -> list[Mesh]:
    turn = np.linspace(0, 2 * np.pi, 33)
    made = [
        tube(
            np.stack([2.4 * np.cos(turn), 2.4 * np.sin(turn), np.full(33, top + z)], -1),
            np.full(33, 0.03),
            6,
        )
        for z in (0.6, 1.15)
    ]
    posts = [
        tube(
            np.array([[2.4 * np.cos(a), 2.4 * np.sin(a), top + z] for z in (0.1, 0.6, 1.17)]),
            np.full(3, 0.03),
            6,
        )
        for a in turn[::2]
    ]
    bars = [
        tube(
            np.array([[1.23 * np.cos(a), 1.23 * np.sin(a), top + z] for z in (0.9, 1.8, 2.75)]),
            np.full(3, 0.035),
            6,
        )
        for a in turn[::4]
    ]
    return [*made, *posts, *bars]
