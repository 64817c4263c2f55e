"""What the network is given of a frame: where surfaces are in other frames, and what is lacking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.refine.condition import (
    MIDDLE,
    blinded,
    filled,
    frame_channels,
    photo_channels,
    reprojection,
    typical_depth,
)
from scenegen.types import Camera, Lens
from tests.refine.clips import clip

WIDTH, HEIGHT = 64, 48
LENS = Lens(WIDTH, HEIGHT, 50.0, 50.0, 35.0, 20.0)  # as of a window: its middle is elsewhere


def camera(x: float = 0.0, turn: float = 0.0) -> Camera:
    pose = np.eye(4)
    pose[:3, :3] = [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    pose[0, 3] = x
    return Camera(LENS, pose)


def middles() -> np.ndarray:
    """The middles of all cells, as `torch.nn.functional.grid_sample` counts."""
    x, y = ((2 * np.arange(side // MIDDLE) + 1) * MIDDLE / side - 1 for side in (WIDTH, HEIGHT))
    return np.stack(np.meshgrid(x, y), axis=-1)


def test_in_its_own_frame_a_cell_finds_itself() -> None:
    depth = np.random.default_rng(0).uniform(1, 9, (HEIGHT, WIDTH)).astype(np.float32)
    depth[:, 20:30] = 0
    place, apart = reprojection(camera(), depth, camera(), depth)
    np.testing.assert_allclose(place, middles(), atol=1e-6)
    assert apart[1:-1, 1:-1].max() < 1e-6


@pytest.mark.parametrize("pixels", [3, -8])
def test_surfaces_are_found_where_the_camera_moved_on(pixels: int) -> None:
    wall = np.full((HEIGHT, WIDTH), 4.0, np.float32)
    place, apart = reprojection(camera(), wall, camera(x=pixels * 4.0 / 50.0), wall)
    moved = middles() - np.array([2 * pixels / WIDTH, 0])
    inside = np.abs(moved[..., 0] + 1 / WIDTH) < 1
    np.testing.assert_allclose(place[inside], moved[inside], atol=1e-6)
    assert apart[inside].max() < 1e-6
    assert np.isinf(apart[~inside]).all()


def test_the_sky_turns_and_what_is_hidden_disagrees() -> None:
    sky, wall = np.zeros((HEIGHT, WIDTH), np.float32), np.full((HEIGHT, WIDTH), 4.0, np.float32)
    place, apart = reprojection(camera(), sky, camera(x=0.5, turn=0.1), sky)
    assert (place[:, 2, 0] > middles()[:, 2, 0] + 0.1).all()  # left turn: things move to the right
    assert not apart[:, :-1].any()
    assert np.isinf(apart[:, -1]).all()
    _, apart = reprojection(camera(), 2 * wall, camera(), wall)
    np.testing.assert_allclose(apart, np.log(2), atol=1e-6)


def test_photos_that_are_lacking_are_like_those_that_see_nothing() -> None:
    frame = clip(1, photos=2)[0]
    none = np.zeros(2, bool)
    gone = blinded(frame, none)
    np.testing.assert_array_equal(gone.rgb, frame.field)
    assert not gone.coverage.any()
    lacking = replace(gone, warps=clip(1, photos=0)[0].warps)
    np.testing.assert_array_equal(
        photo_channels(gone), photo_channels(filled(lacking, 2)).astype(np.float32)
    )
    assert filled(frame, 1) is frame
    assert filled(frame).warps.photos == (0, 1, -1, -1)
    np.testing.assert_array_equal(photo_channels(filled(frame))[:2], photo_channels(frame))


def test_a_photo_that_is_kept_stays_and_with_it_the_render() -> None:
    frame = clip(1, photos=2)[0]
    made = blinded(frame, np.array([True, False]))
    np.testing.assert_array_equal(made.rgb, frame.rgb)
    own = photo_channels(made)[0]
    np.testing.assert_array_equal(own[:10], photo_channels(frame)[0, :10])
    assert not own[10].any()  # no other photo is left to differ from
    assert not made.warps.seen[1].any()
    assert made.warps.share.tolist() == [1.0, 0.0]


def test_a_photo_that_differs_from_all_others_is_told_apart() -> None:
    frame = clip(1, photos=3)[0]
    rgb = np.full_like(frame.warps.rgb, 0.5)
    rgb[1] = 0.9
    warps = replace(frame.warps, rgb=rgb, seen=np.ones_like(frame.warps.seen))
    apart = photo_channels(replace(frame, warps=warps))[:, 10]
    np.testing.assert_allclose(apart[1], 3 * 0.4, atol=1e-5)
    np.testing.assert_allclose(apart[[0, 2]], 3 * 0.2, atol=1e-5)


def test_depth_is_told_beside_what_is_typical_and_nothing_jumps() -> None:
    frame = clip(1)[0]
    near = frame_channels(frame)[7]
    np.testing.assert_allclose(near[frame.depth > 0], 0, atol=1e-6)
    np.testing.assert_array_equal(near[frame.depth == 0], -1)
    np.testing.assert_array_equal(near, frame_channels(replace(frame, depth=7 * frame.depth))[7])
    # A post that fills half of the frame and a little more, then a little less.
    post = np.full((2, 100, 100), 10.0, np.float32)
    post[0, :, :51], post[1, :, :49] = 1.0, 1.0
    assert abs(np.log(typical_depth(post[0]) / typical_depth(post[1]))) < 0.05
    assert typical_depth(np.zeros((4, 4), np.float32)) == 1
