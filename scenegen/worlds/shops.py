"""The ground floor of town houses: shops one looks into, house doors, signs and awnings."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, patch, quad
from scenegen.worlds.panels import Opening, blocks, panels, reveals
from scenegen.worlds.windows import panes
from scenegen.worlds.world import Parts, add

HEAD = 3.05
"""Height in metres of the lintel of shops."""

_WIDE_BOARD = 8
"""How many times as wide as high a sign is (`scenegen.worlds.facings.sign`)."""

_GOODS = ("cloth:red", "cloth:blue", "cloth:yellow", "cloth:green", "plaster:white", "clay",
          "wood:brown", "metal:golden")  # fmt: skip


def shop(x0: float, x1: float, paint: str, sign: str, lit: bool, rng: Generator) -> tuple[
    list[Opening], Parts
]:  # fmt: skip
    """Return the holes of a shop front between two places of a wall, and what is in and on it."""
    door = x0 + 1.25 if rng.random() < 0.5 else x1
    entry = (door - 1.15, door - 0.1, 0.0, HEAD)
    show = (x0 + 1.25, x1 - 0.1, 0.55, HEAD) if door < x1 else (x0 + 0.1, x1 - 1.25, 0.55, HEAD)
    parts = _front(x0, x1, show, paint)
    add(parts, _room(show, lit, rng))
    add(parts, _entry(entry, paint))
    board = quad([x0, -0.17, HEAD + 0.16], [x1 - x0, 0, 0], [0, 0, 0.5], (0, 0.0, 1, 1.0))
    wide = (x1 - x0) / 0.5 / _WIDE_BOARD
    board = Mesh(board.points, (board.uv - 0.5) * [wide, 1.0] + 0.5, board.faces)
    add(parts, {sign: [board]})
    return [entry, show], parts


def _front(x0: float, x1: float, show: Opening, paint: str) -> Parts:
    """Return pilasters, the board's frame and what surrounds the shop window."""
    low: list[tuple[float, float, float]]
    high: list[tuple[float, float, float]]
    low = [(x0 - 0.12, -0.1, 0), (x1 - 0.02, -0.1, 0), (x0 - 0.12, -0.16, HEAD + 0.1),
           (x0 - 0.2, -0.3, HEAD + 0.72), (x0 - 0.18, -0.14, 0), (x1 - 0.06, -0.14, 0)]  # fmt: skip
    high = [(x0 + 0.02, 0, HEAD + 0.1), (x1 + 0.12, 0, HEAD + 0.1), (x1 + 0.12, 0, HEAD + 0.72),
            (x1 + 0.2, 0, HEAD + 0.82), (x0 + 0.06, 0, 0.3), (x1 + 0.18, 0, 0.3)]  # fmt: skip
    a, b, c, d = show
    low += [(a, -0.05, 0.1), (a + 0.08, -0.07, 0.17), (a - 0.02, -0.12, c - 0.07)]
    high += [(b, 0, c), (b - 0.08, 0, c - 0.12), (b + 0.02, 0.05, c)]
    for x in np.linspace(a, b - 0.05, max(2, round((b - a) / 1.5) + 1)).tolist():
        low.append((x, 0.0, c))
        high.append((x + 0.05, 0.06, d))
    low += [(a, 0.01, d - 0.45), (a, 0.0, d - 0.06)]
    high += [(b, 0.05, d - 0.4), (b, 0.06, d)]
    return {paint: [blocks(low, high)]}


def _entry(entry: Opening, paint: str) -> Parts:
    """A glazed door set back in its entry, with a step."""
    x0, x1, _, z1 = entry
    back = 0.45
    low = [(x0, back, 0.15), (x1 - 0.1, back, 0.15), (x0, back, 0.15), (x0, back, 2.2)]
    high = [(x0 + 0.1, back + 0.06, z1), (x1, back + 0.06, z1), (x1, back + 0.06, 0.75),
            (x1, back + 0.06, 2.32)]  # fmt: skip
    step = blocks([(x0, -0.05, 0.0)], [(x1, back, 0.15)])
    handle = blocks([(x1 - 0.17, back - 0.05, 0.95)], [(x1 - 0.13, back - 0.02, 1.4)])
    return {
        paint: [blocks(low, high), reveals([entry], back + 0.05, (2.0, 2.0))],
        "pane_bare": [panes([(x0, x1, 0.15, z1)], back + 0.03)],
        "trim": [step], "metal:golden": [handle],
    }  # fmt: skip


def _room(show: Opening, lit: bool, rng: Generator) -> Parts:
    """The window's display: a room with shelves full of goods, a lamp in its ceiling at night."""
    x0, x1, z0, z1 = show
    deep = 1.5
    wide, tall, way = (x1 - x0, 0, 0), (0, 0, z1 - z0), (0, deep, 0)
    shell = panels(
        [(x0, deep, z0), (x0, 0, z0), (x1, deep, z0)], [wide, way, (0, -deep, 0)], [tall] * 3,
        (2.0, 2.0),
    )  # fmt: skip
    flat = panels([(x0, 0, z0), (x0, deep, z1)], [wide, wide], [way, (0, -deep, 0)], (2.0, 2.0))
    parts: Parts = {"inside": [shell, flat]}
    shelves = [0.02, *np.arange(0.75, z1 - z0 - 0.4, 0.55)]
    low = [(x0, deep - 0.4, z0 + z - 0.03) for z in shelves[1:]]
    high = [(x1, deep, z0 + z) for z in shelves[1:]]
    add(parts, {"wood:brown": [blocks(low, high)]})
    for z in shelves:
        depth = 0.5 if z < 0.1 else deep - 0.38
        x = x0 + 0.1
        while x < x1 - 0.35:
            w, h = float(rng.uniform(0.09, 0.32)), float(rng.uniform(0.08, 0.4))
            name = _GOODS[int(rng.integers(len(_GOODS)))]
            if rng.random() < 0.85:
                at = depth + float(rng.uniform(0, 0.12))
                good = blocks([(x, at, z0 + z)], [(x + w, at + 0.2, z0 + z + h)], (0.7, 0.7))
                add(parts, {name: [good]})
            x += w + float(rng.uniform(0.02, 0.16))
    if lit:
        strip = panels([(x0 + 0.2, 0.75, z1 - 0.02)], [(x1 - x0 - 0.4, 0, 0)], [(0, -0.2, 0)],
                       (1.0, 1.0))  # fmt: skip
        add(parts, {"lit_shop": [strip]})
    return parts


def awning(x0: float, x1: float, color: str, rng: Generator) -> Parts:
    """A striped awning, let down before a shop."""
    out, drop = float(rng.uniform(1.1, 1.6)), float(rng.uniform(0.5, 0.75))
    top = HEAD + 0.12
    parts: Parts = {}
    count = max(4, round((x1 - x0) / 0.3))
    for k in range(count):
        a, b = x0 + (x1 - x0) * k / count, x0 + (x1 - x0) * (k + 1) / count

        def surface(
            s: np.ndarray, t: np.ndarray, a: float = a, b: float = b
        ) -> tuple[np.ndarray, ...]:
            run = np.clip(t / 0.8, 0, 1)
            hang = np.clip(t - 0.8, 0, 1) * 5 * 0.22 * (1 - 0.35 * (2 * s - 1) ** 2)
            sag = 0.05 * np.sin(np.pi * run)
            return b + (a - b) * s, -out * run - 0.16, top - drop * run - sag - hang

        name = f"cloth:{color if k % 2 else 'white'}"
        parts.setdefault(name, []).append(patch(surface, (4, 10), (0, 0, 0.3, 1)))
    arms = blocks(
        [(x, -out - 0.16, top - drop - 0.03) for x in (x0 + 0.05, x1 - 0.07)],
        [(x + 0.02, 0, top - drop - 0.01) for x in (x0 + 0.05, x1 - 0.07)],
    )
    add(parts, {"metal:grey": [arms]})
    return parts


def house_door(x0: float, x1: float, paint: str) -> tuple[list[Opening], Parts]:
    """Return the hole of a panelled house door with a fanlight, and the door."""
    hole = (x0, x1, 0.0, 2.9)
    back, middle = 0.25, (x0 + x1) / 2
    low = [(x0, back, 0.12), (x0, back - 0.04, 2.3)]
    high = [(x1, back + 0.06, 2.35), (x1, back + 0.06, 2.42)]
    for a, b in ((x0 + 0.1, middle - 0.05), (middle + 0.05, x1 - 0.1)):
        for z0, z1 in ((0.25, 0.85), (1.0, 1.5), (1.62, 2.2)):
            low.append((a, back - 0.03, z0))
            high.append((b, back + 0.01, z1))
    stones = blocks(
        [(x0, -0.12, 0), (x0 - 0.2, -0.07, 0), (x1, -0.07, 0), (x0 - 0.26, -0.1, 2.9),
         (x0 - 0.34, -0.3, 3.16)],
        [(x1, back, 0.12), (x0, 0.02, 2.9), (x1 + 0.2, 0.02, 2.9), (x1 + 0.26, 0.02, 3.16),
         (x1 + 0.34, 0.02, 3.26)],
    )  # fmt: skip
    knob = blocks([(middle + 0.08, back - 0.09, 1.05)], [(middle + 0.13, back - 0.03, 1.1)])
    return [hole], {
        paint: [blocks(low, high, (1.2, 1.2))], "metal:golden": [knob],
        "pane_bare": [panes([(x0, x1, 2.42, 2.9)], back)],
        "trim": [stones, reveals([hole], back + 0.02, (2.0, 2.0))],
    }  # fmt: skip
