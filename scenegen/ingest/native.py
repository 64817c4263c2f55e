"""Running pycolmap in a process of its own.

Its native code leaves Ctrl-C unanswered for minutes, logs to the terminal, and ends the whole
process where its threads meet an error (a full disk, say). As a child it can be killed, kept
quiet, and its end explained.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import scenegen
from scenegen.errors import IngestError

_POLL_S = 0.2


def run_step(
    folder: Path, step: str, arguments: Mapping[str, Any], poll: Callable[[], None]
) -> None:
    """Run `worker.STEPS[step]` with JSON-able ``arguments``, calling ``poll`` now and then.

    Its standard output goes to ``folder/step.out``, its log to ``folder/step.log``. On Ctrl-C, or
    whatever ``poll`` raises, the child is killed. Raises `IngestError` where the child fails.
    """
    task = folder / f"{step}.json"
    task.write_text(json.dumps(dict(arguments)))
    log = task.with_suffix(".log")
    root = str(Path(scenegen.__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    with task.with_suffix(".out").open("wb") as out, log.open("wb") as err:
        child = subprocess.Popen(
            [sys.executable, "-m", "scenegen.ingest.worker", step, str(task)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        try:
            while child.poll() is None:
                poll()
                try:
                    child.wait(_POLL_S)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            child.kill()
            child.wait()
    if child.returncode != 0:
        raise IngestError(
            f"finding the camera positions: pycolmap stopped with {_reason(log)!r}; "
            "check that the disk has room and the machine has memory left, then run again"
        )


def _reason(log: Path) -> str:
    """Return the line of a log that tells most."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    for line in reversed(lines):
        if "what():" in line or "Error:" in line:
            return line.removeprefix("what():").strip()
    return lines[-1] if lines else "no message"
