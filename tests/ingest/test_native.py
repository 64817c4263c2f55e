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


LONG_WORK = """
import time
from pathlib import Path
time.sleep(60)
Path(__file__).with_name("ended").touch()
"""


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")
def test_ctrl_c_ends_the_child(tmp_path, monkeypatch):
    # The child finds a pycolmap that is busy for longer than it takes to stop it.
    (tmp_path / "pycolmap.py").write_text(LONG_WORK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    task = tmp_path / "verify.json"

    def interrupted():
        if alive(task):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_step(tmp_path, "verify", {}, interrupted)
    assert not alive(task)
    assert not (tmp_path / "ended").exists()
