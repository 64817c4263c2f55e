from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenegen.refine.bridge import Bridge

BRIDGE = Bridge()


def test_the_bridge_ends_at_the_render_and_all_but_at_the_clean_frame() -> None:
    clean, render, noise = (np.random.default_rng(0).normal(size=(3, 5, 7)) for _ in range(3))
    kappa = np.full((1, 5, 7), 0.2)
    far = BRIDGE.at(clean, render, noise, kappa, BRIDGE.eta(np.array(1.0)))
    np.testing.assert_allclose(far, render + 0.2 * noise)
    near = BRIDGE.at(clean, render, noise, kappa, BRIDGE.eta(np.array(0.0)))
    assert np.abs(near - clean).max() < 0.05


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_render_comes_in_steadily(one: float, other: float) -> None:
    first, last = BRIDGE.eta(np.array(min(one, other))), BRIDGE.eta(np.array(max(one, other)))
    assert 0 < first <= last <= 1


@given(st.floats(0, 1))
def test_holes_get_more_noise_than_what_is_opaque(opacity: float) -> None:
    kappa = BRIDGE.kappa(np.array(opacity))
    assert BRIDGE.kappa_seen <= kappa <= BRIDGE.kappa_hole
    assert BRIDGE.kappa(np.array(1.0)) == pytest.approx(BRIDGE.kappa_seen)
    assert BRIDGE.kappa(np.array(0.0)) == pytest.approx(BRIDGE.kappa_hole)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_steps_set_out_from_the_render(steps: int) -> None:
    times = BRIDGE.times(steps)
    assert len(times) == steps
    assert times[0] == 1.0
    assert all(a > b > 0 for a, b in pairwise(times))
