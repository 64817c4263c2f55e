"""Where the unit ball of a field lies in the world: what the photos look at, at full resolution.

Inside the ball space keeps its shape; outside it is contracted (see `scenegen.types.Field`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from scenegen.types import Camera


def unit_ball(
    cameras: Sequence[Camera], points: Float[np.ndarray, "point 3"]
) -> tuple[Float[np.ndarray, "3"], float]:
    """Return centre and radius, in world units, of the ball that deserves the field's resolution.

    With sparse points: around the middle of cameras and points, reaching nine points in ten but
    no farther than four times the cameras do; points farther than eight times the reach of the
    cameras are background. Without: around the point that the cameras look at.
    """
    positions = np.array([camera.position for camera in cameras])
    spread = float(np.linalg.norm(positions - positions.mean(0), axis=1).max())
    points = points[np.linalg.norm(points - positions.mean(0), axis=1) < 8 * spread]
    if len(points) >= 50:
        centre = 0.5 * (np.median(points, axis=0) + positions.mean(0))
        reach = float(np.quantile(np.linalg.norm(points - centre, axis=1), 0.9))
        cameras_reach = float(np.linalg.norm(positions - centre, axis=1).max())
        return centre, max(cameras_reach * 1.1, min(reach, 4 * cameras_reach), 1e-6)
    focus = focus_point(cameras)
    distance = float(np.linalg.norm(positions - focus, axis=1).max())
    if _parallel(cameras) or distance > 8 * spread:  # the focus is far and ill known
        return positions.mean(0), 4 * max(spread, 1e-6)
    return focus, 1.1 * max(distance, 1e-6)


def _parallel(cameras: Sequence[Camera]) -> bool:
    """Return whether all optical axes lie within about two degrees of one direction."""
    mean = np.mean([camera.forward for camera in cameras], axis=0)
    return float(np.linalg.norm(mean)) > np.cos(np.deg2rad(2.0))


def focus_point(cameras: Sequence[Camera]) -> Float[np.ndarray, "3"]:
    """Return the world point with the least squared distance to all optical axes."""
    total, target = np.zeros((3, 3)), np.zeros(3)
    for camera in cameras:
        across = np.eye(3) - np.outer(camera.forward, camera.forward)
        total += across
        target += across @ camera.position
    # A slight pull to the cameras keeps parallel axes from sending the point to infinity.
    pull = 1e-6 * len(cameras)
    mean = np.mean([camera.position for camera in cameras], axis=0)
    return np.linalg.solve(total + pull * np.eye(3), target + pull * mean)


CLEAR_SHARE = 0.5
"""Share of the way to its nearest sparse points that is taken to be empty before a photo."""
_MOST_POINTS = 20_000
"""Points come with photos: looked at from every photo, all of them would make it quadratic."""


def clear_distances(
    cameras: Sequence[Camera], points: Float[np.ndarray, "point 3"], least: float
) -> list[float]:
    """Return, in world units, how far before each camera space is known to be empty.

    Whatever stood there would hide the sparse points that the photo shows. A few points may be
    wrong, so the second percentile of their distances counts; ``least`` where there are too few.
    """
    points = points[:: max(1, -(-len(points) // _MOST_POINTS))]
    distances = []
    for camera in cameras:
        local = (points - camera.position) @ camera.world_from_camera[:3, :3]
        depth = -local[:, 2]
        lens = camera.lens
        ahead = np.maximum(depth, 1e-9)
        within = (
            (depth > 0)
            & (np.abs(local[:, 0] / ahead) < 0.5 * lens.width_px / lens.fl_x)
            & (np.abs(local[:, 1] / ahead) < 0.5 * lens.height_px / lens.fl_y)
        )
        seen = np.linalg.norm(local[within], axis=1)
        nearest = float(np.quantile(seen, 0.02)) if len(seen) >= 20 else 0.0
        distances.append(max(least, CLEAR_SHARE * nearest))
    return distances
