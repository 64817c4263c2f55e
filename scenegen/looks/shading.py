"""What is seen along rays under a look: surfaces, the sky, and the air in between."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from scenegen.looks.lamps import lamps
from scenegen.looks.lights import LUMINANCE, relit
from scenegen.looks.sights import Sights, Surface, surface_of
from scenegen.looks.snow import lying, snowed
from scenegen.looks.stars import starlight
from scenegen.looks.weather import Weather
from scenegen.looks.wet import wetted

_DAY_AIR = np.array([0.62, 0.65, 0.68], np.float32)
"""Light of foggy air by day."""
_OPEN = 0.02
"""Share of the sky in a pixel from which it is worth the sky's computing."""


def dressed(
    weather: Weather, sights: Sights, pixel_angle: float
) -> tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"], Surface]:
    """Return the light along rays without that of the air, that of lamps apart, and the surfaces.

    ``pixel_angle`` is how much of the sky a ray stands for, in radians.
    """
    look = weather.look
    surface = surface_of(sights, weather.map)
    shown, own = sights.surface, np.zeros_like(sights.surface)
    if look.night:
        own = np.float32(look.night) * lamps(shown, surface)
    if look.wet:
        shown = wetted(shown, surface, look.wet)
    if look.cover:
        amount = lying(surface, look.cover, weather.pattern, weather.open_sky)
        shown = snowed(shown, surface, amount, weather.bright)
        own *= 1 - amount[:, None]
    some = sights.opacity < 1 - _OPEN
    share = np.where(some, sights.opacity, 1.0)[:, None]
    shown, own = relit(weather.lights, shown, surface) * share, own * share
    behind = np.flatnonzero(some)
    if len(behind):
        sky = _sky(weather, sights.sky[behind], sights.directions[behind], pixel_angle)
        shown[behind] += (1 - sights.opacity[behind, None]) * sky
    return shown, own, surface


def aired(
    weather: Weather,
    light: Float32[np.ndarray, "n 3"],
    sights: Sights,
    distance: Float32[np.ndarray, "n"] | None = None,
) -> Float32[np.ndarray, "n 3"]:
    """Return what comes of light through the air, from ``distance`` or as far as the sights go."""
    if weather.fog is None:
        return light
    far = sights.distance if distance is None else distance
    through = weather.fog.transmitted(sights.origins, sights.directions, far)
    rim = np.flatnonzero((sights.opacity > _OPEN) & (sights.opacity < 1 - _OPEN) & np.isfinite(far))
    if len(rim):  # of their light some comes from the sky behind
        endless = np.full(len(rim), np.inf, np.float32)
        sky = weather.fog.transmitted(sights.origins[rim], sights.directions[rim], endless)
        through[rim] = sky + sights.opacity[rim] * (through[rim] - sky)
    return light * through[:, None] + air(weather, sights.directions) * (1 - through)[:, None]


def air(weather: Weather, directions: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Return the light of thick air: that of the sky at the horizon, and around its source."""
    level = directions.copy()
    level[:, 2] = np.clip(level[:, 2], 0.0, 0.15)
    shares = sum(share for share, _ in weather.lights)
    total = np.broadcast_to(np.float32(1 - shares) * _DAY_AIR, directions.shape).copy()
    for share, light in weather.lights:
        total += np.float32(share) * light.sky(level)
    return total


def _sky(
    weather: Weather,
    light: Float32[np.ndarray, "n 3"],
    directions: Float32[np.ndarray, "n 3"],
    pixel_angle: float,
) -> Float32[np.ndarray, "n 3"]:
    pattern = (light @ LUMINANCE) / np.float32(weather.sky_mean)
    shares = sum(share for share, _ in weather.lights)
    shown = np.float32(1 - shares) * light
    for share, one in weather.lights:
        shown += np.float32(share) * one.sky(directions, pattern)
    if weather.look.night and not weather.look.overcast:
        stars = starlight(directions, pixel_angle, weather.seed)
        shown += np.float32(weather.look.night) * stars[:, None]
    return shown
