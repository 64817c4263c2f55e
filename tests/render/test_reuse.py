"""Frames out of the frames around them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.render.config import RenderConfig
from scenegen.render.frames import render_path
from scenegen.render.reuse import KEY_EVERY, KeyedFrames, sources
from scenegen.types import CameraPath, Field, Frame, Scene
from tests.render.test_frames import Hits, scene

__all__ = ["scene"]

CONFIG = RenderConfig(width_px=64, height_px=36)


class Room:
    """A board before a wall, in smooth colours; counts the rays."""

    def __init__(self) -> None:
        self.rays = 0

    def __call__(self, _field: Field, origins: np.ndarray, directions: np.ndarray) -> Hits:
        self.rays += len(origins)
        wall = (-6 - origins[:, 2]) / directions[:, 2]
        board = (-3 - origins[:, 2]) / directions[:, 2]
        at = origins + board[:, None] * directions
        hit = np.abs(at[:, :2]).max(axis=1) < 0.6
        depth = np.where(hit, board, wall)
        points = origins + depth[:, None] * directions
        rgb = 0.5 + 0.4 * np.sin(points + np.arange(3))
        return Hits(
            rgb.astype(np.float32), depth.astype(np.float32), np.ones(len(depth), np.float32)
        )


@pytest.fixture
def path() -> CameraPath:
    poses = np.tile(np.eye(4), (21, 1, 1))
    poses[:, 0, 3] = np.linspace(-0.3, 0.3, 21)
    return CameraPath(poses, np.full(21, 60.0), fps=24.0, aspect=16 / 9)


def frames(scene: Scene, path: CameraPath, config: RenderConfig, first: int = 0) -> list[Frame]:
    return list(render_path(scene, path, config, first, trace=Room()))


@pytest.mark.parametrize("backend", ["native", "torch"])
def test_reused_frames_are_those_that_would_have_been_traced(
    scene: Scene, path: CameraPath, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCENEGEN_BACKEND", backend)
    reused = frames(scene, path, CONFIG)
    anew = frames(scene, path, replace(CONFIG, every_frame_anew=True))
    for ours, theirs in zip(reused, anew, strict=True):
        off = np.abs(ours.rgb.astype(int) - theirs.rgb)
        assert np.mean(off.astype(float) ** 2) < 255**2 * 1e-4, ours.index  # 40 dB
        np.testing.assert_allclose(ours.depth, theirs.depth, rtol=0.01)
        assert ours.opacity.min() > 0.999


def test_only_key_frames_are_traced_whole(scene: Scene, path: CameraPath) -> None:
    room = Room()
    list(render_path(scene, path, CONFIG, trace=room))
    whole = 64 * 36
    assert 3 * whole < room.rays < 8 * whole  # 3 key frames, and the edges of 18 frames


@pytest.mark.parametrize("count", [1, 2, 16, 17, 18, 21, 32, 33])
def test_frames_are_made_of_frames_traced_whole(count: int) -> None:
    """Every frame leads to whole ones in a few steps, between which it lies."""
    for index in range(count):
        left, right = [index], [index]
        while sources(left[-1], count):
            left.append(sources(left[-1], count)[0])
        while sources(right[-1], count):
            right.append(sources(right[-1], count)[1])
        assert left == sorted(left, reverse=True)
        assert right == sorted(right)
        assert left[-1] == right[-1] == index or left[-1] < index < right[-1]
        assert right[-1] - left[-1] <= KEY_EVERY
        assert max(len(left), len(right)) <= 5


def test_frames_of_a_camera_that_turns_fast_are_traced_whole(
    scene: Scene, path: CameraPath
) -> None:
    poses = path.world_from_camera.copy()
    angle = np.radians(35.0 * np.arange(len(poses)))
    poses[:, 0, 0] = poses[:, 2, 2] = np.cos(angle)
    poses[:, 0, 2], poses[:, 2, 0] = np.sin(angle), -np.sin(angle)
    turning = replace(path, world_from_camera=poses)
    anew = frames(scene, turning, replace(CONFIG, every_frame_anew=True))
    same = [
        np.array_equal(ours.rgb, theirs.rgb)
        for ours, theirs in zip(frames(scene, turning, CONFIG), anew, strict=True)
    ]
    assert sum(same) > len(poses) / 2


def test_few_pictures_are_kept(scene: Scene, path: CameraPath) -> None:
    made = KeyedFrames(
        scene.field, [path.camera(i, 64, 36) for i in range(len(path))], trace=Room()
    )
    for index in range(len(path)):
        made.frame(index, lambda _done: None)
        assert len(made._made) <= 5


def test_a_frame_is_the_same_wherever_rendering_began(scene: Scene, path: CameraPath) -> None:
    whole = frames(scene, path, CONFIG)
    for first in (1, 7, 8, 9, 15, 16, 17, 19, 20):
        for ours, theirs in zip(frames(scene, path, CONFIG, first), whole[first:], strict=True):
            assert ours.index == theirs.index
            np.testing.assert_array_equal(ours.rgb, theirs.rgb)
            np.testing.assert_array_equal(ours.depth, theirs.depth)


def test_progress_never_falls(scene: Scene, path: CameraPath) -> None:
    told: list[float] = []
    list(render_path(scene, path, CONFIG, 3, lambda _name, done, _total: told.append(done), Room()))
    assert told == sorted(told)
    assert told[-1] == 21


def test_a_camera_that_jumps_sees_what_is_there(scene: Scene, path: CameraPath) -> None:
    poses = path.world_from_camera.copy()
    poses[11:, 0, 3] += 40.0
    jumping = replace(path, world_from_camera=poses)
    anew = frames(scene, jumping, replace(CONFIG, every_frame_anew=True))
    for ours, theirs in zip(frames(scene, jumping, CONFIG), anew, strict=True):
        assert np.abs(ours.rgb.astype(int) - theirs.rgb).mean() < 2.0, ours.index
