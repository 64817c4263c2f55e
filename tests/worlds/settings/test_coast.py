"""Coasts: a sea to the horizon, and what is named stands at, on or in it."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.build import build
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.settings import coast
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Prop, Vegetation, WorldSpec
from tests.worlds.settings.wild import is_sound

pytestmark = pytest.mark.slow

_BARE = Vegetation(density="none")


def _built(*props: Prop) -> Site:
    site = Site(WorldSpec(setting="coast", props=props, vegetation=_BARE), Seeds(0))
    coast.build(site)
    return site


@pytest.mark.slow
def test_the_same_seed_is_the_same_coast() -> None:
    world = is_sound(WorldSpec(setting="coast"))
    assert np.abs(world.meshes["sea"].points[:, 2]).max() < 0.1
    assert world.meshes["sea"].points[:, 0].min() < -5000


def test_no_vegetation_is_none() -> None:
    world = build(WorldSpec(setting="coast", vegetation=_BARE))
    assert not {"leaf", "bark"} & set(world.meshes)


def test_boats_are_counted() -> None:
    hulls = _built(Prop(kind="boat", count=3, color="red")).parts["wood:red"]
    assert len(hulls) == 3


def test_a_pier_reaches_into_the_sea() -> None:
    site = _built(Prop(kind="pier"))
    ends = np.concatenate([mesh.points for mesh in site.parts["wood"]])
    land = coast._land(site)
    far, near = ends[ends[:, 0].argmin()], ends[ends[:, 0].argmax()]
    assert land.spot(far[0], far[1]) < -0.5
    assert land.spot(near[0], near[1]) > 0


def test_indoor_furniture_is_told() -> None:
    assert "sofa in the open" in _built(Prop(kind="sofa")).ignored
