"""What the roofline counts, and how it divides a training step into stages."""

from __future__ import annotations

import numpy as np
import pytest
from benchmark import counts, limits
from benchmark.roofline import level_kilobytes, stage_bounds

from scenegen.kernels import native, threads
from scenegen.types import FieldShape

SHAPE = FieldShape(levels=3, log2_table=12, coarsest=8, finest=64, hidden=16)


def test_the_networks_cost_two_operations_a_weight():
    # Every weight of both networks but those of the 16 harmonics, which a ray needs only once.
    weights = native.mlp_size(SHAPE) - SHAPE.hidden * native.HARMONICS
    exponentials = 4 * 16
    assert counts.density(SHAPE).flops + counts.color(SHAPE).flops == 2 * weights + exponentials


def test_a_sample_loads_eight_entries_a_level():
    assert counts.encode(SHAPE).gathers == 24
    assert counts.scatter(SHAPE).scatters == 24
    assert counts.encode(SHAPE).bytes == 24 * 8
    assert counts.scatter(SHAPE).bytes == 24 * 32


def test_the_optimiser_moves_what_a_block_holds():
    # Sixteen values: value, gradient and two moments read and written, a half written.
    assert counts.optimise(2).bytes == 2 * 16 * (4 * 4 * 2 + 2)


def test_levels_are_as_large_as_their_vertices_or_the_table():
    assert level_kilobytes(SHAPE) == [9**3 * 8 / 1024, 4096 * 8 / 1024, 4096 * 8 / 1024]


def test_a_stage_is_bound_by_the_slowest_of_its_rates():
    row = {"table_kb": 256, "gathers_per_s": 1e9, "scatters_per_s": 5e8, "stream_bytes_per_s": 1e10}
    machine = {"flops_per_s": 1e11, "tables": [row]}
    every = {"1": machine, str(threads()): machine}
    work = {"flops": 1000, "gathers": 24, "scatters": 12, "stream_bytes": 100}
    bounds = stage_bounds(work, SHAPE, every)
    cores = threads()
    assert bounds["FMA"] == pytest.approx(cores * 1e-8)
    assert bounds["random loads"] == pytest.approx(cores * 24e-9)
    assert bounds["random additions"] == pytest.approx(24e-9)
    assert bounds["bandwidth"] == pytest.approx(cores * 1e-8)


def test_rates_between_the_measured_sizes_lie_between_theirs():
    found = {
        "tables": [
            {"table_kb": 256, "gathers_per_s": 4e9},
            {"table_kb": 1024, "gathers_per_s": 1e9},
        ]
    }
    assert limits.at_size(found, 512, "gathers_per_s") == pytest.approx(2e9)
    assert limits.at_size(found, 64, "gathers_per_s") == pytest.approx(4e9)
    assert limits.at_size(found, 4096, "gathers_per_s") == pytest.approx(1e9)


def test_the_machine_s_limits_are_measured():
    found = limits.machine_limits(0.002, (256, 1024))
    assert set(found) == {"1", str(threads())}
    for row in found["1"]["tables"]:
        rates = [value for name, value in row.items() if name != "table_kb"]
        assert len(rates) == 3
        assert all(np.isfinite(value) and value > 1e5 for value in rates)
    assert found["1"]["flops_per_s"] > 1e6
