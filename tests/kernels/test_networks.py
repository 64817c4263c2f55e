"""Both networks and the harmonics: native kernels against the twin, and against SciPy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from scipy.special import sph_harm_y

from scenegen.kernels import native, reference
from scenegen.types import FieldShape
from tests.kernels.rigs import SHAPE, SIZES, Parameters, points_near_and_far, unit_vectors


def native_radiance(
    shape: FieldShape, parameters: Parameters, points: np.ndarray, directions: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arrays = {"hash": parameters.table, "mlp": parameters.mlp}
    field = native.native_field(shape, arrays, np.zeros((native.CELLS,) * 3, np.uint8))
    density, alone = np.zeros(len(points), np.float32), np.zeros(len(points), np.float32)
    rgb = np.zeros((len(points), 3), np.float32)
    field.radiance(points, directions, density, rgb)
    field.density(points, alone)
    return density, rgb, alone


@pytest.mark.parametrize("hidden", [16, 32, 64])
@pytest.mark.parametrize("count", SIZES)
def test_radiance_agrees_with_the_twin(count: int, hidden: int) -> None:
    shape = dataclasses.replace(SHAPE, hidden=hidden)
    rng = np.random.default_rng(count)
    parameters = Parameters.random(shape, rng)
    points, directions = points_near_and_far(rng, count), unit_vectors(rng, count)
    density, rgb, alone = native_radiance(shape, parameters, points, directions)
    sigma, color = reference.radiance(
        shape,
        torch.from_numpy(parameters.table),
        parameters.networks(shape),
        torch.from_numpy(points),
        torch.from_numpy(directions),
    )
    # worst seen 6.9e-5 with 64 hidden units: a logarithm of up to 5, a place rounded once
    np.testing.assert_allclose(density, sigma.numpy(), rtol=3e-4)
    np.testing.assert_allclose(rgb, color.numpy(), atol=1e-4)  # worst seen 2.4e-5
    assert np.array_equal(alone, density)


@pytest.mark.parametrize("scale", [30.0, -30.0])
def test_density_is_bounded_above_and_never_negative(scale: float) -> None:
    rng = np.random.default_rng(1)
    parameters = Parameters.random(SHAPE, rng)
    mlp = parameters.mlp.copy()
    hidden_weights = SHAPE.hidden * SHAPE.levels * SHAPE.features
    mlp[hidden_weights : hidden_weights + SHAPE.hidden] = scale  # of the logarithm of density
    points, directions = points_near_and_far(rng, 64), unit_vectors(rng, 64)
    wild = Parameters(parameters.table, mlp)
    density, rgb, _ = native_radiance(SHAPE, wild, points, directions)
    assert np.isfinite(rgb).all()
    assert density.min() >= 0.0
    assert density.max() <= np.exp(12.0) * 1.000001
    if scale > 0:
        assert density.max() >= np.exp(12.0) * 0.999999


def test_harmonics_are_the_real_spherical_harmonics() -> None:
    directions = np.random.default_rng(2).normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    theta = np.arccos(directions[:, 2])
    phi = np.arctan2(directions[:, 1], directions[:, 0])
    expected = []
    for band in range(4):
        for order in range(-band, band + 1):
            value = sph_harm_y(band, abs(order), theta, phi)
            part = value.imag if order < 0 else value.real
            expected.append(part * (np.sqrt(2.0) if order else 1.0))
    found = reference.harmonics(torch.from_numpy(directions)).numpy()
    np.testing.assert_allclose(found, np.stack(expected, -1), atol=1e-12)
