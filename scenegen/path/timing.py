"""When a camera is where: easing, and weights that rise without a jolt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from scenegen.path.script.shots import Ease


EASE_SHARE = 0.35
"""Share of a shot over which it gathers or loses speed."""


def smoother(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Return a rise from 0 to 1 over 0 to 1 whose first and second derivatives vanish at its ends.

    Source: Perlin, "Improving Noise" (2002).
    """
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (x * (6 * x - 15) + 10)


def share_of_way(time: Float[np.ndarray, "n"], ease: Ease) -> Float[np.ndarray, "n"]:
    """Return the share of the way done at shares ``time`` of a shot's time."""
    begin = EASE_SHARE if ease in ("in", "in-out") else 0.0
    end = EASE_SHARE if ease in ("out", "in-out") else 0.0
    return eased(time, begin, end)


def eased(time: Float[np.ndarray, "n"], begin: float, end: float) -> Float[np.ndarray, "n"]:
    """Return the share of the way done at shares ``time`` of the time, both 0 to 1.

    Speed is constant but for the first ``begin`` and the last ``end`` of the time, together at most
    1, over which it changes as a smoothstep, so that the acceleration is continuous too.
    """
    steady = np.clip(time - begin, 0.0, 1.0 - begin - end)
    way = _ramp(time, begin) + steady + end / 2 - _ramp(1.0 - time, end)
    return way / (1.0 - begin / 2 - end / 2)


def _ramp(time: Float[np.ndarray, "n"], ease: float) -> Float[np.ndarray, "n"]:
    """Return the way done while the speed rises from 0 to 1 over ``ease``."""
    if ease == 0:
        return np.zeros_like(time)
    x = np.clip(time / ease, 0.0, 1.0)
    return ease * (x**3 - x**4 / 2)
