"""How far a rendered view can be trusted beyond its colours: true depth, floaters, pinholes.

All three look at axial depth in world units, 0 where nothing was hit, as `Frame.depth` has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from scenegen.kernels import trace
from scenegen.kernels.rays import ray_bands
from scenegen.types import Camera, Field

_LEAST_OPACITY = 0.5
"""Below it a ray has no median depth: it is said to hit nothing."""

PINHOLE_JUMP = 0.1
"""Share of its depth by which a pinhole lies before or behind all that surrounds it."""
PINHOLE_FADE = 0.3
"""Opacity that a pinhole lacks against all that surrounds it."""


@dataclass(frozen=True)
class View:
    """What a camera sees of a field: colours in 0..1, axial depth in world units, opacity."""

    camera: Camera
    rgb: Float32[np.ndarray, "h w 3"]
    depth: Float32[np.ndarray, "h w"]
    opacity: Float32[np.ndarray, "h w"]


@dataclass(frozen=True)
class DepthError:
    """Median absolute error of depth where the truth is known, in its unit and in percent of it."""

    median: float
    median_percent: float
    pixels: int


def view_of(field: Field, camera: Camera) -> View:
    """Return ``field`` as ``camera`` sees it, lens distortion included."""
    height, width = camera.lens.height_px, camera.lens.width_px
    view = View(
        camera,
        np.empty((height, width, 3), np.float32),
        np.empty((height, width), np.float32),
        np.empty((height, width), np.float32),
    )
    for rows, origins, directions in ray_bands(camera):
        seen = trace(field, origins, directions, camera.lens.pixel_angle)
        axial = seen.depth * (directions @ camera.forward)
        view.rgb[rows] = seen.rgb.reshape(-1, width, 3)
        view.depth[rows] = axial.reshape(-1, width)
        view.opacity[rows] = seen.opacity.reshape(-1, width)
    return view


def depth_error(
    field: Field,
    truths: Iterable[tuple[Camera, Float[np.ndarray, "h w"]]],
    unit: float = 1.0,
) -> DepthError:
    """Compare depths with true ones: cameras, and axial depths of their pixels, 0 where unknown.

    ``unit`` is what a world unit of ``field`` is worth in the unit of the true depths. A ray that
    hits nothing is off by the whole of its true depth.
    """
    errors, shares = [], []
    for camera, truth in truths:
        known = truth > 0
        error = np.abs(view_of(field, camera).depth * unit - truth)[known]
        errors.append(error)
        shares.append(error / truth[known])
    error = np.concatenate(errors)
    percent = 100.0 * float(np.median(np.concatenate(shares)))
    return DepthError(float(np.median(error)), percent, len(error))


def floaters_percent(views: Sequence[View], clear: Sequence[float]) -> float:
    """Return the share of pixels, in percent, that hit something where space is known to be empty.

    ``clear`` is how far before each view that is, in world units along the ray: half the way to
    the nearest sparse points, see `scenegen.lift.bounds.clear_distances`.
    """
    before = total = 0
    for view, distance in zip(views, clear, strict=True):
        for rows, _, directions in ray_bands(view.camera):
            cosine = (directions @ view.camera.forward).reshape(-1, view.depth.shape[1])
            along = view.depth[rows] / cosine
            before += int(((along > 0) & (along < distance)).sum())
        total += view.depth.size
    return 100.0 * before / max(total, 1)


def pinholes_per_megapixel(views: Sequence[View]) -> float:
    """Return how many pixels in a million are holes, or specks, of a single pixel.

    The eight pixels around one lie within `PINHOLE_JUMP` of each other in depth, and it lies before
    or behind all of them by more than that, or lets through `PINHOLE_FADE` more than all of them.
    """
    found = sum(int(pinholes(view.depth, view.opacity).sum()) for view in views)
    return 1e6 * found / max(sum(view.depth.size for view in views), 1)


def pinholes(
    depth: Float[np.ndarray, "h w"], opacity: Float[np.ndarray, "h w"]
) -> Bool[np.ndarray, "h-2 w-2"]:
    """Return which pixels inside the frame's edge are pinholes."""
    depth = np.where((depth > 0) & (opacity >= _LEAST_OPACITY), depth, np.inf)
    nearest, farthest = _around(depth, np.fmin), _around(depth, np.fmax)
    even = farthest <= (1 + PINHOLE_JUMP) * nearest
    even &= np.isfinite(farthest)
    middle = depth[1:-1, 1:-1]
    apart = middle < (1 - PINHOLE_JUMP) * nearest
    apart |= middle > (1 + PINHOLE_JUMP) * farthest
    faint = opacity[1:-1, 1:-1] < _around(opacity, np.fmin) - PINHOLE_FADE
    return even & (apart | faint)


def _around(values: Float[np.ndarray, "h w"], choose: np.ufunc) -> Float[np.ndarray, "h-2 w-2"]:
    """Reduce the eight neighbours of every inner pixel by ``choose``."""
    height, width = values.shape
    shifted = [
        values[y : height - 2 + y, x : width - 2 + x]
        for y in range(3)
        for x in range(3)
        if (y, x) != (1, 1)
    ]
    return choose.reduce(shifted)
