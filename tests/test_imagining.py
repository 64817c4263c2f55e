"""From a sentence to a decoded clip, small."""

from __future__ import annotations

import json
from pathlib import Path

import imageio.v3 as iio
import pytest

from scenegen.cli import main

pytest.importorskip("mitsuba", reason="needs scenegen[worlds]: mitsuba")
pytest.importorskip("mitsuba_oidn", reason="needs scenegen[worlds]: mitsuba-oidn")

SENTENCE = "a living room with a red sofa, slow push in"


def test_what_was_understood_is_printed_and_may_be_given_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["imagine", SENTENCE, "--show"]) == 0
    shown = capsys.readouterr().out
    assert "setting: room" in shown
    file = tmp_path / "room.yaml"
    file.write_text(shown)
    assert main(["imagine", str(file), "--show"]) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize("words", ["", "   ", "qwrt zxcv bnml"])
def test_words_that_say_nothing_are_refused(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["imagine", words, "--output", str(tmp_path / "clip.mp4")]) == 1
    assert "expected" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_sentence_becomes_a_clip_that_is_measured_and_goes_on(tmp_path: Path) -> None:
    clip, report = tmp_path / "room.mp4", tmp_path / "room.json"
    words = ["imagine", SENTENCE, "--output", str(clip), "--report", str(report)]
    words += ["--width", "96", "--height", "54", "--photos", "10", "--samples", "1"]
    words += ["--seconds", "0.5", "--steps", "300"]
    assert main(words) == 0
    frames = iio.imread(clip)
    assert frames.shape == (12, 54, 96, 3)
    figures = json.loads(report.read_text())
    assert figures["setting"] == "room"
    assert figures["world_psnr_db"] > 12
    capture = tmp_path / "room.scenegen" / "capture"
    photos = sorted(file.stem for file in (capture / "images").iterdir())
    assert photos == sorted(file.stem for file in (capture / "true_depth").iterdir())
    assert len(photos) == 12  # eight scouts, and no fewer than four along the way
    before = (capture / "transforms.json").stat().st_mtime_ns
    assert main([*words, "--overwrite"]) == 0
    assert (capture / "transforms.json").stat().st_mtime_ns == before
