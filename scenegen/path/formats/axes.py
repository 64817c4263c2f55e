"""Worlds whose up is +Y, as film tools have it, and cameras whose down is.

A quarter turn about X takes our world, whose up is +Z, to one with +Y up: (x, y, z) of ours is
(x, z, -y) there.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

OPENCV = np.diag([1.0, -1.0, -1.0])
"""Takes OpenCV's camera axes (+Y down, looks along +Z) to ours, and ours to OpenCV's."""

_Y_UP_FROM_Z_UP = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])


def to_y_up(poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 4 4"]:
    """Return camera poses of our world in a world with +Y up."""
    return _Y_UP_FROM_Z_UP @ poses


def from_y_up(poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 4 4"]:
    """Return camera poses of a world with +Y up in ours."""
    return _Y_UP_FROM_Z_UP.T @ poses
