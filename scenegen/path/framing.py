"""How a walkthrough's camera is held: level, and only as wide as the photos saw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from scenegen.path.survey import Survey, frame_rays
from scenegen.types import Camera

_STEEP = 0.9
"""Vertical share of the viewing directions (64 degrees) from which no horizon can be held level."""

_LEVEL_LIMIT = 0.95

_WIDEST_DEG = 60.0
_SEEN = 0.3
"""Quality from which a border ray counts as seen by the photos."""

_UNSEEN = 0.15
"""Share of the border rays that may be unseen: on `fox`, 0.3 shows noise at the sides."""


def is_steep(forwards: Float[np.ndarray, "photo 3"]) -> bool:
    """Say whether most photos look so steeply down (or up) that there is no horizon."""
    return bool(np.median(np.abs(forwards[:, 2])) > _STEEP)


def aim(
    positions: Float[np.ndarray, "n 3"], looks: Float[np.ndarray, "n 3"], steep: bool
) -> Float[np.ndarray, "n 3 3"]:
    """Return camera-to-world rotations that look along unit vectors ``looks`` without roll.

    A level camera looks down or up by 72 degrees at most, for beyond that its heading spins. One
    that looks ``steep`` down has no horizon: it keeps one heading instead, which is the direction
    in which the path ends up, so that the ground passes from top to bottom of the frame.
    """
    up = np.array([0.0, 0.0, 1.0])
    if not steep:
        looks = _at_most_steep(looks)
    else:
        heading = (positions[-1] - positions[0]) * [1, 1, 0]
        up = heading if np.linalg.norm(heading) > 1e-9 else np.array([0.0, 1.0, 0.0])
    right = np.cross(looks, up)
    right = right / np.maximum(np.linalg.norm(right, axis=1, keepdims=True), 1e-12)
    above = np.cross(right, looks)
    return np.stack([right, above, -looks], axis=2)


def aim_steep(
    looks: Float[np.ndarray, "n 3"], heading: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "n 3 3"]:
    """Return rotations for a place that is looked at from above: the frame's top is to ``heading``.

    Each depends on its own look alone. One that is level after all has its top above.
    """
    steep = np.clip((np.abs(looks[:, 2:]) - 0.3) / 0.3, 0.0, 1.0)
    steep = steep**2 * (3 - 2 * steep)
    up = steep * heading + (1 - steep) * np.array([0.0, 0.0, 1.0])
    right = np.cross(looks, up)
    right = right / np.maximum(np.linalg.norm(right, axis=1, keepdims=True), 1e-12)
    return np.stack([right, np.cross(right, looks), -looks], axis=2)


def _at_most_steep(looks: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """Return unit vectors in the same headings whose vertical share is at most `_LEVEL_LIMIT`."""
    flat = np.linalg.norm(looks[:, :2], axis=1, keepdims=True)
    heading = np.where(flat > 1e-9, looks[:, :2] / np.maximum(flat, 1e-9), [0.0, 1.0])
    vertical = np.clip(looks[:, 2:], -_LEVEL_LIMIT, _LEVEL_LIMIT)
    return np.concatenate([heading * np.sqrt(1 - vertical**2), vertical], axis=1)


def fov_range(cameras: Sequence[Camera], aspect: float) -> tuple[float, float]:
    """Return the least and the most vertical field of view, in degrees, for a frame of ``aspect``.

    The least fits inside one photo; the most is as tall as a photo, at most 60 degrees.
    """
    across, down = np.median([_half_tangents(camera) for camera in cameras], axis=0)
    least = _degrees(min(down, across / aspect))
    return least, max(least, min(_WIDEST_DEG, _degrees(down)))


def widest_fov(survey: Survey, poses: Float[np.ndarray, "n 4 4"], aspect: float) -> float:
    """Return the widest vertical field of view, in degrees, whose borders the photos still saw.

    It lies in `fov_range`.
    """
    least, most = fov_range(survey.cameras, aspect)
    widest = least
    for fov in np.linspace(least, most, 12)[1:]:
        rays = frame_rays(float(fov), aspect, 9, 6)
        tangent = np.abs(rays[:, :2] / rays[:, 2:])
        border = (tangent >= 0.999 * tangent.max(axis=0)).any(axis=1)
        quality = survey.view_quality(poses[:, :3, 3], poses[:, :3, :3], rays[border])
        if (quality < _SEEN).mean() > _UNSEEN:
            break
        widest = float(fov)
    return widest


def _degrees(half_tangent: float) -> float:
    return float(2 * np.degrees(np.arctan(half_tangent)))


def _half_tangents(camera: Camera) -> tuple[float, float]:
    """Return the tangents of half the fields of view of a photo, level and upright."""
    lens = camera.lens
    across, down = lens.width_px / lens.fl_x / 2, lens.height_px / lens.fl_y / 2
    if lens.model == "OPENCV_FISHEYE":
        across, down = np.tan(min(across, 1.2)), np.tan(min(down, 1.2))
    right, above = np.abs(camera.world_from_camera[2, :2])
    if np.hypot(right, above) < np.sqrt(1 - _STEEP**2):
        return min(across, down), min(across, down)
    return (down, across) if right > above else (across, down)
