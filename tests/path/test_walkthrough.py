"""The automatic walkthrough of what photographers do: level, even, clear, where photos looked."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from scenegen.errors import PathError
from scenegen.path.clearance import clearance, open_steps
from scenegen.path.config import PathConfig
from scenegen.path.survey import Distances, Survey
from scenegen.path.walkthrough import plan_walkthrough
from scenegen.types import Camera, CameraPath, Lens, Scene
from tests.path.rigs import PORTRAIT, drone, facade, look, ring, scene, walk, world

CONFIG = PathConfig()
OBJECT = world(spheres=[((0, 0, 1), 0.7)])
STREET = world(
    boxes=[((-8, -5, 0), (-4, 40, 10)), ((4, -5, 0), (8, 40, 10)), ((-8, 38, 0), (8, 40, 10))]
)
WALL = world(boxes=[((-20, 10, 0), (20, 12, 9))])
RIGS: dict[str, tuple[Scene, Distances]] = {
    "around an object": (ring(40), OBJECT),
    "arc, portrait": (ring(12, 100, lens=PORTRAIT), OBJECT),
    "down a street": (walk(29, np.random.default_rng(0)), STREET),
    "along a facade": (facade(11), WALL),
    "three photos": (facade(3), WALL),
    "drone grid": (drone(5, 8), world()),
}


def positions(path: CameraPath) -> np.ndarray:
    return path.world_from_camera[:, :3, 3]


def looks(path: CameraPath) -> np.ndarray:
    return -path.world_from_camera[:, :3, 2]


def from_photos(path: CameraPath, of: Scene) -> np.ndarray:
    cameras = np.array([camera.position for camera in of.cameras])
    return np.linalg.norm(positions(path)[:, None] - cameras, axis=2).min(axis=1)


@pytest.fixture(scope="module", params=RIGS)
def planned(request: pytest.FixtureRequest) -> tuple[Scene, Survey, CameraPath]:
    rig, distances = RIGS[request.param]
    survey = Survey(rig.cameras, distances, rig.points)
    return rig, survey, plan_walkthrough(rig, CONFIG, distances=distances)


def test_is_as_long_as_asked(planned: tuple[Scene, Survey, CameraPath]) -> None:
    path = planned[2]
    assert (len(path), path.fps, path.aspect) == (192, 24.0, 960 / 540)


def test_speed_is_even_and_comfortable(planned: tuple[Scene, Survey, CameraPath]) -> None:
    _, survey, path = planned
    steps = np.linalg.norm(np.diff(positions(path), axis=0), axis=1)
    assert steps.max() < 1.01 * steps.min()
    assert steps.sum() <= 1.05 * CONFIG.max_speed * survey.depth * CONFIG.seconds
    assert steps.sum() >= 0.5 * survey.depth
    turn = Rotation.from_matrix(path.world_from_camera[:, :3, :3])
    turns = np.degrees((turn[:-1].inv() * turn[1:]).magnitude())
    assert turns.max() * path.fps <= CONFIG.max_turn_deg_s


def test_horizon_is_level_and_cameras_are_rigid(planned: tuple[Scene, Survey, CameraPath]) -> None:
    rig, _, path = planned
    turn = path.world_from_camera[:, :3, :3]
    np.testing.assert_allclose(
        turn @ turn.transpose(0, 2, 1), np.tile(np.eye(3), (len(path), 1, 1)), atol=1e-9
    )
    assert (np.linalg.det(turn) > 0).all()
    if rig is RIGS["drone grid"][0]:
        heading = turn[:, :2, 1] / np.linalg.norm(turn[:, :2, 1], axis=1, keepdims=True)
        np.testing.assert_allclose(heading, np.tile(heading[0], (len(path), 1)), atol=1e-6)
    else:
        np.testing.assert_allclose(turn[:, 2, 0], 0, atol=1e-9)
        assert (turn[:, 2, 1] > 0).all()


def test_keeps_clear_and_near_the_photos(planned: tuple[Scene, Survey, CameraPath]) -> None:
    rig, survey, path = planned
    assert clearance(positions(path), survey.distances).min() > 0.1 * survey.depth
    assert (open_steps(positions(path)[::4], survey.distances) == 1).all()
    assert from_photos(path, rig).max() < 0.25 * survey.depth


def test_shows_what_photos_saw(planned: tuple[Scene, Survey, CameraPath]) -> None:
    rig, _, path = planned
    cameras = np.array([camera.position for camera in rig.cameras])
    forwards = np.array([camera.forward for camera in rig.cameras])
    nearest = np.linalg.norm(positions(path)[:, None] - cameras, axis=2).argmin(axis=1)
    angle = np.degrees(np.arccos(np.clip((looks(path) * forwards[nearest]).sum(axis=1), -1, 1)))
    assert angle.max() < 15
    widest = max(
        2 * np.degrees(np.arctan(camera.lens.height_px / camera.lens.fl_y / 2))
        for camera in rig.cameras
    )
    assert 15 < path.fov_y_deg[0] <= max(60.0, widest)


def test_walks_ahead() -> None:
    path = plan_walkthrough(*RIGS["down a street"][:1], CONFIG, distances=STREET)
    travel = positions(path)[-1] - positions(path)[0]
    assert looks(path).mean(axis=0) @ travel > 0.9 * np.linalg.norm(travel)


def test_keeps_looking_at_the_subject() -> None:
    path = plan_walkthrough(ring(40), CONFIG, distances=OBJECT)
    toward = np.array([0, 0, 1]) - positions(path)
    toward /= np.linalg.norm(toward, axis=1, keepdims=True)
    assert np.degrees(np.arccos((toward * looks(path)).sum(axis=1))).max() < 5


def test_goes_around_a_pillar_in_the_way() -> None:
    rig = facade(9)
    blocked = world(boxes=[((-20, 10, 0), (20, 12, 9)), ((-0.2, -0.5, 0), (0.2, 0.5, 9))])
    detour = scene([
        look((x, -2.5 * np.exp(-(x**2)), 1.7), (x, 10, 3)) for x in np.linspace(-4, 4, 17)
    ])  # fmt: skip
    path = plan_walkthrough(detour, CONFIG, distances=blocked)
    assert (open_steps(positions(path), blocked) == 1).all()
    assert clearance(positions(path), blocked).min() > 0.3
    assert len(rig.photos) == 9


def test_says_when_photos_leave_no_room(caplog: pytest.LogCaptureFixture) -> None:
    slot = world(boxes=[((-20, 10, 0), (20, 12, 9)), ((-9, -1, 1.9), (9, 1, 2.0))])
    with caplog.at_level(logging.WARNING, logger="scenegen"):
        plan_walkthrough(facade(5), CONFIG, distances=slot)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("path: it comes within 0.")
    assert caplog.messages[0].endswith(
        "the photos themselves were taken that close, or the scene has floaters there"
    )


def test_easing_stops_the_camera_at_both_ends() -> None:
    path = plan_walkthrough(ring(12), PathConfig(ease_s=2.0), distances=OBJECT)
    steps = np.linalg.norm(np.diff(positions(path), axis=0), axis=1)
    assert steps[0] < 0.02 * steps.max()
    assert steps[-1] < 0.02 * steps.max()


def test_portrait_photos_are_not_stretched_sideways() -> None:
    narrow = plan_walkthrough(ring(12, 30, lens=PORTRAIT), CONFIG, distances=OBJECT)
    across = 2 * np.degrees(np.arctan(np.tan(np.deg2rad(narrow.fov_y_deg[0]) / 2) * narrow.aspect))
    # The photos are 43 degrees wide and an arc of 30 degrees adds to that.
    assert 42 < across < 75


def test_field_of_view_can_be_chosen() -> None:
    path = plan_walkthrough(ring(12), PathConfig(fov_deg=33.0), distances=OBJECT)
    assert set(path.fov_y_deg) == {33.0}


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 1.0, 1e4]))
@settings(max_examples=20, deadline=None)
def test_any_photos_give_a_level_path_at_any_scale(count: int, seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    eyes = rng.normal(size=(count, 3)) * scale
    targets = eyes + rng.normal(size=(count, 3)) * scale
    rig = scene([look(eye, at) for eye, at in zip(eyes, targets, strict=True)])
    path = plan_walkthrough(rig, PathConfig(seconds=1), distances=world(floor=-5 * scale))
    turn = path.world_from_camera[:, :3, :3]
    assert np.isfinite(path.world_from_camera).all()
    np.testing.assert_allclose(
        turn @ turn.transpose(0, 2, 1), np.tile(np.eye(3), (24, 1, 1)), atol=1e-6
    )
    assert from_photos(path, rig).max() < 5 * scale


def test_is_the_same_every_time() -> None:
    first, second = (plan_walkthrough(ring(15), CONFIG, distances=OBJECT) for _ in range(2))
    np.testing.assert_array_equal(first.world_from_camera, second.world_from_camera)


def test_no_photos_is_an_error() -> None:
    with pytest.raises(PathError) as error:
        plan_walkthrough(scene([]), CONFIG, distances=OBJECT)
    assert str(error.value) == (
        "the scene has no posed photos to plan a walkthrough from, expected at least 1; "
        "lift the capture again or give a path"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seconds": 0.0}, "seconds: expected a number above 0, found 0.0; change it"),
        ({"fps": float("nan")}, "fps: expected a number above 0, found nan; change it"),
        ({"width_px": -1}, "width_px: expected a number above 0, found -1; change it"),
        (
            {"seconds": 0.01},
            "seconds: 0.01 s at 24.0 fps is less than one frame; ask for more seconds",
        ),
        (
            {"safe_distance": 2.0},
            "safe_distance: expected 0 to 1 of the median depth, found 2.0; change it",
        ),
        ({"ease_s": 5.0}, "ease_s: expected 0 to half of the 8.0 s, found 5.0; shorten it"),
        (
            {"fov_deg": 179.0},
            "fov_deg: expected 1 to 150 degrees vertically, found 179.0; change it",
        ),
    ],
)
def test_impossible_settings_are_named(settings: dict[str, float], message: str) -> None:
    with pytest.raises(PathError) as error:
        PathConfig(**settings)  # pyright: ignore[reportArgumentType]  # the wrong use under test
    assert str(error.value) == message


def test_real_photos_of_the_fox(shared_scene: Callable[[str], Path]) -> None:
    folder = shared_scene("fox")
    content = json.loads((folder / "transforms.json").read_text())
    lens = Lens(
        1080, 1920, content["fl_x"], content["fl_y"], content["cx"], content["cy"]
    )  # fmt: skip
    rig = scene([
        Camera(lens, np.array(frame["transform_matrix"]))
        for frame in sorted(content["frames"], key=lambda frame: frame["file_path"])
        if (folder / frame["file_path"]).exists()
    ])  # fmt: skip
    fox = world(floor=-2.0, spheres=[((0.1, -0.05, -0.1), 1.2)])
    path = plan_walkthrough(rig, CONFIG, distances=fox)
    assert len(rig.photos) == 50
    np.testing.assert_allclose(path.world_from_camera[:, 2, 0], 0, atol=1e-9)
    assert from_photos(path, rig).max() < 1.0
    toward = np.array([0.1, -0.05, -0.1]) - positions(path)
    toward /= np.linalg.norm(toward, axis=1, keepdims=True)
    assert np.degrees(np.arccos((toward * looks(path)).sum(axis=1))).max() < 15
