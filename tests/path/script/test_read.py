"""Scripts are read, told about with their lines, and written so that they read the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenegen.errors import PathError
from scenegen.path.script.read import as_script, read_script, script_text, write_script
from scenegen.path.script.schema import Script
from scenegen.path.script.shots import MOVES

NOTE = """\
schema: scenegen.path/1
fps: 30
shots:
  - {move: establish, seconds: 3}
  - {move: orbit, around: subject, degrees: 90, height: 0.2, seconds: 5, ease: in-out}
  - {move: push-in, toward: "photo:0035.jpg", until: 0.6, seconds: 2}
  - {move: keyframes, keys: [{photo: a.jpg}, {position: [1, 2.5, 3], look: subject}]}
transform:
  - rotate: 20
"""


def refused(text: str, folder: Path, name: str = "note.yaml") -> str:
    file = folder / name
    file.write_text(text)
    with pytest.raises(PathError) as error:
        read_script(file)
    return str(error.value).replace(f"{folder}/", "")


def test_a_directors_note_is_read(tmp_path: Path) -> None:
    file = tmp_path / "note.yaml"
    file.write_text(NOTE)
    script = read_script(file)
    assert [shot.model_dump()["move"] for shot in script.shots] == [
        "establish",
        "orbit",
        "push-in",
        "keyframes",
    ]
    assert script.fps == 30
    assert script.shots[1].ease == "in-out"
    assert script.shots[2].seconds == 2


@pytest.mark.parametrize("name", ["copy.yaml", "copy.json"])
def test_what_is_written_reads_the_same(tmp_path: Path, name: str) -> None:
    (tmp_path / "note.yaml").write_text(NOTE)
    script = read_script(tmp_path / "note.yaml")
    write_script(script, tmp_path / name)
    assert read_script(tmp_path / name) == script


def test_one_shot_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "note.yaml").write_text(NOTE)
    text = script_text(read_script(tmp_path / "note.yaml"))
    assert "  - {move: establish, seconds: 3}\n" in text
    assert "toward: 'photo:0035.jpg'" in text


def test_a_python_file_is_run(tmp_path: Path) -> None:
    file = tmp_path / "note.py"
    file.write_text(
        "from scenegen.path.script.schema import Script\n"
        "from scenegen.path.script.shots import Orbit\n"
        "script = Script(shots=tuple(Orbit(move='orbit', degrees=d) for d in (30, -60)))\n"
    )
    assert [shot.model_dump()["degrees"] for shot in read_script(file).shots] == [30, -60]


def test_every_move_has_defaults_but_those_that_need_places() -> None:
    needy = {"fly-through", "keyframes"}
    for name in set(MOVES) - needy:
        as_script({"schema": "scenegen.path/1", "shots": [{"move": name}]})
    for name in needy:
        with pytest.raises(PathError, match="expected it to be stated"):
            as_script({"schema": "scenegen.path/1", "shots": [{"move": name}]})


WRONG = {
    "fps: -3": "line 2: fps: expected a number above 0, found -3; correct it",
    "fps: fast": "line 2: fps: expected a number, found 'fast'; correct it",
    "loop: 'yes'": "line 2: loop: expected true or false, found 'yes'; correct it",
    "shotz: 1": "line 2: shotz: unknown word; did you mean 'shots'?",
    "aspect: wide": (
        "line 2: aspect: expected width over height, from 0.1 to 10, such as 1.78 or '16:9', "
        "found 'wide'; correct it"
    ),
    "transform: [{rotat: 3}]": (
        "line 2: transform[0]: expected a transform (move, rotate, scale, mirror, reverse or "
        "retime), found a mapping; correct it"
    ),
    "transform: [{rotate: 3, abot: subject}]": (
        "line 2: transform[0].abot: unknown word; did you mean 'about'?"
    ),
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_in_the_head_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    text = f"schema: scenegen.path/1\n{line}\nshots: [{{move: hold}}]\n"
    assert refused(text, tmp_path) == f"note.yaml: {WRONG[line]}"


WRONG_SHOTS = {
    "{move: orbit, degree: 90}": ".degree: unknown word; did you mean 'degrees'?",
    "{move: obit}": ": unknown move 'obit'; did you mean 'orbit'?",
    "{seconds: 3}": (
        ": expected a shot with 'move: ...', found a mapping; say how the camera moves"
    ),
    "{move: orbit, height: 2 km}": (
        ".height: expected a length: a number in sizes of the scene, '2 m', '40 cm' or '3 units', "
        "found '2 km'; correct it"
    ),
    "{move: push-in, until: 2}": ".until: expected a number below 1, found 2; correct it",
    "{move: push-in, toward: subjct}": (
        ".toward: expected a target: 'subject', 'photo:NAME', a point [x, y, z] or "
        "{photo: NAME, pixel: [column, row]}, found 'subjct'; correct it"
    ),
    "{move: hold, fov: 30, focal: 40}": (
        ": expected either fov or focal: they say the same; correct it"
    ),
    "{move: keyframes, keys: [{photo: a, at: 1}]}": ": expected the first key at 0; correct it",
    "{move: keyframes, keys: [{photo: a}, {photo: b, at: 1}]}": (
        ": expected at: for all keys or for none; correct it"
    ),
    "7": ": expected a mapping, found 7; correct it",
    "{move: hold, seconds: 1, seconds: 2}": (
        ".seconds: expected it to be stated once, found it again; leave one of them out"
    ),
    "{move: hold, seconds: '3'}": (
        ".seconds: expected a number, found the text '3'; write it plainly, as 1200"
    ),
    "{move: hold, seconds: 1e9}": (
        ".seconds: expected a number, found the text '1e9'; write it plainly, as 1200"
    ),
    "{move: hold, seconds: 3s}": ".seconds: expected a number, found '3s'; correct it",
    "{move: fly-through, waypoints: [subject]}": (
        ".waypoints: expected a list of at least 2, found a list of 1; correct it"
    ),
}


@pytest.mark.parametrize("shot", WRONG_SHOTS)
def test_what_is_wrong_in_a_shot_is_told_with_its_line(tmp_path: Path, shot: str) -> None:
    text = f"schema: scenegen.path/1\nshots:\n  - {{move: hold}}\n  - {shot}\n"
    told = refused(text, tmp_path)
    assert told == f"note.yaml: line 4: shots[1]{WRONG_SHOTS[shot]}"


def test_an_alias_inside_of_what_it_repeats_is_told_with_its_line(tmp_path: Path) -> None:
    shots = "shots:\n  - {move: hold}\n  - &again {move: hold, keys: *again}\n"
    assert refused(f"schema: scenegen.path/1\n{shots}", tmp_path) == (
        "note.yaml: line 4: expected values, found an alias inside of what it repeats; "
        "write out what is meant"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "shots: [{move: hold}]",
            "note.yaml: expected 'schema: scenegen.path/1' in it, found none",
        ),
        ("- 1", "note.yaml: expected a path script, a mapping with"),
        ("", "note.yaml: expected a path script, a mapping with"),
        ("a: [1", "note.yaml: line 1, column 6: expected YAML, found what is none"),
        ("a: !!python/object/apply:os.system [ls]", "note.yaml: line 1, column 4: expected YAML"),
        ("schema: scenegen.path/1\nshots: []", "note.yaml: line 2: shots: expected"),
    ],
)
def test_files_that_are_no_scripts_are_told(tmp_path: Path, text: str, told: str) -> None:
    assert refused(text, tmp_path).startswith(told)


def test_a_wrong_shot_is_told_once(tmp_path: Path) -> None:
    """That no shot is left is not told besides."""
    text = "schema: scenegen.path/1\nshots: [{move: obit}]\n"
    assert refused(text, tmp_path) == (
        "note.yaml: line 2: shots[0]: unknown move 'obit'; did you mean 'orbit'?"
    )


def test_aliases_repeat_shots(tmp_path: Path) -> None:
    file = tmp_path / "note.yaml"
    file.write_text("schema: scenegen.path/1\nshots: [&a {move: hold}, {move: pan}, *a]\n")
    assert [type(shot).__name__ for shot in read_script(file).shots] == ["Hold", "Pan", "Hold"]
    nested = "a: &a [1]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "expected at most 200,000 values, aliases written out" in refused(nested, tmp_path)


def test_a_program_that_stops_is_told_with_its_line(tmp_path: Path) -> None:
    told = refused("x = 1\nraise ValueError('no scene')\n", tmp_path, "note.py")
    assert told == "note.py: line 2: the program stopped with ValueError: no scene; mend it"
    assert "no such name" in refused("x = 1\n", tmp_path, "note.py")


def test_a_file_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="no such file; check the path"):
        read_script(tmp_path / "none.yaml")
    with pytest.raises(PathError, match="found a folder"):
        read_script(tmp_path)


def test_scripts_are_values() -> None:
    script = as_script({"schema": "scenegen.path/1", "shots": [{"move": "hold"}]})
    assert as_script(script) is script
    assert script == Script.model_validate(script.model_dump(by_alias=True))
