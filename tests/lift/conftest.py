"""A capture that trains in seconds, and the scene it becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.types import Capture, Scene
from tests.rooms import room_photos


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Capture:
    """Photos of a small room with their true poses."""
    return load_capture(room_photos(tmp_path_factory.mktemp("lift") / "room"))


@pytest.fixture(scope="session")
def room_folder(room: Capture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scene folder of the room after a few seconds of training."""
    folder = tmp_path_factory.mktemp("lift") / "scene"
    lift(room, folder, LiftConfig(budget_s=4, holdout_every=4))
    return folder


@pytest.fixture(scope="session")
def room_scene(room_folder: Path) -> Scene:
    """The room's scene."""
    from scenegen.lift.scene_folder import load_scene

    return load_scene(room_folder)
