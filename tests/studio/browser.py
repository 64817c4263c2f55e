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

from scenegen.path.script.shots import Keyframes
from scenegen.studio.app import Studio
from scenegen.studio.seat import Seat

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

WAIT_S = 60.0
"""Long, for a machine that does much besides; what is waited for comes within a second or two."""


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
    """Wait until ``holds``; the browser goes on meanwhile. Fails after `WAIT_S`."""
    assert comes(holds, page, WAIT_S), "waited in vain"


def comes(holds: Callable[[], object], page: Page | None, within_s: float) -> bool:
    """Return whether something ``holds`` within so many seconds; the browser goes on meanwhile."""
    ends = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > ends:
            return False
        if page is None:
            time.sleep(0.05)
        else:
            page.wait_for_timeout(50)
    return True


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


def keys_of(studio: Studio) -> list[np.ndarray]:
    """The positions of the keyframes; there are no other shots."""
    shots = studio.session.script.shots
    if not shots:
        return []
    (shot,) = shots
    assert isinstance(shot, Keyframes)
    return [np.array(key.position) for key in shot.keys]


def press(page: Page, name: str, which: int = 0) -> None:
    """Press the button of a name, by its place among those."""
    page.get_by_role("button", name=name, exact=True).nth(which).click()


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """Drag from a pixel of the page by so many."""
    page.mouse.move(*start)
    page.mouse.down()
    for share in (0.25, 0.5, 0.75, 1.0):
        page.mouse.move(start[0] + share * by[0], start[1] + share * by[1])
    page.mouse.up()


def add_keys(page: Page, studio: Studio, seat: Seat, count: int) -> None:
    """Add keyframes, the camera being turned by the mouse after each."""
    for _ in range(count):
        had = len(keys_of(studio))
        press(page, "Add keyframe here")
        until(lambda: len(keys_of(studio)) == had + 1, page)  # noqa: B023 - called at once
        turn(page, seat)


def turn(page: Page, seat: Seat) -> None:
    """Turn the camera by the mouse; again where something that may be pulled lay under it."""
    before = np.array(seat.client.camera.position)

    def turned() -> bool:
        return bool(np.abs(seat.client.camera.position - before).max() > 0.01)

    for _ in range(3):
        drag(page, (300, 600), (60, 20))
        if comes(turned, page, WAIT_S / 3):
            return
    pytest.fail("the camera did not turn")


def open_tab(page: Page, name: str) -> None:
    """Open one of the panel's tabs."""
    page.get_by_role("tab", name=name, exact=True).click()


def field(page: Page, label: str) -> Locator:
    """Return the input beside a label; not all that viser makes are tied to theirs."""
    row = 'ancestor::div[contains(@class, "mantine-Flex-root")][1]'
    inputs = '*[self::textarea or self::input[not(@type="hidden")]]'
    return page.locator(f'//label[normalize-space()="{label}"]/{row}//{inputs}')


def pick(page: Page, label: str, option: str) -> None:
    """Choose an option of a dropdown."""
    field(page, label).click()
    page.get_by_role("option", name=option, exact=True).click()


def enter(page: Page, label: str, value: str) -> None:
    """Type into the field of a label."""
    field(page, label).fill(value)
    field(page, label).press("Enter")
