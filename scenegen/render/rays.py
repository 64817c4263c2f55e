"""Rays of a pinhole camera.

A pixel's ray starts at the centre of projection and runs through the centre of the pixel. With
``c`` the cosine between the ray and the optical axis, a point at distance ``t`` along the ray lies
``c * t`` along the axis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int

from scenegen.types import Camera, Lens

RAYS_PER_BAND = 1 << 17
"""Bounds the memory of a band; large enough that every core stays busy."""


@dataclass(frozen=True)
class RayBand:
    """Rays of the image rows ``first_row`` to ``end_row`` (exclusive), row by row.

    ``directions`` are of unit length, in the world; ``axial`` is the cosine of each ray with the
    optical axis, in (0, 1].
    """

    first_row: int
    end_row: int
    origins: Float32[np.ndarray, "ray 3"]
    directions: Float32[np.ndarray, "ray 3"]
    axial: Float32[np.ndarray, "ray"]


def band_edges(lens: Lens) -> list[int]:
    """Return the rows at which bands of at most `RAYS_PER_BAND` rays (or one row) begin and end."""
    rows = max(1, RAYS_PER_BAND // lens.width_px)
    return [*range(0, lens.height_px, rows), lens.height_px]


def ray_band(camera: Camera, first_row: int, end_row: int) -> RayBand:
    """Return the rays of some rows of a camera without distortion.

    They are computed in double precision: at 8,000 pixels a float32 pixel coordinate would be
    off by up to a thousandth of a pixel.
    """
    lens = camera.lens
    assert lens.model == "PINHOLE", lens.model
    right = (np.arange(lens.width_px) + 0.5 - lens.cx) / lens.fl_x
    up = (lens.cy - np.arange(first_row, end_row)[:, None] - 0.5) / lens.fl_y
    axial = 1.0 / np.sqrt(1.0 + right**2 + up**2)
    x, y, z = camera.world_from_camera[:3, :3].T
    # Of unit length once multiplied by `axial`, since x, y and z are orthonormal.
    through = right[:, None] * x + (up[..., None] * y - z)
    directions = (through * axial[..., None]).astype(np.float32).reshape(-1, 3)
    origins = np.tile(camera.position.astype(np.float32), (len(directions), 1))
    return RayBand(
        first_row,
        end_row,
        origins,
        directions,
        axial.astype(np.float32).ravel(),
    )


def pixel_rays(
    camera: Camera, pixels: Int[np.ndarray, "pixel"]
) -> tuple[
    Float32[np.ndarray, "pixel 3"], Float32[np.ndarray, "pixel 3"], Float32[np.ndarray, "pixel"]
]:
    """Return origins, directions and axial cosines of the rays of some pixels, as `ray_band` does.

    Pixels are numbered row by row.
    """
    lens = camera.lens
    assert lens.model == "PINHOLE", lens.model
    row, column = np.divmod(pixels, lens.width_px)
    right = (column + 0.5 - lens.cx) / lens.fl_x
    up = (lens.cy - row - 0.5) / lens.fl_y
    axial = 1.0 / np.sqrt(1.0 + right**2 + up**2)
    x, y, z = camera.world_from_camera[:3, :3].T
    through = right[:, None] * x + (up[:, None] * y - z)
    directions = (through * axial[:, None]).astype(np.float32)
    origins = np.tile(camera.position.astype(np.float32), (len(directions), 1))
    return origins, directions, axial.astype(np.float32)


def ray_bands(camera: Camera) -> Iterator[RayBand]:
    """Yield the rays of a camera's whole image in bands from the top, so that memory is bounded."""
    edges = band_edges(camera.lens)
    for first_row, end_row in pairwise(edges):
        yield ray_band(camera, first_row, end_row)
