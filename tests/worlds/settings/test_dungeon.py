"""Crypts and corridors: closed, lit by torches, with what is named in them."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.build import build
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.settings import dungeon
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Prop, WorldSpec
from tests.worlds.settings.wild import is_sound

pytestmark = pytest.mark.slow


def _built(*props: Prop, seed: int = 0) -> Site:
    site = Site(WorldSpec(setting="dungeon", props=props, seed=seed), Seeds(seed))
    dungeon.build(site)
    return site


def test_the_same_seed_is_the_same_dungeon() -> None:
    is_sound(WorldSpec(setting="dungeon"))


def test_torches_are_counted() -> None:
    assert len(_built(Prop(kind="torch", count=4)).lamps) == 4
    assert "glow:orange" not in _built(Prop(kind="torch", count=0)).parts


def test_without_torches_some_light_is_left() -> None:
    site = _built(Prop(kind="torch", count=0))
    assert len(site.lamps) == 1
    assert any("no torches" in words for words in site.ignored)


def test_what_cannot_be_underground_is_told() -> None:
    assert "lighthouse in a dungeon" in _built(Prop(kind="lighthouse")).ignored


def test_vaults_close_it_above_the_camera() -> None:
    world = build(WorldSpec(setting="dungeon", props=(Prop(kind="column", count=2),)))
    vault = world.meshes["vault"].points
    eye = world.stand.eye
    near = vault[np.hypot(vault[:, 0] - eye[0], vault[:, 1] - eye[1]) < 1]
    assert near[:, 2].min() > eye[2] + 0.5
