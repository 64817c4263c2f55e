"""Curves through keyframes, and how fast a camera moves along them.

A curve's shape and its timing are separate: `PoseSpline` fixes the shape over a parameter ``u``
whose knots are centripetal (Yuksel, Schaefer and Keyser, "Parameterization and Applications of
Catmull-Rom Curves", 2011), which keeps uneven keyframes from overshooting and looping; `by_length`
and `by_time` then say which ``u`` belongs to which frame.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

_PARTS = 64
"""Parts of the arc-length table per segment."""

_LEAST_KNOT = 1e-3
"""Least distance of two knots, so that repeated keyframes stay solvable."""


class PoseSpline:
    """A smooth curve of camera poses through all of its keyframes.

    ``positions`` is (key, 3) in world units, ``rotations`` (key, 3, 3) camera to world. Positions
    are twice continuously differentiable (a cubic spline), so are rotations (scipy's
    `RotationSpline`). A ``closed`` curve returns to its first key at ``knots[-1]``.
    """

    def __init__(
        self,
        positions: Float[np.ndarray, "key 3"],
        rotations: Float[np.ndarray, "key 3 3"],
        closed: bool = False,
    ) -> None:
        from scipy.interpolate import CubicSpline
        from scipy.spatial.transform import Rotation, RotationSpline

        assert len(positions) == len(rotations) >= 1
        if closed or len(positions) == 1:
            positions = np.concatenate([positions, positions[:1]])
            rotations = np.concatenate([rotations, rotations[:1]])
        turns = Rotation.from_matrix(rotations)
        self.knots = _centripetal(positions, (turns[:-1].inv() * turns[1:]).magnitude())
        periodic = closed and len(positions) > 3
        ends = "periodic" if periodic else "natural"
        self._position = CubicSpline(self.knots, positions, bc_type=ends)
        around, period = np.arange(len(positions)), self.knots[-1]
        knots = self.knots
        if periodic:
            lead = np.arange(len(positions) - 1)
            around = np.concatenate([lead, around, lead[1:], [0]])
            knots = np.concatenate([knots[:-1] - period, knots, knots[1:] + period])
        self._rotation = RotationSpline(knots, Rotation.from_matrix(rotations[around]))

    def positions(self, u: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 3"]:
        """Return the positions at parameters ``u``."""
        return self._position(u)

    def poses(self, u: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 4 4"]:
        """Return camera-to-world matrices at parameters ``u``."""
        matrices = np.tile(np.eye(4), (len(u), 1, 1))
        matrices[:, :3, :3] = self._rotation(u).as_matrix()
        matrices[:, :3, 3] = self._position(u)
        return matrices

    @property
    def length(self) -> float:
        """Length of the way in world units."""
        return float(self._lengths()[1][-1])

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


def _centripetal(
    positions: Float[np.ndarray, "key 3"], turns: Float[np.ndarray, "gap"]
) -> Float[np.ndarray, "key"]:
    """Return knots as far apart as the square root of what the camera moves and turns (radians)."""
    moved = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    total = moved.sum()
    share = moved / total if total > 0 else turns
    gaps = np.maximum(np.sqrt(share), _LEAST_KNOT)
    return np.concatenate([[0.0], np.cumsum(gaps)])


def eased(frames: int, ease: float) -> Float[np.ndarray, "frames"]:
    """Return the share of the way, 0 to 1, that is done at each of ``frames`` even times.

    Speed is constant but for the first and last ``ease`` (0 to 0.5) of the time, over which it
    rises from and falls to 0 as a smoothstep, so that acceleration is continuous too.
    """
    t = np.linspace(0.0, 1.0, frames)
    if ease <= 0:
        return t

    def ramp(time: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        x = np.minimum(time / ease, 1.0)
        return ease * (x**3 - x**4 / 2)

    steady = np.clip(t - ease, 0.0, 1.0 - 2 * ease)
    return (ramp(t) + steady + ease / 2 - ramp(1.0 - t)) / (1.0 - ease)
