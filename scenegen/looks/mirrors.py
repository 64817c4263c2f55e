"""What level water mirrors: rays that leave it are traced through the field itself."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from scenegen.kernels.srgb import linear
from scenegen.looks.place import Place
from scenegen.looks.sights import Sights, parted

WATER_F0 = 0.02
"""Share that water mirrors of light that falls straight on it: ((1.33 - 1) / (1.33 + 1))^2."""

_LEAST_RISE = 0.02
"""Least z of a mirrored ray: waves turn none of them back into the water."""


def fresnel(cosine: Float32[np.ndarray, "n"]) -> Float32[np.ndarray, "n"]:
    """Return the share of light that water mirrors, by the cosine of the angle to its normal.

    Source: Schlick, "An inexpensive BRDF model for physically-based rendering" (1994), eq. 15.
    """
    grazing = 1 - np.clip(cosine, 0.0, 1.0)
    return (WATER_F0 + (1 - WATER_F0) * grazing**5).astype(np.float32)


def normals_of(slopes: Float32[np.ndarray, "n 2"]) -> Float32[np.ndarray, "n 3"]:
    """Return unit normals of level water with some slopes."""
    normals = np.concatenate([-slopes, np.ones((len(slopes), 1), np.float32)], axis=1)
    return normals / np.sqrt(np.einsum("ij,ij->i", normals, normals))[:, None]


def mirrored(
    directions: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]
) -> Float32[np.ndarray, "n 3"]:
    """Return the directions from which mirrors with ``normals`` show light to ``directions``."""
    along = np.einsum("ij,ij->i", directions, normals)
    found = directions - 2 * along[:, None] * normals
    found[:, 2] = np.maximum(found[:, 2], _LEAST_RISE)
    return found / np.sqrt(np.einsum("ij,ij->i", found, found))[:, None]


def reflections(
    place: Place,
    points: Float32[np.ndarray, "n 3"],
    directions: Float32[np.ndarray, "n 3"],
    pixel_angle: float,
) -> Sights:
    """Return what the scene shows to rays that leave water at ``points``."""
    field = place.field
    # Rays are believed from the field's near distance on; here that is the water's surface.
    back = (points - np.float32(field.near * field.radius) * directions).astype(np.float32)
    traced = place.trace(field, back, np.ascontiguousarray(directions), pixel_angle)
    far = traced.depth - np.float32(field.near * field.radius)
    hit = (traced.depth > 0) & (far > 0)
    distance = np.where(hit, far, np.inf).astype(np.float32)
    light = linear(np.clip(traced.rgb, 0.0, 1.0))
    return parted(field, (points, directions), light, distance, np.clip(traced.opacity, 0.0, 1.0))
