"""A plaza follows from its spec: what stands in its middle, stalls that are counted, lawns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Prop, Vegetation
from tests.worlds.settings.lean import site

pytestmark = pytest.mark.slow


def made(seed: int = 0, **words: Any) -> Site:
    """The place of some words."""
    return site("plaza", seed=seed, **words)


def middle(site: Site, height: float) -> bool:
    """Whether something stands in the middle that is so high."""
    points = np.concatenate([mesh.points for meshes in site.parts.values() for mesh in meshes])
    here = np.hypot(points[:, 0], points[:, 1]) < 1.5
    return bool(points[here, 2].max() > height)


def test_a_fountain_plays_in_the_middle_unless_another_thing_is_asked_for() -> None:
    assert "water" in made().parts
    assert middle(made(), 3.0)
    statue = made(props=(Prop(kind="statue", count=1),))
    assert "water" not in statue.parts
    assert middle(statue, 4.0)
    none = made(props=(Prop(kind="statue", count=0), Prop(kind="fountain", count=0)))
    assert not middle(none, 0.1)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_stalls_are_counted(count: int) -> None:
    site = made(props=(Prop(kind="stall", count=count, color="purple"),))
    stripes = len(site.parts.get("cloth:purple", ()))
    without = len(made(props=(Prop(kind="stall", count=0),)).parts.get("cloth:purple", ()))
    assert stripes - without == 5 * count


def test_trees_and_lawns_follow_the_words() -> None:
    assert "bark" not in made().parts
    garden = made(vegetation=Vegetation(kinds=("grass", "broadleaf")))
    assert {"bark", "soil"} <= set(garden.parts)
    assert "bark" not in made(vegetation=Vegetation(density="none")).parts


def test_snow_lies_in_winter_on_what_faces_up() -> None:
    site = made(season="winter")
    snow = np.concatenate([mesh.points for mesh in site.parts["snow"]])
    assert snow[:, 2].max() > 10
    assert "snow" not in made().parts


def test_a_camera_has_room_and_a_plaza_is_not_too_heavy() -> None:
    for words in ({}, {"season": "winter", "props": (Prop(kind="stall", count=8),)}):
        site = made(**words)
        assert sum(len(m.faces) for meshes in site.parts.values() for m in meshes) < 1_200_000
        stand = site.stand
        assert stand is not None
        for name, meshes in site.parts.items():
            for mesh in meshes:
                away = np.linalg.norm(mesh.points[:, :2] - stand.eye[:2], axis=1)
                near = (away < 3.0) & (np.abs(mesh.points[:, 2] - stand.eye[2]) < 1.0)
                assert not near.any(), name


def test_two_kinds_of_lamps_stand_by_turns() -> None:
    site = made(props=(Prop(kind="lamp", color="red"), Prop(kind="lamp", color="blue")))
    colors = [one.prop.color for one in site.had.stood if one.prop.kind == "lamp"]
    assert colors.count("red") == colors.count("blue") > 2
