"""A film made steady: each surface is shown as the mean of what the frames around show of it.

The network makes each frame a little different, and so do photos that come and go; on a surface
that stands still all of that is flicker. Frames are moved by splines, which keep their detail, but
where depths are off they land beside their places, the more so the further the camera has moved: by
that a frame counts less. The detail that is lost nevertheless an unsharp mask gives back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from jaxtyping import Float32

from scenegen.kernels.reprojection import Picture, reproject
from scenegen.refine.temporal import windowed
from scenegen.types import Camera

STEADY_REACH = 5
"""Frames before and after a frame that have a part in it, where they see the same."""
_PARALLAX_PX = 32.0
"""Parallax between two frames by which one counts for 1/e in the other."""
_TOLERANCE = 0.02
"""Relative difference of depths up to which two frames see the same surface."""
_SHARPEN, _SHARPEN_PX = 0.25, 1.0
"""The unsharp mask's amount, as far as a pixel is other frames', and its standard deviation."""


def steadied(
    frames: Iterable[tuple[Camera, Picture]],
) -> Iterator[Float32[np.ndarray, "h w 3"]]:
    """Yield the colours of the frames of a shot, each the mean of the frames around.

    Cameras have no distortion. A pixel of unknown depth stays as it is.
    """
    with ThreadPoolExecutor(2) as pool:
        for window in windowed(frames, STEADY_REACH):
            camera, own = window[0]
            around = [window[later] for later in window if later]
            total, weight = own.rgba[..., :3].copy(), np.ones_like(own.depth)
            moved = pool.map(lambda one: reproject(one[1], one[0], camera), around)  # noqa: B023
            for (other, _), found in zip(around, moved, strict=True):
                same = np.abs(found.depth - own.depth) <= _TOLERANCE * own.depth
                same &= found.depth >= 0
                share = np.where(same, _share(camera, other, own.depth), np.float32(0))
                total += share[..., None] * np.where(same[..., None], found.rgba[..., :3], 0)
                weight += share
            yield _sharpened(total / weight[..., None], _SHARPEN * (1 - 1 / weight))


def _share(
    camera: Camera, other: Camera, depth: Float32[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w"]:
    """Return how much a frame counts in the pixels of another, by the parallax at their depth."""
    apart = np.float32(camera.lens.fl_y * np.linalg.norm(camera.position - other.position))
    parallax_px = apart / np.where(depth > 0, depth, np.float32(np.inf))
    return np.exp(-((parallax_px / _PARALLAX_PX) ** 2))


def _sharpened(
    rgb: Float32[np.ndarray, "h w 3"], amount: Float32[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w 3"]:
    from scipy.ndimage import gaussian_filter

    soft = gaussian_filter(rgb, (_SHARPEN_PX, _SHARPEN_PX, 0), mode="nearest")
    return np.clip(rgb + amount[..., None] * (rgb - soft), 0, 1)
