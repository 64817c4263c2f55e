"""Temples in ruins: columns as stated, nothing that grows where nothing should."""

from __future__ import annotations

import pytest

from scenegen.worlds.settings import temple_ruin
from scenegen.worlds.settings.temple_ruin import column
from scenegen.worlds.spec import Prop, Vegetation, WorldSpec
from tests.worlds.settings.lean import anew, site, world

pytestmark = pytest.mark.slow

_BARE = Vegetation(density="none")


def test_columns_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float | None] = []
    make = column.make

    def counted(prop: Prop, rng, height: float, broken_at: float | None):
        made.append(broken_at)
        return make(prop, rng, height, broken_at)

    monkeypatch.setattr(temple_ruin.column, "make", counted)
    props = (Prop(kind="column", count=7),)
    anew(WorldSpec(setting="temple ruin", vegetation=_BARE, props=props))
    assert len(made) == 7


def test_no_vegetation_is_none() -> None:
    assert not {"leaf", "bark"} & set(world("temple ruin", vegetation=_BARE).meshes)


def test_water_lies_beside_it_where_stated() -> None:
    assert site("temple ruin", vegetation=_BARE, water="lake").had.water == "lake"
    assert "water" not in world("temple ruin", vegetation=_BARE).meshes


def test_the_camera_stands_on_the_ground_outside() -> None:
    made = site("temple ruin", vegetation=_BARE)
    assert made.stand is not None
    x, y, z = made.stand.eye
    assert 1.3 < z - temple_ruin._land(made).spot(x, y) < 2.2
