"""Moving a picture to another camera, and blending two."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.kernels.reference import reprojection as twin
from scenegen.kernels.reprojection import Picture, blend, reproject
from scenegen.types import Camera, Lens


def camera(width: int, height: int, x: float = 0.0, turn: float = 0.0) -> Camera:
    pose = np.eye(4)
    pose[:3, :3] = [
        [np.cos(turn), 0, np.sin(turn)],
        [0, 1, 0],
        [-np.sin(turn), 0, np.cos(turn)],
    ]
    pose[0, 3] = x
    return Camera(Lens(width, height, 30.0, 30.0, width / 2, height / 2), pose)


def plane(view: Camera, distance: float) -> Picture:
    """A wall at z = -distance whose smooth colours are those of the place on it."""
    lens = view.lens
    right = (np.arange(lens.width_px) + 0.5 - lens.cx) / lens.fl_x
    up = (lens.cy - np.arange(lens.height_px)[:, None] - 0.5) / lens.fl_y
    through = np.stack(np.broadcast_arrays(right, up, -1.0), -1) @ view.world_from_camera[:3, :3].T
    depth = -distance / through[..., 2]
    place = view.position + through * depth[..., None]
    color = 0.5 + 0.4 * np.sin(1.5 * place + [0.0, 1.0, 2.0])
    rgba = np.concatenate([color, np.ones_like(depth)[..., None]], -1)
    return Picture(rgba.astype(np.float32), depth.astype(np.float32))


@pytest.mark.parametrize("size", [(3, 2), (15, 7), (16, 16), (17, 33), (64, 40)])
def test_the_same_camera_sees_the_same(size: tuple[int, int]) -> None:
    view = camera(*size)
    picture = plane(view, 4.0)
    moved = reproject(picture, view, view)
    known = moved.depth >= 0
    assert known[1:-1, 1:-1].all()
    np.testing.assert_allclose(moved.rgba[known], picture.rgba[known], atol=1e-4)
    np.testing.assert_allclose(moved.depth[known], picture.depth[known], rtol=1e-5)


def test_a_wall_looks_from_elsewhere_as_it_does_there() -> None:
    here, there = camera(90, 60), camera(90, 60, 0.3, 0.05)
    moved, expected = reproject(plane(here, 4.0), here, there), plane(there, 4.0)
    known = moved.depth >= 0
    assert known[3:-3, 10:-10].mean() > 0.999  # no pinholes
    known[:3], known[-3:], known[:, :10], known[:, -10:] = False, False, False, False
    np.testing.assert_allclose(moved.rgba[known], expected.rgba[known], atol=2e-3)
    np.testing.assert_allclose(moved.depth[known], expected.depth[known], rtol=1e-4)


def test_what_was_hidden_is_unknown() -> None:
    """A board at 2 hides a strip of the wall at 8; from the side another strip is hidden."""
    here, there = camera(120, 40), camera(120, 40, 0.4)
    wall, board = plane(here, 8.0), plane(here, 2.0)
    front = np.zeros((40, 120), bool)
    front[:, 50:70] = True
    scene = Picture(
        np.where(front[..., None], board.rgba, wall.rgba), np.where(front, board.depth, wall.depth)
    )
    moved = reproject(scene, here, there)
    # The board moves by 30 * 0.4 / 2 = 6 pixels, the wall by 1.5: 4.5 pixels come into view.
    row = moved.depth[20]
    assert (row[66:68] < 0).all()
    assert (row[72:100] > 7.9).all()
    assert (np.abs(row[46:62] - 2.0) < 0.01).all()


def test_cracks_do_not_show_what_lies_behind() -> None:
    """From two thirds of the distance a board of pixels spreads over half as many again."""
    here = camera(120, 40)
    near = camera(120, 40)
    near.world_from_camera[2, 3] = -1.0
    wall, board = plane(here, 8.0), plane(here, 3.0)
    front = np.zeros((40, 120), bool)
    front[10:30, 40:80] = True
    scene = Picture(
        np.where(front[..., None], board.rgba, wall.rgba), np.where(front, board.depth, wall.depth)
    )
    moved = reproject(scene, here, near)
    inside = moved.depth[8:32, 34:86]
    assert not (inside > 2.1).any()
    assert (inside >= 0).mean() > 0.2


def test_what_has_no_depth_turns_with_the_view() -> None:
    here, there = camera(40, 30), camera(40, 30, 5.0, 0.0)
    sky = Picture(plane(here, 4.0).rgba, np.zeros((30, 40), np.float32))
    moved = reproject(sky, here, there)
    known = moved.depth >= 0
    assert known[1:-1, 1:-1].all()
    assert (moved.depth[known] == 0).all()
    np.testing.assert_allclose(moved.rgba[known], sky.rgba[known], atol=1e-3)


def test_blending_takes_what_is_known_and_agreed_on() -> None:
    view = camera(12, 8)
    first, second = plane(view, 4.0), plane(view, 4.0)
    second.rgba[:, :, 0] += 0.02
    second.rgba[2, 3, 1] += 0.05
    second.depth[5, 8] *= 1.3
    first.depth[4, 4], second.depth[0, 0] = -1, -1
    both = np.full((8, 12), False)
    both[7, 11] = True
    first.depth[both], second.depth[both] = -1, -1
    made, redraw = blend(first, second, 0.25, 0.03, 0.1)
    expected = np.zeros((8, 12), np.uint8)
    for pixel in ((2, 3), (5, 8), (0, 0), (7, 11)):  # (0, 0) lies at the edge of the first
        expected[pixel] = 1
    np.testing.assert_array_equal(redraw, expected)
    assert made.rgba[4, 4, 0] == second.rgba[4, 4, 0]
    assert made.rgba[6, 6, 0] == pytest.approx(first.rgba[6, 6, 0] + 0.005, abs=1e-6)
    assert made.depth[6, 6] == pytest.approx(4.0)


@pytest.mark.parametrize("size", [(1, 1), (15, 3), (16, 16), (17, 33), (120, 40)])
def test_the_twin_moves_and_blends_alike(size: tuple[int, int]) -> None:
    """A board before a wall, with sky above and holes."""
    width, height = size
    rng = np.random.default_rng(width)
    here, there = camera(width, height), camera(width, height, 0.3, 0.06)
    there.world_from_camera[2, 3] = -0.5
    wall, board = plane(here, 8.0), plane(here, 3.0)
    front = np.zeros((height, width), bool)
    front[height // 4 : -(height // 4) or None, width // 3 : -(width // 3) or None] = True
    rgba = np.where(front[..., None], board.rgba, wall.rgba)
    depth = np.where(front, board.depth, wall.depth)
    depth[: height // 5] = 0
    depth[rng.random((height, width)) < 0.01] = -1
    ours = reproject(Picture(rgba, depth), here, there)
    theirs = Picture(*twin.reproject(rgba, depth, here, there))
    known = ours.depth >= 0
    assert known.mean() > (0.5 if width > 100 else -1)
    # Rounding decides now and then on which pixel a depth falls, or what is of one surface.
    both = known & (theirs.depth >= 0)
    assert (known != both).sum() + ((theirs.depth >= 0) != both).sum() <= 0.002 * known.size
    np.testing.assert_allclose(ours.depth[both], theirs.depth[both], rtol=1e-3)
    np.testing.assert_allclose(ours.rgba[both], theirs.rgba[both], atol=2e-3)
    second = Picture(rgba + rng.normal(0, 0.02, rgba.shape).astype(np.float32), depth)
    made, redraw = blend(ours, second, 0.3, 0.05, 0.1)
    pairs = (ours.rgba, ours.depth), (second.rgba, second.depth)
    rgba_twin, depth_twin, redraw_twin = twin.blend(*pairs, 0.3, 0.05, 0.1)
    np.testing.assert_array_equal(redraw, redraw_twin)
    kept = redraw == 0
    np.testing.assert_allclose(made.rgba[kept], rgba_twin[kept], atol=1e-6)
    np.testing.assert_allclose(made.depth[kept], depth_twin[kept], rtol=1e-6)
