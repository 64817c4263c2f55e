"""Fog: light is lost on its way and that of the air comes in, more near the ground.

The share of light that arrives is exp(-tau), with tau the extinction along the ray (Koschmieder,
"Theorie der horizontalen Sichtweite", 1924). Extinction falls off exponentially with the height, so
that tau has a closed form (Wenzel, "Real-time atmospheric effects in games", 2006).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

_HALF = float(np.log(2.0))


@dataclass(frozen=True)
class Fog:
    """``density`` is the extinction per world unit at height ``base``; a factor of e is lost with
    every ``fall`` world units above it.
    """

    density: float
    base: float
    fall: float

    def transmitted(
        self,
        origins: Float32[np.ndarray, "n 3"],
        directions: Float32[np.ndarray, "n 3"],
        distance: Float32[np.ndarray, "n"],
    ) -> Float32[np.ndarray, "n"]:
        """Return the share of light that comes through ``distance`` of fog, which may be endless.

        Below ``base`` the fog is as dense as there.
        """
        fall = np.float32(self.fall)
        rise = (origins[:, 2] - self.base) / fall
        slope = directions[:, 2] / fall
        far = np.minimum(distance, 1e4 * fall)
        low = np.where(slope > 0, -rise / np.maximum(slope, 1e-9), far)
        low = np.where(rise < 0, np.minimum(low, far), 0.0)
        far, height = far - low, np.clip(rise, 0.0, 60.0)
        to_base = np.where(slope < 0, height / np.maximum(-slope, 1e-9), far)
        above = np.minimum(far, to_base)
        drop = slope * above
        flat = np.abs(drop) < 1e-3
        safe = np.where(flat, 1.0, drop)
        mean = np.where(flat, 1 - 0.5 * drop, -np.expm1(-safe) / safe)
        tau = np.exp(-height) * mean * above + (far - above) + low
        return np.exp(-np.minimum(self.density * tau, 80.0)).astype(np.float32)


def fog_of(amount: float, size: float, ground: float) -> Fog:
    """Return fog that takes half of the light over a scene's ``size`` if ``amount`` is 1."""
    return Fog(amount * _HALF / size, ground, 1.5 * size)
