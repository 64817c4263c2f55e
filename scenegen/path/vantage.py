"""The view that shows a place best: where a film of it may begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from scenegen.path.framing import fov_range, widest_fov
from scenegen.path.survey import frame_rays

if TYPE_CHECKING:
    from scenegen.path.location import Location, View

_TRIED = 8
"""Views whose borders are measured, of those that hold most of the place."""

_FACING = 0.85
"""Cosine of the angle to the subject up to which a view is turned to it."""


@dataclass(frozen=True)
class Vantage:
    """A view, and what lies in its middle: the subject, or what a photo looks at."""

    view: View
    point: Float[np.ndarray, "3"]


def find_vantage(location: Location, aspect: float, lens: float | None) -> Vantage:
    """Return the view from a photo's place that shows most of what all photos saw, and saw well.

    ``lens`` is its vertical field of view in degrees; by default as wide as the photos cover.
    """
    from scenegen.path.location import View

    survey, seen = location.survey, location.seen
    places = [_turned(location, index) for index in range(len(survey.cameras))]
    widest = lens or fov_range(survey.cameras, aspect)[1]
    shares = np.array([_share(seen, *place[:2], widest, aspect) for place in places])
    if not location.steep:  # an eye at the height of things shows a place better than one above it
        shares *= [min(1.0, 1.25 * (1 - place[1][2, 2] ** 2)) for place in places]
    best, most = 0, -1.0
    fovs: dict[int, float] = {}
    for index in np.argsort(-shares, kind="stable")[:_TRIED]:
        position, rotation, _ = places[index]
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = rotation, position
        fovs[index] = lens or widest_fov(survey, pose[None], aspect)
        rays = frame_rays(fovs[index], aspect, 8, 5)
        quality = survey.view_quality(position[None], rotation[None], rays).mean()
        shown = shares[index] * max(quality, 0.01)
        shown *= _share(seen, position, rotation, fovs[index], aspect)
        if shown > most:
            best, most = int(index), shown
    position, rotation, point = places[best]
    return Vantage(View(position, rotation, fovs[best]), point)


def _turned(location: Location, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a photo's place, a level rotation, to the subject where it nearly looks there."""
    survey = location.survey
    position, forward = survey.positions[index], survey.forwards[index]
    arm = location.subject - position
    facing = arm @ forward / max(float(np.linalg.norm(arm)), 1e-12)
    point = location.subject
    if facing < _FACING:
        point = location.surface(position[None], forward[None])[0]
    return position, location.aimed((point - position)[None])[0], point


def _share(
    seen: Float[np.ndarray, "point 3"],
    position: Float[np.ndarray, "3"],
    rotation: Float[np.ndarray, "3 3"],
    fov_y_deg: float,
    aspect: float,
) -> float:
    """Return which share of points lies in a view's frame."""
    local = (seen - position) @ rotation
    tangent = np.tan(np.deg2rad(fov_y_deg) / 2)
    depth = np.maximum(-local[:, 2], 1e-12)
    across, above = np.abs(local[:, 0]) / depth, np.abs(local[:, 1]) / depth
    return float(((local[:, 2] < 0) & (across < tangent * aspect) & (above < tangent)).mean())
