"""From a sentence to a decoded clip, small."""

from __future__ import annotations

import json
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from scenegen.cli import main
from scenegen.imagining import with_falling
from scenegen.ingest.capture import load_capture
from scenegen.lift.scene_folder import load_scene
from scenegen.looks.config import LookConfig
from scenegen.worlds.build import build
from scenegen.worlds.world import Falls
from tests.worlds.settings.lean import lean

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
    words += ["--width", "96", "--height", "54", "--photos", "12", "--samples", "1"]
    words += ["--seconds", "0.5", "--steps", "300"]
    assert main(words) == 0
    frames = iio.imread(clip)
    assert frames.shape == (12, 54, 96, 3)
    figures = json.loads(report.read_text())
    assert figures["setting"] == "room"
    assert figures["world_psnr_db"] > 12
    capture = tmp_path / "room.scenegen" / "capture"
    assert load_capture(capture).metres_per_unit == 1
    scene = load_scene(tmp_path / "room.scenegen" / "scene")
    for photo, taken in zip(scene.photos, load_capture(capture).photos, strict=True):
        shot = json.loads((capture / "transforms.json").read_text())["frames"]
        (own,) = (one for one in shot if one["file_path"].endswith(taken.name))
        np.testing.assert_allclose(photo.camera.world_from_camera, own["transform_matrix"])
    photos = sorted(file.stem for file in (capture / "images").iterdir())
    assert photos == sorted(file.stem for file in (capture / "true_depth").iterdir())
    assert len(photos) == 12  # eight scouts, and no fewer than four along the way
    before = (capture / "transforms.json").stat().st_mtime_ns
    assert main([*words, "--overwrite"]) == 0
    assert (capture / "transforms.json").stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_film_is_traced_itself_and_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scenegen.worlds.trace import Tracer

    words = ["imagine", "a dungeon, push in", "--direct", "--width", "64", "--height", "36"]
    words += ["--seconds", "0.5", "--fps", "12", "--samples", "1"]
    report = tmp_path / "whole.json"
    whole, halved = tmp_path / "whole.mp4", tmp_path / "halved.mp4"
    assert main([*words, "--output", str(whole), "--report", str(report)]) == 0
    figures = json.loads(report.read_text())
    assert (figures["direct"], figures["frames"]) == (True, 6)
    assert not (tmp_path / "whole.scenegen" / "capture").exists()
    trace, seen = Tracer.trace, []

    def stopped(*given, **more):
        seen.append(1)
        if len(seen) == 5:  # the first is of the exposure
            raise KeyboardInterrupt
        return trace(*given, **more)

    monkeypatch.setattr(Tracer, "trace", stopped)
    assert main([*words, "--output", str(halved)]) == 130
    assert not halved.exists()
    assert main([*words, "--output", str(halved), "--report", str(report)]) == 0
    assert json.loads(report.read_text())["frames_reused"] == 3
    assert halved.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("option", [["--aperture", "f/2.8"], ["--shutter", "180"]])
def test_what_traced_frames_have_no_use_for_is_refused(
    option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["imagine", SENTENCE, "--direct", "--output", str(tmp_path / "clip.mp4")]
    assert main([*words, *option]) == 1
    assert f"{option[0]}: belongs to frames rendered from a field" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_film_goes_around_what_the_sentence_names() -> None:
    from scenegen.imagining import understood
    from scenegen.path.config import PathConfig
    from scenegen.scouting import scouted, way_through
    from scenegen.worlds.trace import Tracer

    spec = understood("a beach, orbit around the tower, two boats", 3)
    assert spec.subject == "tower"
    with lean():
        tracer = Tracer(build(spec))
    subject = tracer.world.stand.subject
    assert subject[2] > 4  # the tower's middle rather than the sand
    around = scouted(tracer, 64, 36).cameras
    way = way_through(tracer, around, PathConfig(seconds=1.0, fps=8.0))
    begun = way.world_from_camera[0, :3, 3]
    far = np.linalg.norm(tracer.world.stand.eye - subject)
    assert np.linalg.norm(begun - tracer.world.stand.eye) < 0.3 * far
    arms = subject - way.world_from_camera[:, :3, 3]
    arms /= np.linalg.norm(arms, axis=1, keepdims=True)
    ahead = -way.world_from_camera[:, :3, 2]
    assert (arms * ahead).sum(axis=1).min() > 0.9


@pytest.mark.parametrize(
    ("asked", "falls", "amounts"),
    [
        ("", None, {}),
        ("", "snow", {"flakes": 1.0}),
        ("", "rain", {"drops": 1.0}),
        ("night", "rain", {"drops": 1.0, "night": 1.0}),
        ("heavy rain", "rain", {"drops": 2.0}),
        ("none", "rain", {"drops": 0.0}),
    ],
)
def test_what_falls_in_a_world_falls_in_its_film(
    asked: str, falls: Falls | None, amounts: dict[str, float]
) -> None:
    made = with_falling(LookConfig(look=asked), falls).amounts.amounts
    assert {name: made[name] for name in amounts} == amounts
    if not asked:
        assert sum(made.values()) == sum(amounts.values())
