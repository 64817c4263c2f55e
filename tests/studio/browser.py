"""A real browser for the tests of the studio, and hands to use it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmark import browser as machine

from scenegen.studio.app import Studio
from scenegen.studio.seat import Seat

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WAIT_S = 30.0


def find_chromium() -> str:
    """Return the Chromium to use; the test is skipped without one, or fails where it may not."""
    place = machine.find_chromium()
    if place is None:
        reason = "no Chromium found; install one or name it in SCENEGEN_CHROMIUM"
        if os.environ.get("SCENEGEN_BROWSER_TESTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return place


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium that draws without a GPU."""
    with machine.chromium(find_chromium()) as browser:
        yield browser


def until(holds: Callable[[], object], page: Page | None = None) -> None:
    """Wait until ``holds``; the browser goes on meanwhile. Fails after half a minute."""
    ends = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends, "waited in vain"
        if page is None:
            time.sleep(0.05)
        else:
            page.wait_for_timeout(50)


def sit_down(page: Page, studio: Studio) -> Seat:
    """Open the studio in a page and return the seat that it got, once its picture is sharp."""
    known = set(map(id, studio.seats))
    page.goto(studio.url)
    page.get_by_role("button", name="Add keyframe here").wait_for()
    until(lambda: len(set(map(id, studio.seats)) - known) == 1, page)
    seat = next(seat for seat in studio.seats if id(seat) not in known)
    until(lambda: seat.live.figures.sharp_count > 0, page)
    return seat


def pixel_of(page: Page, seat: Seat, point: np.ndarray) -> tuple[float, float]:
    """Return where a point of the browser's world is on its page, in pixels of the mouse.

    The picture fills the page; slow machines draw it with fewer pixels.
    """
    from scipy.spatial.transform import Rotation

    camera = seat.client.camera
    turn = Rotation.from_quat(np.asarray(camera.wxyz), scalar_first=True)
    x, y, z = turn.inv().apply(np.asarray(point) - np.asarray(camera.position))
    assert z > 0, "the point is behind the camera"
    size = page.viewport_size
    assert size is not None
    focal = size["height"] / 2 / np.tan(camera.fov / 2)
    return size["width"] / 2 + focal * x / z, size["height"] / 2 + focal * y / z
