"""A field of snow: wind-blown waves, a few snowy spruces, and mountains at the horizon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenegen.worlds import ground
from scenegen.worlds.ground import Layer, everywhere
from scenegen.worlds.growth import kinds_of, reeds, stalks, stones, woods
from scenegen.worlds.noise import fractal, smoothstep
from scenegen.worlds.placing import put, subject_first, wanted
from scenegen.worlds.settings.base import Site, cover, lay_ground
from scenegen.worlds.settings.country import settle, shape_of
from scenegen.worlds.spec import Kind
from scenegen.worlds.streams import fill
from scenegen.worlds.terrain import Dig
from scenegen.worlds.unbuilt import Scope

SCOPE = Scope()


def build(site: Site) -> None:
    """Build the field about its subject: a cabin, where the spec names nothing."""
    spec = site.spec
    lies = spec.terrain.snow_cover is not False
    ground_words = spec.terrain.model_copy(update={"snow_cover": lies})
    growth = spec.vegetation.model_copy(update={"density": spec.vegetation.density or "sparse"})
    update = {"season": spec.season or "winter", "terrain": ground_words, "vegetation": growth}
    site.spec = spec.model_copy(update=update)
    land = shape_of(site, 1.3, 190.0, 42.0)
    if site.snow_lies:
        land = replace(land, dug=(*land.dug, _blown(site)))
    usual: dict[Kind, int] = (
        {} if any(p.count != 0 for p in spec.props) else {"house": 1, "fence": 2}
    )
    country = settle(site, land, subject_first(site, wanted(site, usual), "house"), 12.0)
    lay_ground(site, country.land, _layers(site), np.array(country.middle))
    fill(site, country.water)
    put(site, country.land, country.places)
    keep = country.open(8.0, 6.0)
    woods(site, country.land, kinds_of(site, ("pine",)), keep, around=country.middle)
    if country.water is not None:
        reeds(site, country.land, country.water.outside, country.middle)
    stalks(site, country.land, country.open(0.4, 0.5), country.middle)
    stones(site, country.land, keep, 90.0, 0.05, (0.2, 1.4), country.middle)
    site.stand = country.stand


def _blown(site: Site) -> Dig:
    """Return the waves that wind leaves in snow, a hand high, steeper to the lee."""
    rng = site.seeds("waves")
    size = 512
    fold = fractal((size, size), size / 64, rng, 2.0, 3.0)

    def dig(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        u, v = 0.75 * x + 0.3 * y, 0.25 * (y - 0.4 * x)
        row, column = (v * size / 64).astype(int) % size, (u * size / 64).astype(int) % size
        phase = 1.9 * u + 2.2 * fold[row, column]
        crest = np.sin(phase + 0.5 * np.sin(phase))
        return z + 0.045 * crest * np.exp(-((np.hypot(x, y) / 60.0) ** 2))

    return dig


def _layers(site: Site) -> list[Layer]:
    seeds = site.seeds
    white = ground.snow((240, 243, 248), seeds("snow"))
    stone = ground.rock((120, 120, 124), seeds("stone"))
    turf = cover(site, ground.grass((126, 120, 82), seeds("turf")))
    return [
        Layer(white if site.snow_lies else turf, everywhere),
        Layer(stone, lambda s: smoothstep(0.75, 1.1, s.slope + 0.15 * s.patches)),
    ]
