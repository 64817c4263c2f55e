"""Occupancy for rendering: only the cells that carry the colour of some photo's ray.

Training keeps every cell that might hold something. Most of them hold faint fog that no ray reaches
or that hides behind surfaces; leaving them out makes frames faster and takes away what floats
where no photo could contradict it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scenegen.kernels import backend
from scenegen.kernels.rays import pixel_rays
from scenegen.lift.pixels import PhotoPixels
from scenegen.types import Field

RAYS = 400_000
MIN_WEIGHT = 0.01
"""Share of a ray's colour that a cell must carry, for one ray at least."""


def prune(field: Field, photos: Sequence[PhotoPixels], seed: int) -> Field:
    """Return ``field`` with an occupancy grid made from the weights of random rays of ``photos``.

    The neighbours of a cell that counts stay as well, as far as training had them. Only the native
    kernels know the weights of cells: with another backend ``field`` comes back as it is.
    """
    if backend() != "native":
        return field
    from scenegen.kernels import native

    rng = np.random.default_rng(seed)
    weights = np.zeros(field.occupancy.shape, np.float32)
    for photo in photos:
        height, width = photo.rgb.shape[:2]
        pixels = rng.integers(0, height * width, max(1, RAYS // len(photos)))
        origins, directions = pixel_rays(photo.camera, pixels % width, pixels // width)
        np.maximum(weights, native.cell_weights(field, origins, directions), out=weights)
    near = np.zeros_like(field.occupancy)
    native.distance_field(weights, MIN_WEIGHT, near)
    kept = ((near <= 1) & (field.occupancy == 0)).astype(np.float32)
    occupancy = np.zeros_like(field.occupancy)
    native.distance_field(kept, 0.5, occupancy)
    return replace(field, occupancy=occupancy)
