"""A job that is killed at any moment goes on and ends well; `tools/kill_test.py` kills more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rooms import room_photos

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_killed_jobs_go_on_and_end_with_a_whole_scene_and_clip(tmp_path: Path) -> None:
    room = room_photos(tmp_path / "room")
    words = ["--kills", "3", "--budget-s", "13", "--seconds", "0.5"]
    command = [sys.executable, str(ROOT / "tools" / "kill_test.py"), str(room), *words]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    assert run.stdout.splitlines()[-1] == "0 jobs went wrong"
    assert run.stdout.startswith("killed after ")
