"""Rivers and ponds of a gentle land: their beds, their banks, and their water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.random import Generator

from scenegen.worlds import water
from scenegen.worlds.growth import Keep
from scenegen.worlds.mesh import Mesh
from scenegen.worlds.noise import smoothstep
from scenegen.worlds.settings.base import Site

_ENDS = 240.0
"""How far to the north and the south a river's water reaches, in metres."""


def ribbon(
    middle: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"], half: float, level: float
) -> Mesh:
    """Return flat water at a level, ``half`` metres to each side of the places (middle, y)."""
    sides = [np.stack([middle + s * half, y, np.full_like(y, level)], -1) for s in (-1, 1)]
    points = np.concatenate(sides)
    a = np.arange(len(y) - 1)
    b = a + len(y)
    faces = np.concatenate([np.stack([a, b, b + 1], -1), np.stack([a, b + 1, a + 1], -1)])
    return Mesh(points, points[:, :2] / water.SPAN_M, faces)


@dataclass(frozen=True)
class Stream:
    """A river along Y, ``half`` metres to each side of its middle, its water at ``level``."""

    level: float
    x: float = 0.0
    half: float = 4.6
    phase: float = 0.0

    def middle(self, y: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """Return x of the river's middle; at y = 0 it is ``x``."""
        bend = 9 * np.sin(y / 47.0 + self.phase) + 3 * np.sin(y / 17.0 + 2 * self.phase)
        return self.x + bend - 9 * np.sin(self.phase) - 3 * np.sin(2 * self.phase)

    def outside(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return metres from the water's edge; negative in the water."""
        return np.abs(x - self.middle(y)) - self.half

    def dig(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return heights with the river's bed."""
        return _dug(self.outside(x, y), z, self.level, 1.0)

    def surface(self) -> Mesh:
        """Return the water."""
        y = np.linspace(-_ENDS, _ENDS, 241)
        return ribbon(self.middle(y), y, self.half + 1.2, self.level)


@dataclass(frozen=True)
class Pool:
    """A pond or lake: a wavy round of about ``radius`` metres about (x, y)."""

    level: float
    x: float
    y: float
    radius: float
    phase: float = 0.0

    def outside(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return metres from the water's edge; negative in the water."""
        dx, dy = x - self.x, y - self.y
        angle = np.arctan2(dy, dx)
        wavy = 1 + 0.13 * np.sin(2 * angle + self.phase) + 0.07 * np.sin(3 * angle - self.phase)
        return np.hypot(dx, dy) - self.radius * wavy

    def dig(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return heights with the pool's bed."""
        return _dug(self.outside(x, y), z, self.level, 1.6)

    def surface(self) -> Mesh:
        """Return the water: a fan that reaches below its banks."""
        t = np.linspace(0, 2 * np.pi, 73)[:-1]
        far = 1.25 * self.radius + 1.0
        ring = np.stack(
            [self.x + far * np.cos(t), self.y + far * np.sin(t), np.full(72, self.level)], -1
        )
        points = np.concatenate([[[self.x, self.y, self.level]], ring])
        faces = np.array([[0, k + 1, (k + 1) % 72 + 1] for k in range(72)])
        return Mesh(points, points[:, :2] / water.SPAN_M, faces)


Waters = Stream | Pool


def _dug(outside: np.ndarray, z: np.ndarray, level: float, depth: float) -> np.ndarray:
    """Return heights that fall to a bank at the water's edge and to the bed beyond it."""
    bank = level + 0.45
    near = 1 - smoothstep(2.0, 16.0, outside)
    z = z + (bank - z) * near
    slope = level + 0.45 * np.minimum(outside / 1.6, 1)
    return np.where(outside < 1.6, np.minimum(z, np.maximum(slope, level - depth)), z)


def waters(site: Site, rng: Generator, level: float, crossed: bool, beside: float) -> Waters | None:
    """Return the water of a spec: a river under a bridge, or ``beside`` metres from the subject."""
    words = site.spec.water
    phase = float(rng.uniform(0, 2 * np.pi))
    if crossed or words == "river":
        return Stream(level, -beside, phase=phase)
    if words in ("pond", "lake"):
        radius = 9.0 if words == "pond" else 34.0
        return Pool(level, -0.4 * radius - 0.5 * beside, beside * 0.4 + radius, radius, phase)
    return None


def fill(site: Site, made: Waters | None) -> None:
    """Put the water into a site; where snow lies, ponds are frozen."""
    if made is None:
        return
    stated = site.spec.water
    site.had.water = "river" if isinstance(made, Stream) else "lake" if stated == "lake" else "pond"
    site.put({"water": [made.surface()]})
    frozen = site.snow_lies and isinstance(made, Pool)
    color = (176, 192, 204) if frozen else (38, 66, 60)
    site.materials["water"] = water.still(site.seeds("water"), color, 0.002 if frozen else 0.010)


def clear(made: Waters | None, least: float) -> Keep:
    """Return a filter of places that are so many metres from the water."""

    def keep(places: Float[np.ndarray, "n 3"]) -> np.ndarray:
        if made is None:
            return np.ones(len(places), bool)
        return made.outside(places[:, 0], places[:, 1]) > least

    return keep
