"""How sharp frames are beside true ones, and what plain filters reach.

None of these trusts a blurred frame: beside every error stands a figure that blur lowers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float32
from scipy.ndimage import gaussian_filter

from scenegen.lift.pixels import PhotoPixels, load_photo
from scenegen.render.steadiness import warped
from scenegen.types import Camera, Frame, Photo

BAND = (0.08, 0.4)
"""Cycles a pixel of the detail that is compared: from what survives blur to just below noise."""
_RINGS = 24
_LUMA = np.array([0.2126, 0.7152, 0.0722])


def reduced(photo: Photo, longest: int) -> PhotoPixels:
    """Return a photo, its longer side ``longest`` pixels or somewhat more: by whole numbers."""
    lens = photo.camera.lens
    return load_photo(photo, max(1, max(lens.width_px, lens.height_px) // longest))


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


def temporal_median(
    cameras: Sequence[Camera], frames: Sequence[Frame], reach: int = 2
) -> list[Frame]:
    """Return frames of which each pixel is the median of the frames around, at its surface."""
    made = []
    for at, frame in enumerate(frames):
        stack = [frame.rgb / 255.0]
        for other in range(max(0, at - reach), min(len(frames), at + reach + 1)):
            if other != at:
                color, known = warped((cameras[at], frame), (cameras[other], frames[other]))
                stack.append(np.where(known[..., None], color, np.nan))
        median = np.nanmedian(np.stack(stack), axis=0)
        made.append(replace(frame, rgb=np.rint(255 * median).astype(np.uint8)))
    return made
