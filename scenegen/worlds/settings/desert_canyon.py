"""A desert canyon: a sandy wash between layered cliffs and mesas, with cacti and boulders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float
from numpy.random import Generator

from scenegen.worlds import ground, rocks, water
from scenegen.worlds import textures as t
from scenegen.worlds.ground import Layer, Spot, everywhere
from scenegen.worlds.growth import Keep, Shore, kinds_of, meadow, pebbles, reeds, woods
from scenegen.worlds.mesh import Mesh
from scenegen.worlds.noise import fractal, scattered, smoothstep
from scenegen.worlds.placing import (
    Place,
    apart,
    facing,
    plan,
    plots,
    put,
    radius_of,
    subject_first,
    wanted,
)
from scenegen.worlds.scatter import spots
from scenegen.worlds.settings.base import Site, cover, lay_ground
from scenegen.worlds.streams import Pool, fill, ribbon
from scenegen.worlds.terrain import RINGS, Terrain, terrain
from scenegen.worlds.textures import Texture
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.world import Material, Stand

SCOPE = Scope(ground=("sand", "grass", "soil", "rock", "snow"))

_EXTENT = 2000.0
_CLIFF_M = 128.0
"""How many metres of rock a tile of the cliffs shows, in width and height."""
_EYE = np.array([2.0, -30.0])
_CREEK_HALF = 3.4
_HIGH = {"flat": 45.0, "rolling": 70.0, "hilly": 90.0, "usual": 115.0, "mountainous": 170.0}
"""Height of the cliffs in metres."""


def build(site: Site) -> None:
    """Build the canyon along Y; the camera stands in its wash."""
    land = _land(site)
    places = _places(site, land)
    land = plots(land, places)
    lay_ground(site, land, _layers(site), np.zeros(2))
    _cliffs(site)
    _water(site)
    put(site, land, places)
    free, shore = apart(places), _shore(site)
    usual = ("cactus", "bush", "cactus", "bush", "bush")

    def dry(at: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        return _dry(at) & free(at) & (shore(at[:, 0], at[:, 1]) > 0.5)

    woods(site, land, kinds_of(site, usual), dry)
    if {"grass", "flowers"} & {*site.spec.vegetation.kinds}:
        meadow(site, land, dry)
    reeds(site, land, shore)
    _boulders(site, land, dry)
    pebbles(
        site,
        land,
        lambda at: shore(at[:, 0], at[:, 1]) > 0.2,
        "stone red",
        (_EYE[0], _EYE[1] + 9.0),
    )
    eye = np.array([*_EYE, land.spot(*_EYE) + 1.75])
    site.stand = Stand(eye, np.array([-2.0, 14.0, eye[2] + 3.5]), 12.0, 52.0)


def _places(site: Site, land: Terrain) -> list[Place]:
    """Return where things stand: the first in the wash where one looks at, or beside the water."""
    props = subject_first(site, wanted(site, {}, ("pier",)))
    if not props:
        return []
    shore, radius = _shore(site), radius_of(props[0].kind)
    y = 8.0 + radius
    aside = 5.0 + 0.7 * radius if site.spec.water in ("river", "pond") else 0.0
    x = float(_middle(np.array(y))) + (0.0 if props[0].kind == "bridge" else aside)
    first = Place(props[0], x, y, facing(x, y, _EYE) + 20.0)

    def fits(at: Float[np.ndarray, "n 3"], radius: float) -> Bool[np.ndarray, "n"]:
        return shore(at[:, 0], at[:, 1]) > max(1.0, 0.7 * radius)

    eye = float(_EYE[0]), float(_EYE[1])
    return plan(props[1:], land, (x, y), eye, fits, site.seeds("places"), [first])


def _pool(site: Site) -> Pool | None:
    """Return the pond in the wash, a water hole."""
    at = 14.0
    return Pool(-0.45, float(_middle(np.array(at))), at, 6.5) if site.spec.water == "pond" else None


def _shore(site: Site) -> Shore:
    """Return how far places are from the water; where there is none, all are far."""
    pool = _pool(site)
    if pool is not None:
        return pool.outside
    if site.spec.water == "river":
        return lambda x, y: np.abs(x - _middle(y)) - _CREEK_HALF
    return lambda x, _: np.full_like(x, 1e3)


def _water(site: Site) -> None:
    """Put the creek or the pond into the wash."""
    pool = _pool(site)
    if pool is not None:
        fill(site, pool)
    elif site.spec.water == "river":
        site.had.water = "river"
        _creek(site)


def _middle(y: np.ndarray) -> np.ndarray:
    return 26 * np.sin(y / 130.0) + 7 * np.sin(y / 41.0 + 1.0)


def _land(site: Site) -> Terrain:
    rng = site.seeds("land")
    px = 512 / (2 * _EXTENT)
    broad = fractal((512, 512), px, rng, 2.8, 700.0)
    ragged = fractal((512, 512), px, rng, 2.4, 160.0)
    high = _HIGH[site.spec.terrain.relief or "usual"]

    def shape(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        away = np.abs(x - _middle(y))
        opening = 46 + 0.16 * np.maximum(y, 0) + 26 * np.sin(y / 190.0 + 2) ** 2
        f = away / opening + 0.42 * broad * smoothstep(20, 120, away) + 0.22 * ragged
        f = f * smoothstep(14, 44, away)
        talus = 16 * smoothstep(0.55, 1.35, f) + 5 * smoothstep(0.2, 0.8, f)
        first = 0.45 * high * smoothstep(1.28, 1.42, f)
        second = 0.55 * high * smoothstep(1.95, 2.12, f + 0.15 * ragged)
        return talus + first + second + 1.2 * ragged * smoothstep(0.3, 1.0, f)

    def ledges(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        beds = 1.15 * np.sin(2 * np.pi * z / 8.5) + 0.45 * np.sin(2 * np.pi * z / 3.1 + 1)
        wash = np.abs(x - _middle(y))
        bank = 0.55 * smoothstep(3.2, 5.2, wash + 0.8 * np.sin(y / 5.0) + 0.5 * np.sin(y / 2.1))
        return z + beds * smoothstep(12, 22, z) + bank - 0.55

    pool = _pool(site)
    dug = (ledges,) if pool is None else (ledges, pool.dig)
    return replace(terrain(shape, _EXTENT, rng, 0.13, 14), dug=dug)


def _layers(site: Site) -> list[Layer]:
    seeds = site.seeds
    usual = ground.sand((206, 158, 108), seeds("sand"))
    sand = usual if site.spec.terrain.ground in (None, "sand") else cover(site, usual)
    gravel = ground.soil((176, 124, 86), seeds("gravel"))
    stone = ground.rock((186, 112, 74), seeds("stone"))
    pale = ground.soil((206, 172, 128), seeds("pale"))

    def rough(spot: Spot) -> np.ndarray:
        bare = 0.0 if site.spec.terrain.ground in (None, "sand") else 0.8
        return smoothstep(0.3 + bare, 1.1 + bare, spot.patches + 1.6 * spot.slope)

    def wash(spot: Spot) -> np.ndarray:
        away = np.abs(spot.x - _middle(spot.y))
        return 1 - smoothstep(3.0, 5.5, away + 0.8 * np.sin(spot.y / 5.0) + 0.6 * spot.patches)

    def steep(spot: Spot) -> np.ndarray:
        return smoothstep(0.55, 0.85, spot.slope + 0.1 * spot.patches)

    layers = [Layer(sand, everywhere), Layer(gravel, rough), Layer(pale, wash), Layer(stone, steep)]
    if site.snow_lies:
        white = ground.snow((236, 240, 247), seeds("snow"))
        layers.append(Layer(white, lambda spot: 1 - smoothstep(0.5, 0.9, spot.slope)))
    return layers


def _cliffs(site: Site) -> None:
    """Give what is steep a picture of beds of rock, seen from the side."""
    taken: list[Mesh] = []
    for ring in range(len(RINGS)):
        mesh = site.parts[f"ground_{ring}"][0]
        a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
        normal = np.cross(b - a, c - a)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        steep = (normal[:, 2] < 0.74) & (mesh.points[mesh.faces].mean(axis=1)[:, 2] > 7)
        site.parts[f"ground_{ring}"] = [Mesh(mesh.points, mesh.uv, mesh.faces[~steep])]
        sideways = np.abs(normal[:, 0]) > np.abs(normal[:, 1])
        for chosen, axis in ((steep & sideways, 1), (steep & ~sideways, 0)):
            if not chosen.any():
                continue
            used, faces = np.unique(mesh.faces[chosen], return_inverse=True)
            points = mesh.points[used]
            uv = np.stack([points[:, axis], points[:, 2]], -1) / _CLIFF_M
            taken.append(Mesh(points, uv, faces.reshape(-1, 3)))
    if taken:
        site.parts["cliff"] = taken
        site.materials["cliff"] = Material(_beds(site.seeds("beds")))


def _beds(rng: Generator) -> Texture:
    """Beds of sandstone: bands of red, buff and cream, streaked by rain and split by joints."""
    shape, scale = (1536, 1536), 1536 / _CLIFF_M
    z = (np.arange(1536, dtype=np.float32)[::-1] / scale)[:, None]
    bend = 0.5 * fractal(shape, scale, rng, 2.6, 30.0)
    hues = np.array(
        [
            (176, 92, 58),
            (198, 118, 76),
            (158, 80, 52),
            (214, 150, 104),
            (186, 104, 66),
            (222, 176, 132),
            (148, 76, 54),
            (202, 130, 88),
        ],
        np.float32,
    )
    cuts = np.cumsum(rng.uniform(0.5, 6.0, 80) * rng.choice([0.4, 1.0, 2.0], 80))
    bed = np.searchsorted(cuts, np.clip(z + bend, 0.0, cuts[-1] - 1e-3))
    color = hues[rng.integers(8, size=81)][bed] * rng.normal(1, 0.06, 81)[bed][..., None]
    fine = fractal((1536, 24), scale, rng, 1.0, 1.2)
    stripes = np.repeat(fine, 64, axis=1) * 0.6 + 0.5 * fractal(shape, scale, rng, 1.3, 2.5)
    color = color * (1 + 0.07 * stripes[..., None])
    streak = fractal((40, 1536), scale, rng, 1.3, 2.5)
    streak = np.repeat(streak, 39, axis=0)[:1536]
    varnish = smoothstep(0.6, 2.0, streak + 0.5 * fractal(shape, scale, rng, 2.0, 12.0))
    color = t.mix(color, (74, 46, 38), 0.5 * varnish)
    joint = smoothstep(1.5, 2.3, np.repeat(fractal((64, 1536), scale, rng, 0.9, 1.0), 24, axis=0))
    color = t.mix(color, (70, 40, 30), 0.55 * joint)
    edge = np.abs(np.diff(bed, axis=0, prepend=bed[:1])) > 0
    color = np.where(edge[..., None], color * 0.6, color)
    return t.finish(color * (1 + 0.05 * rng.standard_normal(shape)[..., None]), np.zeros(shape))


def _dry(places: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
    x, y, z = places.T
    away = np.abs(x - _middle(y))
    far = np.hypot(x - _EYE[0], y - _EYE[1])
    lucky = scattered(x, y)
    return (away > 5.5) & (far > 5) & (z < 60) & (lucky < np.where(far < 70, 0.75, 0.3))


def _boulders(site: Site, land: Terrain, free: Keep) -> None:
    rng = site.seeds("boulders")

    def lies(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        del wet
        return (
            0.12 + 0.3 * smoothstep(0.1, 0.5, slope) * (z < 40) + 0.12 * smoothstep(0.6, 1.4, clump)
        )

    near = spots(land, np.zeros(2), (0.0, 60.0), 2.6, lies, rng)
    near = near[(np.abs(near[:, 0] - _middle(near[:, 1])) > 3.5)]
    near = near[free(near)]
    near = near[np.hypot(near[:, 0] - _EYE[0], near[:, 1] - _EYE[1]) > 4]
    far = spots(land, np.zeros(2), (60.0, 300.0), 12.0, lies, rng)
    site.put(
        {
            "stone red": [
                rocks.stones(near, (0.1, 1.5), rng, 2),
                rocks.stones(far, (0.8, 5.0), rng, 1),
            ]
        }
    )
    site.materials["stone red"] = Material(ground.rock((180, 116, 80), site.seeds("stone red")))


def _creek(site: Site) -> None:
    y = np.linspace(-300, 400, 351)
    site.put({"water": [ribbon(_middle(y), y, _CREEK_HALF, -0.22)]})
    site.materials["water"] = water.still(site.seeds("water"), (88, 84, 60))
