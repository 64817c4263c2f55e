"""Progress of long jobs: stages call a plain function, the terminal draws it.

A stage takes ``progress: Progress = silent`` and calls ``progress(label, done, total)`` as often as
it likes, with ``done`` from 0 to ``total`` in any unit. Only `TerminalProgress` knows of bars.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

Progress = Callable[[str, float, float], None]


def silent(label: str, done: float, total: float) -> None:
    """Report to nobody."""


class TerminalProgress:
    """A bar with the time left for each label.

    Where stderr is not a terminal, each label is one plain line, written when it begins. With
    ``quiet`` nothing is said at all.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._said: set[str] = set()

    def __enter__(self) -> Progress:
        if self._quiet:
            return silent
        if not sys.stderr.isatty():
            return self._say
        self._bars = _bars()
        self._bars.start()
        return self._draw

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def _say(self, label: str, *_: float) -> None:
        if label not in self._said:
            self._said.add(label)
            print(f"scenegen: {label}", file=sys.stderr, flush=True)

    def _draw(self, label: str, done: float, total: float) -> None:
        assert self._bars is not None
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label, total=total)
        self._bars.update(self._tasks[label], completed=done, total=total)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description:<22}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
