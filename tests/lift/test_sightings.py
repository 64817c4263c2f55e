"""Photos see the sparse points before them, but none through other points."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.kernels.rays import pixel_rays
from scenegen.lift.sightings import find_sightings
from scenegen.types import Camera, Lens

LENS = Lens(200, 150, 160.0, 162.0, 101.0, 73.0)
BENT = Lens(
    200, 150, 160.0, 162.0, 101.0, 73.0, "OPENCV", k1=-0.1, k2=0.02, k3=0.01, p1=0.003, p2=-0.002
)


def camera(lens: Lens, x: float = 0.0) -> Camera:
    pose = np.eye(4)
    pose[:3, 3] = x, 0.5, 2.0
    return Camera(lens, pose)


def wall(rng: np.random.Generator, z: float, count: int = 300) -> np.ndarray:
    return np.column_stack([rng.uniform(-1, 1, count), rng.uniform(-0.5, 1.5, count), [z] * count])


@pytest.mark.parametrize("lens", [LENS, BENT], ids=["pinhole", "distorted"])
def test_a_sighting_is_the_pixel_whose_ray_meets_the_point(lens: Lens) -> None:
    cameras = [camera(lens), camera(lens, 0.4)]
    points = wall(np.random.default_rng(0), -2.0)
    seen = find_sightings(cameras, points, radius=2.0)
    assert seen is not None
    assert seen.pixel.dtype == np.int64
    assert seen.distance.dtype == np.float32
    photo, pixel = np.divmod(seen.pixel, 200 * 150)
    for index, where in enumerate(cameras):
        row, column = np.divmod(pixel[photo == index], 200)
        origins, directions = pixel_rays(where, column, row)
        found = origins + 2.0 * seen.distance[photo == index, None] * directions
        gaps = np.linalg.norm(found[:, None] - points, axis=2).min(1)
        assert gaps.max() < 4.3 / 160  # within a pixel, 4.2 units away at most
        assert len(gaps) > 200


def test_what_lies_behind_other_points_or_the_camera_is_not_seen() -> None:
    rng = np.random.default_rng(1)
    front = wall(rng, 0.0, 2000) * [0.5, 1, 1] - [0.5, 0, 0]  # the left half, 2 units away
    back, behind = wall(rng, -4.0), wall(rng, 4.0)
    seen = find_sightings([camera(LENS)], np.concatenate([front, back, behind]), 1.0)
    assert seen is not None
    column = seen.pixel % 200
    far = seen.distance > 5.0
    assert (column[far] > 95).all()  # 101 is the middle
    assert 20 < far.sum() < 150
    assert (column[~far] <= 101).all()


def test_few_points_or_fisheye_photos_teach_nothing() -> None:
    points = wall(np.random.default_rng(2), -2.0)
    assert find_sightings([camera(LENS)], points[:50], 1.0) is None
    assert find_sightings([camera(LENS)], points[:0], 1.0) is None
    fisheye = Lens(200, 150, 90.0, 90.0, 100.0, 75.0, "OPENCV_FISHEYE", k1=0.01)
    assert find_sightings([camera(fisheye)], points, 1.0) is None
    seen = find_sightings([camera(fisheye), camera(LENS)], points, 1.0)
    assert seen is not None
    assert (seen.pixel >= 200 * 150).all()


def test_a_point_that_the_lens_folds_back_into_the_photo_is_not_seen() -> None:
    strong = Lens(200, 150, 160.0, 162.0, 101.0, 73.0, "OPENCV", k1=-0.3)
    points = wall(np.random.default_rng(3), -2.0)
    # At a tangent of 1.8 the radius is 1.8 * (1 - 0.3 * 1.8^2), near the middle of the photo.
    folded = points + np.array([4 * 1.8, 0.0, 0.0])
    assert find_sightings([camera(strong)], folded, 1.0) is None
    seen = find_sightings([camera(strong)], points, 1.0)
    both = find_sightings([camera(strong)], np.concatenate([points, folded]), 1.0)
    assert seen is not None
    assert both is not None
    np.testing.assert_array_equal(np.sort(both.pixel), np.sort(seen.pixel))
