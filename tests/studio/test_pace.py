from __future__ import annotations

import os
import sys
import threading

import pytest

from scenegen.studio.pace import LEAST_EFFORT, MOVING_S, Pace, give_way


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
