"""What holds in every setting: seeds, sound shapes, and that each word shows or is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest

from scenegen.worlds.spec import (
    KINDS,
    PLANTS,
    SETTINGS,
    Density,
    Ground,
    Prop,
    Relief,
    Season,
    Setting,
    Terrain,
    Time,
    Vegetation,
    Water,
    Weather,
)
from tests.worlds.settings.lean import anew, digest, points_of, site, world

pytestmark = pytest.mark.slow

_MOST_TRIANGLES = 1_300_000
_ON_OTHERS = ("bridge", "pier", "boat", "column", "stairs", "wall")
"""What stands over water or on a temple's platform."""

_OUTDOORS = [setting for setting in SETTINGS if setting not in ("room", "dungeon")]


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_seed_is_a_world_and_another_seed_another(setting: Setting) -> None:
    made = world(setting)
    assert digest(anew(made.spec)[0]) == digest(made)
    other = world(setting, seed=1)
    assert digest(other) != digest(made)
    assert points_of(other).tobytes() != points_of(made).tobytes()


@pytest.mark.parametrize("setting", SETTINGS)
def test_shapes_are_sound_and_not_too_heavy(setting: Setting) -> None:
    made = world(setting)
    assert made.ignored == ()
    assert made.triangles < _MOST_TRIANGLES
    assert set(made.meshes) == set(made.materials)
    for name, mesh in made.meshes.items():
        assert np.isfinite(mesh.points).all(), name
        assert np.isfinite(mesh.uv).all(), name
        assert mesh.faces.min() >= 0, name
        assert mesh.faces.max() < len(mesh.points), name


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_eye_is_free_and_sees_its_subject_from_outside(setting: Setting) -> None:
    made = world(setting)
    eye, subject = made.stand.eye, made.stand.subject
    assert np.linalg.norm(points_of(made) - eye, axis=1).min() > 0.4
    assert np.linalg.norm(subject - eye) > 2


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_kind_stands_or_is_told_and_what_stands_is_on_the_ground(setting: Setting) -> None:
    props = tuple(Prop(kind=kind) for kind in KINDS)
    bare = Vegetation(density="none")
    made, place = world(setting, props=props, vegetation=bare), site(
        setting, props=props, vegetation=bare
    )  # fmt: skip
    stood = {one.prop.kind for one in place.had.stood}
    for kind in KINDS:
        told = any(f" {kind} " in f" {line}" for line in made.ignored)
        assert (kind in stood) != told, kind
    if setting not in _OUTDOORS:
        return
    flat = [name for name in ("ground_0", "ground_1") if name in made.meshes]
    if not flat:  # a town: paving at 0, pavements a kerb above it
        assert all(-0.01 <= one.at[2] < 0.2 for one in place.had.stood)
        return
    ground = np.concatenate([made.meshes[name].points for name in flat])
    for one in place.had.stood:
        near = np.hypot(*one.at[:2]) < 100  # farther out the mesh is coarse
        if near and one.prop.kind not in _ON_OTHERS:
            away = np.hypot(*(ground[:, :2] - one.at[:2]).T)
            near = ground[away < max(1.2, away.min() + 0.1), 2]
            assert near.min() - 1.0 < one.at[2] < near.max() + 0.5, one.prop.kind


_BARE = {"vegetation": Vegetation(density="none")}
_TURNS = ("density", "snow", "season", "time", "weather")
"""Fields that most settings follow by the same code: they take turns with them."""


def _fields() -> Iterator[tuple[Setting, str, dict[str, Any]]]:
    """Yield one change a field and setting; the values take turns, so that all are tried."""
    for turn, setting in enumerate(SETTINGS):

        def of(values: Any, turn: int = turn) -> Any:
            values = get_args(values) or values
            return values[turn % len(values)]

        words: dict[str, dict[str, Any]] = {
            "relief": {"terrain": Terrain(relief=of(Relief)), **_BARE},
            "ground": {"terrain": Terrain(ground=of(Ground)), **_BARE},
            "plant": {"vegetation": Vegetation(kinds=(of(PLANTS),))},
            "water": {"water": of(Water), **_BARE},
            "density": {"vegetation": Vegetation(density=of(Density))},
            "snow": {"terrain": Terrain(snow_cover=turn % 2 == 0), **_BARE},
            "season": {"season": of(Season), **_BARE},
            "time": {"time": of(Time), **_BARE},
            "weather": {"weather": of(Weather), **_BARE},
        }
        for field in ("relief", "ground", "plant", "water", of(_TURNS)):
            yield setting, field, words[field]


def _is_usual(setting: Setting, field: str, words: dict[str, Any]) -> bool:
    """Whether words state what the setting has without them."""
    had = site(setting, **({} if field in ("plant", "density") else _BARE))
    if setting == "dungeon" and field in _TURNS[2:]:
        return False
    if field == "plant":
        return words["vegetation"].kinds[0] in had.had.grown
    if field == "water":
        return words["water"] == had.had.water
    if field == "snow":
        return words["terrain"].snow_cover == had.snow_lies
    usual = _USUAL[field]
    value = getattr(words.get("terrain"), field, None) or words.get(field)
    if field == "density":
        value = words["vegetation"].density
    return value == usual.get(setting, usual[""])


_USUAL: dict[str, dict[str, Any]] = {
    "relief": {
        "": "rolling", "alpine valley": "mountainous", "coast": "hilly", "temple ruin": "hilly",
        "city street": "flat", "plaza": "flat", "room": "flat", "dungeon": "flat",
        "desert canyon": None,
    },
    "ground": {
        "": None, "coast": "sand", "desert canyon": "sand", "snowfield": "snow",
        "plaza": "paving", "room": "planks", "dungeon": "paving",
    },
    "density": {
        "": "some", "pine forest": "dense", "snowfield": "sparse", "city street": "none",
        "plaza": "none", "dungeon": "none",
    },
    "season": {"": "summer", "snowfield": "winter"},
    "time": {"": "afternoon"},
    "weather": {"": "clear"},
}  # fmt: skip
"""What settings have where nothing is said; "" is every other setting."""


@pytest.mark.parametrize(("setting", "field", "words"), list(_fields()))
def test_each_word_changes_the_world_or_is_told(
    setting: Setting, field: str, words: dict[str, Any]
) -> None:
    made = world(setting, **words)
    plain = world(setting, **({} if field in ("plant", "density") else _BARE))
    if _is_usual(setting, field, words):
        assert made.ignored == ()
    elif digest(made) == digest(plain):
        assert made.ignored, words
