"""From radiance to a photo: exposure, the tint of a mood, and a film's curve."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen.worlds.spec import Mood

_KEY = 0.07
"""Linear brightness that a picture's middle is brought to."""

_TINT: dict[Mood, tuple[float, float, float, float]] = {
    "calm": (1.0, 1.0, 1.0, 0.95),
    "cheerful": (1.03, 1.01, 0.97, 1.12),
    "gloomy": (0.58, 0.61, 0.65, 0.72),
    "mysterious": (0.92, 0.99, 1.06, 0.82),
    "warm": (1.08, 1.0, 0.9, 1.05),
    "cold": (0.92, 0.99, 1.09, 0.92),
    "dramatic": (1.0, 0.99, 0.98, 1.08),
}
"""Gain of red, green and blue, and of saturation: what is gloomy is two thirds of a stop darker."""


def exposure_of(radiance: Float32[np.ndarray, "height width 3"], night: bool = False) -> float:
    """Return the factor that exposes a picture: by its mean brightness in stops.

    A night is left darker than its light would be brought to by a camera.
    """
    luminance = radiance @ np.array([0.2126, 0.7152, 0.0722])
    middle = float(np.exp(np.log(np.maximum(luminance, 1e-5)).mean()))
    return (0.35 if night else 1.0) * _KEY / middle


def develop(
    radiance: Float32[np.ndarray, "height width 3"], exposure: float, mood: Mood | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """Return radiance as sRGB: Hable's film curve ("Uncharted 2", 2010), a little more contrast."""
    gain = np.array(_TINT[mood][:3] if mood else (1.0, 1.0, 1.0))
    saturation = _TINT[mood][3] if mood else 1.0
    exposed = np.maximum(radiance, 0) * exposure * gain
    grey = (exposed @ np.array([0.2126, 0.7152, 0.0722]))[..., None]
    exposed = np.maximum(grey + saturation * (exposed - grey), 0)
    linear = np.clip(_curve(4.2 * exposed) / _curve(np.array(9.0)), 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    contrast = srgb + 0.10 * (srgb - 0.5) * 4 * srgb * (1 - srgb)
    return (np.clip(contrast, 0, 1) * 255 + 0.5).astype(np.uint8)


def _curve(x: np.ndarray) -> np.ndarray:
    a, b, c, d, e, f = 0.22, 0.30, 0.10, 0.20, 0.01, 0.30
    return (x * (a * x + c * b) + d * e) / (x * (a * x + b) + d * f) - e / f
