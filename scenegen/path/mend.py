"""A path bent out of walls and back to where photos looked.

What a shot's places move by is found at a few moments a second, as the smoothest bend (least
squares of its second differences, and of the bend itself) that keeps the camera off every surface
that rays from it meet. Where the way passes through a surface, it is led along a way around first
(`detour`). The camera goes on looking at what it looked at, with its roll; where photos saw too
little of that, it moves and turns toward them. A longer way is then spread over time, so that the
speed stays as even as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.path.bending import Bend, keys_of, slid, smoothest
from scenegen.path.check import FAST, SEEN, TURN_DEG_S, PathCheck, check_path, shots_of, with_cuts
from scenegen.path.detour import detour
from scenegen.path.location import Location
from scenegen.path.polyline import unit
from scenegen.types import CameraPath

_LEANS = ((0.0, 0.0), (0.35, 0.35), (0.7, 0.7), (0.85, 0.85), (1.0, 1.0), (1.0, 0.3), (1.0, 0.0))
"""How far toward the photos unseen views are moved and turned, try by try.

A view that is opposite to theirs cannot be turned in time; then it is moved alone."""

_REACHES_S = (0.6, 1.2, 2.4)
"""Seconds over which a bend fades out, try by try: the shortest that jolts nothing is taken."""

_CANDIDATES = 12
"""Nearest photos of each key that it may be led to."""

_WORSE = 1.1
"""How much faster than before a path may travel or turn where that is hard to watch."""

_WORTH = 0.002
"""Least share of all pictures by which photos must see more for a bend to be worth it."""

_STILL = 0.1
"""Share of its usual speed that a path keeps, however much better it would see by standing."""

_JOLT = 2.0
"""Most that the speed of a bent path may change in a second, in usual speeds of the path."""

_SLOW = 0.1
"""Usual speed, in sizes of the scene a second, of a path that hardly moves."""

_JOLTS_COUNT = 0.05
"""What jolting counts beside seeing less than half of all pictures: a crossing counts far more."""

_SWING = 90.0
"""Most that its turn may change in a second, in degrees a second."""


@dataclass(frozen=True)
class Mended:
    """A path, what is wrong with it, and what was before; the same path where nothing helped."""

    path: CameraPath
    check: PathCheck
    before: PathCheck


def mend_path(path: CameraPath, location: Location) -> Mended:
    """Return ``path`` with its crossings, close passes and unseen views mended.

    Frames before the trouble and after it stay where they are, as far as the bend between them can
    be smooth. What cannot be mended stays as near to the photos as was tried; the check says so.
    Each shot between cuts is mended by itself.
    """
    stated = with_cuts(path, location.size)
    before = check_path(stated, location)
    if _badness(before) == 0:
        return Mended(path, before, before)
    parts = [_part(path, shot) for shot in shots_of(before.cuts)]
    mended = [_mended_shot(part, location) for part in parts]
    if all(one is part for one, part in zip(mended, parts, strict=True)):
        return Mended(path, before, before)
    whole = _joined(stated, mended)
    return Mended(whole, check_path(whole, location), before)


def _part(path: CameraPath, shot: Int[np.ndarray, "n"]) -> CameraPath:
    lens = path.lens_work
    if lens is not None:
        focus, width = lens.focus_distance[shot], lens.aperture[shot]
        lens = replace(lens, focus_distance=focus, aperture=width)
    poses = path.world_from_camera[shot].astype(np.float64)
    fov = path.fov_y_deg[shot].astype(np.float64)
    return replace(path, world_from_camera=poses, fov_y_deg=fov, lens_work=lens, cuts=())


def _joined(path: CameraPath, parts: list[CameraPath]) -> CameraPath:
    lens = path.lens_work
    works = [part.lens_work for part in parts if part.lens_work is not None]
    if lens is not None:
        focus = np.concatenate([work.focus_distance for work in works])
        lens = replace(
            lens, focus_distance=focus, aperture=np.concatenate([work.aperture for work in works])
        )
    poses = np.concatenate([part.world_from_camera for part in parts])
    fov = np.concatenate([part.fov_y_deg for part in parts])
    return replace(path, world_from_camera=poses, fov_y_deg=fov, lens_work=lens)


def _mended_shot(shot: CameraPath, location: Location) -> CameraPath:
    """Return the best bend of a shot that is worth it; the shot itself where none is."""
    before = check_path(shot, location)
    best, worst = shot, _badness(before)
    for lean in _LEANS:
        for reach in _REACHES_S:
            if worst == 0 or (not any(lean) and not _blocked(before).any()):
                break
            bent = _bent(shot, before, lean, reach, location)
            check = check_path(bent, location)
            jolt = _jolt(bent, shot, before, location)
            bad = _badness(check) + _JOLTS_COUNT * max(0.0, jolt - 1)
            if _calm(check, before, location) and bad < min(0.98 * worst, worst - _WORTH):
                best, worst = bent, bad
                if jolt <= 1:
                    break
    return best


def _badness(check: PathCheck) -> float:
    """Return how bad a path is, by what can be mended: crossings above all."""
    lacking = np.clip(SEEN - check.seen, 0.0, None).mean()
    return float(100 * check.crosses.mean() + 10 * check.near.mean() + lacking)


def _blocked(check: PathCheck) -> Bool[np.ndarray, "look"]:
    return check.crosses | check.near


def _calm(check: PathCheck, before: PathCheck, location: Location) -> bool:
    """Say whether a bent path travels and turns no faster than before, where that is too fast.

    Nor may it all but stand.
    """
    fast = max(FAST * location.size, _WORSE * float(before.speed.max()))
    turn = max(TURN_DEG_S, _WORSE * float(before.turn_deg_s.max()))
    moves = check.speed.mean() >= _STILL * before.speed.mean()
    return bool(check.speed.max() <= fast and check.turn_deg_s.max() <= turn and moves)


def _jolt(bent: CameraPath, path: CameraPath, before: PathCheck, location: Location) -> float:
    """Return how much a bent path jolts, at its worst: to 1 nobody minds.

    Where a second of the former ``path`` jolted, so may the bent one.
    """
    from scipy.ndimage import maximum_filter1d

    usual = max(float(before.speed.mean()), _SLOW * location.size)
    around = 2 * round(path.fps) + 1
    worst = 0.0
    for limit, jolts, former in zip(
        (_JOLT * usual, _SWING), _jolts(bent), _jolts(path), strict=True
    ):
        allowed = np.maximum(limit, _WORSE * maximum_filter1d(former, around))
        worst = max(worst, float((jolts / allowed).max()))
    return worst


def _jolts(path: CameraPath) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Return how much speed and turn change, in units and degrees a second each second."""
    from scipy.spatial.transform import Rotation

    if len(path) < 3:
        return np.zeros(1), np.zeros(1)
    poses = path.world_from_camera.astype(np.float64)
    steps = np.diff(poses[:, :3, 3], axis=0)
    turns = Rotation.from_matrix(poses[1:, :3, :3] @ poses[:-1, :3, :3].swapaxes(1, 2))
    push = np.linalg.norm(np.diff(steps, axis=0), axis=1)
    swing = np.linalg.norm(np.diff(turns.as_rotvec(degrees=True), axis=0), axis=1)
    return push * path.fps**2, swing * path.fps**2


def _bent(
    path: CameraPath,
    check: PathCheck,
    lean: tuple[float, float],
    reach_s: float,
    location: Location,
) -> CameraPath:
    bend = Bend(keys_of(len(path), path.fps), reach_s, path.fps)
    looks = np.searchsorted(check.frames, bend.keys).clip(0, len(check.frames) - 1)
    lacking = np.interp(bend.keys, check.frames, np.clip(SEEN - check.seen, 0.0, None)) > 0
    troubles = lacking & any(lean), _blocked(check)[looks]
    lens = path.lens_work
    focus = np.zeros(len(path)) if lens is None else lens.focus_distance
    bent = _bent_shot(path.world_from_camera, focus, troubles, lean, bend, location)
    poses, index, focus = bent
    frames = np.arange(len(path))
    if lens is not None:
        width = np.interp(index, frames, lens.aperture)
        lens = replace(lens, focus_distance=focus, aperture=width)
    fov = np.interp(index, frames, path.fov_y_deg)
    return replace(path, world_from_camera=poses, fov_y_deg=fov, lens_work=lens)


def _bent_shot(
    poses: Float[np.ndarray, "frame 4 4"],
    focus: Float[np.ndarray, "frame"],
    troubles: tuple[Bool[np.ndarray, "key"], Bool[np.ndarray, "key"]],
    lean: tuple[float, float],
    bend: Bend,
    location: Location,
) -> tuple[Float[np.ndarray, "frame 4 4"], Float[np.ndarray, "frame"], Float[np.ndarray, "frame"]]:
    """Return a shot bent, at which of its former frames it is in each frame, and its focus.

    ``troubles`` are the keys at which too little is seen, and those at which something is met.
    """
    lacking, blocked = troubles
    places, forwards = poses[bend.keys, :3, 3], -poses[bend.keys, :3, 2]
    anchors, views = _photos_near(places, bend, location)
    led = bend.window(lacking)[:, None]
    wanted = lean[0] * led * (anchors - places)
    led_to = places + wanted
    around = detour(led_to, location)
    troubled = lacking | blocked | around.any(axis=1)
    window = bend.window(troubled)
    near = window[:, None]
    moved = wanted + near * smoothest(led_to, around, troubled, bend, location)
    # What it looks at comes along where it is led back to the photos, and stays where it is bent.
    ranges = _ranges(places, forwards, location)[:, None]
    looks = unit(wanted + ranges * forwards - moved)
    share = lean[1] * led
    looks = unit((1 - share) * looks + share * views)
    bent = _turned(poses, forwards, looks, bend, location.steep)
    bent[:, :3, 3] = poses[:, :3, 3] + bend.spread(moved)
    # So does what is in focus: how far along the new axis it lies.
    aside = bend.spread(wanted - moved) - focus[:, None] * poses[:, :3, 2]
    kept = -(aside * bent[:, :3, 2]).sum(axis=1)
    focus = np.where(kept > 0.1 * focus, kept, focus)
    slow, index = slid(bent, poses[:, :3, 3], bend.spread(near)[:, 0].clip(0.0, 1.0))
    return slow, index, np.interp(index, np.arange(len(focus)), focus)


def _photos_near(
    places: Float[np.ndarray, "key 3"], bend: Bend, location: Location
) -> tuple[Float[np.ndarray, "key 3"], Float[np.ndarray, "key 3"]]:
    """Return place and view of a photo near each key, smoothed.

    The nearest photo may be one on the other side from one key to the next. So the photos are such
    that they are near, and near to each other from key to key (Viterbi, 1967): going from one to
    another costs what being as far away does, where it takes as long as the bend reaches.
    """
    survey = location.survey
    near = np.linalg.norm(places[:, None] - survey.positions, axis=2)
    some = np.unique(np.argsort(near, axis=1)[:, :_CANDIDATES])
    far, spots = near[:, some] ** 2, survey.positions[some]
    step = np.sum((spots[:, None] - spots) ** 2, axis=2) * (bend.reach_s / bend.gap_s) ** 2
    cost, came = far[0], []
    for there in far[1:]:
        ways = cost[:, None] + step
        came.append(ways.argmin(axis=0))
        cost = ways.min(axis=0) + there
    chain = [int(cost.argmin())]
    for before in reversed(came):
        chain.append(int(before[chain[-1]]))
    chosen = some[chain[::-1]]
    views = unit(bend.smooth(survey.forwards[chosen]))
    return bend.smooth(survey.positions[chosen]), views


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
        vector = bend.spread(axis / np.maximum(sine, 1e-12) * angle[:, None])
        turned[:, :3, :3] = Rotation.from_rotvec(vector).as_matrix() @ rotations
        return turned
    heading = np.arctan2(looks[:, 1], looks[:, 0]) - np.arctan2(forwards[:, 1], forwards[:, 0])
    heading = np.unwrap((heading + np.pi) % (2 * np.pi) - np.pi)
    tilt = np.arcsin(looks[:, 2]) - np.arcsin(np.clip(forwards[:, 2], -1.0, 1.0))
    pan, pitch = bend.spread(np.stack([heading, tilt], axis=1)).T
    # The axis of the tilt is level and across the view, whatever the camera's roll.
    across = np.cross(-rotations[:, :, 2], [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    tilted = Rotation.from_rotvec(pitch[:, None] * across).as_matrix() @ rotations
    turned[:, :3, :3] = Rotation.from_rotvec(pan[:, None] * [0.0, 0.0, 1.0]).as_matrix() @ tilted
    return turned
