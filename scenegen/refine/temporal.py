"""The temporal transformer: a place attends to the same surface in frames before and after it.

Where a cell's surface is in another frame is known from depth and cameras; a small offset on top
of it is learned. The further the depth there is from what it should be, the less it counts: then
something else is seen. Output projections start at zero, so that frames are alone before training.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from scenegen.refine.network import Encoded

Frame = TypeVar("Frame")
REACH = 2
"""Frames before and after a frame that it attends to, in each layer."""
_OFFSET_CELLS = 2.0
_GONE = 12.0
"""Bias of a place that the other frame does not see."""


@dataclass(frozen=True, eq=False)
class Reprojection:
    """Where the cells of a frame are in another one, on the middle grid.

    ``place`` is x and y from -1 to 1 over the other frame, as `grid_sample` takes it; ``apart`` the
    absolute difference of the logarithms of the depth there and the one that it should have, and
    infinite where it is out of the frame.
    """

    place: Float[Tensor, "batch h w 2"]
    apart: Float[Tensor, "batch h w"]

    def to(self, device: str) -> Reprojection:
        """Return the same on a device."""
        return Reprojection(self.place.to(device), self.apart.to(device))


class Temporal(nn.Module):
    """One layer: attention to the frames around, then a perceptron."""

    def __init__(self, channels: int, heads: int, aligned: bool = True) -> None:
        super().__init__()
        self.heads, self.aligned = heads, aligned
        self.norm = nn.GroupNorm(8, channels)
        self.query = nn.Conv2d(channels, channels, 1)
        self.key_value = nn.Conv2d(channels, 2 * channels, 1)
        self.offset = nn.Conv2d(channels, 2 * (2 * REACH + 1), 1)
        self.out = nn.Conv2d(channels, channels, 1)
        self.doubt = nn.Parameter(torch.full((heads,), 3.0))
        self.inner = nn.Sequential(
            nn.GroupNorm(8, channels),
            nn.Conv2d(channels, 2 * channels, 1),
            nn.SiLU(),
            nn.Conv2d(2 * channels, channels, 1),
        )
        for zero in (self.offset, self.out, self.inner[-1]):
            assert isinstance(zero, nn.Conv2d)
            nn.init.zeros_(zero.weight)
            if zero.bias is not None:
                nn.init.zeros_(zero.bias)

    def forward(self, frames: Iterable[Encoded]) -> Iterator[Encoded]:
        """Yield the frames, each after it has attended to those around it."""
        waiting: deque[Encoded] = deque()  # of a frame that has gone on, no more than this is kept

        def told() -> Iterator[Tensor]:
            for frame in frames:
                waiting.append(frame)
                yield self.key_value(self.norm(frame.middle))

        for window in windowed(told()):
            yield self._attended(waiting.popleft(), window)

    def _attended(self, frame: Encoded, window: dict[int, Tensor]) -> Encoded:
        x = frame.middle
        batch, channels, height, width = x.shape
        query = self.query(self.norm(x)).reshape(batch, self.heads, -1, height, width)
        offsets = torch.tanh(self.offset(self.norm(x))) * _OFFSET_CELLS
        scores, values = [], []
        for later, pair in window.items():
            key, value, bias = self._there(frame, pair, later, offsets)
            score = (query * key).sum(dim=2) / (channels // self.heads) ** 0.5
            scores.append(score - bias)
            values.append(value)
        weight = torch.stack(scores, dim=2).softmax(dim=2)
        found = (weight[:, :, :, None] * torch.stack(values, dim=2)).sum(dim=2)
        x = x + self.out(found.reshape(batch, channels, height, width))
        return replace(frame, middle=x + self.inner(x))

    def _there(
        self, frame: Encoded, pair: Tensor, later: int, offsets: Float[Tensor, "batch n h w"]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return keys and values (``pair``) of another frame where a frame is in it, and a bias."""
        batch, channels, height, width = frame.middle.shape
        if later == 0:
            key, value = pair.chunk(2, dim=1)
            bias = torch.zeros((), device=pair.device)
        else:
            reach = frame.given.reach[later] if self.aligned else _in_place(frame.middle)
            at = 2 * (later + REACH)
            cells = torch.tensor([2 / width, 2 / height], device=pair.device)
            moved = reach.place + offsets[:, at : at + 2].movedim(1, -1) * cells
            sampled = functional.grid_sample(
                pair, moved, padding_mode="border", align_corners=False
            )
            key, value = sampled.chunk(2, dim=1)
            doubt = functional.softplus(self.doubt)[None, :, None, None]
            bias = (doubt * 10 * reach.apart[:, None].clamp(max=_GONE)).clamp(max=_GONE)
        shape = (batch, self.heads, channels // self.heads, height, width)
        return key.reshape(shape), value.reshape(shape), bias


def _in_place(x: Float[Tensor, "batch channel h w"]) -> Reprojection:
    """Return what finds every cell where it is in the frame itself, as if nothing had moved."""
    height, width = x.shape[2:]
    rows, columns = (2 * (torch.arange(side) + 0.5) / side - 1 for side in (height, width))
    y, x_grid = torch.meshgrid(rows, columns, indexing="ij")
    place = torch.stack([x_grid, y], dim=-1).to(x)[None].expand(len(x), -1, -1, -1)
    return Reprojection(place, torch.zeros_like(place[..., 0]))


def windowed(frames: Iterable[Frame], reach: int = REACH) -> Iterator[dict[int, Frame]]:
    """Yield for each frame the frames around it, by how many frames later they come."""
    beyond = [None] * reach
    window: deque[Frame | None] = deque(beyond, maxlen=2 * reach + 1)
    for frame in chain(frames, beyond):
        window.append(frame)
        if len(window) == 2 * reach + 1:
            yield {at - reach: one for at, one in enumerate(window) if one is not None}
