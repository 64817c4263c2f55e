"""Fog: what comes through it."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.looks.fog import Fog, fog_of

FOG = Fog(density=0.3, base=1.0, fall=4.0)


def through(fog: Fog, origin: list[float], direction: list[float], far: np.ndarray) -> np.ndarray:
    ways = np.array(direction, np.float32) / np.linalg.norm(direction)
    count = len(far)
    origins = np.tile(np.array(origin, np.float32), (count, 1))
    return fog.transmitted(origins, np.tile(ways, (count, 1)).astype(np.float32), far)


@pytest.mark.parametrize("z", [-1.0, -0.2, -1e-5, 0.0, 1e-5, 0.3, 1.0])
@pytest.mark.parametrize("height", [0.0, 1.0, 3.0, 40.0])
def test_fog_is_what_summing_it_up_along_the_ray_gives(z: float, height: float) -> None:
    far = np.array([0.01, 1.0, 7.0, 60.0], np.float32)
    direction = np.array([np.sqrt(1 - z * z), 0.0, z])
    found = through(FOG, [0.0, 0.0, height], direction.tolist(), far)
    for distance, share in zip(far, found, strict=True):
        t = (np.arange(20_000) + 0.5) / 20_000 * distance
        rise = np.maximum(height + t * z - FOG.base, 0.0)
        tau = FOG.density * np.exp(-rise / FOG.fall).mean() * distance
        assert share == pytest.approx(np.exp(-tau), rel=2e-3, abs=1e-6)


@pytest.mark.parametrize("z", [-0.4, 0.0, 0.4])
def test_less_comes_from_farther_away(z: float) -> None:
    far = np.linspace(0.0, 40.0, 200).astype(np.float32)
    found = through(FOG, [0.0, 0.0, 2.0], [1.0, 0.0, z], far)
    assert found[0] == 1.0
    assert (np.diff(found) <= 0).all()
    assert found[-1] < 0.6


def test_endless_rays_end_in_fog_but_for_those_that_rise_out_of_it() -> None:
    endless = np.array([np.inf], np.float32)
    assert through(FOG, [0, 0, 1.5], [1.0, 0.0, 0.0], endless)[0] < 1e-6
    up = through(FOG, [0, 0, 1.5], [0.0, 0.0, 1.0], endless)[0]
    assert up == pytest.approx(np.exp(-0.3 * 4.0 * np.exp(-0.5 / 4.0)), rel=1e-4)


def test_an_amount_of_one_takes_half_over_the_size_of_the_scene() -> None:
    found = through(fog_of(1.0, 6.0, 0.0), [0, 0, 0], [1, 0, 0], np.array([6.0], np.float32))
    assert found[0] == pytest.approx(0.5, rel=1e-5)
