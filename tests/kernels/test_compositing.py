"""The twin's own mathematics: compositing, distortion, Huber."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scenegen.kernels import reference


def samples(rays: int, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(count)
    dt = torch.rand(rays, count, generator=generator, dtype=torch.float64) * 0.2
    gap = torch.rand(rays, count, generator=generator, dtype=torch.float64) * 0.1
    t = torch.cumsum(dt + gap, -1) - 0.5 * dt
    weight = torch.rand(rays, count, generator=generator, dtype=torch.float64)
    return weight.requires_grad_(), t, dt


@pytest.mark.parametrize("count", [1, 2, 33])
def test_distortion_in_linear_time_is_that_over_all_pairs(count: int) -> None:
    weight, t, dt = samples(5, count)
    fast, slow = reference.distortion(weight, t, dt), reference.distortion_of_pairs(weight, t, dt)
    torch.testing.assert_close(fast, slow)
    torch.testing.assert_close(
        torch.autograd.grad(fast, weight)[0], torch.autograd.grad(slow, weight)[0]
    )


def test_weights_and_the_light_behind_add_up_to_one() -> None:
    sigma, t, dt = samples(4, 20)
    white = torch.ones(4, 20, 3, dtype=torch.float64)
    color, weight = reference.composite(sigma, dt, white, white[:, 0])
    torch.testing.assert_close(color, white[:, 0])
    assert bool((weight >= 0).all())
    opaque = torch.full_like(dt, 1e6)
    first = reference.composite(opaque, dt + 0.01, white * t[..., None], white[:, 0] * 0)[0]
    torch.testing.assert_close(first[:, 0], t[:, 0])


def test_huber_is_square_at_first_and_straight_beyond() -> None:
    rgb = torch.tensor([[0.55, 0.5, 0.9]])
    target, gain = torch.full((1, 3), 0.5), torch.zeros(1, 3)
    cost = reference.photometric(rgb, gain, target, huber=0.1, outlier=0.0)
    assert float(cost.loss) == pytest.approx((0.5 * 0.05**2 + 0.1 * (0.4 - 0.05)) / 3, rel=1e-5)
    assert float(cost.squared_error) == pytest.approx((0.05**2 + 0.4**2) / 3, rel=1e-5)
    doubtful = reference.photometric(rgb, gain, target, huber=0.1, outlier=0.075)
    assert float(doubtful.loss) == pytest.approx(float(cost.loss) / 4, rel=1e-5)


def test_what_a_photo_burns_out_may_be_brighter() -> None:
    rgb = torch.tensor([[0.9, 0.9, 0.4]], requires_grad=True)
    target, gain = torch.tensor([[1.0, 0.9, 1.0]]), torch.full((1, 3), float(np.log(1.5)))
    cost = reference.photometric(rgb, gain, target, huber=1.0, outlier=0.0)
    errors = [0.0, 1.35 - 0.9, 0.6 - 1.0]  # beyond what it can show, shown too bright, too dark
    squared_error = float(cost.squared_error.detach())
    assert squared_error == pytest.approx(sum(e * e for e in errors) / 3, rel=1e-5)
    cost.loss.backward()
    assert rgb.grad is not None
    np.testing.assert_allclose(rgb.grad[0], [1.5 * e / 3 for e in errors], rtol=1e-5)
    np.testing.assert_allclose(cost.curvature[0], [0.0, 1.35**2 / 3, 0.6**2 / 3], rtol=1e-5)


def test_exposure_scales_the_colour() -> None:
    rgb, target = torch.full((1, 3), 0.25), torch.full((1, 3), 0.5)
    gain = torch.full((1, 3), float(np.log(2.0)))
    assert float(reference.photometric(rgb, gain, target, 0.1, 0.0).loss) == pytest.approx(0.0)
