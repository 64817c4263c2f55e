"""Writes hash_grid.json: entries and features by a slow scalar program, independent of the package.

Run it from the root of the repository: python tests/golden/hash_grid/generate.py
"""

from __future__ import annotations

import json
import math
from pathlib import Path

LEVELS, LOG2_TABLE, COARSEST, FINEST = 4, 10, 7, 300
POINTS = [
    (0.0, 0.0, 0.0),
    (0.31, -0.17, 0.62),
    (-0.43, 0.27, -0.71),
    (0.97, 0.11, -0.13),
    (-0.05, -0.99, 0.09),
    (1.7, 0.4, -0.9),
    (-3.3, 2.1, 0.6),
    (0.2, -11.0, 5.5),
    (40.0, 31.0, -27.0),
]


def feature(level: int, entry: int, index: int) -> float:
    """A table that repeats nowhere soon, of values that half precision holds exactly."""
    return ((level * 5003 + entry * 7919 + index * 104729) % 2003 - 1001) / 1024


def contract(point: tuple[float, ...]) -> list[float]:
    r = math.sqrt(sum(c * c for c in point))
    scale = 1.0 if r <= 1.0 else (2.0 - 1.0 / r) / r
    return [0.25 * scale * c + 0.5 for c in point]


def vertex_entry(resolution: int, vertex: tuple[int, int, int]) -> int:
    i, j, k = vertex
    edge = resolution + 1
    if edge**3 <= 2**LOG2_TABLE:
        return i + j * edge + k * edge * edge
    mixed = i ^ (j * 2654435761 % 2**32) ^ (k * 805459861 % 2**32)
    return mixed % 2**LOG2_TABLE


def encode(point: tuple[float, ...]) -> tuple[list[list[int]], list[float]]:
    x = contract(point)
    entries, values = [], []
    for level in range(LEVELS):
        growth = (FINEST / COARSEST) ** (1.0 / (LEVELS - 1))
        resolution = math.floor(COARSEST * growth**level + 1e-6)
        cell = [math.floor(c * resolution) for c in x]
        inside = [c * resolution - whole for c, whole in zip(x, cell, strict=True)]
        total, row = [0.0] * 4, []
        for corner in range(8):
            bits = [corner & 1, corner >> 1 & 1, corner >> 2]
            i, j, k = (whole + bit for whole, bit in zip(cell, bits, strict=True))
            entry = vertex_entry(resolution, (i, j, k))
            weight = 1.0
            for bit, f in zip(bits, inside, strict=True):
                weight *= f if bit else 1.0 - f
            row.append(entry)
            total = [t + weight * feature(level, entry, n) for n, t in enumerate(total)]
        entries.append(row)
        values += total
    return entries, values


def golden() -> dict[str, object]:
    rows = [encode(point) for point in POINTS]
    return {
        "points": POINTS,
        "entries": [entries for entries, _ in rows],
        "features": [[round(value, 9) for value in values] for _, values in rows],
    }


if __name__ == "__main__":
    target = Path(__file__).with_name("hash_grid.json")
    target.write_text(json.dumps(golden()) + "\n")
