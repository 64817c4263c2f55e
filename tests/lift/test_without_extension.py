"""Where the C++ extension is missing, a capture still becomes a scene."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rooms import room_photos

PROGRAM = """
import sys
from pathlib import Path

sys.modules["scenegen.kernels._native"] = None
from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift

scene = lift(load_capture(Path(sys.argv[1])), Path(sys.argv[2]), LiftConfig(budget_s=1))
print(scene.facts["train_steps"])
"""


@pytest.mark.slow
def test_a_lift_on_torch_needs_no_extension(tmp_path: Path):
    room = room_photos(tmp_path / "room")
    environment = {**os.environ, "SCENEGEN_BACKEND": "torch"}
    command = [sys.executable, "-c", PROGRAM, str(room), str(tmp_path / "scene")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
