"""Worlds whose pictures are tiny and whose mountains no rain wore down: the same things in them.

What decides where things stand and how many there are is not touched, and pictures follow from
the same makers, coarser. The last worlds are kept, and shared among the tests of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from scenegen.worlds import build as building
from scenegen.worlds import facings, ground, light, terrain, textures
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Setting, WorldSpec
from scenegen.worlds.textures import Texture
from scenegen.worlds.world import World

_COARSER = 8.0


@contextmanager
def lean() -> Iterator[None]:
    """Make pictures tiny while this lasts."""

    def coarse(make: Callable[..., Texture]) -> Callable[..., Texture]:
        return lambda size_m, px, *words, **more: make(size_m, px / _COARSER, *words, **more)

    def worn(heights: np.ndarray, cell_m: float, rounds: int) -> tuple[np.ndarray, np.ndarray]:
        del cell_m, rounds
        return heights, np.zeros_like(heights)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ground, "_TILE_PX", 32)
        patch.setattr(ground, "_PICTURE_PX", (48, 32, 32, 32))
        patch.setattr(terrain, "eroded", worn)
        for name in ("masonry", "plaster", "limewash", "wood", "clay", "birch_bark", "roof_tiles",
                     "woven"):  # fmt: skip
            patch.setattr(textures, name, coarse(getattr(textures, name)))
        patch.setattr(light, "_ROWS", 64)
        patch.setattr(light, "_NIGHT_ROWS", 64)
        patch.setattr(light, "_COARSE_ROWS", 16)
        grey = np.zeros((2, 2))
        for name in ("render", "coursed", "asphalt", "slabs", "setts", "sign"):
            patch.setattr(facings, name, lambda *w, **_: textures.finish(_tone(w), grey))
        yield


def _tone(words: tuple[Any, ...]) -> np.ndarray:
    """Return a colour that follows from what a picture was asked for."""
    told = [word for word in words if not isinstance(word, np.random.Generator)]
    digest = sha256(repr(told).encode()).digest()
    return np.zeros((2, 2, 3)) + np.array([*digest[:3]])


def world(setting: Setting, **words: Any) -> World:
    """Return the world of some words, built once."""
    return _built(WorldSpec.model_validate({"setting": setting, **words}).model_dump_json())[0]


def site(setting: Setting, **words: Any) -> Site:
    """Return the place of some words as its setting left it, built once."""
    return _built(WorldSpec.model_validate({"setting": setting, **words}).model_dump_json())[1]


@lru_cache(maxsize=14)
def _built(text: str) -> tuple[World, Site]:
    return anew(WorldSpec.model_validate_json(text))


def anew(spec: WorldSpec) -> tuple[World, Site]:
    """Build a spec, whether or not it was built before."""
    sites: list[Site] = []

    def kept(*words: Any, **more: Any) -> Site:
        sites.append(Site(*words, **more))
        return sites[-1]

    with lean(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "Site", kept)
        return building.build(spec), sites[0]


def digest(made: World) -> str:
    """Return a hash of geometry, pictures, light and air."""
    total = sha256()

    def take(*arrays: Any) -> None:
        for array in arrays:
            total.update(np.ascontiguousarray(array).tobytes())

    for name, mesh in sorted(made.meshes.items()):
        total.update(name.encode())
        take(mesh.points, mesh.uv, mesh.faces)
        texture = made.materials[name].texture
        take(texture.color, texture.relief_m)
        total.update(repr((made.materials[name].finish, made.materials[name].glow)).encode())
    light_ = made.light
    take(light_.sky, np.zeros(0) if light_.to_sun is None else light_.to_sun)
    total.update(repr((light_.sun_irradiance, light_.lamps, made.air, made.falls)).encode())
    return total.hexdigest()


def points_of(made: World) -> np.ndarray:
    """Return all vertices."""
    return np.concatenate([mesh.points for mesh in made.meshes.values()])
