"""Snow that lies: on what faces up and is open to the sky, where the world's pattern has it.

Steepness and the way to the sky decide, as in Fearing, "Computer modelling of fallen snow" (2000);
both come from cells of the world, and so does the pattern of where it melted.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from scenegen.looks.lights import LUMINANCE
from scenegen.looks.noise import Pattern
from scenegen.looks.sights import Surface

WHITE = np.array([0.80, 0.84, 0.90], np.float32)
"""Colour of fresh snow; its albedo is around 0.8 (Wiscombe and Warren, "A model for the spectral
albedo of snow", 1980)."""

_STEEP, _LEVEL = 0.50, 0.80
"""z of normals from which snow begins to lie, and lies fully: 60 and 37 degrees of slope."""
_FULL = 1.3
"""How much more snow than it needs lies where all is covered: edges of patches are that soft."""
_RELIEF = 0.35
"""How much of a surface's own small contrasts shows through."""


def smoothstep(
    low: float, high: float, value: Float32[np.ndarray, "n"]
) -> Float32[np.ndarray, "n"]:
    """Return 0 below ``low``, 1 above ``high``, and a smooth way between."""
    share = np.clip((value - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    return share * share * (3 - 2 * share)


def lying(
    surface: Surface, cover: float, pattern: Pattern, open_sky: float
) -> Float32[np.ndarray, "n"]:
    """Return how much of each place snow covers, 0 to 1.

    ``cover`` is how much of what can bear snow does; ``open_sky`` the openness of open ground: in
    a room there is less, and snow lies as it would if its roof were off.
    """
    level = smoothstep(_STEEP, _LEVEL, surface.normals[:, 2])
    sheltered = smoothstep(0.2, 0.65, surface.openness / np.float32(open_sky))
    bearing = level * sheltered * surface.known
    drift = pattern.at(surface.points[:, :2])
    margin = np.float32(_FULL * cover) - drift - 1.5 * (1 - bearing)
    return smoothstep(0.0, _FULL - 1, margin)


def snowed(
    light: Float32[np.ndarray, "n 3"],
    surface: Surface,
    amount: Float32[np.ndarray, "n"],
    bright: float,
) -> Float32[np.ndarray, "n 3"]:
    """Return what places show with snow on them; ``bright`` is the luminance of lit level ground.

    The snow is as bright as the ground around is beside lit ground, and keeps some of the relief.
    """
    around = np.maximum(surface.light @ LUMINANCE, 1e-4)
    here = np.maximum(light @ LUMINANCE, 1e-4)
    shade = np.clip((around / np.float32(bright)) ** 0.4, 0.45, 1.05)
    relief = np.clip((here / around) ** np.float32(_RELIEF), 0.6, 1.25)
    white = WHITE * (shade * relief)[:, None]
    return light + amount[:, None] * (white - light)
