"""Marching: what must hold of any march, and the twin."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scenegen.kernels import native, reference
from tests.kernels.rigs import CELLS, SHAPE, Parameters, scattered_cells, unit_vectors

STEP, NEAR, FAR = 0.03, 0.05, 64.0
CAPACITY = 2048


@pytest.fixture(scope="module")
def occupancy() -> np.ndarray:
    return reference.distance_field(scattered_cells(np.random.default_rng(0), 400), 0.5)


def rays(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Rays from inside the unit ball and from outside, some along the axes."""
    rng = np.random.default_rng(seed)
    reach = np.exp(rng.uniform(-2.0, 2.0, (count, 1)))
    origins = (unit_vectors(rng, count) * reach).astype(np.float32)
    directions = unit_vectors(rng, count)
    directions[:6] = np.concatenate([np.eye(3), -np.eye(3)]).astype(np.float32)
    return origins, directions


def native_march(
    occupancy: np.ndarray, origin: np.ndarray, direction: np.ndarray, offset: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    parameters = Parameters.random(SHAPE, np.random.default_rng(0))
    arrays = {"hash": parameters.table, "mlp": parameters.mlp}
    field = native.native_field(SHAPE, arrays, occupancy)
    field.march_by(STEP, NEAR, FAR)
    t, dt = np.zeros(CAPACITY, np.float32), np.zeros(CAPACITY, np.float32)
    count = field.march(origin, direction, offset, t, dt)
    assert count < CAPACITY
    return t[:count], dt[:count]


def cell_of(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r = np.maximum(np.linalg.norm(points, axis=-1, keepdims=True), 1.0)
    place = (points * (2.0 - 1.0 / r) / r + 2.0) * (CELLS / 4)
    x, y, z = np.clip(place.astype(int), 0, CELLS - 1).T
    return z, y, x


def test_samples_begin_in_occupied_cells_in_order_and_within_reach(occupancy: np.ndarray) -> None:
    wrong = total = 0
    for origin, direction in zip(*rays(400), strict=True):
        t, dt = native_march(occupancy, origin, direction)
        start = t - 0.5 * dt
        points = origin + start[:, None].astype(np.float64) * direction
        wrong += int((occupancy[cell_of(points)] != 0).sum())
        total += len(t)
        assert (np.diff(start) >= dt[:-1] * (1 - 1e-4)).all()
        assert (start >= NEAR).all()
        r = np.maximum(np.linalg.norm(points, axis=1), 1.0)
        np.testing.assert_allclose(dt, STEP * r, rtol=1e-4)
        assert (np.linalg.norm(points, axis=1) <= FAR * (1 + 1e-5)).all()
    assert total > 1000
    assert wrong <= 5e-3 * total  # starts within a rounding of a cell's face; worst seen 2.1e-3


def test_no_occupied_stretch_is_leapt_over(occupancy: np.ndarray) -> None:
    """A stretch of occupied cells longer than a step holds a sample: fine steps find them all."""
    checked = 0
    for origin, direction in zip(*rays(80, seed=2), strict=True):
        t, dt = native_march(occupancy, origin, direction)
        start = t - 0.5 * dt
        fine = NEAR + STEP * 0.5 + np.geomspace(1e-4, 60.0, 40_000)
        points = origin + fine[:, None] * direction.astype(np.float64)
        inside = np.linalg.norm(points, axis=1) < FAR
        occupied = (occupancy[cell_of(points)] == 0) & inside
        edges = np.flatnonzero(np.diff(np.concatenate([[0], occupied.astype(int), [0]])))
        for begin, end in edges.reshape(-1, 2):
            length = fine[end - 1] - fine[begin]
            r = max(np.linalg.norm(points[begin:end], axis=1).max(), 1.0)
            if length < 1.05 * STEP * r:
                continue
            hits = (start >= fine[begin] - STEP * r) & (start <= fine[end - 1])
            assert hits.any(), f"nothing between {fine[begin]} and {fine[end - 1]} of {origin}"
            checked += 1
    assert checked > 100


def test_full_space_is_sampled_up_to_where_it_ends() -> None:
    full = np.zeros((CELLS,) * 3, np.uint8)
    for origin, direction in zip(*rays(20, seed=3), strict=True):
        t, dt = native_march(full, origin, direction)
        np.testing.assert_allclose(t[1:] - 0.5 * dt[1:], t[:-1] + 0.5 * dt[:-1], rtol=1e-5)
        end = origin + (t[-1] + 0.5 * dt[-1]) * direction
        assert FAR <= np.linalg.norm(end) <= FAR * (1 + 2 * STEP)


def test_empty_space_and_rays_that_miss_everything_give_no_sample() -> None:
    empty = np.full((CELLS,) * 3, 15, np.uint8)
    origins, directions = rays(8)
    for origin, direction in zip(origins, directions, strict=True):
        assert len(native_march(empty, origin, direction)[0]) == 0
    outside = np.array([100.0, 0.0, 0.0], np.float32)
    full = np.zeros_like(empty)
    assert len(native_march(full, outside, np.array([0.0, 1.0, 0.0], np.float32))[0]) == 0


def test_the_offset_shifts_the_first_sample() -> None:
    full = np.zeros((CELLS,) * 3, np.uint8)
    origin, direction = np.zeros(3, np.float32), np.array([0.6, 0.0, 0.8], np.float32)
    for offset in (0.0, 0.25, 0.75):
        t, _ = native_march(full, origin, direction, offset)
        assert t[0] == pytest.approx(NEAR + STEP * (offset + 0.5), rel=1e-5)


def test_the_twin_marches_the_same_way(occupancy: np.ndarray) -> None:
    origins, directions = rays(300, seed=4)
    offset = np.random.default_rng(4).uniform(0, 1, 300).astype(np.float32)
    start = reference.RayStart(STEP, NEAR, FAR)
    arrays = [torch.from_numpy(a) for a in (origins, directions, offset)]
    twin = reference.Marcher(torch.from_numpy(occupancy), start, *arrays)
    first_t, first_dt, first = twin.next(torch.arange(300), 7)
    rest_t, rest_dt, rest = twin.next(torch.arange(300), CAPACITY)
    differ = 0
    for i in range(300):
        t, dt = native_march(occupancy, origins[i], directions[i], float(offset[i]))
        a, b = int(first[i]), int(rest[i])
        twin_t = torch.cat([first_t[i, :a], rest_t[i, :b]]).numpy()
        twin_dt = torch.cat([first_dt[i, :a], rest_dt[i, :b]]).numpy()
        if len(t) != len(twin_t) or not np.allclose(t, twin_t, rtol=1e-4):
            differ += 1  # a place within a rounding of a cell's face leaps another way
            continue
        np.testing.assert_allclose(dt, twin_dt, rtol=1e-4)
    assert differ <= 6  # worst seen 2
