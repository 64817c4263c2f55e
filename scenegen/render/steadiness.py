"""How steady a clip is: what changes from frame to frame that no motion of the camera explains.

Source: Lai et al., "Learning Blind Video Temporal Consistency" (2018), section 4.1, the warping
error, with the motion taken from depth and cameras instead of from optical flow.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float

from scenegen.types import Camera, Frame

_TOLERANCE = 0.02
"""Relative difference of depths up to which both frames see the same surface."""


def reprojection_error(earlier: tuple[Camera, Frame], later: tuple[Camera, Frame]) -> float:
    """Return the root mean square difference, of colours in 0..1, where both see one surface.

    ``later`` is warped into ``earlier`` by the depth of the latter; cameras without distortion. NaN
    where they see nothing in common.
    """
    shown, seen = warped(earlier, later)
    if not seen.any():
        return float("nan")
    difference = shown[seen] - earlier[1].rgb[seen] / 255.0
    return float(np.sqrt(np.mean(difference**2)))


def jitter_px(earlier: tuple[Camera, Frame], later: tuple[Camera, Frame]) -> float:
    """Return by how many pixels surfaces would have to shift to change as much as they do.

    That is the `reprojection_error` over the mean square slope of the colours where both frames see
    one surface: a sharp picture changes more by the same shift, or by the same loss when it is
    warped, and is not less steady for it. NaN where nothing is seen in common, or nothing but one
    colour.
    """
    moved, seen = warped(earlier, later)
    shown = earlier[1].rgb / 255.0
    slopes = np.stack([np.gradient(shown, axis=axis) for axis in (0, 1)])
    slope = np.square(slopes).sum(axis=0)[seen]
    if not slope.size or slope.max() == 0:
        return float("nan")
    return float(np.sqrt(np.mean((moved[seen] - shown[seen]) ** 2) / np.mean(slope)))


def clip_steadiness(cameras: Iterable[Camera], frames: Iterable[Frame]) -> tuple[float, float]:
    """Return mean and worst `reprojection_error` of the pairs of frames that follow each other."""
    shots = zip(cameras, frames, strict=True)
    errors = [reprojection_error(earlier, later) for earlier, later in pairwise(shots)]
    return float(np.nanmean(errors)), float(np.nanmax(errors))


def warped(
    earlier: tuple[Camera, Frame], later: tuple[Camera, Frame]
) -> tuple[Float[np.ndarray, "h w 3"], Bool[np.ndarray, "h w"]]:
    """Return the colours of ``later``, in 0..1, in ``earlier``, and where both see one surface."""
    from scipy.ndimage import map_coordinates

    (camera, frame), (other, shown) = earlier, later
    lens, theirs = camera.lens, other.lens
    assert lens.model == theirs.model == "PINHOLE"
    x = (np.arange(lens.width_px) + 0.5 - lens.cx) / lens.fl_x
    y = (lens.cy - np.arange(lens.height_px) - 0.5) / lens.fl_y
    rays = np.stack([*np.meshgrid(x, y), np.full((len(y), len(x)), -1.0)], axis=-1)
    world = frame.depth[..., None] * rays @ camera.world_from_camera[:3, :3].T + camera.position
    local = (world - other.position) @ other.world_from_camera[:3, :3]
    ahead = np.maximum(-local[..., 2], 1e-9)
    column = theirs.fl_x * local[..., 0] / ahead + theirs.cx - 0.5
    row = theirs.cy - theirs.fl_y * local[..., 1] / ahead - 0.5
    inside = (column >= 0) & (column <= theirs.width_px - 1) & (local[..., 2] < 0)
    inside &= (row >= 0) & (row <= theirs.height_px - 1) & (frame.depth > 0)
    places = [row, column]
    depth = map_coordinates(shown.depth, places, order=1, mode="nearest")
    # By cubic splines: between pixels, straight lines lose detail, and would call that flicker.
    colors = np.moveaxis(shown.rgb / 255.0, -1, 0)
    rgb = [map_coordinates(one, places, order=3, mode="nearest") for one in colors]
    shown_there = np.clip(np.stack(rgb, axis=-1), 0, 1)  # splines overshoot
    return shown_there, inside & (np.abs(depth / ahead - 1) < _TOLERANCE)
