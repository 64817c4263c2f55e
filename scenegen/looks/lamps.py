"""Lamps at night: what shone in the photos goes on shining.

A photo does not tell a lamp from a white wall in the sun. What is taken for a lamp is much brighter
than all around it, nearly white to the photo, and sees little of the sky.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen.looks.lights import LUMINANCE
from scenegen.looks.sights import Surface
from scenegen.looks.snow import smoothstep

WARM = np.array([1.0, 0.72, 0.42], np.float32)
"""Colour of the glow, that of a lamp of 2,700 K beside daylight."""
_BRIGHT = (0.55, 0.85)
_BRIGHTER = (2.2, 4.0)
"""How much brighter than around it, between nothing and all of a lamp."""
_OPEN = (0.2, 0.5)
"""Openness from which what is bright may be so by day alone, and is no lamp."""
_LONE_BRIGHT = 185
_BESIDE = 0.018
"""Standard deviation, in widths of the frame, of what is around a lamp."""
_CROWDED = (0.22, 0.4)
"""Share of it that is bright, from lamps to walls."""
_WIDTHS = (0.006, 0.03)
"""Standard deviations of the glow, in widths of the frame."""
_GLOW = (0.25, 0.45)


def lamps(light: Float32[np.ndarray, "n 3"], surface: Surface) -> Float32[np.ndarray, "n 3"]:
    """Return the light that surfaces give by themselves, of what the photos show of them."""
    bright = light @ LUMINANCE
    beside = bright / np.maximum(surface.light @ LUMINANCE, 0.02)
    share = smoothstep(*_BRIGHT, light.max(axis=1)) * smoothstep(*_BRIGHTER, beside)
    share *= surface.known * (1 - smoothstep(0.4, 0.7, surface.normals[:, 2]))
    share *= 1 - smoothstep(*_OPEN, surface.openness)
    return (0.9 * share * bright)[:, None] * WARM


def lone(rgb: UInt8[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w"]:
    """Return where what is bright in a photo is small, as lamps are: 1, and 0 within bright walls.

    The edge of a bright wall is brighter than what is around it, too.
    """
    bright = (rgb.max(axis=2) >= _LONE_BRIGHT).astype(np.float32)
    return 1 - smoothstep(*_CROWDED, _blurred(bright[..., None], _BESIDE * rgb.shape[1])[..., 0])


def glowing(
    light: Float32[np.ndarray, "h w 3"], own: Float32[np.ndarray, "h w 3"]
) -> Float32[np.ndarray, "h w 3"]:
    """Return a frame with a glow around the lamps in it, as a lens and moist air spread them."""
    if not own.any():
        return light
    width = light.shape[1]
    for sigma, share in zip(_WIDTHS, _GLOW, strict=True):
        light = light + np.float32(share) * _blurred(own, sigma * width)
    return light


def _blurred(light: Float32[np.ndarray, "h w c"], sigma: float) -> Float32[np.ndarray, "h w c"]:
    """Return a frame blurred by a Gaussian, in a smaller picture where none will tell."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    height, width = light.shape[:2]
    scale = max(1, int(sigma / 2))
    size = max(1, width // scale), max(1, height // scale)
    made = []
    for colour in range(light.shape[2]):
        small = Image.fromarray(light[..., colour]).resize(size, Image.Resampling.BOX)
        soft = gaussian_filter(np.asarray(small), sigma / scale, truncate=3.0)
        whole = Image.fromarray(soft).resize((width, height), Image.Resampling.BILINEAR)
        made.append(np.asarray(whole))
    return np.stack(made, axis=-1)
