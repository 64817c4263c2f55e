"""Towers of glass: curtain walls of mullions and spandrels, a lobby, setbacks, lit offices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from scenegen.worlds.panels import blocks, panels
from scenegen.worlds.world import Parts, add, placed

FLOOR, LOBBY = 3.7, 6.0
"""Height in metres of a storey and of the hall on the ground."""


@dataclass(frozen=True)
class Skyscraper:
    """A tower: its width and depth in metres, storeys, the stock's name of its frame, share lit."""

    width: float
    floors: int
    frame: str = "metal:grey"
    lit: float = 0.0


def skyscraper(tower: Skyscraper, rng: Generator) -> Parts:
    """Return a tower whose front is y = 0, in the middle of x: shafts, each slimmer."""
    parts: Parts = {}
    _hall(parts, tower)
    wide, low, left = tower.width, LOBBY, tower.floors
    pitch = float(rng.choice([1.4, 1.9, 2.6]))
    deep_fins = float(rng.choice([0.12, 0.3, 0.5]))
    for share in (0.55, 0.7, 1.0):
        floors = max(1, round(left * share))
        shaft = _shaft(wide, floors, low, pitch, deep_fins, tower, rng)
        inset = (tower.width - wide) / 2
        add(parts, placed(shaft, (0, inset, 0)))
        low, left, wide = low + floors * FLOOR, left - floors, wide * 0.8
        if left <= 0:
            break
    mast = blocks([(-0.15, tower.width / 2 - 0.15, low), (-3, tower.width / 2 - 3, low)],
                  [(0.15, tower.width / 2 + 0.15, low + 16),
                   (3, tower.width / 2 + 3, low + 3)])  # fmt: skip
    add(parts, {tower.frame: [mast]})
    return parts


def _hall(parts: Parts, tower: Skyscraper) -> None:
    """Set the ground floor back behind square columns, under a canopy."""
    half, back = tower.width / 2, 2.2
    low, high = [], []
    for x in np.linspace(-half, half - 0.8, max(3, round(tower.width / 5.5))):
        low.append((x, 0.0, 0.0))
        high.append((x + 0.8, 0.8, LOBBY))
    low += [(-half, 0, LOBBY - 0.9), (-3.0, -1.6, 3.9)]
    high += [(half, tower.width, LOBBY), (3.0, 0.4, 4.05)]
    add(parts, {"tower_stone": [blocks(low, high, (4.0, 4.0))]})
    bars = [(x, back - 0.08, 0.0) for x in np.arange(-half, half, 1.5)]
    ends = [(x + 0.07, back + 0.02, LOBBY - 0.9) for x, _, _ in bars]
    bars.append((-half, back - 0.1, 2.9))
    ends.append((half, back + 0.02, 3.05))
    add(parts, {tower.frame: [blocks(bars, ends)]})
    glass = panels(
        [(-half, back, 0), (-half, tower.width, 0), (half, back, 0)],
        [(tower.width, 0, 0), (0, back - tower.width, 0), (0, tower.width - back, 0)],
        [(0, 0, LOBBY - 0.9)] * 3, (6.0, 6.0),
    )  # fmt: skip
    add(parts, {"lit_hall" if tower.lit else "tower_glass": [glass]})


def _shaft(
    wide: float, floors: int, low: float, pitch: float, fin: float, tower: Skyscraper,
    rng: Generator,
) -> Parts:  # fmt: skip
    parts: Parts = {}
    tall = floors * FLOOR
    for turn in (0.0, 90.0, 180.0, 270.0):
        face = _face(wide, floors, pitch, fin, tower, rng)
        face = placed(face, (0, -wide / 2, low))
        add(parts, placed(face, (0, wide / 2, 0), turn))
    cap = blocks([(-wide / 2 - 0.2, -0.2, low + tall - 0.4)],
                 [(wide / 2 + 0.2, wide + 0.2, low + tall + 0.7)])  # fmt: skip
    add(parts, {tower.frame: [cap]})
    return parts


def _face(
    wide: float, floors: int, pitch: float, fin: float, tower: Skyscraper, rng: Generator
) -> Parts:
    half, tall = wide / 2, floors * FLOOR
    xs = np.linspace(-half, half, max(2, round(wide / pitch)) + 1)
    low = [(x - 0.06, -fin, 0.0) for x in xs]
    high = [(x + 0.06, 0.02, tall) for x in xs]
    levels = np.arange(floors) * FLOOR
    low += [(-half, -0.06, z - 0.15) for z in levels]
    high += [(half, 0.02, z + 0.75) for z in levels]
    parts: Parts = {tower.frame: [blocks(low, high, (4.0, 4.0))]}
    glass = panels([(-half, 0, 0)], [(wide, 0, 0)], [(0, 0, tall)], (24.0, 40.0))
    add(parts, {"tower_glass": [glass]})
    corners, rights = [], []
    for z in levels:
        busy = rng.random() < 0.25
        for a, b in pairwise(xs):
            if rng.random() < tower.lit * (2.0 if busy else 0.55):
                corners.append((a + 0.06, -0.015, z + 0.75))
                rights.append((b - a - 0.12, 0, 0))
    if corners:
        ups = [(0, 0, FLOOR - 0.95)] * len(corners)
        add(parts, {"lit_office": [panels(corners, rights, ups, (2.0, 2.0))]})
    return parts
