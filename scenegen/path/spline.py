"""Curves through keyframes, and how fast a camera moves along them.

A curve's shape and its timing are separate: `PoseSpline` fixes the shape over a parameter ``u``
whose knots are centripetal (Yuksel, Schaefer and Keyser, "Parameterization and Applications of
Catmull-Rom Curves", 2011), which keeps uneven keyframes from overshooting and looping; `by_length`
and `by_time` then say which ``u`` belongs to which frame.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

_PARTS = 1000
"""Parts of the arc-length table per segment."""

_LEAST_KNOT = 1e-3
"""Least distance of two knots, so that repeated keyframes stay solvable."""


class PoseSpline:
    """A smooth curve of camera poses through all of its keyframes.

    ``positions`` is (key, 3) in world units, ``rotations`` (key, 3, 3) camera to world. Positions
    and rotations are twice continuously differentiable: cubic splines through the positions and
    through the quaternions, normalised (scipy's `RotationSpline` is as smooth and turns at a more
    even rate, but diverges where keyframes are unevenly spaced and half a turn apart). A ``closed``
    curve returns to its first key at ``knots[-1]``.
    """

    def __init__(
        self,
        positions: Float[np.ndarray, "key 3"],
        rotations: Float[np.ndarray, "key 3 3"],
        closed: bool = False,
    ) -> None:
        from scipy.interpolate import CubicSpline
        from scipy.spatial.transform import Rotation

        assert len(positions) == len(rotations) >= 1
        if closed or len(positions) == 1:
            positions = np.concatenate([positions, positions[:1]])
            rotations = np.concatenate([rotations, rotations[:1]])
        turns = Rotation.from_matrix(rotations)
        self.knots = _centripetal(positions, (turns[:-1].inv() * turns[1:]).magnitude())
        periodic = closed and len(positions) > 2
        ends = "periodic" if periodic else "natural"
        self._position = CubicSpline(self.knots, positions, bc_type=ends)
        quaternions, knots = turns.as_quat(), self.knots
        if periodic:
            # A quaternion may come back with its sign changed, so it is no periodic function: two
            # more rounds before and after make it as smooth at the seam as elsewhere.
            quaternions = np.concatenate([quaternions[:-1], quaternions, quaternions[1:]])
            knots = np.concatenate([knots[:-1] - knots[-1], knots, knots[1:] + knots[-1]])
        self._quaternion = CubicSpline(knots, _aligned(quaternions), bc_type="natural")

    def positions(self, u: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 3"]:
        """Return the positions at parameters ``u``."""
        return self._position(u)

    def poses(self, u: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 4 4"]:
        """Return camera-to-world matrices at parameters ``u``."""
        from scipy.spatial.transform import Rotation

        matrices = np.tile(np.eye(4), (len(u), 1, 1))
        matrices[:, :3, :3] = Rotation.from_quat(self._quaternion(u)).as_matrix()
        matrices[:, :3, 3] = self._position(u)
        return matrices

    @property
    def length(self) -> float:
        """Length of the way in world units."""
        return float(self._lengths()[1][-1])

    @property
    def key_shares(self) -> Float[np.ndarray, "key"]:
        """Shares (0 to 1) at which `by_length` passes the knots, the return of a closed one too."""
        u, lengths = self._lengths()
        if lengths[-1] <= 1e-9 * (1.0 + np.abs(self._position(u)).max()):
            return (self.knots - u[0]) / (u[-1] - u[0])
        return np.interp(self.knots, u, lengths / lengths[-1])

    def by_length(self, shares: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """Return the parameters at ``shares`` (0 to 1) of the curve's length.

        A curve that goes nowhere is timed by its knots, that is by its turns.
        """
        u, lengths = self._lengths()
        if lengths[-1] <= 1e-9 * (1.0 + np.abs(self._position(u)).max()):
            return np.interp(shares, (u - u[0]) / (u[-1] - u[0]), u)
        return np.interp(shares, lengths / lengths[-1], u)

    def by_time(
        self, times: Float[np.ndarray, "key"], t: Float[np.ndarray, "n"]
    ) -> Float[np.ndarray, "n"]:
        """Return the parameters at times ``t`` when the keyframes are passed at ``times``."""
        from scipy.interpolate import PchipInterpolator

        return PchipInterpolator(times, self.knots)(np.clip(t, times[0], times[-1]))

    def _lengths(self) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
        """Return a fine table of parameters and the length up to each, by Simpson's rule."""
        starts, ends = self.knots[:-1, None], self.knots[1:, None]
        inner = starts + (ends - starts) * np.linspace(0.0, 1.0, _PARTS, endpoint=False)
        u = np.append(inner.ravel(), self.knots[-1])
        middle = (u[:-1] + u[1:]) / 2
        speed = np.linalg.norm(self._position(u, 1), axis=1)
        halfway = np.linalg.norm(self._position(middle, 1), axis=1)
        parts = np.diff(u) * (speed[:-1] + 4 * halfway + speed[1:]) / 6
        return u, np.concatenate([[0.0], np.cumsum(parts)])


def _aligned(quaternions: Float[np.ndarray, "key 4"]) -> Float[np.ndarray, "key 4"]:
    """Return the same rotations with signs such that each is on the side of the one before."""
    flips = (quaternions[1:] * quaternions[:-1]).sum(axis=1) < 0
    return quaternions * np.where(np.concatenate([[0], np.cumsum(flips)]) % 2, -1.0, 1.0)[:, None]


def _centripetal(
    positions: Float[np.ndarray, "key 3"], turns: Float[np.ndarray, "gap"]
) -> Float[np.ndarray, "key"]:
    """Return knots as far apart as the square root of what the camera moves.

    On the spot they are as far apart as it turns, in radians, which makes the turn even.
    """
    moved = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    total = moved.sum()
    gaps = np.sqrt(moved / total) if total > 0 else turns
    return np.concatenate([[0.0], np.cumsum(np.maximum(gaps, _LEAST_KNOT))])
