"""How fast things go: moving pictures in time, and background work after whoever waits for it."""

from __future__ import annotations

import os
import statistics
import sys
import threading
from collections import deque

import numpy as np

MOVING_S = 0.05
"""Seconds in which a moving picture is to be made. A browser without a GPU needs as much again."""

LEAST_EFFORT = 0.3
"""Below it a moving picture is too old in too many places."""

_BEATS = 5
_PAUSE_S = 0.6
_SLOW_S, _QUICK_S = 0.07, 0.035
"""Seconds between the moves of a slow browser, and of one that is slow no more."""

_NICER = 10


class Pace:
    """How much effort, from `LEAST_EFFORT` to 1, to put into the next moving picture."""

    def __init__(self) -> None:
        self.effort = 1.0

    def took(self, seconds: float) -> None:
        """Learn what the last one took. One that was held up, or a jump, is not taken too hard."""
        change = min(max(MOVING_S / max(seconds, 1e-3), 0.8), 1.1)
        self.effort = min(max(self.effort * change, LEAST_EFFORT), 1.0)


class Pulse:
    """Whether a browser draws slowly, by how often it tells of its camera's moves.

    It tells once for each time that it draws. One that was slow has to be quick by far before it
    counts as quick: what is left out for slow ones makes them quicker.
    """

    def __init__(self) -> None:
        self.is_slow = False
        self._last = -np.inf
        self._gaps: deque[float] = deque(maxlen=_BEATS)

    def moved(self, now: float) -> None:
        """Note a move at a time in seconds; a pause begins anew."""
        gap, self._last = now - self._last, now
        if gap > _PAUSE_S:
            return
        self._gaps.append(gap)
        if len(self._gaps) == _BEATS:
            typical = statistics.median(self._gaps)
            self.is_slow = typical > (_QUICK_S if self.is_slow else _SLOW_S)


def give_way() -> None:
    """Let this thread, and those that it starts, run after the others of the machine.

    Linux has a priority for each thread; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        me = threading.get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, me)
        os.setpriority(os.PRIO_PROCESS, me, min(now + _NICER, 19))
