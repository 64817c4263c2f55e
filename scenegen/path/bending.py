"""Smooth bends of a shot: least-squares curves over a few moments of it, and its way over time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.path.check import room_wanted
from scenegen.path.clearance import probe, sphere
from scenegen.path.location import Location
from scenegen.path.polyline import way_of

_KEYS_A_SECOND = 6.0
_MOST_KEYS = 240
_RAYS = 42
"""Directions in which `probe` looks."""

_ROUNDS = 12
_NEWTON = 6
_ROOM = 1.5
"""Clearance that is aimed for, in what `check_path` calls too near."""

_HOLD = 0.02
"""How much a key wants to stay where it is wanted, beside one that has to leave a surface."""

_MOST_SLOWED = 0.9
"""Most of a shot's speed that it may lose where its way becomes shorter."""

_SOONEST_S = 0.5
"""Trouble as near to the beginning or the end of a shot moves these too."""

_STEP = 0.25
"""Farthest that a key moves in a round, in sizes of the scene."""


@dataclass(frozen=True)
class Bend:
    """The moments (frames of a shot) at which it is bent, and the seconds over which that fades."""

    keys: Int[np.ndarray, "key"]
    reach_s: float
    fps: float

    @cached_property
    def stiffness(self) -> Float[np.ndarray, "3 key"]:
        """The matrix whose form is the squared second differences of a bend, to scale.

        It weighs such that a key moved alone draws its neighbours along for ``reach_s``. Only its
        diagonal and the two below it are not zero: these are its rows.
        """
        count = len(self.keys)
        bands = np.zeros((3, count))
        if count < 3:
            return bands
        for one, first in enumerate((1.0, -2.0, 1.0)):
            for other, second in enumerate((1.0, -2.0, 1.0)[: one + 1]):
                bands[one - other, other : other + count - 2] += first * second
        return (self.reach_s / self.gap_s) ** 4 * bands

    def smooth(self, values: Float[np.ndarray, "key dim"]) -> Float[np.ndarray, "key dim"]:
        """Return ``values`` without what changes faster than the bend may."""
        from scipy.linalg import solveh_banded

        bands = self.stiffness.copy()
        bands[0] += 1
        return np.asarray(solveh_banded(bands, values, lower=True))

    def window(self, troubled: Bool[np.ndarray, "key"]) -> Float[np.ndarray, "key"]:
        """Return 1 where ``troubled``, fading to 0 over twice the seconds that the bend reaches.

        Farther away it is exactly 0, so that what it weighs leaves the rest of the shot alone; it
        is smooth to its second derivative. It fades faster where the shot begins or ends before;
        within `_SOONEST_S` of that it does not fade.
        """
        seconds = self.keys / self.fps
        left = np.ones(len(seconds))
        places = np.flatnonzero(troubled)
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else []:
            share = np.ones(len(seconds))
            for away, most in (
                (seconds[run[0]] - seconds, seconds[run[0]] - seconds[0]),
                (seconds - seconds[run[-1]], seconds[-1] - seconds[run[-1]]),
            ):
                if most >= _SOONEST_S:
                    part = np.clip(away / min(most, 2 * self.reach_s), 0.0, 1.0)
                    share *= 1 - part + np.sin(2 * np.pi * part) / (2 * np.pi)
            left *= 1 - share
        return 1 - left

    @property
    def gap_s(self) -> float:
        """Seconds from key to key."""
        return float(np.diff(self.keys).mean()) / self.fps if len(self.keys) > 1 else 1.0

    def spread(self, values: Float[np.ndarray, "key dim"]) -> Float[np.ndarray, "frame dim"]:
        """Return the keys' values over all frames of the shot, by a natural cubic spline."""
        from scipy.interpolate import CubicSpline

        frames = np.arange(self.keys[-1] + 1)
        if len(self.keys) == 1:
            return np.repeat(values, len(frames), axis=0)
        return CubicSpline(self.keys, values, bc_type="natural")(frames)


def keys_of(count: int, fps: float) -> Int[np.ndarray, "key"]:
    """Return the frames of a shot of ``count`` frames at which it is bent; both ends are some."""
    wanted = int(np.clip(np.ceil(count / fps * _KEYS_A_SECOND) + 1, 2, min(count, _MOST_KEYS)))
    return np.unique(np.linspace(0, count - 1, max(wanted, 1)).round().astype(int))


def smoothest(
    places: Float[np.ndarray, "key 3"],
    wanted: Float[np.ndarray, "key 3"],
    troubled: Bool[np.ndarray, "key"],
    bend: Bend,
    location: Location,
) -> Float[np.ndarray, "key 3"]:
    """Return how far each key moves: as smoothly as can be to ``wanted``, and off every surface.

    Keys that are not near ``troubled`` ones hold their place. Each round looks around from where
    the keys are; the nearest thing that a key's rays meet is a plane
    that it has to stay before, from then on (sequential least squares with active planes).
    """
    nearest, _ = location.survey.nearest(places + wanted)
    room = _ROOM * room_wanted(nearest, location)
    directions = sphere(_RAYS)
    moved = np.array(wanted)
    planes = _Planes(np.zeros((0, 3)), np.zeros(0), np.zeros(0, int))
    hold = 1 - (1 - _HOLD) * bend.window(troubled)
    for turn in range(_ROUNDS):
        reach = probe(places + moved, location.touching)
        ray = reach.argmin(axis=1)
        lacking = room - reach[np.arange(len(places)), ray]
        if turn == 0:  # where a shot begins and ends well, it still does
            hold[[0, -1]] = np.where(lacking[[0, -1]] <= 0, 1.0, hold[[0, -1]])
        met = np.flatnonzero(lacking > 1e-3 * room)
        if turn and not len(met):
            break
        normals = -directions[ray[met]]
        goals = (normals * moved[met]).sum(axis=1) + lacking[met]
        planes = planes.with_more(normals, goals, met)
        step = planes.solved(wanted, hold, bend) - moved
        longest = float(np.linalg.norm(step, axis=1).max()) / (_STEP * location.size)
        moved = moved + step / max(1.0, longest)
    return moved


def slid(
    poses: Float[np.ndarray, "frame 4 4"],
    before: Float[np.ndarray, "frame 3"],
    where: Float[np.ndarray, "frame"],
) -> tuple[Float[np.ndarray, "frame 4 4"], Float[np.ndarray, "frame"]]:
    """Return a bent shot played such that its speed rises and falls as along ``before``.

    A way around is longer, or shorter; the camera travels it faster or slower as far as ``where``,
    0 to 1, says, and passes all else at its own time. Also returns which frame, in parts, each
    frame was.
    """
    from scipy.interpolate import CubicSpline, PchipInterpolator
    from scipy.spatial.transform import Rotation, RotationSpline

    frames = np.arange(len(poses), dtype=np.float64)
    old, new = way_of(before), way_of(poses[:, :3, 3])
    steps = np.diff(old)
    part = steps * (where[1:] + where[:-1]) / 2
    more = new[-1] - old[-1]
    if len(poses) < 3 or part.sum() == 0 or more < -_MOST_SLOWED * part.sum():
        return poses, frames
    paced = np.append(0.0, np.cumsum(steps + more * part / part.sum()))
    moving = np.append(True, np.diff(new) > 1e-9 * new[-1])
    index = PchipInterpolator(new[moving], frames[moving])(np.clip(paced, 0.0, new[moving][-1]))
    # The camera stands where its way does not go on: there it turns at its own time.
    index = np.clip(np.where(np.append(steps, 1.0) > 1e-9 * old[-1], index, frames), 0, frames[-1])
    index[0], index[-1] = frames[0], frames[-1]
    out = np.tile(np.eye(4), (len(poses), 1, 1))
    turns = Rotation.from_matrix(poses[:, :3, :3])
    out[:, :3, :3] = RotationSpline(frames, turns)(index).as_matrix()
    out[:, :3, 3] = CubicSpline(frames, poses[:, :3, 3])(index)
    return out, index


@dataclass(frozen=True)
class _Planes:
    """What keys may not pass: ``normals`` @ (move of key ``owners``) is at least ``goals``."""

    normals: Float[np.ndarray, "plane 3"]
    goals: Float[np.ndarray, "plane"]
    owners: Int[np.ndarray, "plane"]

    def with_more(
        self,
        normals: Float[np.ndarray, "n 3"],
        goals: Float[np.ndarray, "n"],
        owners: Int[np.ndarray, "n"],
    ) -> _Planes:
        return _Planes(
            np.concatenate([self.normals, normals]),
            np.append(self.goals, goals),
            np.append(self.owners, owners),
        )

    def solved(
        self,
        wanted: Float[np.ndarray, "key 3"],
        hold: Float[np.ndarray, "key"],
        bend: Bend,
    ) -> Float[np.ndarray, "key 3"]:
        """Return the smoothest bend that is near to ``wanted`` and before all planes.

        Squared hinges; Newton's steps end when the same planes push twice.
        """
        from scipy.linalg import solveh_banded

        # Rows are the diagonals of a matrix over keys and axes: keys apart lie three rows apart.
        base = np.zeros((9, 3 * len(wanted)))
        base[[0, 3, 6]] = _HOLD * np.repeat(bend.stiffness, 3, axis=1)
        base[0] += np.repeat(hold, 3)
        active, moved = np.ones(len(self.goals), bool), wanted
        for _ in range(_NEWTON):
            bands, right = base.copy(), hold[:, None] * wanted
            owners, normals = self.owners[active], self.normals[active]
            for axis, other in ((0, 0), (1, 0), (2, 0), (1, 1), (2, 1), (2, 2)):
                column = 3 * owners + other
                np.add.at(bands[axis - other], column, normals[:, axis] * normals[:, other])
            np.add.at(right, owners, self.goals[active, None] * normals)
            flat = np.asarray(solveh_banded(bands, right.ravel(), lower=True))
            moved = flat.reshape(right.shape)
            pushes = (self.normals * moved[self.owners]).sum(axis=1) < self.goals
            if (pushes == active).all():
                break
            active = pushes
        return moved
