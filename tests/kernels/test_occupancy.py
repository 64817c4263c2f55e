"""The occupancy grid: distances, what cameras see, sweeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scenegen.kernels import native, reference
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.torch_trainer import TorchTrainer
from scenegen.lift.trainer import Problem
from tests.kernels.rigs import CELLS, random_problem, random_state, same, scattered_cells


def native_distance(alpha: np.ndarray, threshold: float) -> np.ndarray:
    out = np.zeros(alpha.shape, np.uint8)
    native.distance_field(alpha, threshold, out)
    return out


def alphas() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shape = (CELLS, CELLS, CELLS)
    corner, plane = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    corner[0, 0, CELLS - 1] = 1.0
    plane[40] = 1.0
    sparse = (rng.random(shape) < 1e-4).astype(np.float32)
    return {
        "corner": corner,
        "plane": plane,
        "sparse": sparse,
        "boxes": scattered_cells(rng, 40),
        "empty": np.zeros(shape, np.float32),
        "full": np.ones(shape, np.float32),
        "random": rng.random(shape, np.float32),
    }


@pytest.mark.parametrize("name", list(alphas()))
def test_distances_are_those_of_scipy(name: str) -> None:
    alpha = alphas()[name]
    found, expected = native_distance(alpha, 0.99), reference.distance_field(alpha, 0.99)
    assert np.array_equal(found, expected)
    assert np.array_equal(found == 0, alpha > np.float32(0.99))


@pytest.mark.parametrize("cells", [1, 2, 7, 8, 9, 63, 64, 65, 129])
def test_distances_of_grids_that_fill_no_word_of_bits(cells: int) -> None:
    rng = np.random.default_rng(cells)
    alpha = (rng.random((cells, cells, cells)) < 3 / cells**2).astype(np.float32)
    found, expected = native_distance(alpha, 0.5), reference.distance_field(alpha, 0.5)
    assert np.array_equal(found, expected)


def test_a_distance_is_never_more_than_one_cell_apart_from_its_neighbours() -> None:
    distance = native_distance(alphas()["boxes"], 0.5).astype(int)
    for axis in range(3):
        assert np.abs(np.diff(distance, axis=axis)).max() <= 1


@pytest.fixture(scope="module")
def problem() -> Problem:
    return random_problem(np.random.default_rng(6))


def test_visible_cells_agree_with_the_twin(problem: Problem) -> None:
    pinholes = [p for p in problem.photos if p.camera.lens.model != "OPENCV_FISHEYE"]
    ball = (problem.centre, problem.radius)
    photos = [native.native_photo(p.rgb, p.mask, p.camera, *ball) for p in pinholes]
    found = native.visible_cells(photos, [0.3] * len(photos))
    cameras = [photo.camera for photo in pinholes]
    expected = reference.visible_cells(cameras, *ball, [0.3] * len(cameras), CELLS)
    assert 0.05 < expected.mean() < 0.6
    assert (found != expected).mean() < 1e-5  # centres on the very edge; worst seen 0


def test_visible_cells_lie_in_the_images(problem: Problem) -> None:
    """Project cell centres in the world by the pinhole equation, written out once more."""
    photo = problem.photos[0]
    ball = (problem.centre, problem.radius)
    seen = native.visible_cells([native.native_photo(photo.rgb, None, photo.camera, *ball)], [0.3])
    z, y, x = np.indices(seen.shape)
    c = (np.stack([x, y, z], -1).reshape(-1, 3) + 0.5) * (4.0 / CELLS) - 2.0
    n = np.linalg.norm(c, axis=1)
    inside = n < 1.0  # where the world is not bent
    world = np.concatenate([c[inside] * ball[1] + ball[0], np.ones((inside.sum(), 1))], 1)
    camera = world @ np.linalg.inv(photo.camera.world_from_camera).T
    lens = photo.camera.lens
    with np.errstate(divide="ignore"):
        u = lens.cx - lens.fl_x * camera[:, 0] / camera[:, 2]
        v = lens.cy + lens.fl_y * camera[:, 1] / camera[:, 2]
    margin = 0.1
    within = (camera[:, 2] < 0) & (np.linalg.norm(camera[:, :3], axis=1) >= 0.3 * ball[1])
    within &= (u > -margin * lens.width_px) & (u < (1 + margin) * lens.width_px)
    within &= (v > -margin * lens.height_px) & (v < (1 + margin) * lens.height_px)
    assert within.any()
    assert (within != (seen.reshape(-1)[inside] == 1)).mean() < 1e-4


@pytest.mark.parametrize(("stride", "phase"), [(64, 0), (16, 3)])
def test_sweeps_agree_with_the_twin(problem: Problem, stride: int, phase: int) -> None:
    state = random_state(problem, np.random.default_rng(8))
    before = state.alpha.copy()
    twin_state = same(state)
    NativeTrainer(problem, state).sweep(0.8, stride, phase)
    TorchTrainer(problem, twin_state, "cpu").sweep(0.8, stride, phase)
    assert not np.array_equal(state.alpha, before)
    if stride > 1:
        others = np.arange(before.size) % stride != phase
        assert np.array_equal(state.alpha.ravel()[others], before.ravel()[others])
    error = np.abs(state.alpha - twin_state.alpha)
    assert error.mean() < 1e-6
    assert error.max() < 2e-3  # worst seen 3e-4


def test_a_sweep_keeps_the_decayed_maximum() -> None:
    alpha = torch.full((4, 4, 4), 0.5)
    visible = torch.ones(4, 4, 4, dtype=torch.uint8)
    visible[0] = 0
    reference.occupancy_sweep(lambda p: torch.zeros(len(p)), alpha, visible, 64.0, (0.8, 1, 0, 1))
    assert torch.equal(alpha[0], torch.full((4, 4), 0.5))
    assert float(alpha[2, 2, 2]) == pytest.approx(0.4)
    assert float(alpha[3, 3, 3]) == 0.5  # outside the ball that holds all of space
