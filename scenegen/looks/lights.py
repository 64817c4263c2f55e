"""The light of a time of day: how it changes what surfaces show, and what the sky shows.

A photo's light is not known. It is taken for that of an even sky, and what a surface shows is
multiplied by the ratio of the new light to that one (Shashua and Riklin-Raviv, "The quotient
image", 2001), with Lambert's cosine for the sun or moon and the openness to the sky for the rest.
The ratio is the same in all frames, for it comes from cells of the world.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from scenegen.looks.look import Look
from scenegen.looks.sights import Surface

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of linear sRGB, ITU-R BT.709."""

_WRAP = 0.2
"""How far beyond the terminator the light still reaches: normals of cells are soft."""
_FLAT = 0.45
"""Light of surfaces of which nothing is known, as a share of the direct one."""


@dataclass(frozen=True, eq=False)
class Light:
    """A light: ``direct`` from direction ``toward``, ``ambient`` from the sky; linear.

    ``zenith`` and ``horizon`` are the sky's colours, ``glow`` that around the source.
    ``kept`` is how much of the pattern of the sky's own brightness, clouds, stays. ``bleached``
    is the share of colour that is lost; ``warm`` lights are exposed as the photos' day was.
    """

    toward: Float[np.ndarray, "3"]
    direct: Float[np.ndarray, "3"]
    ambient: Float[np.ndarray, "3"]
    zenith: Float[np.ndarray, "3"]
    horizon: Float[np.ndarray, "3"]
    glow: Float[np.ndarray, "3"]
    kept: float
    bleached: float
    warm: bool = False

    def gain(self, surface: Surface) -> Float32[np.ndarray, "n 3"]:
        """Return how much of this light surfaces get, where 1 is what they got in the photos."""
        cosine = surface.normals @ self.toward.astype(np.float32)
        lambert = np.maximum((cosine + _WRAP) / (1 + _WRAP), 0.0) * surface.sun
        share = surface.known * lambert + (1 - surface.known) * _FLAT
        sky = 0.35 + 0.65 * (surface.known * surface.openness + (1 - surface.known) * 0.7)
        gain = share[:, None] * self.direct.astype(np.float32)
        gain += sky[:, None] * self.ambient.astype(np.float32)
        return gain

    def relit(
        self, light: Float32[np.ndarray, "n 3"], surface: Surface
    ) -> Float32[np.ndarray, "n 3"]:
        """Return what surfaces show under this light, of what they show in the photos.

        What gets more light than it got approaches white without reaching it: Reinhard et al.,
        "Photographic tone reproduction for digital images" (2002), eq. 4, made to keep 1 at 1.
        """
        gain = self.gain(surface)
        return bleach(light, self.bleached) * gain / (1 + np.maximum(gain - 1, 0.0) * light)

    def sky(
        self,
        directions: Float32[np.ndarray, "n 3"],
        pattern: Float32[np.ndarray, "n"] | None = None,
    ) -> Float32[np.ndarray, "n 3"]:
        """Return the sky's light by direction; ``pattern`` is its own, 1 in the mean."""
        up = np.clip(directions[:, 2], 0.0, 1.0)[:, None]
        share = (1 - (1 - up) ** 4).astype(np.float32)
        shown = self.horizon.astype(np.float32) * (1 - share)
        shown += self.zenith.astype(np.float32) * share
        if pattern is not None:
            shown *= (1 - self.kept + self.kept * np.clip(pattern, 0.3, 1.7))[:, None]
        if self.glow.any():
            cosine = directions @ self.toward.astype(np.float32)
            shown += phase(cosine)[:, None] * self.glow.astype(np.float32)
        return shown


def phase(cosine: Float32[np.ndarray, "n"], g: float = 0.8) -> Float32[np.ndarray, "n"]:
    """Return how much light haze sends on by an angle, 1 for none.

    Source: Henyey and Greenstein, "Diffuse radiation in the Galaxy" (1941).
    """
    return ((1 - g) ** 3 / (1 + g * g - 2 * g * np.clip(cosine, -1, 1)) ** 1.5).astype(np.float32)


def bleach(light: Float32[np.ndarray, "n 3"], share: float) -> Float32[np.ndarray, "n 3"]:
    """Return colours that lost a share of their distance to grey."""
    if share == 0:
        return light
    grey = (light @ LUMINANCE)[:, None]
    return light + np.float32(share) * (grey - light)


def golden(toward: Float[np.ndarray, "3"]) -> Light:
    """Return the light of a low sun: warm and level, against a sky that stays cool."""
    return Light(
        toward=toward,
        direct=np.array([2.7, 1.38, 0.48]),
        ambient=np.array([0.38, 0.32, 0.31]),
        zenith=np.array([0.20, 0.29, 0.48]),
        horizon=np.array([1.0, 0.60, 0.29]),
        glow=np.array([1.6, 0.85, 0.30]),
        kept=0.6,
        bleached=0.0,
        warm=True,
    )


def moonlit(toward: Float[np.ndarray, "3"]) -> Light:
    """Return moonlight as it is shown in films: blue, and with little colour.

    Sources: Jensen et al., "Night rendering" (2000); Thompson, Shirley and Ferwerda, "A spatial
    post-processing algorithm for images of night scenes" (2002).
    """
    return Light(
        toward=toward,
        direct=np.array([0.22, 0.285, 0.42]),
        ambient=np.array([0.060, 0.082, 0.135]),
        zenith=np.array([0.004, 0.008, 0.020]),
        horizon=np.array([0.016, 0.024, 0.046]),
        glow=np.array([0.05, 0.06, 0.08]),
        kept=0.35,
        bleached=0.6,
    )


def covered() -> Light:
    """Return the light of a covered sky: even, dim and grey.

    The sky is three times as bright above as at the horizon (Moon and Spencer, "Illumination from
    a non-uniform sky", 1942), less than that where the eye adapts to it.
    """
    return Light(
        toward=np.array([0.0, 0.0, 1.0]),
        direct=np.array([0.20, 0.21, 0.22]),
        ambient=np.array([0.70, 0.735, 0.77]),
        zenith=np.array([0.44, 0.47, 0.51]),
        horizon=np.array([0.58, 0.60, 0.62]),
        glow=np.zeros(3),
        kept=0.5,
        bleached=0.35,
    )


def lights_of(look: Look, toward: Float[np.ndarray, "3"]) -> list[tuple[float, Light]]:
    """Return the lights of a look with the share of each; the rest is the photos' own."""
    chosen = [(look.golden, golden(toward)), (look.night, moonlit(toward))]
    chosen = [(share, light) for share, light in chosen if share > 0]
    left = 1 - sum(share for share, _ in chosen)
    if look.overcast * left > 0:
        chosen.append((look.overcast * left, covered()))
    return chosen


def relit(
    lights: list[tuple[float, Light]], light: Float32[np.ndarray, "n 3"], surface: Surface
) -> Float32[np.ndarray, "n 3"]:
    """Return what surfaces show under a mixture of lights."""
    shown = np.float32(1 - sum(share for share, _ in lights)) * light
    for share, one in lights:
        shown = shown + np.float32(share) * one.relit(light, surface)
    return shown


def ambience(lights: list[tuple[float, Light]]) -> Float[np.ndarray, "3"]:
    """Return how much light comes from everywhere, where 1 is that of the photos."""
    total = np.full(3, 1.0 - sum(share for share, _ in lights))
    for share, light in lights:
        total += share * (0.8 * light.ambient + 0.35 * light.direct)
    return total
