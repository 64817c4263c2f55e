"""Sun, sky, moon and clouds by the time of day, the season and the weather.

The clear sky is Mitsuba's `sunsky` (Hosek and Wilkie, "An Analytic Model for Full Spectral
Sky-Dome Radiance", 2012); below the sun's setting it is darkened and turned blue, since that model
ends at the horizon. Radiance is in units in which the midday sky is about 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32
from numpy.random import Generator

from scenegen.worlds.noise import fractal, smoothstep
from scenegen.worlds.spec import Season, Time, Weather, WorldSpec
from scenegen.worlds.world import Air, Light

_ROWS, _NIGHT_ROWS = 512, 1536
"""Rows of a sky's picture; columns are twice as many. A night's stars need more."""

_COARSE_ROWS = 64
"""Rows of the model's sky, which is smooth and slow to ask for; it is then enlarged."""

_UNIT = 0.11
"""Radiance of the model's clear midday sky, which is called 1 here."""

SUN_ELEVATION_DEG: dict[Time, float] = {
    "dawn": 4.0,
    "morning": 22.0,
    "noon": 62.0,
    "afternoon": 38.0,
    "sunset": 5.0,
    "dusk": -4.0,
    "night": -30.0,
}
_AZIMUTH_DEG: dict[Time, float] = {
    "dawn": 8.0,
    "morning": -25.0,
    "noon": -80.0,
    "afternoon": -140.0,
    "sunset": -172.0,
    "dusk": -178.0,
    "night": -120.0,
}
"""East is 0, north is 90: the sun rises there, stands in the south, and sets in the west."""

_LOWER: dict[Season, float] = {"spring": 0.85, "summer": 1.0, "autumn": 0.75, "winter": 0.5}
"""Share of its summer elevation at which the sun stands in the day."""

_COVER: dict[Weather, float] = {
    "clear": 0.2, "cloudy": 0.5, "overcast": 1.0, "fog": 1.0, "rain": 1.0, "snow": 1.0,
    "storm": 1.0,
}  # fmt: skip
"""Share of the sky that is clouds."""

_LAYERS: dict[Weather, float] = {
    "overcast": 0.16, "rain": 0.14, "storm": 0.3, "snow": 0.08, "fog": 0.02
}  # fmt: skip
"""How much brighter and darker places of a covered sky are."""

_SHADOW = 0.12
"""How far on the clouds' plane they shade each other, in their heights."""

_DARK: dict[Weather, float] = {"rain": 0.6, "storm": 0.35, "snow": 0.9, "overcast": 0.8}
"""How bright a covered sky is beside a white one."""

_HAZE: dict[Weather, float] = {
    "clear": 6e-5, "cloudy": 9e-5, "overcast": 1.5e-4, "fog": 1.6e-2, "rain": 1.2e-3,
    "snow": 2.5e-3, "storm": 1.5e-3,
}  # fmt: skip
"""Extinction of the air a metre."""


@dataclass(frozen=True)
class Daylight:
    """The sun's direction, and how much of it comes through: 0 is none, 1 a clear sky."""

    to_sun: Float[np.ndarray, "3"]
    elevation_deg: float
    through: float


def daylight(spec: WorldSpec) -> Daylight:
    """Return where the sun stands at the spec's time, and how much of it the clouds let through."""
    time = spec.time or "afternoon"
    elevation = SUN_ELEVATION_DEG[time]
    if elevation > 10:
        elevation *= _LOWER[spec.season or "summer"]
    level, azimuth = np.cos(np.radians(elevation)), np.radians(_AZIMUTH_DEG[time])
    to_sun = np.array([
        level * np.cos(azimuth), level * np.sin(azimuth), np.sin(np.radians(elevation))
    ])  # fmt: skip
    covered = _COVER[spec.weather or "clear"]
    return Daylight(to_sun, elevation, float(elevation > 0) * max(0.0, 1 - 1.2 * covered**2))


def light_of(spec: WorldSpec, rng: Generator) -> Light:
    """Return sun and sky, or moon and stars, of a spec."""
    day, night = daylight(spec), spec.time == "night"
    sky = _night_sky(rng) if night else _clear_sky(day.elevation_deg, day.to_sun)
    sky = _with_clouds(sky, spec, day, rng)
    if night:
        moon = np.array([-0.45, -0.55, 0.7])
        covered = _COVER[spec.weather or "clear"]
        shine = 0.09 * max(0.0, 1 - covered)
        return Light(sky, moon / np.linalg.norm(moon), (0.55 * shine, 0.72 * shine, shine))
    if day.through <= 0.01:
        return Light(sky, None)
    low = np.exp(
        -0.16 / max(np.sin(np.radians(day.elevation_deg)), 0.03) * np.array([0.7, 1.35, 3])
    )
    sun = 7.5 * day.through * np.array([1.0, 0.97, 0.92]) * low / np.exp(-0.16 * 1.1)
    return Light(sky, day.to_sun, (float(sun[0]), float(sun[1]), float(sun[2])))


def air_of(spec: WorldSpec) -> Air:
    """Return haze or fog of a spec's weather."""
    weather = spec.weather or "clear"
    tint = (0.92, 0.97, 1.06) if weather in ("clear", "cloudy") else (1.0, 1.0, 1.0)
    warm = spec.time in ("dawn", "sunset") and weather in ("clear", "cloudy", "fog")
    return Air(
        _HAZE[weather],
        (1.12, 0.97, 0.86) if warm else tint,
        0.0,
        60.0 if weather == "fog" else 1200.0,
    )


def _directions(rows: int) -> Float[np.ndarray, "height width 3"]:
    """Return the unit direction that each pixel of a sky with so many rows is seen in."""
    elevation = np.pi / 2 - (np.arange(rows) + 0.5) / rows * np.pi
    azimuth = (np.arange(2 * rows) + 0.5) / (2 * rows) * 2 * np.pi
    level = np.cos(elevation)[:, None]
    return np.stack(
        [level * np.cos(azimuth), level * np.sin(azimuth),
         np.broadcast_to(np.sin(elevation)[:, None], (rows, 2 * rows))], -1
    )  # fmt: skip


def _clear_sky(
    elevation_deg: float, to_sun: Float[np.ndarray, "3"]
) -> Float32[np.ndarray, "height width 3"]:
    """Return the clear sky's radiance without the sun's disc; what is below is haze."""
    import mitsuba as mi

    mi.set_variant("scalar_rgb")
    sun = to_sun.copy()
    sun[2] = max(sun[2], np.sin(np.radians(1.5)))
    model = mi.load_dict({
        "type": "sunsky", "sun_direction": [float(x) for x in sun], "turbidity": 3.0,
        "sun_scale": 0.0, "albedo": 0.2,
    })  # fmt: skip
    point = mi.SurfaceInteraction3f()
    ways = _directions(_COARSE_ROWS)
    ways[..., 2] = np.maximum(ways[..., 2], 0.01)
    coarse = np.empty((_COARSE_ROWS, 2 * _COARSE_ROWS, 3), np.float32)
    for place in np.ndindex(coarse.shape[:2]):
        point.wi = mi.Vector3f(*(-ways[place] / np.linalg.norm(ways[place])))
        coarse[place] = np.array(model.eval(point))
    sky = _enlarged(coarse) / _UNIT
    if elevation_deg < 0:
        dim = np.exp(elevation_deg / 3.2)
        up = np.clip(_directions(_ROWS)[..., 2:], 0, 1)
        sky = sky * dim * np.array([0.75, 0.85, 1.3]) * (1 + 0.8 * np.exp(-6 * up))
    return _over_ground(sky)


def _enlarged(coarse: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "height width 3"]:
    from scipy.ndimage import zoom

    factor = _ROWS // len(coarse)
    padded = np.concatenate([coarse[:, -2:], coarse, coarse[:, :2]], axis=1)
    large = np.asarray(zoom(padded, (factor, factor, 1), order=1, grid_mode=True, mode="nearest"))
    return large[:, 2 * factor : -2 * factor]


def _over_ground(sky: Float32[np.ndarray, "height width 3"]) -> Float32[np.ndarray, "h w 3"]:
    """Return a sky whose lower half is the haze at the horizon, darker towards the ground."""
    half = len(sky) // 2
    below = np.linspace(0.9, 0.3, len(sky) - half)[:, None, None]
    made = sky.astype(np.float32)
    made[half:] = made[half - 1 : half].mean(axis=1, keepdims=True) * below
    return made


def _night_sky(rng: Generator) -> Float32[np.ndarray, "height width 3"]:
    """Return a sky of stars; it is finer than that of the day, so that these are points."""
    up = np.clip(_directions(_NIGHT_ROWS)[..., 2:], 0, 1)
    sky = np.array([0.006, 0.010, 0.024]) * (0.55 + 0.9 * (1 - up) ** 4)
    sky = np.broadcast_to(sky, (_NIGHT_ROWS, 2 * _NIGHT_ROWS, 3)).astype(np.float32).copy()
    count = 1900
    row = np.arccos(rng.uniform(0.02, 1, count)) / np.pi * _NIGHT_ROWS
    column = rng.integers(2 * _NIGHT_ROWS, size=count)
    tint = 1 + 0.25 * rng.normal(0, 1, (count, 1)) * np.array([1.0, 0.0, -1.0])
    shine = 0.2 * rng.pareto(1.9, (count, 1)).clip(0, 9) * tint.clip(0.5, 1.5)
    sky[row.astype(int), column] += shine.astype(np.float32)
    return _over_ground(sky)


def _with_clouds(
    sky: Float32[np.ndarray, "height width 3"], spec: WorldSpec, day: Daylight, rng: Generator
) -> Float32[np.ndarray, "height width 3"]:
    """Return a sky with clouds that lie on a plane overhead, lit as the hour has it."""
    weather = spec.weather or "clear"
    cover = _COVER[weather]
    tile = 1024
    noise = fractal((tile, tile), tile / 8, rng, 2.6, 1.6)
    ways = _directions(len(sky))
    up = np.maximum(ways[..., 2], 0.05)

    def density(toward: np.ndarray) -> np.ndarray:
        """Return how thick the clouds are, or beside there ``toward`` a place on their plane."""
        u = ((0.8 * ways[..., 0] / up + toward[0]) * tile / 8).astype(int) % tile
        v = ((0.8 * ways[..., 1] / up + toward[1]) * tile / 8).astype(int) % tile
        return noise[v, u]

    here = density(np.zeros(2))
    bright = float(sky[: len(sky) // 2].mean())
    if cover >= 1:
        shade = 1 + _LAYERS[weather] * np.clip(here, -2, 2) * smoothstep(0.03, 0.3, ways[..., 2])
        grey = bright * 1.25 * _DARK.get(weather, 1.0) * np.array([0.97, 1.0, 1.04])
        rise = 0.75 + 0.35 * np.clip(ways[..., 2], 0, 1)
        return _over_ground((grey * (shade * rise)[..., None]).astype(np.float32))
    edge = np.quantile(noise, 1 - cover)
    there = smoothstep(edge - 0.25, edge + 0.6, here) * smoothstep(0.02, 0.14, ways[..., 2])
    glow = np.clip(ways @ day.to_sun, 0, 1)[..., None] ** 4
    low = np.array([1.0, 0.62, 0.38]) if day.elevation_deg > -10 else np.array([0.45, 0.6, 0.95])
    warm = low if day.elevation_deg < 12 else np.array([1.0, 0.98, 0.95])
    lit = bright * (1.1 + 1.6 * day.through * glow) * (0.35 + 0.65 * warm)
    before = density(_SHADOW * day.to_sun[:2] / (np.linalg.norm(day.to_sun[:2]) + 1e-9))
    shade = 1.25 - 0.36 * smoothstep(edge - 0.1, edge + 1.3, 0.4 * here + 0.6 * before)[..., None]
    return (sky + (lit * shade - sky) * (0.9 * there)[..., None]).astype(np.float32)
