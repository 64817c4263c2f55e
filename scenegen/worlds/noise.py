"""Random fields over a texture, all drawn from a `numpy.random.Generator`."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32, Int
from numpy.random import Generator
from scipy.spatial import KDTree


def fractal(
    shape: tuple[int, int],
    px_per_m: float,
    rng: Generator,
    slope: float = 2.0,
    coarsest_m: float = 1.0,
) -> Float32[np.ndarray, "height width"]:
    """Gaussian noise whose amplitude falls as f^-slope below ``coarsest_m``; mean 0, deviation 1.

    The coarsest wavelength is where the spectrum flattens, so it sets the size of the blotches.
    """
    white = rng.standard_normal(shape, dtype=np.float32)
    fy = np.fft.fftfreq(shape[0])[:, None].astype(np.float32) * px_per_m
    fx = np.fft.rfftfreq(shape[1])[None].astype(np.float32) * px_per_m
    gain = (fx**2 + fy**2 + coarsest_m**-2) ** np.float32(-slope / 2)
    gain[0, 0] = 0
    field = np.fft.irfft2(np.fft.rfft2(white) * gain, s=shape).astype(np.float32)
    return field / np.float32(field.std() + 1e-12)


def cracks(
    shape: tuple[int, int], px_per_m: float, rng: Generator, width_m: float = 0.004
) -> Float32[np.ndarray, "height width"]:
    """Hairline cracks: 1 in a crack, 0 away from it. They follow the zero lines of a noise."""
    field = fractal(shape, px_per_m, rng, slope=2.6, coarsest_m=1.5)
    gy, gx = np.gradient(field)
    distance_m = np.abs(field) / (np.hypot(gx, gy) + 1e-6) / px_per_m
    where = fractal(shape, px_per_m, rng, slope=3.0, coarsest_m=2.0) > 0.5
    return np.where(where, np.exp(-((distance_m / width_m) ** 2)), 0).astype(np.float32)


def cells(
    sites_m: Float[np.ndarray, "site 2"],
    shape: tuple[int, int],
    px_per_m: float,
    rng: Generator,
    wobble_m: float = 0.02,
) -> tuple[Int[np.ndarray, "height width"], Float32[np.ndarray, "height width"]]:
    """Voronoi cells of ``sites_m`` (x, y): the index of the site and the distance to the edge.

    The plane is warped by up to ``wobble_m`` first, so that edges are not straight.
    """
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / px_per_m
    x += wobble_m * fractal(shape, px_per_m, rng, 2.2, 0.3)
    y += wobble_m * fractal(shape, px_per_m, rng, 2.2, 0.3)
    near = KDTree(sites_m).query(np.stack([x, y], -1).reshape(-1, 2), k=2)
    distance, index = np.asarray(near[0]), np.asarray(near[1])
    a, b = sites_m[index[:, 0]], sites_m[index[:, 1]]
    gap = np.linalg.norm(a - b, axis=1) + 1e-6
    edge = (distance[:, 1] ** 2 - distance[:, 0] ** 2) / (2 * gap)
    return index[:, 0].reshape(shape), edge.reshape(shape).astype(np.float32)


def blocks(
    shape: tuple[int, int], px_per_m: float, rng: Generator, row_m: float, block_m: float
) -> tuple[Int[np.ndarray, "height width"], Float32[np.ndarray, "height width"]]:
    """Courses of rectangular blocks of irregular sizes: block number and distance to its edge."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / px_per_m
    x += 0.008 * fractal(shape, px_per_m, rng, 2.2, 0.4)
    y += 0.008 * fractal(shape, px_per_m, rng, 2.2, 0.4)
    rows = _cuts(shape[0] / px_per_m, row_m, rng)
    row = np.clip(np.searchsorted(rows, y) - 1, 0, len(rows) - 2)
    edge = np.minimum(y - rows[row], rows[row + 1] - y)
    number = np.zeros(shape, np.int64)
    first = 0
    for r in range(len(rows) - 1):
        inside = row == r
        cuts = _cuts(shape[1] / px_per_m, block_m, rng)
        column = np.clip(np.searchsorted(cuts, x[inside]) - 1, 0, len(cuts) - 2)
        sides = np.minimum(x[inside] - cuts[column], cuts[column + 1] - x[inside])
        edge[inside] = np.minimum(edge[inside], sides)
        number[inside] = first + column
        first += len(cuts)
    return number, edge.astype(np.float32)


def _cuts(length_m: float, step_m: float, rng: Generator) -> Float[np.ndarray, "cut"]:
    steps = step_m * rng.uniform(0.65, 1.4, int(length_m / step_m / 0.65) + 4)
    return np.concatenate([[-step_m], -step_m * rng.uniform(0.1, 0.9) + np.cumsum(steps)])


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """Hermite step from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def scattered(x: Float[np.ndarray, "*p"], y: Float[np.ndarray, "*p"]) -> Float[np.ndarray, "*p"]:
    """Return a number from 0 to 1 for each place, the same whenever it is asked for."""
    return np.mod(np.sin(12.9 * x + 78.2 * y) * 437.5, 1.0)
