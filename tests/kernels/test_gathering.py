"""The light that many cameras get through pictures of a few."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.kernels.gathering import LightView, gather
from scenegen.kernels.reference import gathering as twin
from scenegen.types import Camera, Lens

FOCAL = 40.0


def camera(size: tuple[int, int], x: float = 0.0, shear: float = 0.0, turn: float = 0.0) -> Camera:
    """A camera at x; what lies at the depth ``FOCAL * x / shear`` stays where it is."""
    width, height = size
    pose = np.eye(4)
    c, s = np.cos(turn), np.sin(turn)
    pose[:3, :3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]]
    pose[0, 3] = x
    return Camera(Lens(width, height, FOCAL, FOCAL, width / 2 + shear, height / 2), pose)


def view(size: tuple[int, int], depth: np.ndarray | float, light: np.ndarray) -> LightView:
    near = np.full(size[::-1], 1 / np.asarray(depth), np.float32)
    pixels = np.dstack([np.broadcast_to(light, (*size[::-1], 3)), near])
    return LightView(camera(size), np.ascontiguousarray(pixels, np.float32))


def noise(size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(sum(size)).random((*size[::-1], 3)).astype(np.float32)


def first(cameras: int, views: int = 1) -> np.ndarray:
    return np.tile(np.arange(views, dtype=np.int32), (cameras, 1))


SIZES = [(1, 1), (3, 2), (15, 7), (16, 4), (17, 5), (31, 33), (64, 40)]


@pytest.mark.parametrize("size", SIZES)
def test_the_same_camera_sees_the_same_bit_for_bit(size: tuple[int, int]) -> None:
    depth = np.random.default_rng(1).uniform(1.0, 9.0, size[::-1])
    shown = view(size, depth, noise(size))
    total = gather([shown], [camera(size)], first(1))
    np.testing.assert_array_equal(total[..., :3], shown.pixels[..., :3])
    np.testing.assert_array_equal(total[..., 3], 1)


@pytest.mark.parametrize("size", SIZES)
def test_the_plane_of_focus_stays_whatever_the_camera(size: tuple[int, int]) -> None:
    shown = view(size, 2.0, noise(size))
    cameras = [camera(size, x, FOCAL * x / 2.0) for x in (-0.3, 0.01, 0.2, 0.5)]
    total = gather([shown], cameras, first(4))
    np.testing.assert_allclose(total[..., :3] / 4, shown.pixels[..., :3], rtol=1e-6)


@pytest.mark.parametrize("shift", [-20, -3, 0, 1, 7, 16])
def test_a_wall_moves_by_whole_pixels_and_gives_nothing_beyond_its_edge(shift: int) -> None:
    size = (48, 9)
    shown = view(size, 4.0, noise(size))
    total = gather([shown], [camera(size, shift * 4.0 / FOCAL)], first(1))
    seen = [x for x in range(48) if 0 <= x + shift < 48]
    unseen = [x for x in range(48) if not 0 <= x + shift < 48]
    there = [x + shift for x in seen]
    np.testing.assert_array_equal(total[:, seen, :3], shown.pixels[:, there, :3])
    assert (total[:, seen, 3] == 1).all()
    assert (total[:, unseen] == 0).all()


def board(size: tuple[int, int], left: int, right: int) -> LightView:
    """White, at the depth 2, before a black wall at 8."""
    inside = (np.arange(size[0]) >= left) & (np.arange(size[0]) < right)
    depth = np.broadcast_to(np.where(inside, 2.0, 8.0), size[::-1])
    return view(size, depth, np.repeat(depth[..., None] == 2.0, 3, axis=-1))


def test_what_is_before_hides_what_is_behind() -> None:
    """By 0.4 the board moves by 8 pixels, the wall by 2: 6 of its pixels come into view."""
    size = (80, 8)
    total = gather([board(size, 30, 50)], [camera(size, 0.4)], first(1))
    assert (total[:, 22:42, 0] == 1).all()
    assert (total[:, :21, 0] == 0).all()
    assert (total[:, 50:78, 0] == 0).all()
    assert (total[:, :21, 3] == 1).all()
    assert (total[:, 43:47, 3] == 0).all()  # nobody knows it
    assert (total[:, 48:78, 3] == 1).all()


def test_the_views_are_asked_in_order() -> None:
    size = (80, 8)
    front, wall = board(size, 30, 50), view(size, 8.0, np.array([0.0, 1.0, 0.0]))
    two = gather([front, wall], [camera(size, 0.4)], first(1, 2))
    np.testing.assert_array_equal(two[:, 43:47], [[[0, 1, 0, 1]] * 4] * 8)
    assert (two[:, 22:42, 0] == 1).all()
    other = gather([front, wall], [camera(size, 0.4)], np.array([[1, 0]], np.int32))
    assert (other[:, :78, 1] == 1).all()


def test_what_is_endlessly_far_stays_when_a_camera_moves() -> None:
    size = (33, 17)
    shown = view(size, np.inf, noise(size))
    total = gather([shown], [camera(size, 5.0)], first(1))
    np.testing.assert_array_equal(total[..., :3], shown.pixels[..., :3])


def test_a_slope_has_no_cracks() -> None:
    """A floor that comes nearer from left to right, where a camera moves by up to 12 pixels."""
    size = (96, 12)
    depth = np.broadcast_to(1 / np.linspace(0.1, 0.6, 96), size[::-1])
    total = gather([view(size, depth, noise(size))], [camera(size, 0.5)], first(1))
    assert (total[:, :80, 3] == 1).all()


@pytest.mark.parametrize("size", SIZES)
def test_the_twin_gathers_alike(size: tuple[int, int]) -> None:
    """Cameras that move and turn, over a board, a wall, sky and holes, and a second view."""
    rng = np.random.default_rng(size[0])
    depth = np.full(size[::-1], 6.0)
    depth[: size[1] // 3] = np.inf
    depth[size[1] // 4 : size[1] * 3 // 4, size[0] // 3 : size[0] * 2 // 3] = 2.0
    front, wall = view(size, depth, noise(size)), view(size, 7.0, noise(size)[::-1])
    front.pixels[..., 3][rng.random(size[::-1]) < 0.05] = -1
    cameras = [camera(size, x, 8 * x, turn) for x, turn in ((0, 0), (0.3, 0), (-0.4, 0.1))]
    order = np.array([[0, 1], [0, 1], [1, 0]], np.int32)
    ours = gather([front, wall], cameras, order)
    theirs = twin.gather([front, wall], cameras, order)
    # Rounding decides now and then by which pixel a place is shown.
    differ = (np.abs(ours - theirs) > 1e-5).any(-1)
    assert differ.mean() <= 0.02  # worst seen 0
    assert (ours[..., 3] > 0).any()
