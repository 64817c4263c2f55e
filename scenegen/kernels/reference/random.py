"""Counter-based random numbers: the same on every device, thread and backend.

Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014), SplitMix64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt64

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mix(x: UInt64[np.ndarray, "*n"]) -> UInt64[np.ndarray, "*n"]:
    """Scramble 64-bit counters; arithmetic is modulo 2^64."""
    with np.errstate(over="ignore"):  # NumPy warns where a scalar wraps around, as it should here
        x = np.asarray(x, np.uint64) + _GOLDEN
        x = (x ^ (x >> np.uint64(30))) * _FIRST
        x = (x ^ (x >> np.uint64(27))) * _SECOND
        return x ^ (x >> np.uint64(31))


def uniform(x: UInt64[np.ndarray, "*n"]) -> Float32[np.ndarray, "*n"]:
    """Return the upper 24 bits as numbers in [0, 1)."""
    return (x >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


@dataclass(frozen=True)
class Drawn:
    """Random rays of a step: a pixel of a photo, a colour behind it, a shift of its samples."""

    photo: Int64[np.ndarray, "ray"]
    pixel: Int64[np.ndarray, "ray"]
    backdrop: Float32[np.ndarray, "ray 3"]
    offset: Float32[np.ndarray, "ray"]
    distance: Float32[np.ndarray, "ray"]
    """To the sparse point that was seen there; 0 where a ray goes through no sighting."""
    chance: Float32[np.ndarray, "ray"]
    """Decides whether a ray into the sky is followed."""


def draw_pixels(
    seed: int,
    step: int,
    rays: int,
    pixel_offsets: Float64[np.ndarray, "edge"],
    sightings: tuple[np.ndarray, np.ndarray, float] | None = None,
) -> Drawn:
    """Draw the rays of step ``step``; ``pixel_offsets`` counts the pixels before each photo.

    ``sightings`` are pixels, distances, and the share of the rays that go through one of them.
    """
    numbers = np.uint64(step << 24) | np.arange(rays, dtype=np.uint64)
    h = mix(np.uint64(seed) ^ mix(numbers))
    chance = (h >> np.uint64(11)).astype(np.float64) * 2.0**-53
    pick, distance = chance * pixel_offsets[-1], np.zeros(rays, np.float32)
    if sightings is not None:
        pixels, distances, share = sightings
        seen = (chance * len(pixels)).astype(np.int64)
        chosen = uniform(mix(h + np.uint64(8))) < np.float32(share)
        pick = np.where(chosen, pixels[seen], pick)
        distance = np.where(chosen, distances[seen], distance)
    photo = np.searchsorted(pixel_offsets[:-1], pick, side="right") - 1
    pixel = (pick - pixel_offsets[photo]).astype(np.int64)
    pixel = np.minimum(pixel, (np.diff(pixel_offsets)[photo] - 1).astype(np.int64))
    backdrop = np.stack([uniform(mix(h + np.uint64(1 + i))) for i in range(3)], axis=-1)
    offset, chance = (uniform(mix(h + np.uint64(i))) for i in (7, 9))
    return Drawn(photo, pixel, backdrop, offset, distance, chance)
