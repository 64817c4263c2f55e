"""Pieces of buildings: walls with openings, windows, doors, gabled roofs, beams.

A wall stands in the plane y = 0 and faces -Y; `around` turns pieces to the sides of a building.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, Vector, box, merge, patch, quad, tube
from scenegen.worlds.panels import Opening, pierced, reveals
from scenegen.worlds.stock import span_of
from scenegen.worlds.world import Parts, add


@dataclass(frozen=True)
class Hole:
    """An opening of a wall: its middle and lower edge, width and height in metres."""

    x: float
    z: float
    width: float
    height: float

    @property
    def opening(self) -> Opening:
        """The same as a rectangle of a wall."""
        left = self.x - self.width / 2
        return left, left + self.width, self.z, self.z + self.height


def wall(
    width: float, height: float, holes: Sequence[Hole], material: str, gable: float = 0.0,
    depth: float = 0.22, foot: float = -0.5,
) -> Mesh:  # fmt: skip
    """Return a wall with reveals ``depth`` deep about its holes, and a gable so high on top."""
    half, span = width / 2, span_of(material)
    openings = [hole.opening for hole in holes]
    made = [
        pierced(-half, half, foot, height, openings, (span, span)),
        reveals(openings, depth, (span, span)),
    ]
    if gable:
        points = np.array([[-half, 0, height], [half, 0, height], [0, 0, height + gable]])
        made.append(Mesh(points, points[:, [0, 2]] / span, np.array([[0, 1, 2]])))
    return merge(made)


def window(
    hole: Hole, rng: Generator, frame: str = "wood:white", shutters: str = "", depth: float = 0.13
) -> Parts:
    """Return a pane with frame, bars and sill in a hole, and shutters where a material is given."""
    x, z, w, h = hole.x, hole.z, hole.width, hole.height
    x0, x1, thin = x - w / 2, x + w / 2, 0.06
    bars = [
        ([x0, depth - 0.04, z], [x0 + thin, depth + 0.02, z + h]),
        ([x1 - thin, depth - 0.04, z], [x1, depth + 0.02, z + h]),
        ([x0, depth - 0.04, z], [x1, depth + 0.02, z + thin]),
        ([x0, depth - 0.04, z + h - thin], [x1, depth + 0.02, z + h]),
        ([x - 0.025, depth - 0.03, z], [x + 0.025, depth + 0.02, z + h]),
        ([x0, depth - 0.03, z + 0.62 * h], [x1, depth + 0.02, z + 0.62 * h + 0.045]),
    ]
    parts: Parts = {
        "pane": [quad([x0, depth, z], [w, 0, 0], [0, 0, h], (0, 0, 1, 1))],
        frame: [box(low, high, rng, 3.0) for low, high in bars],
        "stone": [box([x0 - 0.1, -0.09, z - 0.09], [x1 + 0.1, 0.1, z], rng, 4.0)],
    }
    if shutters:
        for side in (-1, 1):
            leaf = box([0, -0.02, 0], [w / 2, 0.02, h], rng, 3.0)
            opened = float(rng.uniform(2, 22))
            turn = -opened if side > 0 else 180 + opened
            add(parts, {shutters: [leaf.moved(x + side * (w / 2 + 0.02), -0.04, z, turn)]})
    return parts


def door(hole: Hole, rng: Generator, leaf: str = "wood", depth: float = 0.14) -> Parts:
    """Return a leaf of upright boards with frame, threshold and knob in a hole."""
    x0, z, w, h = hole.x - hole.width / 2, hole.z, hole.width, hole.height
    boards = upright(quad([x0, depth, z], [w, 0, 0], [0, 0, h], (0, 0, w / 3, h / 3)))
    frame = [
        box([x0, depth - 0.08, z], [x0 + 0.09, depth + 0.03, z + h], rng, 3.0),
        box([x0 + w - 0.09, depth - 0.08, z], [x0 + w, depth + 0.03, z + h], rng, 3.0),
        box([x0, depth - 0.08, z + h - 0.1], [x0 + w, depth + 0.03, z + h], rng, 3.0),
        box([x0 + 0.09, depth - 0.03, z + 0.3], [x0 + w - 0.09, depth, z + 0.44], rng, 3.0),
        box([x0 + 0.09, depth - 0.03, z + 0.75 * h], [x0 + w - 0.09, depth, z + 0.8 * h], rng, 3.0),
    ]  # fmt: skip
    knob = box([x0 + w - 0.24, depth - 0.1, z + 1.0], [x0 + w - 0.18, depth, z + 1.1], rng)
    step = box([x0 - 0.2, -0.5, z - 0.6], [x0 + w + 0.2, 0.1, z], rng, 4.0)
    return {leaf: [boards, *frame], "metal": [knob], "stone": [step]}


def upright(mesh: Mesh) -> Mesh:
    """Return a mesh whose planks run upwards."""
    return Mesh(mesh.points, mesh.uv[:, ::-1].copy(), mesh.faces)


def around(front: Parts, side: str, width: float, depth: float) -> Parts:
    """Return parts of a wall at a side of a building: front, back, left or right."""
    x, y, turn = {
        "front": (0.0, -depth / 2, 0.0), "back": (0.0, depth / 2, 180.0),
        "right": (width / 2, 0.0, 90.0), "left": (-width / 2, 0.0, -90.0),
    }[side]  # fmt: skip
    return {name: [m.moved(x, y, 0, turn) for m in meshes] for name, meshes in front.items()}


def gable_roof(
    length: float, depth: float, eave: float, rise: float, rng: Generator, cover: str = "roof",
    over: tuple[float, float] = (0.45, 0.45),
) -> Parts:  # fmt: skip
    """Return a roof whose ridge runs along X, a little sagged, with boards at its edges.

    ``over`` is how far it reaches over the gables and over the eaves.
    """
    half, reach = length / 2 + over[0], depth / 2 + over[1]
    low, top, thick = eave - over[1] * 2 * rise / depth, eave + rise, 0.16
    run = float(np.hypot(reach, top - low))
    sag = float(rng.uniform(0.02, 0.09))
    span = span_of(cover)
    slopes: list[Mesh] = []
    boards: list[Mesh] = []
    for side in (-1.0, 1.0):

        def slope(
            a: np.ndarray, b: np.ndarray, lift: float = thick, side: float = side
        ) -> list[np.ndarray]:
            x = -side * (2 * a - 1) * half
            z = low + b * (top - low) + lift - sag * b * np.sin(np.pi * a)
            return [x, side * reach * (1 - b), z]

        u = float(rng.uniform())
        slopes.append(patch(slope, (12, 6), (u, 0, u + 2 * half / span, run / span)))
        boards.append(_underside(slope, half, run))
        slopes.append(_edge(side, half, reach, low, thick, span))
    for end in (-1.0, 1.0):
        for side in (-1.0, 1.0):
            boards.append(_barge(end * half, side * reach, low, top, thick))
    ridge_x = np.linspace(-half, half, 13)
    ridge = np.stack([
        ridge_x, 0 * ridge_x, top + thick - sag * np.sin(np.pi * (ridge_x / half + 1) / 2)
    ], -1)  # fmt: skip
    slopes.append(tube(ridge, np.full(13, 0.11), 8, (0, 0, 0.1, 2 * half / span)))
    return {cover: slopes, "wood:brown": boards}


def _underside(slope: Callable[..., list[np.ndarray]], half: float, run: float) -> Mesh:
    """Return the boards below a slope, facing down."""
    return patch(lambda a, b: slope(1 - a, b, 0.0), (12, 2), (0, 0, 2 * half / 3, run / 3))


def _edge(side: float, half: float, reach: float, low: float, thick: float, span: float) -> Mesh:
    return quad(
        [side * half, side * reach, low], [-side * 2 * half, 0, 0], [0, 0, thick],
        (0, 0, 2 * half / span, thick / span),
    )  # fmt: skip


def _barge(x: float, y: float, low: float, top: float, thick: float) -> Mesh:
    """Return the board along the edge of a roof over a gable, seen from both sides."""
    out = 0.03 if x > 0 else -0.03
    corner = np.array([x + out, y, low - 0.1])
    along, up = np.array([0, -y, top - low]), np.array([0, 0, thick + 0.16])
    if (np.cross(along, up)[0] > 0) != (x > 0):
        corner, along = corner + along, -along
    width = float(np.linalg.norm(along)) / 3.0
    return quad(corner, along, up, (0, 0, width, 0.1))


def beam(start: Vector, end: Vector, thick: float, rng: Generator, span: float = 3.0) -> Mesh:
    """Return a squared beam from one place to another."""
    a, b = np.array(start, float), np.array(end, float)
    length = float(np.linalg.norm(b - a))
    along = (b - a) / length
    help_ = np.array([0.0, 1.0, 0.0]) if abs(along[1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    side = np.cross(help_, along)
    side /= np.linalg.norm(side)
    other = np.cross(along, side)
    made = box([0, -thick / 2, -thick / 2], [length, thick / 2, thick / 2], rng, span)
    turn = np.stack([along, side, other])
    if np.linalg.det(turn) < 0:
        turn[1] = -turn[1]
    return Mesh(made.points @ turn + a, made.uv, made.faces)
