"""Fixtures that all tests share."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
_NO_DIFFUSERS = "needs scenegen[diffusers]"
SHARED_SCENES = ROOT.parent / "shared" / "scenes"

# The time of an example says nothing on a busy machine; the same examples are tried every time.
settings.register_profile("scenegen", deadline=None, derandomize=True)
settings.load_profile("scenegen")


@pytest.fixture(scope="session")
def shared_scene() -> Callable[[str], Path]:
    """Give the folder of a real capture by name; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        folder = SHARED_SCENES / name
        if not folder.exists():
            pytest.skip(f"real capture {name!r} is absent: {folder}")
        return folder

    return find


@pytest.fixture(autouse=True)
def _log_as_found() -> Iterator[None]:
    """Undo what a run of the command line in this process does to scenegen's log."""
    log = logging.getLogger("scenegen")
    found = (log.handlers, log.propagate, log.level)
    yield
    log.handlers, log.propagate = found[0], found[1]
    log.setLevel(found[2])


@pytest.fixture(scope="session")
def image_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small text-to-image model; tests change copies of it."""
    pytest.importorskip("diffusers", reason=_NO_DIFFUSERS)
    from tests.generative import tiny

    return tiny.images(tmp_path_factory.mktemp("models") / "images")


@pytest.fixture(scope="session")
def video_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small image-to-video model."""
    pytest.importorskip("diffusers", reason=_NO_DIFFUSERS)
    from tests.generative import tiny

    return tiny.videos(tmp_path_factory.mktemp("models") / "videos")


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    """Give a copy of a folder that a test may change."""
    return lambda folder: Path(shutil.copytree(folder, tmp_path / "model"))


@pytest.fixture
def _one_thread() -> Iterator[None]:
    """Small models on a busy machine: threads wait for each other longer than they work."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
