"""The ground's shape: noise, worn down by water, as meshes that get finer towards the camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float32
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh
from scenegen.worlds.noise import fractal

RINGS: tuple[tuple[float, float], ...] = ((26.0, 0.26), (110.0, 1.1), (460.0, 4.6), (2000.0, 20.0))
"""Half the width of each square of ground around the camera, and its mesh's step, in metres."""

_MARGIN = 12
"""Cells by which the grid is continued on each side, as scipy does for this kind of border."""

_FINE_PX = 512
_FINE_M = 32.0
"""The relief finer than the grid repeats after so many metres, and has so many samples there."""


Dig = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""New heights in metres for places (x, y) with heights z."""


@dataclass(frozen=True)
class Terrain:
    """Heights in metres over a square of ``extent`` metres to each side of the origin.

    ``fine`` is relief that the grid does not hold, ``roughness`` its height in metres by place on
    the grid. ``wetness`` says where water runs, 0 to 1. ``dug`` are beds, roads and plots: each
    returns new heights for places (x, y) and the heights there.
    """

    heights: Float32[np.ndarray, "n n"]
    wetness: Float32[np.ndarray, "n n"]
    extent: float
    fine: Float32[np.ndarray, "m m"]
    roughness: Float32[np.ndarray, "n n"]
    dug: tuple[Dig, ...] = ()

    def height(self, x: Float[np.ndarray, "*p"], y: Float[np.ndarray, "*p"]) -> np.ndarray:
        """Return heights in metres at places in metres."""
        z = self._on_grid(self._spline, x, y, 3)
        z = z + self._on_grid(self.roughness, x, y) * self._finely(x, y)
        for dig in self.dug:
            z = dig(x, y, z)
        return z

    def spot(self, x: float, y: float) -> float:
        """Return the height in metres at one place."""
        return float(self.height(np.array([x]), np.array([y]))[0])

    def wet(self, x: Float[np.ndarray, "*p"], y: Float[np.ndarray, "*p"]) -> np.ndarray:
        """Return how wet places are, 0 to 1."""
        return np.clip(self._on_grid(self.wetness, x, y), 0, 1)

    def slope(
        self, x: Float[np.ndarray, "*p"], y: Float[np.ndarray, "*p"], step: float = 0.5
    ) -> np.ndarray:
        """Return the rise per metre at places, over ``step`` metres to each side."""
        dx = self.height(x + step, y) - self.height(x - step, y)
        dy = self.height(x, y + step) - self.height(x, y - step)
        return np.hypot(dx, dy) / (2 * step)

    def _on_grid(
        self, grid: np.ndarray, x: np.ndarray, y: np.ndarray, order: int = 1
    ) -> np.ndarray:
        """Return a grid's values at places; of order 3 it holds a spline with its margin."""
        from scipy.ndimage import map_coordinates

        scale = (self.heights.shape[0] - 1) / (2 * self.extent)
        margin = _MARGIN if order == 3 else 0
        at = np.stack([(y + self.extent) * scale, (x + self.extent) * scale]) + margin
        return map_coordinates(grid, at, order=order, mode="nearest", prefilter=False)

    @cached_property
    def _spline(self) -> np.ndarray:
        """The cubic spline's coefficients: places are asked for often, and the grid is the same."""
        from scipy.ndimage import spline_filter

        padded = np.pad(self.heights, _MARGIN, mode="edge")
        return np.asarray(spline_filter(padded, 3, np.float64, mode="nearest"))

    def _finely(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        from scipy.ndimage import map_coordinates

        scale = _FINE_PX / _FINE_M
        return map_coordinates(
            self.fine, np.stack([y * scale, x * scale]), order=1, mode="grid-wrap"
        )


Shape = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Heights in metres at places in metres (x, y)."""


def terrain(
    shape: Shape, extent: float, rng: Generator, roughness_m: float = 0.12, worn: int = 60,
    cells: int = 512,
) -> Terrain:  # fmt: skip
    """Return the terrain of a shape after ``worn`` rounds of rain; 0 leaves it as it is.

    ``extent`` is in metres from the origin to each side, the grid has ``cells`` to each side.
    """
    axis = np.linspace(-extent, extent, cells)
    x, y = np.meshgrid(axis, axis)
    heights = shape(x, y).astype(np.float32)
    flow = np.zeros_like(heights)
    if worn:
        heights, flow = eroded(heights, 2 * extent / (cells - 1), worn)
    wet = flow / (np.quantile(flow, 0.99) + 1e-9)
    fine = fractal((_FINE_PX, _FINE_PX), _FINE_PX / _FINE_M, rng, 2.2, 2.5)
    gy, gx = np.gradient(heights, 2 * extent / (cells - 1))
    rough = roughness_m * (0.6 + np.minimum(np.hypot(gx, gy), 1.5))
    return Terrain(heights, wet.astype(np.float32), extent, fine, rough.astype(np.float32))


def eroded(
    heights: Float32[np.ndarray, "n n"], cell_m: float, rounds: int
) -> tuple[Float32[np.ndarray, "n n"], Float32[np.ndarray, "n n"]]:
    """Return heights in metres after rain has run over them, and how much ran where.

    Source: Mei, Decaudin and Hu, "Fast Hydraulic Erosion Simulation and Visualization on GPU"
    (2007), with slopes above the angle of repose sliding down.
    """
    ground = heights.astype(np.float32).copy()
    water = np.zeros_like(ground)
    soil = np.zeros_like(ground)
    flux = np.zeros((4, *ground.shape), np.float32)
    ran = np.zeros_like(ground)
    step, gravity, pipe = 0.06 * cell_m / 3.0, 9.8, cell_m  # seconds that larger cells bear
    for _ in range(rounds):
        water += 0.02 * step * cell_m
        level = ground + water
        for side, shift in enumerate(((0, 1), (0, -1), (1, 0), (-1, 0))):
            drop = level - _neighbour(level, shift)
            flux[side] = np.maximum(0, flux[side] + step * gravity * pipe * drop)
        out = flux.sum(axis=0)
        scale = np.minimum(1, water * cell_m**2 / (out * step + 1e-9))
        flux *= scale
        into = (
            _neighbour(flux[0], (0, -1)) + _neighbour(flux[1], (0, 1))
            + _neighbour(flux[2], (-1, 0)) + _neighbour(flux[3], (1, 0))
        )  # fmt: skip
        out = flux.sum(axis=0)
        water = np.maximum(0, water + step * (into - out) / cell_m**2)
        speed = (into + out) / 2 / (cell_m * (water + 0.02))
        gy, gx = np.gradient(ground, cell_m)
        tilt = np.hypot(gx, gy)
        carries = 0.35 * np.minimum(speed, 6.0) * np.clip(tilt, 0.03, 1.0) * np.minimum(water, 1.0)
        moved = 0.3 * (carries - soil)
        moved = np.clip(moved, -soil, 0.02 * cell_m)
        ground -= moved
        soil = soil + moved
        soil = 0.5 * soil + 0.125 * sum(
            (_neighbour(soil, shift) for shift in ((0, 1), (0, -1), (1, 0), (-1, 0))),
            start=np.zeros_like(soil),
        )
        water *= 0.97
        ran = 0.95 * ran + (into + out) / 2
        ground = _slid(ground, cell_m)
    return ground, ran


def _neighbour(values: Float32[np.ndarray, "n n"], shift: tuple[int, int]) -> np.ndarray:
    """Return the values of the next cell in a direction; the border is its own neighbour."""
    row, column = shift
    padded = np.pad(values, 1, mode="edge")
    n, m = values.shape
    return padded[1 + row : 1 + row + n, 1 + column : 1 + column + m]


def _slid(ground: Float32[np.ndarray, "n n"], cell_m: float, repose: float = 1.1) -> np.ndarray:
    """Return ground whose slopes above the angle of repose, a rise a metre, have slid a little."""
    change = np.zeros_like(ground)
    for shift in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        drop = ground - _neighbour(ground, shift) - repose * cell_m
        change -= 0.12 * np.maximum(drop, 0)
        rise = _neighbour(ground, shift) - ground - repose * cell_m
        change += 0.12 * np.maximum(rise, 0)
    return ground + change


def ring_mesh(land: Terrain, ring: int, around: Float[np.ndarray, "2"]) -> Mesh:
    """Return one square of ground around a place, less what the finer squares cover.

    It lies a little lower than those, so that their edges cover it; its texture spans the square.
    """
    half, step = RINGS[ring]
    count = round(2 * half / step)
    axis = np.linspace(-half, half, count + 1)
    x, y = np.meshgrid(axis + around[0], axis + around[1])
    z = land.height(x, y)
    if ring:
        # It hides under the finer square where both lie, and is there before that ends.
        inside = np.maximum(np.abs(x - around[0]), np.abs(y - around[1])) < RINGS[ring - 1][0] - 0.1
        z = z - 0.15 * step * inside
    points = np.stack([x, y, z], -1).reshape(-1, 3)
    grid = np.linspace(0, 1, count + 1)
    u, v = np.meshgrid(grid, grid)
    index = np.arange(x.size).reshape(x.shape)
    p, q, r, s = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    keep = np.ones(p.shape, bool)
    if ring:
        inner = RINGS[ring - 1][0] - 2.01 * step
        middle = (axis[:-1] + axis[1:]) / 2
        hole = np.abs(middle) < inner
        keep = ~(hole[:, None] & hole[None])
    faces = np.concatenate([np.stack([p, q, r], -1)[keep], np.stack([p, r, s], -1)[keep]])
    used = np.unique(faces)
    back = np.zeros(len(points), int)
    back[used] = np.arange(len(used))
    uv = np.stack([u, v], -1).reshape(-1, 2)
    return Mesh(points[used], uv[used], back[faces])
