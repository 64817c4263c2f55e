"""Where photos see sparse points: rays that are known to end there.

With few photos many wrong depths explain every photo; the points that structure from motion found
say which are right. A capture does not tell which photo saw which point, so that is found out from
what hides what: a photo sees a point unless another point, close to it in the photo, lies well
before it.

Source: Deng et al., "Depth-supervised NeRF" (2022), for rays supervised by sparse points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from scenegen.kernels.rays import distort, reach
from scenegen.lift.trainer import Sightings
from scenegen.types import Camera

HIDING_WIDTH = 0.03
"""How far from a point, in widths of the photo, a nearer point still hides it."""
HIDING_SHARE = 0.8
"""A point hides those close to it in the photo of whose distance it has less than this share."""
LEAST = 100
"""Fewer sightings than this, over all photos, supervise nothing."""


def find_sightings(
    cameras: Sequence[Camera], points: Float[np.ndarray, "point 3"], radius: float
) -> Sightings | None:
    """Return where ``cameras`` see ``points``, distances in units of ``radius``.

    None where they see too few. Fisheye photos are left out: nothing is projected into them.
    """
    pixels, distances, before = [], [], 0
    for camera in cameras:
        lens = camera.lens
        if len(points) and lens.model != "OPENCV_FISHEYE":
            place, distance = project(camera, points)
            inside = (place >= 0).all(1) & (place < [lens.width_px, lens.height_px]).all(1)
            place, distance = place[inside], distance[inside]
            seen = _unhidden(place, distance, HIDING_WIDTH * lens.width_px)
            column, row = place[seen].astype(np.int64).T
            pixels.append(before + row * lens.width_px + column)
            distances.append(distance[seen] / radius)
        before += lens.width_px * lens.height_px
    if sum(map(len, pixels)) < LEAST:
        return None
    return Sightings(np.concatenate(pixels), np.concatenate(distances).astype(np.float32))


def project(
    camera: Camera, points: Float[np.ndarray, "point 3"]
) -> tuple[Float[np.ndarray, "seen 2"], Float[np.ndarray, "seen"]]:
    """Return column and row, and the distance, of the points before a camera and its lens."""
    local = (points - camera.position) @ camera.world_from_camera[:3, :3]
    local = local[local[:, 2] < 0]
    lens = camera.lens
    x, y = local[:, 0] / -local[:, 2], local[:, 1] / local[:, 2]
    unfolded = x * x + y * y < reach(lens) ** 2
    local = local[unfolded]
    x, y = distort(lens, x[unfolded], y[unfolded])
    place = np.stack([x * lens.fl_x + lens.cx, y * lens.fl_y + lens.cy], axis=1)
    return place, np.linalg.norm(local, axis=1)


def _unhidden(
    place: Float[np.ndarray, "point 2"], distance: Float[np.ndarray, "point"], reach: float
) -> Bool[np.ndarray, "point"]:
    """Return which points have no point within about ``reach`` that hides them.

    The photo is cut into squares of two thirds of that; what lies in the same or a neighbouring one
    is close.
    """
    square = (place / (reach / 1.5)).astype(np.int64) + 1
    nearest = np.full(square.max(0, initial=0) + 2, np.inf)
    np.minimum.at(nearest, tuple(square.T), distance)
    x, y = square.T
    around = [nearest[x + i, y + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return np.min(around, axis=0) >= HIDING_SHARE * distance
