"""Rates fall from their start to a stated share; step lengths stay in range and settle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenegen.lift import schedule


def test_rates_begin_full_and_end_at_their_share():
    assert schedule.rates_at(0.0, 0.1).hash == schedule.HASH_RATE
    assert schedule.rates_at(1.0, 0.1).hash == pytest.approx(
        schedule.HASH_RATE * schedule.FINAL_RATE
    )


@given(a=st.floats(0, 1), b=st.floats(0, 1))
def test_rates_never_rise(a, b):
    early, late = sorted([a, b])
    first, second = schedule.rates_at(early, 0.05), schedule.rates_at(late, 0.05)
    assert second.hash <= first.hash
    assert second.mlp <= first.mlp
    assert second.exposure <= first.exposure or early <= schedule.EXPOSURE_SHARE


def test_every_ray_is_trusted_at_first():
    assert schedule.rates_at(0.1, 0.02).outlier == 0
    assert schedule.rates_at(0.9, 0.02).outlier == pytest.approx(0.15)
    assert schedule.rates_at(0.9, 0.1).outlier == pytest.approx(0.5)


@given(samples=st.floats(0, 2000), length=st.floats(*schedule.STEP_RANGE))
def test_step_length_stays_in_range(samples, length):
    low, high = schedule.STEP_RANGE
    assert low <= schedule.step_length_for(samples, length) <= high


def test_step_length_settles_at_the_target():
    length = schedule.STEP_RANGE[1]
    for _ in range(300):  # a ray of occupied length 0.4
        length = schedule.step_length_for(0.4 / length, length)
    assert 0.4 / length == pytest.approx(schedule.TARGET_SAMPLES, rel=1e-3)


def test_longer_budgets_fill_larger_tables():
    tables = [schedule.field_shape(b).log2_table for b in (5, 60, 300)]
    assert tables == sorted(tables)
