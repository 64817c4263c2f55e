"""A path bent out of walls and back to where photos looked.

What a shot's places move by is found at a few moments a second, as the smoothest bend (least
squares of its second differences, and of the bend itself) that keeps the camera off every surface
that rays from it meet. Where the way passes through a surface, it is led along a way around first
(`detour`). The camera goes on looking at what it looked at, with its roll; where photos saw too
little of that, it moves and turns toward them. A longer way is then spread over time, so that the
speed stays as even as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.path.bending import Bend, keys_of, slid, smoothest
from scenegen.path.check import FAST, SEEN, TURN_DEG_S, PathCheck, check_path, cuts_of, shots_of
from scenegen.path.detour import detour
from scenegen.path.location import Location
from scenegen.types import CameraPath

_LEANS = ((0.0, 0.0), (0.35, 0.35), (0.7, 0.7), (1.0, 1.0), (1.0, 0.3), (1.0, 0.0))
"""How far toward the photos unseen views are moved and turned, try by try.

A view that is opposite to theirs cannot be turned in time; then it is moved alone."""

_REACHES_S = (0.6, 1.2, 2.4)
"""Seconds over which a bend fades out, try by try: the shortest that jolts nothing is taken."""

_WORSE = 1.1
"""How much faster than before a path may travel or turn where that is hard to watch."""


@dataclass(frozen=True)
class Mended:
    """A path, what is wrong with it, and what was before; the same path where nothing helped."""

    path: CameraPath
    check: PathCheck
    before: PathCheck


def mend_path(
    path: CameraPath, location: Location, cut_frames: Sequence[int] | None = None
) -> Mended:
    """Return ``path`` with its crossings, close passes and unseen views mended.

    Frames before the trouble and after it stay where they are, as far as the bend between them can
    be smooth. What cannot be mended stays as near to the photos as was tried; the check says so.
    ``cut_frames`` are as in `check_path`.
    """
    cuts = cuts_of(path, location, cut_frames)
    frames = tuple(int(frame) + 1 for frame in np.flatnonzero(cuts))
    before = check_path(path, location, frames)
    best, found = path, before
    for lean in _LEANS:
        for reach in _REACHES_S:
            if _badness(found) == 0 or (not any(lean) and not _blocked(before).any()):
                break
            bent = _bent(path, before, shots_of(cuts), lean, reach, location)
            check = check_path(bent, location, frames)
            if _calm(check, before, location) and _badness(check) < 0.98 * _badness(found):
                best, found = bent, check
                break
    return Mended(best, found, before)


def _badness(check: PathCheck) -> float:
    """Return how bad a path is, by what can be mended: crossings above all."""
    lacking = np.clip(SEEN - check.seen, 0.0, None).mean()
    return float(100 * check.crosses.mean() + 10 * check.near.mean() + lacking)


def _blocked(check: PathCheck) -> Bool[np.ndarray, "look"]:
    return check.crosses | check.near


def _calm(check: PathCheck, before: PathCheck, location: Location) -> bool:
    """Say whether a bent path is no harder to watch than the one it came from."""
    fast = max(FAST * location.size, _WORSE * float(before.speed.max()))
    turn = max(TURN_DEG_S, _WORSE * float(before.turn_deg_s.max()))
    return bool(check.speed.max() <= fast and check.turn_deg_s.max() <= turn)


def _bent(
    path: CameraPath,
    check: PathCheck,
    shots: list[Int[np.ndarray, "n"]],
    lean: tuple[float, float],
    reach_s: float,
    location: Location,
) -> CameraPath:
    poses = path.world_from_camera.astype(np.float64).copy()
    fov = path.fov_y_deg.astype(np.float64).copy()
    for shot in shots:
        keys = keys_of(len(shot), path.fps)
        looks = np.searchsorted(check.frames, shot[keys]).clip(0, len(check.frames) - 1)
        lacking = np.interp(shot[keys], check.frames, np.clip(SEEN - check.seen, 0.0, None))
        if not (_blocked(check)[looks].any() or (any(lean) and lacking.any())):
            continue
        bend = Bend(keys, reach_s, path.fps)
        poses[shot], index = _bent_shot(poses[shot], np.outer(lacking > 0, lean), bend, location)
        fov[shot] = np.interp(index, np.arange(len(shot)), fov[shot])
    return replace(path, world_from_camera=poses, fov_y_deg=fov)


def _bent_shot(
    poses: Float[np.ndarray, "frame 4 4"],
    lean: Float[np.ndarray, "key 2"],
    bend: Bend,
    location: Location,
) -> tuple[Float[np.ndarray, "frame 4 4"], Float[np.ndarray, "frame"]]:
    """Return a shot bent, and at which of its former frames it is in each frame."""
    places, forwards = poses[bend.keys, :3, 3], -poses[bend.keys, :3, 2]
    anchors, views = _photos_near(places, location)
    wanted = bend.smooth(lean[:, :1] * (anchors - places))
    around = detour(places + wanted, location)
    moved = smoothest(places, wanted + around, bend, location)
    # What it looks at comes along where it is led back to the photos, and stays where it is bent.
    targets = places + wanted + _ranges(places, forwards, location)[:, None] * forwards
    looks = _unit(targets - places - moved)
    share = bend.smooth(lean[:, 1:])
    looks = _unit((1 - share) * looks + share * views)
    bent = _turned(poses, forwards, looks, bend, location.steep)
    bent[:, :3, 3] = poses[:, :3, 3] + bend.spread(moved)
    return slid(bent, poses[:, :3, 3])


def _photos_near(
    places: Float[np.ndarray, "key 3"], location: Location
) -> tuple[Float[np.ndarray, "key 3"], Float[np.ndarray, "key 3"]]:
    """Return place and view of the photos near each key: a mean that passes from one to the next.

    Photos weigh by their nearness beside that of the nearest one.
    """
    survey = location.survey
    apart = np.linalg.norm(places[:, None] - survey.positions, axis=2)
    least = apart.min(axis=1, keepdims=True)
    weight = np.exp(-(((apart - least) / (0.1 * location.size + 0.3 * least)) ** 2))
    weight /= weight.sum(axis=1, keepdims=True)
    return weight @ survey.positions, _unit(weight @ survey.forwards)


def _ranges(
    places: Float[np.ndarray, "key 3"], forwards: Float[np.ndarray, "key 3"], location: Location
) -> Float[np.ndarray, "key"]:
    """Return how far away what the camera looks at is, without leaps from near to far things."""
    from scipy.ndimage import gaussian_filter1d, median_filter

    reach = location.survey.distances(places, forwards)
    reach = np.where(np.isfinite(reach), reach, location.size)
    reach = np.clip(reach, 0.4 * location.size, 4 * location.size)
    calm = gaussian_filter1d(median_filter(np.log(reach), 7, mode="nearest"), 4.0, mode="nearest")
    return np.exp(calm)


def _turned(
    poses: Float[np.ndarray, "frame 4 4"],
    forwards: Float[np.ndarray, "key 3"],
    looks: Float[np.ndarray, "key 3"],
    bend: Bend,
    steep: bool,
) -> Float[np.ndarray, "frame 4 4"]:
    """Return the shot turned from ``forwards`` to ``looks``.

    Around the vertical and by its tilt, which keeps its roll; where it looks up or down so steeply
    that it has no heading, the shortest way.
    """
    from scipy.spatial.transform import Rotation

    turned = poses.copy()
    rotations = poses[:, :3, :3]
    if steep or np.abs(np.concatenate([forwards, looks])[:, 2]).max() > 0.9:
        axis = np.cross(forwards, looks)
        sine = np.linalg.norm(axis, axis=1, keepdims=True)
        angle = np.arctan2(sine[:, 0], (forwards * looks).sum(axis=1))
        vector = bend.spread(bend.smooth(axis / np.maximum(sine, 1e-12) * angle[:, None]))
        turned[:, :3, :3] = Rotation.from_rotvec(vector).as_matrix() @ rotations
        return turned
    heading = np.arctan2(looks[:, 1], looks[:, 0]) - np.arctan2(forwards[:, 1], forwards[:, 0])
    heading = np.unwrap((heading + np.pi) % (2 * np.pi) - np.pi)
    tilt = np.arcsin(looks[:, 2]) - np.arcsin(np.clip(forwards[:, 2], -1.0, 1.0))
    pan, pitch = bend.spread(bend.smooth(np.stack([heading, tilt], axis=1))).T
    # The axis of the tilt is level and across the view, whatever the camera's roll.
    across = np.cross(-rotations[:, :, 2], [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    tilted = Rotation.from_rotvec(pitch[:, None] * across).as_matrix() @ rotations
    turned[:, :3, :3] = Rotation.from_rotvec(pan[:, None] * [0.0, 0.0, 1.0]).as_matrix() @ tilted
    return turned


def _unit(vectors: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
