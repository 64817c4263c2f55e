"""The automatic walkthrough: a smooth path for any capture, through what its photos saw.

Curves along several orders of the photos (`tour`) are rated by what they would show (`survey`), by
how far they travel and how calmly; the best stretch that fits the clip's length at a
comfortable speed is kept off surfaces (`clearance`), levelled and timed (`spline`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.path.clearance import clear, clearance, open_steps
from scenegen.path.config import PathConfig
from scenegen.path.framing import aim, fov_range, is_steep, widest_fov
from scenegen.path.polyline import placed, unit, way_of
from scenegen.path.spline import PoseSpline
from scenegen.path.survey import Distances, Survey, field_distances, frame_rays
from scenegen.path.timing import eased
from scenegen.path.tour import common_subject, orders, regress
from scenegen.progress import Progress, silent
from scenegen.types import CameraPath, Scene

_log = logging.getLogger("scenegen")

_MOST_PHOTOS = 300
_SAMPLES = 160
_RATED = 4
"""Every how many samples of a curve its view is rated."""

_STARTS = 20
_LENGTHS = (1.0, 0.85, 0.7)
"""Stretches that are tried from each start, as shares of the longest comfortable one."""

_SMOOTHING = (0.06, 0.12, 0.25)
"""Widths of the windows that smooth a tour, as shares of it."""

_KEYS = 25

_PULL = 4.0
"""How much more a subject common to all photos counts than where the photos near by looked."""


@dataclass(frozen=True)
class Stretch:
    """A piece of a curve: evenly spaced positions, unit viewing directions, and its rating."""

    positions: Float[np.ndarray, "n 3"]
    looks: Float[np.ndarray, "n 3"]
    rating: float


def plan_walkthrough(
    scene: Scene,
    config: PathConfig,
    progress: Progress = silent,
    distances: Distances | None = None,
) -> CameraPath:
    """Return a walkthrough of ``scene``: level, at constant speed, where its photos looked.

    ``distances`` measures how far rays go in the scene; by default they are traced through its
    field. Raises `PathError` for a scene without photos. Where surfaces leave less room than
    ``config.safe_distance`` asks for, it says so in the log and comes as near to it as the photos.
    """
    cameras = scene.cameras
    if not cameras:
        raise PathError(
            "the scene has no posed photos to plan a walkthrough from, expected at least 1; "
            "lift the capture again or give a path"
        )
    if len(cameras) > _MOST_PHOTOS:
        keep = np.linspace(0, len(cameras) - 1, _MOST_PHOTOS).round().astype(int)
        cameras = tuple(cameras[index] for index in keep)
    survey = Survey(cameras, distances or field_distances(scene.field.whole), scene.points)
    best = _forward(_best_stretch(survey, config, progress), survey)
    shares = np.linspace(0, len(best.positions) - 1, _KEYS).round().astype(int)
    looks = best.looks[shares]
    keys = _kept_clear(best.positions[shares], survey, config)
    steep = is_steep(survey.forwards)
    spline = PoseSpline(keys, aim(keys, looks, steep))
    ease = config.ease_s / config.seconds
    poses = spline.poses(eased(np.linspace(0.0, 1.0, config.frame_count), ease, ease))
    # A spline between level keys may roll a little: level every frame, not only the keys.
    poses[:, :3, :3] = aim(poses[:, :3, 3], -poses[:, :3, 2], steep)
    fov = config.fov_deg or widest_fov(
        survey, poses[:: max(1, config.frame_count // 6)], config.aspect
    )
    progress("path", 1, 1)
    return CameraPath(poses, np.full(len(poses), fov), config.fps, config.aspect, cuts=())


def _best_stretch(survey: Survey, config: PathConfig, progress: Progress) -> Stretch:
    """Return the best rated stretch of all curves that fits the clip at a comfortable speed."""
    curves = list(_curves(survey))
    stretches: list[Stretch] = []
    for index, (positions, looks) in enumerate(curves):
        progress("path", index, len(curves) + 1)
        stretches.extend(_stretches(positions, looks, survey, config))
    return max(stretches, key=lambda stretch: stretch.rating)


def _curves(
    survey: Survey,
) -> Iterator[tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]]]:
    """Yield smooth curves, evenly sampled: positions and unit viewing directions."""
    subject, agree = common_subject(survey.positions, survey.forwards)
    around = subject if agree > 0 else None
    for order in orders(survey.positions, survey.forwards, survey.depth, around):
        gap = order.end / max(len(np.unique(order.photos)) - 1, 1)
        at = np.linspace(0.0, order.end, _SAMPLES)
        for share in _SMOOTHING:
            bandwidth = max(share * order.end, gap) or 1.0
            positions = regress(order, survey.positions, at, bandwidth)
            looks = unit(regress(order, survey.forwards, at, bandwidth))
            looks = unit(looks + _PULL * agree * unit(subject - positions))
            yield _evenly(positions, looks)


def _evenly(
    positions: Float[np.ndarray, "n 3"], looks: Float[np.ndarray, "n 3"]
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]]:
    """Return a curve sampled at even distances, its viewing directions smoothed along the way."""
    from scipy.ndimage import gaussian_filter1d

    way = way_of(positions)
    if way[-1] > 0:
        even = np.linspace(0.0, way[-1], len(way))
        positions, looks = placed(even, way, positions), placed(even, way, looks)
    return positions, unit(gaussian_filter1d(looks, sigma=5.0, axis=0, mode="nearest"))


def _stretches(
    positions: Float[np.ndarray, "n 3"],
    looks: Float[np.ndarray, "n 3"],
    survey: Survey,
    config: PathConfig,
) -> Iterator[Stretch]:
    """Yield stretches from several starts, the longest that a comfortable speed allows and less."""
    quality = _view_ratings(positions[::_RATED], looks[::_RATED], survey, config)
    step = float(np.linalg.norm(positions[1] - positions[0]))
    turns = _turns(aim(positions, looks, is_steep(survey.forwards)))
    farthest = config.max_speed * survey.depth * config.seconds
    most_turn = np.deg2rad(config.max_turn_deg_s) * config.seconds
    for start in range(0, len(positions) - 1, max(1, len(positions) // _STARTS)):
        steps = np.arange(1, len(positions) - start)
        # Played at constant speed, the stretch turns fastest where it turns most per step; the
        # spline through its keys adds a little.
        turned = 1.1 * np.maximum.accumulate(turns[start:]) * steps
        longest = max(1, int(((steps * step <= farthest) & (turned <= most_turn)).sum()))
        for end in {start + max(1, round(share * longest)) for share in _LENGTHS}:
            part = positions[start : end + 1]
            shown = quality[start // _RATED : end // _RATED + 1]
            used = max((end - start) * step / farthest, turned[end - start - 1] / most_turn)
            rating = 0.5 * shown.mean() + 0.5 * shown.min() + 0.4 * used
            rating -= 0.4 * _unrest(part) + 0.8 * _strays(part, survey)
            yield Stretch(part, looks[start : end + 1], float(rating))


def _turns(rotations: Float[np.ndarray, "n 3 3"]) -> Float[np.ndarray, "gap"]:
    """Return the angles in radians from each rotation to the next."""
    traces = np.einsum("gij,gij->g", rotations[:-1], rotations[1:])
    return np.arccos(np.clip((traces - 1) / 2, -1.0, 1.0))


def _view_ratings(
    positions: Float[np.ndarray, "n 3"],
    looks: Float[np.ndarray, "n 3"],
    survey: Survey,
    config: PathConfig,
) -> Float[np.ndarray, "n"]:
    """Return up to 1 for each view: how well it was seen, less where surfaces are too near."""
    least, most = fov_range(survey.cameras, config.aspect)
    rays = frame_rays(float(np.sqrt(least * most)), config.aspect, 7, 5)
    rotations = aim(positions, looks, is_steep(survey.forwards))
    quality = survey.view_quality(positions, rotations, rays).mean(axis=1)
    tight = clearance(positions, survey.distances) < config.safe_distance * survey.depth
    tight[:-1] |= open_steps(positions, survey.distances) < 1
    return np.where(tight, quality - 0.4, quality)


def _unrest(positions: Float[np.ndarray, "n 3"]) -> float:
    """Return how unevenly an evenly sampled curve bends: 0 for straight ways and circles.

    It is the length times the integral of the squared deviation of the curvature from its mean,
    over pi squared; half a circle that ends in a straight way has 1.
    """
    steps = np.diff(positions[:: max(1, len(positions) // 24)], axis=0)
    if len(steps) < 2 or not steps.any():
        return 0.0
    tangents = unit(steps)
    turns = np.cross(tangents[:-1], tangents[1:])
    return float(((turns - turns.mean(axis=0)) ** 2).sum() * len(turns) / np.pi**2)


def _strays(positions: Float[np.ndarray, "n 3"], survey: Survey) -> float:
    """Return the mean distance to the nearest photo, in median depths."""
    return float(survey.nearest(positions[::_RATED])[1].mean() / survey.depth)


def _forward(stretch: Stretch, survey: Survey) -> Stretch:
    """Return the stretch in the direction in which one walks it.

    That is ahead where the camera looks along the way, otherwise the order of the photos.
    """
    along = stretch.positions[-1] - stretch.positions[0]
    ahead = stretch.looks.mean(axis=0) @ along / max(float(np.linalg.norm(along)), 1e-12)
    if abs(ahead) < 0.3:
        nearest, _ = survey.nearest(stretch.positions)
        ahead = float(np.mean(nearest[len(nearest) // 2 :]) - np.mean(nearest[: len(nearest) // 2]))
    if ahead >= 0:
        return stretch
    return Stretch(stretch.positions[::-1], stretch.looks[::-1], stretch.rating)


def _kept_clear(
    keys: Float[np.ndarray, "key 3"], survey: Survey, config: PathConfig
) -> Float[np.ndarray, "key 3"]:
    """Return the keys off the surfaces; say so in the log where there is no such way."""
    target = config.safe_distance * survey.depth
    keys = clear(keys, survey.positions, survey.distances, target)
    least = float(clearance(keys, survey.distances).min())
    if least < 0.5 * target:
        _log.warning(
            "path: it comes within %.2g units of a surface, wanted %.2g: "
            "the photos themselves were taken that close, or the scene has floaters there",
            least,
            target,
        )
    if (open_steps(keys, survey.distances) < 1).any():
        _log.warning(
            "path: it passes through a surface of the scene that the photos leave no way around"
        )
    return keys
