"""What is in the studio's tabs, driven as a user drives it: files, lenses, keyframes, views."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from scenegen.path.formats.hints import Hints
from scenegen.path.formats.registry import read_path
from scenegen.path.script.shots import Keyframes
from scenegen.studio import edits
from scenegen.studio.app import Studio
from scenegen.studio.seat import Seat
from tests.studio.browser import (
    add_keys,
    enter,
    field,
    keys_of,
    open_tab,
    pick,
    press,
    sit_down,
    until,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

_LEFT = {"x": 200, "y": 200, "width": 500, "height": 400}
"""A part of the page that no panel covers."""


def shot_of(studio: Studio) -> Keyframes:
    (shot,) = studio.session.script.shots
    assert isinstance(shot, Keyframes)
    return shot


def picture(page: Page) -> np.ndarray:
    """What the page shows beside its panel."""
    data = page.screenshot(clip=_LEFT)  # pyright: ignore[reportArgumentType]
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def colour(page: Page) -> float:
    """How far what the page shows is from grey."""
    shown = picture(page)
    return float((shown.max(axis=2) - shown.min(axis=2)).mean())


def test_scripts_and_other_formats_are_saved_and_loaded(
    studio: Studio, page: Page, tmp_path: Path
) -> None:
    seat = sit_down(page, studio)
    add_keys(page, studio, seat, 2)
    until(lambda: studio.director.film.path is not None, page)
    film, folder = studio.director.film, tmp_path / "desk" / "paths"
    open_tab(page, "Files")
    enter(page, "Name", "mine")
    press(page, "Save")
    until((folder / "mine.yaml").is_file, page)
    pick(page, "Save as", "Nuke (.chan)")
    with page.expect_download() as download:
        press(page, "Save and download")
    assert download.value.suggested_filename == "mine.chan"
    assert Path(download.value.path()).read_bytes() == (folder / "mine.chan").read_bytes()
    assert film.path is not None
    saved = read_path(folder / "mine.chan", Hints(film.path.aspect))
    places = film.path.world_from_camera[:, :3, 3]
    np.testing.assert_allclose(saved.world_from_camera[:, :3, 3], places, atol=1e-5)

    kept = studio.session.script
    press(page, "Undo")
    until(lambda: studio.session.script != kept, page)
    pick(page, "Saved", "mine.yaml")
    press(page, "Load")
    until(lambda: studio.session.script == kept, page)
    with page.expect_file_chooser() as chooser:
        press(page, "Load from this computer")
    chooser.value.set_files(folder / "mine.chan")
    until(lambda: studio.session.script != kept, page)
    loaded = keys_of(studio)
    assert len(loaded) > 4
    np.testing.assert_allclose([loaded[0], loaded[-1]], [places[0], places[-1]], atol=1e-4)


def test_a_broken_file_changes_nothing(studio: Studio, page: Page, tmp_path: Path) -> None:
    seat = sit_down(page, studio)
    add_keys(page, studio, seat, 1)
    kept = studio.session.script
    (tmp_path / "broken.yaml").write_text("schema: scenegen.path/1\nshots:\n  - {move: fly}\n")
    open_tab(page, "Files")
    with page.expect_file_chooser() as chooser:
        press(page, "Load from this computer")
    chooser.value.set_files(tmp_path / "broken.yaml")
    page.get_by_text("Not done").wait_for()
    assert studio.session.script == kept


def test_the_lens_tab_writes_the_script(studio: Studio, page: Page) -> None:
    seat = sit_down(page, studio)
    add_keys(page, studio, seat, 2)
    open_tab(page, "Lens")
    enter(page, "Focal, mm", "28")
    until(lambda: shot_of(studio).focal == 28, page)
    enter(page, "Zooms to, mm", "50")
    until(lambda: shot_of(studio).focal == (28, 50), page)
    enter(page, "Lens width", "0.05")
    until(lambda: studio.session.script.aperture == 0.05, page)
    press(page, "Focus on the middle of the view")
    until(lambda: isinstance(studio.session.script.focus, tuple), page)
    press(page, "Focus on the subject")
    until(lambda: studio.session.script.focus == "subject", page)
    pick(page, "Aspect", "1:1")
    until(lambda: studio.session.script.aspect == "1:1", page)
    pick(page, "Frames a second", "30")
    until(lambda: studio.session.script.fps == 30, page)
    field(page, "Loop").click()
    until(lambda: studio.session.script.loop, page)

    def follows() -> bool:
        path = studio.director.film.path  # of each edit in turn: the last one decides
        return path is not None and (path.aspect, path.fps) == (1, 30) and bool(path.lens_work)

    until(follows, page)


def test_keyframes_are_inserted_reordered_retimed_and_deleted(studio: Studio, page: Page) -> None:
    seat = sit_down(page, studio)
    add_keys(page, studio, seat, 3)
    until(lambda: len(studio.director.film.marks) == 3, page)
    first, second, third = keys_of(studio)
    press(page, "Insert here")
    until(lambda: len(keys_of(studio)) == 4, page)
    inserted = keys_of(studio)[3]
    press(page, "Earlier", 1)
    until(lambda: np.array_equal(keys_of(studio)[2], inserted), page)
    np.testing.assert_array_equal(keys_of(studio), [first, second, inserted, third])
    until(lambda: len(studio.director.film.marks) == 4 and seat.key == 2, page)
    press(page, "Delete", 1)
    until(lambda: len(keys_of(studio)) == 3, page)
    np.testing.assert_array_equal(keys_of(studio), [first, second, third])

    until(lambda: len(studio.director.film.marks) == 3 and seat.key == 1, page)
    times = [mark.in_shot for mark in studio.director.film.marks]
    later = round(times[1] + 0.5, 2)
    enter(page, "At second", str(later))
    until(lambda: shot_of(studio).keys[1].at is not None, page)
    at = [float(key.at or 0) for key in shot_of(studio).keys]
    assert at[1] == pytest.approx(later)
    assert at[2] - at[1] == pytest.approx(times[2] - times[1], abs=1e-3)
    press(page, "Even speed")
    until(lambda: shot_of(studio).keys[1].at is None, page)
    press(page, "Delete")
    until(lambda: not studio.session.script.shots, page)


def test_a_film_is_bent_clear(studio: Studio, page: Page) -> None:
    seat = sit_down(page, studio)
    stage = studio.stage
    assert stage is not None
    # From photo to photo, by way of a place beyond the wall at y = 2.
    poses = [np.array(stage.scene.photos[k].camera.world_from_camera) for k in (1, 2, 4)]
    poses[1][:3, 3] = [0.0, 2.6, 0.0]
    script = edits.EMPTY
    for pose in poses:
        script, _, _ = edits.with_key(script, edits.key_at_pose(pose, 50.0))
    seat.do(lambda _: script)
    page.get_by_role("button", name="Bend it clear").wait_for()
    before = studio.director.film.check
    assert before is not None
    assert any(one.kind == "crossing" for one in before.troubles)
    press(page, "Bend it clear")
    until(lambda: studio.session.script != script, page)

    def is_checked() -> bool:
        film = studio.director.film
        return film.check is not None and film.script == studio.session.script

    until(is_checked, page)
    after = studio.director.film.check
    assert after is not None
    assert not any(one.kind == "crossing" for one in after.troubles)
    press(page, "Undo")
    until(lambda: studio.session.script == script, page)


def test_depth_and_opacity_are_looked_at(studio: Studio, page: Page) -> None:
    seat = sit_down(page, studio)
    open_tab(page, "View")
    for what in ("Photos", "Path", "Keyframes"):
        field(page, what).click()
    until(lambda: colour(page) > 10, page)
    pick(page, "Show", "depth")
    until(lambda: colour(page) < 2, page)
    near = picture(page).mean()
    go_ahead(seat, page, -0.3)
    until(lambda: picture(page).mean() < near - 1, page)  # farther away, darker
    pick(page, "Show", "opacity")
    until(lambda: colour(page) < 2 and picture(page).mean() > 200, page)  # the room is closed
    pick(page, "Show", "picture")
    until(lambda: colour(page) > 10, page)


def go_ahead(seat: Seat, page: Page, units: float) -> None:
    """Move the browser's camera along where it looks."""
    sight = seat.live.free_sight()
    assert sight is not None
    pose = sight.pose.copy()
    pose[:3, 3] -= units * pose[:3, 2]
    seat.live.go_to(pose)
    until(lambda: apart(seat, pose) < 1e-3, page)


def apart(seat: Seat, pose: np.ndarray) -> float:
    sight = seat.live.free_sight()
    return np.inf if sight is None else float(np.abs(sight.pose - pose).max())


def test_moves_are_added_and_their_words_changed(studio: Studio, page: Page) -> None:
    seat = sit_down(page, studio)
    pick(page, "Move", "truck")
    press(page, "Add move")
    until(lambda: len(studio.session.script.shots) == 1, page)
    pick(page, "Move", "pan")
    press(page, "Add move")
    until(lambda: [shot.move for shot in studio.session.script.shots] == ["truck", "pan"], page)
    until(lambda: seat.shot == 1, page)
    press(page, "Earlier")
    until(lambda: [shot.move for shot in studio.session.script.shots] == ["pan", "truck"], page)
    pick(page, "Ease", "in-out")
    until(lambda: studio.session.script.shots[0].ease == "in-out", page)
    enter(page, "Seconds", "2.5")
    until(lambda: studio.session.script.shots[0].seconds == 2.5, page)
    field(page, "In words").fill("{move: pan, degrees: 12.0, seconds: 2.5}")
    until(lambda: getattr(studio.session.script.shots[0], "degrees", 0) == 12, page)
    until(lambda: studio.director.film.seconds > 5, page)
    starts = [start for _, start in studio.director.film.starts]
    assert all(later > earlier for earlier, later in pairwise(starts))


def test_a_render_is_cancelled_and_goes_on(studio: Studio, page: Page) -> None:
    seat = sit_down(page, studio)
    add_keys(page, studio, seat, 2)
    until(lambda: studio.director.film.path is not None, page)
    open_tab(page, "Render")
    enter(page, "Width", "320")
    page.get_by_text("320 x 180").wait_for()
    press(page, "Render")
    page.get_by_role("button", name="Cancel").wait_for()
    press(page, "Cancel")
    page.get_by_text("clip.mp4: cancelled").wait_for()
    assert studio.jobs.job is not None
    assert studio.jobs.job.state == "cancelled"
    assert not page.get_by_role("button", name="Get the clip").is_visible()
    enter(page, "Width", "32")
    page.get_by_text("32 x 18").wait_for()
    press(page, "Render")
    page.get_by_text("clip.mp4: done").wait_for()
    page.get_by_role("button", name="Get the clip").wait_for()
