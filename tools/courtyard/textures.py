"""Textures that only the courtyard has: its paving, painted tiles, posters and leaves."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from scenegen.worlds.noise import cells, cracks, fractal, smoothstep
from scenegen.worlds.textures import FLAGSTONE, Texture, finish, grain, mix, tint


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
    color = tint(number, FLAGSTONE, rng, 0.09) * grain(shape, px_per_m, rng)
    joint = 1 - smoothstep(0.004, 0.02, edge - 0.003 * fractal(shape, px_per_m, rng, 1.6, 0.1))
    moss = smoothstep(-0.2, 1.2, fractal(shape, px_per_m, rng, 2.2, 1.5))
    color = mix(color, (112, 98, 78), 0.8 * joint * (1 - moss))
    color = mix(color, (92, 104, 48), 0.85 * joint * moss)
    split = cracks(shape, px_per_m, rng)
    color = mix(color, (78, 66, 54), 0.7 * split)
    stain = smoothstep(0.6, 1.8, fractal(shape, px_per_m, rng, 2.1, 1.0))
    color = mix(color, (106, 90, 70), 0.45 * stain)
    spots = smoothstep(1.9, 2.2, fractal(shape, px_per_m, rng, 1.5, 0.12))
    color = mix(color, (226, 214, 188), 0.5 * spots)
    relief = 0.014 * (1 - joint) - 0.004 * split
    relief += 0.002 * fractal(shape, px_per_m, rng, 1.7, 0.2)
    return finish(color, relief)


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
    color *= grain(color.shape[:2], px_per_m, rng)
    color = mix(color, (110, 92, 70), 0.8 * cracks(color.shape[:2], px_per_m, rng, 0.002))
    return finish(color, np.zeros(color.shape[:2]))


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
    color = mix(color, (226, 214, 190), 0.25 + 0 * color[..., 0]) * grain(
        color.shape[:2], px_per_m, rng
    )
    torn = smoothstep(1.5, 1.55, fractal(color.shape[:2], px_per_m, rng, 1.8, 0.3))
    return finish(mix(color, (224, 214, 198), torn), np.zeros(color.shape[:2]))
