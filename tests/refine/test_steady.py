from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.refine.sampler import Refined
from scenegen.refine.steady import steadied
from tests.refine.clips import clip

HEIGHT, WIDTH = 32, 48


def shot(count: int, corrections: np.ndarray) -> list[Refined]:
    """Frames of the wall, each with a correction of its own, half of it made up."""
    frames = []
    for frame, change in zip(clip(count, HEIGHT, WIDTH), corrections, strict=True):
        rgb = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
        change = np.broadcast_to(change, rgb.shape).astype(np.float32)
        shares = np.ones((1, HEIGHT, WIDTH), np.float32)
        frames.append(Refined(replace(frame, rgb=rgb), rgb + change, shares, change / 2))
    return frames


def test_what_flickers_is_averaged_over_five_frames() -> None:
    found = list(steadied(shot(7, 0.1 * (-1.0) ** np.arange(7)[:, None, None, None])))
    below = slice(16, -4), slice(4, -4)  # the hole in the wall
    middle = found[3].rgb[below] - 0.5
    np.testing.assert_allclose(middle, -0.1 / 5, atol=1e-5)  # three of them down, two up
    np.testing.assert_allclose(found[3].made_up[below], -0.01, atol=1e-5)


def test_what_is_steady_stays() -> None:
    for frame in steadied(shot(5, np.full((5, 1, 1, 1), 0.07))):
        np.testing.assert_allclose(frame.rgb, 0.57, atol=1e-6)


def test_what_lies_on_a_surface_stays_there_as_the_camera_travels() -> None:
    plain = clip(5, HEIGHT, WIDTH)
    corrections = []
    for frame in plain:
        lens, camera = frame.camera.lens, frame.camera
        x = (np.arange(WIDTH) + 0.5 - lens.cx) / lens.fl_x * frame.depth[0, 0]
        corrections.append(0.1 * np.sin(2 * (camera.position[0] + x))[None, :, None])
    for frame, change in zip(steadied(shot(5, np.array(corrections))), corrections, strict=True):
        np.testing.assert_allclose(
            (frame.rgb - 0.5)[:, 2:-2], np.broadcast_to(change, frame.rgb.shape)[:, 2:-2], atol=2e-3
        )


def test_other_surfaces_have_no_part() -> None:
    frames = shot(3, np.array([0.3, 0.0, 0.3])[:, None, None, None])
    behind = replace(frames[1].rendered, depth=1.5 * frames[1].rendered.depth)
    found = list(steadied([frames[0], replace(frames[1], rendered=behind), frames[2]]))
    np.testing.assert_allclose(found[1].rgb, 0.5, atol=1e-6)
    sky = replace(frames[1].rendered, depth=0 * frames[1].rendered.depth)
    found = list(steadied([frames[0], replace(frames[1], rendered=sky), frames[2]]))
    np.testing.assert_allclose(found[1].rgb, 0.5, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1])
def test_a_shot_of_a_frame_or_none_stays(count: int) -> None:
    frames = shot(count, np.full((count, 1, 1, 1), 0.2))
    for given, made in zip(frames, list(steadied(frames)), strict=True):
        np.testing.assert_allclose(made.rgb, given.rgb, atol=1e-6)
