"""What is seen along rays, and what is known of the surfaces that they meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from scenegen.looks.voxels import VoxelMap
from scenegen.types import Field

_MIXED = 0.05
"""Opacity up to which, and share of the sky up to which, a pixel is one thing alone."""
_CLOUDS = 8.0
"""Sizes of the scene from which what is above the horizon is a cloud."""
_RISE = 0.06
"""z of directions from which that is sure."""


@dataclass(eq=False)
class Sights:
    """Rays of one origin each, and the light that comes along them, linear.

    ``distance`` is along the ray in world units, infinite where nothing was hit. ``surface`` is the
    light of the surface alone and ``sky`` that of what is behind it: together they make the pixel,
    ``opacity`` of the one and the rest of the other.
    """

    origins: Float32[np.ndarray, "n 3"]
    directions: Float32[np.ndarray, "n 3"]
    distance: Float32[np.ndarray, "n"]
    opacity: Float32[np.ndarray, "n"]
    surface: Float32[np.ndarray, "n 3"]
    sky: Float32[np.ndarray, "n 3"]

    @property
    def points(self) -> Float32[np.ndarray, "n 3"]:
        """Where the rays meet a surface; their origins where they meet none."""
        far = np.where(np.isfinite(self.distance), self.distance, 0.0)
        return self.origins + far[:, None] * self.directions


@dataclass(frozen=True, eq=False)
class Surface:
    """What is known of the surfaces along some rays.

    ``known`` is 0 to 1: how far the rest can be relied on. ``openness`` is the share of the sky
    that they see, ``sun`` that of the light's source, ``light`` what is around them, linear.
    """

    points: Float32[np.ndarray, "n 3"]
    normals: Float32[np.ndarray, "n 3"]
    openness: Float32[np.ndarray, "n"]
    sun: Float32[np.ndarray, "n"]
    light: Float32[np.ndarray, "n 3"]
    known: Float32[np.ndarray, "n"]


def surface_of(sights: Sights, known_of: VoxelMap) -> Surface:
    """Return what a map of a place says about what rays meet."""
    points = sights.points
    values, known = known_of.at(points)
    normals = values[:, :3]
    length = np.sqrt(np.einsum("ij,ij->i", normals, normals))
    # Where neighbouring cells face different ways, no one normal holds: less is known.
    known = known * (sights.opacity > _MIXED)
    normals = normals / np.maximum(length, 0.2)[:, None]
    return Surface(points, normals, values[:, 3], values[:, 4], values[:, 5:8], known)


def parted(
    field: Field,
    rays: tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"]],
    light: Float32[np.ndarray, "n 3"],
    distance: Float32[np.ndarray, "n"],
    opacity: Float32[np.ndarray, "n"],
) -> Sights:
    """Return what pixels show, parted into surface and the field's sky behind it.

    Pixels on the rim of what stands before the sky have some of both: a look that darkens the one
    and not the other would leave a bright line there.
    """
    origins, directions = rays
    behind = np.flatnonzero(opacity < 1 - _MIXED)
    sky = light.copy()
    sky[behind] = sky_light(field, directions[behind])
    alone = opacity <= _MIXED
    surface = light.copy()
    mixed = behind[~alone[behind]]
    share = opacity[mixed, None]
    rest = (light[mixed] - (1 - share) * sky[mixed]) / share
    # The photos' sky is not quite the field's: what is parted stays between nothing and the pixel.
    surface[mixed] = np.clip(rest, 0.0, np.maximum(light[mixed], 0.0))
    sky[mixed] = (light[mixed] - share * surface[mixed]) / (1 - share)
    sky[alone] = light[alone]
    return Sights(origins, directions, distance, opacity, surface, sky)


def far_is_sky(
    directions: Float32[np.ndarray, "n 3"], distance: Float32[np.ndarray, "n"], size: float
) -> Float32[np.ndarray, "n"]:
    """Return 0 for what is as good as sky: far above the horizon, as clouds are; else 1."""
    far = np.clip(distance / np.float32(size * _CLOUDS) - 1, 0.0, 1.0)
    return 1 - far * np.clip(directions[:, 2] / _RISE, 0.0, 1.0)


def sky_light(field: Field, directions: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Return the linear light of what is behind a field: see `scenegen.types.Field`."""
    from scenegen.kernels.srgb import linear

    if field.turn is not None:
        directions = directions @ field.turn.astype(np.float32)
    shown = _harmonics(directions) @ field.sky.T.astype(np.float32)
    return linear(1 / (1 + np.exp(-shown)))


def _harmonics(directions: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 16"]:
    """Return the real spherical harmonics of bands 0 to 3 of unit directions."""
    x, y, z = directions.T
    xx, yy, zz = x * x, y * y, z * z
    terms = [
        np.full_like(x, 0.28209479),
        -0.48860251 * y,
        0.48860251 * z,
        -0.48860251 * x,
        1.09254843 * x * y,
        -1.09254843 * y * z,
        0.94617470 * zz - 0.31539157,
        -1.09254843 * x * z,
        0.54627422 * (xx - yy),
        0.59004359 * y * (yy - 3 * xx),
        2.89061144 * x * y * z,
        0.45704580 * y * (1 - 5 * zz),
        0.37317633 * z * (5 * zz - 3),
        0.45704580 * x * (1 - 5 * zz),
        1.44530572 * z * (xx - yy),
        0.59004359 * x * (3 * yy - xx),
    ]
    return np.stack(terms, axis=-1).astype(np.float32)
