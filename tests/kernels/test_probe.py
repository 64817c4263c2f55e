"""The loops that measure the machine do all the work that their rates are about."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.kernels import _native

ARITHMETIC, GATHERS, SCATTERS, STREAM = range(4)


def test_multiply_adds_end_where_their_series_does():
    halves = np.array([0.5, 1.0], np.float32)
    assert _native.probe(ARITHMETIC, halves, 0, 0) == 1.0
    once = _native.probe(ARITHMETIC, halves, 1, 0)
    assert once == 1.5
    assert _native.probe(ARITHMETIC, halves, 1 << 16, 0) == 2.0


@pytest.mark.parametrize("count", [8, 64, 8000])
def test_loads_read_entries_all_over_the_table(count: int):
    table = np.ones(1 << 12, np.float32)
    assert _native.probe(GATHERS, table, count, 0) == 2 * count
    table[: 1 << 11] = 3.0
    both = _native.probe(GATHERS, table, 1 << 16, 0) / (1 << 16)
    assert both == pytest.approx(4.0, abs=0.05)  # half of the entries sum to 2, half to 6
    assert _native.probe(GATHERS, table, 1 << 16, 8) != _native.probe(GATHERS, table, 1 << 16, 0)


def test_additions_all_arrive():
    table = np.zeros(1 << 12, np.float32)
    assert _native.probe(SCATTERS, table, 8000, 0) == 8000
    entries = table.reshape(-1, 4)
    assert entries.sum() == 4 * 8000
    np.testing.assert_array_equal(entries.min(1), entries.max(1))
    assert np.count_nonzero(entries[:, 0]) > 900  # of 1024


@pytest.mark.parametrize("rounds", [1, 3])
def test_reading_in_order_reads_everything(rounds: int):
    table = np.arange(1 << 10, dtype=np.float32)
    assert _native.probe(STREAM, table, rounds * table.size, 0) == rounds * table.sum()
