"""Buildings and things of the country: they follow from prop and generator, and stand upright."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from scenegen.worlds.mesh import Mesh, box, merge
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.snow import snowed
from scenegen.worlds.spec import Kind, Prop
from scenegen.worlds.stock import material
from scenegen.worlds.things import thing

SIZES: dict[Kind, tuple[float, float]] = {
    "house": (8, 14), "church": (18, 32), "barn": (13, 20), "windmill": (12, 20), "well": (2.5, 4),
    "fence": (9, 10), "bridge": (16, 26), "cart": (3, 4.5), "campfire": (3, 6), "tent": (3, 8),
    "bench": (1.8, 2.2),
}  # fmt: skip
"""Least and greatest extent in metres."""


def whole(prop: Prop, seed: int = 0) -> Mesh:
    return merge([mesh for meshes in thing(prop, default_rng(seed)).values() for mesh in meshes])


@pytest.mark.parametrize("kind", SIZES)
def test_size_and_foot(kind: Kind) -> None:
    mesh = whole(Prop(kind=kind))
    least, greatest = SIZES[kind]
    assert least < np.ptp(mesh.points, axis=0).max() < greatest
    assert -3.1 < mesh.points[:, 2].min() < 0.05
    assert len(mesh.faces) < 12_000


@pytest.mark.parametrize("kind", SIZES)
def test_same_generator_same_thing(kind: Kind) -> None:
    prop = Prop(kind=kind)
    assert whole(prop).points.tobytes() == whole(prop).points.tobytes()
    assert whole(prop).uv.tobytes() != whole(prop, 1).uv.tobytes()


@pytest.mark.parametrize("kind", SIZES)
def test_its_materials_are_in_stock(kind: Kind) -> None:
    for prop in (Prop(kind=kind), Prop(kind=kind, material="wood", color="red")):
        for name in thing(prop, default_rng(0)):
            material(name, Seeds(0))


def test_color_and_material_are_honoured() -> None:
    assert "wood:red" in thing(Prop(kind="barn", color="red"), default_rng(0))
    assert "stone" in thing(Prop(kind="house", material="stone"), default_rng(0))
    assert "wood" in thing(Prop(kind="bridge", material="wood"), default_rng(0))


def test_snow_covers_the_top_of_a_box_and_its_edges() -> None:
    parts = snowed({"stone": [box([0, 0, 0], [2, 3, 1], default_rng(0))]}, thick=0.1)
    snow = parts["snow"][0]
    assert snow.points[:, 2].min() == pytest.approx(1.0)
    assert snow.points[:, 2].max() == pytest.approx(1.1)
    assert len(snow.faces) == 2 + 8
