"""Exact rays of a photo's pixels, lens distortion undone pixel by pixel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from scenegen.types import Camera, Lens

_NEWTON_STEPS = 8
_RAYS_AT_ONCE = 1 << 18


def undistort(
    lens: Lens, u: Float[np.ndarray, "pixel"], v: Float[np.ndarray, "pixel"]
) -> Float[np.ndarray, "pixel 3"]:
    """Return viewing directions (x right, y down, z forward) of distorted ideal coordinates.

    ``u`` and ``v`` are (pixel - principal point) / focal length. Newton on OpenCV's models.
    """
    if lens.model == "OPENCV_FISHEYE":
        return _undistort_fisheye(lens, u, v)
    x, y = u.copy(), v.copy()
    for _ in range(_NEWTON_STEPS if lens.model == "OPENCV" else 0):
        r2 = x * x + y * y
        radial = 1 + r2 * (lens.k1 + r2 * (lens.k2 + r2 * lens.k3))
        slope = 2 * (lens.k1 + r2 * (2 * lens.k2 + r2 * 3 * lens.k3))
        fx = x * radial + 2 * lens.p1 * x * y + lens.p2 * (r2 + 2 * x * x) - u
        fy = y * radial + lens.p1 * (r2 + 2 * y * y) + 2 * lens.p2 * x * y - v
        xx = radial + x * x * slope + 2 * lens.p1 * y + 6 * lens.p2 * x
        xy = x * y * slope + 2 * lens.p1 * x + 2 * lens.p2 * y
        yy = radial + y * y * slope + 6 * lens.p1 * y + 2 * lens.p2 * x
        determinant = xx * yy - xy * xy
        safe = np.abs(determinant) > 1e-6
        inverse = np.where(safe, 1 / np.where(safe, determinant, 1), 0)
        x = x - (yy * fx - xy * fy) * inverse
        y = y - (xx * fy - xy * fx) * inverse
    return np.stack([x, y, np.ones_like(x)], axis=-1)


def distort(lens: Lens, x: Any, y: Any) -> tuple[Any, Any]:
    """Return where an `OPENCV` lens puts ideal coordinates (x right, y down, z = 1); not fisheyes.

    Arrays of NumPy or tensors of PyTorch, of any shape; the result is of their kind. What lies
    beyond the lens's `reach` folds back into the photo and means nothing.
    """
    if lens.model == "PINHOLE":
        return x, y
    r2 = x * x + y * y
    radial = 1 + r2 * (lens.k1 + r2 * (lens.k2 + r2 * lens.k3))
    u = x * radial + 2 * lens.p1 * x * y + lens.p2 * (r2 + 2 * x * x)
    v = y * radial + lens.p1 * (r2 + 2 * y * y) + 2 * lens.p2 * x * y
    return u, v


def reach(lens: Lens) -> float:
    """Return how far from the axis a lens still sees every direction at a place of its own.

    As a tangent, for `OPENCV_FISHEYE` as an angle in radians: where the distorted radius stops
    growing, the polynomial folds back and means nothing.
    """
    fisheye = lens.model == "OPENCV_FISHEYE"
    r = np.linspace(0.0, np.pi if fisheye else 20.0, 4000)
    if lens.model == "PINHOLE":
        return 1e3
    powers = (lens.k1, lens.k2, lens.k3, lens.k4 if fisheye else 0.0)
    slope = 1.0 + sum((2 * i + 3) * k * r ** (2 * i + 2) for i, k in enumerate(powers))
    folded = np.flatnonzero(slope <= 0)
    return float(r[folded[0]] if len(folded) else r[-1])


def _undistort_fisheye(
    lens: Lens, u: Float[np.ndarray, "pixel"], v: Float[np.ndarray, "pixel"]
) -> Float[np.ndarray, "pixel 3"]:
    radius = np.hypot(u, v)
    theta = radius.copy()
    for _ in range(_NEWTON_STEPS):
        q = theta * theta
        g = theta * (1 + q * (lens.k1 + q * (lens.k2 + q * (lens.k3 + q * lens.k4)))) - radius
        h = 1 + q * (3 * lens.k1 + q * (5 * lens.k2 + q * (7 * lens.k3 + q * 9 * lens.k4)))
        theta = theta - g / np.where(np.abs(h) > 1e-6, h, 1e-6)
    scale = np.where(radius > 1e-9, np.sin(theta) / np.maximum(radius, 1e-9), 1.0)
    return np.stack([u * scale, v * scale, np.cos(theta)], axis=-1)


def camera_rays(
    camera: Camera,
) -> tuple[Float[np.ndarray, "pixel 3"], Float[np.ndarray, "pixel 3"]]:
    """Return world origins and unit directions of all pixel centres, row by row."""
    columns, rows = np.meshgrid(np.arange(camera.lens.width_px), np.arange(camera.lens.height_px))
    return pixel_rays(camera, columns.ravel(), rows.ravel())


def ray_bands(
    camera: Camera,
) -> Iterator[tuple[slice, Float[np.ndarray, "pixel 3"], Float[np.ndarray, "pixel 3"]]]:
    """Yield slices of a camera's rows with the rays of their pixels, as `camera_rays` has them."""
    width, height = camera.lens.width_px, camera.lens.height_px
    rows_at_once = max(1, _RAYS_AT_ONCE // width)
    for top in range(0, height, rows_at_once):
        rows = slice(top, min(top + rows_at_once, height))
        columns, lines = np.meshgrid(np.arange(width), np.arange(rows.start, rows.stop))
        yield rows, *pixel_rays(camera, columns.ravel(), lines.ravel())


def pixel_rays(
    camera: Camera, columns: Int[np.ndarray, "pixel"], rows: Int[np.ndarray, "pixel"]
) -> tuple[Float[np.ndarray, "pixel 3"], Float[np.ndarray, "pixel 3"]]:
    """Return world origins and unit directions of the centres of pixels (column, row)."""
    lens = camera.lens
    u = (columns + 0.5 - lens.cx) / lens.fl_x
    v = (rows + 0.5 - lens.cy) / lens.fl_y
    directions = undistort(lens, u, v) * [1.0, -1.0, -1.0]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    world = directions @ camera.world_from_camera[:3, :3].T
    return np.broadcast_to(camera.position, world.shape), world
