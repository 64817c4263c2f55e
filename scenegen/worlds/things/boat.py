"""A rowing boat with ribs, thwarts and oars; its bow is towards -Y."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, patch, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import block, made_of
from scenegen.worlds.world import Parts

_LONG = 4.4


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a boat 4.4 m long and 1.5 m wide; a stated colour is its hull's outside."""
    stuff = made_of(prop, "wood:blue")
    inner = "wood:brown"
    hull = _shell(0.0, False)
    inside = _shell(0.035, True)
    rim = []
    s = np.linspace(0.02, 0.995, 30)
    for side in (-1, 1):
        line = np.stack([side * (_half(s) + 0.01), _LONG * (s - 0.5), _rim(s)], -1)
        rim.append(tube(line, np.full(30, 0.03), 6, (0, 0, 0.1, 1.4)))
    thwarts = []
    for at in (0.3, 0.55, 0.8):
        half = float(_half(np.array(at))) * 0.93
        y = _LONG * (at - 0.5)
        thwarts.append(block([-half, y - 0.12, 0.36], [half, y + 0.12, 0.395], rng, inner))
    stern = float(_half(np.array(1.0)))
    thwarts.append(
        block([-stern, _LONG / 2 - 0.04, 0.1], [stern, _LONG / 2 + 0.02, 0.62], rng, inner)
    )
    oars = []
    for side in (-1, 1):
        line = np.array(
            [[side * 0.28, -1.2, 0.43], [side * 0.34, 0.2, 0.44], [side * 0.4, 1.5, 0.5]]
        )
        oars += [
            tube(line, np.full(3, 0.024), 7),
            block([side * 0.4 - 0.07, 1.45, 0.49], [side * 0.4 + 0.07, 2.0, 0.515], rng, inner),
        ]
    return {stuff: [hull], inner: [inside, *rim, *thwarts, *oars]}


def _half(s: np.ndarray) -> np.ndarray:
    """Return half the width at the rim, from the bow (0) to the stern (1)."""
    return (
        0.76
        * np.sin(np.pi * np.clip(0.5 * (s / 0.62), 0, 0.5)) ** 0.75
        * (1 - 0.32 * np.clip((s - 0.6) / 0.4, 0, 1) ** 2)
    )


def _rim(s: np.ndarray) -> np.ndarray:
    return 0.58 + 0.28 * (1 - s) ** 2.2 + 0.06 * s**3


def _shell(thick: float, inward: bool) -> Mesh:
    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        s = a if inward else 1 - a
        turn = (2 * b - 1) * np.pi / 2
        half, top = np.maximum(_half(s) - thick, 0.003), _rim(s)
        keel = 0.03 + 0.3 * np.clip(1 - s / 0.2, 0, 1) ** 2 + thick
        level = np.sign(turn) * np.abs(np.sin(turn)) ** 0.75
        z = keel + (top - keel) * (1 - np.cos(turn) ** 0.8)
        lap = 0.012 * (np.mod(np.abs(2 * b - 1) * 7, 1.0) - 0.5)
        return [half * level * (1 + lap), _LONG * (s - 0.5), z]

    return patch(surface, (40, 56), (0, 0, 1.5, 0.9))
