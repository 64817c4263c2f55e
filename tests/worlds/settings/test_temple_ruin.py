"""Temples in ruins: columns as stated, nothing that grows where nothing should."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.build import build
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.settings import temple_ruin
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Prop, Vegetation, WorldSpec
from tests.worlds.settings.wild import is_sound

pytestmark = pytest.mark.slow

_BARE = Vegetation(density="none")


@pytest.mark.slow
def test_the_same_seed_is_the_same_temple() -> None:
    is_sound(WorldSpec(setting="temple ruin", seed=1))


def test_columns_are_counted(monkeypatch) -> None:
    stood: list[float | None] = []
    make = temple_ruin.column.make

    def counted(prop, rng, height, broken_at):
        stood.append(broken_at)
        return make(prop, rng, height, broken_at)

    monkeypatch.setattr(temple_ruin.column, "make", counted)
    props = (Prop(kind="column", count=7),)
    spec = WorldSpec(setting="temple ruin", props=props, vegetation=_BARE)
    temple_ruin.build(Site(spec, Seeds(0)))
    assert len(stood) == 7


def test_no_vegetation_is_none() -> None:
    world = build(WorldSpec(setting="temple ruin", vegetation=_BARE))
    assert not {"leaf", "bark"} & set(world.meshes)


def test_the_camera_stands_on_the_ground_outside() -> None:
    world = build(WorldSpec(setting="temple ruin", vegetation=_BARE))
    eye, ground = world.stand.eye, world.meshes["ground_0"].points
    under = ground[np.argmin(np.hypot(ground[:, 0] - eye[0], ground[:, 1] - eye[1]))]
    assert 1.3 < eye[2] - under[2] < 2.2
