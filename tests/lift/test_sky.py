"""What counts as sky in a photo, and what does not."""

from __future__ import annotations

import numpy as np

from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.sky import BESIDE_SKY, CELLS, OPEN_SKY, find_skies
from scenegen.types import Camera, Lens

LENS = Lens(160, 128, 150.0, 150.0, 80.0, 64.0)
LEVEL = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], float)
"""Looks along +Y, with +Z up."""
BLUE, STONE = (90, 140, 220), (120, 110, 100)


def street(sky: tuple[int, int, int] = BLUE) -> np.ndarray:
    """Even sky down to row 48, and stones below it."""
    rng = np.random.default_rng(0)
    rgb = np.empty((128, 160, 3), np.uint8)
    rgb[:48] = sky
    rgb[48:] = np.clip(np.array(STONE) + rng.integers(-40, 40, (80, 160, 1)), 0, 255)
    return rgb


def points_on_the_stones() -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.stack([rng.uniform(-2, 2, 200), np.full(200, 5.0), rng.uniform(-2, 0.4, 200)], axis=1)


def sky_of(
    rgb: np.ndarray, pose: np.ndarray = LEVEL, points: np.ndarray | None = None
) -> np.ndarray:
    seen = points_on_the_stones() if points is None else points
    skies = find_skies([PhotoPixels(rgb, Camera(LENS, pose))], seen)
    return skies[0] if skies else np.zeros((CELLS, CELLS), np.uint8)


def test_the_sky_ends_where_the_stones_begin() -> None:
    sky = sky_of(street())
    assert (sky[:11] == OPEN_SKY).all()
    assert (sky[11] != 0).all()
    assert (sky[12] == BESIDE_SKY).any()
    assert not sky[13:].any()


def test_a_bright_sky_needs_not_be_blue_but_a_dark_ceiling_is_none() -> None:
    assert (sky_of(street((230, 230, 228)))[:10] == OPEN_SKY).all()
    assert not sky_of(street((60, 58, 57))).any()


def test_nothing_below_the_horizon_is_sky() -> None:
    down = LEVEL.copy()
    down[:3, :3] = LEVEL[:3, :3] @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], float)
    assert down[2, 2] == 1  # the optical axis, -Z of the camera, points down
    assert not sky_of(street(), down, points_on_the_stones() - [0, 5, 5]).any()


def test_cells_with_points_are_no_sky_and_hide_what_is_below_them() -> None:
    wire = np.stack([np.linspace(-4, 4, 400), np.full(400, 5.0), np.full(400, 1.4)], axis=1)
    sky = sky_of(street(), points=np.concatenate([points_on_the_stones(), wire]))
    row = int((64 - 150 * 1.4 / 5) / 128 * CELLS)
    assert (sky[: row - 1] == OPEN_SKY).all()
    assert not (sky[row:] == OPEN_SKY).any()


def test_an_island_of_blue_is_no_sky() -> None:
    rgb = street((30, 30, 30))
    rgb[40:60, 40:100] = BLUE
    assert not sky_of(rgb).any()


def test_captures_without_points_and_fisheyes_show_no_sky() -> None:
    photo = PhotoPixels(street(), Camera(LENS, LEVEL))
    assert find_skies([photo], np.zeros((0, 3))) == ()
    fisheye = Lens(160, 128, 150.0, 150.0, 80.0, 64.0, "OPENCV_FISHEYE")
    round_photo = PhotoPixels(street(), Camera(fisheye, LEVEL))
    assert find_skies([round_photo], points_on_the_stones()) == ()


def test_tiny_photos_have_cells_without_pixels() -> None:
    lens = Lens(20, 16, 18.0, 18.0, 10.0, 8.0)
    rgb = np.full((16, 20, 3), BLUE, np.uint8)
    (sky,) = find_skies([PhotoPixels(rgb, Camera(lens, LEVEL))], points_on_the_stones())
    assert sky.shape == (CELLS, CELLS)
