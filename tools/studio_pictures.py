"""Pictures of the studio for docs/studio.md, taken in a real Chromium.

    python tools/studio_pictures.py SCENE docs/studio

writes OUTPUT_desk.jpg, OUTPUT_crop.jpg and OUTPUT_phone.jpg; the scene is not changed.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from benchmark.browser import chromium, find_chromium
from PIL import Image

from scenegen.lift.scene_folder import load_scene
from scenegen.path.location import Location
from scenegen.studio import placing
from scenegen.studio.app import Studio
from scenegen.studio.edits import EMPTY, with_shot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from scenegen.studio.seat import Seat

_QUALITY = 82
_WAIT_S = 600.0
_DESK, _PHONE = (1280, 800), (390, 844)
_SHOTS = (
    {"move": "follow-the-photos", "first": "20%", "last": "60%", "seconds": 5.0},
    {"move": "push-in", "until": 0.7, "seconds": 3.0},
)


def main(
    scene: Annotated[Path, tyro.conf.Positional],
    output: Annotated[Path, tyro.conf.Positional],
) -> None:
    """Take the pictures of ``scene``."""
    place = find_chromium()
    if place is None:
        sys.exit("no Chromium found; install one or name it in SCENEGEN_CHROMIUM")
    with tempfile.TemporaryDirectory() as folder:
        copied = shutil.copytree(scene, Path(folder) / "scene")
        studio = Studio(Path(folder) / "desk", load_scene(copied), port=0)
        try:
            with chromium(place) as browser:
                take(studio, browser, scene, output)
        finally:
            studio.close()


def take(studio: Studio, browser: Browser, scene: Path, output: Path) -> None:
    """Direct a film, crop the scene, and take a picture of each."""
    page, seat = sit_down(studio, browser, _DESK)
    script = EMPTY
    for words in _SHOTS:
        script = with_shot(script, words)
    studio.session.do(lambda _: script)
    wait(page, lambda: studio.director.film.check is not None)
    rest(page, seat)
    save(page, output, "desk")
    page.get_by_role("tab", name="Scene").click()
    crop = replace(placing.fitted(Location(load_scene(scene))), background=(0.93, 0.93, 0.95))
    studio.session.place(lambda placement: replace(placement, crop=crop))
    rest(page, seat)
    save(page, output, "crop")
    studio.session.undo()
    page.close()
    page, seat = sit_down(studio, browser, _PHONE)
    rest(page, seat)
    save(page, output, "phone")
    page.close()


def sit_down(studio: Studio, browser: Browser, size: tuple[int, int]) -> tuple[Page, Seat]:
    """Open a page of a size in pixels, with its seat; notes of the browser are put away."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(studio.url)
    page.get_by_role("button", name="Add keyframe here").wait_for()
    wait(page, lambda: studio.stage is not None and studio.stage.is_warm)
    (seat,) = (one for one in studio.seats if one.live is not None)
    page.add_style_tag(content=".mantine-Notifications-root{display:none}")
    return page, seat


def rest(page: Page, seat: Seat) -> None:
    """Wait until the picture is sharp."""
    page.wait_for_timeout(1500)
    count = seat.live.figures.sharp_count
    seat.live.again()
    wait(page, lambda: seat.live.figures.sharp_count > count)
    page.wait_for_timeout(1500)


def wait(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds; the browser goes on meanwhile."""
    ends = time.monotonic() + _WAIT_S
    while not holds():
        if time.monotonic() > ends:
            sys.exit("the studio did not come so far")
        page.wait_for_timeout(100)


def save(page: Page, output: Path, name: str) -> None:
    """Write what the page shows."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.save(f"{output}_{name}.jpg", quality=_QUALITY, optimize=True)


if __name__ == "__main__":
    tyro.cli(main)
