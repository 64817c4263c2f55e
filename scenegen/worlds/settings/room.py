"""A furnished room: living room, bedroom, study or dining room, by the furniture that is named."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds import ground, things
from scenegen.worlds import textures as t
from scenegen.worlds.growth import kinds_of
from scenegen.worlds.light import daylight
from scenegen.worlds.mesh import Mesh, lathe, quad
from scenegen.worlds.noise import fractal
from scenegen.worlds.panels import pierced, reveals
from scenegen.worlds.placing import turned
from scenegen.worlds.plants import tree
from scenegen.worlds.settings.base import Site
from scenegen.worlds.settings.furnishing import Plan, plan_of
from scenegen.worlds.spec import Prop
from scenegen.worlds.stock import PAINT
from scenegen.worlds.things import table
from scenegen.worlds.things.stuff import block
from scenegen.worlds.things.window import casement
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.world import Air, Lamp, Material, Parts, Stand, placed

HALF_X, HALF_Y, HEIGHT = 3.6, 4.4, 3.0
"""Half the room's size, and its height, in metres."""
_SILL, _OPEN_W, _OPEN_H, _WALL = 0.7, 1.35, 1.85, 0.32
"""Windows: height of the sill, width and height of the opening, depth of the wall, in metres."""

_TILE_M = 3.4
"""How many metres of wall its texture spans: 512 pixels, 150 a metre."""

_WALLS = ((226, 218, 202), (206, 214, 206), (222, 204, 180), (196, 208, 218), (228, 210, 204))

SCOPE = Scope(relief=("flat",), ground=("planks", "paving", "rock"), sky=False)


def build(site: Site) -> None:
    """Build the room about its middle; its windows are where the sun is, to the left or right."""
    site.air = Air(0.0)
    rng = site.seeds("room")
    side = 1 if daylight(site.spec).to_sun[0] > 0 else -1
    plan = plan_of(site, side, HALF_X, HALF_Y)
    site.materials |= _materials(site, rng)
    _shell(site, plan.windows, side, rng)
    for place in plan.places:
        own = site.seeds(f"{place.prop.kind} {place.at}")
        if place.low:
            parts = table.make(place.prop, own, (0.65, 0.38), 0.42)
        else:
            parts = things.thing(place.prop, own)
        site.place(place.prop, parts, place.at, place.turn)
        if place.prop.kind in ("fireplace", "torch"):
            before = turned((0.0, -0.5, 0.45), place.at, place.turn)
            site.lamps.append(Lamp(before, (0.5, 0.22, 0.07)))
    _lights(site, plan)
    _outside(site, side)
    _finish_wood(site)
    _stand(site, side)


def _materials(site: Site, rng: Generator) -> dict[str, Material]:
    paint = _WALLS[int(rng.integers(len(_WALLS)))]
    wall = np.array(paint) * t.grain((512, 512), 150, rng) ** 0.3
    roller = 0.0006 * fractal((512, 512), 150, rng, 1.2, 0.02)
    boards = ((150, 104, 62), (120, 84, 54), (176, 138, 96))[int(rng.integers(3))]
    floor = _boards(boards, 0.14, rng)
    if site.spec.terrain.ground in ("paving", "rock"):
        floor = t.masonry((4, 4), 160, rng, t.TERRACOTTA, 0.33, 0.33)
    return {
        "wall": Material(t.finish(wall, roller)),
        "ceiling": Material(
            t.finish(np.array((236, 233, 226)) * np.ones((64, 64, 1)), np.zeros((64, 64)))
        ),
        "floor": Material(floor),
        "trim": Material(
            t.finish(np.array((238, 235, 228)) * np.ones((64, 64, 1)), np.zeros((64, 64)))
        ),
        "lawn": Material(
            ground.snow((236, 240, 247), rng)
            if site.snow_lies
            else ground.grass((84, 116, 50), rng)
        ),
    }


def _boards(color: t.Color, wide_m: float, rng: Generator) -> t.Texture:
    """Planed and oiled wood in boards of a width: fibres, a few knots, thin joints."""
    shape, scale = (720, 720), 200
    row = (np.arange(720) / scale / wide_m).astype(int)[:, None] * np.ones((1, 720), int)
    tone = t.tint(row, (color,), rng, 0.09)
    long = fractal((720, 60), scale, rng, 1.4, 0.05)
    fibre = np.repeat(long, 12, axis=1)
    fibre = 0.5 * fibre + 0.5 * np.roll(fibre, 6, axis=1)
    tone = tone * (1 + 0.07 * fibre)[..., None]
    ring = np.sin(3.2 * fractal(shape, scale, rng, 3.0, 1.2) + 60 * np.arange(720)[:, None] / 720)
    tone = tone * (1 + 0.04 * ring[..., None])
    gap = np.abs((np.arange(720) / scale) % wide_m)[:, None] < 0.006
    tone = np.where(gap[..., None] & np.ones((1, 720, 1), bool), tone * 0.45, tone)
    return t.finish(tone, -0.001 * gap * np.ones(shape))


def _finish_wood(site: Site) -> None:
    """Make the wood that is there of planed boards, finer than the planks in stock."""
    paints = {"wood": (140, 100, 64), **{f"wood:{name}": paint for name, paint in PAINT.items()}}
    for name, paint in paints.items():
        if name in site.parts:
            site.materials[name] = Material(_boards(paint, 0.3, site.seeds(name)))


def _skirting(rng: Generator) -> list[Mesh]:
    """Skirting boards and a cornice along the four walls."""
    made: list[Mesh] = []
    for low, high, out in ((0.0, 0.13, 0.025), (HEIGHT - 0.1, HEIGHT, 0.1)):
        for s in (-1, 1):
            y0, y1 = sorted((s * HALF_Y, s * (HALF_Y - out)))
            x0, x1 = sorted((s * HALF_X, s * (HALF_X - out)))
            made.append(block([-HALF_X, y0, low], [HALF_X, y1, high], rng, "wood"))
            made.append(block([x0, -HALF_Y, low], [x1, HALF_Y, high], rng, "wood"))
    return made


def _shell(site: Site, windows: list[float], side: int, rng: Generator) -> None:
    """Walls with openings for the windows, skirting, cornice, floor boards, ceiling, beams."""
    x, y, h = HALF_X, HALF_Y, HEIGHT
    wall = [
        quad([-x, y, 0], [2 * x, 0, 0], [0, 0, h], (0, 0, 2 * x / _TILE_M, h / _TILE_M)),
        quad([x, -y, 0], [-2 * x, 0, 0], [0, 0, h], (0, 0, 2 * x / _TILE_M, h / _TILE_M)),
    ]
    for s in (-1, 1):
        wall += _side_wall(s, windows if s == side else [])
    white = _skirting(rng)
    window = site.words("window")
    for middle in windows:
        turn = -90.0 if side > 0 else 90.0
        frame = casement(_OPEN_W, _OPEN_H, rng, "wood:white")
        at = (side * (x + 0.12), middle, _SILL)
        site.put(placed({"trim": frame}, at, turn))
        site.stands(window, at, {"wood:white": frame})
    roof = quad([-x - 0.5, y + 0.5, h + 0.3], [2 * x + 1, 0, 0], [0, -2 * y - 1, 0], (0, 0, 3, 3))
    ceiling = quad([-x, -y, h], [0, 2 * y, 0], [2 * x, 0, 0], (0, 0, 3, 3))
    floor = quad([-x, -y, 0], [2 * x, 0, 0], [0, 2 * y, 0], (0, 0, 2 * x / 3.6, 2 * y / 3.6))
    parts: Parts = {"wall": wall, "trim": white, "floor": [floor], "ceiling": [ceiling, roof]}
    if rng.random() < 0.5:
        beams = [
            block([-x, b - 0.08, h - 0.2], [x, b + 0.08, h + 0.01], rng, "wood")
            for b in np.linspace(-y + 0.8, y - 0.8, 6)
        ]
        parts["wood:brown"] = beams
    site.put(parts)


def _side_wall(side: int, windows: list[float]) -> list[Mesh]:
    """Return a wall along Y at x = side * half, with its openings' reveals; it faces inward."""
    lefts = [-side * middle - _OPEN_W / 2 for middle in windows]
    holes = [(left, left + _OPEN_W, _SILL, _SILL + _OPEN_H) for left in lefts]
    flat = pierced(-HALF_Y, HALF_Y, 0.0, HEIGHT, holes, (_TILE_M, _TILE_M))
    deep = reveals(holes, _WALL, (_TILE_M, _TILE_M))
    return [mesh.moved(side * HALF_X, turn_deg=-90.0 * side) for mesh in (flat, deep)]


def _lights(site: Site, plan: Plan) -> None:
    """A lamp on a stand and one overhead, as many as are stated, lit when it is dark outside."""
    lamp = site.words("lamp")
    count = 2 if lamp.count is None else lamp.count
    if count:
        _standing(site, lamp, plan.lamp)
    if count > 1:
        _hanging(site, lamp)


def _standing(site: Site, lamp: Prop, spot: tuple[float, float]) -> None:
    x, y = spot
    pole = lathe([(0.15, 0), (0.15, 0.02), (0.014, 0.04), (0.012, 1.45)], 16)
    shade = lathe([(0.24, 1.36), (0.15, 1.66)], 24)
    parts: Parts = {"metal:black": [pole], "glow" if site.dark else "cloth:white": [shade]}
    site.place(lamp, parts, (x, y, 0.0))
    if site.dark:
        site.lamps.append(Lamp((x, y, 1.75), (0.5, 0.36, 0.2)))


def _hanging(site: Site, lamp: Prop) -> None:
    rod = lathe([(0.01, 0.26), (0.008, 0.62)], 6)
    globe = lathe([(0.0, 0.0), (0.12, 0.03), (0.17, 0.13), (0.12, 0.24), (0.0, 0.27)], 20)
    parts: Parts = {"metal:black": [rod], "glow" if site.dark else "glass:white": [globe]}
    site.place(lamp, parts, (0, 0.9, HEIGHT - 0.62))
    if site.dark:
        site.lamps.append(Lamp((0, 0.9, HEIGHT - 0.72), (0.9, 0.66, 0.38)))


def _outside(site: Site, side: int) -> None:
    """A lawn and trees before the windows."""
    start, end = side * (HALF_X + _WALL), side * 60.0
    low, high = min(start, end), max(start, end)
    lawn = quad([low, -40, -0.3], [high - low, 0, 0], [0, 80, 0], (0, 0, 8, 11))
    site.put({"lawn": [lawn]})
    if site.spec.vegetation.density == "none":
        return
    rng = site.seeds("garden")
    season = site.spec.season or "summer"
    kinds = kinds_of(site, ("bush", "broadleaf", "broadleaf"))
    count = {"sparse": 3, "dense": 12}.get(site.spec.vegetation.density or "", 7) if kinds else 0
    site.had.grown.update(kinds[:count])
    for k in range(count):
        x, y = side * rng.uniform(10, 24), -14 + 45.0 * k / count + rng.uniform(-2, 2)
        kind = kinds[k % len(kinds)]
        site.put(
            placed(tree(kind, rng, "middle", season, site.snow_lies), (float(x), float(y), -0.3))
        )


def _stand(site: Site, side: int) -> None:
    eye = np.array([side * 0.7, -HALF_Y + 1.7, 1.55])
    subject = np.array([-side * 0.3, 1.3, 0.95])
    site.stand = Stand(eye, subject, 1.4, 56.0)
