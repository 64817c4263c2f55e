"""From words to a clip by models: small ones with random weights, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from scenegen.cli import main
from scenegen.generative.backend import Order
from scenegen.generative.diffusers_models import DiffusersImageToVideo

pytestmark = pytest.mark.usefixtures("_one_thread")

SIZE = ["--width", "64", "--height", "36", "--fps", "5", "--seconds", "2", "--denoise-steps", "2"]


@pytest.fixture
def command(image_model: Path, video_model: Path, tmp_path: Path) -> list[str]:
    models = ["--images-from", str(image_model), "--video-from", str(video_model)]
    return ["imagine", "a foggy valley", "--output", str(tmp_path / "clip.mp4"), *models, *SIZE]


def test_a_sentence_becomes_a_clip_that_says_it_is_made_up(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--report", str(tmp_path / "report.json")]) == 0
    frames = iio.imread(tmp_path / "clip.mp4")
    assert frames.shape == (10, 36, 64, 3)
    assert frames.std() > 1
    shown, said = capsys.readouterr()
    assert "there is no 3D scene behind it" in shown
    assert "StableVideoDiffusionPipeline reads no words" in said
    assert "without a GPU, expect minutes for a picture" in said
    assert "video: 10 frames at 40x24 in 3 runs of 4" in said
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["made_by"], report["is_3d"]) == ("models", False)
    assert report["image_model"] == "StableDiffusionPipeline"
    assert report["video_model"] == "StableVideoDiffusionPipeline"
    assert (report["image_made_at"], report["video_made_at"]) == ("40x24", "40x24")
    assert (report["video_runs"], report["frames"]) == (3, 10)
    assert report["seconds"].keys() == {"first_view", "video", "publish"}
    assert iio.imread(tmp_path / "clip.scenegen" / "first_view.png").shape == (24, 40, 3)


def test_finished_runs_are_kept_and_give_the_same_clip(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(command) == 0
    whole = (tmp_path / "clip.mp4").read_bytes()
    other = [str(tmp_path / "again.mp4") if word.endswith("clip.mp4") else word for word in command]
    runs: list[int] = []
    real = DiffusersImageToVideo.video

    def interrupted(self: DiffusersImageToVideo, first: np.ndarray, order: Order, told: object):
        if len(runs) == 2:
            runs.clear()
            raise KeyboardInterrupt
        runs.append(order.seed)
        return real(self, first, order, told)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(DiffusersImageToVideo, "video", interrupted)
    assert main(other) == 130
    assert main(other) == 0
    assert runs == [2]  # the first two are kept
    assert (tmp_path / "again.mp4").read_bytes() == whole


def test_another_sentence_does_not_go_on_with_the_old_view(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    (tmp_path / "clip.mp4").unlink()
    command[1] = "a dungeon"
    assert main(command) == 1
    assert "holds another first view; pass --overwrite" in capsys.readouterr().err
    before = (tmp_path / "clip.scenegen" / "first_view.png").read_bytes()
    assert main([*command, "--overwrite"]) == 0
    assert (tmp_path / "clip.scenegen" / "first_view.png").read_bytes() != before


def test_a_picture_alone_is_a_first_view_for_later(
    image_model: Path, video_model: Path, tmp_path: Path
) -> None:
    view, clip = tmp_path / "view.png", tmp_path / "clip.gif"
    words = ["imagine", "a valley", "--images-from", str(image_model), "--output", str(view)]
    assert main([*words, *SIZE]) == 0
    assert iio.imread(view).shape == (36, 64, 3)
    words = ["imagine", "a valley", "--first-view", str(view), "--video-from", str(video_model)]
    assert main([*words, "--output", str(clip), *SIZE]) == 0
    assert iio.imread(clip).shape == (10, 36, 64, 3)


def test_a_spec_lends_its_sentence(
    image_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text("schema: scenegen.world/1\nsetting: room\nsentence: a red room\n")
    words = ["--images-from", str(image_model), *SIZE, "--output"]
    assert main(["imagine", str(file), *words, str(tmp_path / "spec.png")]) == 0
    assert main(["imagine", "a red room", *words, str(tmp_path / "words.png")]) == 0
    assert (tmp_path / "spec.png").read_bytes() == (tmp_path / "words.png").read_bytes()
    file.write_text("schema: scenegen.world/1\nsetting: room\n")
    assert main(["imagine", str(file), *words, str(tmp_path / "none.png")]) == 1
    assert "world.yaml: sentence: expected words for the model, found none" in (
        capsys.readouterr().err
    )


def test_words_that_no_model_reads_are_told(
    image_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["imagine", "many words " * 5000, "--images-from", str(image_model), *SIZE]
    assert main([*words, "--output", str(tmp_path / "view.png")]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "no room" in line]
    assert len(told) == 1
    assert len(told[0]) < 220


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no picture", "expected a picture: the content is not an image of a known format"),
        (b"", "expected a picture: the file is empty"),
        (None, "expected a picture, found no such file; check the path"),
    ],
)
def test_a_first_view_that_is_none_is_told(
    video_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    data: bytes | None,
    said: str,
) -> None:
    if data is not None:
        (tmp_path / "view.png").write_bytes(data)
    words = ["imagine", "a", "--first-view", str(tmp_path / "view.png"), *SIZE, "--output"]
    words += [str(tmp_path / "clip.mp4"), "--video-from", str(video_model)]
    assert main(words) == 1
    assert f"{tmp_path}/view.png: {said}" in capsys.readouterr().err
    assert not (tmp_path / "clip.scenegen").exists()


def test_a_wrong_video_model_is_told_before_anything_is_made(
    command: list[str],
    image_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    copied: Callable[[Path], Path],
) -> None:
    command[command.index("--video-from") + 1] = str(image_model)
    assert main(command) == 1
    assert "expected an image-to-video pipeline" in capsys.readouterr().err
    model = copied(image_model)
    (model / "unet" / "extra.py").write_text("")
    command[command.index("--video-from") + 1] = str(model)
    assert main(command) == 1
    assert "found code" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [model]
