"""Parts of a world put together: what found no place leaves nothing behind."""

from __future__ import annotations

import numpy as np
from numpy.random import default_rng

from scenegen.worlds.mesh import box, merge
from scenegen.worlds.placing import turned
from scenegen.worlds.rocks import stones
from scenegen.worlds.snow import snow_on, snowed
from scenegen.worlds.world import merged, placed

NOWHERE = np.zeros((0, 3))


def test_what_found_no_place_is_in_no_world() -> None:
    cube = box([0, 0, 0], [1, 1, 1], default_rng(0))
    parts = {"rock": [stones(NOWHERE, (0.1, 1.0), default_rng(0))], "leaf": [], "stone": [cube]}
    assert list(merged(parts)) == ["stone"]


def test_a_place_on_a_thing_is_where_its_parts_are() -> None:
    corner = (0.5, -0.3, 0.62)
    thing = {"metal": [box(corner, (1, 1, 1), default_rng(0))]}
    points = merge(placed(thing, (3.0, 4.0, 5.0), 35.0)["metal"]).points
    at = turned(corner, (3.0, 4.0, 5.0), 35.0)
    assert np.linalg.norm(points - at, axis=1).min() < 1e-12


def test_snow_lies_deeper_on_roofs_and_not_on_what_is_bare() -> None:
    cube = box([0, 0, 0], [1, 1, 1], default_rng(0))
    parts = {"roof": [cube], "stone": [cube.moved(3)], "lit": [cube.moved(6)]}
    snow = merge(snowed(parts, thick=0.1, roof=0.3)["snow"]).points
    assert np.isclose(snow[snow[:, 0] < 2, 2].max(), 1.3)
    assert np.isclose(snow[snow[:, 0] > 2, 2].max(), 1.1)
    assert snow[:, 0].max() < 5
    assert snow_on(parts, 0.1, bare=("roof", "stone")) == {"snow": []}
    assert "snow" not in parts


def test_small_faces_bear_only_thin_snow() -> None:
    rail = {"metal": [box([0, 0, 0], [0.03, 0.03, 1], default_rng(0))]}
    assert snowed(rail)["snow"] == []
    assert len(snow_on(rail, 0.05)["snow"]) == 1
