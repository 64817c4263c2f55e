"""Noise that lies on the world's surfaces: the same surface has it in every frame that sees it.

Space is divided into cells about as large as the pixel that looks at them; a cell's noise is drawn
from a hash of its place. So noise follows surfaces from frame to frame, and is new where a surface
comes into view. Where nothing was hit, cells are those of directions.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int64, UInt64

from scenegen.types import Camera

_FAR = 1e3
"""Distance, in units of a pixel's own size at 1, of the sphere that the sky's cells lie on."""
_WORDS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)


def world_noise(
    camera: Camera, depth: Float32[np.ndarray, "h w"], seed: int
) -> Float32[np.ndarray, "h w 3"]:
    """Return standard normal noise, a channel for each colour.

    ``depth`` is along the optical axis in world units, 0 where nothing was hit; ``camera`` has no
    distortion.
    """
    height, width = depth.shape
    lens = camera.lens
    x = (np.arange(width) + 0.5 - lens.cx) / lens.fl_x
    y = -(np.arange(height) + 0.5 - lens.cy) / lens.fl_y
    rays = np.stack([*np.meshgrid(x, y), np.full((height, width), -1.0)], axis=-1)
    turned = rays @ camera.world_from_camera[:3, :3].T
    hit = depth > 0
    along = np.where(hit, depth, 1.0)[..., None]
    points = np.where(hit[..., None], camera.position + along * turned, _FAR * turned)
    # Cells double in size from one level to the next: a surface keeps its cells while its distance
    # changes by less than that.
    level = np.floor(np.log2(np.where(hit, depth, _FAR) / lens.fl_y)).astype(np.int64)
    cells = np.floor(points / np.exp2(level)[..., None]).astype(np.int64)
    return _normal(cells, np.where(hit, level, level + (1 << 20)), seed)


def _normal(
    cells: Int64[np.ndarray, "h w 3"], level: Int64[np.ndarray, "h w"], seed: int
) -> Float32[np.ndarray, "h w 3"]:
    """Return three normal numbers a cell: Box and Muller (1958), of hashed uniform ones."""
    key = np.full(level.shape, np.uint64(seed % 2**64))
    for part, word in zip((*np.moveaxis(cells, -1, 0), level), _WORDS, strict=True):
        key = _mixed(key ^ (part.astype(np.uint64) * np.uint64(word)))
    drawn = []
    for channel in range(4):
        key = _mixed(key + np.uint64(_WORDS[channel]))
        drawn.append(((key >> np.uint64(40)).astype(np.float64) + 0.5) / 2**24)
    radius = np.sqrt(-2 * np.log(np.stack(drawn[:2], axis=-1)))
    angle = 2 * np.pi * np.stack(drawn[2:], axis=-1)
    first, second = radius * np.cos(angle), radius * np.sin(angle)
    return np.concatenate([first, second[..., :1]], axis=-1).astype(np.float32)


def _mixed(key: UInt64[np.ndarray, "*n"]) -> UInt64[np.ndarray, "*n"]:
    """Return ``key`` with its bits spread: the finalizer of splitmix64 (Steele et al., 2014)."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
