from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from scenegen.render.config import RenderConfig
from scenegen.render.frames import render_path
from scenegen.render.steadiness import clip_steadiness, jitter_px, reprojection_error
from scenegen.types import Camera, CameraPath, Frame, Lens, Scene
from tests.kernels.walls import seen

LENS = Lens(60, 40, 50.0, 50.0, 30.0, 20.0)


def shot(x: float, brighter: float = 0.0) -> tuple[Camera, Frame]:
    """A smooth wall at z = 0 from (x, 0, 5)."""
    pose = np.eye(4)
    pose[:3, 3] = [x, 0.0, 5.0]
    camera = Camera(LENS, pose)
    points, _, depth = seen(camera)
    gray = 0.5 + 0.3 * np.sin(points[..., 0]) * np.cos(points[..., 1]) + brighter
    rgb = np.rint(255 * np.repeat(gray[..., None], 3, -1)).astype(np.uint8)
    return camera, Frame(0, rgb, depth.astype(np.float32), np.ones((40, 60), np.float32))


def test_motion_alone_is_steady_and_a_flash_is_not() -> None:
    assert reprojection_error(shot(0.0), shot(0.37)) < 0.004  # of rounding to 8 bits
    assert reprojection_error(shot(0.0), shot(0.37, 0.1)) == pytest.approx(0.1, abs=0.005)
    shots = [shot(0), shot(0.1), shot(0.2, 0.1), shot(0.3)]
    cameras, frames = [camera for camera, _ in shots], [frame for _, frame in shots]
    mean, worst = clip_steadiness(cameras, frames)
    assert worst == pytest.approx(0.1, abs=0.005)
    assert mean == pytest.approx(2 * 0.1 / 3, abs=0.005)


def contrast(shot: tuple[Camera, Frame], factor: float) -> tuple[Camera, Frame]:
    camera, frame = shot
    rgb = np.rint(128 + factor * (frame.rgb.astype(float) - 128)).astype(np.uint8)
    return camera, replace(frame, rgb=rgb)


def test_jitter_is_counted_in_pixels_whatever_the_contrast() -> None:
    """A camera that is 0.1 to the side of where it says it is moves the wall by a pixel."""
    for factor in (1.0, 0.5):
        (camera, _), (_, astray) = contrast(shot(0.3), factor), contrast(shot(0.4), factor)
        found = jitter_px(contrast(shot(0.3), factor), (camera, astray))
        assert found == pytest.approx(sideways(astray), rel=0.1)
        assert jitter_px(contrast(shot(0.0), factor), contrast(shot(0.3), factor)) < 0.5 * found
    camera, frame = shot(0.0)
    flat = replace(frame, rgb=np.full_like(frame.rgb, 90))
    assert np.isnan(jitter_px((camera, flat), (camera, flat)))


def sideways(frame: Frame) -> float:
    """Share of the slope, root mean square, that a shift along rows runs across."""
    across, down = (np.square(np.gradient(frame.rgb / 255.0, axis=axis)).mean() for axis in (1, 0))
    return float(np.sqrt(across / (across + down)))


def test_what_only_one_frame_sees_does_not_count() -> None:
    camera, frame = shot(0.0)
    hidden = replace(frame, depth=frame.depth * np.float32(0.5))
    assert np.isnan(reprojection_error((camera, frame), (camera, hidden)))


def test_guided_frames_are_as_steady_as_plain_ones(room_scene: Scene) -> None:
    """The camera glides from one photo's place to another's; the photos on the way change."""
    a, b = (room_scene.photos[i].camera.world_from_camera for i in (1, 6))
    poses = np.repeat(a[None], 13, 0)
    poses[:, :3, 3] += np.linspace(0, 1, 13)[:, None] * (b - a)[:3, 3]
    path = CameraPath(poses, np.full(13, 50.0), fps=24.0, aspect=1.5)
    errors = {}
    for plain in (True, False):
        config = RenderConfig(48, 32, plain=plain)
        cameras = [path.camera(i, 48, 32) for i in range(13)]
        shots = pairwise(zip(cameras, render_path(room_scene, path, config), strict=True))
        errors[plain] = [jitter_px(*pair) for pair in shots]
    mean = np.mean(errors[False])
    assert max(errors[False]) < 2 * mean  # a photo that popped in would stand out
    assert mean < 1.5 * np.mean(errors[True])
