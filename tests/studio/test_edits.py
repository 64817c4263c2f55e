from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenegen.errors import PathError
from scenegen.path.script.schema import Script
from scenegen.path.script.shots import Key, Keyframes
from scenegen.studio import edits
from scenegen.studio.edits import EMPTY


def key(x: float) -> Key:
    pose = np.eye(4)
    pose[0, 3] = x
    return edits.key_at_pose(pose, 50.0)


def keyed(count: int) -> Script:
    script = EMPTY
    for index in range(count):
        script, _, _ = edits.with_key(script, key(index))
    return script


def shot(script: Script, place: int = 0) -> Keyframes:
    found = script.shots[place]
    assert isinstance(found, Keyframes)
    return found


def places(script: Script) -> list[float]:
    return [one.position[0] for one in shot(script).keys if one.position is not None]


def times(script: Script) -> list[float | None]:
    return [one.at for one in shot(script).keys]


def test_keyframes_make_a_shot_that_grows_with_them() -> None:
    assert [shot(keyed(count)).seconds for count in (1, 2, 3, 4)] == [2, 2, 4, 6]
    assert times(keyed(3)) == [None, None, None]


def test_a_keyframe_goes_in_after_another() -> None:
    script, place, at = edits.with_key(keyed(3), key(9), 0, after=0)
    assert (place, at) == (0, 1)
    assert places(script) == [0, 9, 1, 2]


def test_a_pose_becomes_a_key_and_stays_itself() -> None:
    from scipy.spatial.transform import Rotation

    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_rotvec([0.3, -1.2, 2.0]).as_matrix()
    pose[:3, 3] = [1, 2, 3]
    made = edits.key_at_pose(pose, 40.0)
    assert made.rotation is not None
    turn = Rotation.from_quat(made.rotation, scalar_first=True).as_matrix()
    np.testing.assert_allclose(turn, pose[:3, :3], atol=1e-12)
    assert made.position == (1, 2, 3)


def test_retiming_moves_what_comes_after_along() -> None:
    script = edits.retimed(keyed(4), 0, 1, 3.0, [0.0, 2.0, 4.0, 6.0])
    assert times(script) == [0, 3, 5, 7]
    script, _, _ = edits.with_key(script, key(9))
    assert times(script) == [0, 3, 5, 7, 9]
    script, _, _ = edits.with_key(script, key(9), 0, after=0)
    assert times(script) == [0, 1.5, 3, 5, 7, 9]
    assert times(edits.without_key(script, 0, 0)) == [0, 1.5, 3.5, 5.5, 7.5]
    assert times(edits.with_words(keyed_timed(), 0, seconds=8.0)) == [0, 2, 8]
    assert shot(edits.even_speed(script, 0)).seconds == 9
    assert set(times(edits.even_speed(script, 0))) == {None}


def keyed_timed() -> Script:
    return edits.retimed(keyed(3), 0, 1, 1.0, [0.0, 2.0, 5.0])


def test_a_retimed_key_stays_after_the_one_before() -> None:
    with pytest.raises(PathError) as error:
        edits.retimed(keyed(3), 0, 2, 1.0, [0.0, 2.0, 4.0])
    assert str(error.value) == (
        "keyframe 3: expected a second after that of the one before (2.00), found 1.00; "
        "move that one first"
    )
    with pytest.raises(PathError, match="first keyframe"):
        edits.retimed(keyed(3), 0, 0, 1.0, [0.0, 2.0, 4.0])


def test_reordered_keys_keep_the_times_in_order() -> None:
    script = edits.with_keys_reordered(keyed_timed(), 0, 0, 2)
    assert places(script) == [1, 2, 0]
    assert times(script) == [0, 1, 4]


def test_the_last_key_takes_its_shot_along() -> None:
    assert edits.without_key(keyed(1), 0, 0) == EMPTY


def test_shots_come_go_and_change_places() -> None:
    script = edits.with_shot(EMPTY, {"move": "orbit", "degrees": 90})
    script = edits.with_shot(script, {"move": "hold"}, 0)
    moves = [one.move for one in script.shots]  # pyright: ignore[reportAttributeAccessIssue]
    assert moves == ["hold", "orbit"]
    assert edits.reordered(script, 1, 0).shots == tuple(reversed(script.shots))
    assert edits.without_shot(edits.without_shot(script, 0), 0) == EMPTY
    eased = edits.with_words(script, 1, ease="in-out", degrees=30.0)
    assert eased.shots[1].ease == "in-out"
    assert edits.with_words(eased, 1, ease=None, degrees=90) == script


def test_settings_of_the_whole_film_outlive_its_shots() -> None:
    script = edits.with_settings(edits.with_shot(EMPTY, {"move": "hold"}), loop=True, aspect="2:1")
    bare = edits.without_shot(script, 0)
    assert (bare.loop, bare.aspect, bare.shots) == (True, "2:1", ())
    assert edits.with_settings(bare, loop=None, aspect=None) == EMPTY


def test_an_edit_makes_nothing_that_rendering_would_refuse() -> None:
    script = edits.with_shot(EMPTY, {"move": "hold"})
    with pytest.raises(PathError, match="seconds"):
        edits.with_words(script, 0, seconds=-1.0)
    with pytest.raises(PathError, match="unknown move"):
        edits.rewritten(script, 0, {"move": "teleport"})


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_run_of_edits_leaves_a_script(steps: list[int], random: object) -> None:
    choose = random.randrange  # pyright: ignore[reportAttributeAccessIssue]
    script = keyed_timed()
    for step in steps:
        if not script.shots:
            script = keyed(2)
        count = len(shot(script).keys)
        one = choose(count)
        if step == 0:
            script = edits.with_key(script, key(choose(9)), 0, after=one)[0]
        elif step == 1:
            script = edits.without_key(script, 0, one)
        elif step == 2:
            script = edits.with_keys_reordered(script, 0, one, choose(count))
        elif step == 3:
            script = edits.with_key_moved(script, 0, one, key(choose(9)))
        elif step == 4:
            script = edits.even_speed(script, 0)
        else:
            script = edits.with_words(script, 0, seconds=1.0 + choose(9))
        assert edits.script_of(edits.content_of(script)) == script
