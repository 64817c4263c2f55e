"""The numbered examples of the documentation really run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scenegen import LiftConfig, pipeline
from tests.rooms import room_photos

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"


def run(name: str, *words: object) -> str:
    command = [sys.executable, str(EXAMPLES / name), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene folder of the small room."""
    folder = tmp_path_factory.mktemp("examples")
    pipeline.lift(room_photos(folder / "room"), folder / "scene", LiftConfig(budget_s=1.0))
    return folder / "scene"


def test_every_example_is_run_here() -> None:
    text = Path(__file__).read_text()
    examples = sorted(file.name for file in EXAMPLES.glob("*.py"))
    assert [name[:2] for name in examples] == [f"{n:02}" for n in range(1, len(examples) + 1)]
    assert [name for name in examples if f'"{name}"' not in text] == []


@pytest.mark.slow
def test_walkthrough(tmp_path: Path) -> None:
    room = room_photos(tmp_path / "room")
    said = run("01_walkthrough.py", room, tmp_path / "clip.mp4", 1)
    assert said.splitlines() == [
        f"12 photos posed, 48 frames in {tmp_path}/clip.mp4",
        f"The scene is in {tmp_path}/clip.scenegen/scene",
    ]
    assert (tmp_path / "clip.mp4").stat().st_size > 5000


def test_frames(scene: Path) -> None:
    lines = run("02_frames.py", scene).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"frame {index}" for index in range(6)]
    assert "nan" not in "".join(lines)


def test_own_path(scene: Path, tmp_path: Path) -> None:
    from PIL import Image

    run("03_own_path.py", scene, tmp_path / "own.gif")
    with Image.open(tmp_path / "own.gif") as clip:
        assert (clip.size, getattr(clip, "n_frames", 1)) == ((320, 180), 12)


def test_direct(scene: Path, tmp_path: Path) -> None:
    said = run("04_direct.py", scene, tmp_path / "directed.gif", 8)
    note = tmp_path / "directed.yaml"
    assert said == f"{tmp_path}/directed.gif: 96 frames of 6 shots, which are in {note}\n"
    assert "- {move: push-in," in note.read_text()
