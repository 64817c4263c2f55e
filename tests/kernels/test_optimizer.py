"""Adam: the twin against PyTorch's, the native trainer against both, and laziness."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scenegen.kernels import reference
from scenegen.kernels.reference import AdamStep
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.torch_trainer import TorchTrainer
from scenegen.lift.trainer import Rates
from tests.kernels.rigs import random_problem, random_state, same

RATES = Rates(hash=0.05, mlp=0.01, outlier=0.0)


def torch_adam(parameter: torch.Tensor, rate: float) -> torch.optim.Adam:
    return torch.optim.Adam([parameter], lr=rate, betas=(0.9, 0.99), eps=1e-15)


def test_the_twin_is_the_adam_of_pytorch() -> None:
    generator = torch.Generator().manual_seed(0)
    value = torch.randn(100, generator=generator)
    expected = value.clone().requires_grad_()
    optimizer = torch_adam(expected, 0.02)
    m, v = torch.zeros(100), torch.zeros(100)
    for step in range(20):
        grad = torch.randn(100, generator=generator) * 10.0 ** (step % 5 - 3)
        expected.grad = grad.clone()
        optimizer.step()
        reference.adam_dense(value, grad, m, v, AdamStep(0.02, step))
    torch.testing.assert_close(value, expected.detach(), rtol=1e-5, atol=1e-6)


def test_only_touched_blocks_move_and_their_half_copy_follows() -> None:
    generator = torch.Generator().manual_seed(1)
    value, grad, m, v = (torch.rand(2, 8, 4, generator=generator) for _ in range(4))
    before = [x.clone() for x in (value, m, v)]
    half = reference.to_half(value)
    touched = torch.tensor([True, False, False, True])
    reference.adam_blocks((value, grad, m, v), half, touched, AdamStep(0.1, 3))
    for now, then in zip((value, m, v), before, strict=True):
        blocks = (now != then).view(4, 16)
        assert blocks.all(1).tolist() == blocks.any(1).tolist() == touched.tolist()
    assert torch.equal(half, value.half())


def test_native_steps_are_adam_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step's own gradients, given to PyTorch's Adam, lead to the same weights."""
    monkeypatch.setenv("SCENEGEN_THREADS", "1")
    problem = random_problem(np.random.default_rng(2))
    state = random_state(problem, np.random.default_rng(3))
    for name in ("hash", "mlp"):
        getattr(state, f"{name}_m")[:] = 0.0
        getattr(state, f"{name}_v")[:] = 0.0
    state.step = 0
    alpha = state.alpha.copy()
    trainer = NativeTrainer(problem, state)
    state.alpha[:] = alpha
    trainer.sweep(1.0, 1 << 20, 1)  # takes up alpha again
    mlp = torch.from_numpy(state.mlp.copy()).requires_grad_()
    optimizer = torch_adam(mlp, RATES.mlp)
    for step in range(3):
        rays = int(problem.batch_samples / state.samples_per_ray)
        facts, gradients = trainer.gradients(step, rays, 0.0)
        before = same(state)
        mlp.grad = torch.from_numpy(gradients["mlp"].copy())
        optimizer.step()
        taken = trainer.run(1, RATES)
        assert (taken.rays, taken.samples) == (facts.rays, facts.samples)
        np.testing.assert_allclose(state.mlp, mlp.detach().numpy(), rtol=1e-4, atol=1e-5)
        blocks = gradients["hash"].reshape(-1, 16).any(1)
        assert 0.05 < blocks.mean() < 0.95
        for name in ("hash", "hash_m", "hash_v"):
            changed = (getattr(state, name) != getattr(before, name)).reshape(-1, 16).any(1)
            assert changed[blocks].all()
        untouched = before.hash.reshape(-1, 16)[~blocks]
        moved = state.hash.reshape(-1, 16)[~blocks] != untouched
        assert moved.mean() < 0.05  # read by a sample, but with no gradient


def test_both_trainers_take_the_same_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCENEGEN_THREADS", "1")
    problem = random_problem(np.random.default_rng(2))
    state = random_state(problem, np.random.default_rng(3))
    twin_state = same(state)
    native, twin = NativeTrainer(problem, state), TorchTrainer(problem, twin_state, "cpu")
    for _ in range(3):
        found, expected = native.run(1, RATES), twin.run(1, RATES)
        assert found.rays == expected.rays
        assert abs(found.samples - expected.samples) <= 2
        assert found.loss == pytest.approx(expected.loss, rel=1e-3)
        sums = expected.exposure_sums
        np.testing.assert_allclose(found.exposure_sums, sums, atol=2e-3 * np.abs(sums).max())
    assert state.step == twin_state.step == 10
    assert state.samples_per_ray == pytest.approx(twin_state.samples_per_ray, rel=1e-4)
    for name in ("mlp", "mlp_v", "hash_v"):
        a, b = getattr(state, name), getattr(twin_state, name)
        assert np.abs(a - b).max() <= 2e-3 * np.abs(b).max(), name
    # Where a gradient is nearly zero, its sign and so Adam's step is rounding's choice.
    error = np.abs(state.hash - twin_state.hash)
    assert np.quantile(error, 0.99) < 1e-3
