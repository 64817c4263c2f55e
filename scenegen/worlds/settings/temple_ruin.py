"""A temple in ruins: a stepped platform, columns standing and fallen, broken walls, overgrown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float
from numpy.random import Generator

from scenegen.worlds import ground
from scenegen.worlds import textures as t
from scenegen.worlds.ground import Layer, Spot, everywhere
from scenegen.worlds.growth import kinds_of, meadow, reeds, stones, woods
from scenegen.worlds.mesh import Mesh, leaf_cloud, patch
from scenegen.worlds.noise import fractal, scattered, smoothstep
from scenegen.worlds.placing import Place, apart, plan, plots, put, subject_first, wanted
from scenegen.worlds.settings.base import Site, cover, lay_ground
from scenegen.worlds.snow import snow_on
from scenegen.worlds.spec import Kind
from scenegen.worlds.streams import Pool, Stream, Waters, clear, fill
from scenegen.worlds.terrain import Terrain, terrain
from scenegen.worlds.things import column
from scenegen.worlds.things.stuff import block
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.world import Material, Stand

SCOPE = Scope()

HALF_X, HALF_Y, TOP = 8.2, 15.5, 1.05
"""Half the platform's size between its outermost columns, and its height, in metres."""
_ACROSS, _ALONG, _TALL = 6, 11, 6.2
"""Columns in its front and along its side, and their height in metres."""

_EYE = np.array([-13.5, -27.0])


def build(site: Site) -> None:
    """Build the temple about the origin, its front towards -Y."""
    land = _land(site)
    places = _places(site, land)
    land = plots(land, places)
    lay_ground(site, land, _layers(site), np.zeros(2))
    rng = site.seeds("temple")
    site.materials["marble"] = Material(_weathered(site))
    _platform(site, rng)
    _columns(site, rng)
    _cella(site, rng)
    _fallen(site, land, rng)
    if site.snow_lies:
        site.put(snow_on({"marble": site.parts["marble"]}, 0.04))
    put(site, land, places)
    free, pool = apart(places), _pool(site)
    fill(site, pool)
    dry = clear(pool, 0.6)
    usual = ("cypress", "broadleaf", "bush")
    woods(
        site,
        land,
        kinds_of(site, usual),
        lambda p: _outside(p, 5.0) & _open_view(p) & free(p) & dry(p),
    )
    meadow(site, land, lambda p: _outside(p, 1.2) & dry(p))
    if pool is not None:
        reeds(site, land, pool.outside)
    stones(site, land, lambda p: _outside(p, 1.5) & dry(p), 60.0, 0.22, (0.08, 0.8))
    eye = np.array([*_EYE, land.spot(*_EYE) + 1.75])
    site.stand = Stand(eye, np.array([-0.5, -6.0, 3.3]), 9.0, 50.0)


_BUILT_IN: tuple[Kind, ...] = ("column", "stairs", "wall", "pier", "bridge")
"""What the temple is made of, and what needs more water than there is."""


def _places(site: Site, land: Terrain) -> list[Place]:
    """Return where things stand before the temple and beside it."""
    props = subject_first(site, wanted(site, {}, _BUILT_IN))
    dry = clear(_pool(site), 2.0)

    def fits(at: Float[np.ndarray, "n 3"], radius: float) -> Bool[np.ndarray, "n"]:
        return _outside(at, 0.8 * radius + 1.5) & dry(at)

    eye = float(_EYE[0]), float(_EYE[1])
    return plan(props, land, (-4.0, -HALF_Y - 3.0), eye, fits, site.seeds("places"))


def _pool(site: Site) -> Waters | None:
    """Return the river behind the temple, or the lake or pond beside it."""
    words = site.spec.water
    if words == "river":
        return Stream(-0.6, HALF_X + 17.0, phase=0.4)
    size = {"pond": 8.0, "lake": 34.0}.get(words or "")
    return Pool(-0.6, HALF_X + 8.0 + size, -4.0, size, 0.4) if size else None


def _outside(places: Float[np.ndarray, "n 3"], margin: float) -> Bool[np.ndarray, "n"]:
    x, y, _ = places.T
    return (np.abs(x) > HALF_X + margin) | (np.abs(y) > HALF_Y + margin)


def _open_view(places: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
    x, y, _ = places.T
    near = np.hypot(x - _EYE[0], y - _EYE[1]) < 14
    thin = scattered(x, y) < np.where(np.hypot(x, y) < 40, 0.42, 0.15)
    return thin & ~near & ~((y < -HALF_Y - 1) & (y > _EYE[1] - 6) & (np.abs(x) < 22))


def _land(site: Site) -> Terrain:
    rng = site.seeds("land")
    broad = fractal((512, 512), 512 / 3000, rng, 2.6, 500.0)
    high = {"flat": 6.0, "rolling": 30.0, "hilly": 70.0, "mountainous": 190.0}
    height = high[site.spec.terrain.relief or "hilly"]

    def shape(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        away = np.hypot(x, y)
        return height * smoothstep(70, 900, away) * (0.5 + 0.6 * broad) + 0.012 * (broad * 6)

    def plot(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        away = np.maximum(np.abs(x) - HALF_X, np.abs(y) - HALF_Y)
        return z * smoothstep(1.0, 12.0, away)

    pool = _pool(site)
    dug = (plot,) if pool is None else (pool.dig, plot)
    return replace(terrain(shape, 1500.0, rng, 0.09, 25), dug=dug)


def _layers(site: Site) -> list[Layer]:
    seeds, season = site.seeds, site.spec.season or "summer"
    green = {"summer": (124, 124, 62), "autumn": (138, 118, 66), "winter": (120, 116, 84)}
    turf = cover(site, ground.grass(green.get(season, (96, 128, 56)), seeds("turf")))
    dust = ground.soil((158, 136, 104), seeds("dust"))
    stone = ground.rock((164, 154, 136), seeds("stone"))
    white = ground.snow((236, 240, 247), seeds("snow"))

    def trodden(spot: Spot) -> np.ndarray:
        near = np.maximum(np.abs(spot.x) - HALF_X, np.abs(spot.y) - HALF_Y)
        path = np.abs(spot.x - 1.2 * np.sin(spot.y / 9)) - 1.4
        lane = np.where(spot.y < 0, path, 99.0)
        return 0.9 * (1 - smoothstep(0.2, 2.4, np.minimum(near - 0.6, lane) + 0.7 * spot.patches))

    def steep(spot: Spot) -> np.ndarray:
        return smoothstep(0.45, 0.8, spot.slope + 0.1 * spot.patches)

    layers = [Layer(turf, everywhere), Layer(dust, trodden), Layer(stone, steep)]
    if site.snow_lies:
        layers.append(Layer(white, lambda spot: 1 - smoothstep(0.8, 1.4, spot.slope)))
    return layers


def _weathered(site: Site) -> t.Texture:
    palette = ((222, 208, 182), (212, 196, 168), (228, 218, 198), (204, 190, 166))
    return t.masonry((4, 4), 130, site.seeds("marble"), palette, 1.3, 2.4)


def _platform(site: Site, rng: Generator) -> None:
    """Three steps of blocks, a little shifted, some missing, and slabs on top."""
    blocks: list[Mesh] = []
    for step in range(3):
        grow, z = 0.42 * (3 - step), 0.35 * step
        x, y = HALF_X + 0.9 + grow, HALF_Y + 0.9 + grow
        for side in range(4):
            half, other = (x, y) if side % 2 == 0 else (y, x)
            at = -half
            while at < half - 0.05:
                wide = min(float(rng.uniform(1.1, 1.9)), half - at)
                if rng.random() < (0.05 if step < 2 else 0.09):
                    at += wide
                    continue
                push = float(rng.normal(0, 0.018))
                low = [at + 0.006, -other + push, z - 0.25]
                high = [
                    at + wide - 0.006,
                    -other + 1.0 + push,
                    z + 0.35 + float(rng.normal(0, 0.006)),
                ]
                blocks.append(block(low, high, rng, "marble").moved(turn_deg=90.0 * side))
                at += wide
    core = block(
        [-HALF_X - 0.6, -HALF_Y - 0.6, 0], [HALF_X + 0.6, HALF_Y + 0.6, TOP - 0.12], rng, "marble"
    )
    for x0 in np.arange(-HALF_X - 0.8, HALF_X + 0.7, 1.64):
        for y0 in np.arange(-HALF_Y - 0.8, HALF_Y + 0.7, 1.62):
            if rng.random() < 0.09:
                continue
            z = TOP - 0.01 + float(rng.normal(0, 0.008))
            blocks.append(
                block(
                    [x0 + 0.008, y0 + 0.008, TOP - 0.15], [x0 + 1.632, y0 + 1.612, z], rng, "marble"
                )
            )
    site.put({"marble": [core, *blocks]})
    site.stands(site.words("stairs"), (0.0, -HALF_Y, 0.0), {"marble": [core]})


def _grid() -> list[tuple[float, float]]:
    xs, ys = np.linspace(-HALF_X, HALF_X, _ACROSS), np.linspace(-HALF_Y, HALF_Y, _ALONG)
    ring = [(float(x), float(-HALF_Y)) for x in xs] + [(HALF_X, float(y)) for y in ys[1:]]
    ring += [(float(x), HALF_Y) for x in xs[::-1][1:]] + [
        (-HALF_X, float(y)) for y in ys[::-1][1:-1]
    ]
    return ring


def _columns(site: Site, rng: Generator) -> None:
    """Columns around: whole ones with beams between them, broken ones, gaps; ivy on some."""
    stated = site.words("column")
    ring = _grid()
    fate = rng.choice(3, len(ring), p=[0.52, 0.3, 0.18])
    fate[:3] = (0, 0, 1 if rng.random() < 0.5 else 0)
    if stated.count is not None:
        order = rng.permutation(len(ring))
        fate[:] = 2
        fate[order[: stated.count]] = np.where(
            rng.random(min(stated.count, len(ring))) < 0.65, 0, 1
        )
    for (x, y), what in zip(ring, fate, strict=True):
        if what == 2:
            continue
        end = None if what == 0 else float(rng.uniform(0.9, 0.75 * _TALL))
        parts = column.make(stated, rng, _TALL, end)
        site.place(stated, parts, (x, y, TOP))
        if rng.random() < 0.3 and site.spec.vegetation.density != "none":
            _ivy(site, x, y, min(end or _TALL, float(rng.uniform(1.5, 5.0))), rng)
    beams: list[Mesh] = []
    for k in range(len(ring)):
        (x0, y0), (x1, y1) = ring[k], ring[(k + 1) % len(ring)]
        if (
            fate[k] == 0
            and fate[(k + 1) % len(ring)] == 0
            and (stated.count is None)
            and rng.random() < 0.8
        ):
            beams += _beam(x0, y0, x1, y1, rng)
    if beams:
        site.put({"marble": beams})


def _beam(x0: float, y0: float, x1: float, y1: float, rng: Generator) -> list[Mesh]:
    long, turn = float(np.hypot(x1 - x0, y1 - y0)), float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
    z = TOP + _TALL
    made = [block([-long / 2 + 0.01, -0.48, z], [long / 2 - 0.01, 0.48, z + 0.62], rng, "marble")]
    if rng.random() < 0.6:
        made.append(
            block(
                [-long / 2 + 0.01, -0.46, z + 0.62],
                [long / 2 - 0.01, 0.46, z + 1.15],
                rng,
                "marble",
            )
        )
        for k in range(3):
            x = -long / 2 + (k + 0.5) * long / 3
            made += [
                block(
                    [x + d - 0.07, -0.52, z + 0.66], [x + d + 0.07, 0.52, z + 1.12], rng, "marble"
                )
                for d in (-0.18, 0.0, 0.18)
            ]
        if rng.random() < 0.7:
            made.append(
                block([-long / 2, -0.75, z + 1.15], [long / 2, 0.7, z + 1.4], rng, "marble")
            )
    return [m.moved((x0 + x1) / 2, (y0 + y1) / 2, 0, turn) for m in made]


def _ivy(site: Site, x: float, y: float, height: float, rng: Generator) -> None:
    count = int(420 * height / 3)
    turn = rng.uniform(0, 6.28) + rng.normal(0, 0.9, count)
    z = height * rng.random(count) ** 1.5
    way = np.stack([np.cos(turn), np.sin(turn), np.zeros(count)], -1)
    at = way * (0.46 + 0.1 * rng.random((count, 1))) + np.stack(
        [np.full(count, x), np.full(count, y), TOP + z], -1
    )
    row = t.IVY if site.spec.season != "autumn" else t.RED_LEAF
    site.put({"leaf": [leaf_cloud(at, way + np.array([0, 0, 0.4]), 0.11, row, rng, 0.5)]})


def _cella(site: Site, rng: Generator) -> None:
    """The walls within: courses of blocks, broken off at uneven heights, a doorway in front."""
    x, y = HALF_X - 3.2, HALF_Y - 4.5
    walls: list[Mesh] = []
    for x0, y0, x1, y1 in ((-x, -y, x, -y), (x, -y, x, y), (x, y, -x, y), (-x, y, -x, -y)):
        long = float(np.hypot(x1 - x0, y1 - y0))
        turn = float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
        crest = rng.uniform(0.8, 4.6, 7)
        for course in range(9):
            at = -long / 2 - 0.7 * (course % 2)
            while at < long / 2:
                wide = min(1.4, long / 2 - at)
                middle = at + wide / 2
                high = np.interp(middle / long + 0.5, np.linspace(0, 1, 7), crest)
                door = y0 == y1 == -y and abs(middle) < 1.5 and course < 7
                if 0.55 * (course + 1) < high + 0.3 and not door and wide > 0.2:
                    low = max(at, -long / 2)
                    push = float(rng.normal(0, 0.012))
                    walls.append(
                        block(
                            [low + 0.006, -0.35 + push, TOP + 0.55 * course],
                            [at + wide - 0.006, 0.35 + push, TOP + 0.55 * (course + 1) - 0.006],
                            rng,
                            "marble",
                        ).moved((x0 + x1) / 2, (y0 + y1) / 2, 0, turn)
                    )
                at += 1.4
    site.put({"marble": walls})
    site.stands(site.words("wall"), (0.0, 0.0, TOP), {"marble": walls})


def _fallen(site: Site, land: Terrain, rng: Generator) -> None:
    """Drums in rows as a column fell, capitals and blocks about the platform."""
    foot = 0.075 * _TALL
    made: list[Mesh] = []
    falls = [
        (-HALF_X - 5.0, -HALF_Y + 4.0, 200.0),
        (-2.0, -HALF_Y - 4.2, 20.0),
        (HALF_X + 4.5, -6.0, -15.0),
        (-HALF_X - 4.6, 5.0, 170.0),
    ]
    for x, y, turn in falls:
        turn += float(rng.uniform(-25, 25))
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        for k, drum in enumerate(column.drums(foot, 0.0, 4.6, 4.6, rng, False)):
            centre = drum.points.mean(axis=0)
            p = drum.points - centre
            roll = float(rng.uniform(0, 360))
            lying = Mesh(p, drum.uv, drum.faces).moved(turn_deg=roll)
            lying = Mesh(lying.points[:, [2, 1, 0]] * [1, 1, -1], lying.uv, lying.faces)
            ends = [
                _end(foot * (0.99 - 0.03 * k), side * np.ptp(p[:, 2]) / 2 * 0.995)
                for side in (-1, 1)
            ]
            gone = 1.06 * k + float(rng.uniform(0, 0.12))
            px, py = (
                x + c * gone + float(rng.normal(0, 0.08)),
                y + s * gone + float(rng.normal(0, 0.08)),
            )
            z = land.spot(px, py) + 0.8 * foot
            yaw = turn + float(rng.normal(0, 7))
            made += [m.moved(px, py, z, yaw) for m in (lying, *ends)]
    site.put({"marble": [*made, *_blocks(land, rng)]})


def _blocks(land: Terrain, rng: Generator) -> list[Mesh]:
    """Squared stones that lie about the platform, a little askew."""
    made: list[Mesh] = []
    for _ in range(26):
        turn, far = rng.uniform(0, 2 * np.pi), rng.uniform(1.8, 7.0)
        px = float(np.clip(np.cos(turn) * 30, -HALF_X, HALF_X) + np.cos(turn) * far)
        py = float(np.clip(np.sin(turn) * 50, -HALF_Y, HALF_Y) + np.sin(turn) * far)
        if not _outside(np.array([[px, py, 0]]), 1.7)[0]:
            continue
        a, b, h = rng.uniform(0.3, 0.9), rng.uniform(0.25, 0.5), rng.uniform(0.2, 0.5)
        stone = block([-a, -b, -0.3], [a, b, h], rng, "marble")
        tip = float(rng.normal(0, 0.12))
        points = stone.points + tip * stone.points[:, :1] * [0, 0, 1]
        lying = Mesh(points, stone.uv, stone.faces)
        made.append(lying.moved(px, py, land.spot(px, py), float(rng.uniform(0, 360))))
    return made


def _end(radius: float, x: float) -> Mesh:
    """Return the round end of a lying drum at ``x``, that faces away from its middle."""
    side = np.sign(x)

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        turn = side * 2 * np.pi * a
        return [
            np.full_like(a, x),
            (1 - b) * radius * np.cos(turn),
            (1 - b) * radius * np.sin(turn),
        ]

    return patch(surface, (32, 1), (0, 0, 0.3, 0.3))
