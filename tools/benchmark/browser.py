"""A headless Chromium that draws without a GPU: for the benchmark, and for the studio's tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader"),
    "--enable-unsafe-swiftshader",
)


def find_chromium() -> str | None:
    """Return the Chromium to use, that of SCENEGEN_CHROMIUM first; None where there is none."""
    found = (shutil.which(name) for name in (os.environ.get("SCENEGEN_CHROMIUM", ""), *NAMES))
    return next((name for name in found if name), None)


@contextmanager
def chromium(place: str) -> Iterator[Browser]:
    """Run the Chromium at ``place``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=place, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
