"""A coast: a bay of sand with palms, the sea to the horizon, a headland and an island."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float
from numpy.random import Generator

from scenegen.worlds import ground, rocks, water
from scenegen.worlds.ground import Layer, Spot, everywhere
from scenegen.worlds.growth import kinds_of, pebbles, woods
from scenegen.worlds.mesh import Mesh, patch, quad
from scenegen.worlds.noise import fractal, scattered, smoothstep
from scenegen.worlds.panels import panels
from scenegen.worlds.placing import (
    Place,
    apart,
    facing,
    plan,
    plots,
    put,
    radius_of,
    set_up,
    subject_first,
    wanted,
)
from scenegen.worlds.plants import tufts
from scenegen.worlds.scatter import spots
from scenegen.worlds.settings.base import Site, lay_ground
from scenegen.worlds.spec import Prop
from scenegen.worlds.terrain import Terrain, terrain
from scenegen.worlds.textures import GRASS, STRAW, Texture, finish, mix
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.world import Material, Stand

SCOPE = Scope(ground=("sand", "rock", "snow"))

_EXTENT = 2000.0
_NEAR_SEA, _FAR_SEA = 160.0, 9000.0
"""Half the width in metres of the sea that has a picture of its own, and of all of it."""

_EYE = np.array([7.5, -26.0])
_ISLAND, _HEAD = (-420.0, 520.0), (-130.0, 330.0)
"""Middles of the island and of the headland, in metres."""


def build(site: Site) -> None:
    """Build a beach along Y with the sea to its west."""
    land = _land(site)
    places = _places(site, land)
    land = plots(land, places)
    lay_ground(site, land, _layers(site), np.zeros(2))
    _sea(site, land)
    _at_the_water(site, land)
    put(site, land, places)
    rocky = site.spec.terrain.ground == "rock"
    usual = ("broadleaf", "bush") if rocky or site.snow_lies else ("palm", "palm", "bush")
    free = apart(places)
    woods(site, land, kinds_of(site, usual), lambda places: _inland(places) & free(places))
    _dune_grass(site, land)
    _rocks(site, land)
    pebbles(site, land, lambda at: at[:, 2] > 0.12, "rock", (_EYE[0] - 1.0, _EYE[1] + 9.0))
    eye = np.array([*_EYE, land.spot(*_EYE) + 1.75])
    site.stand = Stand(eye, np.array([-2.5, 12.0, 1.9]), 12.0, 52.0)


def _shore(y: np.ndarray) -> np.ndarray:
    """Return the x of the waterline."""
    return 7 * np.sin(y / 58.0 + 0.4) + 2.2 * np.sin(y / 19.0) - 0.0006 * np.clip(y, -250, 250) ** 2


def _land(site: Site) -> Terrain:
    rng = site.seeds("land")
    broad = fractal((512, 512), 512 / (2 * _EXTENT), rng, 2.7, 500.0)
    ragged = fractal((512, 512), 512 / (2 * _EXTENT), rng, 2.2, 90.0)
    cliff = site.spec.terrain.ground == "rock" or site.spec.terrain.relief in (
        "hilly",
        "mountainous",
    )
    high = {"flat": 6.0, "rolling": 22.0, "mountainous": 150.0}.get(
        site.spec.terrain.relief or "", 60.0
    )

    def shape(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        inland = x - _shore(y)
        beach = np.where(
            inland < 0, 0.055 * np.maximum(inland, -160), 0.075 * np.minimum(inland, 22)
        )
        dune = 1.3 * smoothstep(14, 26, inland)
        rise = high * smoothstep(40, 600, inland) * (0.75 + 0.5 * broad)
        if cliff:
            rise = rise + 14 * smoothstep(16, 24, inland + 4 * broad)
        cape = np.hypot((x - _HEAD[0]) / 200, (y - _HEAD[1]) / 70) + 0.2 * broad + 0.13 * ragged
        head = 42 * smoothstep(1.0, 0.62, cape) * (1 + 0.25 * broad + 0.12 * ragged)
        isle = (
            np.hypot((x - _ISLAND[0]) / 120, (y - _ISLAND[1]) / 80) + 0.22 * broad + 0.12 * ragged
        )
        island = 58 * smoothstep(1.05, 0.2, isle) * (1 + 0.3 * broad) + 6 * smoothstep(
            1.1, 0.95, isle
        )
        return np.maximum(np.maximum(beach + dune + rise, head - 6), island - 6)

    def ripples(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        calm = smoothstep(0.4, 1.4, np.abs(z))
        base = 0.075 * np.clip(x - _shore(y), -6, 6)
        return base * (1 - calm) + z * calm

    return replace(terrain(shape, _EXTENT, rng, 0.07, 10), dug=(ripples,))


def _layers(site: Site) -> list[Layer]:
    seeds = site.seeds
    sand = ground.sand((222, 198, 156), seeds("sand"))
    wet = ground.soil((142, 118, 88), seeds("wet"))
    turf = ground.grass((98, 126, 58), seeds("turf"))
    stone = ground.rock((142, 134, 124), seeds("stone"))

    def damp(spot: Spot) -> np.ndarray:
        return 0.75 * (1 - smoothstep(0.05, 0.32, spot.z + 0.05 * spot.patches))

    def grown(spot: Spot) -> np.ndarray:
        return smoothstep(1.9, 3.4, spot.z + 0.5 * spot.patches)

    def steep(spot: Spot) -> np.ndarray:
        return smoothstep(0.42, 0.7, spot.slope + 0.1 * spot.patches)

    layers = [
        Layer(stone if site.spec.terrain.ground == "rock" else sand, everywhere),
        Layer(wet, damp),
    ]
    layers += [Layer(turf, grown), Layer(stone, steep)]
    if site.snow_lies:
        white = ground.snow((236, 240, 247), seeds("snow"))
        layers.append(
            Layer(
                white,
                lambda spot: smoothstep(0.3, 0.7, spot.z) * (1 - smoothstep(0.7, 1.2, spot.slope)),
            )
        )
    return layers


def _sea(site: Site, land: Terrain) -> None:
    """Water to the horizon, clear and light near the shore, with lines of foam."""
    site.had.water = "sea"
    half = _NEAR_SEA
    near = quad([-half, -half, 0], [2 * half, 0, 0], [0, 2 * half, 0], (0, 0, 1, 1))
    site.put({"sea near": [near]})
    site.materials["sea near"] = Material(_shallows(site, land), "water")
    far = _FAR_SEA
    frame = panels(
        [(-far, -far, 0), (half, -far, 0), (-half, half, 0), (-half, -far, 0)],
        [(far - half, 0, 0), (far - half, 0, 0), (2 * half, 0, 0), (2 * half, 0, 0)],
        [(0, 2 * far, 0), (0, 2 * far, 0), (0, far - half, 0), (0, far - half, 0)],
        (water.SPAN_M, water.SPAN_M),
    )
    site.put({"sea": [frame.moved(z=-0.001)]})
    site.materials["sea"] = water.still(site.seeds("sea"), _DEEP, 0.03)
    site.put({"foam": _foam(site)})
    site.materials["foam"] = Material(ground.snow((240, 244, 244), site.seeds("foam")))


_DEEP = (26, 62, 84)


def _shallows(site: Site, land: Terrain) -> Texture:
    size = 1024
    axis = (np.arange(size) + 0.5) / size * 2 * _NEAR_SEA - _NEAR_SEA
    x, y = np.meshgrid(axis, axis[::-1])
    depth = -land.height(x, y)
    rng = site.seeds("shallows")
    scale = size / (2 * _NEAR_SEA)
    mottle = fractal((size, size), scale, rng, 2.0, 6.0)
    color = np.array(_DEEP, np.float32) * np.ones((size, size, 1), np.float32)
    color = mix(color, (46, 122, 128), 0.9 * (1 - smoothstep(1.2, 6.5, depth + 0.4 * mottle)))
    color = mix(color, (150, 176, 150), 0.85 * (1 - smoothstep(0.0, 0.7, depth + 0.06 * mottle)))
    border = np.maximum(np.abs(x), np.abs(y)) / _NEAR_SEA
    color = mix(color, _DEEP, smoothstep(0.8, 1.0, border))
    swell = 0.03 * np.sin(2 * np.pi * (x - _shore(y)) / 7.0 + 1.3 * mottle)
    ripple = 0.05 * fractal((size, size), scale, rng, 2.6, 2.0)
    return finish(color * (1 + 0.1 * mottle[..., None]), swell + ripple)


def _foam(site: Site) -> list[Mesh]:
    """Return ragged lines of surf along the shore, one behind another."""
    rng = site.seeds("surf")
    lines = []
    for away, wide in ((0.5, 0.5), (-2.6, 0.35), (-6.5, 0.5), (-11.0, 0.3)):
        wave = rng.uniform(0, 6.3, 4)

        def strip(
            a: np.ndarray,
            b: np.ndarray,
            away: float = away,
            wide: float = wide,
            wave: np.ndarray = wave,
        ) -> list[np.ndarray]:
            y = -150 + 300 * b
            ragged = (
                np.sin(y / 4.1 + wave[0])
                + 0.6 * np.sin(y / 1.3 + wave[1])
                + 0.35 * np.sin(y / 0.47 + wave[2])
            )
            thick = wide * np.clip(0.35 + np.sin(y / 9.0 + wave[3]) + 0.35 * ragged, 0, 1.5)
            x = _shore(y) + away + 0.4 * ragged + (a - 0.5) * thick
            return [x, y, 0.02 + 0.03 * np.sin(np.pi * a) + np.maximum(0, 0.075 * (x - _shore(y)))]

        lines.append(patch(strip, (3, 1400), (0, 0, 0.1, 40)))
    return lines


def _inland(places: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
    x, y, z = places.T
    inland = x - _shore(y)
    lucky = scattered(x, y)
    near = np.hypot(x - _EYE[0], y - _EYE[1])
    share = np.where(inland < 20, 0.5, np.where(near < 90, 0.75, 0.4))
    return (inland > 10) & (z > 0.8) & (near > 7) & (lucky < share)


def _dune_grass(site: Site, land: Terrain) -> None:
    words = site.spec.vegetation
    if words.density == "none" or "grass" in words.without or site.snow_lies:
        return
    rng = site.seeds("dune grass")

    def grows(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        del slope, wet
        return smoothstep(1.0, 2.4, z) * (0.12 + 0.6 * smoothstep(0, 1.2, clump))

    places = spots(land, np.zeros(2), (0.0, 45.0), 0.5, grows, rng)
    half = rng.random(len(places)) < 0.5
    if len(places):
        site.had.grown.add("grass")
    site.put(
        {"leaf": [tufts(places[half], 0.55, STRAW, rng), tufts(places[~half], 0.4, GRASS, rng)]}
    )


def _rocks(site: Site, land: Terrain) -> None:
    """Rocks at the ends of the beach, pebbles and weed at the tide's line."""
    rng = site.seeds("rocks")
    more = 3.0 if site.spec.terrain.ground == "rock" else 1.0

    def lies(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        del slope, wet
        return more * 0.16 * smoothstep(0.7, 1.6, clump) * (np.abs(z) < 1.2)

    places = spots(land, np.zeros(2), (5.0, 140.0), 2.5, lies, rng)
    places = places[np.hypot(places[:, 0] - _EYE[0], places[:, 1] - _EYE[1]) > 6]
    site.put({"rock": [rocks.stones(places, (0.25, 2.6), rng, 2)]})
    y = rng.uniform(-60, 60, 700)
    x = _shore(y) + 4.2 + 0.8 * np.sin(y / 6.0) + rng.normal(0, 0.5, 700)
    pebbles = np.stack([x, y, land.height(x, y)], -1)
    site.put({"rock": [rocks.stones(pebbles, (0.02, 0.12), rng, 1)]})


def _places(site: Site, land: Terrain) -> list[Place]:
    """Return where things stand on the beach: the first where one looks at, above the tide."""
    props = subject_first(site, wanted(site, {}, _AT_THE_WATER))
    if not props:
        return []
    y = 20.0 + radius_of(props[0].kind)
    x = float(_shore(np.array(y))) + 4.0 + 0.8 * radius_of(props[0].kind)
    first = Place(props[0], x, y, facing(x, y, _EYE) + 20.0)

    def fits(at: Float[np.ndarray, "n 3"], radius: float) -> Bool[np.ndarray, "n"]:
        return at[:, 0] - _shore(at[:, 1]) > radius * 0.8 + 3.0

    eye = float(_EYE[0]), float(_EYE[1])
    return plan(props[1:], land, (x, y), eye, fits, site.seeds("places"), [first])


_AT_THE_WATER = ("pier", "lighthouse", "boat", "bridge")


def _at_the_water(site: Site, land: Terrain) -> None:
    """Put piers into the sea, lighthouses on headland and island, boats at the water's edge."""
    for prop in wanted(site, {}):
        if prop.kind not in ("pier", "lighthouse", "boat"):
            continue
        k = sum(one.prop.kind == prop.kind for one in site.had.stood)
        at, turn = _spot(prop, k, land, site.seeds(f"spot of {prop.kind} {k}"))
        own = site.seeds(f"{prop.kind} {prop.color} {prop.material} {k}")
        set_up(site, prop, at, turn, own)


def _spot(
    prop: Prop, k: int, land: Terrain, rng: Generator
) -> tuple[tuple[float, float, float], float]:
    """Return where the ``k``-th of its kind stands, and how far it is turned."""
    if prop.kind == "pier":
        y = 6.0 + 26.0 * k
        return (float(_shore(np.array(y))) + 3.0, y, 0.0), -90.0
    if prop.kind == "lighthouse":
        x, y = (_HEAD[0] + 62.0, _HEAD[1] - 8.0) if k == 0 else (_ISLAND[0] + 20.0 * k, _ISLAND[1])
        x, y = (-46.0, 120.0) if k == 0 and land.spot(-46.0, 120.0) > 3 else (x, y)
        return (x, y, land.spot(x, y) - 0.4), 0.0
    y = -8.0 + 7.5 * k + float(rng.uniform(-1.5, 1.5))
    afloat = k % 3 == 2
    x = float(_shore(np.array(y))) + (-7.0 if afloat else 3.4)
    z = -0.18 if afloat else land.spot(x, y) - 0.06
    return (x, y, z), float(rng.uniform(60, 130))
