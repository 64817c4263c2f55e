"""Small waves on water, moving with time and staying where they are in the world.

A sum of sines whose speed follows from their length: deep water, omega^2 = g k (Tessendorf,
"Simulating ocean water", 2001, eq. 14).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32

GRAVITY = 9.81
_COUNT = 9
_SPREAD = 0.9
"""Standard deviation of the waves' directions about the wind's, in radians."""


class Waves:
    """Waves of ``lengths`` (shortest, longest) in metres, of a slope ``steep`` in all.

    ``metre`` is a metre in world units. The same ``seed`` is the same water.
    """

    def __init__(self, lengths: tuple[float, float], steep: float, metre: float, seed: int) -> None:
        rng = np.random.default_rng([seed, 3])
        length = np.geomspace(*lengths, _COUNT) * rng.uniform(0.9, 1.1, _COUNT)
        turn = rng.uniform(0, 2 * np.pi) + _SPREAD * rng.standard_normal(_COUNT)
        number = 2 * np.pi / length
        self._speed = np.sqrt(GRAVITY * number)
        self._number = number / metre
        self._ways = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
        self._phase = rng.uniform(0, 2 * np.pi, _COUNT)
        self._slope = steep * np.sqrt(2 / _COUNT)

    def slopes(
        self,
        points: Float[np.ndarray, "n 2"],
        second: float,
        footprint: Float32[np.ndarray, "n"],
    ) -> Float32[np.ndarray, "n 2"]:
        """Return the slope of the water at places, as seen by pixels that cover ``footprint``.

        Waves shorter than a pixel are flat to it, so that they do not flicker.
        """
        total = np.zeros((len(points), 2), np.float32)
        for number, speed, way, phase in zip(
            self._number, self._speed, self._ways, self._phase, strict=True
        ):
            # Whole turns are taken off in double precision, before it becomes single.
            at = points @ (way * number / (2 * np.pi)) + (phase - speed * second) / (2 * np.pi)
            turn = ((at - np.floor(at)) * (2 * np.pi)).astype(np.float32)
            seen = np.exp(-0.5 * (np.float32(number) * footprint) ** 2)
            slope = np.float32(self._slope) * seen * np.cos(turn)
            total += slope[:, None] * way.astype(np.float32)
        return total
