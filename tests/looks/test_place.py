"""What looks know of a scene."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from scenegen.looks.place import Place, know, map_of, sunlit
from tests.looks.yard import place, trace_yard, yard


@pytest.fixture(scope="module")
def known() -> Place:
    return place()


def normals_at(known: Place, *points: list[float]) -> np.ndarray:
    values, sure = map_of(known, known.surfaces.normals).at(np.array(points))
    assert (sure > 0.5).all()
    return values


def test_normals_are_those_of_the_surfaces(known: Place) -> None:
    found = normals_at(known, [0.5, 0.0, 0.0], [-1.0, 1.0, 1.0], [0.5, 4.0, 1.5])
    assert found[0] == pytest.approx([0, 0, 1], abs=0.02)
    assert found[1] == pytest.approx([0, 0, 1], abs=0.02)
    assert found[2] == pytest.approx([0, -1, 0], abs=0.02)


def test_the_ground_is_found_and_gives_the_scale(known: Place) -> None:
    assert known.ground == pytest.approx(0.0, abs=0.02)
    assert known.metre == 1.0
    guessed = know(dataclasses.replace(yard(), metres_per_unit=None), trace_yard)
    assert guessed.metre == pytest.approx(1.0, abs=0.02)


def test_what_is_below_something_sees_less_sky(known: Place) -> None:
    openness = map_of(known, known.surfaces.openness[:, None])
    values, _ = openness.at(np.array([[2.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [-1.0, 0.6, 0.0]]))
    free, table, below = values[:, 0]
    assert free > 0.9
    assert table > 0.9
    assert below < 0.4


def test_the_wall_throws_a_shadow(known: Place) -> None:
    sun = np.array([0.0, np.cos(0.6), np.sin(0.6)])
    lit = map_of(known, sunlit(known, sun, 0.01)[:, None])
    values, _ = lit.at(np.array([[0.0, 2.5, 0.0], [2.5, -1.5, 0.0]]))
    shaded, free = values[:, 0]
    assert shaded < 0.1  # 3 high, the sun 34 degrees: four long
    assert free > 0.9


def test_beside_surfaces_nothing_is_known(known: Place) -> None:
    _, sure = map_of(known, known.surfaces.normals).at(np.array([[0.0, 0.0, 2.0], [0, 3.0, 2.5]]))
    assert (sure == 0).all()


def test_what_is_known_is_the_same_every_time(known: Place) -> None:
    again = place()
    for name in ("numbers", "points", "normals", "openness"):
        assert np.array_equal(getattr(known.surfaces, name), getattr(again.surfaces, name))
