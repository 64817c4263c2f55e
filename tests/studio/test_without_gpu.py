from __future__ import annotations

from pathlib import Path

import pytest

from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.studio.app import Studio
from tests.rooms import room_photos
from tests.studio.browser import chromium, sit_down, until


@pytest.mark.slow
def test_the_canvas_has_few_pixels_while_the_camera_moves(tmp_path: Path) -> None:
    with chromium() as browser:
        capture = load_capture(room_photos(tmp_path / "room", count=5))
        studio = Studio(None, lift(capture, tmp_path / "scene", LiftConfig(steps=60)), port=0)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        try:
            sit_down(page, studio)
            canvas = page.locator("canvas[data-engine]")

            def width() -> int:
                return canvas.evaluate("canvas => canvas.width")

            until(lambda: width() == 960, page)
            page.mouse.move(400, 500)
            page.mouse.down()
            place = 400

            def dragged() -> bool:
                nonlocal place
                place += 3
                page.mouse.move(place, 500)
                return width() == 640

            until(dragged, page)
            page.mouse.up()
            until(lambda: width() == 960, page)
        finally:
            page.close()
            studio.close()
