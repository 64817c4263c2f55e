"""How points and cameras should move: the hand-written slopes against differences and autograd."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from scenegen.kernels import native, reference
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.torch_trainer import TorchTrainer
from scenegen.lift.trainer import Rates
from tests.kernels.rigs import (
    SHAPE,
    SIZES,
    Agreement,
    Parameters,
    points_near_and_far,
    random_problem,
    random_state,
    same,
)


def native_slope(table: np.ndarray, points: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    mlp = np.zeros(native.mlp_size(SHAPE), np.float32)
    occupancy = np.zeros((native.CELLS,) * 3, np.uint8)
    field = native.native_field(SHAPE, {"hash": table, "mlp": mlp}, occupancy)
    out = np.full((len(points), 3), np.nan, np.float32)
    field.point_gradient(points, upstream, out)
    return out


def inputs(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(21)
    table = Parameters.random(SHAPE, rng).table
    points = points_near_and_far(rng, count)
    upstream = rng.normal(size=(count, SHAPE.levels * SHAPE.features)).astype(np.float32)
    return table, points, upstream


@pytest.mark.parametrize("count", SIZES)
def test_slopes_of_points_are_those_of_the_twin(count: int) -> None:
    table, points, upstream = inputs(count)
    found = native_slope(table, points, upstream)
    place = torch.from_numpy(points).requires_grad_()
    reference.encode(SHAPE, torch.from_numpy(table), place).backward(torch.from_numpy(upstream))
    assert place.grad is not None
    if count == 0:
        assert found.shape == (0, 3)
        return
    # A place within a rounding of a cell's face has the slope of either side.
    Agreement(most=1e-5, worst=1.0, rel_l2=0.05, bias=0.01).check(
        "slope", found, place.grad.numpy()
    )


def test_slopes_are_differences_of_the_encoding() -> None:
    """In double precision, where no face of a cell lies between the two places."""
    table, points, upstream = inputs(400)
    found = native_slope(table, points, upstream)
    wide, places = torch.from_numpy(table).double(), torch.from_numpy(points).double()
    step = 1e-7
    checked = 0
    for axis in range(3):
        by = torch.zeros(3, dtype=torch.float64)
        by[axis] = step
        ends = [reference.corners(SHAPE, reference.contract(places + s * by)) for s in (-1, 1)]
        (low, _), (high, _) = ends
        inside = (low == high).all(-1).all(-1).numpy()
        values = [reference.interpolate(wide, *end) for end in ends]
        slope = ((values[1] - values[0]) * torch.from_numpy(upstream)).sum(-1).numpy() / (2 * step)
        np.testing.assert_allclose(
            found[inside, axis], slope[inside], rtol=2e-3, atol=2e-4 * np.abs(slope).max()
        )
        checked += int(inside.sum())
    assert checked > 1100


def test_cameras_are_asked_only_while_they_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCENEGEN_THREADS", "1")
    rates = Rates(hash=0.01, mlp=0.001, outlier=0.0, pose=True)
    problem = random_problem(np.random.default_rng(9))
    state = random_state(problem, np.random.default_rng(12))
    state.alpha[:] = 1.0
    expected = TorchTrainer(problem, same(state), "cpu").run(1, rates).pose_parts
    found = NativeTrainer(problem, same(state)).run(1, rates).pose_parts
    for name, part in expected.items():
        # worst seen 5.1e-6, 8.7e-6, 5.7e-6, 3e-7, Zen 5, gcc 12
        agreement = Agreement(most=1e-3, worst=1e-2, rel_l2=1e-2, bias=1e-2)
        agreement.check(name, found[name], part)
    still = dataclasses.replace(rates, pose=False)
    assert not NativeTrainer(problem, same(state)).run(1, still).pose_sums.any()
    assert not TorchTrainer(problem, state, "cpu").run(1, still).pose_sums.any()


def test_turning_camera_changes_what_depends_on_the_direction() -> None:
    """Differences of the twin's loss, the samples' places held, where colour is direction alone."""
    rng = np.random.default_rng(5)
    direction = rng.normal(size=3)
    direction /= np.linalg.norm(direction)
    weights = torch.from_numpy(rng.normal(size=16))
    turn = torch.zeros(3, dtype=torch.float64, requires_grad=True)

    def colour(by: torch.Tensor) -> torch.Tensor:
        d = torch.from_numpy(direction)
        return reference.harmonics((d + torch.linalg.cross(by, d))[None])[0] @ weights

    colour(turn).backward()
    assert turn.grad is not None
    for axis, step in zip(turn.grad, 1e-6 * torch.eye(3, dtype=torch.float64), strict=True):
        slope = float(colour(step) - colour(-step)) / 2e-6
        assert float(axis) == pytest.approx(slope, rel=1e-6)
