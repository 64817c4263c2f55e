"""Cameras find back to where they were; the rig as a whole stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.lift.bounds import unit_ball
from scenegen.lift.pixels import load_pixels
from scenegen.lift.poses import (
    placed,
    refine_poses,
    refined_camera,
    rotation,
    without_common_motion,
)
from scenegen.lift.state import new_state
from scenegen.lift.trainer import Problem, Rates, make_trainer
from scenegen.types import Camera, Capture, FieldShape

SHAPE = FieldShape(levels=4, log2_table=12, finest=128)


@pytest.fixture
def problem(room: Capture) -> Problem:
    pixels = load_pixels(room.photos)
    centre, radius = unit_ball([p.camera for p in pixels], room.points)
    return Problem(pixels, SHAPE, centre, radius, batch_samples=2048, refine_poses=True)


def refined_cameras(problem: Problem, pose: np.ndarray) -> list[Camera]:
    pairs = zip(problem.photos, pose, strict=True)
    return [refined_camera(photo.camera, problem.radius, by) for photo, by in pairs]


def shaken(problem: Problem, degrees: float, move: float, seed: int) -> Problem:
    """The photos with cameras that each point and stand a little wrong, but not all together."""
    positions = np.array([photo.camera.position for photo in problem.photos])
    size = np.repeat([np.deg2rad(degrees), move / problem.radius], 3)
    wrong = size * np.random.default_rng(seed).normal(size=(len(positions), 6))
    wrong = without_common_motion(wrong, (positions - problem.centre) / problem.radius)
    cameras = refined_cameras(problem, wrong)
    photos = [replace(p, camera=c) for p, c in zip(problem.photos, cameras, strict=True)]
    return replace(problem, photos=photos)


def test_rotations_are_rotations() -> None:
    rng = np.random.default_rng(0)
    for size in (0.0, 1e-9, 1e-4, 0.1, 3.0):
        turn = rotation(size * rng.normal(size=3))
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(turn) == pytest.approx(1.0)
    quarter = rotation(np.array([0.0, 0.0, np.pi / 2]))
    np.testing.assert_allclose(quarter @ [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], atol=1e-12)
    step, d = 1e-6, np.array([0.3, -0.5, 0.8])
    for axis in np.eye(3):  # what the kernels differentiate by: a turn moves d by axis x d
        slope = (rotation(step * axis) - rotation(-step * axis)) @ d / (2 * step)
        np.testing.assert_allclose(slope, np.cross(axis, d), atol=1e-9)


def test_cameras_that_nothing_moved_stay_to_the_bit(problem: Problem) -> None:
    pose = np.zeros((len(problem.photos), 6), np.float32)
    for photo, camera in zip(problem.photos, refined_cameras(problem, pose), strict=True):
        np.testing.assert_array_equal(camera.world_from_camera, photo.camera.world_from_camera)


def test_corrections_turn_about_the_camera_and_move_by_radii(problem: Problem) -> None:
    pose = np.zeros((len(problem.photos), 6), np.float32)
    pose[1] = 0.0, 0.0, 0.25, 0.5, 0.0, 0.0
    moved, given = refined_cameras(problem, pose)[1], problem.photos[1].camera
    np.testing.assert_allclose(moved.position - given.position, [0.5 * problem.radius, 0, 0])
    turned = rotation(np.array([0, 0, 0.25])) @ given.forward
    np.testing.assert_allclose(moved.forward, turned, atol=1e-7)
    rotations, positions = placed(problem, pose)
    np.testing.assert_allclose(rotations[1], moved.world_from_camera[:3, :3], atol=1e-6)
    expected = (moved.position - problem.centre) / problem.radius
    np.testing.assert_allclose(positions[1], expected, atol=1e-6)


def test_the_rig_as_a_whole_neither_turns_nor_moves_nor_grows(problem: Problem) -> None:
    state = new_state(SHAPE, len(problem.photos), 0)
    rng = np.random.default_rng(3)
    for _ in range(20):
        refine_poses(problem, state, rng.normal(0.4, 1.0, state.pose.shape), 1e-2)
    assert np.abs(state.pose).max() > 0.01
    before = np.array([p.camera.position for p in problem.photos])
    arms = (before - before.mean(0)) / problem.radius
    turns, moves = state.pose[:, :3], state.pose[:, 3:]
    np.testing.assert_allclose(moves.sum(0), 0.0, atol=1e-6)
    np.testing.assert_allclose(turns.sum(0) + np.cross(arms, moves).sum(0), 0.0, atol=1e-6)
    assert (arms * moves).sum() == pytest.approx(0.0, abs=1e-6)


def angles_deg(problem: Problem, pose: np.ndarray, truth: Problem) -> np.ndarray:
    """Angles between where the cameras look and where they looked."""
    cameras = refined_cameras(problem, pose)
    cosines = [
        camera.forward @ photo.camera.forward
        for camera, photo in zip(cameras, truth.photos, strict=True)
    ]
    return np.rad2deg(np.arccos(np.clip(cosines, -1, 1)))


def test_shaken_cameras_find_back(problem: Problem) -> None:
    wrong = shaken(problem, 0.5, 0.02, seed=1)
    state = new_state(SHAPE, len(problem.photos), 0)
    trainer = make_trainer(wrong, state, "native")
    for index in range(60):
        rate = 2e-3 * 0.95**index if index > 8 else 0.0
        facts = trainer.run(20, Rates(0.05, 0.01, 0.0, 0.0, pose=rate))
        if rate:
            refine_poses(wrong, state, facts.pose_gradient, rate)
            trainer.place_cameras()
        if index % 5 == 0:
            trainer.sweep(0.8, 1, 0)
    before = angles_deg(wrong, np.zeros_like(state.pose), problem)
    after = angles_deg(wrong, state.pose, problem)
    assert np.sqrt(np.mean(after**2)) < 0.75 * np.sqrt(np.mean(before**2))
