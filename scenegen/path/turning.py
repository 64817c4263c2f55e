"""Rotations through keyframes: smooth, and never far from the shortest turn between two of them.

Velocities and accelerations at the keys are those of the cubic spline through the turns laid end to
end, held down where keys are uneven: a spline that comes out of a fast turn into a slow one would
swing past it. (Hyman, "Accurate Monotonicity Preserving Cubic Interpolation", 1983.)
Between keys a Bezier curve of degree five, in the cumulative form of Kim, Kim and Shin, "A General
Construction Scheme for Unit Quaternion Curves" (1995), has these velocities and accelerations at
its ends, so that the whole is twice continuously differentiable.
"""

from __future__ import annotations

from math import comb

import numpy as np
from jaxtyping import Float

_FASTEST = 1.25
"""Velocity at a key, at most, in that of the slower turn beside it."""

_HARDEST = 8.0
"""Acceleration at a key, at most, in that which turns as far as the smaller turn beside it, in its
time squared."""

_DEGREE = 5


class TurnSpline:
    """A smooth curve through rotations, which it passes at ``knots``.

    ``rotations`` is (key, 3, 3); ``knots`` rise. A ``closed`` curve ends with the rotation that it
    began with, and goes on there as smoothly.
    """

    def __init__(
        self,
        knots: Float[np.ndarray, "key"],
        rotations: Float[np.ndarray, "key 3 3"],
        closed: bool = False,
    ) -> None:
        from scipy.spatial.transform import Rotation

        keys = Rotation.from_matrix(rotations)
        gaps = np.diff(knots)[:, None]
        turns = (keys[:-1].inv() * keys[1:]).as_rotvec()
        velocity, acceleration = _held(knots, turns, closed)
        exp = Rotation.from_rotvec
        # The first and last two turns of the curve give velocity and acceleration at its ends, the
        # one in the middle what is left. All are in the frame of the camera when they begin.
        first, last = velocity[:-1] * gaps / 5, velocity[1:] * gaps / 5
        second = first + acceleration[:-1] * gaps**2 / 20
        fourth = last - exp(last).apply(acceleration[1:] * gaps**2 / 20)
        begun, ended = exp(first) * exp(second), exp(fourth) * exp(last)
        middle = (begun.inv() * exp(turns) * ended.inv()).as_rotvec()
        middle = _nearest_round(middle, turns - first - second - fourth - last)
        self._knots, self._keys = knots, keys.as_quat()
        self._parts = (first, second, middle, fourth, last)

    def __call__(self, at: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 3 3"]:
        """Return the rotations at ``at``, within the knots."""
        from scipy.spatial.transform import Rotation

        gap = np.searchsorted(self._knots, at, side="right") - 1
        gap = np.clip(gap, 0, len(self._knots) - 2)
        share = (at - self._knots[gap]) / np.diff(self._knots)[gap]
        terms = [
            comb(_DEGREE, j) * share**j * (1 - share) ** (_DEGREE - j) for j in range(_DEGREE + 1)
        ]
        made = Rotation.from_quat(self._keys[gap])
        for index, part in enumerate(self._parts, 1):
            done = np.sum(terms[index:], axis=0)
            made = made * Rotation.from_rotvec(done[:, None] * part[gap])
        return made.as_matrix()


def _nearest_round(
    vectors: Float[np.ndarray, "gap 3"], wanted: Float[np.ndarray, "gap 3"]
) -> Float[np.ndarray, "gap 3"]:
    """Return the same rotations, the other way round where that is nearer to ``wanted``.

    What is left of a turn by nearly half a circle may be more than half a circle.
    """
    angle = np.linalg.norm(vectors, axis=1, keepdims=True)
    other = vectors * (1 - 2 * np.pi / np.maximum(angle, 1e-12))
    nearer = ((other - wanted) ** 2).sum(axis=1) < ((vectors - wanted) ** 2).sum(axis=1)
    return np.where(nearer[:, None] & (angle > 1.0), other, vectors)


def _held(
    knots: Float[np.ndarray, "key"], turns: Float[np.ndarray, "gap 3"], closed: bool
) -> tuple[Float[np.ndarray, "key 3"], Float[np.ndarray, "key 3"]]:
    """Return velocity and acceleration at each key, in the frame of the camera there."""
    from scipy.interpolate import CubicSpline

    gaps = np.diff(knots)
    if len(gaps) == 1:
        return np.repeat(turns / gaps[:, None], 2, axis=0), np.zeros((2, 3))
    way = np.concatenate([np.zeros((1, 3)), np.cumsum(turns, axis=0)])
    mean = way[-1] / (knots[-1] - knots[0]) * closed
    way = way - (knots - knots[0])[:, None] * mean
    if closed:
        way[-1] = way[0]
    spline = CubicSpline(knots, way, bc_type="periodic" if closed else "natural")
    rate = np.linalg.norm(turns, axis=1) / gaps
    return (
        _at_most(spline(knots, 1) + mean, _FASTEST * _smaller(rate, closed)),
        _at_most(spline(knots, 2), _HARDEST * _smaller(rate / gaps, closed)),
    )


def _smaller(values: Float[np.ndarray, "gap"], closed: bool) -> Float[np.ndarray, "key"]:
    """Return for each key the smaller value of the gaps beside it."""
    before, after = (values[-1], values[0]) if closed else (np.inf, np.inf)
    return np.minimum(np.append(before, values), np.append(values, after))


def _at_most(
    vectors: Float[np.ndarray, "key 3"], most: Float[np.ndarray, "key"]
) -> Float[np.ndarray, "key 3"]:
    """Return the vectors, shortened to ``most`` where they are longer."""
    length = np.maximum(np.linalg.norm(vectors, axis=1), 1e-300)
    return vectors * np.minimum(1.0, most / length)[:, None]
