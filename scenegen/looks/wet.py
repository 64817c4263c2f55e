"""Wet surfaces: darker where rain reaches them, and mirrors where it stands in puddles.

Water fills the pores of rough things, so that light bounces more often inside before it leaves:
albedo falls, colours deepen (Jensen, Legakis and Dorsey, "Rendering of wet materials", 1999).
Puddles are level and reflect by Fresnel's law in Schlick's form.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from scenegen.looks.lights import LUMINANCE
from scenegen.looks.noise import Pattern
from scenegen.looks.sights import Surface
from scenegen.looks.snow import smoothstep

_DEEPER = 0.35
"""By what wetness raises the exponent of the albedo."""
_LEVEL = 0.88
"""z of normals from which water stands."""


def wetted(
    light: Float32[np.ndarray, "n 3"], surface: Surface, wet: float
) -> Float32[np.ndarray, "n 3"]:
    """Return what surfaces show when they are wet: what faces up most, walls a little."""
    up = smoothstep(-0.2, 0.8, surface.normals[:, 2])
    share = wet * surface.known * (0.3 + 0.7 * up)
    grey = np.maximum(light @ LUMINANCE, 1e-4)[:, None]
    # The exponent of each colour: what is dark is held less, so that nothing turns black.
    deep = light * np.clip(light, 0.02, 1.0) ** (np.float32(_DEEPER) * share[:, None])
    tint = light / grey
    return deep * tint ** (0.1 * share[:, None])


def standing(surface: Surface, puddles: float, pattern: Pattern) -> Float32[np.ndarray, "n"]:
    """Return how much of a mirror each place is, 0 to 1: what is level, most of it in pools."""
    level = smoothstep(_LEVEL, 0.97, surface.normals[:, 2]) * surface.known
    pool = smoothstep(0.50, 0.66, pattern.at(surface.points[:, :2]))
    return level * (0.25 + 0.75 * pool) * np.float32(puddles)
