"""Writing so that nothing is lost: atomic files and folders, and what to say when it fails."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenegen import files
from scenegen.errors import IngestError, OutputError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def denied(file: Path) -> Callable[..., Never]:
    """Return a function that fails as the system does where ``file`` may not be touched."""

    def fail(*_: object, **__: object) -> Never:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    return fail


def test_an_output_that_exists_is_refused_unless_overwritten(tmp_path: Path) -> None:
    output = tmp_path / "clip.mp4"
    output.write_bytes(b"precious")
    with pytest.raises(OutputError) as error:
        files.check_output(output, overwrite=False)
    assert str(error.value) == (
        f"{output}: exists already, expected a new name; "
        "pass --overwrite to replace it or choose another --output"
    )
    files.check_output(output, overwrite=True)
    assert output.read_bytes() == b"precious"


def test_an_output_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError) as error:
        files.check_output(tmp_path / "file" / "new" / "clip.mp4", overwrite=False)
    assert str(error.value) == (
        f"{tmp_path}/file/new/clip.mp4: {tmp_path}/file is not a folder that may be written to; "
        "choose another --output or change its permissions"
    )


def test_an_output_in_folders_yet_to_be_made_is_fine(tmp_path: Path) -> None:
    files.check_output(tmp_path / "a" / "b" / "clip.mp4", overwrite=False)
    assert not (tmp_path / "a").exists()


@given(JSON)
def test_json_comes_back_as_written(value: object) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new" / "value.json"
        files.write_json(file, value)
        assert files.read_json(file, IngestError) == value
        assert [entry.name for entry in file.parent.iterdir()] == ["value.json"]


def test_a_full_disk_keeps_the_old_file_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OutputError) as error:
        files.write_atomic(file, b"new")
    assert str(error.value) == (
        f"{file}: the disk is full; free some space and run the command again"
    )
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_written_file_may_be_read_by_others(tmp_path: Path) -> None:
    files.write_atomic(tmp_path / "a", b"1")
    with files.staged_folder(tmp_path / "b"):
        pass
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file; check the path"),
        (
            b"\xff\xfe\x00",
            "expected JSON as UTF-8 text, found binary data; export the file again",
        ),
        (
            b'{"frames": [\n1, }',
            "line 2, column 4: not valid JSON (Expecting value); mend the file or export it again",
        ),
        (
            b"",
            "line 1, column 1: not valid JSON (Expecting value); mend the file or export it again",
        ),
    ],
)
def test_broken_json_says_where(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "transforms.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(IngestError) as error:
        files.read_json(file, IngestError)
    assert str(error.value) == f"{file}: {said}"


def test_a_folder_is_no_json_file(tmp_path: Path) -> None:
    with pytest.raises(IngestError) as error:
        files.read_json(tmp_path, IngestError)
    assert str(error.value) == f"{tmp_path}: expected a JSON file, found a folder; name a file"


def test_a_json_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "transforms.json"
    file.write_text("{}")
    monkeypatch.setattr(Path, "read_text", denied(file))
    with pytest.raises(IngestError) as error:
        files.read_json(file, IngestError)
    assert str(error.value) == (
        f"{file}: cannot be read (Permission denied); change its permissions or copy it elsewhere"
    )


def test_an_output_in_a_folder_that_may_not_be_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", denied(tmp_path / "clip.mp4"))
    with pytest.raises(OutputError) as error:
        files.check_output(tmp_path / "clip.mp4", overwrite=True)
    assert str(error.value) == (
        f"{tmp_path}/clip.mp4: may not be written (Permission denied); choose another --output"
    )


@pytest.mark.parametrize("escape", ["../secret.jpg", "/etc/passwd", "a/../../b.jpg", ".."])
def test_a_path_that_leaves_its_folder_is_refused(tmp_path: Path, escape: str) -> None:
    folder = tmp_path / "capture"
    folder.mkdir()
    with pytest.raises(IngestError) as error:
        files.inside(folder, escape, IngestError, folder / "transforms.json")
    assert str(error.value) == (
        f"{folder}/transforms.json: path {escape!r} leaves the folder {folder}; "
        "put the file inside that folder and name it relative to it"
    )


def test_a_path_inside_its_folder_is_given(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    found = files.inside(tmp_path, "images/../images/1.jpg", IngestError, tmp_path / "t.json")
    assert found == tmp_path / "images" / "1.jpg"


def test_a_link_to_another_place_is_inside_the_folder_that_holds_it(tmp_path: Path) -> None:
    folder = tmp_path / "capture"
    folder.mkdir()
    (folder / "00.png").symlink_to(tmp_path / "disk" / "photo.png")
    assert files.inside(folder, "00.png", IngestError, folder / "t.json") == folder / "00.png"


@pytest.mark.parametrize("failure", [RuntimeError("bug"), KeyboardInterrupt()])
def test_a_staged_folder_that_fails_leaves_the_old_one(
    tmp_path: Path, failure: BaseException
) -> None:
    output = tmp_path / "scene"
    output.mkdir()
    (output / "scene.json").write_text("old")

    def replace() -> None:
        with files.staged_folder(output, overwrite=True) as staging:
            (staging / "scene.json").write_text("new")
            raise failure

    with pytest.raises(type(failure)):
        replace()
    assert (output / "scene.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["scene"]


def test_only_what_the_staged_folder_itself_is_denied_is_the_outputs_fault(tmp_path: Path) -> None:
    output, photo = tmp_path / "scene", tmp_path / "photo.jpg"
    with pytest.raises(PermissionError), files.staged_folder(output):
        denied(photo)()
    with pytest.raises(OutputError) as error, files.staged_folder(output) as staging:
        denied(staging / "field.safetensors")()
    assert str(error.value) == (
        f"{output}: may not be written (Permission denied); choose another --output"
    )
    with pytest.raises(OutputError, match="the disk is full"), files.staged_folder(output):
        no_space()
    assert os.listdir(tmp_path) == []


def test_a_staged_folder_replaces_the_old_one_as_a_whole(tmp_path: Path) -> None:
    output = tmp_path / "scene"
    output.mkdir()
    (output / "stale.json").write_text("old")
    with files.staged_folder(output, overwrite=True) as staging:
        (staging / "scene.json").write_text("new")
        assert (output / "stale.json").exists()
    assert [file.name for file in output.iterdir()] == ["scene.json"]
    assert os.listdir(tmp_path) == ["scene"]


@given(st.lists(JSON, min_size=1, max_size=3), st.lists(JSON, min_size=1, max_size=3))
def test_fingerprints_differ_exactly_where_the_parts_do(one: list, other: list) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (files.fingerprint(*one) == files.fingerprint(*other)) == same


def test_fingerprints_keep_parts_apart() -> None:
    assert files.fingerprint(b"ab", b"c") != files.fingerprint(b"a", b"bc")
    assert files.fingerprint({"a": 1, "b": 2}) == files.fingerprint({"b": 2, "a": 1})


KILLED = """
import os, signal, sys
from pathlib import Path
from scenegen import files
output, moment = Path(sys.argv[1]), sys.argv[2]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if moment == "between the moves":
    real = os.replace
    os.replace = lambda source, target: (real(source, target), die())
with files.staged_folder(output, overwrite=True) as staging:
    (staging / "scene.json").write_text("new")
    if moment == "while writing":
        die()
"""


@pytest.mark.parametrize("moment", ["while writing", "between the moves"])
def test_what_a_killed_process_left_is_cleared_and_the_old_output_kept(
    tmp_path: Path, moment: str
) -> None:
    output = tmp_path / "scene"
    output.mkdir()
    (output / "scene.json").write_text("old")
    words = [sys.executable, "-c", KILLED, str(output), moment]
    assert subprocess.run(words).returncode == -9
    assert len(os.listdir(tmp_path)) > 1
    with pytest.raises(OutputError, match="exists already"), files.staged_folder(output):
        pass
    assert (output / "scene.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["scene"]


def test_what_a_running_process_works_on_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / f".scene.{os.getppid()}.new.abc"
    theirs.mkdir()
    with files.staged_folder(tmp_path / "scene"):
        pass
    assert theirs.is_dir()


def test_what_a_dead_process_of_our_number_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / f".scene.{os.getpid()}.new.abc").mkdir()  # in a container every run has number 1
    with files.staged_folder(tmp_path / "scene"):
        pass
    assert os.listdir(tmp_path) == ["scene"]
