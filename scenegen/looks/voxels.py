"""What is known of a place's surfaces, by small cells of the world: it stays where it is.

Whatever a look takes from a frame's own depth would flicker with that depth. It takes it from cells
of the world instead, each of which was seen by many photos, and reads them between their middles.
Space around the place is divided evenly; beyond, cells grow with their distance, since they are
even in contracted space (Barron et al., "Mip-NeRF 360", 2022, eq. 10).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

SIDE = 256
"""Cells along an edge of the cube [-2, 2]^3 of contracted space."""


COARSER = 4
_WHOLE = 0.999


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of space: ``centre`` and ``radius`` of the ball in which they are even."""

    centre: Float[np.ndarray, "3"]
    radius: float

    @property
    def edge(self) -> float:
        """Length of a cell's edge inside the ball, in world units."""
        return self.radius * 4.0 / SIDE

    def place(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
        """Return where world points lie among the cells: (0, 0, 0) is the first one's middle."""
        local = ((points - self.centre) / self.radius).astype(np.float32)
        far = np.sqrt(np.einsum("ij,ij->i", local, local))
        shrink = np.where(far > 1.0, (2.0 - 1.0 / np.maximum(far, 1.0)) / np.maximum(far, 1.0), 1.0)
        return (local * shrink[:, None].astype(np.float32) + 2.0) * np.float32(SIDE / 4) - 0.5

    def number(self, points: Float[np.ndarray, "n 3"]) -> Int[np.ndarray, "n"]:
        """Return the number of the cell that each world point lies in."""
        at = np.clip(np.rint(self.place(points)).astype(np.int64), 0, SIDE - 1)
        return (at[:, 0] * SIDE + at[:, 1]) * SIDE + at[:, 2]

    def stretch(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
        """Return the edge of the cells at world points, along their radius, in world units."""
        far = np.linalg.norm(points - self.centre, axis=1) / self.radius
        return self.edge * np.maximum(far, 1.0) ** 2


class VoxelMap:
    """Values of some cells, read by interpolation; ``numbers`` are sorted.

    Where there are none, cells `COARSER` times as large tell what is near.
    """

    def __init__(
        self,
        cells: Cells,
        numbers: Int[np.ndarray, "cell"],
        values: Float32[np.ndarray, "cell value"],
    ) -> None:
        self.cells = cells
        self._fine = _Level(SIDE, 1, numbers, values)
        side = SIDE // COARSER
        coarse, at = np.unique(_coarser(numbers), return_inverse=True)
        count = np.bincount(at, minlength=len(coarse))
        mean = [np.bincount(at, column, len(coarse)) / count for column in values.T]
        self._coarse = _Level(side, COARSER, coarse, np.stack(mean, axis=-1).astype(np.float32))

    def at(
        self, points: Float[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n value"], Float32[np.ndarray, "n"]]:
        """Return the values at world points, and how well they are known there, 0 to 1."""
        place = self.cells.place(points)
        total, known = self._fine.at(place)
        lacking = np.flatnonzero(known < _WHOLE)
        more, near = self._coarse.at(place[lacking])
        rest = (1 - known[lacking])[:, None]
        total[lacking] += rest * more
        known[lacking] += rest[:, 0] * near
        return total / np.maximum(known, 1e-6)[:, None], known

    def sure(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        """Return how far world points lie by cells that are known themselves, 0 to 1."""
        return self._fine.at(self.cells.place(points))[1]


class _Level:
    """Cells of one size, ``scale`` times that of the finest, in a cube of ``side`` of them."""

    def __init__(
        self,
        side: int,
        scale: int,
        numbers: Int[np.ndarray, "cell"],
        values: Float32[np.ndarray, "cell value"],
    ) -> None:
        numbers, values = _grown(side, numbers, values)
        self._side, self._scale = side, np.float32(scale)
        self._index = np.zeros(side**3, np.int32)
        self._index[numbers] = np.arange(1, len(numbers) + 1, dtype=np.int32)
        self._table = np.zeros((len(numbers) + 1, values.shape[1] + 1), np.float32)
        self._table[1:, :-1] = values
        self._table[1:, -1] = 1.0

    def at(
        self, place: Float32[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n value"], Float32[np.ndarray, "n"]]:
        """Return sums of values and of weights at places among the finest cells."""
        side = self._side
        place = (place + 0.5) / self._scale - 0.5
        low = np.clip(np.floor(place), 0, side - 2).astype(np.int32)
        share = np.clip(place - low, 0.0, 1.0)
        first = (low[:, 0] * side + low[:, 1]) * side + low[:, 2]
        total = np.zeros((len(place), self._table.shape[1]), np.float32)
        for dx, dy, dz in np.ndindex(2, 2, 2):
            rows = self._index.take(first + np.int32((dx * side + dy) * side + dz))
            weight = share[:, 0] if dx else 1 - share[:, 0]
            weight = weight * (share[:, 1] if dy else 1 - share[:, 1])
            weight *= share[:, 2] if dz else 1 - share[:, 2]
            total += self._table.take(rows, axis=0) * weight[:, None]
        return total[:, :-1], total[:, -1].copy()


def _coarser(numbers: Int[np.ndarray, "cell"]) -> Int[np.ndarray, "cell"]:
    """Return the numbers of the coarse cells in which fine ones lie."""
    x, rest = np.divmod(numbers, SIDE * SIDE)
    y, z = np.divmod(rest, SIDE)
    side = SIDE // COARSER
    return (x // COARSER * side + y // COARSER) * side + z // COARSER


def around(numbers: Int[np.ndarray, "cell"]) -> Int[np.ndarray, "27 cell"]:
    """Return for each of sorted ``numbers`` the places in them of the cells around, itself first.

    Cells that are not among them have the place ``len(numbers)``.
    """
    offsets = sorted(np.ndindex(3, 3, 3), key=lambda one: one != (1, 1, 1))
    found = []
    for dx, dy, dz in offsets:
        wanted = numbers + ((dx - 1) * SIDE + dy - 1) * SIDE + dz - 1
        at = np.searchsorted(numbers, wanted)
        inside = at < len(numbers)
        inside[inside] = numbers[at[inside]] == wanted[inside]
        found.append(np.where(inside, at, len(numbers)))
    return np.stack(found)


def smoothed(
    values: Float[np.ndarray, "cell value"],
    weight: Float[np.ndarray, "cell"],
    neighbours: Int[np.ndarray, "27 cell"],
) -> Float[np.ndarray, "cell value"]:
    """Return the weighted mean of each cell and those around it."""
    padded = np.concatenate([values * weight[:, None], np.zeros((1, values.shape[1]))])
    weights = np.append(weight, 0.0)
    total, mass = np.zeros_like(values), np.zeros(len(values))
    for place in neighbours:
        total += padded[place]
        mass += weights[place]
    return total / np.maximum(mass, 1e-12)[:, None]


def _grown(
    side: int, numbers: Int[np.ndarray, "cell"], values: Float32[np.ndarray, "cell value"]
) -> tuple[Int[np.ndarray, "more"], Float32[np.ndarray, "more value"]]:
    """Return the cells with those around them, which get the means of their neighbours.

    So what lies near the face of a cell is read between known ones.
    """
    offsets = [(dx * side + dy) * side + dz for dx, dy, dz in np.ndindex(3, 3, 3)]
    offsets = np.array(offsets) - (side + 1) * side - 1
    shell = (numbers[None] + offsets[:, None]).ravel()
    inside = (shell >= 0) & (shell < side**3)
    shell, source = shell[inside], np.tile(np.arange(len(numbers)), len(offsets))[inside]
    grown, place = np.unique(shell, return_inverse=True)
    count = np.bincount(place, minlength=len(grown))
    made = np.stack(
        [np.bincount(place, column[source], len(grown)) / count for column in values.T], axis=-1
    ).astype(np.float32)
    made[np.searchsorted(grown, numbers)] = values
    return grown, made
