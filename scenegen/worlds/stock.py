"""Materials by name, alike in all settings: ``stone``, ``plaster:white``, ``wood:red``, ``leaf``.

A part whose material a setting does not make itself gets the one in stock of that name. After a
colon stands a colour of `scenegen.worlds.spec.Color`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from scenegen.worlds import ground, water
from scenegen.worlds import textures as t
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.spec import Color
from scenegen.worlds.textures import Texture
from scenegen.worlds.world import Finish, Material

PAINT: dict[Color, t.Color] = {
    "white": (232, 228, 218),
    "grey": (138, 138, 136),
    "black": (38, 37, 38),
    "red": (168, 46, 38),
    "orange": (206, 112, 42),
    "yellow": (222, 184, 70),
    "green": (64, 110, 62),
    "blue": (52, 88, 150),
    "purple": (104, 66, 132),
    "pink": (214, 138, 150),
    "brown": (112, 76, 50),
    "golden": (202, 160, 62),
}
"""sRGB of the spec's colours, as paint in daylight."""

Maker = Callable[[t.Color | None, Generator], Texture]


def _flat(color: t.Color, rng: Generator) -> Texture:
    speckle = 1 + 0.05 * rng.standard_normal((64, 64, 1))
    return t.finish(np.array(color) * speckle, np.zeros((64, 64)))


def shades(color: t.Color) -> tuple[t.Color, ...]:
    """Return a colour of stones or bricks in the few tones that they have."""
    return tuple(
        (int(color[0] * s), int(color[1] * s), int(color[2] * s)) for s in (0.86, 0.95, 1.0, 1.06)
    )


_STOCK: dict[str, tuple[Finish, Maker]] = {
    "stone": ("matt", lambda c, r: t.masonry((4, 4), 110, r, shades(c) if c else t.FLAGSTONE)),
    "limestone": ("matt", lambda c, r: t.masonry((4, 4), 110, r, shades(c) if c else t.LIMESTONE)),
    "brick": ("matt", lambda c, r: t.masonry(
        (3, 3), 150, r, shades(c) if c else t.BRICK, 0.075, 0.23)),
    "rock": ("matt", lambda c, r: ground.rock(c or (140, 136, 130), r)),
    "marble": ("glazed", lambda c, r: t.masonry(
        (4, 4), 100, r, shades(c or (222, 218, 210)), 1.2, 2.2)),
    "plaster": ("matt", lambda c, r: t.plaster((5, 5), 100, r, c or (226, 212, 186))),
    "limewash": ("matt", lambda c, r: t.limewash((5, 5), 100, r, c or (230, 220, 196))),
    "wood": ("matt", lambda c, r: t.wood((3, 3), 130, r, c or (140, 100, 64))),
    "bark": ("matt", lambda c, r: t.wood((2, 2), 120, r, c or (104, 84, 66), 0.5)),
    "roof": ("matt", lambda c, r: t.roof_tiles(
        (6, 6), 70, r, shades(c) if c else t.TERRACOTTA)),
    "cloth": ("matt", lambda c, r: _flat(c or (150, 40, 44), r)),
    "rug": ("matt", lambda _c, r: t.woven((2.2, 2.2), 200, r)),
    "painting": ("matt", lambda c, r: t.painting(c or (226, 214, 186), r)),
    "clay": ("matt", lambda _c, r: t.clay((4, 4), 100, r)),
    "metal": ("metal", lambda c, r: _flat(c or (70, 70, 72), r)),
    "glass": ("glazed", lambda c, r: _flat(c or (52, 68, 80), r)),
    "birch": ("matt", lambda _c, r: t.birch_bark((2, 2), 120, r)),
    "snow": ("matt", lambda c, r: ground.snow(c or (238, 241, 247), r)),
    "pane": ("glazed", lambda c, r: _flat(c or (40, 50, 60), r)),
    "lit": ("glow", lambda c, r: _flat(c or (255, 196, 118), r)),
    "flame": ("glow", lambda c, r: _flat(c or (255, 150, 50), r)),
    "water": ("water", lambda _c, r: water.still(r).texture),
    "leaf": ("leaf", lambda _c, r: t.leaves(40, t.LEAF_COLUMNS, r)),
    "glow": ("glow", lambda c, r: _flat(c or (255, 206, 140), r)),
}  # fmt: skip


_SPAN_M = {
    "stone": 4.0, "limestone": 4.0, "brick": 3.0, "marble": 4.0, "plaster": 5.0, "limewash": 5.0,
    "wood": 3.0, "roof": 6.0,
}  # fmt: skip
"""How many metres the texture of a material above spans, where that is seen."""

_GLOW = {"glow": 12.0, "flame": 5.0, "lit": 0.8}
"""Radiance of what shines, in means of the midday sky."""


def span_of(name: str) -> float:
    """Return how many metres the texture of a material in stock spans, by its name."""
    return _SPAN_M.get(name.partition(":")[0], 2.0)


def material(name: str, seeds: Seeds) -> Material:
    """Return the material in stock of a name; it follows from the name and the seeds alone."""
    kind, _, color = name.partition(":")
    finish, make = _STOCK[kind]
    paint = PAINT[color] if color else None  # pyright: ignore[reportArgumentType]
    return Material(make(paint, seeds(f"stock {name}")), finish, _GLOW.get(kind, 0.0))
