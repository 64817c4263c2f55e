"""Conversion to and from half precision, against NumPy's."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from scenegen.kernels import _native, reference
from scenegen.types import FieldShape
from tests.kernels.test_hash_grid import native_encode

ALL = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
FINITE = ALL[np.isfinite(ALL)]
LARGEST = np.float32(65504.0)


def to_half(values: np.ndarray) -> np.ndarray:
    out = np.zeros(values.shape, np.uint16)
    _native.to_half(values, out)
    return out.view(np.float16)


def expected(values: np.ndarray) -> np.ndarray:
    return np.clip(values, -LARGEST, LARGEST).astype(np.float16)


def hard_floats() -> np.ndarray:
    """Floats of all magnitudes, all halves, and what lies half-way between two of these."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 1 << 32, 200_000, dtype=np.uint32).view(np.float32)
    halves = FINITE.astype(np.float32)
    middles = (halves[1:] + halves[:-1]) / 2
    edges = np.concatenate([middles, np.nextafter(middles, np.inf), np.nextafter(middles, -np.inf)])
    small = rng.uniform(-1e-7, 1e-7, 20_000).astype(np.float32)
    ends = np.array([0.0, -0.0, 65504, 65519, 65520, 65536, 1e30, np.inf, -np.inf], np.float32)
    values = np.concatenate([bits, halves, edges.astype(np.float32), small, ends])
    return values[~np.isnan(values)]


def test_every_half_survives_the_way_to_float_and_back() -> None:
    found = to_half(FINITE.astype(np.float32))
    assert np.array_equal(found.view(np.uint16), FINITE.view(np.uint16))


def test_floats_are_rounded_as_numpy_rounds_them_and_saturate() -> None:
    values = hard_floats()
    with np.errstate(over="ignore"):
        wanted = expected(values).view(np.uint16)
    found = to_half(values).view(np.uint16)
    wrong = np.flatnonzero(found != wanted)
    assert not len(wrong), f"{len(wrong)} wrong, first: {values[wrong[:5]]}"
    twin = reference.to_half(torch.from_numpy(values)).numpy().view(np.uint16)
    assert np.array_equal(twin, wanted)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 31, 33])
def test_arrays_of_any_length_are_converted_whole(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count).astype(np.float32)
    assert np.array_equal(to_half(values), expected(values))


def read_every_half() -> np.ndarray:
    """Put every finite half at a vertex of a dense level, and look there."""
    shape = FieldShape(levels=1, log2_table=19, coarsest=64, finest=64)
    index = np.stack(np.meshgrid(*[np.arange(16, 49)] * 3, indexing="ij"), -1).reshape(-1, 3)
    points = index / 16.0 - 2.0
    inside = (points**2).sum(1) <= 1.0  # where contraction changes nothing, to the last bit
    index, points = index[inside], points[inside]
    count = len(FINITE) // 4
    assert len(index) >= count
    entry = index @ np.array([1, 65, 65 * 65])
    table = np.zeros((1, 1 << 19, 4), np.float16)
    table[0, entry[:count]] = FINITE.reshape(count, 4)
    return native_encode(shape, table, points[:count].astype(np.float32)).ravel()


def test_every_half_is_read_exactly() -> None:
    assert np.array_equal(read_every_half(), FINITE.astype(np.float32))


@pytest.mark.skipif(_native.ARCHITECTURE == "aarch64", reason="64-bit ARM always has them")
def test_every_half_is_read_and_written_exactly_without_the_instructions_for_it() -> None:
    code = (
        "import tests.kernels.test_half as t; t.test_every_half_is_read_exactly(); "
        "t.test_floats_are_rounded_as_numpy_rounds_them_and_saturate()"
    )
    environment = {**os.environ, "SCENEGEN_ISA": "baseline"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
