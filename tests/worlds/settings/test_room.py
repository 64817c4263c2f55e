"""Furnished rooms: what is named stands there, inside the walls, and light comes in."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.seeds import Seeds
from scenegen.worlds.settings.base import Site
from scenegen.worlds.settings.furnishing import plan_of, use_of
from scenegen.worlds.settings.room import HALF_X, HALF_Y, HEIGHT
from scenegen.worlds.spec import Kind, Prop, WorldSpec
from tests.worlds.settings.lean import world

pytestmark = pytest.mark.slow


def _site(*props: Prop, seed: int = 0) -> Site:
    return Site(WorldSpec(setting="room", props=props, seed=seed), Seeds(seed))


def _kinds(site: Site) -> list[str]:
    return [place.prop.kind for place in plan_of(site, -1, HALF_X, HALF_Y).places]


@pytest.mark.parametrize(
    ("kinds", "use"),
    [(("bed",), "bedroom"), (("sofa",), "living"), (("table",), "dining"), ((), "living"),
     (("table", "bookshelf"), "study"), (("bookshelf",), "study")],
)  # fmt: skip
def test_furniture_says_what_a_room_is_for(kinds: tuple[Kind, ...], use: str) -> None:
    assert use_of(_site(*(Prop(kind=kind) for kind in kinds))) == use


@pytest.mark.parametrize("seed", range(4))
def test_stated_furniture_is_counted(seed: int) -> None:
    kinds = _kinds(_site(Prop(kind="bookshelf", count=3), Prop(kind="rug", count=0), seed=seed))
    assert kinds.count("bookshelf") == 3
    assert "rug" not in kinds


def test_what_cannot_be_in_a_room_is_told() -> None:
    assert "castle" not in _kinds(_site(Prop(kind="castle")))
    assert world("room", props=(Prop(kind="castle"),)).ignored == ("a castle in a room",)


def test_nothing_stands_outside_or_hangs_below_the_floor() -> None:
    site = _site(Prop(kind="bed"), Prop(kind="chest", count=2), seed=2)
    for place in plan_of(site, 1, HALF_X, HALF_Y).places:
        x, y, z = place.at
        assert abs(x) <= HALF_X
        assert abs(y) <= HALF_Y
        assert 0 <= z < HEIGHT


def test_lamps_burn_at_night_alone() -> None:
    without = (Prop(kind="fireplace", count=0),)
    day, night = world("room", props=without), world("room", props=without, time="night")
    assert len(day.light.lamps) == 0
    assert "glow" not in day.meshes
    assert len(night.light.lamps) == 2
    assert "glow" in night.meshes


@pytest.mark.parametrize("count", [0, 1, 2])
def test_lamps_are_counted(count: int) -> None:
    props = (Prop(kind="fireplace", count=0), Prop(kind="lamp", count=count))
    assert len(world("room", props=props, time="night").light.lamps) == count


def test_the_camera_stands_in_free_space() -> None:
    stand = world("room").stand
    assert np.abs(stand.eye[0]) + stand.room < HALF_X
    assert np.abs(stand.eye[1]) + stand.room < HALF_Y


def test_no_rug_lies_on_another() -> None:
    made = world("room", props=(Prop(kind="rug", count=4),))
    assert made.ignored == ("2 of 4 rugs: there is no room",)


def test_windows_are_open_and_the_wall_about_them_is_closed() -> None:
    made = world("room", props=(Prop(kind="window", count=3),))
    wall = made.meshes["wall"]
    a, b, c = (wall.points[wall.faces[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)[
        (np.ptp(wall.points[wall.faces][..., 0], axis=1) < 1e-9)
        & (np.abs(np.abs(a[:, 0]) - HALF_X) < 1e-9)
    ].sum() / 2  # fmt: skip
    whole, opening = 2 * HALF_Y * HEIGHT, 1.35 * 1.85
    assert area == pytest.approx(2 * whole - 3 * opening)
