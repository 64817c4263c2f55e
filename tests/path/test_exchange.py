"""The command line writes and reads the camera paths of other tools."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scenegen.cli import main
from scenegen.commands import PathFormat
from scenegen.errors import OutputError
from scenegen.lift.config import LiftConfig
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.registry import FORMATS, read_path, write_path
from scenegen.pipeline import lift
from tests.path.formats.test_markers import room_walk
from tests.rooms import room_photos

GOLDEN = Path(__file__).parents[1] / "golden/paths"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exchange")
    room = room_photos(folder / "room", 6, 48, 36)
    lift(room, folder / "scene", LiftConfig(steps=60))
    return folder / "scene"


def path_command(scene: Path, *words: str | Path) -> int:
    return main(["path", str(scene), *map(str, words), "--width", "160", "--height", "90"])


@pytest.mark.parametrize(
    ("output", "form"),
    [
        ("a.json", None),
        ("a.json", "ngp"),
        ("a.json", "lichtfeld"),
        ("a.chan", None),
        ("a.glb", None),
        ("a.usda", None),
        ("a", "colmap"),
    ],
)
def test_a_path_of_another_tool_becomes_one_of_a_third(
    scene: Path, tmp_path: Path, output: str, form: str | None
) -> None:
    if output.endswith(".usda"):
        pytest.importorskip("pxr", reason="usd-core is not installed")
    words = [GOLDEN / "lichtfeld.json", "--output", tmp_path / output]
    words += [] if form is None else ["--format", form]
    assert path_command(scene, *words) == 0
    back = read_path(tmp_path / output, Hints(16 / 9, 24.0))
    np.testing.assert_allclose(back.world_from_camera, room_walk().world_from_camera, atol=1e-5)


def test_the_frame_of_nerfstudio_is_an_option(scene: Path, tmp_path: Path) -> None:
    words = [GOLDEN / "nerfstudio_normalised.json", "--output", tmp_path / "a.chan"]
    words += ["--normalised", GOLDEN / "dataparser_transforms.json"]
    assert path_command(scene, *words) == 0
    back = read_path(tmp_path / "a.chan", Hints(16 / 9, 24.0))
    np.testing.assert_allclose(back.world_from_camera, room_walk().world_from_camera, atol=1e-5)


def test_frames_per_second_count_where_the_file_states_none(scene: Path, tmp_path: Path) -> None:
    words = [GOLDEN / "blender.chan", "--fps", "30", "--output", tmp_path / "a.json"]
    assert path_command(scene, *words) == 0
    assert json.loads((tmp_path / "a.json").read_text())["fps"] == 30.0


def test_a_rate_that_the_file_states_is_not_stated_again(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, words = GOLDEN / "nerfstudio_normalised.json", ["--output", tmp_path / "a.json"]
    assert path_command(scene, file, "--fps", "30", *words) == 1
    assert f"--fps 30: {file} has its own timing, 24 frames a second" in capsys.readouterr().err
    assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize("name", ["fps", "seconds"])
def test_a_script_has_its_own_timing(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "note.yaml").write_text("schema: scenegen.path/1\nshots: [{move: hold}]\n")
    words = [tmp_path / "note.yaml", f"--{name}", "30", "--output", tmp_path / "a.json"]
    assert path_command(tmp_path / "no_scene", *words) == 2
    assert f"--{name}: {tmp_path}/note.yaml has its own timing" in capsys.readouterr().err


def test_a_map_replaces_nothing_unasked(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = tmp_path / "map.png"
    chart.write_text("mine")
    words = [GOLDEN / "blender.chan", "--check-map", chart, "--output", tmp_path / "a.json"]
    assert path_command(scene, *words) == 1
    assert "map.png: exists already" in capsys.readouterr().err
    assert chart.read_text() == "mine"
    assert not (tmp_path / "a.json").exists()
    assert path_command(scene, *words, "--overwrite") == 0
    assert chart.read_bytes().startswith(b"\x89PNG")


def test_an_unknown_output_fails_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert path_command(tmp_path / "no_scene", "--output", tmp_path / "a.fbx") == 1
    assert "a.fbx: expected an output of nerfstudio's" in capsys.readouterr().err


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    precious = tmp_path / "model"
    precious.mkdir()
    (precious / "images.txt").write_text("# a model of mine\n")
    with pytest.raises(OutputError, match="choose another --output"):
        write_path(room_walk(), precious, 160, 90, "colmap")
    assert [file.name for file in precious.iterdir()] == ["images.txt"]
    write_path(room_walk(), tmp_path / "ours", 160, 90, "colmap")
    write_path(room_walk(), tmp_path / "ours", 160, 90, "colmap")


def test_the_option_lists_every_format() -> None:
    assert set(PathFormat.__args__) == set(FORMATS)
