"""How a camera moves during one shot: its pose and zoom over the share of the way that is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from scenegen.path.location import View

Shares = Float[np.ndarray, "n"]
Places = Callable[[Shares], Float[np.ndarray, "n 3"]]
Turns = Callable[[Shares], Float[np.ndarray, "n 3 3"]]
Zooms = Callable[[Shares], Float[np.ndarray, "n"]]

_PARTS = 2000


@dataclass(frozen=True)
class Motion:
    """Position, rotation (camera to world) and vertical field of view in degrees, over 0 to 1.

    The share is that of the way, so that an even share is an even speed; of a turn on the spot it
    is the share of the angle. ``marks`` are shares between the ends at which the motion must be met
    exactly, such as those of keyframes.
    """

    places: Places
    turns: Turns
    zooms: Zooms
    marks: tuple[float, ...] = ()

    def view(self, share: float) -> View:
        """Return the view at one share."""
        at = np.array([share])
        return View(self.places(at)[0], self.turns(at)[0], float(self.zooms(at)[0]))


def still(view: View) -> Motion:
    """Return a motion that stays at ``view``."""
    return Motion(
        lambda s: np.tile(view.position, (len(s), 1)),
        lambda s: np.tile(view.rotation, (len(s), 1, 1)),
        lambda s: np.full(len(s), view.fov_y_deg),
    )


def even(places: Places) -> Places:
    """Return the same way at constant speed: over the share of its length."""
    u = np.linspace(0.0, 1.0, _PARTS + 1)
    parts = np.linalg.norm(np.diff(places(u), axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(parts)])
    if length[-1] <= 1e-12:
        return places
    shares = length / length[-1]
    return lambda s: places(np.interp(s, shares, u))


def straight(begin: Float[np.ndarray, "3"], end: Float[np.ndarray, "3"]) -> Places:
    """Return the straight way from ``begin`` to ``end``."""
    return lambda s: begin + s[:, None] * (end - begin)
