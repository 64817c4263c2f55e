"""A page of the studio, driven by a mouse and watched from within."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from scenegen.errors import UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHARP_PX = 960
"""Width of the picture that a resting camera sees."""
_WATCH = Path(__file__).with_name("watch.js")
_MIDDLE, _WIDE_PX, _HIGH_PX, _ROUND_S = (420.0, 420.0), 80.0, 20.0, 4.0
"""A drag goes around an ellipse in so many seconds, and turns by up to 56 degrees a second."""
_MOVE_EVERY_S = 0.016
_WAIT_S = 60.0


@dataclass(frozen=True)
class Seen:
    """What has happened in a page, in seconds of its clock.

    ``moves`` of the mouse; ``pictures``: when they were drawn, their number, and how wide they were
    seen, a picture again where the canvas got more or fewer pixels; ``seconds``: when the timeline
    was seen to change, and the film's second that it showed.
    """

    moves: Float[np.ndarray, "move"]
    pictures: Float[np.ndarray, "picture 3"]
    seconds: Float[np.ndarray, "change 2"]

    def since(self, second: float) -> Seen:
        """Return what happened later."""
        return Seen(
            self.moves[self.moves > second],
            self.pictures[self.pictures[:, 0] > second],
            self.seconds[self.seconds[:, 0] > second],
        )


class Watched:
    """A page that shows the studio at ``url``."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 800})
        self.page.add_init_script(path=_WATCH)
        self.page.goto(url)
        self.page.get_by_role("button", name="Add keyframe here").wait_for()

    def hide_photos(self) -> None:
        """Leave the photos out of the view."""
        self.page.get_by_role("tab", name="View").click()
        self.page.get_by_label("Photos", exact=True).first.uncheck()

    def seen(self) -> Seen:
        """Return what has happened so far."""
        found = self.page.evaluate("seen")
        pictures = np.array(found["pictures"], np.float64).reshape(-1, 3)
        seconds = np.array(found["seconds"], np.float64).reshape(-1, 2)
        milli = np.array([1e-3, 1.0, 1.0])
        return Seen(np.array(found["moves"]) / 1e3, pictures * milli, seconds * milli[:2])

    def now(self) -> float:
        """Return the page's second."""
        return self.page.evaluate("performance.now()") / 1e3

    def until(self, width: int, since: float) -> float:
        """Wait for a picture at least so wide, and return the seconds from ``since`` to it."""
        ends = time.monotonic() + _WAIT_S
        while time.monotonic() < ends:
            pictures = self.seen().since(since).pictures
            good = pictures[pictures[:, 2] >= width]
            if len(good):
                return round(float(good[0, 0]) - since, 4)
            self.page.wait_for_timeout(100)
        raise UsageError(f"{self.page.url}: no picture {width} wide was drawn in {_WAIT_S:g} s")

    def drag(self, seconds: float) -> Seen:
        """Move the camera, the mouse's button being held; return what happened meanwhile."""
        mouse, begun = self.page.mouse, time.monotonic()
        mouse.move(_MIDDLE[0] + _WIDE_PX, _MIDDLE[1])
        mouse.down()
        since = self.now()
        while (passed := time.monotonic() - begun) < seconds:
            turn = 2 * math.pi * passed / _ROUND_S
            mouse.move(
                _MIDDLE[0] + _WIDE_PX * math.cos(turn), _MIDDLE[1] + _HIGH_PX * math.sin(turn)
            )
            time.sleep(_MOVE_EVERY_S)
        seen = self.seen().since(since)
        mouse.up()
        return seen

    def nudge(self) -> float:
        """Move the resting camera by one move; return the seconds to the first picture after it."""
        mouse = self.page.mouse
        mouse.move(*_MIDDLE)
        mouse.down()
        since = self.now()
        mouse.move(_MIDDLE[0] + 12, _MIDDLE[1])
        moved = float(self.seen().since(since).moves[0])
        latency = self.until(1, moved)
        mouse.up()
        self.until(SHARP_PX, moved)
        return latency

    def stop(self) -> float:
        """Drag for a second; return the seconds from the last move to the sharp picture."""
        return self.until(SHARP_PX, float(self.drag(1.0).moves[-1]))

    def play(self, seconds: float) -> Seen:
        """Play a film of so many seconds to its end; return what happened meanwhile."""
        self.page.get_by_text("To start", exact=True).first.click()
        self.page.wait_for_timeout(1500)
        since = self.now()
        self.page.get_by_text("Play", exact=True).first.click()
        self.page.wait_for_timeout(1000 * seconds + 1500)
        return self.seen().since(since)
