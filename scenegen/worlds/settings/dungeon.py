"""A crypt or corridor of stone: groin vaults over columns, doors, torches, what was left there."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds import rocks, things, water
from scenegen.worlds import textures as t
from scenegen.worlds.mesh import Mesh, lathe, patch, quad, tube
from scenegen.worlds.noise import cells, fractal, smoothstep
from scenegen.worlds.placing import MOST_LIGHTS, OUTSIDE, TORCHLIGHT, shine, turned
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Kind, Prop
from scenegen.worlds.things.stuff import block
from scenegen.worlds.things.torch import FLAME
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.world import Air, Lamp, Material, Parts, Stand, placed

BAY, SPRING = 4.0, 2.5
"""Width of a vault and the height that it springs from, in metres."""
BAYS = 9
"""Vaults from end to end."""

_NOT_HERE: tuple[Kind, ...] = (*OUTSIDE, "window", "lamp")
"""What its vaults are too low for, or daylight is needed for."""

_BUILT_IN: tuple[Kind, ...] = ("door", "torch", "column", "wall", "arch", "stairs")
SCOPE = Scope(
    relief=("flat",), ground=("paving",), density=("none",), snow=False, daylight=False, sky=False
)  # fmt: skip
_TORCHES, _MOST_TORCHES = 10, 2 * BAYS
"""How many torches there are usually, and how many there is room for."""


def build(site: Site) -> None:
    """Build along Y: three aisles of vaults, or one with cells to both sides.

    No hour is seen there, so that its light and its exposure are always the same.
    """
    site.spec = site.spec.model_copy(update={"time": None, "season": None, "weather": None})
    site.air = Air(0.0)
    rng = site.seeds("dungeon")
    aisles = 3 if _counted(site, "column") != 0 and rng.random() < 0.7 else 1
    if _counted(site, "column") or _counted(site, "stairs"):
        aisles = 3
    half = aisles * BAY / 2
    site.materials |= _materials(site)
    _vaults(site, aisles)
    _walls(site, half, rng)
    floor = quad(
        [-half, -BAYS * BAY / 2, 0],
        [2 * half, 0, 0],
        [0, BAYS * BAY, 0],
        (0, 0, 2 * half / 5, BAYS * BAY / 5),
    )
    site.put({"flags": [floor]})
    if aisles > 1:
        _columns(site, rng)
    if site.spec.water in ("river", "pond", "lake"):
        site.had.water = site.spec.water
        _flood(site, half)
    _stairs(site, half)
    free = _doors(site, half, rng)
    _torches(site, aisles, half)
    _left_behind(site, half, free, rng)
    _stand(site, aisles)


def _counted(site: Site, kind: str) -> int | None:
    """Return how many of a kind the spec states; one where it gives no number."""
    found = [1 if p.count is None else p.count for p in site.spec.props if p.kind == kind]
    return sum(found) if found else None


def _materials(site: Site) -> dict[str, Material]:
    grey = ((122, 116, 106), (104, 100, 94), (134, 126, 112), (92, 90, 86), (116, 106, 92))
    rng = site.seeds("stones")
    wall = t.masonry((8, 4), 128, rng, grey, 0.34, 0.62)
    if site.words("wall").material == "brick":
        wall = t.masonry((8, 4), 128, rng, t.BRICK, 0.075, 0.23)
    vault = t.masonry((4, 4), 110, rng, grey[:3], 0.2, 0.42)
    trim = t.masonry((3, 3), 150, rng, grey[1:4], 0.6, 0.9)
    return {
        "wall": Material(wall),
        "vault": Material(vault),
        "trim": Material(trim),
        "flags": Material(_flags(grey, site.seeds("flags"))),
    }


def _flags(palette: tuple[t.Color, ...], rng: Generator) -> t.Texture:
    """Worn flagstones with dirt in the joints and damp patches."""
    size, scale = 5.0, 160
    shape = (int(size * scale), int(size * scale))
    grid = np.stack(np.meshgrid(np.arange(8), np.arange(8)), -1).reshape(-1, 2)
    sites = (grid + rng.uniform(0.2, 0.8, grid.shape)) * size / 8
    number, edge = cells(sites, shape, scale, rng, 0.02)
    color = t.tint(number, palette, rng, 0.1) * t.grain(shape, scale, rng)
    joint = 1 - smoothstep(0.004, 0.03, edge)
    damp = smoothstep(0.2, 1.4, fractal(shape, scale, rng, 2.2, 1.5))
    color = t.mix(color, (46, 40, 34), 0.85 * joint)
    color = t.mix(color, (58, 58, 50), 0.55 * damp)
    relief = -0.015 * joint + 0.003 * fractal(shape, scale, rng, 1.8, 0.3)
    return t.finish(color, relief)


def _vaults(site: Site, aisles: int) -> None:
    radius = BAY / 2

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        x, y = (2 * a - 1) * radius, (1 - 2 * b) * radius
        rise = np.maximum(_arc(x, radius), _arc(y, radius))
        return [x, y, SPRING + rise]

    web = patch(surface, (28, 28), (0, 0, 1, 1))
    along = np.linspace(-1, 1, 25)
    ribs = [
        tube(
            np.stack(
                [s * along * radius, along * radius, SPRING + _arc(along * radius, radius) - 0.02],
                -1,
            ),
            np.full(25, 0.075),
            8,
            (0, 0, 0.2, 2.0),
        )
        for s in (-1, 1)
    ]
    arch = tube(
        np.stack([along * radius, 0 * along, SPRING + _arc(along * radius, radius) - 0.02], -1),
        np.full(25, 0.14),
        10,
        (0, 0, 0.3, 2.0),
    )
    side = arch.moved(turn_deg=90)
    for i in range(aisles):
        for j in range(BAYS):
            x, y = (i - (aisles - 1) / 2) * BAY, (j - (BAYS - 1) / 2) * BAY
            parts: Parts = {
                "vault": [web],
                "trim": [*ribs, arch.moved(0, -radius), side.moved(-radius)],
            }
            if i == aisles - 1:
                parts["trim"].append(side.moved(radius))
            site.put(placed(parts, (x, y, 0.0)))
            site.stands(site.words("arch"), (x, y - radius, 0.0), {"stone": [arch]})


def _arc(x: np.ndarray, radius: float) -> np.ndarray:
    return np.sqrt(np.maximum(radius**2 - x**2, 0.0))


def _walls(site: Site, half: float, rng: Generator) -> None:
    long, high = BAYS * BAY, SPRING + BAY / 2 + 0.1
    wall = [
        quad(
            [s * half, s * long / 2, 0],
            [0, -s * long, 0],
            [0, 0, high],
            (0, 0, long / 8, high / 4),
        )
        for s in (-1, 1)
    ]
    wall.append(
        quad([-half, long / 2, 0], [2 * half, 0, 0], [0, 0, high], (0, 0, half / 4, high / 4))
    )
    wall.append(
        quad([half, -long / 2, 0], [-2 * half, 0, 0], [0, 0, high], (0, 0, half / 4, high / 4))
    )
    site.put({"wall": wall, "trim": _pilasters(half, rng)})
    prop = site.words("wall")
    stuff = "brick" if prop.material == "brick" else "stone"
    site.stands(prop, (0.0, long / 2, 0.0), {stuff: wall})


def _pilasters(half: float, rng: Generator) -> list[Mesh]:
    """Return the stones along both walls that the vaults spring from."""
    trim = []
    for s in (-1, 1):
        for j in range(BAYS + 1):
            y = (j - BAYS / 2) * BAY
            trim.append(
                block(
                    [s * half - 0.22, y - 0.3, 0],
                    [s * half + 0.22, y + 0.3, SPRING - 0.2],
                    rng,
                    "stone",
                )
            )
            trim.append(
                block(
                    [s * half - 0.3, y - 0.36, SPRING - 0.2],
                    [s * half + 0.3, y + 0.36, SPRING + 0.02],
                    rng,
                    "stone",
                )
            )
            trim.append(
                block([s * half - 0.3, y - 0.36, 0], [s * half + 0.3, y + 0.36, 0.28], rng, "stone")
            )
    return trim


def _columns(site: Site, rng: Generator) -> None:
    shaft = [
        (0.3, 0.3),
        (0.34, 0.34),
        (0.3, 0.42),
        (0.27, 0.46),
        (0.265, 1.1),
        (0.255, 1.75),
        (0.25, 1.98),
        (0.29, 2.0),
        (0.29, 2.05),
        (0.26, 2.08),
        (0.3, 2.2),
        (0.44, 2.36),
    ]
    for s in (-1, 1):
        for j in range(BAYS + 1):
            y, x = (j - BAYS / 2) * BAY, s * BAY / 2
            u, v = rng.uniform(0, 1, 2)
            round_ = lathe(shaft, 26, (u, v, u + 0.6, v + 0.7))
            slabs = [
                block([-0.42, -0.42, 0], [0.42, 0.42, 0.3], rng, "stone"),
                block([-0.46, -0.46, 2.35], [0.46, 0.46, SPRING + 0.02], rng, "stone"),
            ]
            site.put(placed({"trim": [round_, *slabs]}, (x, y, 0.0)))
            site.stands(site.words("column"), (x, y, 0.0), {"stone": [round_]})


def _doors(site: Site, half: float, rng: Generator) -> list[tuple[int, int]]:
    """Put a gate at the far end and doors in some bays; returns the wall bays that stay free."""
    stated = site.words("door")
    bays = [(s, j) for j in range(2, BAYS - 1) for s in (-1, 1)]
    count = 4 if stated.count is None else max(0, stated.count - 1)
    order = [bays[k] for k in rng.permutation(len(bays))]
    if stated.count != 0:
        door = things.thing(stated, site.seeds("gate"))
        end = BAYS * BAY / 2 - 0.05
        site.put(placed(door, (0.0, end, 0.0), 0.0, 1.25))
        site.stands(stated, (0.0, end, 0.0), door)
        site.put({"trim": _surround(0.82, 2.85, rng, end)})
    used = order[:count]
    for s, j in used:
        y = (j - (BAYS - 1) / 2) * BAY
        at, turn = (s * (half - 0.05), y, 0.0), -90.0 * s
        site.place(stated, things.thing(stated, site.seeds(f"door {s} {j}")), at, turn)
        site.put(placed({"trim": _surround(0.66, 2.28, rng, 0.0)}, at, turn))
    return order[count:]


def _surround(half: float, high: float, rng: Generator, y: float) -> list[Mesh]:
    sides = [
        block([s * half - 0.16, y - 0.14, 0], [s * half + 0.16, y + 0.05, high], rng, "stone")
        for s in (-1, 1)
    ]
    return [
        *sides,
        block([-half - 0.24, y - 0.17, high], [half + 0.24, y + 0.05, high + 0.3], rng, "stone"),
    ]


def _torches(site: Site, aisles: int, half: float) -> None:
    stated = site.words("torch")
    count = min(_TORCHES if stated.count is None else stated.count, _MOST_TORCHES)
    if stated.count == 0:
        site.ignored.append("darkness in a dungeon without torches: some light falls in")
        site.lamps.append(Lamp((0.0, BAYS * BAY / 2 - 2.0, 2.2), (5.0, 6.0, 7.5)))
    reach = BAY / 2 + 0.3 if aisles > 1 else half - 0.24
    for k in range(count):
        s, j = (-1, 1)[k % 2], (k // 2) * (1 if count > 10 else 2) + 1 + (k % 2) * (count <= 10)
        y = (j - BAYS / 2) * BAY
        if y > BAYS * BAY / 2 - 0.5:
            y = (j % BAYS - BAYS / 2) * BAY
        x = s * (reach - 0.62 if aisles > 1 else reach)
        at, turn = (x, y, 1.55), (s * 90.0 if aisles > 1 else -s * 90.0)
        site.place(stated, things.thing(stated, site.seeds(f"torch {k}")), at, turn)
        if k < MOST_LIGHTS:
            over = (FLAME[0], FLAME[1], FLAME[2] + 0.12)
            site.lamps.append(Lamp(turned(over, at, turn), TORCHLIGHT))


def _left_behind(site: Site, half: float, free: list[tuple[int, int]], rng: Generator) -> None:
    """Put the spec's things, and a few of the place's own, along the walls that are free."""
    items: list[Prop] = []
    for prop in site.spec.props:
        if prop.kind not in _BUILT_IN and prop.kind not in _NOT_HERE:
            items += [prop] * (1 if prop.count is None else prop.count)
    stated = {prop.kind for prop in site.spec.props}
    usual: tuple[tuple[Kind, int], ...] = (("chest", 2), ("barrel", 3), ("crate", 2))
    for kind, count in usual:
        if kind not in stated:
            items += [Prop(kind=kind)] * count
    spots = [(s, j, part) for part in (0.0, -1.15, 1.15) for s, j in free]
    for k, (prop, (s, j, part)) in enumerate(zip(items, spots, strict=False)):
        y = (j - (BAYS - 1) / 2) * BAY + part
        high = 1.6 if prop.kind == "picture" else 0.0
        inner = 0.03 if high else 0.75 if prop.kind not in ("bookshelf", "fireplace") else 0.3
        parts = things.thing(prop, site.seeds(f"{prop.kind} {k}"))
        at, turn = (s * (half - inner), y, high), -90.0 * s + float(rng.uniform(-9, 9)) * (not high)
        site.place(prop, parts, at, turn)
        shine(site, prop.kind, at, turn)
    places = np.stack(
        [
            rng.choice([-1, 1], 90) * (half - 0.3 - np.abs(rng.normal(0, 0.25, 90))),
            rng.uniform(-BAYS * BAY / 2, BAYS * BAY / 2, 90),
            np.full(90, -0.01),
        ],
        -1,
    )
    site.put({"trim": [rocks.stones(places, (0.04, 0.3), rng, 1)]})


def _stairs(site: Site, half: float) -> None:
    """Put flights of steps against the far wall, to the left and right of the gate."""
    prop = site.words("stairs")
    for s in (-1, 1)[: _counted(site, "stairs") or 0]:
        parts = things.thing(prop, site.seeds(f"stairs {s}"))
        site.place(prop, parts, (s * (half - 1.5), BAYS * BAY / 2 - 2.85, 0.0))


def _flood(site: Site, half: float) -> None:
    long = BAYS * BAY
    site.put(
        {
            "water": [
                quad(
                    [-half, -long / 2, 0.06],
                    [2 * half, 0, 0],
                    [0, long, 0],
                    (0, 0, half / 6, long / 12),
                )
            ]
        }
    )
    site.materials["water"] = water.still(site.seeds("water"), (30, 40, 36), 0.004)


def _stand(site: Site, aisles: int) -> None:
    y = -BAYS * BAY / 2 + 3.2
    eye = np.array([0.7 if aisles > 1 else 0.4, y, 1.65])
    site.stand = Stand(eye, np.array([-0.3, y + 9.0, 1.75]), 1.3 if aisles > 1 else 1.1, 62.0)
