"""Paths bent out of walls and back to the photos, in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.path.bending import Bend
from scenegen.path.check import FAST, TURN_DEG_S, check_path
from scenegen.path.location import Location
from scenegen.path.mend import mend_path
from scenegen.types import CameraPath, LensWork
from tests.path.rigs import facade, look, scene, world
from tests.path.test_check import FPS, kinds, looking, straight

BACK = ((-20, 10, -1), (20, 11, 20))
POST = ((-0.3, -0.3, -9), (0.3, 0.3, 9))


def swings(path: CameraPath) -> np.ndarray:
    """Changes of the turn from frame to frame, in degrees a second each second."""
    from scipy.spatial.transform import Rotation

    turned = path.world_from_camera[1:, :3, :3] @ path.world_from_camera[:-1, :3, :3].swapaxes(1, 2)
    turns = Rotation.from_matrix(turned).as_rotvec(degrees=True)
    return np.linalg.norm(np.diff(turns, axis=0), axis=1) * path.fps**2


def jerk(path: CameraPath) -> float:
    """Largest change of speed from frame to frame, as a share of the mean speed."""
    steps = np.diff(path.world_from_camera[:, :3, 3], axis=0)
    mean = np.linalg.norm(steps, axis=1).mean()
    return float(np.linalg.norm(np.diff(steps, axis=0), axis=1).max() / mean)


def bends(path: CameraPath, other: CameraPath) -> np.ndarray:
    return np.linalg.norm(
        path.world_from_camera[:, :3, 3] - other.world_from_camera[:, :3, 3], axis=1
    )


@pytest.fixture(scope="module")
def posted() -> Location:
    """A facade seen from photos in front of and behind a post in the way."""
    eyes = [(x, y, 1.7) for y in (-1.5, 1.5) for x in np.linspace(-4, 4, 9)]
    photos = scene([look(eye, (eye[0], 10, 3)) for eye in eyes])
    return Location(photos, world(floor=0.0, boxes=[BACK, POST]))


def test_a_path_through_a_post_goes_around_it(posted: Location) -> None:
    path = straight((-3, 0, 1.7), (3, 0, 1.7), 145)
    mended = mend_path(path, posted)
    assert {"crossing", "near"} <= set(kinds(mended.before))
    assert not {"crossing", "near"} & set(kinds(mended.check))
    # The figures are those of the path that is handed back.
    again = check_path(mended.path, posted)
    np.testing.assert_array_equal(again.clearance, mended.check.clearance)
    assert jerk(mended.path) < 0.1
    assert mended.check.speed.max() < 1.5 * mended.before.speed.max()
    assert mended.check.turn_deg_s.max() < 20
    # It begins and ends where it did, and goes no farther aside than it has to.
    assert bends(path, mended.path)[[0, -1]].max() < 0.1
    assert 0.3 < bends(path, mended.path).max() < 2.0
    assert len(mended.path) == len(path)


def test_a_path_without_trouble_is_the_same_one(posted: Location) -> None:
    path = straight((-3, 1.5, 1.7), (3, 1.5, 1.7))
    mended = mend_path(path, posted)
    assert kinds(mended.before) == []
    assert mended.path is path
    assert mended.check is mended.before


def test_a_path_too_near_to_a_wall_is_pushed_off_as_a_whole() -> None:
    location = Location(facade(9), world(boxes=[BACK, ((-20, -1.0, -9), (20, -0.6, 9))]))
    path = straight((-3, -0.5, 1.7), (3, -0.5, 1.7), 145, look=(0, 1, 0.1))
    mended = mend_path(path, location)
    assert "near" in kinds(mended.before)
    assert kinds(mended.check) == []
    moved = mended.path.world_from_camera[:, :3, 3] - path.world_from_camera[:, :3, 3]
    assert np.ptp(moved[:, 1]) < 0.1
    assert jerk(mended.path) < 0.02


def test_a_view_of_what_no_photo_saw_turns_back_to_what_they_did() -> None:
    location = Location(facade(9), world(boxes=[BACK]))
    places = np.linspace((-3, 0, 1.7), (3, 0, 1.7), 145)
    angle = np.deg2rad(np.clip(np.linspace(-60, 110, 145), 0, 110))
    path = looking(places, np.stack([np.sin(angle), np.cos(angle), 0.1 + 0 * angle], axis=1))
    mended = mend_path(path, location)
    assert "unseen" in kinds(mended.before)
    assert mended.check.seen.min() > mended.before.seen.min() + 0.3
    assert mended.check.turn_deg_s.max() < TURN_DEG_S
    # What was well seen keeps its view.
    assert np.abs(mended.check.seen[:8] - mended.before.seen[:8]).max() < 0.1


def test_a_path_that_has_left_the_place_comes_back_to_it() -> None:
    location = Location(facade(9), world(boxes=[BACK]))
    share = np.linspace(0, 1, 145)[:, None]
    path = looking((1 - share) * [0, 0, 1.7] + share * [26, -3, 1.7], (0, 1, 0.1))
    mended = mend_path(path, location)
    assert "unseen" in kinds(mended.before)
    assert mended.check.photo_distance.max() < 0.7 * mended.before.photo_distance.max()
    assert mended.check.seen.mean() > mended.before.seen.mean() + 0.1
    assert mended.check.speed.max() < max(FAST * location.size, mended.before.speed.max() * 1.1)


def test_each_shot_between_cuts_is_bent_alone(posted: Location) -> None:
    good = np.linspace((-3, -1.5, 1.7), (-1, -1.5, 1.7), 48)
    bad = np.linspace((-2, 0, 1.7), (2, 0, 1.7), 97)
    path = replace(looking(np.concatenate([good, bad]), (0, 1, 0)), cuts=(48,))
    mended = mend_path(path, posted)
    assert "crossing" in kinds(mended.before)
    assert "crossing" not in kinds(mended.check)
    np.testing.assert_array_equal(mended.path.world_from_camera[:48], path.world_from_camera[:48])


def test_a_rolled_camera_keeps_its_roll(posted: Location) -> None:
    path = straight((-3, 0, 1.7), (3, 0, 1.7), 145)
    roll = np.deg2rad(20)
    turn = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    path.world_from_camera[:, :3, :3] = path.world_from_camera[:, :3, :3] @ turn
    mended = mend_path(path, posted)
    assert mended.path is not path
    rotation = mended.path.world_from_camera[:, :3, :3]
    level = np.cross(-rotation[:, :, 2], [0, 0, 1])
    level /= np.linalg.norm(level, axis=1, keepdims=True)
    found = np.degrees(np.arccos((rotation[:, :, 0] * level).sum(axis=1)))
    np.testing.assert_allclose(found, 20, atol=0.1)
    np.testing.assert_allclose(
        rotation @ rotation.swapaxes(1, 2), np.tile(np.eye(3), (145, 1, 1)), atol=1e-9
    )


def test_what_cannot_be_mended_is_still_said() -> None:
    location = Location(facade(9), world(boxes=[BACK, ((0.2, -60, -60), (0.4, 10, 60))]))
    mended = mend_path(straight((-3, 0, 1.7), (3, 0, 1.7)), location)
    assert "crossing" in kinds(mended.check)


@pytest.mark.parametrize("shift", [0.0, 0.4, 0.9])
def test_a_path_led_back_to_photos_has_no_corner_where_another_one_is_nearest(shift: float) -> None:
    """Photos stand in zigzag: which of them is nearest hops as the path passes by."""
    eyes = [(x + shift, 1.5 * (k % 2), 1.7) for k, x in enumerate(np.arange(-6.0, 7.0, 2.0))]
    location = Location(scene([look(eye, (eye[0], 10, 3)) for eye in eyes]), world(boxes=[BACK]))
    places = np.linspace((-4, -3, 1.7), (4, -3, 1.7), 193)
    mended = mend_path(looking(places, (0, -1, 0)), location)
    assert mended.before.seen.max() == 0
    assert mended.check.photo_distance.max() < 0.8 * mended.before.photo_distance.max()
    steps = np.diff(mended.path.world_from_camera[:, :3, 3], axis=0)
    usual = 8 / 192
    # In a second its speed changes by less than 0.6 of itself (worst seen 0.38, with the nearest
    # photo alone 1.8) and its turn by little.
    assert np.linalg.norm(np.diff(steps, axis=0), axis=1).max() < 0.6 * usual / FPS
    assert swings(mended.path).max() < 5
    # No frame stands out: what changes, changes over many of them (worst seen 0.36, before 1.3).
    assert np.linalg.norm(np.diff(steps, n=2, axis=0), axis=1).max() < 0.5 * usual / FPS


def test_frames_far_from_the_trouble_stay_at_their_time(posted: Location) -> None:
    path = straight((-5, 0, 1.7), (5, 0, 1.7), 577, look=(0, 1, 0.1))  # 24 s, the post at the 12th
    mended = mend_path(path, posted)
    assert "crossing" in kinds(mended.before)
    assert "crossing" not in kinds(mended.check)
    seconds = np.arange(577) / FPS
    first = min(one.start for one in mended.before.troubles)
    last = max(one.end for one in mended.before.troubles)
    calm = (seconds < first - 5) | (seconds > last + 5)
    assert calm.mean() > 0.2
    assert bends(path, mended.path)[calm].max() < 1e-6
    assert bends(path, mended.path)[~calm].max() > 0.3


def test_a_window_is_1_in_trouble_smooth_and_0_far_from_it() -> None:
    bend = Bend(np.arange(0, 481, 4), 1.2, FPS)
    troubled = np.zeros(121, bool)
    troubled[50:60] = True
    window = bend.window(troubled)
    assert (window[50:60] == 1).all()
    far = np.abs(np.arange(121) - 54.5) > 4.5 + 2.4 * 6 + 1
    assert (window[far] == 0).all()
    assert np.abs(np.diff(window, n=2)).max() < 0.035  # 2 pi / 14.4 keys squared
    # Where the shot begins within the fade, it fades faster; trouble at the very end moves that.
    troubled[:] = False
    troubled[[8, 119]] = True
    window = bend.window(troubled)
    assert window[0] == pytest.approx(0, abs=1e-12)
    assert window[120] == 1
    assert bend.window(np.zeros(121, bool)).max() == 0


def test_focus_stays_on_what_it_was_on_and_comes_at_its_time(posted: Location) -> None:
    path = straight((-3, 0, 1.7), (3, 0, 1.7), 145)
    share = np.linspace(0, 1, 145)
    work = LensWork(10 - 4 * share, 0.02 + 0.02 * share, 0.5)
    mended = mend_path(replace(path, lens_work=work), posted).path
    found = mended.lens_work
    assert found is not None
    assert found.shutter == 0.5
    assert bends(path, mended).max() > 0.3
    # What was sharp lies straight ahead of the former camera; it still is as sharp.
    was = path.world_from_camera[:, :3, 3] + np.outer(10 - 4 * share, [0, 1, 0])
    poses = mended.world_from_camera
    depth = -((was - poses[:, :3, 3]) * poses[:, :3, 2]).sum(axis=1)
    np.testing.assert_allclose(found.focus_distance[[0, -1]], depth[[0, -1]], atol=0.02)
    assert np.abs(np.diff(found.focus_distance)).max() < 0.15
    assert (np.diff(found.aperture) >= -1e-9).all()
    assert found.aperture[[0, -1]] == pytest.approx([0.02, 0.04])
