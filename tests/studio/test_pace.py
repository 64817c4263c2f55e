from __future__ import annotations

import os
import sys
import threading

import pytest

from scenegen.studio.pace import LEAST_EFFORT, MOVING_S, Pace, Pulse, give_way


@pytest.mark.parametrize(("seconds", "effort"), [(10.0, LEAST_EFFORT), (MOVING_S / 3, 1.0)])
def test_the_effort_ends_at_its_bounds(seconds: float, effort: float) -> None:
    pace = Pace()
    for _ in range(40):
        pace.took(seconds)
    assert pace.effort == effort


def test_the_effort_settles_where_pictures_come_in_time() -> None:
    pace = Pace()
    for _ in range(40):
        pace.took(2 * MOVING_S * pace.effort)
    assert pace.effort == pytest.approx(0.5, rel=0.1)


def test_one_picture_that_was_held_up_costs_little() -> None:
    pace = Pace()
    pace.took(5.0)
    assert pace.effort >= 0.8


def beating(pulse: Pulse, begin: float, gap: float) -> bool:
    for beat in range(12):
        pulse.moved(begin + gap * beat)
    return pulse.is_slow


def test_a_slow_browser_is_known_by_its_moves_and_stays_slow_until_it_is_quick_by_far() -> None:
    pulse = Pulse()
    assert not beating(pulse, 0.0, 0.05)
    assert beating(pulse, 10.0, 0.12)
    assert beating(pulse, 20.0, 0.05)
    assert not beating(pulse, 30.0, 0.02)


def test_pauses_between_moves_say_nothing_of_a_browser() -> None:
    assert not beating(Pulse(), 0.0, 2.0)


def test_background_work_gives_way_with_all_that_it_starts() -> None:
    found: dict[str, int] = {}

    def note(name: str) -> None:
        found[name] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def work() -> None:
        note("before")
        give_way()
        note("after")
        child = threading.Thread(target=note, args=("child",))
        child.start()
        child.join()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    note("here")
    nicer = 10 if sys.platform == "linux" else 0
    assert found["here"] == found["before"]
    assert found["after"] == found["child"] == min(found["before"] + nicer, 19)
