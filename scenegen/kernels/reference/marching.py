"""Marching rays through occupied space.

The grid of cells spans contracted space and holds the Chebyshev distance to the nearest occupied
cell, 0 in one. Steps grow with the distance from the origin, as contracted space shrinks; empty
space is leapt over, never past the next occupied cell.

Source: Mueller et al., "Instant Neural Graphics Primitives" (2022), appendix E.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from scenegen.kernels.crop import CropBox

STRAIGHT = 0.08
"""Share of the distance from the origin over which contraction bends rays by a quarter cell at
most."""


@dataclass(frozen=True)
class RayStart:
    """How rays march: step length inside the unit ball, first and last distance."""

    step: float
    near: float
    far: float
    crop: CropBox | None = None
    """What rays that are rendered are clipped to; `Marcher` knows none."""


class Marcher:
    """Rays on their way; each call of `next` goes on where the last one ended."""

    def __init__(
        self,
        distance: UInt8[Tensor, "z y x"],
        start: RayStart,
        origins: Float[Tensor, "ray 3"],
        directions: Float[Tensor, "ray 3"],
        offset: Float[Tensor, "ray"],
    ) -> None:
        self._distance = distance
        self._step = start.step
        self._origins, self._directions = origins, directions
        along = (origins * directions).sum(-1)
        inside = along.square() - origins.square().sum(-1) + start.far**2
        reach = inside.clamp(min=0.0).sqrt() - along
        self._t_far = torch.where(inside > 0, reach, 0.0)
        self._t = start.near + offset * start.step

    def next(
        self, rays: Int[Tensor, "active"], capacity: int
    ) -> tuple[
        Float[Tensor, "active sample"], Float[Tensor, "active sample"], Int[Tensor, "active"]
    ]:
        """Return up to ``capacity`` samples a ray: midpoints t, lengths dt, and their number.

        What a ray lacks is padded with its last t, or 0, and dt = 0.
        """
        t = torch.zeros(len(rays), capacity, device=rays.device)
        dt = torch.zeros_like(t)
        count = torch.zeros(len(rays), dtype=torch.long, device=rays.device)
        row = torch.arange(len(rays), device=rays.device)
        while len(
            row := row[(count[row] < capacity) & (self._t[rays[row]] < self._t_far[rays[row]])]
        ):
            ray = rays[row]
            occupied, length, leap = self._look(ray)
            hit = row[occupied]
            t[hit, count[hit]] = self._t[ray[occupied]] + 0.5 * length[occupied]
            dt[hit, count[hit]] = length[occupied]
            count[hit] += 1
            self._t[ray] += torch.where(occupied, length, leap)
        last = t.gather(1, (count - 1).clamp(min=0)[:, None])
        padding = torch.arange(capacity, device=rays.device) >= count[:, None]
        return torch.where(padding, last, t), dt, count

    def _look(
        self, ray: Int[Tensor, "n"]
    ) -> tuple[Bool[Tensor, "n"], Float[Tensor, "n"], Float[Tensor, "n"]]:
        """Return whether rays stand in occupied cells, the step there, the leap out of others."""
        cells = len(self._distance)
        p = self._origins[ray] + self._t[ray, None] * self._directions[ray]
        r2 = p.square().sum(-1)
        r = r2.clamp(min=1.0).sqrt()
        place = (p * _contraction(r)[:, None] + 2.0) * (0.25 * cells)
        index = place.long().clamp(0, cells - 1)
        empty = self._distance[index[:, 2], index[:, 1], index[:, 0]].long()
        length = self._step * r
        width = (empty - 1) * (4.0 / cells)
        low = (r - width / _contraction(r)).clamp(min=1.0)
        outside = width / _contraction(low)
        leap = torch.where(r2 > 1.0, outside, self._box_exit(ray, p, index, empty))
        return empty == 0, length, torch.maximum(leap, length)

    def _box_exit(self, ray: Tensor, p: Tensor, index: Tensor, empty: Tensor) -> Tensor:
        """Distance to where the ray leaves the box of empty cells, in space that is not bent."""
        d = self._directions[ray]
        inverse = 1.0 / torch.where(d.abs() > 1e-9, d, 1e-9)
        edge = torch.where(d > 0, index + empty[:, None], index + 1 - empty[:, None])
        return ((edge * (4.0 / len(self._distance)) - 2.0 - p) * inverse).amin(-1).clamp(max=1e9)


class PacketMarcher(Marcher):
    """Rays that are rendered: one look takes all samples of a cell, and leaps go straighter.

    Where space is bent, a leap follows the tangent of the contracted ray to the border of the box
    of empty cells, no further than `STRAIGHT` allows, or as far as `Marcher` leaps, if that is
    more. With a crop their ways begin and end at its faces.
    """

    def __init__(
        self,
        distance: UInt8[Tensor, "z y x"],
        start: RayStart,
        origins: Float[Tensor, "ray 3"],
        directions: Float[Tensor, "ray 3"],
        offset: Float[Tensor, "ray"],
    ) -> None:
        super().__init__(distance, start, origins, directions, offset)
        self._cropped = start.crop is not None
        if start.crop is not None:
            enters, leaves = _through_box(start.crop, origins, directions)
            self._t = torch.maximum(self._t, enters)
            self._t_far = torch.minimum(self._t_far, leaves)

    def next(
        self, rays: Int[Tensor, "active"], capacity: int
    ) -> tuple[
        Float[Tensor, "active sample"], Float[Tensor, "active sample"], Int[Tensor, "active"]
    ]:
        """Return samples as `Marcher.next` does; what a ray lacks has t = 0 and dt = 0."""
        t, dt = torch.zeros(2, len(rays), capacity, device=rays.device)
        count = torch.zeros(len(rays), dtype=torch.long, device=rays.device)
        row = torch.arange(len(rays), device=rays.device)
        while len(
            row := row[(count[row] < capacity) & (self._t[rays[row]] < self._t_far[rays[row]])]
        ):
            ray = rays[row]
            occupied, length, leap = self._look(ray)
            until = self._t[ray] + leap
            self._t[ray[~occupied]] += torch.maximum(leap, length)[~occupied]
            taking = occupied
            while taking.any():
                hit, here = row[taking], ray[taking]
                taken = length[taking]
                if self._cropped:
                    taken = torch.minimum(taken, self._t_far[here] - self._t[here])
                t[hit, count[hit]] = self._t[here] + 0.5 * taken
                dt[hit, count[hit]] = taken
                count[hit] += 1
                self._t[here] += length[taking]
                taking = taking & (self._t[ray] < until) & (count[row] < capacity)
                if self._cropped:
                    taking = taking & (self._t[ray] < self._t_far[ray])
        return t, dt, count

    def _look(
        self, ray: Int[Tensor, "n"]
    ) -> tuple[Bool[Tensor, "n"], Float[Tensor, "n"], Float[Tensor, "n"]]:
        """Return as `Marcher._look`; of an occupied cell, the leap is the way out of it."""
        cells = len(self._distance)
        d = self._directions[ray]
        p = self._origins[ray] + self._t[ray, None] * d
        r = p.square().sum(-1).clamp(min=1.0).sqrt()
        scale = _contraction(r)[:, None]
        place = (p * scale + 2.0) * (0.25 * cells)
        index = place.long().clamp(0, cells - 1)
        empty = self._distance[index[:, 2], index[:, 1], index[:, 0]].long()
        bend = 2.0 / r**3 * (1.0 / r - 1.0) * (p * d).sum(-1)
        velocity = (d * scale + p * bend[:, None]) * (0.25 * cells)
        wide = empty.clamp(min=1)[:, None]
        edge = torch.where(velocity > 0, index + wide, index + 1 - wide)
        leap = ((edge - place).abs() / velocity.abs().clamp(min=1e-7)).amin(-1)
        leap = torch.where(r > 1.0, torch.minimum(leap, STRAIGHT * r), leap)
        width = (empty - 1) * (4.0 / cells)
        low = (r - width / scale[:, 0]).clamp(min=1.0)
        sure = torch.where((r > 1.0) & (empty > 4), width / _contraction(low), 0.0)
        return empty == 0, self._step * r, torch.maximum(leap, sure)


def _through_box(
    box: CropBox, origins: Float[Tensor, "ray 3"], directions: Float[Tensor, "ray 3"]
) -> tuple[Float[Tensor, "ray"], Float[Tensor, "ray"]]:
    """Return where rays enter and leave a box: the former behind the latter where they miss it."""
    axes, centre, half = (
        torch.from_numpy(part.astype(np.float32)).to(origins.device)
        for part in (box.axes, box.centre, box.half)
    )
    at, speed = (origins - centre) @ axes.T, directions @ axes.T
    speed = torch.where(speed.abs() < 1e-9, 1e-9, speed)
    low, high = (-half - at) / speed, (half - at) / speed
    return torch.minimum(low, high).amax(-1), torch.maximum(low, high).amin(-1)


def _contraction(r: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return what contraction makes of a length at distance ``r`` >= 1 from the origin, at most."""
    inverse = 1.0 / r
    return (2.0 - inverse) * inverse
