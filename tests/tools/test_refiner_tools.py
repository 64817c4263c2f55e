"""From a capture to clips to a trained network, small; and on again after it was stopped."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import refiner_ablations
import refiner_curve
import refiner_pairs
import train_refiner
from safetensors.torch import load_file
from scipy.ndimage import gaussian_filter

from scenegen.errors import RefineError, UsageError
from scenegen.lift.evaluate import psnr_db
from scenegen.refine.pairs import read_pair, write_pair
from scenegen.refine.weights import load_refiner
from tests.rooms import room_photos

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refiner")
    config = refiner_pairs.Config(
        (room_photos(folder / "room", count=12),), folder / "pairs",
        fields=1, clips=6, window=96, teacher_steps=300,
    )  # fmt: skip
    refiner_pairs.STEPS, before = (800,) * 4, refiner_pairs.STEPS
    refiner_pairs.main(config)
    refiner_pairs.STEPS = before
    return folder / "pairs"


def test_clips_hold_frames_beside_a_photo_that_was_left_out(pairs: Path) -> None:
    files = sorted(pairs.glob("*.safetensors"))
    assert len(files) >= 3
    for file in files:
        pair = read_pair(file)
        middle = pair.frames[2]
        assert len(pair.frames) == 5
        assert middle.size[0] % 16 == middle.size[1] % 16 == 0
        assert pair.trusted[2].mean() > 0.9
        # The render of a short training is that photo, but for what it has not learned yet.
        assert psnr_db(middle.rgb, pair.target[2]) > 15
        steps = [np.linalg.norm(b.camera.position - a.camera.position)
                 for a, b in zip(pair.frames, pair.frames[1:], strict=False)]  # fmt: skip
        np.testing.assert_allclose(steps, steps[0], rtol=1e-6)


def test_what_shows_something_else_is_no_target() -> None:
    rng = np.random.default_rng(0)
    smooth = gaussian_filter(rng.random((2, 64, 64, 3)), (0, 4, 4, 0)).astype(np.float32)
    one, other = (smooth - smooth.min()) / np.ptp(smooth)
    mask = np.ones((64, 64), np.float32)
    assert refiner_pairs.alike(one, 0.7 * one, mask)
    assert not refiner_pairs.alike(one, other, mask)
    assert not refiner_pairs.alike(one, np.full_like(one, 0.4), mask)
    assert not refiner_pairs.alike(one, one, 0 * mask)


def test_clips_come_back_as_they_were_written(pairs: Path, tmp_path: Path) -> None:
    pair = read_pair(next(pairs.glob("*.safetensors")))
    write_pair(pair, tmp_path / "again.safetensors")
    again = read_pair(tmp_path / "again.safetensors")
    for one, other in zip(pair.frames, again.frames, strict=True):
        np.testing.assert_allclose(one.warps.resolution, other.warps.resolution, rtol=1e-5)
        np.testing.assert_array_equal(one.rgb, other.rgb)
        np.testing.assert_array_equal(one.depth, other.depth)
    np.testing.assert_array_equal(pair.target, again.target)


@pytest.mark.parametrize("content", [b"", b"no tensors", b"\x08" + bytes(15)])
def test_files_that_are_no_clips_are_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "clip.safetensors"
    file.write_bytes(content)
    with pytest.raises(RefineError, match="expected a clip to learn from, found none"):
        read_pair(file)


def test_a_training_that_was_stopped_goes_on(pairs: Path, tmp_path: Path) -> None:
    config = train_refiner.Config(
        pairs, tmp_path / "whole", leave_out=(_first(pairs),), steps=4, clips=2, alone=0.5
    )
    train_refiner.main(config)
    half = replace(config, output=tmp_path / "halves", hours=0.0)
    for _ in range(4):  # with no time at all, a run takes one step
        train_refiner.main(half)
    whole, halves = (
        load_file(tmp_path / name / train_refiner.STATE) for name in ("whole", "halves")
    )
    assert int(whole["done"]) == int(halves["done"]) == 4
    for name, value in whole.items():
        if name.startswith(("network.", "average.")):
            np.testing.assert_allclose(value, halves[name], atol=1e-6, err_msg=name)
    with (tmp_path / "halves" / train_refiner.CURVE).open() as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["1", "2", "3", "4"]
    picture = tmp_path / "curves.svg"
    refiner_curve.main(refiner_curve.Config((tmp_path / "whole", tmp_path / "halves"), picture))
    drawn = picture.read_text(encoding="utf-8")
    assert "hours of training" in drawn
    assert "halves" in drawn


def test_parts_are_left_out_one_by_one_and_measured(pairs: Path, tmp_path: Path) -> None:
    config = refiner_ablations.Config(
        pairs,
        tmp_path,
        ("photos", "copies"),
        steps=2,
        clips=2,
        leave_out=(_first(pairs),),
        looked_at=2,
    )
    refiner_ablations.main(config)
    found = json.loads((tmp_path / "figures.json").read_text())
    assert list(found) == ["nothing", "photos", "copies"]
    assert all(np.isfinite(list(row.values())).all() for row in found.values())
    assert len({row["psnr_db"] for row in found.values()}) == 3
    assert "| copies |" in (tmp_path / "table.md").read_text()
    assert load_refiner(tmp_path / "without_photos.weights.safetensors").sizes.photos == 0
    refiner_ablations.main(config)  # all is done: nothing is learned anew
    assert json.loads((tmp_path / "figures.json").read_text()) == found


def test_a_folder_without_clips_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected clips, found none"):
        train_refiner.main(train_refiner.Config(tmp_path))


def _first(pairs: Path) -> str:
    """Return the name of a clip; which photos have one depends on what was learned of the room."""
    return min(file.stem for file in pairs.glob("*.safetensors"))
