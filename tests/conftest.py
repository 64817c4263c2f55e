"""Fixtures that all tests share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED_SCENES = ROOT.parent / "shared" / "scenes"

# The time of an example says nothing on a busy machine; the same examples are tried every time.
settings.register_profile("scenegen", deadline=None, derandomize=True)
settings.load_profile("scenegen")


@pytest.fixture
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
