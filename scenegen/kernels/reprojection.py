"""Frames made of other frames: behind plain functions, by the chosen backend.

A picture is ``rgba`` [h w 4], colours and opacity in 0..1, with the axial ``depth`` [h w] of
`scenegen.types.Frame`; where nothing is known of a pixel its depth is -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen.kernels import backend, threads
from scenegen.types import Camera

if TYPE_CHECKING:
    from scenegen.kernels import _native


@dataclass(frozen=True)
class Picture:
    """Colours with opacity, and depth, of each pixel."""

    rgba: Float32[np.ndarray, "h w 4"]
    depth: Float32[np.ndarray, "h w"]


def reproject(picture: Picture, camera: Camera, to: Camera) -> Picture:
    """Show to the camera ``to`` what ``camera`` saw.

    Each pixel's depth is splatted, kept where nearest, and refined by looking at the place that it
    leads to; colours are read by Catmull-Rom splines. What is hidden from ``camera``, or lies
    across an edge of depth, is unknown. Sources: Mark, McMillan and Bishop, "Post-rendering 3D
    warping" (1997); Catmull and Rom, "A class of local interpolating splines" (1974).
    """
    if backend() != "native":
        from scenegen.kernels.reference import reprojection as twin

        return Picture(*twin.reproject(picture.rgba, picture.depth, camera, to))
    from scenegen.kernels import _native

    shape = (to.lens.height_px, to.lens.width_px)
    rgba, depth = np.empty((*shape, 4), np.float32), np.empty(shape, np.float32)
    source, target = native_view(camera), native_view(to)
    workers = max(1, threads() // 2)  # two pictures are moved at a time
    assert picture.rgba.shape == (*picture.depth.shape, 4)
    assert picture.depth.shape == (camera.lens.height_px, camera.lens.width_px)
    _native.reproject(source, picture.rgba, picture.depth, target, workers, rgba, depth)
    return Picture(rgba, depth)


def blend(
    first: Picture, second: Picture, share: float, tolerance: float, depth_tolerance: float
) -> tuple[Picture, UInt8[np.ndarray, "h w"]]:
    """Return ``first`` with a ``share`` of ``second``, and 1 for the pixels to be drawn anew.

    These are unknown in both, or differ by more than ``tolerance`` in a colour or the opacity, or
    relatively by more than ``depth_tolerance`` in depth. What only one knows is taken from it,
    if it knows all pixels within 2 around.
    """
    assert first.depth.shape == second.depth.shape
    if backend() != "native":
        from scenegen.kernels.reference import reprojection as twin

        pairs = (first.rgba, first.depth), (second.rgba, second.depth)
        *made, redraw = twin.blend(*pairs, share, tolerance, depth_tolerance)
        return Picture(*made), redraw
    from scenegen.kernels import _native

    made = Picture(np.empty_like(first.rgba), np.empty_like(first.depth))
    redraw = np.empty(first.depth.shape, np.uint8)
    _native.blend_frames(
        first.rgba,
        first.depth,
        second.rgba,
        second.depth,
        share,
        tolerance,
        depth_tolerance,
        threads(),
        made.rgba,
        made.depth,
        redraw,
    )
    return made, redraw


def native_view(camera: Camera) -> _native.FrameView:
    """Return a camera without distortion as the kernels take it."""
    from scenegen.kernels import _native

    lens = camera.lens
    assert lens.model == "PINHOLE"
    assert abs(lens.fl_x - lens.fl_y) <= 1e-9 * lens.fl_y
    return _native.FrameView(
        lens.width_px,
        lens.height_px,
        [lens.fl_y, lens.cx, lens.cy],
        camera.world_from_camera[:3, :3].ravel().tolist(),
        camera.position.tolist(),
    )
