"""Moves around something."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from scenegen.path.location import View
from scenegen.path.motion import Motion, even, still
from scenegen.path.moves.scout import Scout
from scenegen.path.script import shots

_GAP = np.deg2rad(100.0)
"""Widest gap between photos around something that a whole turn may cross."""


def orbit(shot: shots.Orbit, start: View, scout: Scout) -> Motion:
    """Go around a target, looking at it."""
    centre = scout.point(shot.around, "around", start)
    scout.apart(start, centre, "around")
    rise = scout.length(shot.height, "height")
    return _circled(start, centre, shot.degrees, (shot.until, rise), scout)


def arc(shot: shots.Arc, start: View, scout: Scout) -> Motion:
    """Go around what is in the middle of the picture."""
    rise = scout.length(shot.height, "height")
    return _circled(start, scout.ahead(start), shot.degrees, (1.0, rise), scout)


def spiral(shot: shots.Spiral, start: View, scout: Scout) -> Motion:
    """Go around a target, nearer or farther and higher with every turn."""
    centre = scout.point(shot.around, "around", start)
    scout.apart(start, centre, "around")
    rise = scout.length(shot.height, "height")
    return _circled(start, centre, shot.degrees, (shot.until, rise), scout)


def turntable(shot: shots.Turntable, start: View, scout: Scout) -> Motion:
    """Go around a target at the photos' distance and height, as far as they stand around it.

    It begins on the camera's side; at the nearer end of what the photos stand around, if they leave
    a gap, unless it is told how far to go.
    """
    centre = scout.point(shot.around, "around", start)
    arms = scout.location.survey.positions - centre
    level = np.linalg.norm(arms[:, :2], axis=1)
    radius = float(np.median(level))
    if shot.radius is not None:
        radius = scout.length(shot.radius, "radius")
    height = float(np.median(arms[:, 2]))
    if shot.height is not None:
        height = scout.length(shot.height, "height")
    arm = start.position - centre
    if np.linalg.norm(arm[:2]) < 1e-6 * scout.location.size:
        arm = arms[int(level.argmax())]
    heading, degrees = _sweep(arms, float(np.arctan2(arm[1], arm[0])))
    degrees = degrees if shot.degrees is None else shot.degrees
    first = centre + np.array([radius * np.cos(heading), radius * np.sin(heading), height])
    begin = View(first, scout.location.aimed((centre - first)[None])[0], start.fov_y_deg)
    scout.apart(begin, centre, "radius")
    return _circled(begin, centre, degrees, (1.0, 0.0), scout)


def _sweep(arms: Float[np.ndarray, "photo 3"], heading: float) -> tuple[float, float]:
    """Return where (radians) a turn begins and how far (degrees) it goes to stay with the photos.

    ``arms`` lead from the centre to the photos; ``heading`` is where the camera is.
    """
    angles = np.sort(np.arctan2(arms[:, 1], arms[:, 0]))
    gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
    widest = int(gaps.argmax())
    if gaps[widest] < _GAP or len(angles) < 3:
        return heading, 360.0
    begin = angles[(widest + 1) % len(angles)]
    arc = 2 * np.pi - gaps[widest]
    end = begin + arc
    if np.cos(heading - end) > np.cos(heading - begin):
        return float(end), -float(np.degrees(arc))
    return float(begin), float(np.degrees(arc))


def _circled(
    start: View,
    centre: Float[np.ndarray, "3"],
    degrees: float,
    end: tuple[float, float],
    scout: Scout,
) -> Motion:
    """Return a way around ``centre``; ``end`` is the last distance's share and how far it rises."""
    arm = start.position - centre
    until, rise = end

    def places(shares: np.ndarray) -> np.ndarray:
        angle = np.deg2rad(degrees) * shares
        nearer = until**shares
        cosine, sine = np.cos(angle), np.sin(angle)
        return centre + np.stack(
            [
                nearer * (cosine * arm[0] - sine * arm[1]),
                nearer * (sine * arm[0] + cosine * arm[1]),
                nearer * arm[2] + shares * rise,
            ],
            axis=1,
        )

    way = even(places)
    return Motion(way, scout.toward(way, centre), still(start).zooms)
