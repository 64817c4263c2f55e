"""Stars, at directions of the world: each cell of a cube around the eye may have one."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

_CELLS = 110
"""Cells along an edge of the cube's faces."""
_SHARE = 0.2
"""Share of the cells that have a star."""
_BRIGHT = 0.35


def starlight(
    directions: Float32[np.ndarray, "n 3"], pixel_angle: float, seed: int
) -> Float32[np.ndarray, "n"]:
    """Return the light of stars in some directions, for pixels of an angle in radians.

    A star is a small disc, somewhat wider than a pixel: it neither flickers nor grows when the
    camera turns. Faint ones are more than bright ones, as magnitudes are distributed.
    """
    rng = np.random.default_rng([seed, 11])
    table = rng.random((6 * _CELLS * _CELLS, 4), np.float32)
    size = np.abs(directions)
    axis = size.argmax(axis=1)
    rows = np.arange(len(directions))
    major = directions[rows, axis]
    u = directions[rows, (axis + 1) % 3] / np.abs(major)
    v = directions[rows, (axis + 2) % 3] / np.abs(major)
    face = 2 * axis + (major < 0)
    x, y = (u + 1) * (_CELLS / 2), (v + 1) * (_CELLS / 2)
    column = np.clip(x.astype(np.int32), 0, _CELLS - 1)
    row = np.clip(y.astype(np.int32), 0, _CELLS - 1)
    star = table[(face * _CELLS + row) * _CELLS + column]
    # A star keeps off the edges of its cell, so that no other cell shows a part of it.
    off_x = x - column - (0.25 + 0.5 * star[:, 0])
    off_y = y - row - (0.25 + 0.5 * star[:, 1])
    squeeze = 1 / np.sqrt(1 + u * u + v * v)
    angle2 = (off_x**2 + off_y**2) * (squeeze * 2 / _CELLS) ** 2
    width = max(0.6 * pixel_angle, 4e-4)
    bright = np.where(star[:, 2] < _SHARE, star[:, 3] ** 5, 0.0)
    return (_BRIGHT * (0.06 + bright) * (bright > 0) * np.exp(-0.5 * angle2 / width**2)).astype(
        np.float32
    )
