"""A street between rows of town houses: shops, kerbs, lamps, trees; towers of glass when asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from scenegen.worlds import facings, skyscrapers
from scenegen.worlds.panels import blocks, panels
from scenegen.worlds.settings import town
from scenegen.worlds.settings.base import Site
from scenegen.worlds.settings.town import Spot
from scenegen.worlds.spec import Prop
from scenegen.worlds.stock import PAINT
from scenegen.worlds.textures import smooth
from scenegen.worlds.townhouses import townhouse
from scenegen.worlds.unbuilt import Scope
from scenegen.worlds.world import Material, Stand, placed

ROAD, WALK, KERB = 5.0, 4.2, 0.14
"""Half the carriageway's width, the width of a pavement, and the height of its kerb, in metres."""

SCOPE = Scope(relief=("flat",), ground=("paving", "snow"))

_FRONT = ROAD + WALK
_START, _END = -46.0, 92.0
"""From where to where the street runs along y."""

_CROSS = (33.0, 45.0)
"""Between which y a side street crosses."""

_EYE = np.array([-1.6, -15.0, 1.75])
_PAVING = ((168, 162, 150), (154, 148, 138), (176, 170, 160), (146, 142, 134))


def build(site: Site) -> None:
    """Build the street about the origin; it runs along +Y."""
    town.surroundings(site)
    _road(site)
    _walks(site)
    _houses(site)
    _furniture(site)
    town.covered(site, ("asphalt", "kerb", "walk", "lines", "iron_cover"))
    high = 9.0 if _has_towers(site) else 2.9
    site.stand = Stand(_EYE, np.array([0.6, 4.0, high]), 6.5, 66.0 if _has_towers(site) else 58.0)


def _has_towers(site: Site) -> bool:
    return any(prop.kind == "tower" and prop.count != 0 for prop in site.spec.props)


def _road(site: Site) -> None:
    rng, wet = site.seeds("road"), town.is_wet(site)
    cobbled = site.spec.terrain.ground == "paving"
    if cobbled:
        tile = facings.setts((10.0, 10.0), ((112, 106, 100), (98, 94, 90), (124, 116, 108)), rng)
    else:
        tile = facings.asphalt(rng, wet)
    site.materials["asphalt"] = Material(tile, "water" if wet else "matt")
    height = 10.0 if cobbled else 20.0
    long, across = _END - _START + 30, 120.0
    flat = panels(
        [(-ROAD, _START - 15, 0), (-across / 2, _CROSS[0] + 1, 0.0)],
        [(2 * ROAD, 0, 0), (across / 2 - ROAD, 0, 0)],
        [(0, long, 0), (0, _CROSS[1] - _CROSS[0] - 2, 0)], (10.0, height),
    )  # fmt: skip
    side = panels([(ROAD, _CROSS[0] + 1, 0.0)], [(across / 2 - ROAD, 0, 0)],
                  [(0, _CROSS[1] - _CROSS[0] - 2, 0)], (10.0, height))  # fmt: skip
    site.put({"asphalt": [flat, side]})
    if site.snow_lies:
        site.put(town.snow_over((-ROAD, ROAD), (_START, _END), -0.03, rng, 0.07))
        return
    if not cobbled:
        _lines(site)
    if wet or site.spec.weather in ("overcast", "fog"):
        pools = [
            town.puddle(side * (ROAD - 0.5) + float(rng.normal(0, 0.15)),
                        y + float(rng.uniform(0, 4)),
                        0.004, (float(rng.uniform(0.2, 0.4)), float(rng.uniform(0.5, 1.6))), rng)
            for y in range(-24, 60, 7) for side in (-1, 1)
        ]  # fmt: skip
        site.put({"puddle": pools})
        tile = facings.asphalt(site.seeds("puddle"), True)
        site.materials["puddle"] = Material(smooth(tile, 0.5), "glazed")


def _lines(site: Site) -> None:
    """Paint the centre line and the crossing's stripes, worn; lay manhole covers."""
    low = [(-0.06, y, 0.0) for y in np.arange(_START, _CROSS[0] - 6, 6.0)]
    high = [(0.06, y + 3.0, 0.003) for _, y, _ in low]
    for y in (_CROSS[0] - 3.2, _CROSS[1] + 0.4):
        stripes = np.arange(-ROAD + 0.5, ROAD - 0.4, 1.0)
        low += [(x, y, 0.0) for x in stripes]
        high += [(x + 0.5, y + 2.8, 0.003) for x in stripes]
    site.put({"lines": [blocks(low, high, (3.0, 3.0))]})
    site.materials["lines"] = Material(facings.render((196, 194, 186), site.seeds("lines")))
    covers = [(1.6, -6.0), (-2.2, 9.0), (2.4, 24.0), (-1.5, -24.0)]
    flat = blocks([(x - 0.32, y - 0.32, 0) for x, y in covers],
                  [(x + 0.32, y + 0.32, 0.004) for x, y in covers], (1.6, 1.6))  # fmt: skip
    site.put({"iron_cover": [flat]})
    iron = facings.slabs((1.6, 1.6), (0.08, 0.08), ((66, 62, 60), (58, 56, 54)), site.seeds("iron"))
    site.materials["iron_cover"] = Material(iron)


def _walks(site: Site) -> None:
    """Lay pavements of slabs behind kerb stones, on both sides, up to the houses."""
    rng = site.seeds("walks")
    tile = facings.slabs((6.0, 6.0), (0.75, 0.6), _PAVING, rng)
    wet = town.is_wet(site)
    site.materials["walk"] = Material(tile, "water" if wet else "matt")
    site.materials["kerb"] = Material(
        facings.coursed(((150, 148, 144), (138, 136, 132)), 0.3, 0.95, (92, 90, 86), rng)
    )
    low, high, flat = [], [], []
    for y0, y1 in ((_START - 12, _CROSS[0] + 1), (_CROSS[1] - 1, _END + 12)):
        for side in (-1, 1):
            for y in np.arange(y0, y1 - 0.5, 1.0):
                a, b = sorted((side * ROAD, side * (ROAD + 0.28)))
                low.append((a, y, -0.05))
                high.append((b, min(y + 0.992, y1), KERB))
            x = ROAD + 0.28 if side > 0 else -_FRONT - 50
            flat.append((x, y0, WALK + 49.72, y1 - y0))
            for edge in (y0, y1):
                if edge in (_CROSS[0] + 1, _CROSS[1] - 1):
                    a, b = sorted((side * ROAD, side * 60.0))
                    low.append((a, edge - 0.15, -0.05))
                    high.append((b, edge + 0.15, KERB))
    site.put({"kerb": [blocks(low, high, (12.0, 18.0))]})
    area = np.array(flat)
    none = np.zeros(len(area))
    site.put({"walk": [panels(
        np.stack([area[:, 0], area[:, 1], none + KERB - 0.006], -1),
        np.stack([area[:, 2], none, none], -1), np.stack([none, area[:, 3], none], -1), (6.0, 6.0),
    )]})  # fmt: skip
    if site.snow_lies:
        for k, (x, y, wide, deep) in enumerate(flat):
            inner = (x, x + WALK) if x > 0 else (x + wide - WALK, x + wide)
            site.put(
                town.snow_over(inner, (y, y + deep), KERB - 0.02, site.seeds(f"drift {k}"), 0.12)
            )


def _houses(site: Site) -> None:
    """Line the street with houses, or with the towers and houses that the spec states."""
    props = site.spec.props
    stated = next((prop for prop in props if prop.kind == "house"), None)
    high = next((prop for prop in props if prop.kind == "tower"), None)
    names = town.furnish(site, stated)
    rng = site.seeds("houses")
    tall = _has_towers(site)
    plots = _plots(rng, 23.0 if tall else 10.5)
    if high is not None and tall:
        plots = _towers(site, high, plots)
        plots = plots if high.count is not None or stated else []
    if stated and stated.count is not None:
        plots = plots[: stated.count]
    for k, (x, y, turn, width) in enumerate(plots):
        house = town.house_of(site, names, k, width, rng)
        made, at = townhouse(house, site.seeds(f"house {k}")), (x, y, KERB - 0.01)
        site.put(placed(made, at, turn))
        town.house_stands(site, stated, at, made)


Plot = tuple[float, float, float, float]
"""Middle, turn and width of a house's front."""


def _plots(rng: Generator, step: float) -> list[Plot]:
    """Return plots about ``step`` metres wide along the street, those that are seen best first."""
    plots: list[Plot] = []
    for side in (-1, 1):
        for y0, y1 in ((_START, _CROSS[0]), (_CROSS[1], _END)):
            count = max(1, round((y1 - y0) / step))
            cuts = y0 + (y1 - y0) * np.linspace(0, 1, count + 1)
            cuts[1:-1] += rng.uniform(-0.13, 0.13, count - 1) * step
            plots += [
                (side * _FRONT, float(a + b) / 2, -90.0 * side, float(b - a))
                for a, b in pairwise(cuts)
            ]  # fmt: skip
    ends = (-step, 0.0, step)
    plots += [(x, _END + 9.0, 0.0, step) for x in ends]
    plots += [(x, _START - 9.0, 180.0, step) for x in ends]
    far = _FRONT + 1.25 * max(step, 13.0)
    plots += [(side * (far + step / 2), y, turn, step) for side in (-1, 1)
              for y, turn in ((_CROSS[0], 180.0), (_CROSS[1], 0.0))]  # fmt: skip
    plots += [(side * (far + step + 2), 39.0, -90.0 * side, 12.0) for side in (-1, 1)]
    plots.sort(key=lambda plot: (plot[1] < -20, np.hypot(plot[0], plot[1] - 6)))
    return plots


def _towers(site: Site, prop: Prop, plots: list[Plot]) -> list[Plot]:
    """Build towers on plots, as many as are stated or on all; return the plots that are left."""
    rng = site.seeds("towers")
    count = prop.count if prop.count is not None else len(plots)
    glass = PAINT[prop.color] if prop.color else (40, 58, 72)
    site.materials["tower_glass"] = Material(facings.render(glass, rng), "glazed")
    site.materials["tower_stone"] = Material(
        facings.coursed(((96, 94, 92), (88, 86, 86)), 1.0, 1.6, (60, 58, 56), rng)
    )
    for name, share in (("lit_office", 0.25), ("lit_hall", 0.1)):
        site.materials[name] = replace(site.materials["lit_pale"], glow=share * town.glow_of(site))
    frames = ("metal:grey", "metal:black", "metal:white", "stone:grey", "plaster:white")
    for k, (x, y, turn, width) in enumerate(plots[:count]):
        tower = skyscrapers.Skyscraper(
            width - 0.4, int(rng.integers(16, 46)), frames[int(rng.integers(len(frames)))],
            0.2 if town.is_dark(site) else 0.0,
        )  # fmt: skip
        made = skyscrapers.skyscraper(tower, site.seeds(f"tower {k}"))
        at = (x, y, KERB - 0.01)
        site.put(placed(made, at, turn))
        site.stands(prop, at, made, [prop.material] if prop.material not in (None, "glass") else ())
    return plots[count:]


def _furniture(site: Site) -> None:
    """Set up lamps, trees and whatever stands on pavements."""
    near = ROAD + 0.7
    posts = [Spot(side * near, y + 6.5 * (side > 0), 0.0, KERB)
             for y in range(-33, 80, 13) for side in (-1, 1)
             if not _CROSS[0] - 1 < y + 6.5 * (side > 0) < _CROSS[1] + 1]  # fmt: skip
    town.lamps(site, posts, (0.0, -2.0))
    stems = [Spot(side * (near + 0.5), y + 6.5 * (side < 0), 0.0, KERB)
             for y in range(-20, 75, 13) for side in (1, -1)
             if not _CROSS[0] - 2 < y + 6.5 * (side < 0) < _CROSS[1] + 2]  # fmt: skip
    stems.sort(key=lambda spot: abs(spot.y - 4))
    town.trees(site, stems, False)
    walls = [Spot(side * (_FRONT - 0.75), y, -90.0 * side, KERB)
             for y in np.arange(-6.0, 30.0, 2.6) for side in (1, -1)]  # fmt: skip
    middle = [Spot(side * (near + 1.0), y, -90.0 * side, KERB)
              for y in np.arange(-8.0, 30.0, 4.1) for side in (1, -1)]  # fmt: skip
    town.things(site, "pot", 0 if _has_towers(site) else 6, walls[1::2], 20.0)
    if site.spec.subject and site.spec.subject not in ("house", "tower", "lamp", "pot"):
        centre = [Spot(0.0, 6.0, 0.0, 0.0)]
    else:
        centre = []
    town.others(site, ("house", "tower", "lamp", "pot"), [*centre, *walls[::2], *middle])
