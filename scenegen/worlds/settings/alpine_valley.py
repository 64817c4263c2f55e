"""A valley between mountains: meadow, forest up to the tree line, rock, snow, a river."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy.random import Generator

from scenegen.worlds import ground, plants, rocks
from scenegen.worlds import textures as t
from scenegen.worlds.ground import Layer, Spot, everywhere
from scenegen.worlds.mesh import Mesh
from scenegen.worlds.noise import fractal, smoothstep
from scenegen.worlds.scatter import spots
from scenegen.worlds.settings.base import Site, lay_ground
from scenegen.worlds.terrain import Terrain, terrain
from scenegen.worlds.world import Material, Stand, placed

_EXTENT = 2000.0
_TREE_LINE, _SNOW_LINE = 330.0, 470.0
_RIVER_HALF, _LEVEL = 5.5, -0.6
_RIVER_ENDS = 420.0
"""Half the river's width, and the height of its water, in metres."""


def build(site: Site) -> None:
    """Build the valley about the spot where its river is crossed."""
    land = _land(site)
    lay_ground(site, land, _layers(site), np.zeros(2))
    if _has_river(site):
        _river(site)
    _forest(site, land)
    _meadow(site, land)
    x, y = float(_river_x(np.array(-26.0))) + 9.5, -26.0
    eye = np.array([x, y, land.spot(x, y) + 2.2])
    site.stand = Stand(eye, np.array([float(_river_x(np.array(4.0))), 4.0, _LEVEL + 1.5]), 12.0)


def _has_river(site: Site) -> bool:
    return site.spec.water in (None, "river")


def _river_x(y: np.ndarray) -> np.ndarray:
    return 16 * np.sin(y / 70.0) + 5 * np.sin(y / 23.0 + 1.0) - 5 * np.sin(1.0)


def _land(site: Site) -> Terrain:
    rng = site.seeds("land")
    px = 512 / (2 * _EXTENT)
    broad = fractal((512, 512), px, rng, 2.7, 1500.0)
    ridges = 1 - np.abs(fractal((512, 512), px, rng, 2.5, 700.0))

    def shape(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        away = np.abs(x - 0.3 * _river_x(y))
        rise = np.maximum(smoothstep(55, 1300, away), 0.8 * smoothstep(500, 1900, y))
        height = 900 * rise**1.25 + 170 * rise * ridges
        return height + 90 * smoothstep(60, 700, away) * broad

    def bed(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        away = np.abs(x - _river_x(y)) / _RIVER_HALF
        floor = _LEVEL - 1.1 + 1.3 * np.clip(away, 0, None) ** 2
        here = (away < 4) & (np.abs(y) < _RIVER_ENDS)
        return np.where(here, np.minimum(z, np.maximum(floor, _LEVEL - 1.1)), z)

    land = terrain(shape, _EXTENT, rng, roughness_m=0.10, worn=50)
    return replace(land, dug=(bed,)) if _has_river(site) else land


def _layers(site: Site) -> list[Layer]:
    spec, seeds = site.spec, site.seeds
    green = {"spring": (98, 136, 56), "autumn": (142, 128, 62), "winter": (118, 116, 78)}
    turf = ground.grass(green.get(spec.season or "", (88, 122, 50)), seeds("turf"))
    stone = ground.rock((138, 134, 130), seeds("stone"))
    floor = ground.litter((92, 74, 50), seeds("litter"))
    white = ground.snow((236, 240, 247), seeds("snow"))
    bank = ground.soil((128, 116, 98), seeds("bank"))

    def wooded(spot: Spot) -> np.ndarray:
        return 0.75 * smoothstep(8, 40, spot.z) * smoothstep(-0.6, 0.4, spot.patches)

    def steep(spot: Spot) -> np.ndarray:
        high = 0.4 * smoothstep(_TREE_LINE - 60, _TREE_LINE + 120, spot.z)
        return smoothstep(0.75, 1.05, spot.slope + high + 0.12 * spot.patches)

    def snowy(spot: Spot) -> np.ndarray:
        line = -1e4 if site.snow_lies else _SNOW_LINE
        flat = 1 - smoothstep(0.8, 1.4, spot.slope)
        return smoothstep(line - 40, line + 60, spot.z + 45 * spot.patches) * flat

    def shore(spot: Spot) -> np.ndarray:
        away = np.abs(spot.x - _river_x(spot.y))
        return 1 - smoothstep(_RIVER_HALF - 0.5, _RIVER_HALF + 2.5, away + spot.patches)

    layers = [Layer(turf, everywhere), Layer(floor, wooded), Layer(stone, steep)]
    if _has_river(site):
        layers.append(Layer(bank, shore))
    return [*layers, Layer(white, snowy)]


def _river(site: Site) -> None:
    y = np.linspace(-_RIVER_ENDS, _RIVER_ENDS, 421)
    middle = _river_x(y)
    half = 1.15 * _RIVER_HALF
    points, uv = [], []
    for side in (-1, 1):
        points.append(np.stack([middle + side * half, y, np.full_like(y, _LEVEL)], -1))
        uv.append(np.stack([np.full_like(y, 0.5 + 0.5 * side), y / (2 * half)], -1))
    a = np.arange(len(y) - 1)
    b = a + len(y)
    faces = np.concatenate([np.stack([a, b, b + 1], -1), np.stack([a, b + 1, a + 1], -1)])
    site.parts["water"] = [Mesh(np.concatenate(points), np.concatenate(uv), faces)]
    site.materials["water"] = Material(_water(site.seeds("water")), "water")


def _water(rng: Generator) -> t.Texture:
    shape = (512, 512)
    mottle = fractal(shape, 512 / 12, rng, 2.0, 0.8)
    color = np.array([38, 74, 70]) * (1 + 0.2 * mottle[..., None])
    ripples = 0.012 * fractal(shape, 512 / 12, rng, 1.6, 0.7)
    return t.finish(color, ripples)


def _bark(site: Site) -> t.Texture:
    return t.wood((2.0, 2.0), 120, site.seeds("bark"), (104, 84, 66), 0.5)


def _forest(site: Site, land: Terrain) -> None:
    site.materials["bark"] = Material(_bark(site))
    site.materials["leaf"] = Material(t.leaves(40, 16, site.seeds("leaves")), "leaf")
    if site.spec.vegetation.density == "none" or "pine" in site.spec.vegetation.without:
        return
    thick = {"sparse": 0.25, "some": 0.7, "dense": 1.4}[site.spec.vegetation.density or "some"]

    def grows(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        line = 1 - smoothstep(_TREE_LINE - 80, _TREE_LINE + 30, z + 25 * clump)
        return (
            thick
            * line
            * (1 - smoothstep(0.9, 1.3, slope))
            * smoothstep(-0.9, 0.6, clump)
            * (1 - 0.5 * wet)
        )

    grades: tuple[tuple[plants.Detail, float, float, float, int], ...] = (
        ("near", 7.0, 36.0, 5.0, 5), ("middle", 36.0, 150.0, 5.5, 5), ("far", 150.0, 800.0, 13.0, 6),
    )  # fmt: skip
    for detail, inner, outer, spacing, kinds in grades:
        rng = site.seeds(f"forest {detail}")
        models = [
            plants.pine(1.0 * h, rng, detail, site.snow_lies) for h in rng.uniform(8, 17, kinds)
        ]
        places = spots(land, np.zeros(2), (inner, outer), spacing, grows, rng)
        places = places[_away_from_river(places) > _RIVER_HALF + 4]
        for k, place in enumerate(_in_view(places)):
            size = float(rng.uniform(0.75, 1.2))
            site.put(placed(models[k % kinds], place, float(rng.uniform(0, 360)), size))


def _in_view(places: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "m 3"]:
    """Leave the view along the river open."""
    x, y, _ = places.T
    return places[(np.abs(x - _river_x(np.clip(y, -60, 60))) > 12 + 0.1 * np.abs(y)) | (y > 260)]


def _away_from_river(places: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
    return np.abs(places[:, 0] - _river_x(places[:, 1]))


def _meadow(site: Site, land: Terrain) -> None:
    rng = site.seeds("meadow")
    site.materials["stone"] = Material(ground.rock((142, 138, 132), site.seeds("boulders")))

    def lies(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        del z, slope, wet
        return 0.25 * smoothstep(0.2, 1.5, clump)

    places = spots(land, np.zeros(2), (0.0, 70.0), 2.2, lies, rng)
    near_river = _away_from_river(places) < 2.2 * _RIVER_HALF
    chosen = places[near_river | (rng.random(len(places)) < 0.15)]
    site.put({"stone": [rocks.stones(chosen, (0.12, 1.3), rng, 2)]})
    if site.snow_lies or site.spec.vegetation.density == "none":
        return

    def blades(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        del z, slope, wet
        return 0.35 + 0.4 * smoothstep(-0.5, 1.0, clump)

    grass = spots(land, np.zeros(2), (0.0, 34.0), 0.33, blades, rng)
    grass = grass[_away_from_river(grass) > _RIVER_HALF + 0.8]
    flowers = grass[rng.random(len(grass)) < (0.10 if site.spec.season != "autumn" else 0.02)]
    leaf = [plants.tufts(grass, 0.24, t.GRASS, rng)]
    for row in (t.YELLOW_FLOWER, t.WHITE_FLOWER, t.BLUE_FLOWER):
        some = flowers[rng.random(len(flowers)) < 0.33]
        leaf.append(plants.blossoms(some, 0.26, row, rng))
    site.put({"leaf": leaf})
