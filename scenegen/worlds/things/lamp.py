"""A street lamp: a cast-iron post with a lantern of four panes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import lathe
from scenegen.worlds.panels import blocks
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts

LIGHT = (0.0, 0.0, 3.62)
"""Where its light comes from: just below the lantern, which would else hide it."""

_POST = [
    (0.21, 0.0), (0.21, 0.1), (0.17, 0.14), (0.17, 0.5), (0.19, 0.55), (0.12, 0.62), (0.085, 0.8),
    (0.075, 1.4), (0.1, 1.45), (0.1, 1.5), (0.065, 1.56), (0.05, 3.1), (0.09, 3.16), (0.09, 3.22),
    (0.05, 3.28), (0.045, 3.5), (0.11, 3.66), (0.13, 3.7), (0.0, 3.7),
]  # fmt: skip


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a lamp 4.5 m high; its panes glow."""
    del rng
    iron = made_of(prop, "metal:black")
    low, high = 3.72, 4.2
    glass = lathe([(0.15, low), (0.235, high)], 4, smooth=1).moved(turn_deg=45)
    cap = lathe([(0.3, high), (0.3, high + 0.03), (0.12, high + 0.2), (0.05, high + 0.22),
                 (0.05, high + 0.27), (0.02, high + 0.36), (0.0, high + 0.37)],
                4, smooth=1)  # fmt: skip
    bars = []
    for k in range(4):
        c, s = np.cos(np.pi / 4 + k * np.pi / 2), np.sin(np.pi / 4 + k * np.pi / 2)
        steps = np.linspace(0, 1, 7)
        for a, b in pairwise(steps):
            r = 0.15 + 0.085 * (a + b) / 2
            bars.append((r * c - 0.014, r * s - 0.014, low + a * (high - low),
                         r * c + 0.014, r * s + 0.014, low + b * (high - low)))  # fmt: skip
    bar = np.array(bars)
    arm = blocks([(-0.42, -0.015, 3.28)], [(0.42, 0.015, 3.31)])
    under = lathe([(0.0, high - 0.001), (0.3, high)], 4, smooth=1).moved(turn_deg=45)
    return {
        iron: [lathe(_POST, 20, smooth=2), cap.moved(turn_deg=45), blocks(bar[:, :3], bar[:, 3:]),
               arm, under],
        "glow": [glass],
    }  # fmt: skip
