from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenegen.errors import PathError
from scenegen.path.direct import direct
from scenegen.path.location import Location
from scenegen.path.script.read import script_text
from scenegen.studio import edits
from scenegen.studio.exchange import EXPORTS, checked_name, loaded, saved, script_of_path, taken
from scenegen.types import CameraPath
from tests.path.rigs import ring, world

ASPECT = 16 / 9
ORBIT = edits.with_settings(
    edits.with_shot(edits.EMPTY, {"move": "orbit", "degrees": 60.0, "seconds": 2.0}), fov=45.0
)


@pytest.fixture(scope="module")
def location() -> Location:
    return Location(ring(12), world(spheres=[((0, 0, 1), 0.5)]))


@pytest.fixture(scope="module")
def path(location: Location) -> CameraPath:
    return direct(ORBIT, location, ASPECT).path


@pytest.mark.parametrize("kind", EXPORTS)
def test_what_is_saved_is_loaded_again(
    kind: str, tmp_path: Path, path: CameraPath, location: Location
) -> None:
    if kind.startswith("USD"):
        pytest.importorskip("pxr")
    file = saved(tmp_path, "a path", kind, ORBIT, path)
    again = direct(loaded(file, ASPECT), location, ASPECT).path
    middle = again.world_from_camera[len(again) // 2, :3, 3]
    apart = np.linalg.norm(path.world_from_camera[:, :3, 3] - middle, axis=1)
    assert apart.min() < 0.02 * location.size


def test_a_path_becomes_keyframes_that_keep_it(path: CameraPath, location: Location) -> None:
    made = direct(script_of_path(path), location, ASPECT).path
    assert made.fps == path.fps
    count = min(len(made), len(path))
    drift = made.world_from_camera[:count, :3, 3] - path.world_from_camera[:count, :3, 3]
    # Two clips of 47 steps over 47 or 48 frames: half a frame's way apart at most.
    step = np.linalg.norm(np.diff(path.world_from_camera[:, :3, 3], axis=0), axis=1).max()
    assert np.linalg.norm(drift, axis=1).max() < 1.1 * step


def test_a_script_comes_back_from_a_browser() -> None:
    assert taken("Note.YAML", script_text(ORBIT).encode(), ASPECT) == ORBIT


@pytest.mark.parametrize("name", ["note.py", "note", "../../note.exe", "note.yaml.py"])
def test_programs_are_not_taken(name: str) -> None:
    with pytest.raises(PathError, match="expected one of"):
        taken(name, b"script = 1", ASPECT)


def test_a_program_in_the_folder_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "note.py"
    file.write_text("raise SystemExit")
    with pytest.raises(PathError, match="found a program"):
        loaded(file, ASPECT)


@pytest.mark.parametrize("name", ["", "..", "a/b", "/etc/passwd", "a" * 90, ".hidden", "a."])
def test_names_stay_inside_the_folder(name: str) -> None:
    with pytest.raises(PathError, match="choose another name"):
        checked_name(name)


def test_there_must_be_something_to_save(tmp_path: Path) -> None:
    with pytest.raises(PathError) as error:
        saved(tmp_path, "empty", "Nuke (.chan)", edits.EMPTY, None)
    assert str(error.value) == (
        "save: expected a script with a shot, found none; add a keyframe or a move"
    )
