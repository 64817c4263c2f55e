"""The forest, the village and the snowfield: what was asked for stands there, on the ground."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.spec import Prop, Setting, Vegetation
from tests.worlds.settings.lean import site, world

pytestmark = pytest.mark.slow

SETTINGS: tuple[Setting, ...] = ("pine forest", "meadow village", "snowfield")
BARE = Vegetation(density="none")


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_eye_stands_on_the_ground_before_its_subject(setting: Setting) -> None:
    made = world(setting)
    ground = made.meshes["ground_0"].points
    under = ground[np.argmin(np.hypot(*(ground[:, :2] - made.stand.eye[:2]).T))]
    far = float(np.linalg.norm(made.stand.eye[:2]))
    assert 1.4 < made.stand.eye[2] - under[2] < 2.4
    assert 8 < far < 60
    assert made.stand.room >= 6


@pytest.mark.parametrize("setting", SETTINGS)
def test_stated_things_are_counted(setting: Setting) -> None:
    props = (Prop(kind="house", count=5), Prop(kind="well", count=1), Prop(kind="tent", count=2))
    made = site(setting, props=props, vegetation=BARE)
    stood = [one.prop.kind for one in made.had.stood]
    assert [stood.count(kind) for kind in ("house", "well", "tent")] == [5, 1, 2]
    assert len(made.parts["glass"]) == 1, "only the well has water"


@pytest.mark.parametrize("setting", SETTINGS)
def test_nothing_grows_where_nothing_may(setting: Setting) -> None:
    assert "leaf" not in world(setting, vegetation=BARE).meshes


def test_reeds_stand_at_the_water() -> None:
    words = Vegetation(kinds=("reeds",))
    made = site("meadow village", vegetation=words, water="pond", season="summer")
    assert "reeds" in made.had.grown
    assert "reeds in a meadow village" in world("meadow village", vegetation=words).ignored


def test_a_pier_needs_a_lake() -> None:
    pier = (Prop(kind="pier"),)
    assert world("pine forest", props=pier, water="lake").ignored == ()
    assert world("pine forest", props=pier).ignored == ("a pier in a pine forest",)


def test_what_stands_in_rooms_is_told_outdoors() -> None:
    made = world("snowfield", props=(Prop(kind="sofa"), Prop(kind="barn", count=2)))
    assert made.ignored == ("a sofa in a snowfield",)


def test_windows_shine_at_night_and_not_by_day() -> None:
    assert "lit" in world("meadow village", time="night").meshes
    assert "lit" not in world("meadow village").meshes


def test_lamps_torches_and_fires_light_the_night() -> None:
    props = (Prop(kind="lamp"), Prop(kind="torch"), Prop(kind="campfire"))
    night = world("pine forest", props=props, time="night")
    assert len(night.light.lamps) == 3
    assert world("pine forest", props=props).light.lamps == ()


def test_snow_lies_on_roofs_in_winter() -> None:
    assert world("meadow village", season="winter").meshes["snow"].points[:, 2].max() > 5
    assert "snow" not in world("meadow village").meshes


def test_a_pier_that_is_the_subject_stands_at_the_lake_as_well() -> None:
    pier = (Prop(kind="pier", count=1),)
    made = site("meadow village", props=pier, water="lake", subject="pier", vegetation=BARE)
    (stood,) = [one for one in made.had.stood if one.prop.kind == "pier"]
    assert np.hypot(*stood.at[:2]) > 10, "the village's middle is dry"


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_bridge_spans_dry_land(setting: Setting) -> None:
    made = world(setting, props=(Prop(kind="bridge", count=2),), vegetation=BARE)
    assert made.ignored == ("1 of 2 bridges: there is no room",)
