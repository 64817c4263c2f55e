"""Sunlight and a blue sky with fair-weather clouds, as an environment map."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32
from numpy.random import Generator

from scenegen.worlds.noise import fractal, smoothstep

SUN_AZIMUTH_DEG, SUN_ELEVATION_DEG = -128.0, 43.0
"""Mid-afternoon: the sun stands in the south-west and lights the north and east sides."""
SUN_IRRADIANCE = (17.5, 14.6, 10.6)


def sun_direction() -> tuple[float, float, float]:
    """Unit vector from the sun to the ground."""
    azimuth, elevation = np.radians(SUN_AZIMUTH_DEG), np.radians(SUN_ELEVATION_DEG)
    level = np.cos(elevation)
    return (
        float(-level * np.cos(azimuth)),
        float(-level * np.sin(azimuth)),
        float(-np.sin(elevation)),
    )


def sky_map(height_px: int, rng: Generator) -> Float32[np.ndarray, "height width 3"]:
    """Radiance by latitude (row 0: zenith) and longitude; clouds lie on a plane overhead."""
    shape = (height_px, 2 * height_px)
    elevation = np.pi / 2 - (np.arange(shape[0]) + 0.5) / shape[0] * np.pi
    azimuth = (np.arange(shape[1]) + 0.5) / shape[1] * 2 * np.pi
    up = np.clip(np.sin(elevation), 0, 1)[:, None, None]
    zenith, horizon = np.array([0.62, 1.25, 2.55]), np.array([2.0, 2.3, 2.6])
    color = zenith + (horizon - zenith) * (1 - up) ** 3.5
    tiles = 1024
    cloud = fractal((tiles, tiles), tiles / 8, rng, 2.5, 2.0)
    reach = 1.1 / np.maximum(np.sin(elevation), 0.06)[:, None]
    x, y = (
        reach * np.cos(azimuth) * np.cos(elevation)[:, None],
        reach * np.sin(azimuth) * np.cos(elevation)[:, None],
    )
    density = cloud[(y * tiles / 8).astype(int) % tiles, (x * tiles / 8).astype(int) % tiles]
    cover = smoothstep(0.35, 1.5, density) * smoothstep(0.03, 0.16, np.sin(elevation))[:, None]
    shade = 1 - 0.16 * smoothstep(1.2, 2.4, density)
    white = np.array([4.1, 4.0, 3.85]) * shade[..., None]
    color = color + (white - color) * (0.85 * cover)[..., None]
    below = (elevation < 0)[:, None, None]
    return np.where(below, np.array([0.35, 0.33, 0.28]), color).astype(np.float32)
