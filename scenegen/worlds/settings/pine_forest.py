"""A forest of pines: bare stems over needles and moss, with a clearing where the subject is."""

from __future__ import annotations

import numpy as np

from scenegen.worlds import ground, plants
from scenegen.worlds import textures as t
from scenegen.worlds.ground import Layer, everywhere
from scenegen.worlds.growth import Grade, Habit, kinds_of, reeds, stones, woods
from scenegen.worlds.mesh import Mesh, tube
from scenegen.worlds.noise import smoothstep
from scenegen.worlds.placing import put, subject_first, wanted
from scenegen.worlds.scatter import Chance, spots
from scenegen.worlds.settings.base import Site, cover, lay_ground
from scenegen.worlds.settings.country import Country, settle, shape_of
from scenegen.worlds.streams import fill
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.world import placed

SCOPE = Scope()

_GRADES: tuple[Grade, ...] = (
    ("near", 3.0, 18.0, 3.4, 6),
    ("middle", 18.0, 44.0, 4.0, 6),
    ("far", 44.0, 160.0, 5.5, 6),
    ("far", 160.0, 420.0, 15.0, 5),
)
_TRAIL = 1.3
"""Half the width in metres of the trail that leads to the subject."""


def build(site: Site) -> None:
    """Build the forest about its clearing."""
    words = site.spec.vegetation
    words = words.model_copy(update={"density": words.density or "dense"})
    site.spec = site.spec.model_copy(update={"vegetation": words})
    land = shape_of(site, 1.5, 40.0, 32.0)
    country = settle(site, land, subject_first(site, wanted(site, {})), 10.0)
    lay_ground(site, country.land, _layers(site, country), np.array(country.middle))
    fill(site, country.water)
    put(site, country.land, country.places)
    clearing = 7.0 if country.places else 3.0
    keep = country.open(3.2, clearing)
    trees = kinds_of(site, ("pine", "pine", "pine", "birch"))
    woods(
        site,
        country.land,
        trees,
        keep,
        habit=Habit(_GRADES, crowns=(0.22, 0.5)),
        around=country.middle,
    )
    if country.water is not None:
        reeds(site, country.land, country.water.outside, country.middle)
    if site.spec.vegetation.density != "none":
        _floor(site, country)
    site.stand = country.stand


def _layers(site: Site, country: Country) -> list[Layer]:
    seeds = site.seeds
    floor = cover(site, ground.litter((104, 80, 52), seeds("litter")))
    mossy = 0.85 if site.spec.terrain.ground in (None, "grass", "soil") else 0.0
    moss = ground.grass((74, 96, 40), seeds("moss"))
    path = ground.soil((124, 98, 70), seeds("path"))
    white = ground.snow((236, 240, 247), seeds("snow"))
    layers = [
        Layer(floor, everywhere),
        Layer(moss, lambda s: mossy * smoothstep(-0.1, 0.7, s.patches)),
        Layer(path, lambda s: 0.9 * _on_trail(s.x, s.y, country, s.patches)),
    ]
    if site.snow_lies:
        layers.append(Layer(white, lambda s: smoothstep(-1.0, -0.4, s.patches)))
    return layers


def _on_trail(x: np.ndarray, y: np.ndarray, country: Country, uneven: np.ndarray) -> np.ndarray:
    """Return 1 on the trail from behind the eye to the subject and on past it."""
    ahead = -np.array(country.eye) / np.hypot(*country.eye)
    along = x * ahead[0] + y * ahead[1]
    aside = (
        x * ahead[1] - y * ahead[0] + 2.2 * np.sin(along / 9.0) * smoothstep(0, 12, np.abs(along))
    )
    return 1 - smoothstep(_TRAIL - 0.5, _TRAIL + 0.5, np.abs(aside) + 0.35 * uneven)


def _floor(site: Site, country: Country) -> None:
    """Strew what lies and grows below the trees: stones, logs, ferns, saplings."""
    land, rng = country.land, site.seeds("floor")
    keep = country.open(1.7, 2.5)
    stones(site, land, keep, 60.0, 0.22, (0.15, 1.6), country.middle)

    def often(share: float) -> Chance:
        def chance(
            z: np.ndarray, slope: np.ndarray, wet: np.ndarray, clump: np.ndarray
        ) -> np.ndarray:
            del z, slope, wet
            return share * smoothstep(-0.4, 1.2, clump)

        return chance

    def strewn(reach: float, spacing: float, share: float) -> np.ndarray:
        places = spots(land, np.array(country.middle), (0, reach), spacing, often(share), rng)
        return places[keep(places)]

    for place in strewn(42, 9.0, 0.5):
        site.put(placed({"bark": [_log(rng)]}, place, float(rng.uniform(0, 360))))
    if site.snow_lies:
        return
    without = site.spec.vegetation.without
    ferns, tufts = strewn(38, 1.15, 0.62), strewn(30, 0.5, 0.6)
    if "bush" not in without:
        site.put({"leaf": [_ferns(ferns, rng)]})
    if len(tufts) and "grass" not in without:
        site.had.grown.add("grass")
        site.put({"leaf": [plants.tufts(tufts, 0.16, t.GRASS, rng, 6)]})


def _log(rng: np.random.Generator) -> Mesh:
    """Return a fallen stem, half sunk."""
    long, thick = float(rng.uniform(2.5, 6.5)), float(rng.uniform(0.12, 0.24))
    x = np.linspace(-long / 2, long / 2, 6)
    line = np.stack(
        [x, np.cumsum(rng.normal(0, 0.05, 6)), 0.6 * thick + rng.normal(0, 0.02, 6)], -1
    )
    radii = np.linspace(thick, 0.65 * thick, 6)
    radii[[0, -1]] *= [0.96, 0.7]
    return tube(line, radii, 10, (0, 0, 0.5, long / 2))


def _ferns(places: np.ndarray, rng: np.random.Generator) -> Mesh:
    """Return ferns: a rosette of fronds each, whose leaflets get shorter outward."""
    fronds, leaflets = 7, 9
    count = len(places) * fronds
    foot = np.repeat(places, fronds, axis=0)
    angle = rng.uniform(0, 2 * np.pi, count)
    out = np.stack([np.cos(angle), np.sin(angle), 0 * angle], -1)
    long = np.repeat(rng.uniform(0.35, 0.75, len(places)), fronds) * rng.uniform(0.75, 1.1, count)
    at, ways, sizes = [], [], []
    for k in range(leaflets):
        s = (k + 0.6) / leaflets
        spot = foot + (long * s * 0.8)[:, None] * out
        spot[:, 2] += long * (1.0 * s - 0.75 * s**2)
        for side in (-1.0, 1.0):
            across = np.stack([-out[:, 1], out[:, 0], 0 * angle], -1) * side
            at.append(spot)
            ways.append(0.9 * across + 0.45 * out - [0, 0, 0.15])
            sizes.append(0.32 * long * (1.05 - s))
    ways_ = np.concatenate(ways)
    ways_ /= np.linalg.norm(ways_, axis=1, keepdims=True)
    return plants.blades(np.concatenate(at), ways_, np.concatenate(sizes), 0.2, t.BUSH, rng, 0.2)
