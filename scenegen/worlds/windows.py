"""Windows of town houses: panes behind frames, curtains, sills, shutters, balconies; lit at night.

All are in the frame of their wall (see `scenegen.worlds.panels`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh
from scenegen.worlds.noise import fractal
from scenegen.worlds.panels import Opening, blocks, panels
from scenegen.worlds.textures import Texture, finish
from scenegen.worlds.world import Material, Parts, add

_RECESS = 0.17
"""Metres by which the panes lie behind the wall's face."""

PANES = ("pane_bare", "pane_curtain", "pane_blind")
LIT = ("lit_warm", "lit_pale")


@dataclass(frozen=True)
class Windows:
    """How a house's windows look: frames of a material, shutters or not, and the share lit."""

    frame: str = "wood:white"
    shutters: str | None = None
    surround: bool = True
    bars: int = 1
    lit: float = 0.0


def pane_materials(rng: Generator, glow: float) -> dict[str, Material]:
    """Return the materials of panes: dark, with curtains, with blinds; and two that are lit."""
    made = {name: Material(_pane(name, rng), "glazed") for name in PANES}
    for name, color in zip(LIT, ((255, 190, 116), (255, 222, 176)), strict=True):
        made[name] = Material(finish(np.full((4, 4, 3), color), np.zeros((4, 4))), "glow", glow)
    return made


def _pane(name: str, rng: Generator) -> Texture:
    shape = (192, 128)
    y, x = np.mgrid[: shape[0], : shape[1]] / np.array(shape).reshape(2, 1, 1)
    murk = fractal(shape, 128.0, rng, 2.2, 0.8)
    color = np.array((30, 35, 40)) * (1.15 - 0.5 * y + 0.15 * murk)[..., None]
    if name == "pane_curtain":
        side = np.abs(x - 0.5) > 0.24 + 0.06 * np.cos(2.5 * y)
        fold = 0.8 + 0.2 * np.cos(90 * np.abs(x - 0.5))
        color = np.where(side[..., None], np.array((150, 144, 130)) * fold[..., None], color)
    if name == "pane_blind":
        slat = 0.85 + 0.15 * np.sin(2 * np.pi * 34 * y)
        down = (y < 0.55)[..., None]
        color = np.where(down, np.array((158, 152, 140)) * slat[..., None], color)
    return finish(color, np.zeros(shape))


def panes(holes: Sequence[Opening], depth: float) -> Mesh:
    """Return glass in holes of a wall, each showing a whole texture."""
    hole = np.asarray(holes, float)
    zero = np.zeros(len(hole))
    made = panels(
        np.stack([hole[:, 0], zero + depth, hole[:, 2]], -1),
        np.stack([hole[:, 1] - hole[:, 0], zero, zero], -1),
        np.stack([zero, zero, hole[:, 3] - hole[:, 2]], -1), (1.0, 1.0),
    )  # fmt: skip
    corners = np.tile([[0, 0], [1, 0], [1, 1], [0, 1]], (len(hole), 1))
    return Mesh(made.points, corners.astype(float), made.faces)


def windows(holes: Sequence[Opening], style: Windows, rng: Generator) -> Parts:
    """Return what fills the holes of a wall and stands around them."""
    parts: Parts = {}
    kind = rng.choice(len(PANES), len(holes), p=(0.4, 0.4, 0.2))
    lit = rng.random(len(holes)) < style.lit
    for k, name in enumerate(PANES):
        some = [hole for hole, which, on in zip(holes, kind, lit, strict=True)
                if which == k and not on]  # fmt: skip
        if some:
            add(parts, {name: [panes(some, _RECESS)]})
    tone = rng.integers(2, size=len(holes))
    for k, name in enumerate(LIT):
        some = [hole for hole, which, on in zip(holes, tone, lit, strict=True) if which == k and on]
        if some:
            add(parts, {name: [panes(some, _RECESS)], "curtain": [_drawn(some, rng)]})
    add(parts, {style.frame: [_frames(holes, style.bars)]})
    add(parts, {"trim": [_stones(holes, style.surround)]})
    if style.shutters:
        add(parts, {style.shutters: [_shutters(holes, rng)]})
    return parts


def _drawn(holes: Sequence[Opening], rng: Generator) -> Mesh:
    """Curtains before lit panes: dark edges that keep them from being plain lamps."""
    low, high = [], []
    for x0, x1, z0, z1 in holes:
        for side, out in ((x0, 1), (x1, -1)):
            wide = float(rng.uniform(0.12, 0.34)) * (x1 - x0)
            ends = sorted((side, side + out * wide))
            low.append((ends[0], _RECESS - 0.02, z0))
            high.append((ends[1], _RECESS - 0.01, z1))
        if rng.random() < 0.35:
            low.append((x0, _RECESS - 0.022, z1 - float(rng.uniform(0.2, 0.6)) * (z1 - z0)))
            high.append((x1, _RECESS - 0.012, z1))
    return blocks(low, high, (0.5, 0.5))


def _frames(holes: Sequence[Opening], bars: int) -> Mesh:
    low, high = [], []
    near, far, w = _RECESS - 0.06, _RECESS + 0.02, 0.055
    for x0, x1, z0, z1 in holes:
        middle = [x0 + (x1 - x0) * (k + 1) / (bars + 1) for k in range(bars)]
        for x in (x0 + w / 2, x1 - w / 2, *middle):
            low.append((x - w / 2, near, z0))
            high.append((x + w / 2, far, z1))
        for z in (z0 + w / 2, z1 - w / 2, z0 + 0.68 * (z1 - z0)):
            low.append((x0, near + 0.008, z - w / 2))
            high.append((x1, far, z + w / 2))
    return blocks(low, high)


def _stones(holes: Sequence[Opening], surround: bool) -> Mesh:
    """Sills, and jambs and lintels where windows have surrounds."""
    low, high = [], []
    for x0, x1, z0, z1 in holes:
        low.append((x0 - 0.14, -0.11, z0 - 0.12))
        high.append((x1 + 0.14, 0.1, z0))
        if surround:
            low += [(x0 - 0.15, -0.05, z0), (x1, -0.05, z0), (x0 - 0.18, -0.07, z1)]
            high += [(x0, 0.02, z1), (x1 + 0.15, 0.02, z1), (x1 + 0.18, 0.02, z1 + 0.2)]
            low.append((x0 - 0.24, -0.16, z1 + 0.2))
            high.append((x1 + 0.24, 0.02, z1 + 0.27))
    return blocks(low, high, (2.3, 1.7))


def _shutters(holes: Sequence[Opening], rng: Generator) -> Mesh:
    """Louvred leaves folded back on the wall; a few stand off it or are closed."""
    low, high = [], []
    for x0, x1, z0, z1 in holes:
        half = (x1 - x0) / 2
        closed = rng.random() < 0.08
        for side in (-1, 1):
            middle = (x0 + x1) / 2 + side * (half / 2 if closed else 1.5 * half + 0.02)
            y = 0.06 if closed else -0.075
            a, b = middle - half / 2 + 0.01, middle + half / 2 - 0.01
            slats = np.arange(z0 + 0.1, z1 - 0.12, 0.075)
            low += [(a, y, z0), (b - 0.07, y, z0), (a, y, z0), (a, y, z1 - 0.08)]
            high += [(a + 0.07, y + 0.045, z1), (b, y + 0.045, z1), (b, y + 0.045, z0 + 0.08),
                     (b, y + 0.045, z1)]  # fmt: skip
            low += [(a + 0.07, y + 0.008, z) for z in slats]
            high += [(b - 0.07, y + 0.036, z + 0.055) for z in slats]
    return blocks(low, high, (1.3, 1.3))


def balcony(x0: float, x1: float, z: float) -> Parts:
    """A slab on two brackets with an iron railing, before a wall at y = 0."""
    out = 0.75
    low = [(x0, -out, z - 0.14), (x0 + 0.2, -0.55, z - 0.4), (x1 - 0.34, -0.55, z - 0.4)]
    high = [(x1, 0.0, z), (x0 + 0.34, 0.0, z - 0.14), (x1 - 0.2, 0.0, z - 0.14)]
    bars = [(x, -out + 0.04) for x in np.arange(x0 + 0.03, x1, 0.11)]
    bars += [(x, y) for x in (x0 + 0.03, x1 - 0.03) for y in np.arange(-out + 0.15, 0, 0.11)]
    rail_low = [(x - 0.008, y - 0.008, z) for x, y in bars]
    rail_high = [(x + 0.008, y + 0.008, z + 0.95) for x, y in bars]
    for height in (0.08, 0.93):
        rail_low += [(x0, -out + 0.02, z + height), (x0 + 0.01, -out, z + height),
                     (x1 - 0.05, -out, z + height)]  # fmt: skip
        rail_high += [(x1, -out + 0.06, z + height + 0.035), (x0 + 0.05, 0, z + height + 0.035),
                      (x1 - 0.01, 0, z + height + 0.035)]  # fmt: skip
    return {"trim": [blocks(low, high)], "metal:black": [blocks(rail_low, rail_high)]}
