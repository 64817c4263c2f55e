"""The binding keeps what it reads from alive, and refuses what it would have to copy."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from scenegen.kernels import _native, native
from scenegen.lift.native_trainer import NativeTrainer
from tests.kernels.rigs import random_field, random_problem, random_state


def photo(mask: np.ndarray | None) -> _native.NativePhoto:
    rgb = np.zeros((16, 24, 3), np.uint8)
    lens = [20.0, 20.0, 12.0, 8.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    return _native.NativePhoto(rgb, mask, 0, lens, np.eye(3).ravel().tolist(), [0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    "mask",
    [
        np.ones((16, 24), np.float32),
        np.ones((16, 24), np.int64),
        np.ones((24, 16), np.uint8).T,
        np.ones((16, 48), np.uint8)[:, ::2],
    ],
    ids=["float", "int", "transposed", "strided"],
)
def test_a_mask_that_would_be_copied_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(TypeError, match="incompatible function arguments"):
        photo(mask)


def test_a_photo_keeps_its_mask_and_needs_none() -> None:
    taken = [photo(np.ones((16, 24), np.uint8)), photo(None)]
    gc.collect()
    assert native.visible_cells(taken, [0.1, 0.1]).any()


def test_weights_that_would_be_copied_are_refused() -> None:
    field = random_field(np.random.default_rng(0))
    wrapped = native.native_field(field.shape, dict(field.parameters), field.occupancy)
    rays, one = np.zeros((1, 3), np.float32), np.zeros(1, np.float32)
    cells = np.zeros(field.occupancy.shape)
    with pytest.raises(TypeError, match="incompatible function arguments"):
        wrapped.trace(rays, rays, 5.0, 1, rays.copy(), one, one.copy(), cells)


def test_a_state_that_would_be_copied_is_refused() -> None:
    problem = random_problem(np.random.default_rng(0))
    state = random_state(problem, np.random.default_rng(1))
    state.mlp_m = state.mlp_m.astype(np.float64)
    with pytest.raises(AssertionError):
        NativeTrainer(problem, state)
