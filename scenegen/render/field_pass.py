"""What the radiance field alone shows a camera, as floats: the first pass of every frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float32

from scenegen.render.rays import ray_bands
from scenegen.types import Camera, Evidence, Field


class Traced(Protocol):
    """What rays met."""

    @property
    def rgb(self) -> Float32[np.ndarray, "ray 3"]:
        """Colours, sRGB-encoded, in 0..1."""
        ...

    @property
    def depth(self) -> Float32[np.ndarray, "ray"]:
        """Distance along the ray in world units, 0 where nothing was hit."""
        ...

    @property
    def opacity(self) -> Float32[np.ndarray, "ray"]:
        """Share of the light that the scene stops, in 0..1."""
        ...


Trace = Callable[[Field, np.ndarray, np.ndarray], Traced]
"""Follows rays, given by origins and unit directions in the world, through a field."""


@dataclass(frozen=True)
class FieldFrame:
    """A frame before it is rounded to 8 bits.

    ``rgb`` is sRGB-encoded, in 0..1; ``depth``, ``opacity`` and ``evidence`` are those of
    `types.Frame`.
    """

    rgb: Float32[np.ndarray, "h w 3"]
    depth: Float32[np.ndarray, "h w"]
    opacity: Float32[np.ndarray, "h w"]
    evidence: Evidence | None = None


def render_field(
    field: Field,
    camera: Camera,
    trace: Trace | None = None,
    progress: Callable[[float], None] | None = None,
) -> FieldFrame:
    """Trace every pixel of a camera without distortion.

    ``trace`` stands in for `scenegen.kernels.trace`; ``progress`` gets the share of the frame that
    is done.
    """
    trace = field_trace(trace, camera)
    height, width = camera.lens.height_px, camera.lens.width_px
    rgb = np.empty((height, width, 3), dtype=np.float32)
    depth = np.empty((height, width), dtype=np.float32)
    opacity = np.empty((height, width), dtype=np.float32)
    for band in ray_bands(camera):
        traced = trace(field, band.origins, band.directions)
        rows = slice(band.first_row, band.end_row)
        rgb[rows] = traced.rgb.reshape(-1, width, 3)
        depth[rows] = (traced.depth * band.axial).reshape(-1, width)
        opacity[rows] = traced.opacity.reshape(-1, width)
        if progress:
            progress(band.end_row / height)
    return FieldFrame(rgb, depth, np.clip(opacity, 0.0, 1.0, out=opacity))


def field_trace(trace: Trace | None, camera: Camera) -> Trace:
    """Return ``trace``, or the kernel that it stands in for, with the camera's pixels' size."""
    if trace is not None:
        return trace
    from scenegen.kernels import trace as kernel

    angle = camera.lens.pixel_angle
    return lambda field, origins, directions: kernel(field, origins, directions, angle)
