"""The figures of a job, as a JSON file for programs and people who compare runs."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scenegen import __version__
from scenegen.errors import OutputError
from scenegen.files import check_output, read_json, write_json


def _is_report(file: Path) -> bool:
    try:
        found = read_json(file, OutputError)
    except OutputError:
        return False
    return isinstance(found, dict) and {"version", "command"} <= found.keys()


class Report:
    """Collects the figures of one command; `write` puts them into ``file``, if there is one."""

    def __init__(self, command: str, file: Path | None = None) -> None:
        """Check that ``file`` can be written, so that a long job does not end in vain.

        Raises:
            OutputError: ``file`` is a folder, or lies where nothing may be written.
        """
        if file is not None:
            if file.is_dir():
                raise OutputError(
                    f"{file}: expected the name of a JSON file, found a folder; "
                    f"pass --report {file / 'report.json'}"
                )
            check_output(file, overwrite=True)
            if file.exists() and not _is_report(file):
                raise OutputError(
                    f"{file}: exists already and is no report of scenegen; "
                    "pass --report another.json"
                )
        self._file = file
        self._began = time.monotonic()
        self.figures: dict[str, Any] = {}
        self.seconds: dict[str, float] = {}
        self.command = command

    def note(self, **figures: Any) -> None:
        """Add ``figures``, under the names that the file will have."""
        self.figures.update(figures)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the wall seconds of the block as those of stage ``name``."""
        began = time.monotonic()
        try:
            yield
        finally:
            spent = time.monotonic() - began
            self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)

    def as_dict(self, error: str | None = None) -> Mapping[str, Any]:
        """Return all figures as they go into the file."""
        facts: dict[str, Any] = {"version": __version__, "command": self.command}
        if error is not None:
            facts["error"] = error
        facts |= self.figures
        facts["seconds"] = dict(self.seconds)
        facts["total_s"] = round(time.monotonic() - self._began, 3)
        facts["peak_rss_mb"] = peak_rss_mb()
        return {name: None if _no_number(value) else value for name, value in facts.items()}

    def write(self, error: str | None = None) -> None:
        """Write the file atomically; ``error`` is the message of a job that failed."""
        if self._file is not None:
            write_json(self._file, self.as_dict(error))


def _no_number(value: Any) -> bool:
    """Return whether JSON has no way to write ``value``."""
    return isinstance(value, float) and not math.isfinite(value)


def peak_rss_mb() -> float | None:
    """Return the most memory that this process or one of its ended children held, in MB (1e6).

    None on Windows, whose Python does not tell.
    """
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    peaks = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return round(max(peaks) * unit / 1e6, 1)
