"""The textures of the courtyard by the names that the meshes use."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng

from courtyard import textures as own
from courtyard.building import COLUMN_CELLS, DEPTH, HALF_X, HALF_Y
from scenegen.worlds import textures as t
from scenegen.worlds.noise import fractal
from scenegen.worlds.textures import Texture
from scenegen.worlds.world import Finish, Material

Maker = Callable[[float, Generator], Texture]


def _flat(color: t.Color) -> Maker:
    def make(_scale: float, rng: Generator) -> Texture:
        grain = 1 + 0.06 * rng.standard_normal((64, 64, 1))
        return Texture(
            np.clip(np.array(color) * grain, 0, 255).astype(np.uint8),
            np.zeros((64, 64), np.float32),
        )

    return make


def _hills(scale: float, rng: Generator) -> Texture:
    shape = (max(16, int(128 * scale)), max(64, int(512 * scale)))
    noise = fractal(shape, shape[0], rng, 2.0, 0.4)[..., None]
    rise = np.linspace(1, 0, shape[0])[:, None, None]
    color = np.array([128, 146, 150]) * (1 - 0.5 * rise) + np.array([70, 92, 48]) * 0.5 * rise
    return Texture(
        np.clip(color * (1 + 0.12 * noise), 0, 255).astype(np.uint8), np.zeros(shape, np.float32)
    )


def _water(scale: float, rng: Generator) -> Texture:
    shape = (max(64, int(512 * scale)), max(64, int(512 * scale)))
    mottle = fractal(shape, shape[0] / 3, rng, 2.0, 0.5)[..., None]
    color = np.array([44, 92, 84]) * (1 + 0.22 * mottle)
    return Texture(np.clip(color, 0, 255).astype(np.uint8), np.zeros(shape, np.float32))


def _leaves(scale: float, rng: Generator) -> Texture:
    return t.leaves(max(12, int(48 * scale)), 16, rng)


def _walls() -> dict[str, Maker]:
    """Stone, plaster and paving."""
    return {
        "paving": lambda s, r: own.paving((2 * HALF_X, 2 * HALF_Y), 190 * s, r),
        "stone_north": lambda s, r: t.masonry((2 * HALF_X, 7.0), 150 * s, r),
        "stone_west": lambda s, r: t.masonry((2 * HALF_Y, 7.0), 150 * s, r),
        "stone_east": lambda s, r: t.masonry((2 * HALF_Y, 7.0), 150 * s, r),
        "stone_south": lambda s, r: t.masonry(
            (2 * HALF_X, 3.7), 170 * s, r, t.LIMESTONE, 0.3, 0.48
        ),
        "stone_tower": lambda s, r: t.masonry((13.6, 15.0), 50 * s, r, t.LIMESTONE, 0.5, 0.9),
        "trim": lambda s, r: t.masonry((3.0, 3.0), 260 * s, r, t.LIMESTONE, 0.9, 1.4),
        "trim_far": _flat((206, 184, 148)),
        "column": lambda s, r: t.masonry(
            (1.2 * COLUMN_CELLS, 2.3), 170 * s, r, t.LIMESTONE, 0.7, 1.1
        ),
        "fountain": lambda s, r: t.masonry((4.0, 2.0), 240 * s, r, t.FLAGSTONE[:4], 0.5, 0.8),
        "gallery_floor": lambda s, r: t.masonry((8.0, 8.0), 120 * s, r, t.TERRACOTTA, 0.3, 0.3),
        "plaster_north": lambda s, r: t.plaster(
            (2 * (HALF_X + DEPTH), 5.4), 120 * s, r, (232, 172, 132)
        ),
        "plaster_west": lambda s, r: t.plaster(
            (2 * (HALF_Y + DEPTH), 5.4), 120 * s, r, (240, 210, 150)
        ),
        "plaster_east": lambda s, r: t.plaster(
            (2 * (HALF_Y + DEPTH), 5.4), 120 * s, r, (176, 200, 202)
        ),
        "paint_north": lambda s, r: t.plaster((2 * HALF_X, 2.9), 170 * s, r, (230, 174, 98)),
    }


def _things() -> dict[str, Maker]:
    """Wood, clay, cloth and all else that is matt."""
    made: dict[str, Maker] = {
        "wood": lambda s, r: t.wood((3.0, 3.0), 300 * s, r),
        "bark": lambda s, r: t.wood((2.0, 2.0), 200 * s, r, (112, 90, 70), 0.5),
        "shutter": lambda s, r: t.wood((1.5, 1.5), 220 * s, r, (52, 112, 110), 0.075),
        "gate": lambda s, r: t.wood((2.3, 3.15), 220 * s, r, (96, 62, 42), 0.19),
        "door_a": lambda s, r: t.wood((1.2, 2.3), 220 * s, r, (46, 92, 112), 0.2),
        "door_b": lambda s, r: t.wood((1.4, 2.5), 220 * s, r, (88, 106, 66), 0.17),
        "clay": lambda s, r: t.clay((4.0, 4.0), 200 * s, r),
        "roof": lambda s, r: t.roof_tiles((6.0, 6.0), 130 * s, r),
        "cloth": lambda s, r: t.woven((2.2, 2.2), 260 * s, r),
        "iron": _flat((46, 44, 42)),
        "lamp": _flat((240, 214, 150)),
        "orange": _flat((230, 128, 30)),
        "hills": _hills,
    }
    for k in range(6):
        made[f"poster_{k}"] = lambda s, r, k=k: own.poster(k, max(60, int(360 * s)), r)
    return made


def _recipes() -> dict[str, tuple[Finish, Maker]]:
    """How to make every texture, given the scale of its resolution and its own generator."""
    recipes: dict[str, tuple[Finish, Maker]] = {
        name: ("matt", make) for name, make in (_walls() | _things()).items()
    }
    counts = {"a": (10, 12), "b": (10, 12), "c": (10, 8), "d": (10, 8), "e": (12, 8), "f": (10, 10)}
    for letter, count in counts.items():
        recipes[f"tiles_{letter}"] = (
            "glazed", lambda s, r, c=count: own.glazed_tiles(c, max(12, int(44 * s)), r),
        )  # fmt: skip
    recipes["glass"] = ("glazed", _flat((58, 74, 84)))
    recipes["water"] = ("water", _water)
    recipes["leaf"] = ("leaf", _leaves)
    return recipes


def make_materials(seed: int, scale: float) -> dict[str, Material]:
    """Draw every texture; each has its own generator, so that adding one changes no other."""
    made = {}
    for name, (finish, make) in _recipes().items():
        key = SeedSequence([seed, *name.encode()])
        made[name] = Material(make(scale, default_rng(key)), finish)
    return made
