"""A village church: a nave under a steep roof, and a tower with a spire at its front."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, box, lathe
from scenegen.worlds.spec import Prop
from scenegen.worlds.stock import span_of
from scenegen.worlds.things.stuff import walls_of
from scenegen.worlds.walls import Hole, around, door, gable_roof, wall, window
from scenegen.worlds.world import Parts, add


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a church about 8 x 20 metres and 25 metres high; its door faces -Y."""
    skin = walls_of(prop, ("stone", "brick", "wood", "marble"))
    width, length, eave = float(rng.uniform(7.6, 9.2)), float(rng.uniform(12, 15)), 5.6
    tower, high = float(rng.uniform(4.0, 4.8)), float(rng.uniform(13, 15.5))
    parts = _nave(skin, width, length, eave, rng)
    add(parts, _tower(skin, tower, high, rng, -length / 2 - tower / 2 + 0.6))
    return {name: [m.moved(y=2.0) for m in meshes] for name, meshes in parts.items()}


def _nave(skin: str, width: float, length: float, eave: float, rng: Generator) -> Parts:
    parts: Parts = {}
    rise = 0.62 * width
    for side in ("front", "back"):
        add(parts, around({skin: [wall(width, eave, [], skin, rise)]}, side, width, length))
    for side in ("left", "right"):
        holes = [Hole(x, 1.7, 0.95, 2.9) for x in np.linspace(-0.36, 0.36, 4) * length]
        face: Parts = {skin: [wall(length, eave, holes, skin, depth=0.35)]}
        for hole in holes:
            add(face, arched(hole, skin, rng))
        for x in np.linspace(-0.48, 0.48, 5) * length:
            foot = box([x - 0.3, -0.7, -0.5], [x + 0.3, 0.05, 3.4], rng, 4.0)
            add(
                face, {"stone": [foot, box([x - 0.26, -0.4, 3.4], [x + 0.26, 0.05, 4.5], rng, 4.0)]}
            )
        add(parts, around(face, side, width, length))
    roof = gable_roof(length, width, eave, rise, rng, "roof", (0.25, 0.4))
    add(parts, {name: [m.moved(turn_deg=90) for m in meshes] for name, meshes in roof.items()})
    return parts


def arched(hole: Hole, skin: str, rng: Generator) -> Parts:
    """Return a tall window with a round head: the corners of its hole are filled with wall."""
    parts = window(hole, rng, "wood:brown", depth=0.26)
    radius, top = hole.width / 2, hole.z + hole.height
    t = np.linspace(0, np.pi / 2, 9)
    for side in (-1.0, 1.0):
        arc = np.stack([side * radius * np.cos(t), 0 * t, radius * np.sin(t) - radius], -1)
        corner = np.array([[side * radius, 0.0, 0.0]])
        points = np.concatenate([corner, arc]) + np.array([hole.x, 0.0, top])
        fan = np.array([[0, k + 1, k + 2] for k in range(8)])
        faces = fan if side < 0 else fan[:, ::-1]
        deep = points + np.array([0, 0.24, 0])
        inner = np.concatenate([[[k, k + 1, k + 10], [k + 1, k + 11, k + 10]] for k in range(1, 9)])
        points = np.concatenate([points, deep])
        mesh = Mesh(points, points[:, [0, 2]] / span_of(skin), np.concatenate([faces, inner]))
        add(parts, {skin: [mesh]})
    return parts


def _tower(skin: str, width: float, high: float, rng: Generator, y: float) -> Parts:
    parts: Parts = {}
    for side in ("front", "back", "left", "right"):
        entry = Hole(0.0, 0.35, 1.6, 2.7)
        bell, slit = Hole(0.0, high - 2.7, 1.1, 1.9), Hole(0.0, 0.5 * high, 0.5, 1.3)
        holes = [bell, slit, *([entry] if side == "front" else [])]
        face: Parts = {skin: [wall(width, high, holes, skin, depth=0.4)]}
        add(face, arched(bell, skin, rng))
        add(face, arched(slit, skin, rng))
        if side == "front":
            add(face, door(entry, rng, "wood:brown", 0.3))
        clock = lathe([(0.75, 0.0), (0.75, 0.06), (0.0, 0.07)], 24, smooth=1)
        flat = Mesh(clock.points[:, [0, 2, 1]] * [1, -1, 1], clock.uv, clock.faces)
        if side in ("front", "right"):
            add(face, {"limewash:white": [flat.moved(0, 0, high - 4.0)]})
            hands = [
                box([-0.03, -0.1, 0], [0.03, -0.08, 0.6], rng),
                box([0, -0.1, -0.03], [0.42, -0.08, 0.03], rng),
            ]
            add(face, {"metal": [m.moved(0, 0, high - 4.0) for m in hands]})
        add(parts, around(face, side, width, width))
    half = width / 2 + 0.18
    for z in (0.48 * high, high - 0.15):
        add(parts, {"stone": [box([-half, -half, z], [half, half, z + 0.28], rng, 4.0)]})
    spire = lathe([(0.78 * width, high + 0.1), (0.44 * width, high + 1.6), (0.0, high + 9.5)], 8,
                  (0, 0, 2, 1.6), smooth=1)  # fmt: skip
    add(parts, {"roof": [spire.flat_sided().moved(turn_deg=22.5)]})
    top = high + 9.3
    cross = [
        box([-0.05, -0.05, top], [0.05, 0.05, top + 1.3], rng),
        box([-0.35, -0.05, top + 0.8], [0.35, 0.05, top + 0.9], rng),
    ]
    add(parts, {"metal": cross})
    return {name: [m.moved(y=y) for m in meshes] for name, meshes in parts.items()}
