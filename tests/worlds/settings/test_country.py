"""The forest, the village and the snowfield: what was asked for stands there, on the ground."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from scenegen.worlds.build import build
from scenegen.worlds.placing import put, wanted
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.settings import meadow_village, pine_forest, snowfield
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Prop, Setting, Vegetation, WorldSpec
from scenegen.worlds.world import World

pytestmark = pytest.mark.slow

_MOST_TRIANGLES = 1_300_000
SETTINGS: tuple[Setting, ...] = ("pine forest", "meadow village", "snowfield")


@cache
def world(setting: Setting, seed: int = 0) -> World:
    return build(WorldSpec(setting=setting, seed=seed))


def same(one: World, other: World) -> bool:
    return one.meshes.keys() == other.meshes.keys() and all(
        mesh.points.tobytes() == other.meshes[name].points.tobytes()
        for name, mesh in one.meshes.items()
    )


@pytest.mark.parametrize("setting", SETTINGS)
def test_seed_is_the_world(setting: Setting) -> None:
    first = world(setting)
    assert same(first, build(WorldSpec(setting=setting)))
    assert not same(first, build(WorldSpec(setting=setting, seed=1)))
    assert 100_000 < first.triangles < _MOST_TRIANGLES


@pytest.mark.parametrize("setting", SETTINGS)
def test_all_is_finite_and_has_its_material(setting: Setting) -> None:
    made = world(setting)
    for name, mesh in made.meshes.items():
        assert np.isfinite(mesh.points).all(), name
        assert mesh.faces.max() < len(mesh.points), name
        assert name in made.materials


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_eye_stands_on_the_ground_before_its_subject(setting: Setting) -> None:
    made = world(setting)
    ground = made.meshes["ground_0"].points
    under = ground[np.argmin(np.hypot(*(ground[:, :2] - made.stand.eye[:2]).T))]
    far = float(np.linalg.norm(made.stand.eye[:2]))
    assert 1.4 < made.stand.eye[2] - under[2] < 2.4
    assert 8 < far < 60
    assert made.stand.room >= 6


@pytest.mark.parametrize(
    ("module", "setting"),
    [(pine_forest, "pine forest"), (meadow_village, "meadow village"), (snowfield, "snowfield")],
)
def test_stated_things_are_counted(
    module: object, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed: list[str] = []

    def noted(site: Site, land: object, places: list) -> None:
        placed.extend(place.prop.kind for place in places)
        put(site, land, places)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(module, "put", noted)
    props = (Prop(kind="house", count=5), Prop(kind="well", count=1), Prop(kind="tent", count=2))
    build(WorldSpec(setting=setting, props=props, vegetation=Vegetation(density="none")))
    assert [placed.count(kind) for kind in ("house", "well", "tent")] == [5, 1, 2]


@pytest.mark.parametrize("setting", SETTINGS)
def test_nothing_grows_where_nothing_may(setting: Setting) -> None:
    bare = build(WorldSpec(setting=setting, vegetation=Vegetation(density="none")))
    assert "leaf" not in bare.meshes


def test_what_stands_in_rooms_is_ignored_outdoors() -> None:
    spec = WorldSpec(setting="snowfield", props=(Prop(kind="sofa"), Prop(kind="barn", count=2)))
    site = Site(spec, Seeds(0))
    assert [prop.kind for prop in wanted(site, {})] == ["barn", "barn"]
    assert site.ignored == ["a sofa outdoors"]


def test_windows_shine_at_night_and_not_by_day() -> None:
    night = build(WorldSpec(setting="meadow village", time="night"))
    assert "lit" in night.meshes
    assert "lit" not in world("meadow village").meshes


def test_snow_lies_on_roofs_in_winter() -> None:
    winter = build(WorldSpec(setting="meadow village", season="winter"))
    assert winter.meshes["snow"].points[:, 2].max() > 5
    assert "snow" not in world("meadow village").meshes
