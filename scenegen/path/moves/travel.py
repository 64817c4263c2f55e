"""Moves along a line."""

from __future__ import annotations

import numpy as np

from scenegen.errors import PathError
from scenegen.path.location import View
from scenegen.path.motion import Motion, still, straight
from scenegen.path.moves.scout import Scout
from scenegen.path.script import shots

_NARROWEST_DEG, _WIDEST_DEG = 1.0, 150.0
"""Fields of view that a script may state, and a dolly-zoom come to."""

_UP = np.array([0.0, 0.0, 1.0])


def hold(_shot: shots.Hold, start: View, _scout: Scout) -> Motion:
    """Stay."""
    return still(start)


def dolly(shot: shots.Dolly, start: View, scout: Scout) -> Motion:
    """Travel ahead, level."""
    return _shifted(start, scout.length(shot.distance, "distance") * _level(start))


def truck(shot: shots.Truck, start: View, scout: Scout) -> Motion:
    """Travel to the right, level."""
    right = np.cross(_level(start), _UP)
    return _shifted(start, scout.length(shot.distance, "distance") * right)


def pedestal(shot: shots.Pedestal, start: View, scout: Scout) -> Motion:
    """Travel straight up."""
    return _shifted(start, scout.length(shot.distance, "distance") * _UP)


def crane(shot: shots.Crane, start: View, scout: Scout) -> Motion:
    """Travel up and ahead, looking at what was in the middle."""
    shift = scout.length(shot.rise, "rise") * _UP
    shift = shift + scout.length(shot.forward, "forward") * _level(start)
    places = straight(start.position, start.position + shift)
    return Motion(places, scout.toward(places, scout.ahead(start)), still(start).zooms)


def push_in(shot: shots.PushIn, start: View, scout: Scout) -> Motion:
    """Travel toward a target."""
    return _approach(scout.point(shot.toward, "toward", start), shot.until, start, scout, "toward")


def pull_out(shot: shots.PullOut, start: View, scout: Scout) -> Motion:
    """Travel away from a target."""
    point = scout.point(shot.away_from, "away_from", start)
    return _approach(point, shot.until, start, scout, "away_from")


def dolly_zoom(shot: shots.DollyZoom, start: View, scout: Scout) -> Motion:
    """Travel toward a target while the field of view keeps its size: tan(fov/2) * distance."""
    point = scout.point(shot.toward, "toward", start)
    motion = _approach(point, shot.until, start, scout, "toward")
    size = np.tan(np.deg2rad(start.fov_y_deg) / 2) * scout.apart(start, point, "toward")

    def zooms(shares: np.ndarray) -> np.ndarray:
        apart = np.linalg.norm(motion.places(shares) - point, axis=1)
        return 2 * np.degrees(np.arctan(size / np.maximum(apart, 1e-12)))

    last = float(zooms(np.ones(1))[0])
    if not _NARROWEST_DEG <= last <= _WIDEST_DEG:
        raise PathError(
            f"{scout.where}.until: expected a distance at which the target keeps its size in a "
            f"view of {_NARROWEST_DEG:g} to {_WIDEST_DEG:g} degrees, found {shot.until:g}, which "
            f"takes {last:.3g}; choose one nearer to 1"
        )
    return Motion(motion.places, motion.turns, zooms)


def _approach(point: np.ndarray, until: float, start: View, scout: Scout, word: str) -> Motion:
    scout.apart(start, point, word)
    places = straight(start.position, point + until * (start.position - point))
    return Motion(places, scout.toward(places, point), still(start).zooms)


def _shifted(start: View, shift: np.ndarray) -> Motion:
    stays = still(start)
    return Motion(straight(start.position, start.position + shift), stays.turns, stays.zooms)


def _level(view: View) -> np.ndarray:
    """Return the level direction ahead; that of the picture's top where it looks straight down."""
    for axis in (view.forward, view.rotation[:, 1]):
        flat = axis * [1, 1, 0]
        length = np.linalg.norm(flat)
        if length > 0.1:
            return flat / length
    return np.array([0.0, 1.0, 0.0])
