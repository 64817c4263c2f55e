"""Haze and fog between a camera and what it sees, by the length of the way through them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32

from scenegen.types import Camera
from scenegen.worlds.world import Air, World

_FAR = 4000.0
"""Metres of air before the sky."""


def optical_depth(
    air: Air,
    eye: Float[np.ndarray, "3"],
    rise: Float[np.ndarray, "*n"],
    way: Float[np.ndarray, "*n"],
) -> Float[np.ndarray, "*n"]:
    """Return the optical depth of ``way`` metres along rays that rise ``rise`` metres a metre.

    The integral of an exponential density in height, which has a closed form.
    """
    start = np.exp(-np.clip((eye[2] - air.level) / air.scale, -20, 20))
    slope = rise / air.scale * way
    flat = np.abs(slope) < 1e-4
    safe = np.where(flat, 1.0, np.clip(slope, -20, None))
    mean = np.where(flat, 1 - slope / 2, -np.expm1(-safe) / safe)
    return air.density * start * way * mean


def through_air(
    world: World,
    camera: Camera,
    radiance: Float32[np.ndarray, "height width 3"],
    distance: Float[np.ndarray, "height width"],
) -> Float32[np.ndarray, "height width 3"]:
    """Return radiance as it arrives through the world's air from ``distance`` metres."""
    air = world.air
    if air.density == 0:
        return radiance
    rise = directions(camera)[..., 2]
    depth = optical_depth(air, camera.position, rise, np.minimum(distance, _FAR))
    kept = np.exp(-depth)[..., None]
    fog = np.array(air.color) * float(world.light.sky[: len(world.light.sky) // 2].mean())
    return (kept * radiance + (1 - kept) * fog).astype(np.float32)


def directions(camera: Camera) -> Float[np.ndarray, "height width 3"]:
    """Return the unit direction in the world of each pixel's ray."""
    lens = camera.lens
    row, column = np.mgrid[: lens.height_px, : lens.width_px] + 0.5
    x, y = (column - lens.cx) / lens.fl_x, (lens.cy - row) / lens.fl_y
    local = np.stack([x, y, -np.ones_like(x)], -1)
    local /= np.linalg.norm(local, axis=-1, keepdims=True)
    return local @ np.asarray(camera.world_from_camera, float)[:3, :3].T
