"""A valley between mountains: meadow, forest up to the tree line, rock, snow, a river."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from scenegen.worlds import ground, water
from scenegen.worlds.ground import Layer, Spot, everywhere
from scenegen.worlds.growth import Keep, Shore, both, kinds_of, meadow, reeds, stones, woods
from scenegen.worlds.noise import fractal, smoothstep
from scenegen.worlds.placing import Place, apart, plan, plots, put, subject_first, wanted
from scenegen.worlds.settings.base import Site, cover, lay_ground
from scenegen.worlds.spec import Relief
from scenegen.worlds.streams import Pool, fill, ribbon
from scenegen.worlds.terrain import Terrain, terrain
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.world import Stand

SCOPE = Scope()

_EXTENT = 2000.0
_TREE_LINE, _SNOW_LINE = 330.0, 470.0
"""Heights in metres above which no tree grows, and snow lies all year."""

_RIVER_HALF, _LEVEL, _RIVER_ENDS = 5.5, -0.6, 420.0
"""Half the river's width, the height of its water, and how far it reaches along Y, in metres."""


_RISE: dict[Relief, float] = {"flat": 0.12, "rolling": 0.3, "hilly": 0.55, "mountainous": 1.0}
"""How high the mountains are beside the usual ones."""


def build(site: Site) -> None:
    """Build the valley about the spot where its river is crossed, or about its lake's shore."""
    land = _land(site)
    subject = (float(_river_x(np.array(4.0))), 4.0)
    aside = (float(_river_x(np.array(-26.0))) + 9.5, -26.0)
    places = _places(site, land, subject, aside)
    land = plots(land, places)
    lay_ground(site, land, _layers(site), np.zeros(2))
    _fill(site)
    put(site, land, places)
    free, shore = apart(places), _shore(site)
    woods(site, land, kinds_of(site, ("pine",)), both(_out_of_view(shore), free), _TREE_LINE)
    meadow(site, land, both(_off(shore, 0.8), apart(places, 0.0)), 30.0)
    reeds(site, land, shore)
    stones(site, land, lambda at: shore(at[:, 0], at[:, 1]) < 6.6, 70.0, 0.25, (0.12, 1.3))
    x, y = aside
    eye = np.array([x, y, land.spot(x, y) + 2.2])
    site.stand = Stand(eye, np.array([*subject, _LEVEL + 1.5]), 12.0)


def _places(
    site: Site, land: Terrain, subject: tuple[float, float], eye: tuple[float, float]
) -> list[Place]:
    """Return where the spec's things stand: a bridge over the river, the rest on its banks."""
    props, rng = subject_first(site, wanted(site, {}, ("pier",))), site.seeds("places")
    bridges = [prop for prop in props if prop.kind == "bridge"]
    over = [Place(bridges[0], *subject, 0.0)] if bridges and _has_river(site) else []
    rest = [prop for prop in props if prop.kind != "bridge"]
    shore = _shore(site)

    def free(at: Float[np.ndarray, "n 3"], radius: float) -> Bool[np.ndarray, "n"]:
        return shore(at[:, 0], at[:, 1]) > max(2.0, 0.7 * radius)

    return plan(rest, land, subject, eye, free, rng, over)


def _has_river(site: Site) -> bool:
    return site.spec.water in (None, "river", "sea")


def _pool(site: Site) -> Pool | None:
    """Return the lake or pond that lies where else the river runs."""
    far = {"lake": (62.0, 58.0), "pond": (16.0, 11.0)}.get(site.spec.water or "")
    return Pool(_LEVEL, float(_river_x(np.array(4.0))), *far) if far else None


def _shore(site: Site) -> Shore:
    """Return how far places are from the water; where there is none, all are far."""
    pool = _pool(site)
    if pool is not None:
        return pool.outside
    if _has_river(site):
        return lambda x, y: np.abs(x - _river_x(y)) - _RIVER_HALF
    return lambda x, _: np.full_like(x, 1e3)


def _river_x(y: np.ndarray) -> np.ndarray:
    return 16 * np.sin(y / 70.0) + 5 * np.sin(y / 23.0 + 1.0) - 5 * np.sin(1.0)


def _land(site: Site) -> Terrain:
    rng = site.seeds("land")
    px = 512 / (2 * _EXTENT)
    broad = fractal((512, 512), px, rng, 2.7, 1500.0)
    ridges = 1 - np.abs(fractal((512, 512), px, rng, 2.5, 700.0))

    high = _RISE[site.spec.terrain.relief or "mountainous"]

    def shape(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        away = np.abs(x - 0.3 * _river_x(y))
        rise = np.maximum(smoothstep(55, 1300, away), 0.8 * smoothstep(500, 1900, y))
        height = 900 * rise**1.25 + 170 * rise * ridges
        return high * (height + 90 * smoothstep(60, 700, away) * broad)

    def bed(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        away = np.abs(x - _river_x(y)) / _RIVER_HALF
        floor = _LEVEL - 1.1 + 1.3 * np.clip(away, 0, None) ** 2
        here = (away < 4) & (np.abs(y) < _RIVER_ENDS)
        return np.where(here, np.minimum(z, np.maximum(floor, _LEVEL - 1.1)), z)

    land = terrain(shape, _EXTENT, rng, roughness_m=0.10, worn=50)
    pool = _pool(site)
    if pool is not None:
        return replace(land, dug=(pool.dig,))
    return replace(land, dug=(bed,)) if _has_river(site) else land


def _layers(site: Site) -> list[Layer]:
    spec, seeds = site.spec, site.seeds
    green = {"spring": (98, 136, 56), "autumn": (142, 128, 62), "winter": (118, 116, 78)}
    turf = cover(site, ground.grass(green.get(spec.season or "", (88, 122, 50)), seeds("turf")))
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

    away = _shore(site)

    def wet(spot: Spot) -> np.ndarray:
        return 1 - smoothstep(-0.5, 2.5, away(spot.x, spot.y) + spot.patches)

    layers = [Layer(turf, everywhere), Layer(floor, wooded), Layer(stone, steep)]
    return [*layers, Layer(bank, wet), Layer(white, snowy)]


def _fill(site: Site) -> None:
    """Put the valley's water into it."""
    if (pool := _pool(site)) is not None:
        fill(site, pool)
        return
    if not _has_river(site):
        return
    site.had.water = "river"
    y = np.linspace(-_RIVER_ENDS, _RIVER_ENDS, 421)
    site.put({"water": [ribbon(_river_x(y), y, 1.15 * _RIVER_HALF, _LEVEL)]})
    site.materials["water"] = water.still(site.seeds("water"))


def _off(shore: Shore, least: float) -> Keep:
    return lambda places: shore(places[:, 0], places[:, 1]) > least


def _out_of_view(shore: Shore) -> Keep:
    """Leave the view along the water open."""
    dry = _off(shore, 0.8)

    def keep(places: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        x, y, _ = places.T
        aside = np.abs(x - _river_x(np.clip(y, -60, 60))) > 12 + 0.1 * np.abs(y)
        return dry(places) & (aside | (y > 260))

    return keep
