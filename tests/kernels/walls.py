"""A painted wall at z = 0, photographed through any lens: what guiding should find is known."""

from __future__ import annotations

import numpy as np

from scenegen.kernels.guiding import GuidePhoto, GuideView
from scenegen.kernels.rays import camera_rays
from scenegen.types import Camera, Lens

LENSES = (
    Lens(120, 90, 100.0, 102.0, 61.0, 44.0),
    Lens(100, 100, 85.0, 85.0, 50.0, 50.0, "OPENCV", k1=-0.12, k2=0.03, k3=0.01, p1=0.004),
    Lens(96, 130, 70.0, 71.0, 48.0, 66.0, "OPENCV_FISHEYE", k1=0.05, k2=-0.02, k3=0.004),
)


def camera_at(x: float, y: float = 0.0, lens: Lens = LENSES[0], yaw_deg: float = 0.0) -> Camera:
    """A camera five units in front of the wall."""
    pose, yaw = np.eye(4), np.deg2rad(yaw_deg)
    pose[:3, 0] = [np.cos(yaw), 0, -np.sin(yaw)]
    pose[:3, 2] = [np.sin(yaw), 0, np.cos(yaw)]
    pose[:3, 3] = [x, y, 5.0]
    return Camera(lens, pose)


def paint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Colours in 0..1 with stripes of about three pixels: what a soft render loses."""
    fine = 0.12 * np.sin(35 * x + 8 * y)
    return np.stack([0.5 + 0.2 * np.sin(x) + fine, 0.5 + 0.2 * np.cos(y) - fine, 0.4 + fine], -1)


def seen(camera: Camera) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of the wall, distance along the rays and depth along the axis, for every pixel."""
    size = (camera.lens.height_px, camera.lens.width_px)
    origins, directions = camera_rays(camera)
    distance = -origins[:, 2] / directions[:, 2]
    points = origins + distance[:, None] * directions
    depth = distance * (directions @ camera.forward)
    return points.reshape(*size, 3), distance.reshape(size), depth.reshape(size)


def photo_of(
    camera: Camera,
    index: int = 0,
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0),
    share: float = 1.0,
) -> GuidePhoto:
    """A photo whose exposure is 1 / ``gain`` times that of the wall."""
    points, _, depth = seen(camera)
    rgb = paint(points[..., 0], points[..., 1]) / np.array(gain)
    alpha = np.ones((*rgb.shape[:2], 1))
    base = np.rint(255 * np.concatenate([rgb, alpha], -1).clip(0, 1)).astype(np.uint8)
    levels = [base]
    while min(levels[-1].shape[:2]) > 4:
        levels.append(halved(levels[-1]))
    return GuidePhoto(index, camera, tuple(levels), depth.astype(np.float32), 0, gain, share)


def halved(pixels: np.ndarray) -> np.ndarray:
    """Average 2 x 2 pixels; the last row and column repeat."""
    h, w = pixels.shape[:2]
    whole = np.pad(pixels, ((0, h % 2), (0, w % 2), (0, 0)), mode="edge").astype(float)
    mean = (whole[::2, ::2] + whole[1::2, ::2] + whole[::2, 1::2] + whole[1::2, 1::2]) / 4
    return np.ascontiguousarray(np.rint(mean).astype(np.uint8))


def truth(camera: Camera) -> np.ndarray:
    """What a camera should see."""
    points = seen(camera)[0]
    return paint(points[..., 0], points[..., 1]).astype(np.float32)


def soft_view(camera: Camera, wrong_depth: float = 1.0) -> GuideView:
    """What a soft field shows: the wall without its fine stripes."""
    points, distance, _ = seen(camera)
    x, y = points[..., 0], points[..., 1]
    rgb = np.stack([0.5 + 0.2 * np.sin(x), 0.5 + 0.2 * np.cos(y), np.full_like(x, 0.4)], -1)
    return GuideView(camera, rgb.astype(np.float32), (wrong_depth * distance).astype(np.float32))
