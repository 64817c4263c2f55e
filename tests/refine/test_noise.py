from __future__ import annotations

import numpy as np
import pytest

from scenegen.refine.noise import world_noise
from scenegen.types import Camera, Lens

LENS = Lens(96, 64, 80.0, 80.0, 48.0, 32.0)


def wall(shift: float = 0.0, distance: float = 3.0) -> tuple[Camera, np.ndarray]:
    """A camera before a wall that is ``distance`` ahead of where it stands unshifted."""
    pose = np.eye(4)
    pose[0, 3] = shift
    return Camera(LENS, pose), np.full((64, 96), distance, np.float32)


def test_it_is_standard_normal_and_its_colours_know_nothing_of_each_other() -> None:
    rng = np.random.default_rng(5)
    camera, depth = wall()
    noise = world_noise(camera, depth * rng.uniform(0.2, 5, depth.shape).astype(np.float32), 1)
    flat = noise.reshape(-1, 3).astype(np.float64)
    assert np.abs(flat.mean(axis=0)).max() < 0.06  # worst of three means of 6144: 2.5 sigma is 0.03
    assert np.abs(flat.std(axis=0) - 1).max() < 0.05
    assert np.abs(np.corrcoef(flat.T) - np.eye(3)).max() < 0.06
    assert np.abs(flat).max() < 6


def test_it_stays_on_a_surface_while_the_camera_moves() -> None:
    shift = 10 * 3.0 / 80.0  # the wall moves by ten pixels
    before, after = (world_noise(*wall(by), 1) for by in (0.0, shift))
    same = np.isclose(before[:, 10:], after[:, :-10], atol=1e-6).all(axis=-1)
    # Cells are not pixels: a pixel whose centre lies by the edge of its cell may get the next one.
    assert same.mean() > 0.95
    assert np.isclose(before, after).all(axis=-1).mean() < 0.05


def test_another_seed_is_other_noise_and_the_same_is_the_same() -> None:
    first, again, other = (world_noise(*wall(), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.isclose(first, other).mean() < 0.01


def test_the_sky_turns_with_the_camera_and_does_not_move_with_it() -> None:
    camera, depth = wall()
    moved, _ = wall(shift=7.0)
    sky = np.zeros_like(depth)
    np.testing.assert_array_equal(world_noise(camera, sky, 1), world_noise(moved, sky, 1))
    assert world_noise(camera, sky, 1).std() == pytest.approx(1.0, abs=0.1)
