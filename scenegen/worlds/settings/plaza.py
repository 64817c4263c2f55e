"""A square between arcaded houses: setts and bands of stone, a fountain or a statue, a belfry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from scenegen.worlds import facings, ground, plants
from scenegen.worlds import textures as t
from scenegen.worlds.arcades import arch_wall, column, ring
from scenegen.worlds.facings import FACING_M
from scenegen.worlds.mesh import Mesh, lathe, patch
from scenegen.worlds.panels import blocks, panels, pierced, reveals
from scenegen.worlds.placing import turned
from scenegen.worlds.settings import town
from scenegen.worlds.settings.base import Site
from scenegen.worlds.settings.town import Spot
from scenegen.worlds.shops import house_door, shop
from scenegen.worlds.spec import Kind
from scenegen.worlds.townhouses import House, storeys
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.windows import Windows, windows
from scenegen.worlds.world import Material, Parts, Stand, add, placed

HALF_X, HALF_Y = 21.0, 19.25
"""Half the size of the square between the fronts of its arcades, in metres."""

BAY, RADIUS, SPRING, TOP, THICK, GALLERY = 3.5, 1.36, 2.75, 4.9, 0.5, 3.4
"""Arcade: width of a bay, its arch, the heights where it begins and ends, wall, depth behind."""

_STEP = 0.15
"""Height in metres of the step into the arcades."""
_SETTS = ((124, 116, 106), (108, 102, 96), (136, 126, 112), (116, 108, 98), (98, 94, 90))
_BANDS = ((206, 198, 182), (194, 184, 166), (214, 206, 192))
_CENTRES: tuple[Kind, ...] = ("fountain", "statue", "well", "column", "church", "tent", "campfire")


_CORNERS = (
    (15.0, HALF_Y + 14.0, 8.0), (-16.0, HALF_Y + 14.0, -5.0), (HALF_X + 14.0, 9.0, 3.0),
    (-HALF_X - 14.0, 9.0, -4.0), (HALF_X + 14.0, -10.0, 6.0), (-HALF_X - 14.0, -10.0, 2.0),
)  # fmt: skip
"""Where bell towers stand, and how far they are turned."""

SCOPE = Scope(relief=("flat",), ground=("paving", "grass", "snow"))


def build(site: Site) -> None:
    """Build the square about the origin."""
    town.surroundings(site)
    _paving(site)
    _sides(site)
    for prop, (x, y, turn) in zip(town.prop_of(site, "tower", 1), _CORNERS, strict=False):
        site.place(prop, _belfry(), (x, y, 0.0), turn)
    centre = _centre(site)
    _furniture(site, centre)
    town.covered(site, ("setts", "bands", "ring", "gallery"))
    site.stand = Stand(np.array([-6.2, -12.0, 1.75]), np.array([0.0, 0.0, 2.5]), 6.0, 58.0)


def _paving(site: Site) -> None:
    wet = town.is_wet(site)
    finish = "water" if wet else "matt"
    rng = site.seeds("paving")
    dark = 0.7 if wet else 1.0
    setts = tuple((int(r * dark), int(g * dark), int(b * dark)) for r, g, b in _SETTS)
    made = site.materials
    made["setts"] = Material(facings.setts((9.1, 9.1), setts, rng), finish)
    made["bands"] = Material(facings.slabs((6.0, 6.0), (1.0, 0.6), _BANDS, rng), finish)
    made["ring"] = made["bands"]
    tiles = ((176, 120, 84), (162, 108, 78), (150, 100, 74))
    made["gallery"] = Material(facings.slabs((6.0, 6.0), (0.3, 0.3), tiles, rng, 70.0))
    x, y = HALF_X + 0.5, HALF_Y + 0.5
    flat = panels([(-x, -y, 0)], [(2 * x, 0, 0)], [(0, 2 * y, 0)], (9.1, 9.1))
    low, high = [], []
    for at in np.linspace(-HALF_X + 2.2, HALF_X - 2.2, 6):
        low.append((at - 0.3, -HALF_Y + 1.9, -0.02))
        high.append((at + 0.3, HALF_Y - 1.9, 0.004))
    for at in np.linspace(-HALF_Y + 2.2, HALF_Y - 2.2, 6):
        low.append((-HALF_X + 1.9, at - 0.3, -0.02))
        high.append((HALF_X - 1.9, at + 0.3, 0.005))
    site.put({"setts": [flat], "bands": [blocks(low, high, (6.0, 6.0))]})
    site.put({"ring": [_annulus(0.0, 3.6, 0.008), _annulus(5.0, 5.7, 0.008)]})
    site.put({"setts": [_annulus(3.6, 5.0, 0.007, 9.1)]})
    if site.snow_lies:
        site.put(town.snow_over((-x + 0.3, x - 0.3), (-y + 0.3, y - 0.3), -0.02, rng, 0.12))
    elif wet:
        at, size = rng.uniform(-14, 14, (16, 2)), rng.uniform(0.5, 1.4, (16, 2))
        pools = [
            town.puddle(float(x), float(y), 0.012, (float(wide), float(deep)), rng)
            for (x, y), (wide, deep) in zip(at, size, strict=True)
        ]
        site.put({"puddle": pools})
        tile = facings.render((44, 42, 40), site.seeds("puddle"))
        made["puddle"] = Material(t.smooth(tile), "glazed")


def _annulus(inner: float, outer: float, z: float, texture_m: float = 6.0) -> Mesh:
    def surface(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
        r = inner + (outer - inner) * b
        return r * np.sin(2 * np.pi * a), r * np.cos(2 * np.pi * a), z + 0 * a

    mesh = patch(surface, (64, 2))
    return Mesh(mesh.points, mesh.points[:, :2] / texture_m, mesh.faces)


def _sides(site: Site) -> None:
    """Build four arcades, each under three houses of their own."""
    stated = next((prop for prop in site.spec.props if prop.kind == "house"), None)
    arch = site.words("arch")
    names = town.furnish(site, stated)
    rng = site.seeds("houses")
    place = 0
    for name, (x, y, turn, half) in {
        "north": (0.0, HALF_Y, 0.0, HALF_X), "west": (-HALF_X, 0.0, 90.0, HALF_Y),
        "east": (HALF_X, 0.0, -90.0, HALF_Y), "south": (0.0, -HALF_Y, 180.0, HALF_X),
    }.items():  # fmt: skip
        bays = round(2 * half / BAY)
        first = int(rng.integers(3, 5))
        second = int(rng.integers(3, 5))
        left, parts = -half, _gallery(half, town.is_dark(site), site.seeds(f"gallery {name}"))
        tall = int(rng.integers(2, 4))
        for k, count in enumerate((first, second, bays - first - second)):
            width = count * BAY
            house = town.house_of(site, names, place, width, rng, (2, 4))
            place += 1
            house = replace(house, storeys=tall if k == 1 else 2, pitched=True)
            front = _arcade(house, count, site.seeds(f"house {name} {k}"))
            add(parts, placed(front, (left + width / 2, 0, 0)))
            middle = turned((left + width / 2, 0.0, 0.0), (x, y, 0.0), turn)
            town.house_stands(site, stated, middle, front)
            for bay in range(count):
                at = turned((left + (bay + 0.5) * BAY, 0.0, 0.0), (x, y, 0.0), turn)
                site.stands(arch, at, {"limestone": front["limestone"]})
            left += width
        site.put(placed(parts, (x, y, 0.0), turn))


def _arcade(house: House, bays: int, rng: Generator) -> Parts:
    """Return a house over so many bays of an arcade, on columns between its piers."""
    half, shift = house.width / 2, float(rng.uniform(0, 1))
    parts = storeys(house, TOP, shift, rng)
    wall: list[Mesh] = []
    stones: list[Mesh] = []
    for k in range(bays):
        middle = -half + (k + 0.5) * BAY
        wall += arch_wall(middle, BAY, RADIUS, SPRING, TOP, THICK, FACING_M)
        stones += ring(middle, RADIUS, SPRING, THICK, rng)
    low, high, shafts = [], [], []
    for k in range(bays + 1):
        x = -half + k * BAY
        if 0 < k < bays:
            shafts.append(column(SPRING - 0.28, 0.25).moved(x, THICK / 2, _STEP))
            low += [(x - 0.36, THICK / 2 - 0.36, 0), (x - 0.39, -0.1, SPRING - 0.13)]
            high += [(x + 0.36, THICK / 2 + 0.36, _STEP), (x + 0.39, THICK + 0.1, SPRING)]
        else:
            a, b = (x, x + 0.39) if k == 0 else (x - 0.39, x)
            low += [(a, 0, 0), (a, -0.1, 0), (a, -0.08, SPRING - 0.13)]
            high += [(b, THICK, SPRING), (b, THICK + 0.1, 0.7), (b, THICK + 0.08, SPRING)]
    low.append((-half, -0.25, 0.0))
    high.append((half, THICK + 0.3, _STEP - 0.004))
    add(parts, {house.facing: wall, "limestone": [*stones, *shafts, blocks(low, high, (4.0, 4.0))]})
    return parts


def _gallery(half: float, lit: bool, rng: Generator) -> Parts:
    """Return what lies behind an arcade: floor, beams, and a wall with doors, windows and shops."""
    wide = half + GALLERY
    parts: Parts = {
        "gallery": [panels([(-wide, 0.2, _STEP)], [(2 * wide, 0, 0)], [(0, GALLERY, 0)], (6, 6))],
        "curtain": [panels([(-wide, GALLERY + 0.2, TOP - 0.3)], [(2 * wide, 0, 0)],
                           [(0, -GALLERY - 0.1, 0)], (6, 6))],
    }  # fmt: skip
    beams = np.arange(-wide, wide, 0.875)
    low = [(x, THICK - 0.1, TOP - 0.52) for x in beams]
    high = [(x + 0.16, GALLERY + 0.2, TOP - 0.3) for x in beams]
    add(parts, {"wood:brown": [blocks(low, high, (3.0, 3.0))]})
    holes, back = [], {}
    style = Windows(lit=0.4 if lit else 0.0)
    for k in range(round(2 * half / BAY)):
        middle = -half + (k + 0.5) * BAY
        kind = rng.random()
        if kind < 0.4:
            paint, board = str(rng.choice(_DOORS)), str(rng.choice(town.SIGNS))
            more, front = shop(middle - 1.5, middle + 1.5, paint, board, lit, rng)
        elif kind < 0.7:
            more, front = house_door(middle - 0.65, middle + 0.65, str(rng.choice(_DOORS)))
        else:
            more = [(middle - 0.55, middle + 0.55, 1.0, 2.8)]
            front = windows(more, style, rng)
            add(front, {"facing_0": [reveals(more, 0.2, FACING_M)]})
        holes += more
        add(back, front)
    add(back, {"facing_0": [pierced(-wide, wide, 0.0, TOP, holes, FACING_M)]})
    add(parts, placed(back, (0, GALLERY, _STEP)))
    return parts


_DOORS = ("wood:green", "wood:brown", "wood:blue", "wood:red")


def _belfry() -> Parts:
    """Return a bell tower 34 metres high, with arched openings under a tiled cap."""
    parts: Parts = {}
    half, bells, top = 3.0, 22.0, 28.0
    for turn in (0.0, 90.0, 180.0, 270.0):
        hole = [(-1.6, -0.2, 22.8, 26.6), (0.2, 1.6, 22.8, 26.6), (-0.3, 0.3, 12.0, 13.6),
                (-0.3, 0.3, 17.0, 18.6)]  # fmt: skip
        wall = pierced(-half, half, 0, top, hole, FACING_M)
        side: Parts = {"facing_0": [wall, reveals(hole, 0.5, FACING_M)]}
        dark = panels([(a, 0.5, c) for a, _, c, _ in hole], [(b - a, 0, 0) for a, b, _, _ in hole],
                      [(0, 0, d - c) for _, _, c, d in hole], (2, 2))  # fmt: skip
        add(side, {"pane_bare": [dark]})
        low = [(-half - 0.1, -0.12, z) for z in (10.0, bells, bells - 0.4, top - 0.3)]
        high = [(half + 0.1, 0.01, z) for z in (10.3, bells + 0.3, bells, top)]
        low += [(-half - 0.3, -0.35, top), (-half, -0.08, 0), (half - 0.7, -0.08, 0)]
        high += [(half + 0.3, 0.1, top + 0.4), (-half + 0.7, 0.01, top), (half, 0.01, top)]
        add(side, {"trim": [blocks(low, high, (12.0, 18.0))]})
        add(parts, placed(placed(side, (0, -half, 0)), (0, 0, 0), turn))
    for turn in range(4):
        cap = lathe([(4.6, top + 0.4), (0.02, top + 6.0)], 4, (0, 0, 3, 1), 1)
        face = Mesh(cap.points, cap.uv, cap.faces[turn * 2 : turn * 2 + 2])
        add(parts, {"roof": [face.moved(turn_deg=45)]})
    ball = lathe([(0.0, top + 5.9), (0.25, top + 6.1), (0.0, top + 6.4)], 12, smooth=1)
    add(parts, {"metal:golden": [ball]})
    return parts


def _centre(site: Site) -> Kind | None:
    """Set up what stands in the middle: what is asked for, or else a fountain."""
    stated: list[Kind] = [prop.kind for prop in site.spec.props if prop.count != 0]
    none = [prop.kind for prop in site.spec.props if prop.count == 0]
    wanted: list[Kind | None] = [site.spec.subject, *stated]
    kind: Kind | None = next((k for k in wanted if k in _CENTRES), None)
    if kind is None:
        usual: list[Kind] = ["fountain", "statue"]
        kind = next((k for k in usual if k not in none), None)
    if kind is None:
        return None
    ring_spots = [Spot(12.5 * np.sin(a), 9.0 + 3.5 * np.cos(a)) for a in np.linspace(-1.3, 1.3, 7)]
    turn = -27.0 if kind == "statue" else 0.0
    taken = town.things(site, kind, 1, [Spot(0.0, 0.0, turn), *ring_spots])
    return kind if taken else None


def _furniture(site: Site, centre: Kind | None) -> None:
    """Set up lamps, stalls, benches, pots, trees and whatever else is asked for."""
    posts = [Spot(x, y) for x, y in ((-9.5, 9.0), (9.5, 9.0), (-15.5, 1.0), (15.5, 1.0),
             (13.5, -11.5), (-15.5, -13.0), (-15.0, 14.0), (15.0, 14.0), (0.0, 15.0),
             (1.5, -15.5))]  # fmt: skip
    town.lamps(site, posts, (-3.0, 0.0))
    first = [Spot(8.0, 3.4, -72.0), Spot(-7.0, 6.6, 52.0), Spot(9.6, -1.6, -80.0),
             Spot(-9.8, 2.4, 78.0), Spot(4.6, 8.2, -28.0)]  # fmt: skip
    north = [Spot(x, 14.2 + 0.4 * (k % 2), 0.0) for k, x in enumerate(np.arange(-12.6, 13, 4.2))]
    east = [Spot(16.2, y, -90.0) for y in (9.0, 4.8, -4.0, -8.0)]
    west = [Spot(-16.4, y, 90.0) for y in (9.4, 5.2, -3.6, -7.8)]
    asked = any(prop.kind == "stall" for prop in site.spec.props)
    rest = [*(north[k] for k in (5, 4, 1, 2, 6, 0, 3)), *east, *west]
    town.things(site, "stall", 5 if asked else 2, [*first, *rest] if asked else rest, 4.0)
    seats = [Spot(7.4 * np.sin(a), 7.4 * np.cos(a), float(180 - np.degrees(a)))
             for a in (0.7, -0.7, 1.6, -1.6, 2.5, -2.5)]  # fmt: skip
    town.things(site, "bench", 4, seats)
    town.things(site, "pot", 10, _feet(BAY), 25.0)
    stems = [Spot(x, y) for x, y in ((-12.0, 5.5), (12.0, 5.5), (-12.0, -2.5), (12.0, -2.5),
             (-6.5, 12.0), (6.5, 12.0), (12.0, -9.0), (-17.0, -16.0))]  # fmt: skip
    town.trees(site, stems, False)
    words = site.spec.vegetation
    grow = {"grass", "flowers"} & {*words.kinds} and words.density != "none"
    if site.spec.terrain.ground == "grass" or (grow and "grass" not in words.without):
        _lawns(site)
    heaps = [Spot(x + dx, y + dy, 20.0 * k) for k, (dx, dy) in enumerate(
             ((0, 0), (0.85, 0.2), (0.3, 0.9), (-0.75, 0.5), (1.1, 1.0), (-0.3, -0.8)))
             for x, y in ((5.2, -4.0), (-6.2, 2.2), (6.6, 6.2), (-11.0, -4.6), (1.5, 8.8),
                          (-4.0, 9.5),
                          (13.0, 1.0), (-13.5, 9.0), (12.8, -13.0), (-13.0, 12.0))]  # fmt: skip
    done: tuple[Kind, ...] = ("house", "lamp", "stall", "bench", "pot", "arch", "tower")
    town.others(site, (*done, centre) if centre else done, heaps)


def _feet(step: float) -> list[Spot]:
    """Return places before piers and columns, by turns along the north, the west and the east."""
    along = np.arange(-4, 5) * step
    north = [Spot(float(x) + step / 2, HALF_Y - 0.7) for x in along]
    west = [Spot(-HALF_X + 0.7, float(y)) for y in along]
    east = [Spot(HALF_X - 0.7, float(y)) for y in along]
    return [spot for trio in zip(north, west, east, strict=True) for spot in trio]


def _lawns(site: Site) -> None:
    """Lay four beds of grass behind low edges of stone around the middle."""
    if site.snow_lies:
        return
    rng = site.seeds("lawns")
    low, high = [], []
    for sx in (-1, 1):
        for sy in (-1, 1):
            x0, x1 = sorted((sx * 6.6, sx * 11.0))
            y0, y1 = sorted((sy * 6.6, sy * 10.4))
            for a, b, c, d in ((x0, y0, x1, y0 + 0.2), (x0, y1 - 0.2, x1, y1),
                               (x0, y0, x0 + 0.2, y1), (x1 - 0.2, y0, x1, y1)):  # fmt: skip
                low.append((a, b, 0.0))
                high.append((c, d, 0.22))
            low_corner = np.array([x0 + 0.25, y0 + 0.25, 0.12])
            high_corner = np.array([x1 - 0.25, y1 - 0.25, 0.12])
            _sow(site, rng.uniform(low_corner, high_corner, (900, 3)), rng)
            site.put({"soil": [panels([(x0, y0, 0.13)], [(x1 - x0, 0, 0)], [(0, y1 - y0, 0)],
                                      (7.0, 7.0))]})  # fmt: skip
    site.materials["soil"] = Material(ground.grass((84, 112, 48), rng))
    site.put({"limestone": [blocks(low, high, (4.0, 4.0))]})


def _sow(site: Site, at: np.ndarray, rng: Generator) -> None:
    """Grow grass at places, and flowers among it where the spec has them."""
    words = site.spec.vegetation
    if words.density == "none" or "grass" in words.without:
        return
    site.had.grown.add("grass")
    site.put({"leaf": [plants.tufts(at, 0.2, t.GRASS, rng)]})
    if "flowers" in words.kinds and "flowers" not in words.without:
        site.had.grown.add("flowers")
        rows = (t.YELLOW_FLOWER, t.WHITE_FLOWER, t.BLUE_FLOWER)
        heads = [plants.blossoms(at[k::12], 0.24, row, rng) for k, row in enumerate(rows)]
        site.put({"leaf": heads})
