"""Moves along what the photos, waypoints or keyframes give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.path.config import PathConfig
from scenegen.path.framing import widest_fov
from scenegen.path.location import View
from scenegen.path.motion import Motion, Places, Turns, still, straight
from scenegen.path.moves.scout import Scout
from scenegen.path.script import shots
from scenegen.path.spline import PoseSpline
from scenegen.path.tour import Order, regress
from scenegen.types import CameraPath

_SAMPLES = 240
_LOOKED_AT = 12
"""Poses of a way at which it is asked how wide the photos saw."""

_AHEAD_DEG_S = 35.0
"""Degrees a second up to which a camera that looks ahead turns, if its way allows."""

_STEEPEST = np.deg2rad(35.0)
"""How far up or down it looks at most."""


def establish(shot: shots.Establish, _start: View, scout: Scout) -> Motion:
    """Begin with the view that shows the whole place best, and drift toward its middle."""
    vantage = scout.location.vantage(scout.aspect, scout.lens)
    view, point = vantage.view, vantage.point
    places = straight(view.position, view.position + shot.drift * (point - view.position))
    return Motion(places, scout.toward(places, point), still(view).zooms)


def walkthrough(shot: shots.WalkthroughShot, _start: View, scout: Scout) -> Motion:
    """Follow the automatic walkthrough."""
    from scenegen.path.walkthrough import plan_walkthrough

    width = round(1000 * scout.aspect)
    config = PathConfig(shot.seconds, width_px=width, height_px=1000, fov_deg=scout.lens)
    location = scout.location
    return sampled(plan_walkthrough(location.scene, config, distances=location.survey.distances))


def fly_through(shot: shots.FlyThrough, start: View, scout: Scout) -> Motion:
    """Pass waypoints at constant speed, looking along the way."""
    stops = [
        scout.place(target, f"waypoints[{index}]", start)
        for index, target in enumerate(shot.waypoints)
    ]
    points = np.array(stops)
    gaps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    if gaps.min() < 1e-6 * scout.location.size:
        index = int(gaps.argmin()) + 1
        raise PathError(
            f"{scout.where}.waypoints[{index}]: expected a place away from the waypoint before it, "
            "found the same; leave it out"
        )
    places = PoseSpline(points, np.tile(np.eye(3), (len(points), 1, 1))).positions
    return Motion(places, ahead(places, shot.seconds, scout), still(start).zooms)


def follow_the_photos(shot: shots.FollowThePhotos, _start: View, scout: Scout) -> Motion:
    """Go along the photos in the order of their names."""
    chosen = _photos_between(shot, scout)
    cameras = [scout.location.scene.photos[index].camera for index in chosen]
    positions = np.array([camera.position for camera in cameras], np.float64)
    forwards = np.array([camera.forward for camera in cameras], np.float64)
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=1) / scout.location.size
    steps = steps + np.linalg.norm(np.diff(forwards, axis=0), axis=1)
    u = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-9))])
    if shot.smooth > 0:
        order = Order(np.arange(len(chosen)), u, float(u[-1]))
        gap = u[-1] / (len(u) - 1)
        at = np.linspace(0.0, u[-1], min(_SAMPLES, 4 * len(u)))
        width = max(shot.smooth * u[-1], 0.5 * gap)
        positions, forwards = (
            regress(order, values, at, width) for values in (positions, forwards)
        )
    spline = PoseSpline(positions, scout.location.aimed(forwards))

    def turns(shares: np.ndarray) -> np.ndarray:
        return scout.location.aimed(-spline.rotations(shares)[:, :, 2])

    at = np.linspace(0.0, 1.0, _LOOKED_AT)
    looked_at = spline.poses(at)
    looked_at[:, :3, :3] = turns(at)
    fov = scout.lens or widest_fov(scout.location.survey, looked_at, scout.aspect)
    return Motion(spline.positions, turns, lambda s: np.full(len(s), fov))


def keyframes(shot: shots.Keyframes, start: View, scout: Scout) -> Motion:
    """Pass exactly through keyframes."""
    views = [key_view(key, index, start, scout) for index, key in enumerate(shot.keys)]
    if len(views) == 1:
        return still(views[0])
    spline = key_spline(shot, views)

    def turns(shares: np.ndarray) -> np.ndarray:
        rotations = spline.rotations(shares)
        if any(key.rotation is not None for key in shot.keys):
            return rotations
        return scout.location.aimed(-rotations[:, :, 2])  # level between level keys, too

    marks = spline.key_shares[(spline.key_shares > 0) & (spline.key_shares < 1)]
    return Motion(spline.positions, turns, spline.fovs, tuple(marks.tolist()))


def key_spline(shot: shots.Keyframes, views: Sequence[View]) -> PoseSpline:
    """Return the curve through the ``views`` of a shot's keys."""
    times = [key.at for key in shot.keys if key.at is not None]
    times += [shot.seconds] * (shot.closed and bool(times))
    return PoseSpline(
        np.array([view.position for view in views]),
        np.array([view.rotation for view in views]),
        shot.closed,
        np.array(times) if times else None,
        np.array([view.fov_y_deg for view in views]),
    )


def sampled(path: CameraPath) -> Motion:
    """Return a motion through the frames of a path."""
    poses = path.world_from_camera
    if len(path) == 1:
        return still(View(poses[0, :3, 3], poses[0, :3, :3], float(path.fov_y_deg[0])))
    times = np.linspace(0.0, 1.0, len(path))
    spline = PoseSpline(poses[:, :3, 3], poses[:, :3, :3], times=times, fovs=path.fov_y_deg)
    return Motion(spline.positions, spline.rotations, spline.fovs)


def ahead(places: Places, seconds: float, scout: Scout) -> Turns:
    """Return rotations that look along a way that takes ``seconds``, without jerks.

    Where the way bends more sharply than a camera may turn, the look begins to turn before the bend
    and ends after it; where the way is steep, the look is less so. A place that photos saw from
    above only is looked at as they did.
    """
    from scipy.interpolate import CubicSpline
    from scipy.ndimage import gaussian_filter1d

    if scout.location.steep:
        look = scout.location.survey.forwards.mean(axis=0)
        return lambda shares: scout.location.aimed(np.tile(look, (len(shares), 1)))
    u = np.linspace(0.0, 1.0, _SAMPLES + 1)
    heading, pitch = _bearings(np.gradient(places(u), axis=0))
    smooth = np.stack([heading, pitch])
    for share in (0.02, 0.04, 0.07, 0.1, 0.15, 0.2):
        smooth = gaussian_filter1d([heading, pitch], share * _SAMPLES, axis=1, mode="nearest")
        rate = np.linalg.norm(np.gradient(smooth, axis=1), axis=0).max() * _SAMPLES / seconds
        if rate <= np.deg2rad(_AHEAD_DEG_S):
            break
    angles = CubicSpline(u, smooth, axis=1)

    def turns(shares: np.ndarray) -> np.ndarray:
        heading, pitch = angles(shares)
        level = np.cos(pitch)
        looks = [level * np.cos(heading), level * np.sin(heading), np.sin(pitch)]
        return scout.location.aimed(np.stack(looks, axis=1))

    return turns


def _bearings(
    steps: Float[np.ndarray, "n 3"],
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Return heading and pitch of steps in radians; a steep step has that of those around."""
    flat = np.linalg.norm(steps[:, :2], axis=1)
    told = flat > 0.2 * np.linalg.norm(steps, axis=1).max()
    heading = np.zeros(len(steps))
    if told.any():
        turned = np.unwrap(np.arctan2(steps[told, 1], steps[told, 0]))
        heading = np.interp(np.arange(len(steps)), np.flatnonzero(told), turned)
    pitch = np.arctan2(steps[:, 2], np.maximum(flat, 1e-12))
    return heading, np.clip(pitch, -_STEEPEST, _STEEPEST)


def _photos_between(shot: shots.FollowThePhotos, scout: Scout) -> list[int]:
    photos = scout.location.scene.photos
    names = [photo.name for photo in photos]
    ends = []
    for word, name in (("first", shot.first), ("last", shot.last)):
        if name is None:
            ends.append(0 if word == "first" else len(photos) - 1)
        else:
            camera = scout.location.photo(name, f"{scout.where}.{word}")
            ends.append(next(i for i, photo in enumerate(photos) if photo.camera is camera))
    first, last = ends
    if first == last:
        raise PathError(
            f"{scout.where}: expected at least 2 photos to follow, found 1 ({names[first]}); "
            "name another first or last photo"
        )
    step = 1 if last > first else -1
    return list(range(first, last + step, step))


def key_view(key: shots.Key, index: int, start: View, scout: Scout) -> View:
    """Return the view of key ``index`` of a shot that begins with ``start``."""
    from scipy.spatial.transform import Rotation

    word = f"keys[{index}]"
    if key.photo is not None:
        view = scout.photo(key.photo, f"{word}.photo")
    else:
        assert key.position is not None
        view = View(np.array(key.position), np.eye(3), scout.lens or start.fov_y_deg)
    rotation = view.rotation
    if key.rotation is not None:
        length = float(np.linalg.norm(key.rotation))
        if abs(length - 1) > 1e-2:
            raise PathError(
                f"{scout.where}.{word}.rotation: expected a quaternion wxyz of length 1, found one "
                f"of length {length:.3g}; normalise it"
            )
        rotation = Rotation.from_quat(key.rotation, scalar_first=True).as_matrix()
    elif key.look is not None:
        point = scout.point(key.look, f"{word}.look", start)
        scout.apart(view, point, f"{word}.look")
        rotation = scout.location.aimed((point - view.position)[None])[0]
    return View(view.position, rotation, key.fov or view.fov_y_deg)
