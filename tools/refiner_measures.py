"""How good frames are beside true ones, and from frame to frame, and what plain filters reach.

None of these trusts a blurred frame: beside every error stands a figure that blur lowers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Float32
from scipy.ndimage import gaussian_filter, map_coordinates

from scenegen.types import Camera

BAND = (0.08, 0.4)
"""Cycles a pixel of the detail that is compared: from what survives blur to just below noise."""
_RINGS = 24
_APART = 0.03
"""Difference of two depths' logarithms below which they are one surface."""
_LUMA = np.array([0.2126, 0.7152, 0.0722])


def spectrum_ratio(
    image: Float32[np.ndarray, "h w 3"], target: Float32[np.ndarray, "h w 3"]
) -> float:
    """Return how much detail an image has beside its target: 1 for as much, less where blurred.

    The mean over rings of frequency, in `BAND`, of the ratio of amplitudes.
    """
    shown, true = (_rings(one) for one in (image, target))
    return float(np.mean(np.sqrt(shown / np.maximum(true, 1e-12))))


def _rings(image: Float32[np.ndarray, "h w 3"]) -> Float[np.ndarray, "ring"]:
    grey = image @ _LUMA
    height, width = grey.shape
    window = np.hanning(height)[:, None] * np.hanning(width)
    power = np.abs(np.fft.rfft2((grey - grey.mean()) * window)) ** 2
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    edges = np.geomspace(*BAND, _RINGS + 1)
    ring = np.digitize(radius, edges)
    return np.array([power[ring == k].mean() for k in range(1, _RINGS + 1)])


def unsharp(
    image: Float32[np.ndarray, "h w 3"], amount: float = 0.6
) -> Float32[np.ndarray, "h w 3"]:
    """Return an image under an unsharp mask of a pixel and a half."""
    soft = gaussian_filter(image, (1.5, 1.5, 0), mode="nearest")
    return np.clip(image + amount * (image - soft), 0, 1).astype(np.float32)


def seen_from(
    camera: Camera,
    depth: Float32[np.ndarray, "h w"],
    other: Camera,
    picture: Float32[np.ndarray, "h w 3"],
    other_depth: Float32[np.ndarray, "h w"],
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w"]]:
    """Return another frame's colours at a frame's surfaces, and 1 where it sees the same ones.

    Cameras have no distortion; depth is along the optical axis.
    """
    lens, height, width = camera.lens, *depth.shape
    x = (np.arange(width) + 0.5 - lens.cx) / lens.fl_x
    y = -(np.arange(height) + 0.5 - lens.cy) / lens.fl_y
    rays = np.stack([*np.meshgrid(x, y), np.full(depth.shape, -1.0)], -1)
    pose, back = camera.world_from_camera, other.world_from_camera
    world = (depth[..., None] * rays) @ pose[:3, :3].T + pose[:3, 3]
    seen = (world - back[:3, 3]) @ back[:3, :3]
    ahead = np.maximum(-seen[..., 2], 1e-9)
    u = other.lens.fl_x * seen[..., 0] / ahead + other.lens.cx - 0.5
    v = other.lens.cy - other.lens.fl_y * seen[..., 1] / ahead - 0.5
    there = map_coordinates(other_depth, [v, u], order=0, mode="nearest")
    inside = (seen[..., 2] < 0) & (u >= 0) & (v >= 0) & (u <= width - 1) & (v <= height - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        same = np.abs(np.log(ahead / there)) < _APART
    known = inside & (depth > 0) & (there > 0) & same
    color = [map_coordinates(picture[..., c], [v, u], order=1, mode="nearest") for c in range(3)]
    return np.stack(color, -1).astype(np.float32), known.astype(np.float32)


def reprojection_error(
    cameras: Sequence[Camera],
    depths: Sequence[Float32[np.ndarray, "h w"]],
    pictures: Sequence[Float32[np.ndarray, "h w 3"]],
) -> float:
    """Return the mean absolute difference of each frame and the one before at the same surfaces."""
    errors = []
    for at in range(1, len(cameras)):
        before, known = seen_from(
            cameras[at], depths[at], cameras[at - 1], pictures[at - 1], depths[at - 1]
        )
        error = np.abs(pictures[at] - before).mean(-1)
        errors.append(float((error * known).sum() / max(known.sum(), 1)))
    return float(np.mean(errors))


def temporal_median(
    cameras: Sequence[Camera],
    depths: Sequence[Float32[np.ndarray, "h w"]],
    pictures: Sequence[Float32[np.ndarray, "h w 3"]],
    reach: int = 2,
) -> list[Float32[np.ndarray, "h w 3"]]:
    """Return frames of which each pixel is the median of the frames around, at its surface."""
    made = []
    for at in range(len(cameras)):
        stack = [pictures[at]]
        for other in range(max(0, at - reach), min(len(cameras), at + reach + 1)):
            if other != at:
                color, known = seen_from(
                    cameras[at], depths[at], cameras[other], pictures[other], depths[other]
                )
                stack.append(np.where(known[..., None] > 0, color, np.nan))
        made.append(np.nanmedian(np.stack(stack), axis=0).astype(np.float32))
    return made
