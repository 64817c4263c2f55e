"""Contraction and the hash grid: golden values, the native kernels, the twin."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scenegen.kernels import native, reference
from scenegen.types import FieldShape
from tests.kernels.rigs import SHAPE, SIZES, Agreement, Parameters, points_near_and_far

GOLDEN = Path(__file__).parent.parent / "golden" / "hash_grid"
GOLDEN_SHAPE = FieldShape(levels=4, log2_table=10, coarsest=7, finest=300)


def native_encode(shape: FieldShape, table: np.ndarray, points: np.ndarray) -> np.ndarray:
    mlp = np.zeros(native.mlp_size(shape), np.float32)
    occupancy = np.zeros((native.CELLS,) * 3, np.uint8)
    field = native.native_field(shape, {"hash": table, "mlp": mlp}, occupancy)
    out = np.full((len(points), shape.levels * shape.features), np.nan, np.float32)
    field.encode(np.ascontiguousarray(points, np.float32), out)
    return out


def twin_encode(shape: FieldShape, table: np.ndarray, points: np.ndarray) -> np.ndarray:
    return reference.encode(shape, torch.from_numpy(table), torch.from_numpy(points)).numpy()


@pytest.fixture(scope="module")
def golden() -> dict[str, list]:
    return json.loads((GOLDEN / "hash_grid.json").read_text())


@pytest.fixture(scope="module")
def golden_table() -> np.ndarray:
    level, entry, index = np.ogrid[:4, :1024, :4]
    table = ((level * 5003 + entry * 7919 + index * 104729) % 2003 - 1001) / 1024
    half = table.astype(np.float16)
    assert np.array_equal(half, table)  # exact, so that rounding plays no part
    return half


def test_the_golden_values_are_those_of_their_generator(golden: dict[str, list]) -> None:
    made = runpy.run_path(str(GOLDEN / "generate.py"))["golden"]()
    assert json.loads(json.dumps(made)) == golden


def test_golden_entries(golden: dict[str, list]) -> None:
    x = reference.contract(torch.tensor(golden["points"]))
    entry, weight = reference.corners(GOLDEN_SHAPE, x)
    level = torch.arange(4)[:, None] * 1024
    assert (entry - level).tolist() == golden["entries"]
    torch.testing.assert_close(weight.sum(-1), torch.ones(len(x), 4))


@pytest.mark.parametrize("encode", [native_encode, twin_encode], ids=["native", "torch"])
def test_golden_features(encode, golden: dict[str, list], golden_table: np.ndarray) -> None:
    points = np.array(golden["points"], np.float32)
    found = encode(GOLDEN_SHAPE, golden_table, points)
    expected = np.array(golden["features"])
    assert np.ptp(expected, axis=0).min() > 0.3  # a grid of one value would pass with any hash
    # worst seen 5.5e-5: a place known to 6e-8 times 300 cells times a slope of 2 a cell
    np.testing.assert_allclose(found, expected, atol=2e-4)


@pytest.mark.parametrize("count", SIZES)
def test_encode_agrees_with_the_twin(count: int) -> None:
    rng = np.random.default_rng(count)
    table = Parameters.random(SHAPE, rng).table
    points = points_near_and_far(rng, count)
    found, expected = native_encode(SHAPE, table, points), twin_encode(SHAPE, table, points)
    # worst seen 2.1e-5, Zen 5, gcc 12: one rounding of a place at 100 cells an edge
    np.testing.assert_allclose(found, expected, atol=8e-5)


@pytest.mark.parametrize(("levels", "log2_table"), [(1, 4), (1, 19), (2, 18), (16, 4), (16, 12)])
def test_encode_agrees_for_the_smallest_and_largest_grids(levels: int, log2_table: int) -> None:
    shape = FieldShape(levels=levels, log2_table=log2_table, coarsest=2, finest=64)
    rng = np.random.default_rng(levels)
    table = Parameters.random(shape, rng).table
    points = points_near_and_far(rng, 40)
    found, expected = native_encode(shape, table, points), twin_encode(shape, table, points)
    np.testing.assert_allclose(found, expected, atol=8e-5)


@pytest.mark.parametrize("count", SIZES)
def test_encode_backward_agrees_with_autograd(count: int) -> None:
    rng = np.random.default_rng(count)
    table = Parameters.random(SHAPE, rng).table
    points = points_near_and_far(rng, count)
    upstream = rng.normal(size=(count, 16)).astype(np.float32)
    grad = np.zeros(table.shape, np.float32)
    touched = np.zeros(table.size // 16, np.uint8)
    mlp = np.zeros(native.mlp_size(SHAPE), np.float32)
    occupancy = np.zeros((native.CELLS,) * 3, np.uint8)
    field = native.native_field(SHAPE, {"hash": table, "mlp": mlp}, occupancy)
    field.encode_backward(points, upstream, grad, touched)

    master = torch.from_numpy(table.astype(np.float32)).requires_grad_()
    place = torch.from_numpy(points)
    reference.encode(SHAPE, master, place).backward(torch.from_numpy(upstream))
    assert master.grad is not None
    # What fills up the last group of sixteen has no gradient, and marks nothing.
    entry, _ = reference.corners(SHAPE, reference.contract(place))
    marks = np.zeros_like(touched)
    marks[entry.numpy().ravel() >> 2] = 1
    if count == 0:
        assert not grad.any()
        assert not touched.any()
        return
    # worst seen 1.3e-6, 6.6e-6, 3.8e-6, 2.9e-9, Zen 5, gcc 12
    Agreement(most=1e-5, worst=5e-5, rel_l2=2e-5, bias=2e-6).check(
        "grad", grad, master.grad.numpy()
    )
    # A place within a rounding of a cell's face may count to either side.
    assert (marks != touched).mean() < 1e-3
    assert not grad.reshape(-1, 16)[touched == 0].any()


def test_the_gradient_of_the_half_table_goes_straight_to_the_master() -> None:
    rng = np.random.default_rng(3)
    master = torch.from_numpy(rng.normal(size=(4, 2048, 4)).astype(np.float32)).requires_grad_()
    points = torch.from_numpy(points_near_and_far(rng, 50))
    encoded = reference.encode(SHAPE, master, points)
    rounded = reference.encode(SHAPE, master.detach().half(), points)
    assert torch.equal(encoded, rounded)
    encoded.sum().backward()
    assert master.grad is not None
    assert float(master.grad.sum()) == pytest.approx(50 * 16, rel=1e-5)


@given(
    st.tuples(*[st.floats(-(2.0**100), 2.0**100) for _ in range(3)]),
    st.sampled_from([1.0, 1e-30, 1e8]),
)
def test_contraction_stays_inside_and_keeps_directions(
    point: tuple[float, float, float], scale: float
) -> None:
    p = torch.tensor([point], dtype=torch.float64) * scale
    c = reference.contract(p) * 4.0 - 2.0
    assert bool((c.abs() <= 2.0).all())
    assert float(c.norm()) <= 2.0 + 1e-6
    if 1e-3 < float(p.norm()) < 1e6:
        cosine = float((p * c).sum() / (p.norm() * c.norm()))
        assert cosine == pytest.approx(1.0, abs=1e-6)


def test_uncontraction_inverts_contraction() -> None:
    points = torch.from_numpy(points_near_and_far(np.random.default_rng(5), 500)).double()
    back, within = reference.uncontract(reference.contract(points) * 4.0 - 2.0, 64.0)
    assert torch.equal(within, points.norm(dim=-1) <= 64.0)
    torch.testing.assert_close(back, points, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("far", [np.nan, np.inf, -np.inf, 1e7, -1e7, 1e30, -1e30])
def test_points_beyond_all_measure_stay_inside_the_table(far: float) -> None:
    # The finest level is dense and the last one: an entry too far would lie outside the memory.
    shape = FieldShape(levels=1, log2_table=9, coarsest=7, finest=7)
    table = np.ones((1, 512, 4), np.float16)
    for axis in range(3):
        points = np.zeros((1, 3), np.float32)
        points[0, axis] = far
        assert native_encode(shape, table, points).tolist() == [[1.0] * 4]
