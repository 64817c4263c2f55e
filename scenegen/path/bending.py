"""Smooth bends of a shot: least-squares curves over a few moments of it, and its way over time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from scenegen.path.check import NEAR, room_wanted
from scenegen.path.clearance import sphere
from scenegen.path.location import Location

_KEYS_A_SECOND = 6.0
_MOST_KEYS = 240
_ROUNDS = 14
_ROOM = 1.5
"""Clearance that is aimed for, in what `check_path` calls too near."""

_HOLD = 0.02
"""How much a key wants to stay where it is wanted, beside one that has to leave a surface."""

_STEP = 0.25
"""Farthest that a key moves in a round, in sizes of the scene."""


@dataclass(frozen=True)
class Bend:
    """The moments (frames of a shot) at which it is bent, and the seconds over which that fades."""

    keys: Int[np.ndarray, "key"]
    reach_s: float
    fps: float

    @cached_property
    def stiffness(self) -> Float[np.ndarray, "key key"]:
        """The matrix whose form is the squared second differences of a bend, to scale.

        It weighs such that a key moved alone draws its neighbours along for ``reach_s``.
        """
        count = len(self.keys)
        if count < 3:
            return np.zeros((count, count))
        second = np.diff(np.eye(count), 2, axis=0)
        gap_s = float(np.diff(self.keys).mean()) / self.fps
        return (self.reach_s / gap_s) ** 4 * second.T @ second

    def smooth(self, values: Float[np.ndarray, "key dim"]) -> Float[np.ndarray, "key dim"]:
        """Return ``values`` without what changes faster than the bend may."""
        return np.linalg.solve(np.eye(len(self.keys)) + self.stiffness / 16, values)

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
    bend: Bend,
    location: Location,
) -> Float[np.ndarray, "key 3"]:
    """Return how far each key moves: as smoothly as can be to ``wanted``, and off every surface.

    Each round looks around from where the keys are; what a ray meets is a plane that the key has to
    stay before (sequential least squares with active planes).
    """
    moved = np.array(wanted)
    survey = location.survey
    nearest = np.linalg.norm((places + wanted)[:, None] - survey.positions, axis=2).argmin(axis=1)
    room = room_wanted(nearest, location)
    room = np.minimum(_ROOM * NEAR * location.size, _ROOM * room)
    directions = sphere(_RAYS)
    for _ in range(_ROUNDS):
        origins = np.repeat(places + moved, _RAYS, axis=0)
        reach = location.touching(origins, np.tile(directions, (len(places), 1)))
        reach = reach.reshape(len(places), _RAYS)
        step = _solved(moved, wanted, reach, room, bend) - moved
        longest = np.linalg.norm(step, axis=1).max() / (_STEP * location.size)
        moved = moved + step / max(1.0, longest)
        if np.abs(step).max() < 1e-4 * location.size:
            break
    return moved


def slid(
    poses: Float[np.ndarray, "frame 4 4"], before: Float[np.ndarray, "frame 3"]
) -> tuple[Float[np.ndarray, "frame 4 4"], Float[np.ndarray, "frame"]]:
    """Return a bent shot played such that its speed rises and falls as along ``before``.

    A way around is longer; the camera travels all of it a little faster, not the bend alone. Also
    returns which frame, in parts, each frame was.
    """
    from scipy.spatial.transform import Rotation, Slerp

    frames = np.arange(len(poses), dtype=np.float64)
    old, new = _way(before), _way(poses[:, :3, 3])
    stretch = np.diff(new) > 1.02 * np.diff(old) + 1e-12
    if len(poses) < 3 or old[-1] == 0 or not stretch.any():
        return poses, frames
    index = np.interp(old / old[-1] * new[-1], new, frames)
    index[0], index[-1] = frames[0], frames[-1]
    out = np.tile(np.eye(4), (len(poses), 1, 1))
    out[:, :3, :3] = Slerp(frames, Rotation.from_matrix(poses[:, :3, :3]))(index).as_matrix()
    out[:, :3, 3] = np.stack([np.interp(index, frames, axis) for axis in poses[:, :3, 3].T], axis=1)
    return out, index


def _way(places: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
    return np.append(0.0, np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1)))


_RAYS = 42


def _solved(
    moved: Float[np.ndarray, "key 3"],
    wanted: Float[np.ndarray, "key 3"],
    reach: Float[np.ndarray, "key ray"],
    room: Float[np.ndarray, "key"],
    bend: Bend,
) -> Float[np.ndarray, "key 3"]:
    """Return the bend that is smoothest and nearest to ``wanted`` before all planes that are met.

    A plane lies where a ray ends, square to it; the nearest one of each key counts, and others in
    the measure in which they are as near.
    """
    count = len(moved)
    matrix = np.zeros((count, 3, count, 3))
    for axis in range(3):
        matrix[:, axis, :, axis] = _HOLD * (np.eye(count) + bend.stiffness)
    right = np.einsum("iajb,jb->ia", matrix, np.zeros_like(moved)) + _HOLD * wanted
    directions = sphere(_RAYS)
    lacking = room[:, None] - reach
    for key, ray in zip(*np.nonzero(lacking > 0), strict=True):
        normal = -directions[ray]
        weight = (lacking[key, ray] / max(float(lacking[key].max()), 1e-12)) ** 2 * 4
        goal = normal @ moved[key] + lacking[key, ray]
        matrix[key, :, key, :] += weight * np.outer(normal, normal)
        right[key] += weight * goal * normal
    flat = np.linalg.solve(matrix.reshape(3 * count, 3 * count), right.ravel())
    return flat.reshape(count, 3)
