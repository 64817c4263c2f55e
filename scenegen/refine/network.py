"""The refiner's network: what a frame on the bridge was before its render, its noise taken off.

Works at a quarter, an eighth and a sixteenth of the frame's size. Dense 3x3 convolutions alone:
depthwise ones reach a seventh of their speed on CPUs. Source of the blocks: Dhariwal and Nichol,
"Diffusion models beat GANs" (2021), with scale and shift by the time (AdaGN).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from scenegen.refine.bridge import Bridge
from scenegen.refine.condition import PHOTO_CHANNELS
from scenegen.refine.heads import Head, Made
from scenegen.refine.temporal import Reprojection, Temporal

PATCH = 4
"""The network's finest grid has a cell for so many pixels of the frame, along each side."""
COARSEST = 16
"""Sides of frames are padded to multiples of it."""
FRAME_CHANNELS = 12
"""x_t, render, field (three colours each), opacity, logarithm of the inverse depth, coverage."""


@dataclass(frozen=True)
class Sizes:
    """Channels of the network's grids, and the words that may steer it."""

    fine: int = 48
    middle: int = 96
    coarse: int = 160
    heads: int = 4
    layers: int = 2
    """Of the temporal transformer."""
    text: int = 384
    """Numbers of a sentence's embedding; nothing but zeros is the empty text."""
    photos: int = 1
    copies: int = 1
    aligned: int = 1
    anchored: int = 1
    """0 leaves out, to see what each is worth: the photos, their shares in the head, the
    reprojection in the temporal transformer, and the noise's place in the world."""


@dataclass(frozen=True, eq=False)
class Given:
    """What the network is given of a frame, for a batch of frames of one size.

    ``frame`` holds all of `FRAME_CHANNELS` but x_t, in their order; ``photos`` those of
    `PHOTO_CHANNELS`. ``reach`` are reprojections into the frames around, by how many frames later.
    """

    frame: Float[Tensor, "batch channel h w"]
    photos: Float[Tensor, "batch photo channel h w"]
    reach: dict[int, Reprojection]

    def to(self, device: str) -> Given:
        """Return the same on a device."""
        reach = {later: one.to(device) for later, one in self.reach.items()}
        return Given(self.frame.to(device), self.photos.to(device), reach)

    @property
    def render(self) -> Float[Tensor, "batch 3 h w"]:
        """The render that is to be refined."""
        return self.frame[:, :3]

    @property
    def opacity(self) -> Float[Tensor, "batch 1 h w"]:
        """The render's opacity."""
        return self.frame[:, 6:7]


class Block(nn.Module):
    """Two convolutions on a residual branch, steered by the time."""

    def __init__(self, channels: int, steer: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.steer = nn.Linear(steer, 2 * channels)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias if self.second.bias is not None else torch.zeros(1))

    def forward(
        self, x: Float[Tensor, "batch channel h w"], steer: Float[Tensor, "batch steer"]
    ) -> Float[Tensor, "batch channel h w"]:
        """Return features of the same shape."""
        scale, shift = self.steer(steer)[:, :, None, None].chunk(2, dim=1)
        inner = functional.silu(self.norm(x) * (1 + scale) + shift)
        return x + self.second(functional.silu(self.first(inner)))


class Everywhere(nn.Module):
    """Attention of every cell of the coarsest grid to all others of its frame."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(8, channels)
        self.ask = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Float[Tensor, "batch channel h w"]) -> Float[Tensor, "batch channel h w"]:
        """Return features of the same shape."""
        batch, channels, height, width = x.shape
        asked = self.ask(self.norm(x)).reshape(batch, 3, self.heads, channels // self.heads, -1)
        query, key, value = asked.transpose(-1, -2).unbind(1)
        found = functional.scaled_dot_product_attention(query, key, value)
        found = found.transpose(-1, -2).reshape(batch, channels, height, width)
        return x + self.out(found)


class Photos(nn.Module):
    """What the photos say: each is seen by the same convolutions, then they are mixed by weight.

    Of each there is also a logit for every pixel: how far it is to be copied, as it looks itself.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width = PATCH**2 * PHOTO_CHANNELS
        self.first = nn.Conv2d(width, sizes.fine, 1)
        self.second = nn.Conv2d(sizes.fine, sizes.fine + 1, 3, padding=1)
        self.lean = nn.Conv2d(sizes.fine, PATCH**2, 3, padding=1)
        nn.init.zeros_(self.lean.weight)
        nn.init.zeros_(self.lean.bias if self.lean.bias is not None else torch.zeros(1))

    def forward(
        self, photos: Float[Tensor, "batch photo channel h w"]
    ) -> tuple[Float[Tensor, "batch feature fine_h fine_w"], Float[Tensor, "batch photo h w"]]:
        """Return what all photos say together, on the finest grid, and the logit of each."""
        batch, count = photos.shape[:2]
        patches = functional.pixel_unshuffle(photos.flatten(0, 1), PATCH)
        looked = functional.silu(self.first(patches))
        seen = self.second(looked).unflatten(0, (batch, count))
        weight = seen[:, :, -1:].softmax(dim=1)
        lean = functional.pixel_shuffle(self.lean(looked), PATCH)[:, 0]
        return (weight * seen[:, :, :-1]).sum(dim=1), lean.unflatten(0, (batch, count))


@dataclass(frozen=True, eq=False)
class Encoded:
    """A frame on the network's grids, between encoder and decoder."""

    given: Given
    steer: Float[Tensor, "batch steer"]
    lean: Float[Tensor, "batch photo h w"]
    fine: Float[Tensor, "batch channel fine_h fine_w"]
    middle: Float[Tensor, "batch channel middle_h middle_w"]


class Refiner(nn.Module):
    """Predicts clean frames, and for every pixel what it is made of (`Made`)."""

    def __init__(self, sizes: Sizes | None = None, bridge: Bridge | None = None) -> None:
        super().__init__()
        self.sizes = sizes = sizes or Sizes()
        self.bridge = bridge or Bridge()
        """The bridge on which it was trained."""
        steer = 4 * sizes.fine
        self.time = nn.Sequential(nn.Linear(64, steer), nn.SiLU(), nn.Linear(steer, steer))
        self.text = nn.Linear(sizes.text, steer, bias=False)
        self.photos = Photos(sizes)
        self.begin = nn.Conv2d(PATCH**2 * FRAME_CHANNELS, sizes.fine, 1)
        self.fine_in = nn.ModuleList(Block(sizes.fine, steer) for _ in range(2))
        self.down = nn.Conv2d(sizes.fine, sizes.middle, 2, stride=2)
        self.middle_in = nn.ModuleList(Block(sizes.middle, steer) for _ in range(2))
        self.downer = nn.Conv2d(sizes.middle, sizes.coarse, 2, stride=2)
        self.coarse = nn.ModuleList(Block(sizes.coarse, steer) for _ in range(2))
        self.everywhere = Everywhere(sizes.coarse, sizes.heads)
        self.upper = nn.Conv2d(sizes.coarse, 4 * sizes.middle, 1)
        self.temporal = nn.ModuleList(
            Temporal(sizes.middle, sizes.heads, bool(sizes.aligned)) for _ in range(sizes.layers)
        )
        self.middle_out = nn.ModuleList(Block(sizes.middle, steer) for _ in range(2))
        self.up = nn.Conv2d(sizes.middle, 4 * sizes.fine, 1)
        self.fine_out = nn.ModuleList(Block(sizes.fine, steer) for _ in range(2))
        self.head = Head(sizes.fine, PATCH, bool(sizes.copies))

    def forward(
        self,
        frames: Iterable[tuple[Given, Float[Tensor, "batch 3 h w"]]],
        time: Float[Tensor, "batch"],
        text: Float[Tensor, "batch text"] | None = None,
    ) -> Iterator[Made]:
        """Yield the clean frames of a shot whose frames are at ``time`` of the bridge.

        ``frames`` come in their order, each as what is given of it and x_t; no more of them are
        asked for than a frame's own attention reaches. Sides are multiples of `COARSEST`.
        """
        steer = self._steer(time, text)
        stream: Iterator[Encoded] = (self._encoded(given, x, steer) for given, x in frames)
        for layer in self.temporal:
            assert isinstance(layer, Temporal)
            stream = layer(stream)
        return (self._decoded(one) for one in stream)

    def _steer(
        self, time: Float[Tensor, "batch"], text: Float[Tensor, "batch text"] | None
    ) -> Float[Tensor, "batch steer"]:
        octaves = torch.exp2(torch.arange(32, device=time.device) * (10 / 32))
        angles = time[:, None] * octaves
        steer = self.time(torch.cat([angles.sin(), angles.cos()], dim=1))
        return steer if text is None else steer + self.text(text)

    def _encoded(
        self, given: Given, noisy: Float[Tensor, "batch 3 h w"], steer: Float[Tensor, "batch steer"]
    ) -> Encoded:
        whole = torch.cat([noisy, given.frame], dim=1)
        told, lean = self.photos(given.photos)
        fine = self.begin(functional.pixel_unshuffle(whole, PATCH)) + told
        for block in self.fine_in:
            fine = block(fine, steer)
        middle = self.down(fine)
        for block in self.middle_in:
            middle = block(middle, steer)
        coarse = self.downer(middle)
        for block in self.coarse:
            coarse = block(coarse, steer)
        coarse = self.everywhere(coarse)
        middle = middle + functional.pixel_shuffle(self.upper(coarse), 2)
        return Encoded(given, steer, lean, fine, middle)

    def _decoded(self, frame: Encoded) -> Made:
        middle = frame.middle
        for block in self.middle_out:
            middle = block(middle, frame.steer)
        fine = frame.fine + functional.pixel_shuffle(self.up(middle), 2)
        for block in self.fine_out:
            fine = block(fine, frame.steer)
        return self.head(fine, frame.given.frame, frame.given.photos, frame.lean)
