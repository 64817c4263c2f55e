"""Curves through keyframes, and how fast a camera moves along them.

The shape of the way is a cubic spline whose knots are centripetal (Yuksel, Schaefer and Keyser,
"Parameterization and Applications of Catmull-Rom Curves", 2011), which keeps uneven keyframes from
overshooting and looping. How it is timed is another matter: by its length, which makes the speed
constant, or by times at which the keyframes are passed. Turns (`turning`) and zooms follow the time
at which the camera comes to each key, not the shape of the way.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.path.timing import EASE_SHARE, eased, smoother
from scenegen.path.turning import TurnSpline

_PARTS = 1000
"""Parts of the arc-length table per gap between keys."""

_SPOT = 1e-9
"""Share of the way's length below which keys are at one place; also least turn and zoom."""

_WHIRL = 200.0
"""Radians in the time of the whole way from which a turn is one on the spot: without a stop for it,
it would be over within a frame or two."""

_SPOT_WAY = np.pi
"""Turn on the spot, in radians, that takes as long as the whole way."""

_SPOT_KNOT = 1e-6
"""Distance of two knots between which the camera turns on the spot."""


class PoseSpline:
    """A smooth curve of camera poses and zooms through all of its keyframes, over shares 0 to 1.

    ``positions`` is (key, 3) in world units, ``rotations`` (key, 3, 3) camera to world, ``fovs``
    (key) in degrees. A ``closed`` curve returns to its first key at 1. With ``times`` (seconds,
    rising; one more for the return) each key is passed at its own, and shares are those of the
    time; without, they are shares of the length, so that the speed is constant. There, a camera
    that is to turn or zoom on the spot stops for it, and a key that repeats the one before is
    passed with it.

    Positions are twice continuously differentiable along the way, rotations in time; zooms once,
    and they stay between those of the keys.
    """

    def __init__(
        self,
        positions: Float[np.ndarray, "key 3"],
        rotations: Float[np.ndarray, "key 3 3"],
        closed: bool = False,
        times: Float[np.ndarray, "time"] | None = None,
        fovs: Float[np.ndarray, "key"] | None = None,
    ) -> None:
        from scipy.interpolate import PchipInterpolator

        assert len(positions) == len(rotations) >= 1
        zooms = np.zeros(len(positions)) if fovs is None else np.log(fovs)
        around = closed or len(positions) == 1
        keys = [np.append(part, part[:around], axis=0) for part in (positions, rotations, zooms)]
        place = np.arange(len(keys[0])) if times is not None else _distinct(*keys)
        first = np.searchsorted(place, np.arange(place[-1] + 1))
        positions, rotations, zooms = (part[first] for part in keys)
        if closed:
            positions[-1], rotations[-1] = positions[0], rotations[0]
        moved, turned = _moved(positions), _turned(rotations, zooms)
        rests = moved <= _SPOT * moved.sum()
        if times is None:
            rests |= turned * moved.sum() > _WHIRL * moved
        gaps = np.where(rests, _SPOT_KNOT, np.sqrt(moved / max(moved.sum(), 1e-300)))
        knots = np.append(0.0, np.cumsum(gaps))
        self._position = _curve(knots, positions, rests, closed)
        if times is None:
            u, lengths = self._lengths()
            shares = _paced(lengths, turned, rests, closed)
            when = shares[::_PARTS]
            self._parameter: Any = lambda at: np.interp(at, shares, u)
        else:
            when = (times - times[0]) / (times[-1] - times[0])
            self._parameter = PchipInterpolator(*_around(when, knots, closed))
        self.key_shares: Float[np.ndarray, "key"] = when[place]
        """Shares at which the keys are passed, the return of a closed curve too."""
        self._turn = TurnSpline(when, rotations, closed)
        self._zoom = PchipInterpolator(*_around(when, zooms, closed))

    def positions(self, shares: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 3"]:
        """Return the positions at ``shares``."""
        return self._position(self._parameter(np.clip(shares, 0.0, 1.0)))

    def rotations(self, shares: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 3 3"]:
        """Return the rotations at ``shares``, camera to world."""
        return self._turn(np.clip(shares, 0.0, 1.0))

    def fovs(self, shares: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """Return the fields of view in degrees at ``shares``."""
        return np.exp(self._zoom(np.clip(shares, 0.0, 1.0)))

    def poses(self, shares: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 4 4"]:
        """Return camera-to-world matrices at ``shares``."""
        matrices = np.tile(np.eye(4), (len(shares), 1, 1))
        matrices[:, :3, :3] = self.rotations(shares)
        matrices[:, :3, 3] = self.positions(shares)
        return matrices

    @property
    def length(self) -> float:
        """Length of the way in world units."""
        return float(self._lengths()[1].sum())

    def _lengths(self) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "gap part"]]:
        """Return a fine table of parameters, and the lengths between them by Simpson's rule."""
        knots, speed = self._position.x, self._position.derivative()
        # Dense at the keys, where the camera may come to a rest: there little way takes long.
        share = smoother(np.linspace(0.0, 1.0, _PARTS + 1))
        inner = knots[:-1, None] + np.diff(knots)[:, None] * share
        half = (inner[:, :-1] + inner[:, 1:]) / 2
        ends = np.linalg.norm(speed(inner), axis=2)
        middle = np.linalg.norm(speed(half), axis=2)
        parts = np.diff(inner, axis=1) * (ends[:, :-1] + 4 * middle + ends[:, 1:]) / 6
        return np.append(inner[:, :-1], knots[-1]), parts


def _moved(positions: Float[np.ndarray, "key 3"]) -> Float[np.ndarray, "gap"]:
    return np.linalg.norm(np.diff(positions, axis=0), axis=1)


def _turned(
    rotations: Float[np.ndarray, "key 3 3"], zooms: Float[np.ndarray, "key"]
) -> Float[np.ndarray, "gap"]:
    """Return how far the camera turns, in radians, and zooms, in the log of its view."""
    from scipy.spatial.transform import Rotation

    turns = Rotation.from_matrix(rotations[:-1].swapaxes(1, 2) @ rotations[1:]).magnitude()
    return turns + np.abs(np.diff(zooms))


def _distinct(
    positions: Float[np.ndarray, "key 3"],
    rotations: Float[np.ndarray, "key 3 3"],
    zooms: Float[np.ndarray, "key"],
) -> Int[np.ndarray, "key"]:
    """Return for each key its place among those that differ from the one before; at least two."""
    moved = _moved(positions)
    same = (moved <= _SPOT * moved.sum()) & (_turned(rotations, zooms) <= _SPOT)
    same[-1] &= not same.all()
    return np.append(0, np.cumsum(~same))


def _runs(rests: Bool[np.ndarray, "gap"], closed: bool) -> list[Int[np.ndarray, "n"]]:
    """Return the stretches of gaps between rests; of a closed way one may lead past its end."""
    order = np.arange(len(rests))
    if closed and rests.any():
        order = np.roll(order, -1 - int(rests.argmax()))
    runs = groupby(order, lambda gap: bool(rests[gap]))
    return [np.array(list(run)) for resting, run in runs if not resting]


def _curve(
    knots: Float[np.ndarray, "key"],
    positions: Float[np.ndarray, "key 3"],
    rests: Bool[np.ndarray, "gap"],
    closed: bool,
) -> Any:
    """Return the way as scipy's piecewise polynomial: a spline of its own between any two rests."""
    from scipy.interpolate import CubicSpline, PPoly

    gaps = np.diff(knots)
    coefficients = np.zeros((4, len(gaps), 3))
    coefficients[3] = positions[:-1]
    coefficients[2] = np.diff(positions, axis=0) / gaps[:, None]
    ends = "periodic" if closed and not rests.any() else "natural"
    for run in _runs(rests, closed):
        places = np.append(positions[run], positions[run[-1:] + 1], axis=0)
        spline = CubicSpline(np.append(0.0, np.cumsum(gaps[run])), places, bc_type=ends)
        coefficients[:, run] = spline.c
    return PPoly(coefficients, knots)


def _paced(
    lengths: Float[np.ndarray, "gap part"],
    turned: Float[np.ndarray, "gap"],
    rests: Bool[np.ndarray, "gap"],
    closed: bool,
) -> Float[np.ndarray, "n"]:
    """Return the share of the time at which the camera has gone so many parts of all gaps.

    It travels at one speed but where it comes to a rest, and out of it.
    """
    travel = np.where(rests[:, None], 0.0, lengths)
    spot = turned / _SPOT_WAY * (travel.sum() or 1.0)
    # Parts are smallest at the ends of a gap: what little way there is on a spot is eased.
    spent = np.where(rests, spot, 0.0)[:, None] * np.full(_PARTS, 1 / _PARTS)
    time = np.linspace(0.0, 1.0, 100_001)
    for run in _runs(rests, closed):
        begin, end = (
            EASE_SHARE * bool(rests[gap % len(rests)] and (closed or 0 <= gap < len(rests)))
            for gap in (run[0] - 1, run[-1] + 1)
        )
        way = np.append(0.0, np.cumsum(travel[run]))
        at = np.interp(way / way[-1], eased(time, begin, end), time) if begin or end else way
        seconds = way[-1] / (1 - begin / 2 - end / 2)
        spent[run] = np.diff(at / at[-1] * seconds).reshape(len(run), -1)
    if not spent.any():
        spent[:] = 1.0
    shares = np.append(0.0, np.cumsum(spent))
    return shares / shares[-1]


def _around(
    knots: Float[np.ndarray, "key"], values: Float[np.ndarray, "key"], closed: bool
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Return knots and values; of a closed curve also those of the rounds before and after."""
    if not closed:
        return knots, values
    return tuple(
        np.concatenate([part[-3:-1] - (part[-1] - part[0]), part, part[1:3] + (part[-1] - part[0])])
        for part in (knots, values)
    )  # pyright: ignore[reportReturnType]
