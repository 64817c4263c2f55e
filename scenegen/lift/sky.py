"""Where photos may show sky: there light that meets nothing has the sky's colour.

Everywhere else the colour behind a ray is random while the field trains, so that whatever a photo
shows must become an opaque surface. The sky would become one too, at any distance that the photos
leave open: clouds that hang in the air.

A photo is cut into cells. Sky is what hangs together from the upper edge of the photo, above the
horizon, where cells are even, bright or blue, and hold no sparse point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, UInt8

from scenegen.kernels.rays import camera_rays
from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.sightings import project

CELLS = 32
"""Cells along both edges of a photo."""
BESIDE_SKY, OPEN_SKY = 1, 2
"""Cells that touch the sky, so that an edge against it may be in them, and cells of the sky."""
ROUGHNESS = 0.03
"""Mean difference of neighbouring pixels, in 0..1, above which a cell is not even."""
STEP = 0.12
"""Difference of neighbouring cells' colours above which they do not hang together."""
BLUE = 1.15
"""How much more blue than red makes a cell blue."""
HORIZON = 0.02
"""Least sine of the elevation."""
_LOOKED_AT_PX = 320
"""Photos are thinned to about this width: evenness depends on it."""


def find_skies(
    photos: Sequence[PhotoPixels], points: Float[np.ndarray, "point 3"]
) -> tuple[UInt8[np.ndarray, "32 32"], ...]:
    """Return for every photo which cells are `OPEN_SKY` or `BESIDE_SKY`; the others are 0.

    World +Z is up. Empty where no photo shows sky, and without sparse ``points``: nothing would
    tell a bare wall from sky.
    """
    if not len(points):
        return ()
    found = [_sky(photo, points) for photo in photos]
    if not any(sky.any() for sky in found):
        return ()
    return tuple(sky.astype(np.uint8) + _grown(sky) for sky in found)


def _sky(photo: PhotoPixels, points: Float[np.ndarray, "point 3"]) -> Bool[np.ndarray, "32 32"]:
    lens = photo.camera.lens
    if lens.model == "OPENCV_FISHEYE":  # nothing is projected into it
        return np.zeros((CELLS, CELLS), bool)
    mean, rough, typical = _look(photo.rgb)
    place, _ = project(photo.camera, points)
    size = np.array([lens.width_px, lens.height_px])
    inside = ((place >= 0) & (place < size)).all(1)
    column, row = (place[inside] / size * CELLS).astype(np.int64).T
    empty = np.ones((CELLS, CELLS), bool)
    empty[row, column] = False
    _, directions = camera_rays(replace(photo.camera, lens=lens.scaled(CELLS, CELLS)))
    above = directions[:, 2].reshape(CELLS, CELLS) > HORIZON
    bright = (mean.mean(2) > typical) | (mean[..., 2] > BLUE * mean[..., 0])
    return _hanging_from_above(mean, (rough < ROUGHNESS) & above & bright & empty)


def _look(
    rgb: UInt8[np.ndarray, "h w 3"],
) -> tuple[Float[np.ndarray, "32 32 3"], Float[np.ndarray, "32 32"], float]:
    """Return the cells' mean colours and unevenness, and the median brightness of the photo."""
    thin = max(1, rgb.shape[1] // _LOOKED_AT_PX)
    seen = rgb[::thin, ::thin].astype(np.float32) / 255.0
    height, width = seen.shape[:2]
    light = seen.mean(2)
    edges = np.abs(np.diff(light, axis=1, append=light[:, -1:]))
    edges += np.abs(np.diff(light, axis=0, append=light[-1:]))
    rows, columns = np.arange(height) * CELLS // height, np.arange(width) * CELLS // width
    cell = (rows[:, None] * CELLS + columns).ravel()
    count = np.bincount(cell, minlength=CELLS * CELLS)

    def means(values: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "32 32"]:
        # A photo of fewer pixels than cells leaves some without: they are as uneven as can be.
        total = np.bincount(cell, values.ravel(), CELLS * CELLS)
        return np.where(count, total / np.maximum(count, 1), 1.0).reshape(CELLS, CELLS)

    colors = np.stack([means(seen[..., c]) for c in range(3)], axis=-1)
    return colors, means(edges), float(np.median(light))


def _hanging_from_above(
    mean: Float[np.ndarray, "32 32 3"], likely: Bool[np.ndarray, "32 32"]
) -> Bool[np.ndarray, "32 32"]:
    """Return the ``likely`` cells that small steps of colour reach from the upper edge."""
    found = np.zeros_like(likely)
    found[0] = likely[0]
    down = np.abs(np.diff(mean, axis=0)).max(2) < STEP
    across = np.abs(np.diff(mean, axis=1)).max(2) < STEP
    while True:
        before = found.copy()
        found[1:] |= found[:-1] & down
        found[:-1] |= found[1:] & down
        found[:, 1:] |= found[:, :-1] & across
        found[:, :-1] |= found[:, 1:] & across
        found &= likely
        if (found == before).all():
            return found


def _grown(cells: Bool[np.ndarray, "32 32"]) -> Bool[np.ndarray, "32 32"]:
    padded = np.pad(cells, 1)
    return np.any(
        [padded[i : i + CELLS, j : j + CELLS] for i in range(3) for j in range(3)], axis=0
    )
