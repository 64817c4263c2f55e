"""A path bent out of walls and back to where photos looked.

Frames are thinned to keys, the keys moved, and what they moved by is spread smoothly over the
frames again, so that the path keeps its character. The camera goes on looking at what it looked
at; where photos saw too little of that, its view leans toward theirs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.path.check import NEAR, SEEN, PathCheck, check_path, find_cuts
from scenegen.path.clearance import clear
from scenegen.path.framing import aim
from scenegen.path.location import Location
from scenegen.path.timing import smoother
from scenegen.types import CameraPath

_KEYS_A_SECOND = 3.0
_MARGINS_S = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Seconds before and after a trouble that are bent with it, round by round."""

_LEAN = 0.35
"""How far toward the nearest photo an unseen view is moved in a round."""

_ROOM = 1.5
"""Clearance asked for, in what `check_path` calls too near."""


def mend_path(path: CameraPath, location: Location) -> tuple[CameraPath, PathCheck]:
    """Return ``path`` with its crossings, close passes and unseen views mended, and its check.

    What cannot be mended stays as near to the photos as was tried; the check still says so.
    """
    best, found = path, check_path(path, location)
    for margin in _MARGINS_S:
        if _badness(found) == 0:
            break
        bent = _bent(best, found, margin, location)
        check = check_path(bent, location)
        if _badness(check) < _badness(found):
            best, found = bent, check
    return best, found


def _badness(check: PathCheck) -> float:
    """Return how bad a path is, by what can be mended: crossings above all."""
    lacking = np.clip(SEEN - check.seen, 0.0, None).mean()
    crossings = check.crosses.mean()
    near = sum(trouble.kind == "near" for trouble in check.troubles)
    tight = np.mean(check.clearance <= check.clearance.min() + 1e-9) if near else 0.0
    return float(100 * crossings + 10 * near + tight + lacking)


def _bent(path: CameraPath, check: PathCheck, margin: float, location: Location) -> CameraPath:
    positions = path.world_from_camera[:, :3, 3].astype(np.float64)
    cuts = np.flatnonzero(find_cuts(positions, location.size))
    frames = np.arange(len(path))
    unseen = np.interp(frames, check.frames, check.seen) < SEEN
    bad = unseen | (np.interp(frames, check.frames, check.clearance) < NEAR * location.size)
    step = int(np.diff(check.frames).max(initial=1))
    for begin in check.frames[check.crosses]:
        bad[begin : begin + step + 1] = True
    poses = path.world_from_camera.astype(np.float64).copy()
    wide = round(margin * path.fps)
    for shot in np.split(frames, cuts + 1):
        for run in _runs(shot[bad[shot]], 2 * wide):
            part = np.arange(max(shot[0], run[0] - wide), min(shot[-1], run[-1] + wide) + 1)
            ends = part[0] > shot[0], part[-1] < shot[-1]
            poses[part] = _bent_part(poses[part], unseen[part], path.fps, ends, location)
    return replace(path, world_from_camera=poses)


def _bent_part(
    poses: Float[np.ndarray, "frame 4 4"],
    unseen: Bool[np.ndarray, "frame"],
    fps: float,
    ends: tuple[bool, bool],
    location: Location,
) -> Float[np.ndarray, "frame 4 4"]:
    """Return a part of a path, bent; at ``ends`` that have neighbours it stays as it was."""
    count = len(poses)
    keys = np.linspace(0, count - 1, max(2, round(count / fps * _KEYS_A_SECOND)))
    keys = np.unique(keys.round().astype(int))
    places, forwards = poses[keys, :3, 3], -poses[keys, :3, 2]
    survey = location.survey
    nearest = np.linalg.norm(places[:, None] - survey.positions, axis=2).argmin(axis=1)
    lean = _LEAN * _soft(unseen[keys].astype(np.float64))[:, None]
    wanted = places + lean * (survey.positions[nearest] - places)
    wanted = clear(wanted, survey.positions, survey.distances, _ROOM * NEAR * location.size)
    looks = _unit(location.surface(places, forwards) - wanted)
    looks = _unit(looks + lean * (survey.forwards[nearest] - looks))
    fade = _fade(count, ends)[:, None]
    moved = poses[:, :3, 3] + fade * _spread(keys, wanted - places, count)
    turned = _unit(-poses[:, :3, 2] + fade * _spread(keys, looks - forwards, count))
    rolled = _roll_of(poses[:, :3, :3], location.steep, poses[:, :3, 3])
    bent = poses.copy()
    bent[:, :3, :3] = aim(moved, turned, location.steep) @ rolled
    bent[:, :3, 3] = moved
    return bent


def _runs(frames: Int[np.ndarray, "n"], gap: int) -> list[Int[np.ndarray, "n"]]:
    """Return stretches of frames that lie within ``gap`` of each other."""
    if not len(frames):
        return []
    return np.split(frames, np.flatnonzero(np.diff(frames) > gap) + 1)


def _fade(count: int, ends: tuple[bool, bool]) -> Float[np.ndarray, "n"]:
    """Return 1 in the middle of a part, and a smooth way to 0 at the ends that have neighbours."""
    share = np.linspace(0.0, 1.0, count)
    early = smoother(share / 0.3) if ends[0] else np.ones(count)
    late = smoother((1 - share) / 0.3) if ends[1] else np.ones(count)
    return early * late


def _roll_of(
    rotations: Float[np.ndarray, "n 3 3"], steep: bool, places: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, "n 3 3"]:
    """Return how far each camera is off from a level one in its own frame: its roll."""
    level = aim(places, -rotations[:, :, 2], steep)
    return level.swapaxes(1, 2) @ rotations


def _spread(
    keys: Int[np.ndarray, "key"], values: Float[np.ndarray, "key 3"], count: int
) -> Float[np.ndarray, "n 3"]:
    """Return the keys' values over all frames, as a curve without overshoot."""
    from scipy.interpolate import PchipInterpolator

    if len(keys) == 1:  # of a part of one frame
        return np.repeat(values, count, axis=0)
    return PchipInterpolator(keys, values)(np.arange(count))


def _soft(values: Float[np.ndarray, "key"]) -> Float[np.ndarray, "key"]:
    from scipy.ndimage import gaussian_filter1d

    return np.clip(1.5 * gaussian_filter1d(values, 1.5, mode="nearest"), 0.0, 1.0)


def _unit(vectors: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
