"""A city street follows from its spec: seeds, houses that are counted, trees, lamps, snow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenegen.worlds.settings.base import Site
from scenegen.worlds.settings.city_street import KERB
from scenegen.worlds.spec import Prop, Vegetation
from tests.worlds.settings.lean import site, world

pytestmark = pytest.mark.slow


def made(seed: int = 0, **words: Any) -> Site:
    """The place of some words."""
    return site("city street", seed=seed, **words)


def triangles(site: Site) -> int:
    return sum(len(mesh.faces) for meshes in site.parts.values() for mesh in meshes)


@pytest.mark.parametrize("count", [1, 4])
def test_houses_are_counted(count: int) -> None:
    site = made(props=(Prop(kind="house", count=count, material="brick"),))
    doors = [mesh for mesh in site.parts["metal:golden"] if np.ptp(mesh.points[:, 2]) < 0.06]
    assert len(doors) == count


def test_trees_grow_where_they_are_asked_for_and_not_otherwise() -> None:
    assert "bark" in made(vegetation=Vegetation(kinds=("broadleaf",))).parts
    bare = Vegetation(kinds=("broadleaf",), without=("broadleaf",))
    assert "bark" not in made(vegetation=bare).parts
    assert "bark" not in made(vegetation=Vegetation(density="none", kinds=("birch",))).parts


def test_lamps_burn_at_night_only() -> None:
    night = made(time="night")
    assert 3 <= len(night.lamps) <= 12
    assert "glow" in night.parts
    assert "lit_warm" in night.parts
    day = made()
    assert not day.lamps
    assert not {"glow", "lit_warm", "lit_shop"} & set(day.parts)


def test_the_number_of_lamps_is_as_stated() -> None:
    site = made(time="night", props=(Prop(kind="lamp", count=3),))
    assert len(site.lamps) == len(site.parts["glow"]) == 3


def test_towers_are_counted_and_are_taller_than_houses() -> None:
    site = made(props=(Prop(kind="tower", count=2),))
    high = max(mesh.points[:, 2].max() for mesh in site.parts["tower_glass"])
    assert high > 40
    assert "roof" in site.parts, "the other plots have houses"


def test_what_a_street_cannot_have_is_told() -> None:
    told = world("city street", props=(Prop(kind="lighthouse"), Prop(kind="pot", count=60))).ignored
    assert told[0] == "a lighthouse in a city street"
    assert told[1].endswith("of 60 pots: there is no room")


def test_things_stand_on_the_pavement() -> None:
    site = made(props=(Prop(kind="barrel", count=5),))
    wood = site.parts["wood:brown"]
    staves = [mesh for mesh in wood if abs(np.ptp(mesh.points[:, 2]) - 0.94) < 1e-6]
    assert len(staves) == 5
    assert all(mesh.points[:, 2].min() == pytest.approx(KERB) for mesh in staves)


def test_a_camera_has_room_and_a_street_is_not_too_heavy() -> None:
    for season in ("summer", "winter"):
        site = made(season=season, time="night")
        assert triangles(site) < 1_200_000
        stand = site.stand
        assert stand is not None
        for name, meshes in site.parts.items():
            for mesh in meshes:
                away = np.linalg.norm(mesh.points[:, :2] - stand.eye[:2], axis=1)
                near = (away < 2.5) & (np.abs(mesh.points[:, 2] - stand.eye[2]) < 1.0)
                assert not near.any(), name
