import threading
import time
from pathlib import Path

import pytest

from scenegen.errors import IngestError
from scenegen.ingest.native import run_step


def alive(task: Path) -> bool:
    """Whether a process runs with ``task`` on its command line."""
    lines = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if file.exists()]
    return any(str(task).encode() in line for line in lines)


def test_a_step_that_fails_says_what_pycolmap_said(tmp_path):
    arguments = {"database": str(tmp_path), "pairs": "none.txt", "seed": 0}
    with pytest.raises(IngestError) as error:
        run_step(tmp_path, "verify", arguments, lambda: None)
    text = str(error.value)
    assert text.startswith("finding the camera positions: pycolmap stopped with ")
    assert "does not exist" in text
    assert text.endswith(
        "; check that the disk has room and the machine has memory left, then run again"
    )


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")
def test_ctrl_c_ends_the_child(tmp_path):
    seen = threading.Event()

    def interrupted():
        if alive(tmp_path / "verify.json"):
            seen.set()
            raise KeyboardInterrupt

    arguments = {"database": str(tmp_path / "database.db"), "pairs": "none.txt", "seed": 0}
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_step(tmp_path, "verify", arguments, interrupted)
    assert seen.is_set()
    assert not alive(tmp_path / "verify.json")
    assert time.monotonic() - began < 20
