from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenegen.render import rays
from scenegen.render.rays import RAYS_PER_BAND, ray_band, ray_bands
from scenegen.types import Camera, Lens


def camera_at(position: Any, wxyz: Any, lens: Lens) -> Camera:
    w, x, y, z = np.asarray(wxyz, float) / np.linalg.norm(wxyz)
    pose = np.eye(4)
    pose[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    pose[:3, 3] = position
    return Camera(lens, pose)


def project(camera: Camera, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixel coordinates and distance along the optical axis, by the inverse of the whole pose."""
    homogeneous = np.c_[points, np.ones(len(points))]
    x, y, z, _ = np.linalg.inv(camera.world_from_camera) @ homogeneous.T
    lens = camera.lens
    return np.c_[lens.cx + lens.fl_x * x / -z, lens.cy - lens.fl_y * y / -z], -z


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(*[st.floats(-50, 50)] * 3),
    st.tuples(*[st.floats(0.1, 1)] * 4),
    st.integers(1, 40),
    st.integers(1, 40),
    st.floats(0.3, 4),
    st.floats(0.1, 100),
)
def test_a_ray_goes_through_the_centre_of_its_pixel(
    position: Any, wxyz: Any, width: int, height: int, focal: float, distance: float
) -> None:
    lens = Lens(width, height, focal * width, focal * width * 1.1, width * 0.45, height * 0.6)
    camera = camera_at(position, wxyz, lens)
    band = ray_band(camera, 0, height)
    points = camera.position + distance * band.directions.astype(float)
    pixels, depth = project(camera, points)
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    expected = np.stack([columns.ravel(), rows.ravel()], axis=1)
    assert np.abs(pixels - expected).max() < 1e-4  # float32 directions; worst seen 1.4e-5
    np.testing.assert_allclose(distance * band.axial, depth, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(band.directions, axis=1), 1, atol=2e-7)
    np.testing.assert_array_equal(band.origins, np.tile(np.float32(position), (width * height, 1)))


def test_the_top_left_pixel_sees_up_and_to_the_left() -> None:
    lens = Lens(4, 2, 2.0, 2.0, 2.0, 1.0)
    band = ray_band(Camera(lens, np.eye(4)), 0, 2)
    through = np.array([-0.75, 0.25, -1.0])
    np.testing.assert_allclose(band.directions[0], through / np.linalg.norm(through), rtol=1e-6)


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (3, 7), (960, 540), (RAYS_PER_BAND, 2), (RAYS_PER_BAND + 1, 2)]
)
def test_bands_cover_every_row_once_and_stay_small(width: int, height: int) -> None:
    camera = Camera(Lens(width, height, width, width, width / 2, height / 2), np.eye(4))
    next_row = 0
    for band in ray_bands(camera):
        assert band.first_row == next_row
        count = (band.end_row - band.first_row) * width
        assert count <= max(RAYS_PER_BAND, width)
        for values in (band.origins, band.directions, band.axial):
            assert values.dtype == np.float32
            assert values.flags.c_contiguous
            assert len(values) == count
        next_row = band.end_row
    assert next_row == height


def test_bands_are_the_whole_image_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    lens = Lens(13, 11, 9.0, 9.0, 6.5, 5.5)
    camera = camera_at((1, 2, 3), (0.9, 0.1, -0.3, 0.2), lens)
    whole = ray_band(camera, 0, 11).directions
    monkeypatch.setattr(rays, "RAYS_PER_BAND", 30)
    pieces = [band.directions for band in ray_bands(camera)]
    assert [len(piece) for piece in pieces] == [26, 26, 26, 26, 26, 13]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
