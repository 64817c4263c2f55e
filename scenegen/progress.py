"""Progress of long jobs: stages call a plain function, the terminal draws it.

A stage takes ``progress: Progress = silent`` and calls ``progress(label, done, total)`` as often as
it likes, with ``done`` from 0 to ``total`` in any unit. Only `TerminalProgress` knows of bars.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType

Progress = Callable[[str, float, float], None]


def silent(label: str, done: float, total: float) -> None:
    """Report to nobody."""


class TerminalProgress:
    """A bar with the time left for each label; says nothing where stderr is not a terminal."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._bars = None
        self._tasks: dict[str, int] = {}

    def __enter__(self) -> Progress:
        if self._quiet:
            return silent
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn

        self._bars = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._bars.start()
        return self._update

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def _update(self, label: str, done: float, total: float) -> None:
        assert self._bars is not None
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label, total=total)
        self._bars.update(self._tasks[label], completed=done, total=total)
