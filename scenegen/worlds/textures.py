"""Procedural materials: a colour image and a relief, without repetition over the whole surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8
from numpy.random import Generator
from PIL import Image

from scenegen.worlds.noise import blocks, cells, cracks, fractal, smoothstep

Color = tuple[int, int, int]
LIMESTONE: tuple[Color, ...] = (
    (214, 190, 150), (201, 172, 128), (222, 203, 170), (186, 160, 122), (208, 181, 136),
    (196, 178, 150), (176, 146, 108), (224, 196, 146),
)  # fmt: skip
FLAGSTONE: tuple[Color, ...] = (
    (190, 170, 142), (172, 150, 124), (158, 144, 128), (203, 182, 150), (181, 151, 122),
    (150, 132, 114), (196, 164, 132), (167, 160, 148),
)  # fmt: skip
BRICK: tuple[Color, ...] = ((168, 92, 62), (150, 78, 54), (184, 108, 74), (139, 84, 66))
TERRACOTTA: tuple[Color, ...] = (
    (186, 96, 60), (170, 82, 52), (201, 118, 76), (154, 78, 56), (192, 108, 80), (176, 112, 84),
)  # fmt: skip


@dataclass(frozen=True)
class Texture:
    """Colour (sRGB) and relief (metres, outward) of a surface; row 0 is its top."""

    color: UInt8[np.ndarray, "height width 3"]
    relief_m: Float32[np.ndarray, "height width"]


def tint(
    number: np.ndarray, palette: Sequence[Color], rng: Generator, spread: float = 0.07
) -> Float32[np.ndarray, "height width 3"]:
    """Give every stone a colour of the palette, a little lighter or darker than its neighbours."""
    count = int(number.max()) + 1
    colors = np.array(palette, np.float32)[rng.integers(len(palette), size=count)]
    colors *= rng.normal(1, spread, (count, 1)).astype(np.float32)
    return colors[number]


def mix(base: np.ndarray, color: Color, weight: np.ndarray) -> np.ndarray:
    """Return ``base`` (..., 3) turned into a colour as far as ``weight`` (...) says."""
    return base + (np.array(color, np.float32) - base) * weight[..., None].astype(np.float32)


def finish(color: np.ndarray, relief_m: np.ndarray) -> Texture:
    """Return a texture of colours in 0..255 and relief in metres."""
    return Texture(np.clip(color, 0, 255).astype(np.uint8), relief_m.astype(np.float32))


def smooth(texture: Texture, bright: float = 1.0) -> Texture:
    """Return a texture without relief, its colours times ``bright``."""
    return finish(bright * texture.color, np.zeros_like(texture.relief_m))


def grain(shape: tuple[int, int], px_per_m: float, rng: Generator) -> np.ndarray:
    """Multiplies a colour: speckle of single grains over blotches of a hand's size."""
    fine = fractal(shape, px_per_m, rng, slope=1.0, coarsest_m=0.05)
    broad = fractal(shape, px_per_m, rng, slope=2.2, coarsest_m=0.6)
    return (1 + 0.075 * fine + 0.06 * broad)[..., None]


def masonry(
    size_m: tuple[float, float],
    px_per_m: float,
    rng: Generator,
    palette: Sequence[Color] = LIMESTONE,
    row_m: float = 0.36,
    block_m: float = 0.62,
) -> Texture:
    """Coursed stone of ``size_m`` (width, height): mortar, chipped edges, stains, damp foot."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    number, edge = blocks(shape, px_per_m, rng, row_m, block_m)
    color = tint(number, palette, rng) * grain(shape, px_per_m, rng)
    chip = 0.006 + 0.005 * fractal(shape, px_per_m, rng, 1.6, 0.1)
    mortar = 1 - smoothstep(0.0, 0.012, edge - chip)
    color = mix(color, (142, 124, 102), 0.85 * mortar)
    split = cracks(shape, px_per_m, rng)
    color = mix(color, (84, 66, 50), 0.75 * split)
    pits = smoothstep(1.9, 2.6, fractal(shape, px_per_m, rng, 1.2, 0.06))
    color = mix(color, (110, 88, 64), 0.7 * pits)
    relief = 0.012 * (1 - mortar) - 0.006 * split - 0.006 * pits
    relief += 0.0022 * fractal(shape, px_per_m, rng, 1.8, 0.25)
    return finish(weathered(color, px_per_m, rng), relief)


def weathered(color: np.ndarray, px_per_m: float, rng: Generator) -> np.ndarray:
    """Moss at the foot, soot below the top and lichen in between."""
    shape = (color.shape[0], color.shape[1])
    below_top = (np.arange(shape[0], dtype=np.float32) / px_per_m)[:, None]
    above_foot = below_top[::-1]
    blotch = fractal(shape, px_per_m, rng, 2.0, 0.7)
    moss = smoothstep(0.1, 1.3, blotch + 1.3 * np.exp(-above_foot / 0.28) - 0.7)
    color = mix(color, (88, 94, 50), 0.5 * moss)
    streak = fractal((1, shape[1]), px_per_m, rng, 1.4, 0.6)
    soot = smoothstep(0.3, 1.6, streak + 0.4 * blotch) * np.exp(-below_top / 0.9)
    color = mix(color, (84, 74, 62), 0.45 * soot)
    lichen = smoothstep(1.5, 1.9, fractal(shape, px_per_m, rng, 1.7, 0.22))
    return mix(color, (206, 186, 96), 0.4 * lichen)


def plaster(size_m: tuple[float, float], px_per_m: float, rng: Generator, paint: Color) -> Texture:
    """Painted plaster that has come off in places and shows the bricks below."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    number, edge = blocks(shape, px_per_m, rng, 0.075, 0.23)
    brick = tint(number, BRICK, rng, 0.1) * grain(shape, px_per_m, rng)
    joint = 1 - smoothstep(0.002, 0.009, edge)
    brick = mix(brick, (188, 170, 146), 0.8 * joint)
    wash = fractal(shape, px_per_m, rng, 2.1, 1.6)[..., None]
    coat = np.array(paint, np.float32) * grain(shape, px_per_m, rng) * (1 + 0.07 * wash)
    fleck = smoothstep(1.4, 1.7, fractal(shape, px_per_m, rng, 1.5, 0.2))
    coat = mix(coat, (236, 222, 192), 0.5 * fleck)
    coat = mix(coat, (96, 72, 50), 0.8 * cracks(shape, px_per_m, rng, 0.003))
    above_foot = (np.arange(shape[0], dtype=np.float32)[::-1] / px_per_m)[:, None]
    wear = fractal(shape, px_per_m, rng, 2.0, 1.1) + 0.9 * np.exp(-above_foot / 0.35)
    bare = smoothstep(1.28, 1.34, wear)
    rim = smoothstep(1.16, 1.28, wear) * (1 - bare)
    color = mix(coat, (216, 204, 184), 0.7 * rim) * (1 - bare[..., None]) + brick * bare[..., None]
    relief = 0.012 * (1 - bare) - 0.006 * joint * bare
    relief += 0.0018 * fractal(shape, px_per_m, rng, 1.7, 0.2)
    return finish(weathered(color, px_per_m, rng), relief)


def limewash(size_m: tuple[float, float], px_per_m: float, rng: Generator, paint: Color) -> Texture:
    """Painted plaster that has kept: trowelled, streaked by rain, a little damp at its foot."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    wash = fractal(shape, px_per_m, rng, 2.1, 1.4)[..., None]
    color = np.array(paint, np.float32) * (0.4 + 0.6 * grain(shape, px_per_m, rng))
    color = color * (1 + 0.035 * wash)
    streak = fractal((1, shape[1]), px_per_m, rng, 1.4, 0.5)
    below_top = (np.arange(shape[0], dtype=np.float32) / px_per_m)[:, None]
    soot = smoothstep(0.6, 1.9, streak + 0.2 * wash[..., 0]) * np.exp(-below_top / 1.1)
    color = mix(color, (120, 112, 100), 0.3 * soot)
    above_foot = below_top[::-1]
    damp = smoothstep(0.2, 1.4, 0.7 * wash[..., 0] + 1.6 * np.exp(-above_foot / 0.4) - 0.4)
    color = mix(color, (136, 128, 106), 0.4 * damp)
    color = mix(color, (104, 92, 78), 0.5 * cracks(shape, px_per_m, rng, 0.0015))
    return finish(color, 0.0016 * fractal(shape, px_per_m, rng, 1.7, 0.2))


def wood(
    size_m: tuple[float, float],
    px_per_m: float,
    rng: Generator,
    paint: Color = (150, 106, 66),
    plank_m: float = 0.11,
) -> Texture:
    """Planks that run across the width, each with its own grain, knots and worn paint."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    rows = np.arange(shape[0]) / px_per_m
    plank = (rows / plank_m).astype(int)[:, None] + np.zeros((1, shape[1]), int)
    color = tint(plank, (paint,), rng, 0.13)
    stretched = fractal((shape[0], max(8, shape[1] // 14)), px_per_m, rng, 1.3, 0.06)
    fibre = np.array(
        Image.fromarray(stretched).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    )
    color = color * (1 + 0.16 * fibre)[..., None] * grain(shape, px_per_m, rng)
    knot = smoothstep(2.1, 2.5, fractal(shape, px_per_m, rng, 2.4, 0.12))
    color = mix(color, (62, 40, 26), 0.8 * knot)
    worn = smoothstep(0.7, 1.1, fractal(shape, px_per_m, rng, 1.9, 0.3) + 0.3 * fibre)
    color = mix(color, (168, 140, 106), 0.6 * worn)
    offset = np.minimum(rows % plank_m, plank_m - rows % plank_m)[:, None]
    gap = (1 - smoothstep(0.001, 0.006, offset)) * np.ones((1, shape[1]), np.float32)
    return finish(mix(color, (40, 28, 20), 0.85 * gap), 0.0012 * fibre - 0.004 * gap)


def clay(size_m: tuple[float, float], px_per_m: float, rng: Generator) -> Texture:
    """Fired clay with throwing rings, lime bloom and spots; patches of every terracotta hue."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    sites = rng.uniform(0, 1, (int(size_m[0] * size_m[1] * 14) + 2, 2)) * size_m
    number, _ = cells(sites, shape, px_per_m, rng, 0.0)
    color = tint(number, TERRACOTTA, rng, 0.08) * grain(shape, px_per_m, rng)
    rings = fractal((shape[0], 1), px_per_m, rng, 1.2, 0.1)
    color *= (1 + 0.07 * rings)[..., None]
    bloom = smoothstep(0.6, 1.9, fractal(shape, px_per_m, rng, 1.8, 0.3))
    color = mix(color, (222, 200, 178), 0.5 * bloom)
    spots = smoothstep(1.6, 2.1, fractal(shape, px_per_m, rng, 1.4, 0.08))
    color = mix(color, (96, 56, 40), 0.6 * spots)
    moss = smoothstep(1.1, 1.8, fractal(shape, px_per_m, rng, 2.0, 0.4))
    color = mix(color, (104, 108, 62), 0.5 * moss)
    return finish(color, 0.0015 * fractal(shape, px_per_m, rng, 1.5, 0.1) + 0.0012 * rings)


def birch_bark(size_m: tuple[float, float], px_per_m: float, rng: Generator) -> Texture:
    """White bark with dark cracks across it, and black scars."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    color = np.array((226, 222, 212), np.float32) * grain(shape, px_per_m, rng)
    narrow = fractal((shape[0], max(8, shape[1] // 7)), px_per_m, rng, 1.2, 0.05)
    lines = np.array(Image.fromarray(narrow).resize((shape[1], shape[0]), Image.Resampling.BICUBIC))
    color = mix(color, (70, 62, 56), 0.8 * smoothstep(1.5, 2.1, lines))
    scar = smoothstep(1.9, 2.3, fractal(shape, px_per_m, rng, 2.2, 0.3))
    color = mix(color, (44, 40, 38), 0.9 * scar)
    return finish(color, np.zeros(shape))


def roof_tiles(
    size_m: tuple[float, float], px_per_m: float, rng: Generator,
    palette: Sequence[Color] = TERRACOTTA,
) -> Texture:  # fmt: skip
    """Rows of pantiles, each tile of its own hue; 0.2 m wide, 0.36 m long."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / px_per_m
    row, column = (y / 0.36).astype(int), (x / 0.2).astype(int)
    number = row * (int(size_m[0] / 0.2) + 2) + column
    color = tint(number, palette, rng, 0.13) * grain(shape, px_per_m, rng)
    shade = smoothstep(0.25, 0.36, y % 0.36)
    color = mix(color, (66, 40, 30), 0.6 * shade)
    moss = smoothstep(0.9, 1.7, fractal(shape, px_per_m, rng, 1.9, 0.6))
    color = mix(color, (128, 126, 84), 0.6 * moss)
    return finish(color, 0.004 * fractal(shape, px_per_m, rng, 1.6, 0.1))


def woven(size_m: tuple[float, float], px_per_m: float, rng: Generator) -> Texture:
    """Striped cloth with rows of small lozenges."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    dyes = np.array(
        [(170, 44, 48), (226, 190, 120), (38, 76, 104), (206, 120, 50), (92, 50, 70)], np.float32
    )
    cuts = np.cumsum(rng.uniform(0.03, 0.16, 200))
    stripe = np.searchsorted(cuts, np.arange(shape[0]) / px_per_m)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / px_per_m
    color = dyes[rng.integers(5, size=201)][stripe][:, None] + 0 * x[..., None]
    lozenge = (
        np.abs((x + 0.03 * stripe[:, None]) % 0.09 - 0.045) + np.abs(y % 0.07 - 0.035)
    ) < 0.022
    other = dyes[rng.integers(5, size=201)][stripe][:, None] + 0 * x[..., None]
    color = np.where((lozenge & (stripe[:, None] % 3 == 0))[..., None], other, color)
    return finish(color * grain(shape, px_per_m, rng), np.zeros(shape))


def painting(sky: Color, rng: Generator) -> Texture:
    """A landscape in oil: hills one behind another under a sky of a colour, in brush strokes."""
    shape = (240, 320)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / shape[0]
    stroke = fractal(shape, 240, rng, 1.6, 0.08)
    warm = np.array((244, 226, 190), np.float32)
    color = warm + (np.array(sky, np.float32) - warm) * np.clip(1.2 - 1.6 * y, 0, 1)[..., None]
    for k in range(5):
        crest = 0.42 + 0.11 * k + 0.09 * np.sin(x * rng.uniform(3, 9) + rng.uniform(0, 6))
        crest = crest + 0.03 * np.sin(x * rng.uniform(12, 25)) + 0.012 * stroke
        near = np.array((58 + 20 * rng.uniform(), 70 + 40 * rng.uniform(), 46), np.float32)
        hue = near + (np.array((150, 160, 176)) - near) * (0.75 - 0.18 * k)
        color = mix(
            color, (int(hue[0]), int(hue[1]), int(hue[2])), smoothstep(-0.01, 0.01, y - crest)
        )
    return finish(color * (1 + 0.12 * stroke + 0.04 * rng.standard_normal(shape))[..., None],
                  np.zeros(shape))  # fmt: skip


LEAF_COLUMNS = 16
"""Leaves of each kind in the atlas."""

IVY, CITRUS, OLIVE, BOUGAINVILLEA, GERANIUM, LAVENDER, CYPRESS, FALLEN = range(8)
NEEDLE, BROADLEAF, BIRCH, PALM, BUSH, GRASS, REED, STRAW = range(8, 16)
YELLOW_FLOWER, WHITE_FLOWER, BLUE_FLOWER, CACTUS, ORANGE_LEAF, RED_LEAF, YELLOW_LEAF, SNOW = range(
    16, 24
)
LEAF_ROWS: tuple[tuple[Color, Color], ...] = (
    ((62, 98, 34), (124, 148, 58)),
    ((48, 92, 36), (112, 146, 52)),
    ((122, 138, 92), (168, 178, 128)),
    ((186, 36, 112), (232, 92, 160)),
    ((196, 36, 30), (236, 96, 60)),
    ((108, 88, 168), (158, 138, 206)),
    ((34, 62, 32), (70, 96, 46)),
    ((196, 140, 52), (168, 96, 44)),
    ((28, 52, 30), (58, 88, 48)),
    ((52, 86, 34), (104, 136, 56)),
    ((92, 122, 48), (150, 168, 74)),
    ((58, 98, 40), (128, 158, 66)),
    ((62, 84, 42), (112, 126, 64)),
    ((66, 96, 36), (128, 146, 62)),
    ((108, 118, 62), (168, 160, 92)),
    ((170, 150, 92), (206, 186, 128)),
    ((224, 180, 30), (246, 214, 70)),
    ((232, 230, 224), (250, 248, 240)),
    ((70, 84, 180), (120, 130, 220)),
    ((62, 104, 58), (104, 140, 84)),
    ((196, 104, 28), (226, 146, 48)),
    ((156, 48, 28), (196, 78, 40)),
    ((206, 164, 44), (232, 200, 84)),
    ((232, 238, 246), (250, 252, 255)),
)
"""Dark and light colour (sRGB) of every kind of leaf, needle, blade and petal."""


def leaves(cell_px: int, variants: int, rng: Generator) -> Texture:
    """Atlas of leaves: a row for each entry of `LEAF_ROWS`, ``variants`` leaves in a row."""
    rows = []
    y, x = np.mgrid[:cell_px, :cell_px].astype(np.float32) / cell_px
    for dark, light in LEAF_ROWS:
        row = []
        for _ in range(variants):
            blend = rng.uniform(0.1, 0.9)
            base = np.array(dark, np.float32) * (1 - blend) + np.array(light, np.float32) * blend
            vein = np.exp(-(((x - 0.5) / 0.05) ** 2))
            ribs = 0.5 + 0.5 * np.cos(2 * np.pi * (6 * y + 3 * np.abs(x - 0.5)))
            tone = (
                1
                + 0.25 * vein
                + 0.1 * ribs
                + 0.08 * fractal((cell_px, cell_px), cell_px, rng, 2, 0.3)
            )
            row.append(base * tone[..., None])
        rows.append(np.concatenate(row, 1))
    color = np.concatenate(rows, 0)
    return finish(color, np.zeros(color.shape[:2]))
