"""The ground: worn by water, the same every time, and without a gap between its squares."""

from __future__ import annotations

import numpy as np

from scenegen.worlds.seeds import Seeds
from scenegen.worlds.terrain import RINGS, Terrain, eroded, ring_mesh, terrain


def hills(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 40 * np.sin(x / 300) + 25 * np.cos(y / 170)


def made(seed: int = 3, worn: int = 8) -> Terrain:
    return terrain(hills, 2000.0, Seeds(seed)("land"), worn=worn, cells=128)


def test_equal_seeds_give_equal_ground_and_others_another() -> None:
    one, same, other = made(), made(), made(4)
    x, y = np.random.default_rng(0).uniform(-500, 500, (2, 200))
    np.testing.assert_array_equal(one.height(x, y), same.height(x, y))
    assert np.abs(one.height(x, y) - other.height(x, y)).max() > 0.01


def test_water_takes_from_the_heights_and_brings_to_the_hollows() -> None:
    rough = np.random.default_rng(1).normal(0, 6, (64, 64)).cumsum(0).cumsum(1).astype(np.float32)
    rough = 60 * rough / np.abs(rough).max()
    worn, ran = eroded(rough, 8.0, 40)
    assert np.isfinite(worn).all()
    assert (ran >= 0).all()
    steps = [np.abs(np.diff(ground, axis=0)).max() for ground in (rough, worn)]
    assert steps[1] <= steps[0] + 1e-3
    assert np.abs(worn - rough).max() < 60


def test_what_is_dug_is_dug_in_every_square() -> None:
    land = made(worn=0)
    low = Terrain(
        land.heights, land.wetness, land.extent, land.fine, land.roughness,
        (lambda x, y, z: np.where(np.abs(x) + np.abs(y) < 8, -50.0, z),),
    )  # fmt: skip
    assert low.spot(0.0, 0.0) == -50.0
    assert ring_mesh(low, 0, np.zeros(2)).points[:, 2].min() == -50.0


def test_squares_overlap_and_look_up() -> None:
    land = made(worn=0)
    for ring in range(len(RINGS)):
        mesh = ring_mesh(land, ring, np.zeros(2))
        half = RINGS[ring][0]
        assert np.abs(mesh.points[:, :2]).max() == half
        a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
        assert (np.cross(b - a, c - a)[:, 2] > 0).all()
        if ring:
            inner = np.abs(mesh.points[:, :2]).max(axis=1).min()
            assert inner < RINGS[ring - 1][0]
