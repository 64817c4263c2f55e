"""Where the sun or the moon of a look stands: in one direction of the world, for all frames."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from scenegen.looks.place import Place, sunlit

GOLDEN_DEG = (9.0, 15.0, 23.0, 32.0)
"""Heights of the low sun: the first one at which enough of the place is lit."""
MOON_DEG = (38.0,)
SUN_WIDTH = 0.03
"""Radius in radians of the source: wider than the sun, for cells are no finer."""

_CANDIDATES = 16
_ASKED = 2500
_ENOUGH = 0.3
"""Share of the light that would fall on a place without shadows."""
_LIT = 0.04
"""Share of lit surfaces below which no light comes in: then walls do not shade."""


def light_from(place: Place, elevations_deg: tuple[float, ...]) -> Float[np.ndarray, "3"]:
    """Return the direction towards the light that lights the place best, as low as may be.

    That is where much of what the photos saw is lit, and the light comes from the side and a
    little from ahead of them, where it shows relief. In a narrow yard it stands higher.
    """
    best, chosen = -np.inf, np.array([0.0, 1.0, 0.0])
    for elevation in elevations_deg:
        toward, lit = _best_azimuth(place, np.deg2rad(elevation))
        if lit > best + 1e-9:
            best, chosen = lit, toward
        if lit >= _ENOUGH:
            break
    return chosen


def _best_azimuth(place: Place, rise: float) -> tuple[Float[np.ndarray, "3"], float]:
    """Return the best direction of a height, and the share of its light that comes through."""
    surfaces = place.surfaces
    count = len(surfaces.points)
    asked = np.unique(np.linspace(0, count - 1, min(count, _ASKED)).round().astype(int))
    points, normals = surfaces.points[asked], surfaces.normals[asked]
    weight = surfaces.weight[asked] / max(surfaces.weight[asked].sum(), 1e-9)
    off = 2.5 * surfaces.cells.edge * normals
    best, chosen, through = -np.inf, np.array([0.0, np.cos(rise), np.sin(rise)]), 0.0
    for turn in 2 * np.pi * np.arange(_CANDIDATES) / _CANDIDATES:
        level = np.array([np.cos(turn), np.sin(turn)])
        toward = np.array([*(np.cos(rise) * level), np.sin(rise)])
        cosine = np.maximum(normals @ toward, 0.0)
        lit = cosine * (1 - place.blocked(points + off, np.broadcast_to(toward, points.shape)))
        aside = 1 - abs(level @ place.ahead - 0.35)
        rated = float((lit * weight).sum()) * (0.5 + aside) if len(asked) else aside
        if rated > best + 1e-9:
            best, chosen = rated, toward
            through = float((lit * weight).sum() / max((cosine * weight).sum(), 1e-9))
    return chosen, through


def lit_share(place: Place, toward: Float[np.ndarray, "3"]) -> Float[np.ndarray, "cell 1"]:
    """Return how much of the light each cell of the place sees; all of it where none comes in."""
    lit = sunlit(place, toward, SUN_WIDTH)
    if not len(lit) or float(np.average(lit, weights=place.surfaces.weight)) < _LIT:
        return np.ones((len(lit), 1))
    return lit[:, None]
