"""The room of `tests.rooms` as a scene."""

from __future__ import annotations

import pytest

from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.types import Scene
from tests.rooms import room_photos


@pytest.fixture(scope="session")
def room_scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The room after a few seconds of training, three photos held out."""
    folder = tmp_path_factory.mktemp("render")
    capture = load_capture(room_photos(folder / "room"))
    return lift(capture, folder / "scene", LiftConfig(budget_s=4, holdout_every=4))
