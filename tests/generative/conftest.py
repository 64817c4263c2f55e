"""Small models in folders, made once; tests copy those that they change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.generative import tiny


@pytest.fixture(scope="session")
def image_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.images(tmp_path_factory.mktemp("models") / "images")


@pytest.fixture(scope="session")
def video_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.videos(tmp_path_factory.mktemp("models") / "videos")


@pytest.fixture(scope="session")
def spoken_video_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.spoken_videos(tmp_path_factory.mktemp("models") / "spoken")


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    """Give a copy of a folder that a test may change."""
    return lambda folder: Path(shutil.copytree(folder, tmp_path / "model"))
