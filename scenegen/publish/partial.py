"""Folders that keep the finished part of an output until the rest of it is there.

Such a folder is a hidden sibling of the output and carries a fingerprint in its name, so pieces
made with other settings can not come into it, whatever is killed or runs at the same time.
"""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

from scenegen.files import output_errors

log = logging.getLogger(__name__)


def open_partial(output: Path, fingerprint: str) -> Path:
    """Return the folder for unfinished pieces of ``output``, with the pieces an earlier run left.

    Pieces of other fingerprints are discarded, and so is what a killed run wrote half.
    """
    output = output.absolute()
    folder = output.parent / f".{output.name}.{fingerprint}.partial"
    name = re.compile(rf"\.{re.escape(output.name)}\.[0-9a-f]{{16}}\.partial")
    with output_errors(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        for other in output.parent.iterdir():
            if other != folder and name.fullmatch(other.name) and other.is_dir():
                log.info("%s: settings differ from the interrupted run; starting anew", output)
                shutil.rmtree(other)
        folder.mkdir(exist_ok=True)
        for unfinished in folder.rglob(".*"):
            unfinished.unlink()
    return folder
