"""What covers the ground: tiles of grass, rock, sand and snow, laid by slope, height and water.

Every square of `scenegen.worlds.terrain.RINGS` gets one picture of its ground, finest at the feet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32
from numpy.random import Generator

from scenegen.worlds.noise import cells, fractal, smoothstep
from scenegen.worlds.terrain import RINGS, Terrain
from scenegen.worlds.textures import Color, Texture, finish, grain, mix, tint

_TILE_PX, _TILE_M = 512, 7.0
_PICTURE_PX = (2048, 1536, 1024, 1024)


def _blank(color: Color, rng: Generator, grainy: float = 1.0) -> Float32[np.ndarray, "h w 3"]:
    shape, scale = (_TILE_PX, _TILE_PX), _TILE_PX / _TILE_M
    rough = 1 + grainy * (grain(shape, scale, rng) - 1)
    return (np.array(color, np.float32) * rough).astype(np.float32)


def _noise(rng: Generator, slope: float, coarsest_m: float) -> Float32[np.ndarray, "h w"]:
    return fractal((_TILE_PX, _TILE_PX), _TILE_PX / _TILE_M, rng, slope, coarsest_m)


def grass(color: Color, rng: Generator) -> Texture:
    """Turf seen from above: blades of many greens, bare spots and dead ones between."""
    base = _blank(color, rng, 1.6)
    base = mix(
        base,
        (color[0] // 2, int(color[1] * 0.62), color[2] // 2),
        smoothstep(0.2, 1.6, _noise(rng, 1.0, 0.06)),
    )
    base = mix(base, (164, 152, 88), 0.5 * smoothstep(0.7, 2.0, _noise(rng, 1.3, 0.2)))
    base = mix(base, (96, 78, 54), 0.7 * smoothstep(1.7, 2.3, _noise(rng, 2.0, 0.8)))
    return finish(base, np.zeros(base.shape[:2]))


def soil(color: Color, rng: Generator) -> Texture:
    """Earth with pebbles."""
    base = _blank(color, rng, 1.4)
    base = mix(base, (60, 46, 34), 0.6 * smoothstep(0.3, 1.6, _noise(rng, 1.6, 0.25)))
    base = mix(base, (150, 140, 128), 0.8 * smoothstep(1.9, 2.3, _noise(rng, 1.2, 0.07)))
    return finish(base, np.zeros(base.shape[:2]))


def litter(color: Color, rng: Generator) -> Texture:
    """A forest's floor: needles, leaves and twigs."""
    base = _blank(color, rng, 1.8)
    for tone, coarse in (((138, 96, 56), 0.09), ((62, 46, 32), 0.05), ((104, 106, 58), 0.5)):
        base = mix(base, tone, 0.7 * smoothstep(0.6, 1.6, _noise(rng, 1.1, coarse)))
    return finish(base, np.zeros(base.shape[:2]))


def rock(color: Color, rng: Generator) -> Texture:
    """Bare rock: broken faces, clefts, lichen."""
    shape, scale = (_TILE_PX, _TILE_PX), _TILE_PX / _TILE_M
    number, edge = cells(rng.uniform(0, _TILE_M, (90, 2)), shape, scale, rng, 0.25)
    shades: Sequence[Color] = tuple(
        (int(color[0] * s), int(color[1] * s), int(color[2] * s)) for s in (0.82, 0.94, 1.0, 1.1)
    )
    base = tint(number, shades, rng, 0.05) * (1 + 1.3 * (grain(shape, scale, rng) - 1))
    base = mix(base, (44, 42, 42), 0.75 * (1 - smoothstep(0.0, 0.05, edge)))
    base = mix(base, (34, 34, 36), 0.4 * smoothstep(0.9, 1.8, _noise(rng, 1.8, 0.7)))
    base = mix(base, (158, 158, 120), 0.4 * smoothstep(1.4, 2.0, _noise(rng, 1.6, 0.25)))
    return finish(base, np.zeros(shape))


def sand(color: Color, rng: Generator) -> Texture:
    """Sand in ripples."""
    base = _blank(color, rng, 0.8)
    y = np.arange(_TILE_PX)[:, None] / _TILE_PX * 2 * np.pi
    ripple = np.sin(40 * y + 1.6 * _noise(rng, 2.4, 2.0))
    base = base * (1 + 0.045 * ripple[..., None])
    base = mix(base, (110, 92, 70), 0.6 * smoothstep(2.1, 2.5, _noise(rng, 1.2, 0.06)))
    return finish(base, np.zeros(base.shape[:2]))


def snow(color: Color, rng: Generator) -> Texture:
    """Snow, blown into low waves."""
    base = _blank(color, rng, 0.25)
    base = base * (1 + 0.03 * _noise(rng, 2.2, 1.2)[..., None])
    return finish(base, np.zeros(base.shape[:2]))


Weight = Callable[["Spot"], np.ndarray]


@dataclass(frozen=True)
class Spot:
    """Places of a picture of the ground, with what decides what lies there."""

    x: Float[np.ndarray, "h w"]
    y: Float[np.ndarray, "h w"]
    z: Float[np.ndarray, "h w"]
    slope: Float[np.ndarray, "h w"]
    wet: Float[np.ndarray, "h w"]
    patches: Float[np.ndarray, "h w"]
    """Noise of deviation 1 that makes the borders uneven."""


@dataclass(frozen=True)
class Layer:
    """A cover that lies over those before it, where its weight is 1."""

    tile: Texture
    weight: Weight


def everywhere(spot: Spot) -> np.ndarray:
    """Weight 1 at every place."""
    return np.ones_like(spot.x)


def ground_picture(
    land: Terrain, layers: Sequence[Layer], ring: int, around: Float[np.ndarray, "2"],
    rng: Generator,
) -> Texture:  # fmt: skip
    """Return the picture of one square of ground around a place; row 0 is its north."""
    half = RINGS[ring][0]
    size = _PICTURE_PX[ring]
    step = 2 * half / size
    axis = (np.arange(size) + 0.5) * step - half
    x, y = np.meshgrid(axis + around[0], axis[::-1] + around[1])
    coarse = max(1, min(8, round(0.4 / step)))
    spot = _spot(land, x, y, coarse, rng)
    color = np.zeros((size, size, 3), np.float32)
    for layer in layers:
        weight = np.clip(layer.weight(spot), 0, 1)[..., None].astype(np.float32)
        color += (_laid(layer.tile, x, y, step) - color) * weight
    broad = 1 + 0.07 * spot.patches[..., None]
    return finish(color * broad, np.zeros((size, size)))


def _spot(land: Terrain, x: np.ndarray, y: np.ndarray, coarse: int, rng: Generator) -> Spot:
    from scipy.ndimage import zoom

    def fine(values: np.ndarray) -> np.ndarray:
        if coarse == 1:
            return values
        grown = np.asarray(zoom(values, coarse, order=1, grid_mode=True, mode="nearest"))
        short = x.shape[0] - grown.shape[0]
        return np.pad(grown, ((0, max(0, short)), (0, max(0, short))), mode="edge")[
            : x.shape[0], : x.shape[1]
        ]

    xs, ys = x[::coarse, ::coarse], y[::coarse, ::coarse]
    patches = fine(_patches(xs, ys, rng))
    return Spot(
        x, y, fine(land.height(xs, ys)), fine(land.slope(xs, ys, 1.0)), fine(land.wet(xs, ys)),
        patches,
    )  # fmt: skip


def _patches(x: np.ndarray, y: np.ndarray, rng: Generator) -> np.ndarray:
    """Noise over the world, the same for all its squares when drawn from equal generators."""
    from scipy.ndimage import map_coordinates

    made = np.zeros_like(x)
    for period, share in ((23.0, 0.6), (190.0, 0.6), (1500.0, 0.5)):
        field = fractal((512, 512), 512 / period, rng, 2.2, period / 5)
        at = np.stack([y, x]) * (512 / period)
        made += share * map_coordinates(field, at, order=1, mode="grid-wrap")
    return made


def _laid(tile: Texture, x: np.ndarray, y: np.ndarray, step: float) -> Float32[np.ndarray, "h w 3"]:
    """Return a tile laid over places ``step`` metres apart; coarser places see its mean."""
    factor = int(np.clip(step / (_TILE_M / _TILE_PX), 1, _TILE_PX))
    factor = 2 ** int(np.log2(factor))
    color = tile.color.astype(np.float32)
    count = _TILE_PX // factor
    color = color.reshape(count, factor, count, factor, 3).mean(axis=(1, 3))
    column = np.floor(x / _TILE_M * count).astype(int) % count
    row = np.floor(-y / _TILE_M * count).astype(int) % count
    return color[row, column]
