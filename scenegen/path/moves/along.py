"""Moves along what the photos, waypoints or keyframes give."""

from __future__ import annotations

import numpy as np

from scenegen.errors import PathError
from scenegen.path.config import PathConfig
from scenegen.path.location import View
from scenegen.path.motion import Motion, Places, Turns, still, straight
from scenegen.path.moves.scout import Scout
from scenegen.path.script import shots
from scenegen.path.spline import PoseSpline
from scenegen.path.tour import Order, regress
from scenegen.types import CameraPath

_SAMPLES = 240
_WIDEST_KEPT = 0.8
"""Share of the widest photo's width from which a photo counts as showing the whole place."""


def establish(shot: shots.Establish, _start: View, scout: Scout) -> Motion:
    """Begin at the photo that shows most, the subject in its middle, and drift toward it."""
    survey, subject = scout.location.survey, scout.location.subject
    apart = np.linalg.norm(subject - survey.positions, axis=1)
    facing = ((subject - survey.positions) * survey.forwards).sum(1) / np.maximum(apart, 1e-12)
    wide = np.array([scout.location.view(camera, 1.0).fov_y_deg for camera in survey.cameras])
    shows = apart * np.tan(np.deg2rad(wide) / 2) * np.clip(facing, 0.0, 1.0) ** 4
    # Of the photos that show about as much, the one that faces the subject best.
    good = np.flatnonzero(shows >= _WIDEST_KEPT * shows.max())
    best = survey.cameras[int(good[facing[good].argmax()])]
    view = scout.location.view(best, scout.aspect)
    point = subject if facing.max() > 0.5 else scout.ahead(view)
    places = straight(view.position, view.position + shot.drift * (point - view.position))
    turns = scout.toward(places, point) if facing.max() > 0.5 else still(view).turns
    return Motion(places, turns, still(view).zooms)


def walkthrough(shot: shots.WalkthroughShot, _start: View, scout: Scout) -> Motion:
    """Follow the automatic walkthrough."""
    from scenegen.path.walkthrough import plan_walkthrough

    config = PathConfig(seconds=shot.seconds, width_px=round(1000 * scout.aspect), height_px=1000)
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
    spline = PoseSpline(points, np.tile(np.eye(3), (len(points), 1, 1)))

    def places(shares: np.ndarray) -> np.ndarray:
        return spline.positions(spline.by_length(shares))

    return Motion(places, ahead(places, scout), still(start).zooms)


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
    spline = PoseSpline(positions, scout.aimed(positions, forwards))

    def poses(shares: np.ndarray) -> np.ndarray:
        return spline.poses(spline.by_length(shares))

    def turns(shares: np.ndarray) -> np.ndarray:
        found = poses(shares)
        return scout.aimed(found[:, :3, 3], -found[:, :3, 2])

    fov = float(
        np.median([scout.location.view(camera, scout.aspect).fov_y_deg for camera in cameras])
    )
    return Motion(lambda s: poses(s)[:, :3, 3], turns, lambda s: np.full(len(s), fov))


def keyframes(shot: shots.Keyframes, start: View, scout: Scout) -> Motion:
    """Pass exactly through keyframes."""
    from scipy.interpolate import PchipInterpolator

    views = [_key_view(key, index, start, scout) for index, key in enumerate(shot.keys)]
    if len(views) == 1:
        return still(views[0])
    spline = PoseSpline(
        np.array([view.position for view in views]),
        np.array([view.rotation for view in views]),
        shot.closed,
    )
    fovs = [view.fov_y_deg for view in views]
    fovs += fovs[:1] * shot.closed
    zoom = PchipInterpolator(spline.knots, fovs)
    times = [key.at for key in shot.keys if key.at is not None]
    if times:
        times += [shot.seconds] * shot.closed
        end = times[-1]

        def parameters(shares: np.ndarray) -> np.ndarray:
            return spline.by_time(np.array(times), shares * end)
    else:
        parameters = spline.by_length
    return Motion(
        lambda s: spline.positions(parameters(s)),
        lambda s: spline.poses(parameters(s))[:, :3, :3],
        lambda s: zoom(parameters(s)),
    )


def sampled(path: CameraPath) -> Motion:
    """Return a motion through the frames of a path."""
    poses = path.world_from_camera
    if len(path) == 1:
        return still(View(poses[0, :3, 3], poses[0, :3, :3], float(path.fov_y_deg[0])))
    spline = PoseSpline(poses[:, :3, 3], poses[:, :3, :3])
    times = np.linspace(0.0, 1.0, len(path))

    def parameters(shares: np.ndarray) -> np.ndarray:
        return spline.by_time(times, shares)

    return Motion(
        lambda s: spline.positions(parameters(s)),
        lambda s: spline.poses(parameters(s))[:, :3, :3],
        lambda s: np.interp(s, times, path.fov_y_deg),
    )


def ahead(places: Places, scout: Scout) -> Turns:
    """Return rotations that look along a way."""
    step = 1e-3

    def turns(shares: np.ndarray) -> np.ndarray:
        behind, before = np.maximum(shares - step, 0.0), np.minimum(shares + step, 1.0)
        return scout.aimed(places(shares), places(before) - places(behind))

    return turns


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


def _key_view(key: shots.Key, index: int, start: View, scout: Scout) -> View:
    from scipy.spatial.transform import Rotation

    word = f"keys[{index}]"
    if key.photo is not None:
        view = scout.photo(key.photo, f"{word}.photo")
    else:
        assert key.position is not None
        view = View(np.array(key.position), np.eye(3), start.fov_y_deg)
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
        rotation = scout.aimed(view.position[None], (point - view.position)[None])[0]
    return View(view.position, rotation, key.fov or view.fov_y_deg)
