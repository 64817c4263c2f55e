"""Cropping a scene and turning it upright, as a user does it, and the studio on a phone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.transform import Rotation

from scenegen.lift.placement import AS_TRAINED, PLACEMENT_FILE, read_placement
from scenegen.lift.scene_folder import load_scene
from scenegen.studio import placing
from scenegen.studio.app import Studio
from scenegen.studio.seat import Seat
from scenegen.types import Crop
from tests.studio.browser import (
    add_keys,
    drag,
    enter,
    field,
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


def crop_of(studio: Studio) -> Crop:
    crop = studio.session.placement.crop
    assert crop is not None
    return crop


def corner(page: Page) -> np.ndarray:
    """The mean colour of what the page shows at its lower left."""
    clip = {"x": 40, "y": 700, "width": 60, "height": 60}
    data = page.screenshot(clip=clip)  # pyright: ignore[reportArgumentType]
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).mean(axis=(0, 1))


def test_a_scene_is_cropped_by_hand(
    studio: Studio, page: Page, browser: Browser, scene_folder: Path
) -> None:
    seat = sit_down(page, studio)
    open_tab(page, "View")
    field(page, "Photos").click()
    open_tab(page, "Scene")
    field(page, "Crop to a box").click()
    until(lambda: studio.session.placement.crop is not None, page)
    fitted = crop_of(studio)
    until(lambda: read_placement(scene_folder).crop == fitted, page)

    # Something small in the middle, before white.
    stage = studio.stage
    assert stage is not None
    middle = stage.location.subject
    box = Crop(tuple(middle.tolist()), (1.0, 1.0, 1.0), background=(1.0, 1.0, 1.0))
    studio.session.place(lambda placement: type(placement)(placement.rotation, box))
    until(lambda: corner(page).min() > 240, page)

    handle = pull_a_face(page, studio, seat)
    until(lambda: crop_of(studio) != box, page)
    after, before = placing.face_points(crop_of(studio)), placing.face_points(box)
    moved = np.linalg.norm(after - before, axis=1) > 1e-6
    assert moved[handle], "the face that was pulled stays"
    assert not moved[handle ^ 1], "the face opposite to it moves"
    other = browser.new_page(viewport={"width": 1280, "height": 800})
    sit_down(other, studio)
    until(lambda: corner(other).min() > 240, other)
    other.close()

    press(page, "Undo")
    until(lambda: studio.session.placement.crop == box, page)
    press(page, "Show everything")
    until(lambda: studio.session.placement == AS_TRAINED, page)
    until(lambda: not (scene_folder / PLACEMENT_FILE).exists(), page)
    until(lambda: corner(page).min() < 230, page)
    press(page, "Undo")
    until(lambda: read_placement(scene_folder).crop == box, page)
    assert load_scene(scene_folder).field.crop == box


def pull_a_face(page: Page, studio: Studio, seat: Seat) -> int:
    """Pull the box's face that points right by its arrow; return its number."""
    stage = studio.stage
    assert stage is not None
    sight = seat.live.free_sight()
    assert sight is not None
    middles = placing.face_points(crop_of(studio))
    outward = middles - np.array(crop_of(studio).centre)
    face = int((outward @ sight.pose[:3, 0]).argmax())
    unit = outward[face] / np.linalg.norm(outward[face])
    # The arrow's shaft is some way out of the face.
    start = pixel_of(page, seat, stage.shown(middles[face]) + 0.1 * unit)
    ends = pixel_of(page, seat, stage.shown(middles[face]) + 0.5 * unit)
    page.wait_for_timeout(500)  # until the handles are drawn; they tell nobody
    drag(page, start, (ends[0] - start[0], ends[1] - start[1]))
    return face


def test_a_leaning_view_becomes_level(studio: Studio, page: Page, scene_folder: Path) -> None:
    seat = sit_down(page, studio)
    add_keys(page, studio, seat, 1)
    (key,) = keys_of(studio)
    stage = studio.stage
    assert stage is not None
    pose = np.array(stage.scene.photos[2].camera.world_from_camera)
    pose[:3, :3] = pose[:3, :3] @ Rotation.from_euler("zx", [0.2, 0.1]).as_matrix()
    seat.live.go_to(pose, 50.0)
    until(lambda: apart(seat, pose) < 1e-3, page)
    open_tab(page, "Scene")
    press(page, "Level here")
    until(lambda: studio.session.placement != AS_TRAINED, page)
    turn = studio.session.placement.turn
    np.testing.assert_allclose(turn @ pose[:3, 1], [0, 0, 1], atol=1e-3)
    along = np.eye(4)
    along[:3, :3] = turn
    until(lambda: apart(seat, along @ pose) < 1e-3, page)  # the view itself stays
    np.testing.assert_allclose(keys_of(studio)[0], turn @ key, atol=1e-9)
    until(lambda: read_placement(scene_folder) == studio.session.placement, page)
    page.get_by_text("from how it was trained").wait_for()

    press(page, "Undo")
    until(lambda: studio.session.placement == AS_TRAINED, page)
    np.testing.assert_array_equal(keys_of(studio)[0], key)


def test_sliders_and_buttons_turn_the_scene(studio: Studio, page: Page) -> None:
    sit_down(page, studio)
    open_tab(page, "Scene")
    enter(page, "Roll", "1")
    until(lambda: abs(placing.off_by_deg(studio.session.placement) - 1.0) < 1e-6, page)
    press(page, "As photos were held")
    until(lambda: placing.off_by_deg(studio.session.placement) < 0.1, page)
    press(page, "Flip")
    until(lambda: placing.off_by_deg(studio.session.placement) > 179, page)
    press(page, "As trained")
    until(lambda: studio.session.placement == AS_TRAINED, page)
    press(page, "Undo")
    until(lambda: placing.off_by_deg(studio.session.placement) > 179, page)


def apart(seat: Seat, pose: np.ndarray) -> float:
    """How far the browser's camera is from a pose."""
    sight = seat.live.free_sight()
    return np.inf if sight is None else float(np.abs(sight.pose - pose).max())


def test_on_a_phone_half_of_the_page_is_the_view(studio: Studio, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    seat = sit_down(page, studio)
    panel = page.locator('.mantine-Paper-root[style*="bottom: 0"]').bounding_box()
    assert panel is not None
    assert (panel["x"], panel["width"]) == (0, 390)
    assert panel["height"] < 0.5 * 844
    tabs = page.get_by_role("tab").all()
    rows = {round((tab.bounding_box() or {"y": -1})["y"]) for tab in tabs}
    assert len(tabs) == 6
    assert len(rows) == 1, "tabs in more than one row"
    press(page, "Add keyframe here")
    until(lambda: len(keys_of(studio)) == 1, page)
    page.get_by_text("scenegen studio").click()  # folds the sheet away
    until(lambda: not page.get_by_role("button", name="Play").is_visible(), page)
    assert seat.live.figures.sharp_count > 0
    page.close()
