"""From a spec to its world: the setting's place, with the spec's light and air."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

from scenegen.errors import WorldError
from scenegen.worlds.light import air_of, light_of
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import SETTINGS, WorldSpec
from scenegen.worlds.stock import material
from scenegen.worlds.world import World, merged


def built_settings() -> tuple[str, ...]:
    """Return the settings that there are builders for."""
    return tuple(
        setting
        for setting in SETTINGS
        if find_spec(f"scenegen.worlds.settings.{setting.replace(' ', '_')}") is not None
    )


def build(spec: WorldSpec) -> World:
    """Return the world of a spec: the same spec gives the same world, to the last bit.

    Raises:
        WorldError: nobody has made a builder for its setting yet.
    """
    seeds = Seeds(spec.seed)
    site = Site(spec, seeds)
    name = spec.setting.replace(" ", "_")
    if find_spec(f"scenegen.worlds.settings.{name}") is None:
        raise WorldError(
            f"setting: {spec.setting!r} cannot be built yet, expected one of "
            f"{', '.join(built_settings())}; choose one of these"
        )
    import_module(f"scenegen.worlds.settings.{name}").build(site)
    assert site.stand is not None, f"{name} says where to stand"
    meshes = merged(site.parts)
    own = site.materials
    materials = {name: own[name] if name in own else material(name, seeds) for name in meshes}
    light = replace(light_of(site.spec, seeds("sky")), lamps=tuple(site.lamps))
    air = site.air or air_of(spec)
    return World(spec, meshes, materials, light, air, site.stand, tuple(site.ignored))
