"""Walls, arcades and roofs of the courtyard, and what stands beyond it.

A side is modelled in its own frame, seen from the yard: +X to the right along the front, +Y away
from the yard, +Z up; `place` turns it to its wall of the world.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, Window, box, lathe, patch, quad, tube

HALF_X, HALF_Y = 7.8, 7.2
"""Half the size of the yard between the fronts of the arcades, in metres."""
SPRING, TOP, DEPTH, STEP = 2.45, 4.0, 2.5, 0.16
"""Arcade: height where arches begin, of its wall, depth of the gallery, height of its floor."""
HALF_WALL = 0.22

Parts = dict[str, list[Mesh]]
"""Meshes by the name of their material."""


@dataclass(frozen=True)
class Side:
    """One arcaded side: its name, which also names its materials, its width and bays."""

    name: str
    width_m: float
    bays: int
    first_column: int
    upper_storey: bool = False


SIDES = (
    Side("north", 2 * HALF_X, 6, 0, upper_storey=True),
    Side("west", 2 * HALF_Y, 6, 7),
    Side("east", 2 * HALF_Y, 6, 14),
)
TURNS = {
    "north": (0.0, HALF_Y, 0.0),
    "west": (-HALF_X, 0.0, 90.0),
    "east": (HALF_X, 0.0, -90.0),
    "south": (0.0, -HALF_Y, 180.0),
}
COLUMN_CELLS = 24


def place(parts: Parts, side: str) -> Parts:
    """Turn parts of a side's frame to their wall."""
    x, y, turn = TURNS[side]
    return {name: [m.moved(x, y, 0, turn) for m in meshes] for name, meshes in parts.items()}


def add(parts: Parts, more: Parts) -> None:
    """Put ``more`` into ``parts``."""
    for name, meshes in more.items():
        parts.setdefault(name, []).extend(meshes)


def on_wall(mesh: Mesh, width_m: float, height_m: float) -> Mesh:
    """Project the texture of a wall (width, height) straight onto a mesh that is part of it."""
    u = mesh.points[:, 0] / width_m + 0.5
    return Mesh(mesh.points, np.stack([u, mesh.points[:, 2] / height_m], -1), mesh.faces)


def column(cell: int) -> Mesh:
    """Round column with base and capital, with stone of its own from the atlas of columns."""
    profile = [
        (0.25, 0.12), (0.25, 0.18), (0.2, 0.22), (0.225, 0.26), (0.225, 0.3), (0.185, 0.34),
        (0.188, 0.9), (0.182, 1.5), (0.165, 2.0), (0.19, 2.02), (0.19, 2.06), (0.165, 2.08),
        (0.18, 2.16), (0.25, 2.27), (0.27, 2.3),
    ]  # fmt: skip
    window: Window = (cell / COLUMN_CELLS, 0, (cell + 1) / COLUMN_CELLS, 0.95)
    return lathe(profile, 28, window)


def _arch(bay_m: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Lower edge of the wall over a bay, from pier to pier: x from its middle, z, and radius."""
    radius = bay_m / 2 - 0.3
    angle = np.linspace(np.pi, 0, 25)
    x = np.concatenate([[-bay_m / 2], radius * np.cos(angle), [bay_m / 2]])
    z = np.concatenate([[SPRING], SPRING + radius * np.sin(angle), [SPRING]])
    return x, z, radius


def _bay(middle: float, bay_m: float, rng: Generator) -> tuple[list[Mesh], list[Mesh]]:
    """Wall over one arch (front, back, underside) and the stones of its ring."""
    x, z, radius = _arch(bay_m)
    grid = np.linspace(0, 1, len(x))

    def face(depth: float) -> Mesh:
        return patch(
            lambda a, b: [
                middle + np.interp(a, grid, x),
                np.full_like(a, depth),
                np.interp(a, grid, z) + b * (TOP - np.interp(a, grid, z)),
            ],
            (len(x) - 1, 4),
        )

    u, v = rng.uniform(0, 1, 2)
    under = patch(
        lambda a, b: [
            middle + np.interp(a, grid, x),
            HALF_WALL * (1 - 2 * b),
            np.interp(a, grid, z),
        ],
        (len(x) - 1, 1),
        (u, v, u + 0.2, v + 0.1),
    )
    return [face(-HALF_WALL), face(HALF_WALL), under], _ring(middle, radius, rng)


def _ring(middle: float, radius: float, rng: Generator, foot: float = SPRING) -> list[Mesh]:
    """Wedge stones around an arch, each standing out by its own few centimetres."""
    stones = []
    count = 15
    for k in range(count):
        start, end = np.pi * (k + 0.04) / count, np.pi * (k + 0.96) / count
        outer = radius + rng.uniform(0.24, 0.29) + (0.08 if k == count // 2 else 0)
        front = -HALF_WALL - rng.uniform(0.025, 0.05)
        u, v = rng.uniform(0, 1, 2)

        def block(
            a: np.ndarray,
            b: np.ndarray,
            s: float = start,
            e: float = end,
            o: float = outer,
            f: float = front,
        ) -> list[np.ndarray]:
            """Walk the section of the stone: underside, front, top."""
            r = np.interp(b, [0, 0.2, 0.8, 1], [radius - 0.01, radius - 0.01, o, o])
            depth = np.interp(b, [0, 0.2, 0.8, 1], [-HALF_WALL + 0.02, f, f, -HALF_WALL + 0.02])
            angle = e + (s - e) * a
            return [middle + r * np.cos(angle), depth, foot + r * np.sin(angle)]

        window = (u, v, u + 0.09, v + 0.12)
        stones.append(patch(block, (2, 5), window))
        for angle in (start, end):  # the cheeks, so that gaps show stone
            c, s = np.cos(angle), np.sin(angle)
            corner = [middle + radius * c, front, foot + radius * s]
            out = [(outer - radius) * c, 0, (outer - radius) * s]
            stones.append(quad(corner, [0, -HALF_WALL - front, 0], out, window))
    return stones


def arcade(side: Side, rng: Generator) -> Parts:
    """Columns, arches, gallery, and roof or upper storey of one side."""
    bay_m = side.width_m / side.bays
    wall: list[Mesh] = []
    trim: list[Mesh] = []
    columns: list[Mesh] = []
    for i in range(side.bays + 1):
        x = -side.width_m / 2 + i * bay_m
        if 0 < i < side.bays:
            columns.append(column(side.first_column + i).moved(x, 0, STEP - 0.12))
            trim.append(box([x - 0.29, -0.29, 0], [x + 0.29, 0.29, STEP], rng))
            trim.append(box([x - 0.31, -0.27, SPRING - 0.12], [x + 0.31, 0.27, SPRING], rng))
        else:
            wall.append(box([x - 0.3, -0.3, 0], [x + 0.3, 0.3, SPRING], rng, 6.0))
    for i in range(side.bays):
        faces, ring = _bay(-side.width_m / 2 + (i + 0.5) * bay_m, bay_m, rng)
        wall += [*(on_wall(m, side.width_m, 7.0) for m in faces[:2]), faces[2]]
        trim += ring
    half = side.width_m / 2
    trim.append(box([-half, -0.34, TOP - 0.1], [half, 0.2, TOP + 0.06], rng, 3.0))
    trim.append(box([-half, -0.3, 0], [half, 0.3, STEP - 0.01], rng, 3.0))
    parts: Parts = {f"stone_{side.name}": wall, "trim": trim, "column": columns}
    add(parts, _gallery(side, rng))
    add(parts, _upper(side, rng) if side.upper_storey else lean_to(side, rng))
    return parts


def _gallery(side: Side, rng: Generator) -> Parts:
    half, ceiling = side.width_m / 2, TOP - 0.25
    back = quad([-half - DEPTH, DEPTH, 0], [2 * half + 2 * DEPTH, 0, 0], [0, 0, 5.2], (0, 0, 1, 1))
    floor = quad(
        [-half - DEPTH, 0.2, STEP], [2 * half + 2 * DEPTH, 0, 0], [0, DEPTH, 0], (0, 0, 3.1, 0.42)
    )
    roof = quad(
        [-half - DEPTH, 0.1, ceiling], [2 * (half + DEPTH), 0, 0], [0, DEPTH, 0], (0, 0, 7, 0.85)
    )
    beams = [
        box([x - 0.07, 0.1, ceiling - 0.16], [x + 0.07, DEPTH, ceiling], rng)
        for x in np.arange(-half + 0.3, half, 0.7)
    ]
    return {
        f"plaster_{side.name}": [on_wall(back, side.width_m + 2 * DEPTH, 5.4)],
        "gallery_floor": [floor],
        "wood": [roof, *beams],
    }


def tiled_roof(width_m: float, low: tuple[float, float], high: tuple[float, float]) -> Mesh:
    """Pantiles from the eave to the ridge, both (depth, z); a wave is 0.2 m wide."""
    run = float(np.hypot(high[0] - low[0], high[1] - low[1]))
    courses = max(1, round(run / 0.36))

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        x = (a - 0.5) * width_m
        lift = 0.05 * np.abs(np.cos(np.pi * x / 0.2)) + 0.035 * (1 - (b * courses + 1e-6) % 1)
        return [x, low[0] + b * (high[0] - low[0]), low[1] + b * (high[1] - low[1]) + lift]

    return patch(surface, (round(width_m / 0.2) * 6, courses * 4), (0, 0, width_m / 6, run / 6))


def lean_to(side: Side, rng: Generator) -> Parts:
    """The low roof over a gallery without upper storey, with its eave and gutter boards."""
    half = side.width_m / 2
    rafters = [
        box([x - 0.04, -0.55, TOP - 0.02], [x + 0.04, -0.1, TOP + 0.08], rng)
        for x in np.arange(-half + 0.2, half, 0.5)
    ]
    roof = tiled_roof(side.width_m + 2 * DEPTH, (-0.62, TOP + 0.08), (DEPTH, TOP + 1.2))
    return {"roof": [roof], "wood": rafters}


def _upper(side: Side, rng: Generator) -> Parts:
    """Painted storey over the arcade: windows with shutters, a balcony ledge, eaves and roof."""
    half, eave = side.width_m / 2, 6.9
    wall = quad([-half, -HALF_WALL + 0.02, TOP], [2 * half, 0, 0], [0, 0, eave - TOP], (0, 0, 1, 1))
    frames: list[Mesh] = []
    glass: list[Mesh] = []
    shutters: list[Mesh] = []
    bay = side.width_m / side.bays
    for i in range(side.bays):
        x, z, w, h = -half + (i + 0.5) * bay, TOP + 0.75, 0.42, 1.45
        d = -HALF_WALL
        frames.append(box([x - w - 0.14, d - 0.06, z - 0.14], [x + w + 0.14, d + 0.03, z], rng))
        frames.append(
            box([x - w - 0.12, d - 0.05, z + h], [x + w + 0.12, d + 0.03, z + h + 0.16], rng)
        )
        glass.append(quad([x - w, d + 0.015, z], [2 * w, 0, 0], [0, 0, h], (0, 0, 1, 1)))
        for bar in (x - 0.02, x - w, x + w - 0.04):
            shutters.append(box([bar, d - 0.02, z], [bar + 0.04, d + 0.02, z + h], rng))
        for sign in (-1, 1):
            leaf = box([0, -0.02, 0], [w + 0.02, 0.02, h], rng, 1.2)
            opened = float(rng.uniform(0, 28))
            turned = leaf.moved(turn_deg=-opened if sign > 0 else 180 + opened)
            shutters.append(turned.moved(x + sign * (w + 0.02), d - 0.05, z))
    frames.append(box([-half, -0.36, eave - 0.14], [half, 0.2, eave], rng, 3.0))
    roof = tiled_roof(side.width_m + 1.2, (-0.85, eave - 0.02), (3.2, eave + 1.3))
    return {
        "paint_north": [on_wall(wall.moved(z=-TOP), side.width_m, eave - TOP).moved(z=TOP)],
        "trim": frames, "glass": glass, "shutter": shutters, "roof": [roof],
    }  # fmt: skip


def south_wall(rng: Generator) -> Parts:
    """A plain high wall with an arched gate, pilasters and a coping of tiles."""
    half, height, gate = HALF_X, 3.7, 1.15
    spring = 2.0
    stone = [
        quad([-half, 0, 0], [half - gate, 0, 0], [0, 0, height], (0, 0, 1, 1)),
        quad([gate, 0, 0], [half - gate, 0, 0], [0, 0, height], (0, 0, 1, 1)),
        patch(
            lambda a, b: [
                -gate * np.cos(np.pi * a),
                0 * a,
                spring
                + gate * np.sin(np.pi * a)
                + b * (height - spring - gate * np.sin(np.pi * a)),
            ],
            (24, 3),
        ),
    ]
    wall = [on_wall(m, 2 * half, height) for m in stone]
    reveal = patch(
        lambda a, b: [-gate * np.cos(np.pi * a), 0.4 * b, spring + gate * np.sin(np.pi * a)],
        (24, 1), (0, 0, 0.4, 0.1),
    )  # fmt: skip
    jambs = [
        quad([x, 0, 0], [0, 0.4, 0], [0, 0, spring], (0.1, 0, 0.2, 0.5)) for x in (-gate, gate)
    ]
    door = quad([-gate, 0.32, 0], [2 * gate, 0, 0], [0, 0, spring + gate], (0, 0, 1, 1))
    ring = [m.moved(y=HALF_WALL) for m in _ring(0, gate, rng, spring)]
    piers = [
        box([x - 0.25, -0.14, 0], [x + 0.25, 0.1, height], rng, 3.0)
        for x in (-half, -half / 2, half / 2, half)
    ]
    piers.append(box([-half, 0, height - 0.1], [half, 0.15, height + 0.14], rng, 3.0))
    coping = tiled_roof(2 * half + 0.4, (-0.3, height - 0.02), (0.25, height + 0.25))
    return {
        "stone_south": [*wall, reveal, *jambs], "gate": [door], "iron": _studs(),
        "trim": [*ring, *piers], "roof": [coping],
    }  # fmt: skip


def _studs() -> list[Mesh]:
    """Nail heads of the gate."""
    stud = lathe([(0.035, 0), (0.03, 0.015), (0.0, 0.03)], 8, smooth=1)
    stud = Mesh(stud.points[:, [0, 2, 1]] * [1, -1, 1], stud.uv, stud.faces)
    return [
        stud.moved(x, 0.32, z) for x in np.arange(-1.0, 1.01, 0.25) for z in (0.3, 0.9, 1.5, 2.1)
    ]


def tower() -> Parts:
    """A bell tower behind the north side: far enough to be a layer of its own."""
    shaft = [
        quad([-1.7, -1.7, 0], [3.4, 0, 0], [0, 0, 15], (k / 4, 0, (k + 1) / 4, 1)).moved(
            turn_deg=90 * k
        )
        for k in range(4)
    ]
    dark = [
        quad([-0.55, -1.72, 11.2], [1.1, 0, 0], [0, 0, 2.2], (0, 0, 1, 1)).moved(turn_deg=90 * k)
        for k in range(4)
    ]
    cornices = lathe([(2.75, 0), (2.75, 0.35)], 4, smooth=1).moved(turn_deg=45)
    cap = lathe([(2.8, 15), (0.0, 18)], 4, (0, 0, 2, 1), smooth=1).moved(turn_deg=45)
    at = {"x": -21.0, "y": 7.5, "turn_deg": 20.0}
    return {
        "stone_tower": [m.moved(**at) for m in shaft],
        "glass": [m.moved(**at) for m in dark],
        "trim_far": [cornices.moved(z=z).moved(**at) for z in (10.3, 14.7)],
        "roof": [cap.moved(**at)],
    }


def ground_and_hills() -> Parts:
    """The yard's paving, the land around it and hills on the horizon."""
    yard = quad([-HALF_X, -HALF_Y, 0], [2 * HALF_X, 0, 0], [0, 2 * HALF_Y, 0], (0, 0, 1, 1))
    land = quad([-300, -300, -0.05], [600, 0, 0], [0, 600, 0], (0, 0, 30, 30))

    def ridge(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        t = 2 * np.pi * a
        crest = 16 + 5 * np.sin(2 * t + 1) + 3 * np.sin(5 * t) + 1.5 * np.sin(11 * t + 2)
        return [160 * np.cos(t), 160 * np.sin(t), b * crest]

    return {"paving": [yard], "hills": [patch(ridge, (180, 6), (0, 0, 12, 1)), land]}


def hanging(points: np.ndarray, radius: float) -> Mesh:
    """A rope or wire along points."""
    return tube(points, np.full(len(points), radius), 5)
