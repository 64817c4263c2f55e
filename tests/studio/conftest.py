"""A small scene, a studio over it, and a page of a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.lift.scene_folder import load_scene
from scenegen.studio.app import Studio
from tests.rooms import room_photos
from tests.studio.browser import WAIT_S, chromium, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def room_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene folder of the small room; without a browser it would be of no use."""
    find_chromium()
    folder = tmp_path_factory.mktemp("studio")
    capture = load_capture(room_photos(folder / "room", count=6))
    lift(capture, folder / "scene", LiftConfig(steps=600))
    return folder / "scene"


@pytest.fixture
def scene_folder(room_folder: Path, tmp_path: Path) -> Path:
    """A copy of the room for the test to change."""
    return Path(shutil.copytree(room_folder, tmp_path / "scene"))


@pytest.fixture
def studio(scene_folder: Path, tmp_path: Path) -> Iterator[Studio]:
    studio = Studio(tmp_path / "desk", load_scene(scene_folder), port=0)
    yield studio
    studio.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(1000 * WAIT_S)
    yield page
    page.close()
