"""Cameras find back to where they were; the rig as a whole stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.lift.bounds import unit_ball
from scenegen.lift.fit import fit
from scenegen.lift.pixels import load_pixels
from scenegen.lift.poses import (
    judge,
    placed,
    refine_poses,
    refined_camera,
    rotation,
    seen_motion,
    stepped,
    without_common_motion,
)
from scenegen.lift.state import TrainingState, new_state
from scenegen.lift.trainer import Problem, make_trainer
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


def shaken(problem: Problem, degrees: float, move: float, seed: int) -> tuple[Problem, np.ndarray]:
    """The photos with cameras that each point and stand a little wrong, but not all together."""
    positions = np.array([photo.camera.position for photo in problem.photos])
    size = np.repeat([np.deg2rad(degrees), move / problem.radius], 3)
    wrong = size * np.random.default_rng(seed).normal(size=(len(positions), 6))
    wrong = without_common_motion(wrong, (positions - problem.centre) / problem.radius)
    cameras = refined_cameras(problem, wrong)
    photos = [replace(p, camera=c) for p, c in zip(problem.photos, cameras, strict=True)]
    return replace(problem, photos=photos), wrong


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


def random_sums(state: TrainingState, rng: np.random.Generator) -> np.ndarray:
    """What rays of some gradients of the loss, not of mean zero, would sum up to."""
    rays = rng.normal(0.4, 1.0, (len(state.pose), 40, 6))
    square = np.einsum("nri,nrj->nij", rays, rays)
    return np.concatenate([rays.sum(1)[:, None], square, square], axis=1)


def test_the_rig_as_a_whole_neither_turns_nor_moves_nor_grows(problem: Problem) -> None:
    state = new_state(SHAPE, len(problem.photos), 0)
    state.error = 0.01
    rng = np.random.default_rng(3)
    for number in range(20):
        refine_poses(problem, state, random_sums(state, rng), 0.1 + 0.01 * number)
    assert np.abs(state.pose).max() > 1e-3
    before = np.array([p.camera.position for p in problem.photos])
    arms = (before - before.mean(0)) / problem.radius
    turns, moves = state.pose[:, :3], state.pose[:, 3:]
    np.testing.assert_allclose(moves.sum(0), 0.0, atol=1e-6)
    np.testing.assert_allclose(turns.sum(0) + np.cross(arms, moves).sum(0), 0.0, atol=1e-6)
    assert (arms * moves).sum() == pytest.approx(0.0, abs=1e-6)


def test_steps_reach_the_least_of_a_square_loss() -> None:
    """Exact rays of a loss that is square in the pose, with curvature of every kind."""
    rng = np.random.default_rng(4)
    state = new_state(SHAPE, 3, 0)
    state.error = 1e-4
    slopes = rng.normal(size=(3, 200, 6)) * [3, 30, 10, 1, 4, 2]
    best = 1e-3 * rng.normal(size=(3, 6))
    curvature = np.einsum("nri,nrj->nij", slopes, slopes)
    for spent in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        gradient = np.einsum("nij,nj->ni", curvature, state.pose - best)
        sums = np.concatenate([gradient[:, None], curvature, 0 * curvature], axis=1)
        state.pose[:] = stepped(state, sums, spent)
    np.testing.assert_allclose(state.pose, best, atol=1e-4)


def test_motion_counts_by_what_is_seen() -> None:
    state = new_state(SHAPE, 2, 0)
    state.error = 1e-6
    turn = np.diag([2.0, 2.0, 0.0, 1e-9, 1e-9, 1e-9])  # about the view, and moving: nothing is seen
    state.pose_sums[:, 1:7] = 1e6 * turn
    state.pose_sums[:, 7:] = 1e6 * turn * 4e-6**2
    state.pose[:] = [3e-3, 4e-3, 1.0, 1.0, 1.0, 1.0]
    moved, noise = seen_motion(state)
    assert moved == pytest.approx(5e-3, rel=1e-2)
    assert noise < 1e-6
    assert judge(state)
    assert state.pose_judged
    state.pose[:, :2] *= 0.5
    assert not judge(state)
    assert not state.pose.any()


def trained(problem: Problem) -> TrainingState:
    state = new_state(SHAPE, len(problem.photos), 0)
    for _ in fit(make_trainer(problem, state, "native"), 1.0, total_steps=900):
        pass
    return state


def test_shaken_cameras_find_back_and_true_ones_stay(problem: Problem) -> None:
    shifted, wrong = shaken(problem, 0.5, 0.02, seed=1)
    state = trained(shifted)
    assert state.pose_judged
    assert state.pose_refined
    state.pose += wrong  # small enough to add up
    after, _ = seen_motion(state)
    state.pose[:] = wrong
    before, _ = seen_motion(state)
    assert after < 0.6 * before
    still = trained(problem)
    assert still.pose_judged
    assert not still.pose_refined
    assert not still.pose.any()
