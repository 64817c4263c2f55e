"""Looks through the command line: clips, previews, reports."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenegen import LiftConfig, pipeline
from scenegen.cli import main
from scenegen.files import fingerprint
from scenegen.looks.config import LookConfig
from tests.rooms import room_photos

SIZE = ["--width", "64", "--height", "48", "--seconds", "0.2", "--fps", "10", "--plain"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene folder of the small room."""
    folder = tmp_path_factory.mktemp("looking")
    pipeline.lift(room_photos(folder / "room"), folder / "scene", LiftConfig(budget_s=1.0))
    return folder / "scene"


def filmed(scene: Path, output: Path, *words: str) -> tuple[list[bytes], dict]:
    """Render a clip; return its frames' pixels and its report."""
    report = output / "report.json"
    frames = output / "frames"
    command = ["render", str(scene), "--output", str(output / "clip.gif"), *SIZE, *words]
    output.mkdir()
    assert main([*command, "--frames", str(frames), "--report", str(report), "--quiet"]) == 0
    pictures = sorted((frames / "rgb").glob("*.png"))
    assert pictures
    pixels = [Image.open(picture).convert("RGB").tobytes() for picture in pictures]
    return pixels, json.loads(report.read_text())


def test_the_empty_look_changes_no_byte(scene: Path, tmp_path: Path) -> None:
    plain, report = filmed(scene, tmp_path / "plain")
    assert "look" not in report
    for name, words in {"a": ["--look", ""], "b": ["--look", "none"],
                        "c": ["--look", "rain", "--look-strength", "0"]}.items():  # fmt: skip
        same, _ = filmed(scene, tmp_path / name, *words)
        assert same == plain
        gif = (tmp_path / name / "clip.gif").read_bytes()
        assert gif == (tmp_path / "plain" / "clip.gif").read_bytes()


def test_the_empty_look_costs_nothing(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scenegen.looks import dress

    def never(*_: object) -> None:
        raise AssertionError("a look was made ready")

    monkeypatch.setattr(dress, "dress_path", never)
    filmed(scene, tmp_path / "plain", "--look", "none")


def test_a_look_is_in_the_clip_and_in_the_report(scene: Path, tmp_path: Path) -> None:
    plain, _ = filmed(scene, tmp_path / "plain")
    night, report = filmed(scene, tmp_path / "night", "--look", "rain at night",
                           "--look-strength", "0.9")  # fmt: skip
    assert len(night) == len(plain)
    dark, bright = (np.frombuffer(one[0], np.uint8).mean() for one in (night, plain))
    assert dark < 0.6 * bright
    assert report["look"] == "rain at night"
    assert report["look_strength"] == 0.9
    assert report["look_amounts"]["night"] == 0.9
    assert report["look_not_understood"] == []


def test_clips_of_other_looks_are_other_clips(scene: Path, tmp_path: Path) -> None:
    """An interrupted clip goes on only where the look is the same."""
    (tmp_path / "a").mkdir()
    words = ["render", str(scene), "--output", str(tmp_path / "a" / "clip.gif"), *SIZE, "--quiet"]
    report = tmp_path / "report.json"
    for look in ("fog", "snow"):
        extra = ["--look", look, "--overwrite", "--report", str(report)]
        assert main([*words, *extra]) == 0
        assert json.loads(report.read_text())["frames_reused"] == 0
    keys = {fingerprint(LookConfig(look=one).amounts.amounts) for one in ("fog", "snow", "mist")}
    assert len(keys) == 3


def test_previews_show_the_look(scene: Path, tmp_path: Path) -> None:
    words = ["--width", "64", "--pictures", "2", "--quiet"]
    shown = {}
    for look in ("none", "night"):
        output = tmp_path / f"{look}.png"
        command = ["preview", str(scene), "--output", str(output), "--look", look, *words]
        assert main(command) == 0
        shown[look] = np.asarray(Image.open(output).convert("L"))[8:40, 8:72].mean()
    assert shown["night"] < 0.5 * shown["none"]
