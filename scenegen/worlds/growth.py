"""Woods and meadows: plants of a spec over a terrain, in the detail that their distance needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy.random import Generator

from scenegen.worlds import plants, rocks
from scenegen.worlds import textures as t
from scenegen.worlds.noise import smoothstep
from scenegen.worlds.scatter import spots
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Plant
from scenegen.worlds.terrain import Terrain
from scenegen.worlds.world import Parts, placed

Keep = Callable[[Float[np.ndarray, "n 3"]], Bool[np.ndarray, "n"]]
"""Which places may be grown over: rivers, roads, plots and the camera's view may not."""


def both(first: Keep, second: Keep) -> Keep:
    """Return what keeps only the places that two filters keep."""
    return lambda places: first(places) & second(places)


Shore = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Metres from the water's edge of places (x, y); negative in the water."""

_COVER = {"none": 0.0, "sparse": 0.45, "some": 1.0, "dense": 1.0}
"""Share of a meadow that is grown over."""

_THICK = {"none": 0.0, "sparse": 0.25, "some": 0.7, "dense": 1.4}
"""How likely a tree stands where one could, before slope and clumps count."""

Grade = tuple[plants.Detail, float, float, float, int]
_GRADES: tuple[Grade, ...] = (
    ("near", 7.0, 30.0, 5.0, 5),
    ("middle", 30.0, 95.0, 5.5, 5),
    ("far", 95.0, 260.0, 11.0, 6),
    ("far", 260.0, 800.0, 19.0, 6),
)
"""Detail, from and to how many metres, how many metres apart, and of how many models."""


def kinds_of(site: Site, usual: Sequence[Plant]) -> tuple[Plant, ...]:
    """Return what trees grow: as the spec states, or else what is usual, less what it forbids."""
    words = site.spec.vegetation
    stated: list[Plant] = [kind for kind in words.kinds if kind in plants.TREES]
    return tuple(kind for kind in stated or usual if kind not in words.without)


@dataclass(frozen=True)
class Habit:
    """How a wood stands.

    ``crowns`` is between which shares of its height a pine has no branches; ``clumpy`` is how
    dense the densest clump must be to be full: greater is more open.
    """

    grades: Sequence[Grade] = _GRADES
    crowns: tuple[float, float] = (0.05, 0.14)
    clumpy: float = 0.6


USUAL = Habit()


def woods(
    site: Site, land: Terrain, trees: Sequence[Plant], keep: Keep, line_m: float = 1e9,
    habit: Habit = USUAL, around: Sequence[float] = (0.0, 0.0),
) -> None:  # fmt: skip
    """Grow trees about a place, up to the height of the tree line."""
    grades, crowns, clumpy = habit.grades, habit.crowns, habit.clumpy
    density = site.spec.vegetation.density or "some"
    if density == "none" or not trees:
        return
    site.had.grown.update(trees)

    def grows(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        low = 1 - smoothstep(line_m - 80, line_m + 30, z + 25 * clump)
        steep = smoothstep(0.9, 1.3, slope)
        return (
            _THICK[density] * low * (1 - steep) * smoothstep(-0.9, clumpy, clump) * (1 - 0.5 * wet)
        )

    for detail, inner, outer, spacing, count in grades:
        rng = site.seeds(f"woods {detail} {inner:.0f}")
        models = [_tree(site, trees[k % len(trees)], rng, detail, crowns) for k in range(count)]
        places = spots(land, np.array(around), (inner, outer), spacing, grows, rng)
        for place in places[keep(places)]:
            model = models[int(rng.integers(count))]
            size, turn = float(rng.uniform(0.75, 1.2)), float(rng.uniform(0, 360))
            site.put(placed(model, place, turn, size))


def meadow(
    site: Site, land: Terrain, keep: Keep, reach: float = 34.0, height: float = 0.24,
    around: Sequence[float] = (0.0, 0.0),
) -> None:  # fmt: skip
    """Grow grass and flowers about a place, unless snow lies, nothing grows, or it is bare."""
    words = site.spec.vegetation
    bare = site.spec.terrain.ground in ("sand", "rock") and not {"grass", "flowers"} & {
        *words.kinds
    }
    if site.snow_lies or words.density == "none" or "grass" in words.without or bare:
        return
    rng = site.seeds("meadow")
    grass = spots(land, np.array(around), (0.0, reach), 0.33, _patchy, rng)
    grass = grass[keep(grass)]
    grass = grass[rng.random(len(grass)) < _COVER[words.density or "some"]]
    leaf = [plants.tufts(grass, height, t.GRASS, rng)]
    bloom = {"spring": 0.16, "summer": 0.10}.get(site.spec.season or "summer", 0.02)
    bloom = 0.3 if "flowers" in words.kinds else bloom
    flowers = grass[rng.random(len(grass)) < (0.0 if "flowers" in words.without else bloom)]
    for row in (t.YELLOW_FLOWER, t.WHITE_FLOWER, t.BLUE_FLOWER):
        some = flowers[rng.random(len(flowers)) < 0.33]
        if len(some):
            leaf.append(plants.blossoms(some, 1.1 * height, row, rng))
    if len(grass):
        site.had.grown.update(("grass", "flowers") if len(leaf) > 1 else ("grass",))
    site.put({"leaf": leaf})


def reeds(site: Site, land: Terrain, outside: Shore, around: Sequence[float] = (0.0, 0.0)) -> None:
    """Grow reeds at the water's edge, ``outside`` metres from it, where the spec has them."""
    words = site.spec.vegetation
    if "reeds" not in words.kinds or "reeds" in words.without or words.density == "none":
        return
    rng = site.seeds("reeds")
    places = spots(land, np.array(around), (2.0, 60.0), 0.32, _patchy, rng)
    away = outside(places[:, 0], places[:, 1])
    clumps = np.sin(places[:, 0] / 2.3) + np.sin(places[:, 1] / 3.1 + 1) > -0.4
    places = places[(away > -0.9) & (away < 0.8) & clumps]
    if len(places):
        row = t.STRAW if site.spec.season in ("autumn", "winter") else t.REED
        site.had.grown.add("reeds")
        site.put({"leaf": [plants.tufts(places, 1.35, row, rng, 9)]})


def stones(
    site: Site, land: Terrain, keep: Keep, reach: float, share: float, size: tuple[float, float],
    around: Sequence[float] = (0.0, 0.0),
) -> None:  # fmt: skip
    """Strew stones (smallest, largest in metres) about a place, in clumps."""

    def lies(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        del z, slope, wet
        return share * smoothstep(0.2, 1.5, clump)

    rng = site.seeds("stones")
    places = spots(land, np.array(around), (0.0, reach), 2.2, lies, rng)
    site.put({"rock": [rocks.stones(places[keep(places)], size, rng, 2)]})


def pebbles(
    site: Site, land: Terrain, keep: Keep, name: str, around: Sequence[float] = (0.0, 0.0)
) -> None:
    """Strew pebbles of a stone by name about a place, many small ones and few large."""
    rng = site.seeds("pebbles")
    places = spots(land, np.array(around), (0.0, 20.0), 0.42, _patchy, rng)
    places = places[rng.random(len(places)) < 0.55]
    places = places[keep(places)]
    large = rng.random(len(places)) < 0.06
    site.put({name: [
        rocks.stones(places[~large], (0.015, 0.06), rng, 0),
        rocks.stones(places[large], (0.06, 0.22), rng, 1),
    ]})  # fmt: skip


def stalks(site: Site, land: Terrain, keep: Keep, around: Sequence[float] = (0.0, 0.0)) -> None:
    """Let dry stalks stand out of the snow in clumps, unless nothing grows."""
    words = site.spec.vegetation
    if words.density == "none" or "grass" in words.without:
        return
    rng = site.seeds("stalks")

    def grows(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
        del z, slope, wet
        return 0.5 * smoothstep(0.5, 1.4, clump)

    places = spots(land, np.array(around), (0.0, 40.0), 0.5, grows, rng)
    site.put({"leaf": [plants.tufts(places[keep(places)], 0.34, t.STRAW, rng, 5)]})


def _patchy(z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray) -> np.ndarray:
    del z, slope, wet
    return 0.35 + 0.4 * smoothstep(-0.5, 1.0, clump)


def _tree(
    site: Site, kind: Plant, rng: Generator, detail: plants.Detail, crowns: tuple[float, float]
) -> Parts:
    return plants.tree(kind, rng, detail, site.spec.season or "summer", site.snow_lies, crowns)
