"""Figures of all parts in one JSON file that grows: a run that was stopped goes on where it was."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark import machine
from scenegen import files
from scenegen.errors import SceneGenError, UsageError

Facts = dict[str, Any]

FORMAT = "scenegen benchmark"


class Results:
    """The figures of every part, each with the commit and the settings that it was measured with.

    A part that the file holds already, of the same commit and settings, is not measured again.
    """

    def __init__(self, file: Path) -> None:
        """Go on with ``file`` if it exists; raise `UsageError` where it is something else."""
        self.file = file
        self.parts: dict[str, Facts] = {}
        if file.exists():
            found = files.read_json(file, UsageError)
            if not isinstance(found, dict) or found.get("format") != FORMAT:
                raise UsageError(
                    f"{file}: exists already and holds no benchmark; choose another --output"
                )
            self.parts = found["parts"]

    def __getitem__(self, part: str) -> Facts:
        """Return the figures of a part; nothing where it was not measured or has failed."""
        return self.parts.get(part, {}).get("figures", {})

    def measure(
        self, part: str, settings: Facts, work: Callable[[], Facts], again: bool = False
    ) -> None:
        """Measure a part and write the file, unless it holds the part already.

        What keeps a part from being measured is noted in place of figures.
        """
        key = {"commit": machine.commit(), "settings": _plain(settings)}
        old = self.parts.get(part, {})
        if not again and "figures" in old and {name: old.get(name) for name in key} == key:
            print(f"{part}: measured already", file=sys.stderr)
            return
        print(f"{part}: measuring", file=sys.stderr)
        entry = {**key, "date": machine.today(), "load_before": machine.load()}
        begun = time.perf_counter()
        try:
            entry["figures"] = _plain(work())
        except SceneGenError as error:
            entry["error"] = str(error)
            print(f"{part}: {error}", file=sys.stderr)
        entry["seconds"] = round(time.perf_counter() - begun, 1)
        self.parts[part] = entry | {"load_after": machine.load()}
        self.write()

    def write(self) -> None:
        """Write the file."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        facts = {"format": FORMAT, "machine": machine.machine(), "parts": self.parts}
        files.write_json(self.file, facts)

    def about(self, parts: list[str]) -> str:
        """Return the line below a table: machine, commits and load of the parts it is made from."""
        used = [self.parts[part] for part in parts if part in self.parts]
        host = machine.machine()
        commits = dict.fromkeys(entry["commit"] for entry in used)
        dates = dict.fromkeys(entry["date"] for entry in used)
        loads = [entry["load_before"] for entry in used]
        text = "{cpu}, {threads} threads, {instruction_set}".format(**host)
        text += f"; commit {', '.join(commits)}; {', '.join(dates)}"
        text += f"; load before each part {min(loads)} to {max(loads)}" if loads else ""
        quick = any(entry["settings"].get("quick") for entry in used)
        return text + ("; **a quick run: these figures mean nothing**" if quick else "")


def _plain(value: Any) -> Any:
    """Return ``value`` as it comes back from JSON, so that settings can be compared."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
