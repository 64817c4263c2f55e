"""Frames of a path out of the frames around them.

Every `KEY_EVERY`-th frame is traced whole. Those between show what the key frame before and the one
after saw, each moved to where the camera is now and blended by the distance in time; pixels that
neither saw, or about which they disagree, are traced. A frame depends on the key frames around it
and on nothing else: nothing drifts, and rendering may begin anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from scenegen.kernels.reprojection import Picture, blend, reproject
from scenegen.render import rays
from scenegen.render.field_pass import FieldFrame, Trace, field_trace, render_field
from scenegen.types import Camera, Field

KEY_EVERY = 8
TOLERANCE = 0.04
"""Colours, in 0..1, that two key frames give one pixel may differ by so much."""
DEPTH_TOLERANCE = 0.1
"""And depths by this share."""


class KeyedFrames:
    """The frames of a path; ``trace`` stands in for `scenegen.kernels.trace`."""

    def __init__(self, field: Field, cameras: Sequence[Camera], trace: Trace | None = None) -> None:
        self._field, self._cameras, self._trace = field, cameras, trace
        self._keys: dict[int, Picture] = {}

    def frame(self, index: int, progress: Callable[[float], None]) -> FieldFrame:
        """Return frame ``index``; ``progress`` gets the share of it that is done."""
        before = index - index % KEY_EVERY
        after = min(before + KEY_EVERY, len(self._cameras) - 1)
        keys = [before] if index == before else [before, after]
        self._keys = {key: self._keys[key] for key in keys if key in self._keys}
        for number, key in enumerate(keys):
            if key not in self._keys:

                def share(done: float, number: int = number) -> None:
                    progress((number + done) / len(keys))

                made = render_field(self._field, self._cameras[key], self._trace, share)
                self._keys[key] = Picture(np.dstack([made.rgb, made.opacity]), made.depth)
        shown = self._keys[index] if index in keys else self._between(index, before, after)
        progress(1.0)
        return field_frame_of(shown)

    def _between(self, index: int, before: int, after: int) -> Picture:
        camera = self._cameras[index]
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(
                lambda key: reproject(self._keys[key], self._cameras[key], camera), (before, after)
            )
        share = (index - before) / (after - before)
        shown, redraw = blend(first, second, share, TOLERANCE, DEPTH_TOLERANCE)
        retrace(self._field, camera, shown, np.flatnonzero(redraw), self._trace)
        return shown


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
    rgba = np.clip(picture.rgba, 0.0, 1.0)
    return FieldFrame(np.ascontiguousarray(rgba[..., :3]), picture.depth, rgba[..., 3].copy())
