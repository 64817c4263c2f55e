"""Photos are decoded, averaged exactly, masked with care, and refused with reasons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenegen.errors import LiftError
from scenegen.lift.pixels import load_pixels
from scenegen.types import Camera, Lens, Photo


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (50, 70, 3), np.uint8)).save(tmp_path / "a.png")
    return Photo(tmp_path / "a.png", Camera(Lens(70, 50, 60, 61, 35, 25), np.eye(4)))


def test_reduction_is_the_mean_and_the_lens_follows(photo: Photo):
    full = load_pixels([photo])[0].rgb.astype(float)
    reduced = load_pixels([photo], 4)[0]
    assert reduced.rgb.shape == (12, 17, 3)
    mean = full[:48, :68].reshape(12, 4, 17, 4, 3).mean((1, 3))
    assert np.abs(reduced.rgb - mean).max() <= 0.5
    lens = reduced.camera.lens
    assert (lens.width_px, lens.height_px) == (17, 12)
    assert (lens.fl_x, lens.fl_y, lens.cx, lens.cy) == (15, 61 / 4, 35 / 4, 25 / 4)


def test_a_masked_pixel_masks_what_it_is_averaged_into(photo: Photo, tmp_path: Path):
    mask = np.full((50, 70), 255, np.uint8)
    mask[5, 9] = 0
    Image.fromarray(mask).save(tmp_path / "mask.png")
    found = load_pixels([replace(photo, mask=tmp_path / "mask.png")], 4)[0].mask
    assert found is not None
    assert (found == 0).sum() == 1
    assert found[1, 2] == 0


def error(photo: Photo, downscale: int = 1) -> str:
    with pytest.raises(LiftError) as caught:
        load_pixels([photo], downscale)
    return str(caught.value).replace(str(photo.file), "PHOTO")


def test_refusals(photo: Photo):
    assert error(photo, 9) == (
        "PHOTO: 70x50 pixels reduced by 9 leave 7x5, expected 8x8 or more; "
        "choose a smaller --downscale"
    )
    other = replace(photo, camera=Camera(Lens(80, 50, 60, 61, 35, 25), np.eye(4)))
    assert error(other) == (
        "PHOTO: expected 80x50 pixels as its camera states, found 70x50; ingest the capture again"
    )
    photo.file.write_bytes(photo.file.read_bytes()[:100])
    assert error(photo).startswith("PHOTO: cannot be decoded (")
    photo.file.unlink()
    assert error(photo) == "PHOTO: no such photo; ingest the capture again"
