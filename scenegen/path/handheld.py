"""A hand that holds the camera: seeded, smooth, and without a mean drift.

A sum of sines at the rates of a body: breathing and swaying below 1 Hz, steps near 2 Hz, tremor
above 4 Hz, with amplitudes that fall with the rate as those of a hand do.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from scenegen.path.timeline import Rig

_HERTZ = np.array([0.23, 0.41, 0.73, 1.13, 1.87, 2.9, 4.7])
_TURN_DEG = 1.6
"""Largest swing of the view at amount 1, in degrees."""

_SHIFT = 0.012
"""Largest swing of the position at amount 1, in sizes of the scene."""


def shaken(
    rig: Rig,
    time: Float[np.ndarray, "n"],
    shake: tuple[Float[np.ndarray, "n"], int],
    size: float,
) -> Rig:
    """Return the camera held by a hand; ``shake`` is how much, 0 to 1, at each time, and a seed."""
    from scipy.spatial.transform import Rotation

    amount, seed = shake
    swing = amount[:, None] * hand(time, seed)
    turn = np.deg2rad(_TURN_DEG) * swing[:, :3] * [1.0, 1.0, 0.6]
    shift = _SHIFT * size * swing[:, 3:]
    rotations = rig.rotations @ Rotation.from_rotvec(turn).as_matrix()
    moved = rig.positions + np.einsum("nij,nj->ni", rig.rotations, shift)
    return Rig(moved, rotations, rig.fov_y_deg)


def hand(time: Float[np.ndarray, "n"], seed: int) -> Float[np.ndarray, "n 6"]:
    """Return six independent swings within -1 to 1: turns and shifts along a camera's axes."""
    rng = np.random.default_rng(seed)
    phases = rng.uniform(0, 2 * np.pi, (6, len(_HERTZ)))
    rates = _HERTZ * rng.uniform(0.85, 1.15, (6, len(_HERTZ)))
    strength = _HERTZ**-0.8
    waves = np.sin(2 * np.pi * rates * time[:, None, None] + phases)
    return (waves * strength).sum(axis=2) / strength.sum()
