"""Water that stands in a scene: a level surface that mirrors what is above and tints what is below.

What it lets through is lost by Beer's law on its way, and some of the light of the water itself,
which is never quite clear, comes in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from scenegen.looks.sights import Sights
from scenegen.looks.snow import smoothstep
from scenegen.types import Camera

DEEP_M = 0.5
"""Height of the water above the ground in metres."""
_MOST_SHARE = 0.55
"""Most of the height of the lowest camera above the ground."""
ABSORBED = np.array([1.5, 0.95, 1.1], np.float32)
"""Extinction per metre: muddy water takes red first, then blue, and leaves a brownish green."""
OWN = np.array([0.115, 0.125, 0.085], np.float32)
"""Colour of deep water, as an albedo."""
_SHORE_M = 0.04
"""Depth over which the edge of the water fades in, in metres."""
_BENT = 0.25
"""By what share of its tilt water bends what is seen through it: 1 - 1 / 1.33."""
_MOST_BENT_PX = 0.02
"""Most of that, in widths of the frame."""


@dataclass(frozen=True, eq=False)
class Water:
    """The water's surface: ``level`` high at ``about``, and rising by ``slope`` along x and y."""

    level: float
    slope: Float[np.ndarray, "2"]
    about: Float[np.ndarray, "2"]

    def above(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
        """Return how high points lie above the water."""
        aside = points[:, :2] - self.about.astype(points.dtype)
        return (
            points[:, 2] - points.dtype.type(self.level) - aside @ self.slope.astype(points.dtype)
        )


@dataclass(frozen=True, eq=False)
class Shown:
    """Pixels ``at`` which water is seen, ``distance`` away, where it shows ``share`` of itself.

    ``below`` is how far the light comes through the water, in metres.
    """

    at: Int[np.ndarray, "n"]
    distance: Float32[np.ndarray, "n"]
    share: Float32[np.ndarray, "n"]
    below: Float32[np.ndarray, "n"]


def water_of(
    amount: float,
    ground: tuple[float, Float[np.ndarray, "2"]],
    eyes: Float[np.ndarray, "eye 3"],
    metre: float,
) -> Water:
    """Return water over a ground of some height under the ``eyes`` and of some slope.

    It stands below the lowest of them, so that none is under water.
    """
    height, slope = ground
    dry = Water(height, slope, np.median(eyes[:, :2], axis=0))
    lowest, deep = float(dry.above(eyes).min()), amount * DEEP_M * metre
    over = min(deep, lowest - (1 - _MOST_SHARE) * min(abs(lowest), deep))
    return Water(height + over, slope, dry.about)


def seen_water(sights: Sights, water: Water, metre: float) -> Shown:
    """Return where rays meet the water before they meet the scene."""
    down = sights.directions[:, 2] - sights.directions[:, :2] @ water.slope.astype(np.float32)
    above = water.above(sights.origins)
    reach = np.where((down < -1e-4) & (above > 0), above / np.maximum(-down, 1e-4), np.inf)
    at = np.flatnonzero(reach < sights.distance)
    reach, far = reach[at].astype(np.float32), sights.distance[at]
    through = np.minimum((far - reach) / np.float32(metre), np.float32(50.0))
    share = smoothstep(0.0, _SHORE_M, through * -down[at])
    return Shown(at, reach, share, through)


def bent(
    camera: Camera, shown: Shown, slopes: Float32[np.ndarray, "n 2"], metre: float
) -> Int[np.ndarray, "n"]:
    """Return the pixels that are seen through the water at its pixels, because waves bend light.

    Where that would be something that stands out of the water, light goes straight.
    """
    lens = camera.lens
    deep = np.minimum(shown.below, 2.0) * np.float32(metre) / shown.distance
    shift = np.float32(_BENT * lens.fl_y) * deep[:, None] * slopes
    most = _MOST_BENT_PX * lens.width_px
    pose = camera.world_from_camera
    across = np.clip(shift @ pose[:2, 0], -most, most)
    along = np.clip(shift @ pose[:2, 2], -most, most)
    row, column = np.divmod(shown.at, lens.width_px)
    row = np.clip(np.rint(row + along).astype(np.int64), 0, lens.height_px - 1)
    column = np.clip(np.rint(column + across).astype(np.int64), 0, lens.width_px - 1)
    there = row * lens.width_px + column
    under = np.zeros(lens.width_px * lens.height_px, bool)
    under[shown.at] = True
    return np.where(under[there], there, shown.at)


def through(
    light: Float32[np.ndarray, "n 3"], below: Float32[np.ndarray, "n"],
    lit: Float32[np.ndarray, "3"],
) -> Float32[np.ndarray, "n 3"]:  # fmt: skip
    """Return what is seen through ``below`` metres of water that ``lit`` falls on."""
    left = np.exp(-below[:, None] * ABSORBED)
    return light * left + (OWN * lit) * (1 - left)
