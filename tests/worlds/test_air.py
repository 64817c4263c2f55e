"""Haze along a ray, against its integral by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenegen.worlds.air import optical_depth
from scenegen.worlds.world import Air


@given(
    eye=st.floats(-50, 300), rise=st.floats(-1, 1), way=st.floats(0.1, 400),
    scale=st.floats(20, 2000),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_it_is_the_integral_of_the_density(
    eye: float, rise: float, way: float, scale: float
) -> None:
    air = Air(0.01, level=10.0, scale=scale)
    found = optical_depth(air, np.array([0.0, 0.0, eye]), np.array([rise]), np.array([way]))[0]
    along = (np.arange(4000) + 0.5) / 4000 * way
    density = air.density * np.exp(-(eye + rise * along - air.level) / scale)
    assert found == pytest.approx(density.mean() * way, rel=2e-3)


def test_a_fog_of_one_density_is_linear() -> None:
    air = Air(0.02)
    found = optical_depth(air, np.zeros(3), np.zeros(3), np.array([0.0, 10.0, 100.0]))
    np.testing.assert_allclose(found, [0.0, 0.2, 2.0], rtol=1e-4)
