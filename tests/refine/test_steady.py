"""Films made steady: surfaces are averaged over the frames around, and keep their detail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from scenegen.kernels.reprojection import Picture
from scenegen.refine.steady import STEADY_REACH, steadied
from scenegen.types import Camera
from tests.refine.clips import clip

HEIGHT, WIDTH = 32, 48
WALL = (slice(16, -4), slice(8, -8))
"""Below the hole in the wall, where all frames see it."""


def shot(grey: np.ndarray, step: float | None = None) -> list[tuple[Camera, Picture]]:
    """Frames of the wall, each of a grey of its own: a number a frame, or a picture."""
    frames = []
    for at, (frame, one) in enumerate(zip(clip(len(grey), HEIGHT, WIDTH), grey, strict=True)):
        pose = frame.camera.world_from_camera.copy()
        if step is not None:
            pose[0, 3] = at * step
        rgba = np.broadcast_to(one[..., None], (HEIGHT, WIDTH, 4)).astype(np.float32)
        frames.append((replace(frame.camera, world_from_camera=pose), Picture(rgba, frame.depth)))
    return frames


def test_what_flickers_is_averaged_over_the_frames_around() -> None:
    flicker = (-1.0) ** np.arange(2 * STEADY_REACH + 1)
    found = list(steadied(shot(0.5 + 0.1 * flicker[:, None, None], step=0.0)))
    for at, frames in ((STEADY_REACH, slice(None)), (0, slice(STEADY_REACH + 1))):
        mean = flicker[frames].mean()
        np.testing.assert_allclose(found[at][WALL], 0.5 + 0.1 * mean, atol=2e-4)
        assert abs(mean) < 0.2


def test_the_further_the_camera_has_moved_the_less_a_frame_counts() -> None:
    """By 24 pixels: each half of the middle frame is in one of the others."""
    frames = shot(np.array([0.8, 0.5, 0.8])[:, None, None], step=24 * 3 / 40)
    middle = list(steadied(frames))[1]
    share = np.exp(-((24 / 32) ** 2))
    mean = (0.5 + 0.8 * share) / (1 + share)
    for columns in (slice(4, 20), slice(28, 44)):
        np.testing.assert_allclose(middle[16:-4, columns], mean, atol=2e-3)


def test_detail_that_lies_on_a_surface_stays_as_the_camera_travels() -> None:
    waves = []
    for frame in clip(11, HEIGHT, WIDTH):
        lens, camera = frame.camera.lens, frame.camera
        x = (np.arange(WIDTH) + 0.5 - lens.cx) / lens.fl_x * frame.depth[0, 0]
        wave = 0.5 + 0.1 * np.sin(12 * (camera.position[0] + x))  # seven pixels long
        waves.append(np.broadcast_to(wave, (HEIGHT, WIDTH)))
    for found, wave in zip(steadied(shot(np.array(waves))), waves, strict=True):
        given, made = wave[WALL] - 0.5, found[..., 0][WALL] - 0.5
        kept = made.std() / given.std()
        assert 0.98 < kept < 1.15
        np.testing.assert_allclose(made / kept, given, atol=0.01)


def test_other_surfaces_have_no_part() -> None:
    frames = shot(np.array([0.8, 0.5, 0.8])[:, None, None])
    camera, own = frames[1]
    for depth in (1.5 * own.depth, 0 * own.depth, np.full_like(own.depth, -1)):
        found = list(steadied([frames[0], (camera, replace(own, depth=depth)), frames[2]]))
        np.testing.assert_allclose(found[1][WALL], 0.5, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1])
def test_a_shot_of_a_frame_or_none_stays(count: int) -> None:
    frames = shot(np.full((count, 1, 1), 0.2))
    for (_, given), made in zip(frames, list(steadied(frames)), strict=True):
        np.testing.assert_array_equal(made, given.rgba[..., :3])


def test_no_more_frames_wait_than_have_a_part() -> None:
    asked = 0

    def frames() -> Iterator[tuple[Camera, Picture]]:
        nonlocal asked
        for one in shot(np.full((20, 1, 1), 0.5)):
            asked += 1
            yield one

    stream = steadied(frames())
    next(stream)
    assert asked == STEADY_REACH + 1
