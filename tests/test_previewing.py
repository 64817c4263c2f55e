"""Paths at a glance: contact sheets and flip books."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenegen import LiftConfig, pipeline
from scenegen.cli import main
from scenegen.errors import OutputError, UsageError
from scenegen.previewing import SheetConfig, Slate, chosen, preview_files, sheet_frames
from scenegen.types import CameraPath, LensWork
from tests.rooms import room_photos

NOTE = """
schema: scenegen.path/1
fps: 10
shots:
  - {move: establish, seconds: 1}
  - {move: truck, distance: 0.1, seconds: 0.5}
  - {move: hold, seconds: 0.5, join: cut}
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene folder of the small room."""
    folder = tmp_path_factory.mktemp("preview")
    pipeline.lift(room_photos(folder / "room"), folder / "scene", LiftConfig(budget_s=1.0))
    (folder / "note.yaml").write_text(NOTE)
    return folder / "scene"


def still(frames: int, fps: float = 10.0, work: LensWork | None = None) -> CameraPath:
    return CameraPath(np.tile(np.eye(4), (frames, 1, 1)), np.full(frames, 50.0), fps, 1.5, work)


def test_a_name_without_suffix_makes_both(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    words = ["--width", "64", "--pictures", "5", "--report", str(report)]
    note = str(scene.parent / "note.yaml")
    assert main(["preview", str(scene), note, "--output", str(tmp_path / "look"), *words]) == 0
    assert capsys.readouterr().out == (
        f"Preview: {tmp_path}/look.png and {tmp_path}/look.gif (2.0 s)\n"
    )
    facts = json.loads(report.read_text())
    assert facts["shots"] == ["establish", "truck", "hold"]
    assert (facts["frames"], facts["clip_s"]) == (20, 2.0)
    with Image.open(tmp_path / "look.png") as sheet:
        assert sheet.size == (4 * (64 + 8) + 8, 2 * (36 + 16 + 8) + 8)
        pictures = np.asarray(sheet)[8:44, 8:72]
    assert pictures.std() > 10
    with Image.open(tmp_path / "look.gif") as gif:
        count = getattr(gif, "n_frames", 1)
        assert (gif.size, count) == ((64, 52), 16)
        played = 0
        for index in range(count):
            gif.seek(index)
            played += gif.info["duration"]
    assert played == 2000


def test_the_automatic_walkthrough_is_shown_too(scene: Path, tmp_path: Path) -> None:
    made = pipeline.preview(scene, tmp_path / "walk.jpg", config=SheetConfig(3, 48))
    assert made == (tmp_path / "walk.jpg",)
    with Image.open(made[0]) as sheet:
        assert sheet.format == "JPEG"
        assert sheet.width == 3 * (48 + 8) + 8


def test_paths_of_other_tools_are_shown_in_their_frame_and_at_a_rate(
    scene: Path, tmp_path: Path
) -> None:
    golden = Path(__file__).parent / "golden" / "paths"
    words = ["--width", "48", "--pictures", "3", "--report", str(tmp_path / "report.json")]
    output = ["--output", str(tmp_path / "look.png")]
    file = str(golden / "nerfstudio_normalised.json")
    frame = ["--normalised", str(golden / "dataparser_transforms.json")]
    assert main(["preview", str(scene), file, *frame, *output, *words]) == 0
    inside = json.loads((tmp_path / "report.json").read_text())["path_check"]
    assert main(["preview", str(scene), file, "--overwrite", *output, *words]) == 0
    other = json.loads((tmp_path / "report.json").read_text())["path_check"]
    assert inside["max_photo_distance"] != pytest.approx(other["max_photo_distance"], rel=0.1)
    words += ["--overwrite", "--fps", "12"]
    assert main(["preview", str(scene), str(golden / "blender.chan"), *output, *words]) == 0
    facts = json.loads((tmp_path / "report.json").read_text())
    assert facts["clip_s"] == pytest.approx(facts["frames"] / 12, abs=1e-3)


def test_outputs_that_exist_stay(scene: Path, tmp_path: Path) -> None:
    (tmp_path / "look.gif").write_text("mine")
    with pytest.raises(OutputError, match=r"look\.gif: exists already"):
        pipeline.preview(scene, tmp_path / "look")
    assert [file.name for file in tmp_path.iterdir()] == ["look.gif"]


def test_other_kinds_of_pictures_are_told() -> None:
    with pytest.raises(OutputError) as error:
        preview_files(Path("look.mp4"))
    assert str(error.value) == (
        "look.mp4: expected a contact sheet (.png, .jpg), a GIF (.gif), or a name without suffix "
        "for both, found .mp4; rename it"
    )


@pytest.mark.parametrize(("count", "width"), [(0, 320), (201, 320), (12, 31), (12, 4000)])
def test_sizes_out_of_range_are_told(count: int, width: int) -> None:
    with pytest.raises(UsageError, match=r"^--(pictures|width): expected"):
        SheetConfig(count, width)


def test_pictures_are_even_and_no_shot_is_left_out() -> None:
    slate = Slate((0.0,), ("hold",))
    assert sheet_frames(still(101), slate, 5) == [0, 25, 50, 75, 100]
    assert sheet_frames(still(3), slate, 12) == [0, 1, 2]
    short = Slate((0.0, 6.0, 6.5), ("hold", "pan", "tilt"))
    frames = sheet_frames(still(101), short, 5)
    assert {short.at(frame / 10) for frame in frames} == {0, 1, 2}
    assert 62 in frames


@pytest.mark.parametrize(("second", "shot"), [(0.0, 0), (0.99, 0), (1.0, 1), (5.0, 1)])
def test_a_slate_knows_what_is_on(second: float, shot: int) -> None:
    assert Slate((0.0, 1.0), ("hold", "pan")).at(second) == shot


def test_stills_keep_their_focus_and_lose_their_shutter() -> None:
    path = still(6, work=LensWork(np.arange(6.0), np.full(6, 0.1), 0.5))
    some = chosen(path, [1, 4])
    assert len(some) == 2
    assert some.lens_work is not None
    np.testing.assert_array_equal(some.lens_work.focus_distance, [1, 4])
    assert some.lens_work.shutter == 0
