"""Houses of a town, wall to wall: a ground floor, storeys of windows, a cornice and a roof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenegen.worlds.facings import FACING_M
from scenegen.worlds.mesh import Mesh
from scenegen.worlds.panels import Opening, blocks, panels, pierced, reveals
from scenegen.worlds.shops import awning, house_door, shop
from scenegen.worlds.windows import Windows, balcony, windows
from scenegen.worlds.world import Parts, add

GROUND, STOREY, DEPTH = 4.15, 3.3, 11.0
"""Height in metres of the ground floor and of a storey; depth of a house."""


@dataclass(frozen=True)
class House:
    """A town house: width and storeys above the ground floor, and what it is made of.

    ``signs`` are the materials of shop signs that it takes from; ``lit`` says whether lamps are on.
    """

    width: float
    storeys: int
    facing: str
    windows: Windows
    doors: str = "wood:green"
    signs: tuple[str, ...] = ()
    awning: str | None = None
    lit: bool = False
    balconies: bool = False
    pitched: bool = True


def townhouse(house: House, rng: Generator) -> Parts:
    """Return a house whose front is y = 0, in the middle of x."""
    holes, parts = _ground_floor(house, rng)
    half, shift = house.width / 2, float(rng.uniform(0, 1))
    wall = pierced(-half, half, 0, GROUND, holes, FACING_M)
    add(parts, {house.facing: [_shifted(wall, shift)]})
    add(parts, storeys(house, GROUND, shift, rng))
    add(parts, body(house.width, 0.0, GROUND, house.facing))
    return parts


def storeys(house: House, ground: float, shift: float, rng: Generator) -> Parts:
    """Return all of a house that is above its ground floor of a height; ``shift`` moves its wall's
    texture aside, in widths of it.
    """
    half, top = house.width / 2, ground + house.storeys * STOREY
    parts = body(house.width, ground, top, house.facing)
    holes = _upper_holes(house, ground)
    add(parts, windows(holes, house.windows, rng))
    wall = [pierced(-half, half, ground, top, holes, FACING_M), reveals(holes, 0.2, FACING_M)]
    add(parts, {house.facing: [_shifted(mesh, shift) for mesh in wall]})
    add(parts, bands(house.width, top, ground))
    if house.balconies:
        add(parts, _balconies(holes, house.storeys))
    add(parts, roof(house.width, top, rng) if house.pitched else parapet(house.width, top, rng))
    return parts


def _shifted(mesh: Mesh, u: float) -> Mesh:
    return Mesh(mesh.points, mesh.uv + np.array([u, 0.0]), mesh.faces)


def _ground_floor(house: House, rng: Generator) -> tuple[list[Opening], Parts]:
    half = house.width / 2
    left = rng.random() < 0.5
    door = -half + 0.6 if left else half - 1.9
    holes, parts = house_door(door, door + 1.3, house.doors)
    start, end = (-half + 2.5, half - 0.6) if left else (-half + 0.6, half - 2.5)
    if not house.signs or end - start < 3.0:
        rest = _holes(start, end, 1.0, 3.0)
        add(parts, windows(rest, house.windows, rng))
        add(parts, {house.facing: [reveals(rest, 0.2, FACING_M)]})
        return [*holes, *rest], parts
    count = 2 if end - start > 8.5 else 1
    for k in range(count):
        a = start + (end - start) * k / count + 0.25 * (k > 0)
        b = start + (end - start) * (k + 1) / count - 0.25 * (k < count - 1)
        name = house.signs[int(rng.integers(len(house.signs)))]
        more, front = shop(a, b, house.doors, name, house.lit, rng)
        holes += more
        add(parts, front)
        if house.awning and rng.random() < 0.7:
            add(parts, awning(a, b, house.awning, rng))
    return holes, parts


def _holes(start: float, end: float, low: float, high: float, wide: float = 1.1) -> list[Opening]:
    count = max(1, round((end - start) / 2.35))
    middles = start + (end - start) * (np.arange(count) + 0.5) / count
    return [(float(x) - wide / 2, float(x) + wide / 2, low, high) for x in middles]


def _upper_holes(house: House, ground: float) -> list[Opening]:
    half = house.width / 2 - 0.35
    holes: list[Opening] = []
    for floor in range(house.storeys):
        sill = ground + floor * STOREY + (0.75 if floor else 0.45)
        tall = 1.95 - 0.12 * floor + (0.3 if floor == 0 else 0.0)
        holes += _holes(-half, half, sill, sill + tall)
    return holes


def _balconies(holes: Sequence[Opening], storeys: int) -> Parts:
    parts: Parts = {}
    each = len(holes) // storeys
    for k, (x0, x1, z0, _) in enumerate(holes):
        floor, place = divmod(k, each)
        if floor == 0 or (floor % 2 == 0 and 0 < place < each - 1):
            add(parts, balcony(x0 - 0.3, x1 + 0.3, z0 - 0.12))
    return parts


def body(width: float, low: float, top: float, facing: str) -> Parts:
    """Return the sides and the back of a house between two heights."""
    half = width / 2
    return {facing: [panels(
        [(-half, DEPTH, low), (half, 0, low), (half, DEPTH, low)],
        [(0, -DEPTH, 0), (0, DEPTH, 0), (-width, 0, 0)], [(0, 0, top - low)] * 3, FACING_M,
    )]}  # fmt: skip


def bands(width: float, top: float, ground: float) -> Parts:
    """Return the string course over the ground floor, quoins and the cornice with its brackets."""
    half = width / 2
    low = [(-half, -0.12, ground - 0.22), (-half, -0.22, ground - 0.06),
           (-half, -0.1, top - 0.5), (-half, -0.5, top - 0.16), (-half, -0.58, top - 0.06),
           (-half, -0.16, top - 0.26)]  # fmt: skip
    high = [(half, 0.01, ground - 0.06), (half, 0.01, ground),
            (half, 0.01, top - 0.4), (half, 0.05, top - 0.06), (half, 0.05, top + 0.04),
            (half, 0.01, top - 0.16)]  # fmt: skip
    brackets = np.arange(-half + 0.3, half - 0.2, 0.62)
    low += [(x, -0.42, top - 0.36) for x in brackets]
    high += [(x + 0.16, 0.0, top - 0.16) for x in brackets]
    for side in (-half, half - 0.34):
        for k, z in enumerate(np.arange(ground + 0.08, top - 0.75, 0.42)):
            long = 0.12 if k % 2 else 0.0
            a, b = (side, side + 0.34 + long) if side < 0 else (side - long, side + 0.34)
            low.append((a, -0.035, float(z)))
            high.append((b, 0.01, float(z) + 0.39))
    return {"trim": [blocks(low, high, (2.3, 1.7))]}


def roof(width: float, top: float, rng: Generator) -> Parts:
    """Return a steep slope behind the cornice, with dormers, chimneys and gable walls."""
    half, run, rise = width / 2, DEPTH / 2, 3.4
    slope = float(np.hypot(run + 0.3, rise))
    front = panels([(-half, -0.3, top)], [(width, 0, 0)], [(0, run + 0.3, rise)], (1, 1))
    back = panels([(half, DEPTH + 0.3, top)], [(-width, 0, 0)], [(0, -run - 0.3, rise)], (1, 1))
    uv = np.array([[0, 0], [width / 6, 0], [width / 6, slope / 6], [0, slope / 6]])
    tiles = [Mesh(mesh.points, uv + rng.uniform(0, 1, 2), mesh.faces) for mesh in (front, back)]
    gables = [
        Mesh(np.array([[x, a, top], [x, b, top], [x, run, top + rise]], float),
             np.zeros((3, 2)), np.array([[0, 1, 2]]))
        for x, a, b in ((-half, DEPTH, 0.0), (half, 0.0, DEPTH))
    ]  # fmt: skip
    parts: Parts = {"roof": tiles, "trim": gables}
    at = float(rng.uniform(-half + 1, half - 1))
    stack = blocks([(at - 0.5, run - 0.4, top + 1), (at - 0.6, run - 0.5, top + rise + 0.9)],
                   [(at + 0.5, run + 0.4, top + rise + 0.9),
                    (at + 0.6, run + 0.5, top + rise + 1.05)])  # fmt: skip
    pots = blocks([(at + x, run - 0.12, top + rise + 1.05) for x in (-0.4, 0.15)],
                  [(at + x + 0.24, run + 0.12, top + rise + 1.5)
                   for x in (-0.4, 0.15)])  # fmt: skip
    add(parts, {"brick": [stack], "clay": [pots]})
    for x in np.arange(-half + 2.2, half - 1.5, 3.4):
        add(parts, _dormer(float(x), top))
    return parts


def _dormer(x: float, top: float) -> Parts:
    z = top + 0.35
    low = [(x - 0.75, 0.6, z), (x - 0.9, 0.45, z + 1.7)]
    high = [(x + 0.75, 3.2, z + 1.7), (x + 0.9, 3.4, z + 1.85)]
    glass = panels([(x - 0.5, 0.58, z + 0.25)], [(1.0, 0, 0)], [(0, 0, 1.3)], (1.0, 1.3))
    bars = blocks([(x - 0.03, 0.55, z + 0.25), (x - 0.5, 0.55, z + 0.9)],
                  [(x + 0.03, 0.6, z + 1.55), (x + 0.5, 0.6, z + 0.95)])  # fmt: skip
    return {"trim": [blocks(low, high)], "pane_bare": [glass], "wood:white": [bars]}


def parapet(width: float, top: float, rng: Generator) -> Parts:
    """Return a flat roof behind a low wall, with a stair head and vents."""
    half = width / 2
    low = [(-half, 0, top), (-half, -0.06, top + 0.8), (-half, 0, top), (half - 0.25, 0, top),
           (-half, DEPTH - 0.25, top)]  # fmt: skip
    high = [(half, 0.25, top + 0.8), (half, 0.32, top + 0.92), (-half + 0.25, DEPTH, top + 0.8),
            (half, DEPTH, top + 0.8), (half, DEPTH, top + 0.8)]  # fmt: skip
    x = float(rng.uniform(-half + 2, half - 3))
    low += [(x, 3.0, top), (x - 2.0, 5.0, top)]
    high += [(x + 2.2, 6.0, top + 2.4), (x - 1.2, 5.8, top + 1.1)]
    flat = panels([(-half, 0, top + 0.02)], [(width, 0, 0)], [(0, DEPTH, 0)], (3.0, 3.0))
    return {"trim": [blocks(low, high)], "metal:grey": [flat]}
