"""Folders that keep the finished part of an output until the rest of it is there.

Such a folder is a hidden sibling of the output and carries a fingerprint in its name, so pieces
made with other settings can not come into it. The process that works in one holds a lock on it,
which the system takes back whatever becomes of the process.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scenegen.errors import OutputError
from scenegen.files import output_errors

log = logging.getLogger(__name__)


@contextmanager
def partial_folder(output: Path, fingerprint: str) -> Iterator[Path]:
    """Yield the folder for unfinished pieces of ``output``, with the pieces an earlier run left.

    Pieces of other fingerprints are discarded, and so is what a killed run wrote half. Raises
    `OutputError` while another process is at work on ``output``, whatever its settings.
    """
    output = output.absolute()
    folder = output.parent / f".{output.name}.{fingerprint}.partial"
    name = re.compile(rf"\.{re.escape(output.name)}\.[0-9a-f]{{16}}\.partial")
    with output_errors(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        for other in output.parent.iterdir():
            if other != folder and name.fullmatch(other.name) and other.is_dir():
                # Its owner may end, and take it away, just now.
                with suppress(FileNotFoundError), _locked(other, output):
                    log.info("%s: settings differ from the interrupted run; starting anew", output)
                    shutil.rmtree(other)
        folder.mkdir(exist_ok=True)
    with _locked(folder, output):
        with output_errors(output):
            for unfinished in folder.rglob(".*"):
                unfinished.unlink()
        yield folder


@contextmanager
def _locked(folder: Path, output: Path) -> Iterator[None]:
    """Hold the lock of ``folder``; raise `OutputError` if another process has it.

    Nothing is held where the file system, or the operating system, has no such locks.
    """
    if os.name != "posix":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise OutputError(
                f"{output}: another scenegen is writing it, in {folder}; "
                "wait until that ends or choose another --output"
            ) from cause
        except OSError as error:
            log.debug("%s: cannot be locked (%s)", folder, error)
        yield
    finally:
        os.close(handle)
