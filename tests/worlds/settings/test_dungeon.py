"""Crypts and corridors: closed, lit by torches, with what is named in them."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.spec import Kind, Prop
from tests.worlds.settings.lean import digest, site, world

pytestmark = pytest.mark.slow


def test_torches_are_counted() -> None:
    assert len(site("dungeon", props=(Prop(kind="torch", count=4),)).lamps) == 4
    assert "glow:orange" not in site("dungeon", props=(Prop(kind="torch", count=0),)).parts


def test_without_torches_some_light_is_left() -> None:
    made = world("dungeon", props=(Prop(kind="torch", count=0),))
    assert len(made.light.lamps) == 1
    assert any("without torches" in words for words in made.ignored)


def test_what_cannot_be_underground_is_told() -> None:
    made = world("dungeon", props=(Prop(kind="lighthouse"),), time="night", weather="snow")
    told = ("night in a dungeon", "snow in a dungeon", "a lighthouse in a dungeon")
    assert made.ignored == told
    assert made.falls is None


@pytest.mark.parametrize("kind", ["stairs", "arch", "wall"])
def test_what_it_is_built_of_stands_there(kind: Kind) -> None:
    assert world("dungeon", props=(Prop(kind=kind),)).ignored == ()


def test_walls_are_of_brick_where_stated() -> None:
    brick = world("dungeon", props=(Prop(kind="wall", material="brick"),))
    assert brick.ignored == ()
    plain = world("dungeon").materials["wall"].texture.color
    assert not np.array_equal(brick.materials["wall"].texture.color, plain)


def test_vaults_close_it_above_the_camera() -> None:
    made = world("dungeon", props=(Prop(kind="column"),))
    vault = made.meshes["vault"].points
    eye = made.stand.eye
    near = vault[np.hypot(vault[:, 0] - eye[0], vault[:, 1] - eye[1]) < 1]
    assert near[:, 2].min() > eye[2] + 0.5


@pytest.mark.parametrize("count", [10, 18, 40])
def test_no_torch_burns_where_another_does(count: int) -> None:
    stood = site("dungeon", props=(Prop(kind="torch", count=count),)).had.stood
    places = [one.at for one in stood if one.prop.kind == "torch"]
    assert len(set(places)) == len(places) == min(count, 18)


def test_no_hour_is_seen_underground() -> None:
    night = world("dungeon", time="night", weather="storm")
    assert not night.night
    assert digest(night) == digest(world("dungeon"))
