"""The studio, driven as a user drives it: by a mouse in a real browser."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from scenegen.lift.scene_folder import load_scene
from scenegen.path.script.read import read_script
from scenegen.studio.app import Studio, open_studio
from scenegen.studio.seat import Seat
from tests.rooms import room_photos
from tests.studio.browser import (
    add_keys,
    drag,
    enter,
    keys_of,
    open_tab,
    pixel_of,
    press,
    sit_down,
    until,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


pytestmark = pytest.mark.slow


def test_a_film_is_made_by_hand_from_the_first_keyframe_to_the_clip(
    studio: Studio, page: Page, scene_folder: Path, tmp_path: Path
) -> None:
    seat = sit_down(page, studio)
    add_keys(page, studio, seat, 3)
    until(lambda: len(studio.director.film.marks) == 3, page)
    before = keys_of(studio)
    assert min(np.linalg.norm(a - b) for a, b in pairwise(before)) > 0.01

    drag_the_gizmo(page, studio, seat)
    track = page.get_by_role("slider").first.locator("xpath=..").bounding_box()
    assert track is not None
    page.mouse.click(track["x"] + track["width"] / 2, track["y"] + track["height"] / 2)
    until(lambda: seat.live.second is not None, page)
    assert seat.live.second == pytest.approx(studio.director.film.seconds / 2, rel=0.1)

    begun = seat.live.second or 0.0
    press(page, "Play")
    until(lambda: seat.live.is_playing and (seat.live.second or 0) > begun + 0.1, page)
    until(lambda: not seat.live.is_playing, page)
    assert seat.live.second == pytest.approx(studio.director.film.seconds, abs=1.5 / 24)

    dragged = keys_of(studio)  # a drag's last moves may come after its first are seen
    np.testing.assert_array_equal(dragged[:2], before[:2])
    assert np.linalg.norm(dragged[2] - before[2]) > 0.02
    press(page, "Undo")
    until(lambda: np.array_equal(keys_of(studio), before), page)
    press(page, "Redo")
    until(lambda: np.array_equal(keys_of(studio), dragged), page)

    open_tab(page, "Files")
    enter(page, "Name", "by hand")
    press(page, "Save")
    file = tmp_path / "desk" / "paths" / "by hand.yaml"
    until(file.exists, page)
    assert read_script(file) == studio.session.script

    page.reload()
    seat = sit_down(page, studio)
    page.get_by_text("1 shot").first.wait_for(state="attached")
    again = Studio(tmp_path / "desk", load_scene(scene_folder), port=0)
    again.close()
    np.testing.assert_array_equal(keys_of(again), dragged)

    clip = render_clip(page, studio, width=64)
    with av.open(clip) as video:
        frames = np.stack([one.to_ndarray(format="rgb24") for one in video.decode(video=0)])
    film = studio.director.film
    assert film.path is not None
    assert frames.shape == (len(film.path), 36, 64, 3)
    with page.expect_download() as download:
        press(page, "Get the clip")
        page.locator('a[download="clip.mp4"]').click()
    assert Path(download.value.path()).read_bytes() == clip.read_bytes()


def render_clip(page: Page, studio: Studio, width: int) -> Path:
    """Render the film from the page, and return the clip once it is done."""
    open_tab(page, "Render")
    enter(page, "Width", str(width))
    page.get_by_text(f"{width} x ").wait_for()
    press(page, "Render")
    until(lambda: studio.jobs.job is not None and studio.jobs.job.state != "running", page)
    job = studio.jobs.job
    assert job is not None
    assert job.state == "done", job.words
    assert job.output is not None
    page.get_by_text("clip.mp4: done").wait_for()
    return job.output


def drag_the_gizmo(page: Page, studio: Studio, seat: Seat) -> None:
    """Pull the last keyframe by its arrow down, seen from behind."""
    assert studio.stage is not None
    mark = studio.director.film.marks[2]
    back = np.array(mark.pose)
    back[:3, 3] += 1.0 * back[:3, 2] / studio.stage.scale
    sharp = seat.live.figures.sharp_count
    seat.live.go_to(back)
    wxyz, position = studio.stage.shown_pose(mark.pose)
    until(lambda: np.linalg.norm(seat.client.camera.position - position) > 0.9, page)
    # What stood in the camera's way is shown again with the first picture from there.
    until(lambda: seat.live.figures.sharp_count > sharp, page)
    page.wait_for_timeout(300)
    turn = Rotation.from_quat(wxyz, scalar_first=True)
    start = pixel_of(page, seat, position + turn.apply([0.0, 0.35, 0.0]))
    had = keys_of(studio)
    drag(page, start, (0.0, 60.0))
    until(lambda: not np.array_equal(keys_of(studio), had), page)


def test_two_browsers_edit_one_film_each_with_its_own_camera(
    studio: Studio, page: Page, browser: Browser
) -> None:
    first = sit_down(page, studio)
    other = browser.new_page(viewport={"width": 390, "height": 844})
    second = sit_down(other, studio)
    kept = np.array(second.client.camera.position)
    add_keys(page, studio, first, 2)
    other.get_by_text("1 shot").first.wait_for(state="attached")
    np.testing.assert_array_equal(second.client.camera.position, kept)
    other.close()
    until(lambda: studio.seats == (first,), page)


def test_a_lost_connection_loses_no_edits(studio: Studio, page: Page) -> None:
    seat = sit_down(page, studio)
    add_keys(page, studio, seat, 1)
    kept = keys_of(studio)
    studio.server._websock_server.disconnect_all_clients()
    until(lambda: seat not in studio.seats and len(studio.seats) == 1, page)
    (again,) = studio.seats
    until(lambda: again.live.figures.sharp_count > 0, page)
    np.testing.assert_array_equal(keys_of(studio), kept)
    press(page, "Add keyframe here")
    until(lambda: len(keys_of(studio)) == 2, page)


def test_the_studio_waits_for_what_a_browser_that_left_still_does(
    scene_folder: Path, page: Page
) -> None:
    studio = Studio(None, load_scene(scene_folder), port=0)
    seat = sit_down(page, studio)
    begun, done = Event(), Event()

    def work() -> None:
        begun.set()
        time.sleep(1.0)
        done.set()

    seat.worker.post(work)
    until(begun.is_set)
    page.goto("about:blank")
    until(lambda: seat not in studio.seats, page)
    studio.close()
    assert done.is_set()
    assert not seat.busy


def test_a_scene_grows_before_ones_eyes(page: Page, tmp_path: Path) -> None:
    studio = open_studio(room_photos(tmp_path / "room", count=5), port=0)
    assert studio.training is not None
    seen: list[tuple[str, bool]] = []
    studio.training.listen(lambda standing: seen.append((standing.phase, studio.stage is None)))
    try:
        page.goto(studio.url)
        page.get_by_label("Train for (s)").fill("2")
        page.get_by_role("button", name="Make the scene").click()
        until(lambda: seen and seen[-1][0] in ("done", "failed"), page)
        assert ("training", False) in seen, "nothing was shown before the end"
        assert seen[-1] == ("done", False)
        page.get_by_text("5 of 5 photos posed").wait_for(state="attached")
        (seat,) = studio.seats
        until(lambda: seat.live.figures.sharp_count > 0, page)
    finally:
        studio.close()


def test_photos_are_dropped_on_the_page(page: Page, tmp_path: Path) -> None:
    good = sorted(room_photos(tmp_path / "room", count=2).glob("*.png"))
    (tmp_path / "diary.png").write_text("dear diary")
    studio = open_studio(tmp_path / "photos", port=0)
    try:
        page.goto(studio.url)
        page.locator("#scenegen-photos input").set_input_files([*good, tmp_path / "diary.png"])
        page.get_by_text("(3 of 3 sent)").wait_for()
        page.get_by_text("diary.png: the content is not an image").wait_for()
        page.get_by_text("2 photos are here.").wait_for()
        kept = sorted(file.name for file in (tmp_path / "photos").iterdir())
        assert kept == [file.name for file in good]
    finally:
        studio.close()
