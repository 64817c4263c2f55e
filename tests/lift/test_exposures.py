"""Exposures found from what a slice's rays sum up."""

from __future__ import annotations

import numpy as np
import pytest
from jaxtyping import Float

from scenegen.lift.exposures import refine_exposures
from scenegen.lift.state import TrainingState, new_state
from scenegen.types import FieldShape

PHOTOS, RAYS = 12, 300


def start() -> TrainingState:
    return new_state(FieldShape(levels=1, log2_table=4, hidden=16), PHOTOS, 0)


def slice_sums(
    state: TrainingState, truth: Float[np.ndarray, "photo 3"], rng: np.random.Generator
) -> Float[np.ndarray, "photo 2 3"]:
    """Slope and curvature of half the squared error, of photos with noise against a true field."""
    colour = rng.uniform(0.1, 0.6, (PHOTOS, RAYS, 3))
    photo = colour * np.exp(truth)[:, None] + rng.normal(0, 0.03, colour.shape)
    shown = colour * np.exp(state.exposure)[:, None]
    return np.stack([((shown - photo) * shown).sum(1), (shown * shown).sum(1)], axis=1)


def found(truth: Float[np.ndarray, "photo 3"], slices: int, rate: float) -> np.ndarray:
    state, rng = start(), np.random.default_rng(4)
    for _ in range(slices):
        refine_exposures(state, slice_sums(state, truth, rng), rate)
    return state.exposure


def gains(size: float) -> Float[np.ndarray, "photo 3"]:
    rng = np.random.default_rng(2)
    truth = rng.uniform(-size, size, (PHOTOS, 1)) + rng.normal(0, size / 5, (PHOTOS, 3))
    return truth - truth.mean(axis=0)


@pytest.mark.parametrize("rate", [0.2, 1.0, 1.6])
def test_large_gains_are_found(rate: float):
    truth = gains(0.7)
    # worst seen 0.02: three in a hundred of noise, and what is taken to be known before
    np.testing.assert_allclose(found(truth, 40, rate), truth, atol=0.05)


def test_the_mean_gain_is_the_fields():
    exposure = found(gains(0.7) + np.array([0.3, 0.0, -0.2]), 5, 1.0)
    np.testing.assert_allclose(exposure.mean(axis=0), 0.0, atol=1e-6)
    assert np.abs(exposure).max() > 0.3


def test_small_gains_shrink_to_nothing():
    truth = gains(0.008)
    assert np.abs(found(truth, 20, 1.0)).max() < 0.5 * np.abs(truth).max()


def test_photos_that_nothing_was_seen_of_keep_theirs():
    state = start()
    refine_exposures(state, np.zeros((PHOTOS, 2, 3)), 1.0)
    assert not state.exposure.any()
