"""What a prop is made of, and shapes that several things share."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, box, patch
from scenegen.worlds.spec import Material, Prop
from scenegen.worlds.stock import span_of


def made_of(prop: Prop, usual: str) -> str:
    """Return the stock's name of what a prop is made of: as it states, or else as is usual."""
    kind, _, color = usual.partition(":")
    if prop.material and prop.material != kind:
        kind, color = prop.material, ""
    color = prop.color or color
    return f"{kind}:{color}" if color else kind


def walls_of(prop: Prop, takes: Collection[Material]) -> str:
    """Return the stock's name of a building's walls: of a material that it ``takes``, or limewash.

    Stone and brick keep their own colour.
    """
    kind = prop.material if prop.material and prop.material in takes else "limewash"
    color = prop.color or ("white" if kind == "limewash" else None)
    return kind + (f":{color}" if color and kind in ("limewash", "wood") else "")


def block(low: Sequence[float], high: Sequence[float], rng: Generator, stuff: str) -> Mesh:
    """Return a box whose texture has its true size."""
    return box(low, high, rng, span_of(stuff))


def legs(
    half: tuple[float, float], top: float, thick: float, rng: Generator, stuff: str
) -> list[Mesh]:
    """Return four legs at the corners of a rectangle about the origin."""
    x, y = half[0] - thick, half[1] - thick
    return [
        block(
            [sx * x - thick / 2, sy * y - thick / 2, 0],
            [sx * x + thick / 2, sy * y + thick / 2, top],
            rng,
            stuff,
        )
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]


def cushion(low: Sequence[float], high: Sequence[float], square: float = 0.32) -> Mesh:
    """Return a stuffed block that fills a box: a superellipsoid, rounder for larger ``square``."""
    a, b = np.array(low, float), np.array(high, float)
    middle, half = (a + b) / 2, (b - a) / 2

    def power(value: np.ndarray) -> np.ndarray:
        return np.sign(value) * np.abs(value) ** square

    def surface(s: np.ndarray, t: np.ndarray) -> list[np.ndarray]:
        around, up = 2 * np.pi * s, np.pi * (t - 0.5)
        level = power(np.cos(up))
        return [
            middle[0] + half[0] * level * power(np.cos(around)),
            middle[1] + half[1] * level * power(np.sin(around)),
            middle[2] + half[2] * power(np.sin(up)),
        ]

    return patch(surface, (32, 16))


def ball(centre: Sequence[float], radius: float, segments: int = 14) -> Mesh:
    """Return a sphere."""

    def surface(s: np.ndarray, t: np.ndarray) -> list[np.ndarray]:
        level, up = radius * np.cos(np.pi * (t - 0.5)), np.sin(np.pi * (t - 0.5))
        return [
            centre[0] + level * np.cos(2 * np.pi * s),
            centre[1] + level * np.sin(2 * np.pi * s),
            centre[2] + radius * up,
        ]

    return patch(surface, (segments, segments // 2))
