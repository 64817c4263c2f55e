"""Focal lengths, focus and apertures in the terms of photographers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from scenegen.errors import PathError
from scenegen.path.location import Location, View
from scenegen.path.script.values import FILM_WIDTH_MM, Aperture, Focus, Picked, is_length
from scenegen.types import CameraPath, LensWork


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

    Without a target it is that of the subject. A target over 60 degrees off the axis, or behind the
    camera, is in no picture: the focus then stays between the half and a quarter of its distance,
    without a jump as it leaves the view.
    """
    least = 0.01 * location.size
    if target is None:
        target = "subject"
    if isinstance(target, int | float) or (isinstance(target, str) and is_length(target)):
        return max(location.length(target, where), least)
    arm = location.point(target, where) - view.position
    far = float(np.linalg.norm(arm))
    ahead = float(arm @ view.forward) / max(far, 1e-12)
    off = np.clip(ahead, 0.0, 0.5)
    return max(far * float(max(ahead, 0.5) + off**2 - 0.25), least)


def with_lens(
    path: CameraPath,
    location: Location,
    aperture: str | None = None,
    focus: str | None = None,
    shutter: float | None = None,
) -> CameraPath:
    """Return ``path`` with a lens and a shutter, in the words of a script, in place of its own.

    ``shutter`` is in degrees of a frame's time. What is None stays as it is: in a path that states
    nothing, sharp, and focused at the subject. Raises `PathError` for words that say nothing here.
    """
    stop = _said(Aperture, aperture, "--aperture")
    target = _said(Focus, focus, "--focus")
    if aperture is None and focus is None and shutter is None:
        return path
    count, own = len(path), path.lens_work
    widths = np.zeros(count) if own is None else own.aperture
    distances = np.ones(count) if own is None else own.focus_distance
    if stop is not None:
        focals = [focal_mm(float(fov), path.aspect) for fov in path.fov_y_deg]
        widths = np.array([location.aperture(stop, mm, "--aperture") for mm in focals])
    if target is not None or own is None:
        distances = np.array(
            [
                focus_distance(target, View(pose[:3, 3], pose[:3, :3], fov), location, "--focus")
                for pose, fov in zip(path.world_from_camera, path.fov_y_deg.tolist(), strict=True)
            ]
        )
    opened = shutter / 360 if shutter is not None else own.shutter if own else 0.0
    return replace(path, lens_work=LensWork(distances, widths, opened))


def _said(kind: Any, text: str | None, option: str) -> Any:
    """Return what an option says, as a script would say it."""
    from pydantic import TypeAdapter, ValidationError

    if text is None:
        return None
    try:
        said: float | str = float(text)
    except ValueError:
        said = text
    try:
        return TypeAdapter(kind).validate_python(said)
    except ValidationError as cause:
        expected = cause.errors()[0]["msg"].removeprefix("Value error, ")
        raise PathError(f"{option}: expected {expected}; found {text!r}; correct it") from cause
