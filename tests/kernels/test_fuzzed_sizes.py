"""Kernels against their twins at any shape of field and any number around the vector's width."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scenegen.kernels import _native, native, reference
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.torch_trainer import TorchTrainer
from scenegen.types import FieldShape
from tests.kernels.rigs import (
    Agreement,
    Parameters,
    points_near_and_far,
    random_field,
    random_problem,
    random_state,
    same,
    unit_vectors,
)

SHAPES = st.builds(
    FieldShape,
    levels=st.integers(1, 16),
    log2_table=st.integers(4, 12),
    coarsest=st.integers(1, 16),
    finest=st.integers(17, 100),
    hidden=st.sampled_from([16, 32, 64]),
)
COUNTS = st.integers(0, 40)
SEEDS = st.integers(0, 1000)
FUZZED = settings(max_examples=40, deadline=None, derandomize=True)


@FUZZED
@given(shape=SHAPES, count=COUNTS, seed=SEEDS)
def test_points_of_any_number(shape: FieldShape, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parameters = Parameters.random(shape, rng)
    table = torch.from_numpy(parameters.table)
    arrays = {"hash": parameters.table, "mlp": parameters.mlp}
    field = native.native_field(shape, arrays, np.zeros((native.CELLS,) * 3, np.uint8))
    points, directions = points_near_and_far(rng, count), unit_vectors(rng, count)
    features = np.full((count, shape.levels * 4), np.nan, np.float32)
    density, rgb = np.full(count, np.nan, np.float32), np.full((count, 3), np.nan, np.float32)
    field.encode(points, features)
    field.radiance(points, directions, density, rgb)
    place, towards = torch.from_numpy(points), torch.from_numpy(directions)
    expected = reference.encode(shape, table, place).numpy()
    np.testing.assert_allclose(features, expected, atol=8e-5)
    networks = parameters.networks(shape)
    sigma, color = reference.radiance(shape, table, networks, place, towards)
    # sums of 64 inputs, of features a rounding apart
    np.testing.assert_allclose(np.log(density), np.log(sigma.numpy()), atol=2e-3)
    np.testing.assert_allclose(rgb, color.numpy(), atol=1e-3)


@FUZZED
@given(shape=SHAPES, count=st.integers(1, 40), seed=SEEDS)
def test_gradients_of_encodings_of_any_number(shape: FieldShape, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parameters = Parameters.random(shape, rng)
    arrays = {"hash": parameters.table, "mlp": parameters.mlp}
    field = native.native_field(shape, arrays, np.zeros((native.CELLS,) * 3, np.uint8))
    points = points_near_and_far(rng, count)
    upstream = rng.normal(size=(count, shape.levels * 4)).astype(np.float32)
    grad = np.zeros(parameters.table.shape, np.float32)
    touched = np.zeros(grad.size // 16, np.uint8)
    field.encode_backward(points, upstream, grad, touched)
    master = torch.from_numpy(parameters.table.astype(np.float32)).requires_grad_()
    encoded = reference.encode(shape, master, torch.from_numpy(points))
    encoded.backward(torch.from_numpy(upstream))
    assert master.grad is not None
    np.testing.assert_allclose(grad, master.grad.numpy(), atol=2e-4 * np.abs(upstream).max())
    assert not grad.reshape(-1, 16)[touched == 0].any()
    # The gradient is the slope of the encoding: a step of one entry, the sum of what it changes.
    steepest = int(np.abs(grad).argmax())
    changed = parameters.table.reshape(-1).copy()
    changed[steepest] += np.float16(1.0)
    step = float(changed[steepest]) - float(parameters.table.reshape(-1)[steepest])
    moved = {"hash": changed.reshape(parameters.table.shape), "mlp": parameters.mlp}
    before, after = np.zeros_like(upstream), np.zeros_like(upstream)
    field.encode(points, before)
    stepped = native.native_field(shape, moved, np.zeros((native.CELLS,) * 3, np.uint8))
    stepped.encode(points, after)
    slope = float(((after - before).astype(np.float64) * upstream).sum()) / step
    assert grad.reshape(-1)[steepest] == pytest.approx(slope, rel=1e-3, abs=1e-4)


@settings(FUZZED, max_examples=15)
@given(hidden=st.sampled_from([16, 32, 64]), levels=st.integers(1, 16), count=COUNTS)
def test_rays_of_any_number(hidden: int, levels: int, count: int) -> None:
    rng = np.random.default_rng(count)
    shape = FieldShape(levels=levels, log2_table=9, coarsest=4, finest=40, hidden=hidden)
    field = random_field(rng, shape)
    origins = field.centre + field.radius * rng.normal(0, 0.4, (count, 3))
    directions = unit_vectors(rng, count)
    found = native.trace(field, origins, directions)
    expected = reference.trace(field, origins, directions, device="cpu")
    for name, a, b in zip(("rgb", "depth", "opacity"), found, expected, strict=True):
        error = np.abs(a - b)
        # One ray in hundreds grazes a cell by less than a rounding and steps another way.
        assert (error > 2e-3).sum() <= 3, f"{name}: {error.max()}"


@settings(FUZZED, max_examples=25)
@given(
    levels=st.integers(1, 16),
    log2_table=st.integers(4, 12),
    hidden=st.sampled_from([16, 32, 64]),
    rays=st.integers(1, 40),
)
def test_steps_of_any_shape(levels: int, log2_table: int, hidden: int, rays: int) -> None:
    shape = FieldShape(levels=levels, log2_table=log2_table, coarsest=4, finest=64, hidden=hidden)
    problem = dataclasses.replace(random_problem(np.random.default_rng(9)), shape=shape)
    state = random_state(problem, np.random.default_rng(12))
    state.alpha[:] = 1.0
    twin = TorchTrainer(problem, same(state), "cpu")
    facts, found = NativeTrainer(problem, state).gradients(7, rays, 0.0)
    twin_facts, expected = twin.gradients(7, rays, 0.0)
    assert abs(facts.samples - twin_facts.samples) <= 2
    # A ReLU that one rounding switches moves a row by much more than rounding does.
    agreement = Agreement(most=2e-3, worst=0.1, rel_l2=0.03, bias=5e-3)
    for name in ("hash", "mlp", "exposure", "curvature"):
        if np.abs(expected[name]).max() > 0:
            agreement.check(name, found[name], expected[name])


@FUZZED
@given(count=COUNTS, exponent=st.integers(-30, 20))
def test_halves_of_any_number(count: int, exponent: int) -> None:
    value = np.random.default_rng(count).normal(size=count) * 2.0**exponent
    value = value.astype(np.float32)
    half = np.zeros(count, np.float16)
    _native.to_half(value, half.view(np.uint16))
    np.testing.assert_array_equal(half, np.clip(value, -65504, 65504).astype(np.float16))
