"""Light gathered by many cameras, the definition of `scenegen.kernels.gathering`.

A tile is a row of an array; ``near`` is the inverse of the axial depth, below 0 where unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float32, Int

from scenegen.types import Camera, Lens

if TYPE_CHECKING:
    from scenegen.kernels.gathering import LightView

_TILE = (4, 16)
"""Rows and columns of the pixels that advance together."""
_SQUARE = 16
"""Side of the squares of a view of which it is known what inverse depths they hold."""
_MOST_STEPS = 256
_STEEPEST = np.float32(0.99)
"""A surface comes nearer by so many steps from pixel to pixel at most."""

Floats = Float32[np.ndarray, "tile"]
Ints = Int[np.ndarray, "tile"]


def gather(
    views: Sequence[LightView], cameras: Sequence[Camera], order: Int[np.ndarray, "camera view"]
) -> Float32[np.ndarray, "h w 4"]:
    """Return light and count as `scenegen.kernels.gathering.gather` does."""
    lens = cameras[0].lens
    rows, columns = (
        np.arange(0, size, step)
        for size, step in zip((lens.height_px, lens.width_px), _TILE, strict=True)
    )
    tops, lefts = (side.ravel() for side in np.meshgrid(rows, columns, indexing="ij"))
    total = np.zeros((len(tops), *_TILE, 4), np.float32)
    looked = [_Looked(view) for view in views]
    for camera, turn in zip(cameras, order, strict=True):
        seeking = np.ones((len(tops), *_TILE), bool)
        seeking &= tops[:, None, None] + np.arange(_TILE[0])[:, None] < lens.height_px
        seeking &= lefts[:, None, None] + np.arange(_TILE[1]) < lens.width_px
        for index in turn:
            _look(looked[index], camera, tops, lefts, seeking, total)
    made = total.reshape(len(rows), len(columns), *_TILE, 4).swapaxes(1, 2)
    made = made.reshape(len(rows) * _TILE[0], len(columns) * _TILE[1], 4)
    return np.ascontiguousarray(made[: lens.height_px, : lens.width_px])


class _Looked:
    """A view, with least and largest ``near`` of its squares, and unknown pixels around it."""

    def __init__(self, view: LightView) -> None:
        self.camera = view.camera
        height, width = view.pixels.shape[:2]
        self.padded = np.full((height + 2, width + 3 * _TILE[1], 4), -1, np.float32)
        self.padded[1:-1, _TILE[1] : _TILE[1] + width] = view.pixels
        wide = ((0, -height % _SQUARE), (0, -width % _SQUARE))
        near = np.pad(view.pixels[..., 3], wide, constant_values=-1)
        near = near.reshape(near.shape[0] // _SQUARE, _SQUARE, -1, _SQUARE)
        self.low = np.where(near < 0, np.inf, near).min((1, 3)).astype(np.float32)
        self.high = np.where(near < 0, -np.inf, near).max((1, 3)).astype(np.float32)

    def passed(self, far: _Places, close: _Places) -> tuple[Floats, Floats]:
        """Return least and largest ``near`` in what tiles pass over between two places."""
        (first, last), (top, bottom) = (
            (
                _squares(np.minimum(a, b) - size // 2 - 1, count),
                _squares(np.maximum(a, b) + size // 2 + 1, count),
            )
            for a, b, size, count in (
                (far.u, close.u, _TILE[1], self.low.shape[1]),
                (far.v, close.v, _TILE[0], self.low.shape[0]),
            )
        )
        low, high = np.full_like(far.u, np.inf), np.full_like(far.u, -np.inf)
        for down in range(int((bottom - top).max(initial=-1)) + 1):
            for right in range(int((last - first).max(initial=-1)) + 1):
                row, column = np.minimum(top + down, bottom), np.minimum(first + right, last)
                low = np.minimum(low, self.low[row, column])
                high = np.maximum(high, self.high[row, column])
        return low, high


def _squares(at: Floats, count: int) -> Ints:
    return np.clip(at / _SQUARE, 0, count - 1).astype(np.int64)


@dataclass(frozen=True)
class _Places:
    """Image points in a view."""

    u: Floats
    v: Floats

    def __getitem__(self, chosen: Bool[np.ndarray, "tile"]) -> _Places:
        return _Places(self.u[chosen], self.v[chosen])


class _Rays:
    """The rays through the middles of tiles, as a view sees them."""

    def __init__(self, camera: Camera, to: Camera, u: Floats, v: Floats) -> None:
        turn = to.world_from_camera[:3, :3].T
        rotation = (turn @ camera.world_from_camera[:3, :3]).astype(np.float32)
        lens: Lens = camera.lens
        x = (u - np.float32(lens.cx)) / np.float32(lens.fl_y)
        y = (np.float32(lens.cy) - v) / np.float32(lens.fl_y)
        self.base = rotation @ np.stack([x, y, -np.ones_like(x)])
        self.offset = (turn @ (camera.position - to.position)).astype(np.float32)
        self.lens = to.lens

    def at(self, near: Floats) -> _Places:
        """Return where each ray is when it has the inverse depth ``near`` in the view."""
        along, more = -self.base[2], -self.offset[2]
        rest = 1 - more * near
        w = np.where(rest > 1e-6, near * along / np.maximum(rest, np.float32(1e-6)), 1e6)
        w = w.astype(np.float32)
        scale = np.float32(self.lens.fl_y) / np.maximum(along + w * more, np.float32(1e-6))
        return _Places(
            np.float32(self.lens.cx) + (self.base[0] + w * self.offset[0]) * scale,
            np.float32(self.lens.cy) - (self.base[1] + w * self.offset[1]) * scale,
        )


def _look(
    view: _Looked,
    camera: Camera,
    tops: Ints,
    lefts: Ints,
    seeking: Bool[np.ndarray, "tile 4 16"],
    total: Float32[np.ndarray, "tile 4 16 4"],
) -> None:
    """Add to ``total`` what the pixels that are ``seeking`` meet in a view, and end their search.

    The range of depths along a ray is narrowed twice by what it passes over, then searched.
    """
    u = (lefts + _TILE[1] / 2).astype(np.float32)
    v = (tops + _TILE[0] / 2).astype(np.float32)
    rays = _Rays(camera, view.camera, u, v)
    low = np.full_like(u, view.low.min())
    high = np.full_like(u, view.high.max())
    for _ in range(2):
        empty = low > high
        low[empty], high[empty] = 0, 0
        low, high = view.passed(rays.at(low), rays.at(high))
    useful = (low <= high) & (rays.base[2] <= -1e-6)
    low[~useful], high[~useful] = 0, 0
    far, close = rays.at(low), rays.at(high)
    apart = np.maximum(np.abs(close.u - far.u), np.abs(close.v - far.v))
    steps = np.clip(apart + np.float32(0.999), 0, _MOST_STEPS - 1).astype(np.int64)
    step = (high - low) / np.maximum(steps, 1).astype(np.float32)
    before = np.full(seeking.shape, -np.inf, np.float32)
    for i in range(int(steps[useful].max(initial=-1)) + 1):
        now = useful & (i <= steps) & seeking.any((1, 2))
        near = np.where(steps > 0, high - np.float32(i) * step, np.float32(0.5) * (low + high))
        at = rays.at(near)
        right, down = (np.floor(x + np.float32(0.5)).astype(np.int64) for x in (at.u - u, at.v - v))
        least = np.where(i < steps, near - np.float32(0.5) * step, low)
        most = near + np.float32(0.5) * step if i else high
        met = np.stack([least, most, near + np.float32(1.5) * step, _STEEPEST * step])[:, now]
        part, taken = seeking[now], total[now]
        place = (tops + down)[now], (lefts + right)[now]
        before[now] = _take(view, *place, met, before[now], part, taken)
        seeking[now], total[now] = part, taken


def _take(
    view: _Looked,
    top: Ints,
    left: Ints,
    met: Float32[np.ndarray, "4 tile"],
    before: Float32[np.ndarray, "tile 4 16"],
    seeking: Bool[np.ndarray, "tile 4 16"],
    total: Float32[np.ndarray, "tile 4 16 4"],
) -> Float32[np.ndarray, "tile 4 16"]:
    """Take the light of pixels that are ``met``; return the inverse depths that were looked at.

    Those are met that lie between the first two numbers, and up to the third those of a surface
    that comes towards the ray, by the fourth at most, and was still behind it one step ``before``.
    """
    lens = view.camera.lens
    rows = np.clip(top[:, None] + np.arange(_TILE[0]), -1, lens.height_px) + 1
    columns = np.clip(left, -_TILE[1], lens.width_px)[:, None] + np.arange(_TILE[1]) + _TILE[1]
    pixels = view.padded[rows[:, :, None], columns[:, None, :]]
    least, most, slope, steepest = (side[:, None, None] for side in met)
    near = pixels[..., 3].copy()
    hit = (near > most) & (near <= slope) & (before < most) & (near - before <= steepest)
    hit = seeking & (hit | ((near >= least) & (near <= most)))
    pixels[..., 3] = 1
    total += np.where(hit[..., None], pixels, np.float32(0))
    seeking &= ~hit
    return np.where(near < 0, np.float32(-np.inf), near)
