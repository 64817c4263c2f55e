"""Frames of a path out of the frames around them.

Every `KEY_EVERY`-th frame is traced whole. The frame halfway between two key frames shows what both
saw, each moved to where the camera is now and blended by the distance in time; pixels that neither
saw, or about which they disagree, are traced. So are the frames halfway between these, and so on:
what one frame had to trace the next ones need not. A frame depends on the key frames around it and
on nothing else: errors add up over four halvings at most, and rendering may begin anywhere. Where
the camera moves so fast that little can be reused, frames are traced whole: keys come closer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from scenegen.kernels.reprojection import Picture, blend, reproject
from scenegen.render import rays
from scenegen.render.field_pass import FieldFrame, Trace, field_trace, render_field
from scenegen.types import Camera, Field

KEY_EVERY = 16
"""A power of two."""
TOLERANCE = 0.04
"""Colours, in 0..1, that two frames give one pixel may differ by so much."""
DEPTH_TOLERANCE = 0.1
"""And depths by this share."""
MOSTLY_NEW = 0.35
"""A frame of which a larger share is to be traced is traced whole, at the same price."""


class KeyedFrames:
    """The frames of a path; ``trace`` stands in for `scenegen.kernels.trace`."""

    def __init__(self, field: Field, cameras: Sequence[Camera], trace: Trace | None = None) -> None:
        self._field, self._cameras, self._trace = field, cameras, trace
        self._made: dict[int, Picture] = {}

    def frame(self, index: int, progress: Callable[[float], None]) -> FieldFrame:
        """Return frame ``index``; ``progress`` gets the share of it that is done."""
        missing = self._missing(index)
        for number, one in enumerate(missing):

            def share(done: float, number: int = number) -> None:
                progress((number + done) / len(missing))

            self._made[one] = self._make(one, share)
        shown = self._made[index]
        # Those after this one need none before it: what lies further on has been made already.
        self._made = {other: made for other, made in self._made.items() if other >= index}
        progress(1.0)
        return field_frame_of(shown)

    def _missing(self, index: int) -> list[int]:
        """Return the frames still to be made for frame ``index``, itself the last."""
        if index in self._made:
            return []
        around = sources(index, len(self._cameras))
        needed = [one for source in around for one in self._missing(source)]
        return list(dict.fromkeys([*needed, index]))

    def _make(self, index: int, progress: Callable[[float], None]) -> Picture:
        camera, around = self._cameras[index], sources(index, len(self._cameras))
        if not around:
            return self._whole(camera, progress)
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(
                lambda other: reproject(self._made[other], self._cameras[other], camera), around
            )
        share = (index - around[0]) / (around[1] - around[0])
        shown, redraw = blend(first, second, share, TOLERANCE, DEPTH_TOLERANCE)
        pixels = np.flatnonzero(redraw)
        if len(pixels) > MOSTLY_NEW * redraw.size:
            return self._whole(camera, progress)
        retrace(self._field, camera, shown, pixels, self._trace)
        return shown

    def _whole(self, camera: Camera, progress: Callable[[float], None]) -> Picture:
        made = render_field(self._field, camera, self._trace, progress)
        return Picture(np.dstack([made.rgb, made.opacity]), made.depth)


def sources(index: int, count: int) -> tuple[int, ...]:
    """Return which of ``count`` frames frame ``index`` is made of, none for a key frame."""
    if index % KEY_EVERY == 0 or index == count - 1:
        return ()
    apart = index & -index  # the largest power of two that divides it
    return index - apart, min(index + apart, count - 1)


def retrace(
    field: Field, camera: Camera, picture: Picture, pixels: np.ndarray, trace: Trace | None = None
) -> None:
    """Trace some pixels of a picture, numbered row by row, into it."""
    follow = field_trace(trace, camera)
    rgba, depth = picture.rgba.reshape(-1, 4), picture.depth.reshape(-1)
    for begin in range(0, len(pixels), rays.RAYS_PER_BAND):
        chosen = pixels[begin : begin + rays.RAYS_PER_BAND]
        origins, directions, axial = rays.pixel_rays(camera, chosen)
        traced = follow(field, origins, directions)
        rgba[chosen, :3], rgba[chosen, 3] = traced.rgb, traced.opacity
        depth[chosen] = traced.depth * axial


def field_frame_of(picture: Picture) -> FieldFrame:
    """Return a picture whose pixels are all known as a frame."""
    rgb, opacity = picture.rgba[..., :3], picture.rgba[..., 3]
    return FieldFrame(
        np.ascontiguousarray(np.clip(rgb, 0.0, 1.0)),
        picture.depth,
        np.ascontiguousarray(np.clip(opacity, 0.0, 1.0)),
    )
