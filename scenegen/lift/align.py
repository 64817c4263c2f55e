"""The camera of a photo that did not train, found on the photo itself with the field held still.

A held-out photo's own pose is as wrong as those of the photos that trained, but only theirs are
corrected. So its score says how good its pose is as much as how good the field is. Moving the
camera to where the field looks most like the photo takes the first away, as BARF and nerfstudio do
to report on refined poses; it also uses the photo that is measured, so its score has its own name.

A sharp edge tells where to go only from a pixel or two away. So the photo is reduced first, and
compared with the field as a camera of so few pixels sees it, which leaves out its fine levels. From
further away than some 0.05 radians or radii, what is found may be somewhere else that looks alike.

Sources: Lin et al., "BARF: Bundle-Adjusting Neural Radiance Fields" (2021), section 4; Lucas and
Kanade, "An Iterative Image Registration Technique" (1981); Marquardt, "An Algorithm for
Least-Squares Estimation of Nonlinear Parameters" (1963).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from scenegen.lift.measures import view_of
from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.poses import refined_camera
from scenegen.types import Camera, Field

_PIXELS = (1200, 5000, 20000)
"""About how many pixels a photo is reduced to, one size after the other."""
_ROUNDS = 12
"""Most steps that are tried at one size."""
_LEAST_GAIN = 2e-3
"""Share of the cost that a step must gain for another one to be tried."""
_SMOOTHING_PX = 1.0
_DAMPING = (1e-3, 0.2, 10.0)
"""Of the mean curvature, added to that of every motion; what it changes by after a step that led to
a better likeness, and after one that did not."""
_UNLIKELY = 0.2
"""Differences of colours beyond it pull no more than that: something else stands there."""


def aligned_camera(field: Field, photo: PhotoPixels) -> Camera:
    """Return the camera of ``photo``, moved to where ``field`` looks most like it.

    Six numbers move, by damped Gauss-Newton steps along differences of rendered views; the photo
    is not trained on.
    """
    camera = photo.camera
    for pixels in _PIXELS:
        found = _aligned(field, _reduced(replace(photo, camera=camera), pixels))
        camera = replace(camera, world_from_camera=found.world_from_camera)
    return camera


class _Target(NamedTuple):
    """A photo to look like, where it is seen, and the camera to begin with."""

    camera: Camera
    rgb: Float[np.ndarray, "h w 3"]
    seen: Bool[np.ndarray, "h w"]


def _reduced(photo: PhotoPixels, pixels: int) -> _Target:
    from PIL import Image

    lens = photo.camera.lens
    share = min(1.0, float(np.sqrt(pixels / (lens.width_px * lens.height_px))))
    size = max(1, round(share * lens.width_px)), max(1, round(share * lens.height_px))

    def small(values: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BOX)) / 255.0

    seen = np.ones(size[::-1], bool)
    if photo.mask is not None:
        seen = _smooth(small(np.where(photo.mask, 255, 0).astype(np.uint8))) > 0.99
    camera = replace(photo.camera, lens=lens.scaled(*size))
    return _Target(camera, _smooth(small(photo.rgb)), seen)


def _smooth(values: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    across = (_SMOOTHING_PX, _SMOOTHING_PX, 0.0)[: values.ndim]
    return gaussian_filter(values, across, mode="nearest")


def _aligned(field: Field, target: _Target) -> Camera:
    """Return the camera after steps at one size, those that lead to a better likeness."""
    camera, (damping, bolder, shyer) = target.camera, _DAMPING
    difference = _difference(field, target, camera)
    slopes = None
    for _ in range(_ROUNDS):
        units = _units(field, camera)
        if slopes is None:
            slopes = _slopes(field, target, camera, units)
        pull = np.clip(difference, -_UNLIKELY, _UNLIKELY)
        curvature = (slopes * (pull == difference)) @ slopes.T
        held = damping * np.trace(curvature) / 6.0 + 1e-12
        step = -np.linalg.solve(curvature + held * np.eye(6), slopes @ pull)
        moved = refined_camera(camera, field.radius, step * units)
        there = _difference(field, target, moved)
        before, after = _cost(difference), _cost(there)
        if after >= before:
            damping *= shyer
            continue
        camera, difference, slopes = moved, there, None
        damping *= bolder
        if after > (1.0 - _LEAST_GAIN) * before:
            break
    return camera


def _difference(field: Field, target: _Target, camera: Camera) -> Float[np.ndarray, "value"]:
    """Return how what ``camera`` sees differs from the photo."""
    seen = _smooth(view_of(field, camera).rgb.astype(np.float64))
    return (seen - target.rgb)[target.seen].ravel()


def _units(field: Field, camera: Camera) -> Float[np.ndarray, "6"]:
    """Return turns and moves that shift the middle of the picture by about a pixel."""
    depth = view_of(field, camera).depth
    hit = depth[depth > 0]
    distance = float(np.median(hit)) / field.radius if len(hit) else 1.0
    return camera.lens.pixel_angle * np.repeat([1.0, distance], 3)


def _slopes(
    field: Field, target: _Target, camera: Camera, units: Float[np.ndarray, "6"]
) -> Float[np.ndarray, "6 value"]:
    """Return how the difference changes with each of the six motions, from one on either side."""

    def moved(by: Float[np.ndarray, "6"]) -> Float[np.ndarray, "value"]:
        return _difference(field, target, refined_camera(camera, field.radius, by))

    return np.array([(moved(by) - moved(-by)) / 2.0 for by in np.diag(units)])


def _cost(difference: Float[np.ndarray, "value"]) -> float:
    """Return Huber's loss of ``difference``."""
    size = np.abs(difference)
    most = np.minimum(size, _UNLIKELY)
    return float((most * (size - 0.5 * most)).sum())
