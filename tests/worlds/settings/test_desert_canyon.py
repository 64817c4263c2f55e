"""Canyons: cliffs beside a wash, dry plants, and what is named."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.settings import desert_canyon
from scenegen.worlds.spec import Prop, Vegetation
from tests.worlds.settings.lean import site, world

pytestmark = pytest.mark.slow

_BARE = Vegetation(density="none")


def test_cliffs_rise() -> None:
    assert world("desert canyon").meshes["cliff"].points[:, 2].max() > 50


def test_no_vegetation_is_none() -> None:
    assert not {"leaf", "bark"} & set(world("desert canyon", vegetation=_BARE).meshes)


def test_water_runs_only_where_stated() -> None:
    assert "water" not in world("desert canyon", vegetation=_BARE).meshes
    assert "water" in world("desert canyon", vegetation=_BARE, water="river").meshes
    assert "water" in world("desert canyon", vegetation=_BARE, water="pond").meshes


def test_props_stand_on_the_ground_apart() -> None:
    made = site("desert canyon", vegetation=_BARE, props=(Prop(kind="tower", count=3),))
    land = desert_canyon._land(made)
    towers = [np.array(one.at) for one in made.had.stood]
    assert len(towers) == 3
    for x, y, z in towers:
        assert abs(z - land.spot(x, y)) < 2.5
    assert np.linalg.norm(towers[0] - towers[1]) > 8
