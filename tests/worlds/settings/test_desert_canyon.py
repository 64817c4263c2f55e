"""Canyons: cliffs beside a wash, dry plants, and what is named."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.build import build
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.settings import desert_canyon
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Prop, Vegetation, WorldSpec
from tests.worlds.settings.wild import is_sound

pytestmark = pytest.mark.slow


@pytest.mark.slow
def test_the_same_seed_is_the_same_canyon() -> None:
    world = is_sound(WorldSpec(setting="desert canyon"))
    assert world.meshes["cliff"].points[:, 2].max() > 50


def test_no_vegetation_is_none() -> None:
    world = build(WorldSpec(setting="desert canyon", vegetation=Vegetation(density="none")))
    assert not {"leaf", "bark"} & set(world.meshes)


def test_water_runs_only_where_stated() -> None:
    bare = Vegetation(density="none")
    assert "water" not in build(WorldSpec(setting="desert canyon", vegetation=bare)).meshes
    assert (
        "water" in build(WorldSpec(setting="desert canyon", vegetation=bare, water="river")).meshes
    )


def test_props_stand_on_the_ground_apart(monkeypatch) -> None:
    stood = []
    put = desert_canyon.put_props
    monkeypatch.setattr(desert_canyon, "put_props", lambda *a: stood.extend(put(*a)) or list(stood))
    spec = WorldSpec(
        setting="desert canyon", vegetation=Vegetation(density="none"),
        props=(Prop(kind="tower", count=3),),
    )  # fmt: skip
    site = Site(spec, Seeds(0))
    desert_canyon.build(site)
    land = desert_canyon._land(site)
    assert len(stood) == 3
    for one in stood:
        x, y, z = one.at
        assert abs(z - land.spot(x, y)) < 2.5
    a, b = np.array(stood[0].at), np.array(stood[1].at)
    assert np.linalg.norm(a - b) > 8
