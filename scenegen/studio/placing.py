"""What a director does to a scene as a whole: which way is up, and the box that is shown of it.

Functions from placement to placement. Faces of a box are numbered by axis, the low one first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from scenegen.ingest.upright import level_up, nadir_up
from scenegen.lift.placement import rotation_to_up
from scenegen.path.location import Location
from scenegen.types import Crop, Placement, Scene

_FITTED = (4.0, 96.0)
"""Percentiles of what photos saw around the subject, between which a fitted box spans."""

_MARGIN = 0.1
"""And how much of its size is added on each side."""

_LEAST = 1e-3
"""Smallest size of a box, as a share of the scene's."""

_SAME = 1e-9


def with_up(placement: Placement, up: Float[np.ndarray, "3"]) -> Placement:
    """Return the placement with another direction up, of any length, given in the world as it is.

    The scene is turned by as little as it takes.
    """
    return turned_by(placement, Rotation.from_quat(rotation_to_up(up), scalar_first=True))


def turned_by(placement: Placement, turn: Rotation) -> Placement:
    """Return the placement of the scene turned in its world; the box's centre goes along."""
    if turn.magnitude() < _SAME:
        return placement
    own = turn * Rotation.from_quat(placement.rotation, scalar_first=True)
    return with_rotation(placement, own)


def with_rotation(placement: Placement, rotation: Rotation) -> Placement:
    """Return the placement with another rotation; the box's centre goes along."""
    quaternion = cast(Any, tuple(rotation.as_quat(canonical=True, scalar_first=True).tolist()))
    made = replace(placement, rotation=quaternion)
    if placement.crop is None:
        return made
    centre = made.turn @ placement.turn.T @ np.array(placement.crop.centre)
    return replace(made, crop=replace(placement.crop, centre=_triple(centre)))


UPRIGHT_AS_TRAINED = Rotation.from_quat([0.0, 0.0, 0.0, 1.0])
"""For `with_rotation`."""


def photos_up(scene: Scene) -> Float[np.ndarray, "3"]:
    """Return which way is up in the world by how the photos were held."""
    poses = np.array([camera.world_from_camera for camera in scene.cameras], np.float64)
    up = nadir_up(poses)
    return level_up(poses) if up is None else up


def leaning(axis: Float[np.ndarray, "3"], degrees: float) -> Rotation:
    """Return a turn by ``degrees`` about what is level of an ``axis``, which is not upright."""
    flat = axis * [1.0, 1.0, 0.0]
    return Rotation.from_rotvec(np.deg2rad(degrees) * flat / np.linalg.norm(flat))


def off_by_deg(placement: Placement) -> float:
    """Return the angle between up and what was up when the scene was trained."""
    return float(np.rad2deg(np.arccos(np.clip(placement.turn[2, 2], -1.0, 1.0))))


def fitted(location: Location) -> Crop:
    """Return an upright box about the subject, that holds most of what photos saw around it."""
    subject, size = location.subject, location.size
    seen = np.concatenate([location.seen, location.scene.points.astype(np.float64)])
    near = seen[np.linalg.norm(seen - subject, axis=1) < 0.5 * size]
    if len(near) < 20:
        return Crop(_triple(subject), (size, size, size))
    low, high = np.percentile(near, _FITTED, axis=0)
    span = np.maximum(high - low, 0.1 * size) * (1 + 2 * _MARGIN)
    return Crop(_triple((low + high) / 2), _triple(span))


def with_face(crop: Crop, face: int, point: Float[np.ndarray, "3"], size: float) -> Crop:
    """Return the box with a face moved to a point of the world, and the opposite one where it is.

    ``size`` is the scene's: no box is thinner than a thousandth of it.
    """
    axis, high = divmod(face, 2)
    direction = crop.axes[:, axis]
    at = float(direction @ (np.asarray(point) - np.array(crop.centre)))
    half, least = crop.size[axis] / 2, _LEAST * size
    low, top = (-half, max(at, -half + least)) if high else (min(at, half - least), half)
    sizes = [*crop.size]
    sizes[axis] = top - low
    centre = np.array(crop.centre) + (low + top) / 2 * direction
    return replace(crop, centre=_triple(centre), size=_triple(sizes))


def face_points(crop: Crop) -> Float[np.ndarray, "6 3"]:
    """Return the middles of the faces."""
    arms = crop.axes * (np.array(crop.size) / 2)
    return np.array(crop.centre) + np.stack([-arms.T, arms.T], axis=1).reshape(6, 3)


def edges(crop: Crop) -> Float[np.ndarray, "12 2 3"]:
    """Return the ends of the box's edges."""
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    pairs = [
        (one, other)
        for one in range(8)
        for other in range(one + 1, 8)
        if np.abs(signs[one] - signs[other]).sum() == 2
    ]
    corners = np.array(crop.centre) + signs * (np.array(crop.size) / 2) @ crop.axes.T
    return corners[np.array(pairs)]


def _triple(values: Sequence[float] | np.ndarray) -> tuple[float, float, float]:
    return cast(tuple[float, float, float], tuple(float(value) for value in values))
