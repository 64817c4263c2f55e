"""What is measured of refined frames: sharpness beside truth, plain filters, tables and proofs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import refiner_proofs
import refiner_sheet
import refiner_table
from PIL import Image
from refiner_measures import spectrum_ratio, temporal_median, unsharp
from refiner_pairs import matched, window_lens
from scipy.ndimage import gaussian_filter

from scenegen.errors import UsageError
from scenegen.refine.batches import BatchConfig
from scenegen.refine.weights import save_refiner
from scenegen.types import Camera, Frame, Lens
from tests.refine.clips import network
from tests.rooms import room_photos


def _picture(seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).random((96, 128, 3))
    return np.clip(gaussian_filter(noise, (1, 1, 0)), 0, 1).astype(np.float32)


def test_sharpness_is_one_for_the_same_less_when_blurred_more_when_sharpened() -> None:
    picture = _picture()
    assert spectrum_ratio(picture, picture) == pytest.approx(1)
    soft = gaussian_filter(picture, (1, 1, 0))
    assert spectrum_ratio(soft, picture) < 0.6
    assert spectrum_ratio(soft, picture) < spectrum_ratio(unsharp(soft), picture) < 1
    assert spectrum_ratio(_picture(1), picture) == pytest.approx(1, abs=0.15)


def test_the_median_along_surfaces_takes_a_flicker_away() -> None:
    lens = Lens(32, 24, 30.0, 30.0, 16.0, 12.0)
    flat = np.full((24, 32), 2.0, np.float32)
    frames, cameras = [], []
    for at in range(5):
        rgb = np.full((24, 32, 3), 100 + (60 if at == 2 else 0), np.uint8)
        pose = np.eye(4)
        pose[0, 3] = 0.05 * at
        frames.append(Frame(at, rgb, flat, np.ones_like(flat)))
        cameras.append(Camera(lens, pose))
    made = temporal_median(cameras, frames)
    assert (made[2].rgb[:, 8:24] == 100).all()
    assert (made[0].rgb[:, 8:24] == 100).all()


def test_the_median_of_black_beside_white_stays_black_beside_white() -> None:
    """Splines overshoot there, and bytes would begin anew."""
    lens = Lens(32, 24, 30.0, 30.0, 16.0, 12.0)
    flat = np.full((24, 32), 2.0, np.float32)
    rgb = np.zeros((24, 32, 3), np.uint8)
    rgb[:, 16:] = 255
    frames = [Frame(at, rgb, flat, np.ones_like(flat)) for at in range(3)]
    poses = [np.eye(4) for _ in frames]
    for at, pose in enumerate(poses):
        pose[0, 3] = 0.02 * at  # 0.3 pixels
    made = temporal_median([Camera(lens, pose) for pose in poses], frames)[0].rgb
    assert made[:, :14].max() < 30
    assert made[:, 18:].min() > 225


def test_a_target_is_as_bright_as_the_render_whatever_detail_that_lacks() -> None:
    sharp = 0.2 + 0.6 * _picture()
    soft = gaussian_filter(sharp, (4, 4, 0)) * np.array([0.8, 1.0, 1.2], np.float32)
    mask = np.zeros(sharp.shape[:2], np.float32)
    mask[8:-8, 8:-8] = 1
    sharp[mask == 0] = 1
    made = matched(sharp, soft, mask)
    np.testing.assert_allclose(
        made[mask > 0].mean(axis=0), soft[mask > 0].mean(axis=0), atol=2e-3
    )  # least squares is off by 0.015
    np.testing.assert_array_equal(matched(sharp, soft, 0 * mask), sharp)


@pytest.mark.parametrize("size", [(640, 200), (4000, 3000), (300, 240)])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_a_window_holds_what_a_batch_cuts_out(size: tuple[int, int], scale: float) -> None:
    lens = Lens(*size, 500.0, 500.0, size[0] / 2, size[1] / 2)
    made = window_lens(lens, scale, 256, np.random.default_rng(0))
    assert BatchConfig.crop <= min(made.width_px, made.height_px) <= 256
    assert made.width_px % 16 == made.height_px % 16 == 0


@pytest.mark.slow
def test_the_table_and_the_proofs_come_out_of_a_capture(tmp_path: Path) -> None:
    capture = room_photos(tmp_path / "room", count=16)
    weights = tmp_path / "refined.safetensors"
    save_refiner(network(), weights, {})
    config = refiner_table.Config(
        (capture,), tmp_path / "out", (weights,), budget_s=2.0, frames=4, views=1, thirds=False
    )
    refiner_table.main(config)
    figures = json.loads((tmp_path / "out" / "figures.json").read_text())["room"]
    assert set(figures) == {"plain", "guided", "unsharp", "oracle", "refined", "median"}
    assert figures["oracle"]["psnr_db"] > figures["guided"]["psnr_db"]
    assert figures["refined"]["frame_s"] > 0
    assert "| room | guided |" in (tmp_path / "out" / "table.md").read_text()
    sheet = tmp_path / "sheet.png"
    refiner_sheet.main(refiner_sheet.Config((tmp_path / "out" / "room",), sheet, side=40))
    with Image.open(sheet) as shown:
        assert shown.width > 4 * 40

    scene, other = (tmp_path / "out" / "scenes" / name for name in ("room", "other"))
    shutil.copytree(scene, other)
    proof = tmp_path / "proofs.json"
    with pytest.raises(UsageError, match="expected two scenes or more"):
        refiner_proofs.main(refiner_proofs.Config((scene,), (capture,), proof, weights, 1))
    refiner_proofs.main(refiner_proofs.Config((scene, other), (capture,) * 2, proof, weights, 1))
    found = json.loads(proof.read_text())["room"]
    assert 0 <= found["copied"] <= 1
    assert found["most_added_where_sure"] <= 1.01
    assert 0 < found["clean_psnr_db"] < 60
