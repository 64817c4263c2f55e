"""Coasts: a sea to the horizon, and what is named stands at, on or in it."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.settings import coast
from scenegen.worlds.spec import Prop, Vegetation
from tests.worlds.settings.lean import site, world

pytestmark = pytest.mark.slow

_BARE = Vegetation(density="none")


def test_the_sea_reaches_the_horizon() -> None:
    sea = world("coast").meshes["sea"].points
    assert np.abs(sea[:, 2]).max() < 0.1
    assert sea[:, 0].min() < -5000


def test_no_vegetation_is_none() -> None:
    assert not {"leaf", "bark"} & set(world("coast", vegetation=_BARE).meshes)


def test_boats_are_counted() -> None:
    made = site("coast", vegetation=_BARE, props=(Prop(kind="boat", count=3, color="red"),))
    assert len(made.parts["wood:red"]) == 3


def test_a_pier_reaches_into_the_sea() -> None:
    made = site("coast", vegetation=_BARE, props=(Prop(kind="pier"),))
    ends = np.concatenate([mesh.points for mesh in made.parts["wood"]])
    land = coast._land(made)
    far, near = ends[ends[:, 0].argmin()], ends[ends[:, 0].argmax()]
    assert land.spot(far[0], far[1]) < -0.5
    assert land.spot(near[0], near[1]) > 0


def test_a_coast_has_its_sea_whatever_is_said() -> None:
    assert world("coast", water="sea").ignored == ()
    assert world("coast", water="lake").ignored == ("a lake on a coast: it has a sea",)
    assert world("coast", water="none").ignored == ("no water on a coast: it has a sea",)


def test_snow_lies_on_what_stands_at_the_water() -> None:
    props = (Prop(kind="lighthouse"), Prop(kind="pier"))
    bare = Vegetation(density="none")
    snow = world("coast", props=props, season="winter", vegetation=bare).meshes["snow"]
    assert snow.points[:, 2].max() > 15
