"""How fast things go: moving pictures in time, and background work after whoever waits for it."""

from __future__ import annotations

import os
import sys
import threading

MOVING_S = 0.05
"""Seconds in which a moving picture is to be made. A browser without a GPU needs as much again."""

LEAST_EFFORT = 0.3
"""Below it a moving picture is too old in too many places."""

_NICER = 10


class Pace:
    """How much effort, from `LEAST_EFFORT` to 1, to put into the next moving picture."""

    def __init__(self) -> None:
        self.effort = 1.0

    def took(self, seconds: float) -> None:
        """Learn what the last one took. One that was held up, or a jump, is not taken too hard."""
        change = min(max(MOVING_S / max(seconds, 1e-3), 0.8), 1.1)
        self.effort = min(max(self.effort * change, LEAST_EFFORT), 1.0)


def give_way() -> None:
    """Let this thread, and those that it starts, run after the others of the machine.

    Linux has a priority for each thread; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        me = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, me)
        os.setpriority(os.PRIO_PROCESS, me, min(now + _NICER, 19))
