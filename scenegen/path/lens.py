"""Focal lengths, focus and apertures in the terms of photographers."""

from __future__ import annotations

import numpy as np

from scenegen.path.location import Location, View
from scenegen.path.script.values import FILM_WIDTH_MM, Picked, is_length


def fov_of_focal(focal: float, aspect: float) -> float:
    """Return the vertical field of view in degrees of a focal length in mm, on film 36 mm wide."""
    return float(2 * np.degrees(np.arctan(FILM_WIDTH_MM / aspect / 2 / focal)))


def focal_mm(fov_y_deg: float, aspect: float) -> float:
    """Return the focal length in mm, on film 36 mm wide, of a vertical field of view in degrees."""
    return float(FILM_WIDTH_MM / aspect / 2 / np.tan(np.deg2rad(fov_y_deg) / 2))


def focus_distance(
    target: str | float | tuple[float, ...] | Picked | None,
    view: View,
    location: Location,
    where: str,
) -> float:
    """Return how far along the optical axis the plane of focus lies, in world units.

    Without a target it is that of the subject. What lies behind the camera is focused at a
    hundredth of the scene's size.
    """
    least = 0.01 * location.size
    if target is None:
        target = "subject"
    if isinstance(target, int | float) or (isinstance(target, str) and is_length(target)):
        return max(location.length(target, where), least)
    point = location.point(target, where)
    return max(float((point - view.position) @ view.forward), least)
