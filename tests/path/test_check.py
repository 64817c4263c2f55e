"""Paths looked at in closed form: what they hit and when, what photos saw, whom they make sick."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenegen.path.check import NEAR, check_path, find_cuts
from scenegen.path.framing import aim
from scenegen.path.location import Location
from scenegen.types import CameraPath
from tests.path.rigs import facade, ring, world

FPS = 24.0
WALL = ((1.4, -9.0, -9.0), (1.5, 9.0, 9.0))


def straight(begin, end, frames: int = 97, look=(0.0, 1.0, 0.0)) -> CameraPath:
    """A level path at constant speed that looks one way."""
    share = np.linspace(0, 1, frames)[:, None]
    return looking((1 - share) * np.array(begin) + share * np.array(end), look)


def looking(places: np.ndarray, look) -> CameraPath:
    poses = np.tile(np.eye(4), (len(places), 1, 1))
    looks = np.broadcast_to(np.asarray(look, float), places.shape)
    poses[:, :3, :3] = aim(places, looks / np.linalg.norm(looks, axis=1, keepdims=True), False)
    poses[:, :3, 3] = places
    return CameraPath(poses, np.full(len(places), 40.0), FPS, 16 / 9, cuts=())


def kinds(check) -> list[str]:
    return [trouble.kind for trouble in check.troubles]


@pytest.fixture(scope="module")
def street() -> Location:
    """Photos of a facade at y = 10 from y = 0; a wall stands across the way at x = 1.4."""
    return Location(facade(9), world(boxes=[((-20, 10, -1), (20, 11, 20)), WALL]))


@pytest.fixture(scope="module")
def free() -> Location:
    return Location(facade(9), world(boxes=[((-20, 10, -1), (20, 11, 20))]))


@given(shift=st.floats(-0.9, 0.9), seconds=st.floats(2.0, 6.0))
@settings(max_examples=25, deadline=None)
def test_a_wall_is_found_at_the_second_in_which_the_camera_meets_it(
    street: Location, shift: float, seconds: float
) -> None:
    frames = round(seconds * FPS)
    check = check_path(straight((-1 + shift, 0, 1.7), (3 + shift, 0, 1.7), frames), street)
    speed = 4 / ((frames - 1) / FPS)
    (crossing,) = [trouble for trouble in check.troubles if trouble.kind == "crossing"]
    assert crossing.start == pytest.approx((2.4 - shift) / speed, abs=1e-9)
    # Until it leaves the wall, to the frame.
    assert crossing.end == pytest.approx((2.5 - shift) / speed, abs=1.01 / FPS)
    assert str(crossing).startswith(f"{crossing.start:.1f}")


@given(
    begin=st.tuples(st.floats(-4, 4), st.floats(-3, 5), st.floats(0.8, 4)),
    end=st.tuples(st.floats(-4, 4), st.floats(-3, 5), st.floats(0.8, 4)),
)
@settings(max_examples=25, deadline=None)
def test_a_path_in_free_space_hits_nothing(free: Location, begin, end) -> None:
    assert not {"crossing", "near"} & set(kinds(check_path(straight(begin, end), free)))


def test_a_camera_that_stands_still_before_a_wall_does_not_pass_it(street: Location) -> None:
    check = check_path(straight((1.3, 0, 1.7), (1.3, 0, 1.7)), street)
    assert "near" in kinds(check)
    assert "crossing" not in kinds(check)
    assert check.clearance.min() == pytest.approx(0.1, rel=0.07)  # of 42 directions


def test_a_cut_passes_walls_and_is_no_speed(street: Location) -> None:
    places = np.concatenate(
        [np.linspace((-3, 0, 1.7), (-1, 0, 1.7), 24), np.linspace((2, 0, 1.7), (3, 0, 1.7), 24)]
    )
    path = looking(places, (0, 1, 0))
    assert not {"crossing", "fast"} & set(kinds(check_path(replace(path, cuts=(24,)), street)))
    guessed = replace(path, cuts=None)
    assert not {"crossing", "fast"} & set(kinds(check_path(guessed, street)))
    assert {"crossing", "fast"} <= set(kinds(check_path(path, street)))


def test_cuts_are_guessed_from_steps_far_longer_than_those_around() -> None:
    places = np.cumsum(np.r_[0, np.full(20, 0.02), 3.0, np.full(20, 0.02)])
    cuts = find_cuts(np.stack([places, 0 * places, 0 * places], axis=1), 5.0)
    assert np.flatnonzero(cuts).tolist() == [20]
    ramp = np.cumsum(np.linspace(0, 0.3, 40))
    assert not find_cuts(np.stack([ramp, 0 * ramp, 0 * ramp], axis=1), 5.0).any()


def test_what_photos_saw_is_told_from_what_they_did_not(free: Location) -> None:
    places = np.linspace((-2, 0, 1.7), (2, 0, 1.7), 97)
    toward = check_path(looking(places, (0, 1, 0.1)), free)
    away = check_path(looking(places, (0, -1, 0)), free)
    assert toward.seen.min() > 0.9
    assert away.seen.max() == 0
    assert kinds(toward) == []
    (unseen,) = away.troubles
    assert (unseen.kind, unseen.start) == ("unseen", 0.0)
    assert unseen.end == pytest.approx(4.0)
    np.testing.assert_allclose(away.photo_angle_deg, 180, atol=12)
    # Photos stand a metre apart: never farther than half of one.
    assert toward.photo_distance.max() == pytest.approx(0.5, abs=0.02)


def test_the_second_in_which_a_path_leaves_the_seen_is_said(free: Location) -> None:
    angle = np.deg2rad(np.linspace(0, 180, 121))  # 5 s, 36 degrees a second
    looks = np.stack([np.sin(angle), np.cos(angle), 0 * angle], axis=1)
    check = check_path(looking(np.tile([0.0, 0, 1.7], (121, 1)), looks), free)
    (unseen,) = check.troubles
    # The facade ends 63 degrees from its middle, photos of it end before: half the frame is left.
    assert 0.6 < unseen.start < 2.0
    assert unseen.end == pytest.approx(5.0, abs=0.05)


@pytest.mark.parametrize(("rate", "found"), [(40, []), (60, ["turn"])])
def test_fast_turns_are_said_with_their_rate(rate: float, found: list[str]) -> None:
    around = Location(ring(24), world(spheres=[((0, 0, 1), 0.5)]))
    angle = np.deg2rad(rate) * np.arange(49) / FPS
    places = np.stack([3 * np.cos(angle), 3 * np.sin(angle), np.full(49, 1.4)], axis=1)
    check = check_path(looking(places, [0, 0, 1] - places), around)
    assert [kind for kind in kinds(check) if kind == "turn"] == found
    assert check.turn_deg_s.max() == pytest.approx(rate, rel=0.01)
    assert check.speed.max() == pytest.approx(np.deg2rad(rate) * 3, rel=0.01)


def test_a_photo_taken_near_a_surface_makes_its_place_no_trouble() -> None:
    near = NEAR * 10 / 4
    location = Location(facade(9), world(floor=1.7 - near, boxes=[((-20, 10, -1), (20, 11, 20))]))
    path = straight((-4, 0, 1.7), (4, 0, 1.7))
    assert kinds(check_path(path, location)) == []
    lower = straight((-4, 0, 1.7 - near / 2), (4, 0, 1.7 - near / 2))
    assert kinds(check_path(lower, location)) == ["near"]


def test_figures_are_numbers_for_a_report(free: Location) -> None:
    import json

    figures = check_path(straight((0, 0, 1.7), (1, 0, 1.7)), free).figures()
    read = json.loads(json.dumps(figures, allow_nan=False))
    assert read["crossings"] == 0
    assert len(read["seconds"]) == len(read["seen"]) == len(read["clearance"])


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_paths_of_few_frames_are_checked(free: Location, frames: int) -> None:
    check = check_path(straight((0, 0, 1.7), (0.1, 0, 1.7), frames), free)
    assert len(check.seconds) == min(frames, 2)
    assert kinds(check) == []
