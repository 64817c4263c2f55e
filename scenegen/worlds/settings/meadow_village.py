"""A village in meadows: houses along a lane that leads to its church, fields and woods beyond."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from scenegen.worlds import ground
from scenegen.worlds.ground import Layer, Spot, Weight, everywhere
from scenegen.worlds.growth import Habit, Keep, both, kinds_of, meadow, reeds, stones, woods
from scenegen.worlds.noise import smoothstep
from scenegen.worlds.placing import Place, facing, put, subject_first, wanted
from scenegen.worlds.settings.base import Site, cover, lay_ground
from scenegen.worlds.settings.country import Country, settle, shape_of
from scenegen.worlds.spec import Kind, Prop
from scenegen.worlds.streams import fill
from scenegen.worlds.unbuilt import Scope

SCOPE = Scope()

_USUAL: dict[Kind, int] = {"church": 1, "house": 7, "fence": 4, "well": 1, "cart": 1, "bench": 1}
_HALF = 1.9
"""Half the width of the lane, in metres."""


def build(site: Site) -> None:
    """Build the village about what it is known for: its church, where the spec names nothing."""
    land = shape_of(site, 1.6, 95.0, 55.0)
    fixed, rest = _along_the_lane(site, subject_first(site, wanted(site, _USUAL), "church"))
    country = settle(site, land, rest, 16.0, fixed, swing_deg=3.0, beside=36.0)
    lay_ground(site, country.land, _layers(site, country), np.array(country.middle))
    fill(site, country.water)
    put(site, country.land, country.places)
    keep = country.open(4.5, 4.0, 1.2)
    usual = ("broadleaf", "broadleaf", "birch", "bush")
    woods(
        site,
        country.land,
        kinds_of(site, usual),
        both(keep, _off_the_lane(3.0)),
        habit=Habit(clumpy=1.9),
        around=country.middle,
    )
    meadow(
        site,
        country.land,
        both(country.open(0.1, 0.5), _off_the_lane(_HALF + 0.1)),
        36.0,
        0.2,
        country.middle,
    )
    if country.water is not None:
        reeds(site, country.land, country.water.outside, country.middle)
    stones(site, country.land, _off_the_lane(_HALF), 40.0, 0.03, (0.08, 0.4), country.middle)
    site.stand = country.stand


_SLOTS = (
    (-12.0, -26.0), (13.5, -30.0), (-23.0, -7.0), (27.0, -9.0), (27.5, 11.0), (-22.0, 15.0),
    (27.0, 30.0), (-14.0, 37.0), (3.0, 46.0), (-36.0, 4.0), (44.0, 2.0), (-36.0, 30.0),
)  # fmt: skip
"""Where houses stand about the place before the church, in metres."""


def _lane(y: np.ndarray) -> np.ndarray:
    """Return x of the lane's middle: it comes up from the south and goes around the church."""
    return 1.2 * np.sin(y / 11.0) + 15.0 * smoothstep(-30.0, 0.0, y) + 6 * np.sin(y / 60.0) ** 2


def _along_the_lane(site: Site, props: list[Prop]) -> tuple[list[Place], list[Prop]]:
    """Return the subject's and the houses' places, and the props that are left.

    A pier is never the subject's: it needs the lake's shore. A bridge lies square over its river,
    which runs where the houses would stand.
    """
    rng = site.seeds("lane")
    first = next((k for k, prop in enumerate(props) if prop.kind != "pier"), None)
    if first is None:
        return [], props
    bridge = props[first].kind == "bridge"
    slant = float(rng.uniform(12, 26))
    made, rest = [Place(props[first], 0.0, 0.0, 0.0 if bridge else -slant)], []
    slots = [] if bridge else list(_SLOTS)
    for prop in (*props[:first], *props[first + 1 :]):
        if prop.kind == "house" and slots:
            x, y = np.array(slots.pop(0)) + rng.uniform(-1.3, 1.3, 2)
            front = facing(x, y, (float(_lane(np.array(0.7 * y - 4))), 0.7 * y - 4))
            made.append(Place(prop, float(x), float(y), front + float(rng.uniform(-12, 12))))
        else:
            rest.append(prop)
    return made, rest


def _off_the_lane(least: float) -> Keep:
    def keep(places: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        return np.abs(places[:, 0] - _lane(places[:, 1])) > least

    return keep


def _layers(site: Site, country: Country) -> list[Layer]:
    seeds, season = site.seeds, site.spec.season or "summer"
    green = {"spring": (98, 140, 56), "autumn": (136, 128, 62), "winter": (116, 114, 78)}
    turf = cover(site, ground.grass(green.get(season, (86, 126, 50)), seeds("turf")))
    earth = ground.soil((150, 128, 98), seeds("lane earth"))
    wheat = ground.grass((186, 160, 84), seeds("wheat"))
    fallow = ground.soil((116, 92, 66), seeds("fallow"))
    bank = ground.soil((122, 108, 88), seeds("bank"))

    def lane(spot: Spot) -> np.ndarray:
        aside = np.abs(spot.x - _lane(spot.y))
        near = 1 - smoothstep(160, 220, np.abs(spot.y))
        verge = 1 - smoothstep(_HALF - 0.6, _HALF + 0.5, aside + 0.35 * spot.patches)
        ruts = 1 - 0.35 * (1 - smoothstep(0.15, 0.45, aside)) * smoothstep(-0.5, 0.8, spot.patches)
        return verge * near * ruts

    def square(spot: Spot) -> np.ndarray:
        worn = np.zeros_like(spot.x)
        for p in country.places:
            here = np.hypot(spot.x - p.x, spot.y - p.y) < 1.6 * p.radius
            if p.radius > 4.7 and here.any():
                away = np.hypot(spot.x[here] - p.x, spot.y[here] - p.y) + 0.8 * spot.patches[here]
                share = 1 - smoothstep(0.5 * p.radius, 0.85 * p.radius + 1.2, away)
                worn[here] = np.maximum(worn[here], 0.55 * share)
        return worn

    layers = [
        Layer(turf, everywhere), Layer(wheat, _field(site, 0)), Layer(fallow, _field(site, 1)),
        Layer(earth, square), Layer(earth, lane),
    ]  # fmt: skip
    if country.water is not None:
        water = country.water
        layers.append(Layer(bank, lambda s: 1 - smoothstep(0.0, 1.6, water.outside(s.x, s.y))))
    if site.snow_lies:
        white = ground.snow((238, 241, 247), seeds("snow"))
        layers.append(Layer(white, lambda s: 1 - 0.55 * lane(s) * smoothstep(-0.6, 0.8, s.patches)))
    return layers


def _field(site: Site, which: int) -> Weight:
    """Return the weight of one crop: some of the plots of land beyond the village."""
    rng = site.seeds("fields")
    crop = rng.integers(0, 5, (64, 64))
    turn = float(rng.uniform(0, 1.5))

    def weight(spot: Spot) -> np.ndarray:
        u = (spot.x * np.cos(turn) + spot.y * np.sin(turn)) / 95.0
        v = (spot.y * np.cos(turn) - spot.x * np.sin(turn)) / 60.0
        here = crop[np.floor(u).astype(int) % 64, np.floor(v).astype(int) % 64] == which
        away = np.hypot(spot.x, spot.y)
        return (
            here
            * smoothstep(85, 110, away + 6 * spot.patches)
            * (1 - smoothstep(0.25, 0.4, spot.slope))
        )

    return weight
