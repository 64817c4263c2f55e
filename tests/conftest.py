"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_SCENES = ROOT.parent / "shared" / "scenes"


@pytest.fixture
def shared_scene() -> Callable[[str], Path]:
    """Give the folder of a real capture by name; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        folder = SHARED_SCENES / name
        if not folder.exists():
            pytest.skip(f"real capture {name!r} is absent: {folder}")
        return folder

    return find
