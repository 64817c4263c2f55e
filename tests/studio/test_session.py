from __future__ import annotations

from pathlib import Path

import pytest

from scenegen.errors import PathError
from scenegen.path.script.schema import Script
from scenegen.studio import edits
from scenegen.studio.session import MOST_UNDONE, Session


def held(seconds: float):
    return lambda script: edits.with_shot(script, {"move": "hold", "seconds": seconds})


def lengths(session: Session) -> list[float]:
    return [shot.seconds for shot in session.script.shots]


def test_every_edit_is_kept_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "desk" / "session.json"
    session = Session(file)
    session.do(held(1.5))
    session.do(held(2.5))
    assert Session(file).script == session.script
    session.undo()
    assert lengths(Session(file)) == [1.5]
    session.undo()
    assert Session(file).script == edits.EMPTY


def test_edits_are_undone_and_done_again() -> None:
    session = Session()
    for seconds in (1.0, 2.0, 3.0):
        session.do(held(seconds))
    session.undo()
    session.undo()
    assert lengths(session) == [1]
    session.redo()
    assert lengths(session) == [1, 2]
    session.do(held(9.0))
    session.redo()
    assert lengths(session) == [1, 2, 9]
    for _ in range(9):
        session.undo()
    assert session.script == edits.EMPTY
    assert not session.can_undo


def test_a_gesture_is_one_edit() -> None:
    session = Session()
    session.do(held(1.0))

    def longer(seconds: float):
        return lambda script: edits.with_words(script, 0, seconds=seconds)

    for seconds in (2.0, 3.0, 4.0):
        session.do(longer(seconds), merge="drag")
    session.end_gesture()
    session.do(longer(5.0), merge="drag")
    session.undo()
    assert lengths(session) == [4]
    session.undo()
    assert lengths(session) == [1]


def test_an_edit_that_fails_changes_nothing_and_one_without_effect_is_none() -> None:
    session = Session()
    session.do(held(1.0))
    told: list[Script] = []
    session.listen(told.append)
    with pytest.raises(PathError):
        session.do(held(-1.0))
    session.do(lambda script: script)
    assert told == []
    session.undo()
    assert not session.can_undo


def test_listeners_hear_until_they_stop() -> None:
    session = Session()
    told: list[Script] = []
    stop = session.listen(told.append)
    session.do(held(1.0))
    stop()
    session.do(held(1.0))
    assert len(told) == 1


def test_the_history_is_bounded() -> None:
    session = Session()
    for index in range(MOST_UNDONE + 20):
        session.do(lambda script, index=index: edits.with_settings(script, fps=1.0 + index % 200))
    for _ in range(MOST_UNDONE):
        assert session.can_undo
        session.undo()
    assert not session.can_undo


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": "other"}'])
def test_another_file_is_no_session(tmp_path: Path, text: str) -> None:
    file = tmp_path / "session.json"
    file.write_text(text)
    with pytest.raises(PathError) as error:
        Session(file)
    assert str(error.value) == (
        f"{file}: expected a session of the studio with 'schema: scenegen.studio/1', found other "
        "JSON; move that file away"
    )


def test_a_broken_session_says_what_is_wrong_in_it(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    file.write_text('{"schema": "scenegen.studio/1", "script": {"shots": [{"move": "fly"}]}}')
    with pytest.raises(PathError, match=r"expected 'schema: scenegen\.path/1'"):
        Session(file)
    file.write_text(file.read_text().replace('"shots"', '"schema": "scenegen.path/1", "shots"'))
    with pytest.raises(PathError, match="unknown move 'fly'"):
        Session(file)
