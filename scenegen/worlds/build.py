"""From a spec to its world: the setting's place, with the spec's light and air."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np

from scenegen.worlds.light import air_of, light_of
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Weather, WorldSpec
from scenegen.worlds.stock import material
from scenegen.worlds.unbuilt import unbuilt
from scenegen.worlds.world import Falls, Stand, World, merged

_FALLS: dict[Weather, Falls] = {"rain": "rain", "storm": "rain", "snow": "snow"}
"""What falls from the sky in a weather."""

_HEART = 0.45
"""At which share of its height a thing is looked at."""


def build(spec: WorldSpec) -> World:
    """Return the world of a spec: the same spec gives the same world, to the last bit."""
    seeds = Seeds(spec.seed)
    site = Site(spec, seeds)
    setting = import_module(f"scenegen.worlds.settings.{spec.setting.replace(' ', '_')}")
    setting.build(site)
    assert site.stand is not None, f"{spec.setting} says where to stand"
    site.had.buried = site.snow_lies and setting.SCOPE.snow
    ignored = (*unbuilt(spec, setting.SCOPE, site.had), *site.ignored)
    meshes = merged(site.parts)
    own = site.materials
    materials = {name: own[name] if name in own else material(name, seeds) for name in meshes}
    light = replace(light_of(site.spec, seeds("sky")), lamps=tuple(site.lamps))
    air = site.air or air_of(spec)
    falls = _FALLS.get(spec.weather or "clear") if setting.SCOPE.sky else None
    night = site.spec.time == "night"
    return World(spec, meshes, materials, light, air, aimed(site), ignored, falls, night)


def aimed(site: Site) -> Stand:
    """Return where to stand, turned to the spec's subject: the one of its kind that is nearest."""
    stand = site.stand
    assert stand is not None
    hearts = [
        np.array([one.at[0], one.at[1], one.at[2] + _HEART * one.high])
        for one in site.had.stood if one.prop.kind == site.spec.subject
    ]  # fmt: skip
    if not hearts:
        return stand
    middle = (stand.eye + stand.subject) / 2
    return replace(stand, subject=min(hearts, key=lambda at: float(np.linalg.norm(at - middle))))
