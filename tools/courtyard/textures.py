"""Procedural materials: a colour image and a relief, without repetition over the whole surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from courtyard.noise import blocks, cells, cracks, fractal, smoothstep

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


def _tint(
    number: np.ndarray, palette: Sequence[Color], rng: Generator, spread: float = 0.07
) -> Float32[np.ndarray, "height width 3"]:
    """Give every stone a colour of the palette, a little lighter or darker than its neighbours."""
    count = int(number.max()) + 1
    colors = np.array(palette, np.float32)[rng.integers(len(palette), size=count)]
    colors *= rng.normal(1, spread, (count, 1)).astype(np.float32)
    return colors[number]


def _mix(base: np.ndarray, color: Color, weight: np.ndarray) -> np.ndarray:
    return base + (np.array(color, np.float32) - base) * weight[..., None].astype(np.float32)


def _finish(color: np.ndarray, relief_m: np.ndarray) -> Texture:
    return Texture(np.clip(color, 0, 255).astype(np.uint8), relief_m.astype(np.float32))


def _grain(shape: tuple[int, int], px_per_m: float, rng: Generator) -> np.ndarray:
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
    color = _tint(number, palette, rng) * _grain(shape, px_per_m, rng)
    chip = 0.006 + 0.005 * fractal(shape, px_per_m, rng, 1.6, 0.1)
    mortar = 1 - smoothstep(0.0, 0.012, edge - chip)
    color = _mix(color, (142, 124, 102), 0.85 * mortar)
    split = cracks(shape, px_per_m, rng)
    color = _mix(color, (84, 66, 50), 0.75 * split)
    pits = smoothstep(1.9, 2.6, fractal(shape, px_per_m, rng, 1.2, 0.06))
    color = _mix(color, (110, 88, 64), 0.7 * pits)
    relief = 0.012 * (1 - mortar) - 0.006 * split - 0.006 * pits
    relief += 0.0022 * fractal(shape, px_per_m, rng, 1.8, 0.25)
    return _finish(_weather(color, px_per_m, rng), relief)


def _weather(color: np.ndarray, px_per_m: float, rng: Generator) -> np.ndarray:
    """Moss at the foot, soot below the top and lichen in between."""
    shape = (color.shape[0], color.shape[1])
    below_top = (np.arange(shape[0], dtype=np.float32) / px_per_m)[:, None]
    above_foot = below_top[::-1]
    blotch = fractal(shape, px_per_m, rng, 2.0, 0.7)
    moss = smoothstep(0.1, 1.3, blotch + 1.3 * np.exp(-above_foot / 0.28) - 0.7)
    color = _mix(color, (88, 94, 50), 0.5 * moss)
    streak = fractal((1, shape[1]), px_per_m, rng, 1.4, 0.6)
    soot = smoothstep(0.3, 1.6, streak + 0.4 * blotch) * np.exp(-below_top / 0.9)
    color = _mix(color, (84, 74, 62), 0.45 * soot)
    lichen = smoothstep(1.5, 1.9, fractal(shape, px_per_m, rng, 1.7, 0.22))
    return _mix(color, (206, 186, 96), 0.4 * lichen)


def plaster(size_m: tuple[float, float], px_per_m: float, rng: Generator, paint: Color) -> Texture:
    """Painted plaster that has come off in places and shows the bricks below."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    number, edge = blocks(shape, px_per_m, rng, 0.075, 0.23)
    brick = _tint(number, BRICK, rng, 0.1) * _grain(shape, px_per_m, rng)
    joint = 1 - smoothstep(0.002, 0.009, edge)
    brick = _mix(brick, (188, 170, 146), 0.8 * joint)
    wash = fractal(shape, px_per_m, rng, 2.1, 1.6)[..., None]
    coat = np.array(paint, np.float32) * _grain(shape, px_per_m, rng) * (1 + 0.07 * wash)
    fleck = smoothstep(1.4, 1.7, fractal(shape, px_per_m, rng, 1.5, 0.2))
    coat = _mix(coat, (236, 222, 192), 0.5 * fleck)
    coat = _mix(coat, (96, 72, 50), 0.8 * cracks(shape, px_per_m, rng, 0.003))
    above_foot = (np.arange(shape[0], dtype=np.float32)[::-1] / px_per_m)[:, None]
    wear = fractal(shape, px_per_m, rng, 2.0, 1.1) + 0.9 * np.exp(-above_foot / 0.35)
    bare = smoothstep(1.28, 1.34, wear)
    rim = smoothstep(1.16, 1.28, wear) * (1 - bare)
    color = _mix(coat, (216, 204, 184), 0.7 * rim) * (1 - bare[..., None]) + brick * bare[..., None]
    relief = 0.012 * (1 - bare) - 0.006 * joint * bare
    relief += 0.0018 * fractal(shape, px_per_m, rng, 1.7, 0.2)
    return _finish(_weather(color, px_per_m, rng), relief)


def paving(size_m: tuple[float, float], px_per_m: float, rng: Generator) -> Texture:
    """Flagstones of the yard, with rings of cobbles around the fountain in the middle."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    centre = np.array(size_m) / 2
    flags = rng.uniform(0, 1, (int(size_m[0] * size_m[1] * 16), 2)) * size_m
    flags = _spread(flags, 0.42, rng)
    flags = flags[np.linalg.norm(flags - centre, axis=1) > 3.25]
    rings = []
    for radius in np.arange(0.2, 3.2, 0.17):
        count = max(4, int(2 * np.pi * radius / 0.21))
        angle = 2 * np.pi * (np.arange(count) + rng.uniform()) / count
        angle += rng.normal(0, 0.03, count) / radius
        rings.append(centre + radius * np.stack([np.cos(angle), np.sin(angle)], -1))
    number, edge = cells(np.concatenate([flags, *rings]), shape, px_per_m, rng, 0.012)
    color = _tint(number, FLAGSTONE, rng, 0.09) * _grain(shape, px_per_m, rng)
    joint = 1 - smoothstep(0.004, 0.02, edge - 0.003 * fractal(shape, px_per_m, rng, 1.6, 0.1))
    moss = smoothstep(-0.2, 1.2, fractal(shape, px_per_m, rng, 2.2, 1.5))
    color = _mix(color, (112, 98, 78), 0.8 * joint * (1 - moss))
    color = _mix(color, (92, 104, 48), 0.85 * joint * moss)
    split = cracks(shape, px_per_m, rng)
    color = _mix(color, (78, 66, 54), 0.7 * split)
    stain = smoothstep(0.6, 1.8, fractal(shape, px_per_m, rng, 2.1, 1.0))
    color = _mix(color, (106, 90, 70), 0.45 * stain)
    spots = smoothstep(1.9, 2.2, fractal(shape, px_per_m, rng, 1.5, 0.12))
    color = _mix(color, (226, 214, 188), 0.5 * spots)
    relief = 0.014 * (1 - joint) - 0.004 * split
    relief += 0.002 * fractal(shape, px_per_m, rng, 1.7, 0.2)
    return _finish(color, relief)


def _spread(points: np.ndarray, distance: float, rng: Generator) -> np.ndarray:
    """Keep points that lie at least ``distance`` apart, scanning them in random order."""
    cells_taken: dict[tuple[int, int], list[np.ndarray]] = {}
    kept = []
    for point in points[rng.permutation(len(points))]:
        i, j = (point // distance).astype(int)
        near = [
            q for a in (-1, 0, 1) for b in (-1, 0, 1) for q in cells_taken.get((i + a, j + b), [])
        ]
        if all(np.hypot(*(point - q)) >= distance for q in near):
            cells_taken.setdefault((i, j), []).append(point)
            kept.append(point)
    return np.array(kept)


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
    color = _tint(plank, (paint,), rng, 0.13)
    stretched = fractal((shape[0], max(8, shape[1] // 14)), px_per_m, rng, 1.3, 0.06)
    fibre = np.array(
        Image.fromarray(stretched).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    )
    color = color * (1 + 0.16 * fibre)[..., None] * _grain(shape, px_per_m, rng)
    knot = smoothstep(2.1, 2.5, fractal(shape, px_per_m, rng, 2.4, 0.12))
    color = _mix(color, (62, 40, 26), 0.8 * knot)
    worn = smoothstep(0.7, 1.1, fractal(shape, px_per_m, rng, 1.9, 0.3) + 0.3 * fibre)
    color = _mix(color, (168, 140, 106), 0.6 * worn)
    offset = np.minimum(rows % plank_m, plank_m - rows % plank_m)[:, None]
    gap = (1 - smoothstep(0.001, 0.006, offset)) * np.ones((1, shape[1]), np.float32)
    return _finish(_mix(color, (40, 28, 20), 0.85 * gap), 0.0012 * fibre - 0.004 * gap)


def clay(size_m: tuple[float, float], px_per_m: float, rng: Generator) -> Texture:
    """Fired clay with throwing rings, lime bloom and spots; patches of every terracotta hue."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    sites = rng.uniform(0, 1, (int(size_m[0] * size_m[1] * 14) + 2, 2)) * size_m
    number, _ = cells(sites, shape, px_per_m, rng, 0.0)
    color = _tint(number, TERRACOTTA, rng, 0.08) * _grain(shape, px_per_m, rng)
    rings = fractal((shape[0], 1), px_per_m, rng, 1.2, 0.1)
    color *= (1 + 0.07 * rings)[..., None]
    bloom = smoothstep(0.6, 1.9, fractal(shape, px_per_m, rng, 1.8, 0.3))
    color = _mix(color, (222, 200, 178), 0.5 * bloom)
    spots = smoothstep(1.6, 2.1, fractal(shape, px_per_m, rng, 1.4, 0.08))
    color = _mix(color, (96, 56, 40), 0.6 * spots)
    moss = smoothstep(1.1, 1.8, fractal(shape, px_per_m, rng, 2.0, 0.4))
    color = _mix(color, (104, 108, 62), 0.5 * moss)
    return _finish(color, 0.0015 * fractal(shape, px_per_m, rng, 1.5, 0.1) + 0.0012 * rings)


def roof_tiles(size_m: tuple[float, float], px_per_m: float, rng: Generator) -> Texture:
    """Rows of pantiles, each tile of its own hue; 0.2 m wide, 0.36 m long."""
    shape = (round(size_m[1] * px_per_m), round(size_m[0] * px_per_m))
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / px_per_m
    row, column = (y / 0.36).astype(int), (x / 0.2).astype(int)
    number = row * (int(size_m[0] / 0.2) + 2) + column
    color = _tint(number, TERRACOTTA, rng, 0.13) * _grain(shape, px_per_m, rng)
    shade = smoothstep(0.25, 0.36, y % 0.36)
    color = _mix(color, (66, 40, 30), 0.6 * shade)
    moss = smoothstep(0.9, 1.7, fractal(shape, px_per_m, rng, 1.9, 0.6))
    color = _mix(color, (128, 126, 84), 0.6 * moss)
    return _finish(color, 0.004 * fractal(shape, px_per_m, rng, 1.6, 0.1))


def glazed_tiles(count: tuple[int, int], tile_px: int, rng: Generator) -> Texture:
    """A panel of ``count`` (columns, rows) majolica tiles; every motif is its own."""
    white, inks = (236, 230, 214), ((28, 70, 140), (38, 110, 160), (226, 168, 48), (60, 120, 90))
    panel = Image.new("RGB", (count[0] * tile_px, count[1] * tile_px), (120, 110, 96))
    for i in range(count[0]):
        for j in range(count[1]):
            quarter = Image.new("RGB", (tile_px // 2, tile_px // 2), white)
            draw = ImageDraw.Draw(quarter)
            for _ in range(int(rng.integers(3, 7))):
                x, y = rng.uniform(0, tile_px / 2, 2)
                r = rng.uniform(0.05, 0.2) * tile_px
                ink = inks[int(rng.choice(4, p=[0.5, 0.25, 0.15, 0.1]))]
                shape = int(rng.integers(3))
                if shape == 0:
                    draw.ellipse(
                        [x - r, y - r, x + r, y + r], outline=ink, width=max(2, tile_px // 24)
                    )
                elif shape == 1:
                    draw.regular_polygon(
                        (x, y, r * 0.8), 4, rotation=int(rng.integers(90)), fill=ink
                    )
                else:
                    draw.line(
                        [x, y, tile_px / 2, tile_px / 2], fill=ink, width=max(2, tile_px // 18)
                    )
            corner = np.array(quarter)
            half = np.concatenate([corner, corner[:, ::-1]], 1)
            tile = np.concatenate([half, half[::-1]], 0)[1:-1, 1:-1]
            tile = np.clip(tile * rng.normal(1, 0.04), 0, 255).astype(np.uint8)
            panel.paste(Image.fromarray(tile), (i * tile_px + 1, j * tile_px + 1))
    color = np.array(panel).astype(np.float32)
    px_per_m = tile_px / 0.15
    color *= _grain(color.shape[:2], px_per_m, rng)
    color = _mix(color, (110, 92, 70), 0.8 * cracks(color.shape[:2], px_per_m, rng, 0.002))
    return _finish(color, np.zeros(color.shape[:2]))


POSTERS = (
    ("FESTA", "DI MAGGIO"), ("CINEMA", "all'aperto"), ("ARANCE", "e limoni"),
    ("CONCERTO", "nel cortile"), ("MERCATO", "ogni sabato"), ("VERMUT", "del Chiostro"),
)  # fmt: skip


def poster(index: int, width_px: int, rng: Generator) -> Texture:
    """A sun-bleached poster, 2:3: bold shapes, two lines of type and small print."""
    height_px = width_px * 3 // 2
    inks = np.array([(196, 60, 44), (238, 182, 62), (34, 92, 120), (240, 228, 200), (44, 42, 52)])
    order = rng.permutation(4)
    page = Image.new("RGB", (width_px, height_px), tuple(int(c) for c in inks[order[0]]))
    draw = ImageDraw.Draw(page)
    for k in range(9):
        x, y = rng.uniform(0, width_px), rng.uniform(0.2, 0.75) * height_px
        r = rng.uniform(0.06, 0.26) * width_px
        ink = tuple(int(c) for c in inks[order[1 + k % 3]])
        draw.regular_polygon(
            (x, y, r), int(rng.integers(3, 9)), rotation=int(rng.integers(360)), fill=ink
        )
    title, line = POSTERS[index % len(POSTERS)]
    dark = tuple(int(c) for c in inks[4])
    draw.text(
        (width_px * 0.06, height_px * 0.04), title, dark, ImageFont.load_default(width_px * 0.17)
    )
    draw.text(
        (width_px * 0.06, height_px * 0.8), line, dark, ImageFont.load_default(width_px * 0.12)
    )
    small = ImageFont.load_default(width_px * 0.045)
    for row in range(3):
        digits = " ".join(str(n) for n in rng.integers(10, 9999, 6))
        draw.text((width_px * 0.06, height_px * (0.9 + 0.03 * row)), digits, dark, small)
    color = np.array(page).astype(np.float32)
    px_per_m = width_px / 0.6
    color = _mix(color, (226, 214, 190), 0.25 + 0 * color[..., 0]) * _grain(
        color.shape[:2], px_per_m, rng
    )
    torn = smoothstep(1.5, 1.55, fractal(color.shape[:2], px_per_m, rng, 1.8, 0.3))
    return _finish(_mix(color, (224, 214, 198), torn), np.zeros(color.shape[:2]))


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
    return _finish(color * _grain(shape, px_per_m, rng), np.zeros(shape))


IVY, CITRUS, OLIVE, BOUGAINVILLEA, GERANIUM, LAVENDER, CYPRESS, FALLEN = range(8)
LEAF_ROWS: tuple[tuple[Color, Color], ...] = (
    ((62, 98, 34), (124, 148, 58)),
    ((48, 92, 36), (112, 146, 52)),
    ((122, 138, 92), (168, 178, 128)),
    ((186, 36, 112), (232, 92, 160)),
    ((196, 36, 30), (236, 96, 60)),
    ((108, 88, 168), (158, 138, 206)),
    ((34, 62, 32), (70, 96, 46)),
    ((196, 140, 52), (168, 96, 44)),
)


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
    return _finish(color, np.zeros(color.shape[:2]))
