"""What holds for every thing: it stands on its foot, faces outward, and is as stated."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from scenegen.worlds.mesh import Mesh, merge
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.spec import KINDS, Kind, Prop
from scenegen.worlds.stock import material
from scenegen.worlds.things import thing
from scenegen.worlds.unbuilt import unseen
from scenegen.worlds.world import Parts

_SUNK = 4.2
"""Metres that piles and footings reach below the foot."""

_ON_WALLS = ("torch", "picture", "window")


def whole(parts: Parts) -> Mesh:
    return merge([mesh for meshes in parts.values() for mesh in meshes])


@pytest.mark.parametrize("kind", KINDS)
def test_it_stands_on_its_foot_and_follows_from_its_generator(kind: Kind) -> None:
    prop = Prop(kind=kind)
    mesh = whole(thing(prop, default_rng(0)))
    again = whole(thing(prop, default_rng(0)))
    assert mesh.points.tobytes() == again.points.tobytes()
    assert mesh.uv.tobytes() == again.uv.tobytes()
    assert np.isfinite(mesh.points).all()
    low, high = mesh.points[:, 2].min(), mesh.points[:, 2].max()
    if kind not in _ON_WALLS:
        assert -_SUNK < low < 0.06
    assert 0.005 < high < 40
    assert len(mesh.faces) < 30_000


@pytest.mark.parametrize("kind", KINDS)
def test_it_faces_outward(kind: Kind) -> None:
    for name, meshes in thing(Prop(kind=kind), default_rng(1)).items():
        for place, mesh in enumerate(meshes):
            volume, closed = _volume(mesh)
            if closed:
                assert volume > 0, (name, place)


@pytest.mark.parametrize("kind", KINDS)
def test_its_materials_are_in_stock_and_its_words_show_or_are_told(kind: Kind) -> None:
    for prop in (Prop(kind=kind), Prop(kind=kind, material="marble", color="purple")):
        parts = thing(prop, default_rng(0))
        for name in parts:
            material(name.replace(":purple", ":red"), Seeds(0))  # one paint is as good as another
        names = {name.partition(":")[0] for name in parts}
        assert ("marble" in unseen(prop, parts)) == (prop.material == "marble" not in names)


def test_what_has_a_colour_of_its_own_is_not_told() -> None:
    brick = Prop(kind="wall", material="brick", color="red")
    assert unseen(brick, {"brick": [_square()]}) == ()
    assert unseen(brick, {"stone": [_square()]}) == ("brick", "red")
    assert unseen(Prop(kind="boat", color="blue"), {"wood:blue": [_square()]}) == ()
    assert unseen(Prop(kind="well", color="grey"), {"stone": [_square()], "wood": []}) == ()


def _square() -> Mesh:
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], float)
    return Mesh(points, points[:, :2], np.array([[0, 1, 2]]))


def _volume(mesh: Mesh) -> tuple[float, bool]:
    """Return the signed volume of a mesh, and whether it is closed once its vertices are welded."""
    _, place = np.unique(np.round(mesh.points, 5), axis=0, return_inverse=True)
    faces = place.ravel()[mesh.faces]
    real = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 0] != faces[:, 2])
    )
    faces, corners = faces[real], mesh.points[mesh.faces[real]]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    _, count = np.unique(np.sort(edges, 1), axis=0, return_counts=True)
    a, b, c = corners.swapaxes(0, 1)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6), bool((count == 2).all())
