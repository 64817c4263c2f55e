"""What is told of every frame of a clip, as one JSON file beside it.

Lines are kept frame by frame in a hidden folder until all are there, so a job that was stopped goes
on; then the file appears.
"""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scenegen.files import fingerprint, output_errors, write_atomic, write_json
from scenegen.publish.footage import Footage
from scenegen.publish.partial import partial_folder
from scenegen.types import Frame, Provenance

LAYOUT = "scenegen provenance 1"
_MEANING = {
    "copied": "share of the frame that was copied from photos",
    "kept": "share that is the render's",
    "made_up": "share that the network made up",
    "turned_down": "share that each check put back to the render",
}


def ledger_of(clip: Path) -> Path:
    """Return the file that says of a clip where its pixels come from."""
    return clip.with_name(f"{clip.name}.provenance.json")


class Ledger:
    """Tells where the pixels of each frame come from."""

    def __init__(self, footage: Footage, output: Path, locks: ExitStack) -> None:
        self._output, self._count = output.absolute(), footage.count
        key = fingerprint(LAYOUT, footage.fingerprint, footage.count)
        self._partial = locks.enter_context(partial_folder(output, key))
        self._lines = self._partial / "frames.jsonl"
        self._frames = _read(self._lines)
        self.done = len(self._frames)

    def add(self, frame: Frame) -> None:
        """Note one frame, unless it is there already."""
        if frame.index < self.done:
            return
        found = frame.provenance
        told = {"frame": frame.index, **(figures(found) if found else {})}
        with output_errors(self._output), self._lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
        self._frames.append(told)
        self.done += 1

    def finish(self) -> None:
        """Write the file."""
        mean = {
            name: round(sum(frame.get(name, 0.0) for frame in self._frames) / self._count, 4)
            for name in ("copied", "kept", "made_up")
        }
        told = {"format": "scenegen provenance", "format_version": 1, "meaning": _MEANING}
        write_json(self._output, {**told, "clip": mean, "frames": self._frames})

    def discard(self) -> None:
        """Remove the lines that it was made of."""
        with output_errors(self._output):
            shutil.rmtree(self._partial)


def figures(found: Provenance) -> dict[str, Any]:
    """Return what is told of a frame."""
    return {**found.figures(), "turned_down": dict(found.turned_down)}


def _read(lines: Path) -> list[dict[str, Any]]:
    """Return the frames that are there, and keep no others; a line that is broken ends them."""
    found: list[dict[str, Any]] = []
    if not lines.is_file():
        return found
    for line in lines.read_bytes().splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            break
        if told["frame"] != len(found):
            break
        found.append(told)
    write_atomic(lines, "".join(json.dumps(one) + "\n" for one in found).encode())
    return found
