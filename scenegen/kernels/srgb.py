"""Light and its sRGB code, by IEC 61966-2-1."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32


def linear(rgb: Float32[np.ndarray, "*n"]) -> Float32[np.ndarray, "*n"]:
    """Return the light of sRGB-encoded colours in 0..1, by IEC 61966-2-1."""
    low = rgb / np.float32(12.92)
    high = ((np.maximum(rgb, 0.0) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(rgb <= 0.04045, low, high)


def encoded(light: Float32[np.ndarray, "*n"]) -> Float32[np.ndarray, "*n"]:
    """Return sRGB-encoded colours, in 0..1, of light."""
    light = np.clip(light, 0.0, 1.0)
    high = np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(light <= 0.0031308, light * np.float32(12.92), high)
