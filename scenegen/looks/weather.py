"""A look made ready for a place: all that its frames share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from scenegen.looks.flood import Water, water_of
from scenegen.looks.fog import Fog, fog_of
from scenegen.looks.lights import LUMINANCE, Light, lights_of
from scenegen.looks.look import Look
from scenegen.looks.noise import Pattern
from scenegen.looks.particles import Particles, drops_of, flakes_of
from scenegen.looks.place import Place, ground_below, map_of
from scenegen.looks.sights import Surface, sky_light
from scenegen.looks.sun import GOLDEN_DEG, MOON_DEG, light_from, lit_share
from scenegen.looks.voxels import VoxelMap
from scenegen.looks.waves import Waves

_PATTERN_M = 1.6
"""Coarsest wavelength of where snow lies and puddles stand, in metres."""
_WAVES_M, _STEEP = (0.25, 2.4), 0.03
_RIPPLES_M, _RIPPLED = (0.05, 0.3), 0.02
_GOLDEN_MEAN = 0.95
"""Mean brightness of surfaces under the low sun, beside the photos'."""
_UP = 0.8
_ASKED = 40
"""Cameras of a film under which the ground is looked for."""
_RAIN_FOG = 0.12
"""Fog that rain itself makes, as an amount of `Look.fog`."""


@dataclass(frozen=True, eq=False)
class Weather:
    """A look at a place. ``lights`` are its lights with their shares.

    ``open_sky`` is the openness of open ground, ``bright`` the luminance of lit ground and
    ``sky_mean`` that of the photos' sky. What a look has none of is None.
    """

    look: Look
    place: Place
    seed: int
    lights: list[tuple[float, Light]]
    map: VoxelMap
    pattern: Pattern
    open_sky: float
    bright: float
    sky_mean: float
    fog: Fog | None
    flakes: Particles | None
    drops: Particles | None
    water: Water | None
    waves: Waves
    ripples: Waves


def weather_of(look: Look, place: Place, seed: int, eyes: Float[np.ndarray, "eye 3"]) -> Weather:
    """Return ``look`` made ready for frames of cameras at some places."""
    toward, lit = np.array([0.0, 0.0, 1.0]), np.ones((len(place.surfaces.points), 1))
    if look.night or look.golden:
        toward = light_from(place, MOON_DEG if look.night else GOLDEN_DEG)
        lit = lit_share(place, toward)
    surfaces, metre = place.surfaces, place.metre
    map_ = map_of(
        place, surfaces.normals, surfaces.openness[:, None], lit, np.maximum(surfaces.light, 0)
    )
    fog = look.fog + _RAIN_FOG * look.drops
    return Weather(
        look=look,
        place=place,
        seed=seed,
        lights=_exposed(lights_of(look, toward), place, lit[:, 0]),
        map=map_,
        pattern=Pattern(_PATTERN_M * metre, seed),
        open_sky=_of_ground(place, surfaces.openness, 80, 0.2, 1.0),
        bright=_of_ground(place, surfaces.light @ LUMINANCE, 75, 0.03, 0.3),
        sky_mean=_sky_mean(place),
        fog=fog_of(fog, place.size, place.ground) if fog else None,
        flakes=Particles(flakes_of(look.flakes, metre), seed) if look.flakes else None,
        drops=Particles(drops_of(look.drops, metre), seed) if look.drops else None,
        water=_water(look, place, eyes) if look.flood else None,
        waves=Waves(_WAVES_M, _STEEP, metre, seed),
        ripples=Waves(_RIPPLES_M, _RIPPLED * min(look.drops + 0.2, 1.5), metre, seed + 1),
    )


def _water(look: Look, place: Place, eyes: Float[np.ndarray, "eye 3"]) -> Water:
    """Return the flood, over the ground under a film's cameras."""
    some = eyes[np.linspace(0, len(eyes) - 1, min(len(eyes), _ASKED)).round().astype(int)]
    below = ground_below(place.surfaces, some, place.size)
    below -= (some[:, :2] - np.median(eyes[:, :2], axis=0)) @ place.slope
    return water_of(look.flood, (float(np.median(below)), place.slope), eyes, place.metre)


def _of_ground(
    place: Place, values: Float[np.ndarray, "cell"], percent: float, least: float, none: float
) -> float:
    """Return a percentile of what level cells have; ``none`` where there are none."""
    level = place.surfaces.normals[:, 2] > _UP
    return max(float(np.percentile(values[level], percent)), least) if level.any() else none


def _sky_mean(place: Place) -> float:
    """Return the mean luminance of the photos' sky, over the upper half."""
    turn = np.arange(64) * 2.399963
    z = (np.arange(64) + 0.5) / 64
    flat = np.sqrt(1 - z * z)
    around = np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=-1).astype(np.float32)
    return max(float((sky_light(place.field, around) @ LUMINANCE).mean()), 1e-3)


def _exposed(
    lights: list[tuple[float, Light]], place: Place, lit: Float[np.ndarray, "cell"]
) -> list[tuple[float, Light]]:
    """Return the lights as a camera would expose them: the low sun as bright as the photos' day.

    One exposure holds for all frames. The others are dim on purpose.
    """
    surfaces = place.surfaces
    if not len(lit):
        return lights
    ones = np.ones(len(lit), np.float32)
    surface = Surface(
        surfaces.points, surfaces.normals.astype(np.float32), surfaces.openness.astype(np.float32),
        lit.astype(np.float32), surfaces.light, ones,
    )  # fmt: skip
    made = []
    for share, light in lights:
        if light.warm:
            gain = light.gain(surface) @ LUMINANCE
            scale = _GOLDEN_MEAN / float(np.average(gain, weights=surfaces.weight))
            scale = float(np.clip(scale, 0.6, 2.2))
            light = replace(light, direct=light.direct * scale, ambient=light.ambient * scale)
        made.append((share, light))
    return made
