"""Scripts and the paths of other tools through the real command line, in a trained scene."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest

from scenegen import LiftConfig, pipeline
from scenegen.cli import main
from scenegen.path.formats.nerfstudio import read_camera_path
from scenegen.types import CameraPath
from tests.rooms import room_photos

NOTE = """\
schema: scenegen.path/1
fps: 10
shots:
  - {move: establish, seconds: 0.5}
  - {move: truck, distance: 0.1, seconds: 0.5}
  - {move: hold, seconds: 0.2, join: cut}
"""
SCRIPTS = {
    "note.yaml": NOTE,
    "note.json": json.dumps(
        {
            "schema": "scenegen.path/1",
            "fps": 10,
            "shots": [
                {"move": "establish", "seconds": 0.5},
                {"move": "truck", "distance": 0.1, "seconds": 0.5},
                {"move": "hold", "seconds": 0.2, "join": "cut"},
            ],
        }
    ),
    "note.py": """\
from scenegen.path.script.schema import Script
from scenegen.path.script.shots import Establish, Hold, Truck

script = Script(
    fps=10.0,
    shots=(
        Establish(move="establish", seconds=0.5),
        Truck(move="truck", distance=0.1, seconds=0.5),
        Hold(move="hold", seconds=0.2, join="cut"),
    ),
)
""",
}
SIZE = ["--width", "64", "--height", "48"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene folder of the small room, with scripts beside it."""
    folder = tmp_path_factory.mktemp("directing")
    pipeline.lift(room_photos(folder / "room"), folder / "scene", LiftConfig(budget_s=1.0))
    for name, text in SCRIPTS.items():
        (folder / name).write_text(text)
    return folder / "scene"


def written(scene: Path, output: Path, *words: str) -> CameraPath:
    assert main(["path", str(scene), *words, "--output", str(output), "--quiet", *SIZE]) == 0
    return read_camera_path(output)


def frames_of(clip: Path) -> list[np.ndarray]:
    with av.open(str(clip)) as video:
        return [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main([*words, "--quiet"])
    said = capsys.readouterr()
    assert said.out == ""
    return code, said.err


def test_a_script_is_the_same_in_yaml_json_and_python(scene: Path, tmp_path: Path) -> None:
    paths = [
        written(scene, tmp_path / f"{name}.out.json", str(scene.parent / name)) for name in SCRIPTS
    ]
    for path in paths:
        assert (len(path), path.fps) == (12, 10.0)
        np.testing.assert_array_equal(path.world_from_camera, paths[0].world_from_camera)
        np.testing.assert_array_equal(path.fov_y_deg, paths[0].fov_y_deg)


@pytest.mark.parametrize("name", ["note.yaml", "path.json", "path.chan", "path.glb"])
def test_a_clip_is_rendered_along_any_of_them(scene: Path, tmp_path: Path, name: str) -> None:
    file = scene.parent / name
    if name.startswith("path"):
        file = tmp_path / name
        note = str(scene.parent / "note.yaml")
        words = ["path", str(scene), note, "--output", str(file), "--quiet", *SIZE]
        assert main(words) == 0
    clip, report = tmp_path / "clip.mp4", tmp_path / "report.json"
    words = ["--output", str(clip), "--report", str(report), "--plain", "--quiet", *SIZE]
    assert main(["render", str(scene), "--path", str(file), *words]) == 0
    frames = frames_of(clip)
    assert (len(frames), frames[0].shape) == (12, (48, 64, 3))
    assert json.loads(report.read_text())["frames"] == 12
    direct = tmp_path / "direct.mp4"
    words[1] = str(direct)
    assert main(["render", str(scene), "--path", str(scene.parent / "note.yaml"), *words]) == 0
    # Other tools' files round what they say, and rays are jittered by what they hit: that is noise.
    wanted = frames_of(direct)
    off = [np.abs(one.astype(float) - two).mean() for one, two in zip(frames, wanted, strict=True)]
    assert max(off) < 3.0  # worst seen 2.1
    assert np.abs(wanted[0].astype(float) - wanted[-1]).mean() > 3 * max(off)


def test_a_walkthrough_follows_a_script(scene: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.gif"
    words = ["--path", str(scene.parent / "note.yaml"), "--budget-s", "1", "--plain", "--quiet"]
    photos = str(scene.parent / "room")
    assert main(["walkthrough", photos, "--output", str(clip), *words, *SIZE]) == 0
    kept = read_camera_path(tmp_path / "clip.scenegen" / "path.json")
    assert (len(kept), kept.fps) == (12, 10.0)


@pytest.mark.parametrize(
    ("command", "option"),
    [
        *product(["path", "render", "walkthrough"], ["--seconds", "--fps"]),
        ("preview", "--fps"),
    ],
)
def test_a_script_has_its_own_timing(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, option: str
) -> None:
    note, out = str(scene.parent / "note.yaml"), str(tmp_path / "out.mp4")
    words = {
        "path": ["path", str(scene), note, "--output", str(tmp_path / "out.json")],
        "preview": ["preview", str(scene), note, "--output", str(tmp_path / "out.png")],
        "render": ["render", str(scene), "--path", note, "--output", out],
        "walkthrough": ["walkthrough", str(scene), "--path", note, "--output", out],
    }[command]
    code, said = refused(capsys, *words, option, "12")
    assert (code, said) == (
        2,
        f"scenegen: error: {option}: {note} has its own timing, found both; "
        f"leave out {option}, or the file\n",
    )
    assert not list(tmp_path.iterdir())


def test_a_file_without_a_rate_takes_the_option(scene: Path, tmp_path: Path) -> None:
    lines = [f"{frame} {0.1 * frame} 0 0 0 0 0 30" for frame in range(1, 7)]
    (tmp_path / "way.chan").write_text("\n".join(lines) + "\n")
    assert written(scene, tmp_path / "a.json", str(tmp_path / "way.chan"), "--fps", "30").fps == 30
    assert written(scene, tmp_path / "b.json", str(tmp_path / "way.chan")).fps == 24


def test_a_preview_reads_what_a_path_reads(scene: Path, tmp_path: Path) -> None:
    """Angles that are read in another order turn another way."""
    (tmp_path / "way.chan").write_text("1 0 1 0 60 70 80 40\n")

    def shown(*words: str) -> bytes:
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.png"
        size = ["--output", str(out), "--width", "32"]
        assert main(["preview", str(scene), str(tmp_path / "way.chan"), *words, *size]) == 0
        return out.read_bytes()

    assert shown() == shown("--rotation-order", "ZXY") != shown("--rotation-order", "XYZ")


def test_a_file_that_states_its_rate_keeps_it(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    way = tmp_path / "way.json"
    written(scene, way, str(scene.parent / "note.yaml"))
    words = ["path", str(scene), str(way), "--fps", "30", "--output", str(tmp_path / "b.json")]
    assert refused(capsys, *words) == (
        1,
        f"scenegen: error: --fps 30: {way} has its own timing, 10 frames a second; "
        "leave out --fps\n",
    )


WRONG = {
    "{move: push-in, toward: photo:nowhere.jpg}": (
        "shots[1].toward: the scene has no photo 'nowhere.jpg'; it has '00.png' to '11.png'"
    ),
    "{move: orbit, around: photo:03.jpg}": (
        "shots[1].around: the scene has no photo '03.jpg'; did you mean '03.png'?"
    ),
    "{move: dolly, distance: 2 m}": (
        "shots[1].distance: '2 m': the scene's scale in metres is not known; write a plain number, "
        "in sizes of the scene, or lift the capture again with --known-length"
    ),
    "{move: hold, aperture: f/2.8}": (
        "shots[1].aperture: 'f/2.8': the scene's scale in metres is not known; write the lens's "
        "width, such as 0.02, or lift the capture again with --known-length"
    ),
    "{move: hold, seconds: -2}": (
        "{note}: line 4: shots[1].seconds: expected a number above 0, found -2; correct it"
    ),
    "{move: dolly, distance: 2 miles}": (
        "{note}: line 4: shots[1].distance: expected a length: a number in sizes of the scene, "
        "'2 m', '40 cm' or '3 units', found '2 miles'; correct it"
    ),
    "{move: zoom}": "{note}: line 4: shots[1]: unknown move 'zoom'; did you mean 'dolly-zoom'?",
    "{move: hold, seconds: 1e9}": (
        "{note}: line 4: shots[1].seconds: expected a number, found the text '1e9'; "
        "write it plainly, as 1200"
    ),
    "{move: dolly-zoom, until: 0.001}": (
        "shots[1].until: expected a distance at which the target keeps its size in a view of 1 to "
        "150 degrees, found 0.001, which takes 180; choose one nearer to 1"
    ),
    "{move: hold, seconds: 1000000}": (
        "script: 1e+06 s at 24 fps make 24000024 frames, expected 1 to 200,000; "
        "change the seconds or the fps"
    ),
}


@pytest.mark.parametrize("shot", WRONG)
def test_what_a_script_asks_for_and_cannot_have_is_told(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], shot: str
) -> None:
    note = tmp_path / "note.yaml"
    shots = f"schema: scenegen.path/1\nshots:\n  - {{move: hold, seconds: 1}}\n  - {shot}\n"
    note.write_text(shots)
    output = tmp_path / "path.json"
    code, said = refused(capsys, "path", str(scene), str(note), "--output", str(output))
    assert (code, said) == (1, f"scenegen: error: {WRONG[shot].replace('{note}', str(note))}\n")
    assert not output.exists()
