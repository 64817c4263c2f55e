"""Moves around something."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from scenegen.path.framing import aim_steep
from scenegen.path.location import Location, View
from scenegen.path.motion import Motion, even, still
from scenegen.path.moves.scout import Scout
from scenegen.path.script import shots
from scenegen.path.survey import frame_rays

_GAP = np.deg2rad(100.0)
"""Widest gap between photos around something that a whole turn may cross."""

_FACING = 0.7
"""Cosine of the angle to something up to which a photo looks to it."""

_ORBIT_DEG = 90.0
"""How far an orbit goes, unless it is told or the photos go less far."""

_KEPT = 0.8
"""Share of that range that a turn keeps to: at its ends, half of the picture was not seen."""

_LEAST_DEG, _LEAST_WAY = 20.0, 0.35
"""How far a turn goes that is not told, however few photos stand around: degrees, but no more than
so many sizes of the scene, or it would leave a street for the houses beside it."""

_RINGS = (15.0, 50.0, 85.0)
"""Percentiles of the photos' heights at which a turntable may stand."""

_LOOKED_AT = 12
"""Views of a turntable by which it is asked how well the photos saw it."""


def orbit(shot: shots.Orbit, start: View, scout: Scout) -> Motion:
    """Go around a target, looking at it."""
    centre = scout.point(shot.around, "around", start)
    scout.apart(start, centre, "around")
    rise = scout.length(shot.height, "height")
    degrees = shot.degrees
    if degrees is None:
        degrees = float(np.clip(_room(start, centre, scout), -_ORBIT_DEG, _ORBIT_DEG))
    return _circled(start, centre, degrees, (shot.until, rise), scout)


def arc(shot: shots.Arc, start: View, scout: Scout) -> Motion:
    """Go around what is in the middle of the picture."""
    rise = scout.length(shot.height, "height")
    return _circled(start, scout.ahead(start), shot.degrees, (1.0, rise), scout)


def spiral(shot: shots.Spiral, start: View, scout: Scout) -> Motion:
    """Go around a target, nearer or farther and higher with every turn."""
    centre = scout.point(shot.around, "around", start)
    scout.apart(start, centre, "around")
    rise = scout.length(shot.height, "height")
    degrees = _room(start, centre, scout) if shot.degrees is None else shot.degrees
    return _circled(start, centre, degrees, (shot.until, rise), scout)


def turntable(shot: shots.Turntable, start: View, scout: Scout) -> Motion:
    """Go around a target at the photos' distance and height, as far as they stand around it.

    Photos often stand in rings, low and high: of three, the one whose views they saw best is taken.
    It begins on the camera's side; if the photos leave a gap, at the nearer end of where they
    stand, or, if it is told how far to go, so far from their middle that it ends as far.
    """
    centre = scout.point(shot.around, "around", start)
    arms = _facing_arms(centre, scout.location)
    arm = start.position - centre
    if np.linalg.norm(arm[:2]) < 1e-6 * scout.location.size:
        arm = arms[int(np.linalg.norm(arms[:, :2], axis=1).argmax())]
    heading = float(np.arctan2(arm[1], arm[0]))
    turns = []
    for radius, height in _rings(shot, arms, scout):
        angle, degrees = _sweep(centre, radius, heading, shot.degrees, scout.location)
        first = centre + np.array([radius * np.cos(angle), radius * np.sin(angle), height])
        begin = View(first, scout.location.aimed((centre - first)[None])[0], start.fov_y_deg)
        scout.apart(begin, centre, "radius")
        turns.append(_circled(begin, centre, degrees, (1.0, 0.0), scout))
    return max(turns, key=lambda turn: _seen(turn, scout)) if len(turns) > 1 else turns[0]


def _rings(
    shot: shots.Turntable, arms: Float[np.ndarray, "photo 3"], scout: Scout
) -> list[tuple[float, float]]:
    """Return level distances and heights, in world units, at which a turntable may stand.

    What the shot leaves open is the median of the third of the photos that are nearest in height:
    those far above and below say nothing, where they look down at it they stand near its axis.
    """
    stated = None if shot.height is None else scout.length(shot.height, "height")
    rings = []
    for wanted in np.percentile(arms[:, 2], _RINGS) if stated is None else (stated,):
        near = np.abs(arms[:, 2] - wanted).argsort(kind="stable")[: max(3, len(arms) // 3)]
        height = float(np.median(arms[near, 2])) if stated is None else stated
        radius = float(np.median(np.linalg.norm(arms[near, :2], axis=1)))
        if shot.radius is not None:
            radius = scout.length(shot.radius, "radius")
        rings.append((radius, height))
    return rings


def _seen(motion: Motion, scout: Scout) -> float:
    """Return up to 1: how well photos saw what a motion shows, less where surfaces are near."""
    shares = np.linspace(0.0, 1.0, _LOOKED_AT)
    rays = frame_rays(float(motion.zooms(shares[:1])[0]), scout.aspect, 7, 5)
    survey = scout.location.survey
    return float(survey.view_quality(motion.places(shares), motion.turns(shares), rays).mean())


def _sweep(
    centre: Float[np.ndarray, "3"],
    radius: float,
    heading: float,
    stated: float | None,
    location: Location,
) -> tuple[float, float]:
    """Return where (radians) a turn begins and how far (degrees) it goes to stay with the photos.

    ``heading`` is where the camera is. Where how far it goes is ``stated``, it goes as far in the
    middle of the photos.
    """
    begin, arc = _covered(centre, radius, location)
    if arc >= 2 * np.pi:
        return heading, 360.0 if stated is None else stated
    if stated is not None:
        return begin + arc / 2 - np.deg2rad(stated) / 2, stated
    end = begin + arc
    if np.cos(heading - end) > np.cos(heading - begin):
        return end, -float(np.degrees(arc))
    return begin, float(np.degrees(arc))


def _room(start: View, centre: Float[np.ndarray, "3"], scout: Scout) -> float:
    """Return how far (degrees) a camera may go around to stay with the photos."""
    arm = start.position - centre
    radius = float(np.linalg.norm(arm[:2]))
    begin, arc = _covered(centre, radius, scout.location)
    if arc >= 2 * np.pi:
        return 360.0
    middle = begin + arc / 2
    off = (np.arctan2(arm[1], arm[0]) - middle + np.pi) % (2 * np.pi) - np.pi
    room = float(np.degrees(max(arc / 2 + abs(off), _least(radius, scout.location))))
    return -room if off > 0 else room


def _covered(
    centre: Float[np.ndarray, "3"], radius: float, location: Location
) -> tuple[float, float]:
    """Return where (radians, counter-clockwise) photos begin to stand around, and how far they do.

    Photos count that look to the centre. It is a whole turn where they leave no wide gap, and at
    least what a turn of ``radius`` needs to be one.
    """
    arms = _facing_arms(centre, location)
    angles = np.sort(np.arctan2(arms[:, 1], arms[:, 0]))
    gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
    widest = int(gaps.argmax())
    if len(angles) > 2 and gaps[widest] < _GAP:
        return 0.0, 2 * np.pi
    arc = 2 * np.pi - gaps[widest]
    middle = angles[(widest + 1) % len(angles)] + arc / 2
    kept = max(_KEPT * arc, _least(radius, location))
    return float(middle - kept / 2), float(kept)


def _facing_arms(
    centre: Float[np.ndarray, "3"], location: Location
) -> Float[np.ndarray, "photo 3"]:
    """Return the ways from a centre to the photos that look to it, or to the one nearest to that.

    Photos that look elsewhere, such as back along a street, say nothing of what lies there.
    """
    arms = location.survey.positions - centre
    facing = -(arms * location.survey.forwards).sum(axis=1)
    facing = facing / np.maximum(np.linalg.norm(arms, axis=1), 1e-12)
    towards = facing > _FACING
    return arms[towards] if towards.any() else arms[facing.argmax()][None]


def _least(radius: float, location: Location) -> float:
    """Return by which angle (radians) a turn of a radius in world units goes at least."""
    way = _LEAST_WAY * location.size / max(radius, 1e-12)
    return float(min(np.deg2rad(_LEAST_DEG), way))


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
    if not scout.location.steep:
        return Motion(way, scout.toward(way, centre), still(start).zooms)

    top = start.rotation[:, 1] * [1, 1, 0]
    top = top / max(float(np.linalg.norm(top)), 1e-12)

    def turns(shares: np.ndarray) -> np.ndarray:
        # Seen from above, what is gone around turns in the frame.
        from scipy.spatial.transform import Rotation

        arms = way(shares) - centre
        angles = np.deg2rad(degrees) * shares
        if np.linalg.norm(arm[:2]) > 1e-6 * scout.location.size:
            angles = np.unwrap(np.arctan2(arms[:, 1], arms[:, 0])) - np.arctan2(arm[1], arm[0])
        around = Rotation.from_rotvec(angles[:, None] * [0.0, 0.0, 1.0])
        looks = -around.inv().apply(arms)
        looks /= np.maximum(np.linalg.norm(looks, axis=1, keepdims=True), 1e-12)
        return around.as_matrix() @ aim_steep(looks, top)

    return Motion(way, turns, still(start).zooms)
