"""What towns are faced and paved with: render, brick, ashlar, asphalt, slabs, setts, signs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from scenegen.worlds.noise import cells, cracks, fractal, smoothstep
from scenegen.worlds.textures import Color, Texture, finish, grain, mix, tint

FACING_M = (12.0, 18.0)
"""Width and height in metres of a facing: the whole front of a house, from its foot."""

_PX = 64.0
"""Pixels a metre of a facing."""


def _shape(size_m: tuple[float, float], px: float = _PX) -> tuple[int, int]:
    return round(size_m[1] * px), round(size_m[0] * px)


def _soiled(color: np.ndarray, rng: Generator, much: float = 1.0) -> np.ndarray:
    """Splashes at the foot, and rain's streaks below every storey."""
    shape = (color.shape[0], color.shape[1])
    up = (np.arange(shape[0], dtype=np.float32)[::-1] / _PX)[:, None]
    blotch = fractal(shape, _PX, rng, 2.0, 1.2)
    foot = smoothstep(0.2, 1.3, blotch + 1.7 * np.exp(-up / 0.4) - 0.3)
    color = mix(color, (82, 78, 70), 0.38 * much * foot * np.exp(-up / 1.2))
    streak = fractal((1, shape[1]), _PX, rng, 1.0, 0.4)
    runs = smoothstep(0.6, 2.0, streak + 0.5 * blotch)
    color = mix(color, (70, 66, 60), 0.2 * much * runs * (0.35 + 0.65 * ((-up) % 3.4) / 3.4))
    return mix(color, (120, 114, 104), 0.12 * much * smoothstep(0.4, 2.0, blotch))


def render(paint: Color, rng: Generator) -> Texture:
    """Painted render: rough, faded, stained, a few hairline cracks and patches that were mended."""
    shape = _shape(FACING_M)
    faded = fractal(shape, _PX, rng, 2.2, 3.0)
    color = np.array(paint, np.float32) * grain(shape, _PX, rng) * (1 + 0.05 * faded[..., None])
    red, green, blue = (round(0.6 * part + 80) for part in paint)
    mended = smoothstep(1.75, 1.8, fractal(shape, _PX, rng, 2.6, 1.5))
    color = mix(color, (red, green, blue), 0.4 * mended)
    split = cracks(shape, _PX, rng, 0.006)
    color = mix(color, (88, 76, 64), 0.6 * split)
    return finish(_soiled(color, rng), 0.002 * fractal(shape, _PX, rng, 1.4, 0.12) - 0.003 * split)


def coursed(
    palette: Sequence[Color], course_m: float, length_m: float, joint: Color, rng: Generator
) -> Texture:
    """Bricks or ashlar in a running bond."""
    shape = _shape(FACING_M)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / _PX
    y = FACING_M[1] - y
    row = (y / course_m).astype(int)
    across = x + (row % 2) * length_m / 2
    column = (across / length_m).astype(int)
    number = row * (int(FACING_M[0] / length_m) + 2) + column
    color = tint(number, palette, rng, 0.09) * grain(shape, _PX, rng)
    edge = np.minimum(
        np.minimum(y % course_m, course_m - y % course_m),
        np.minimum(across % length_m, length_m - across % length_m),
    )
    wide = 0.012 if course_m < 0.2 else 0.016
    gap = 1 - smoothstep(0.3 * wide, wide, edge)
    color = mix(color, joint, 0.8 * gap)
    relief = -0.008 * gap + 0.0015 * fractal(shape, _PX, rng, 1.5, 0.1)
    return finish(_soiled(color, rng, 0.8), relief)


def asphalt(rng: Generator, wet: bool) -> Texture:
    """A carriageway of 10 metres: chippings, tyre tracks, patches, cracks filled with tar."""
    size, px = (10.0, 20.0), 80.0
    shape = _shape(size, px)
    speck = fractal(shape, px, rng, 0.5, 0.03)
    base = np.array((62, 62, 64) if wet else (92, 91, 90), np.float32)
    color = base * (1 + 0.16 * speck + 0.05 * fractal(shape, px, rng, 2.2, 2.0))[..., None]
    x = (np.arange(shape[1], dtype=np.float32) / px)[None]
    tracks = sum(np.exp(-(((x - at) / 0.32) ** 2)) for at in (1.8, 3.4, 6.6, 8.2))
    color = mix(color, (56, 55, 56), 0.32 * tracks + np.zeros(shape, np.float32))
    patch = smoothstep(1.5, 1.52, fractal(shape, px, rng, 2.9, 2.5))
    color = mix(color, (50, 50, 53), 0.55 * patch)
    tar = cracks(shape, px, rng, 0.02)
    color = mix(color, (30, 30, 32), 0.85 * tar)
    oil = smoothstep(1.6, 2.3, fractal(shape, px, rng, 2.1, 0.6))
    color = mix(color, (46, 45, 46), 0.5 * oil)
    relief = (0.00018 if wet else 0.003) * speck
    relief = relief + (0.0016 if wet else 0.004) * fractal(shape, px, rng, 2.4, 0.8)
    return finish(color, relief)


def slabs(
    size_m: tuple[float, float], slab_m: tuple[float, float], palette: Sequence[Color],
    rng: Generator, px: float = 90.0, dirt: float = 1.0,
) -> Texture:  # fmt: skip
    """Paving slabs in a running bond with worn edges, stains, gum and moss in the joints."""
    shape = _shape(size_m, px)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / px
    row = (y / slab_m[1]).astype(int)
    across = x + (row % 2) * slab_m[0] / 2 + 0.004 * np.sin(37.0 * row)
    number = row * (int(size_m[0] / slab_m[0]) + 3) + (across / slab_m[0]).astype(int)
    color = tint(number, palette, rng, 0.07) * grain(shape, px, rng)
    edge = np.minimum(
        np.minimum(y % slab_m[1], slab_m[1] - y % slab_m[1]),
        np.minimum(across % slab_m[0], slab_m[0] - across % slab_m[0]),
    )
    gap = 1 - smoothstep(0.003, 0.011, edge - 0.002 * fractal(shape, px, rng, 1.6, 0.1))
    moss = smoothstep(0.4, 1.5, fractal(shape, px, rng, 2.2, 1.5))
    color = mix(color, (74, 70, 62), 0.8 * gap * (1 - moss))
    color = mix(color, (84, 92, 54), 0.75 * gap * moss)
    stain = smoothstep(0.5, 1.9, fractal(shape, px, rng, 2.1, 0.9))
    color = mix(color, (92, 86, 76), 0.35 * dirt * stain)
    gum = smoothstep(2.5, 2.7, fractal(shape, px, rng, 1.3, 0.09))
    color = mix(color, (60, 58, 56), 0.5 * dirt * gum)
    split = cracks(shape, px, rng, 0.003)
    color = mix(color, (70, 64, 56), 0.5 * split)
    return finish(color, -0.006 * gap - 0.003 * split + 0.001 * fractal(shape, px, rng, 1.6, 0.1))


def setts(size_m: tuple[float, float], palette: Sequence[Color], rng: Generator) -> Texture:
    """Small stones laid in uneven rows, round at their edges."""
    px, step = 100.0, 0.13
    shape = _shape(size_m, px)
    rows, columns = int(size_m[1] / step), int(size_m[0] / step)
    j, i = np.mgrid[:rows, :columns]
    sites = np.stack([(i + 0.5 * (j % 2) + 0.5) * step, (j + 0.5) * step], -1).reshape(-1, 2)
    number, edge = cells(sites + rng.normal(0, 0.009, sites.shape), shape, px, rng, 0.004)
    color = tint(number, palette, rng, 0.11) * grain(shape, px, rng)
    gap = 1 - smoothstep(0.004, 0.018, edge)
    color = mix(color, (66, 60, 52), 0.8 * gap)
    stain = smoothstep(0.5, 1.9, fractal(shape, px, rng, 2.1, 0.9))
    color = mix(color, (84, 76, 66), 0.35 * stain)
    return finish(color, 0.012 * np.sqrt(np.clip(edge / 0.05, 0, 1)))


def sign(text: str, ground: Color, ink: Color, rng: Generator) -> Texture:
    """A painted board, eight times as wide as it is high, with a shop's name."""
    wide, high = 1024, 128
    page = Image.new("RGB", (wide, high), ground)
    draw = ImageDraw.Draw(page)
    draw.rectangle((8, 8, wide - 9, high - 9), outline=ink, width=4)
    draw.text((wide / 2, high / 2), text, ink, ImageFont.load_default(84), anchor="mm")
    color = np.array(page).astype(np.float32) * grain((high, wide), 300.0, rng)
    return finish(color, np.zeros((high, wide)))
