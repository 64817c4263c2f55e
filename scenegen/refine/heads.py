"""What a pixel is made of: shares of the render, the field and the photos, and what is made up."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

UNSURE, SURE = 0.7, 0.9
"""Where the render is more opaque, and a photo sees the place, little may be made up."""
LITTLE, MUCH = 0.06, 1.0
"""How far, in colours of 0..1, a pixel may be made up there and elsewhere."""
_TRAITS = 5
"""What is told of a photo at a pixel: its difference from the render, angle, resolution, share of
the frame, and difference from the other photos."""
_AT_FIRST = 4.0
"""Logit of the render before training: the network sets out from what it is given."""


@dataclass(frozen=True, eq=False)
class Made:
    """A clean frame and what it is made of.

    ``shares`` are those of the render, the field alone and each photo, and add up to 1; ``made_up``
    is what was added to their sum.
    """

    rgb: Float[Tensor, "batch 3 h w"]
    shares: Float[Tensor, "batch source h w"]
    made_up: Float[Tensor, "batch 3 h w"]


class Head(nn.Module):
    """Shares and a residual for every pixel, out of the finest grid's features."""

    def __init__(self, channels: int, patch: int, copies: bool = True) -> None:
        super().__init__()
        self.patch, self.copies = patch, copies
        # Logits of render, field and, added to those of each photo's own, photos; a gate; colours.
        self.out = nn.Conv2d(channels, patch**2 * (2 + 1 + 3 + _TRAITS), 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias if self.out.bias is not None else torch.zeros(1))

    def forward(
        self,
        fine: Float[Tensor, "batch channel fine_h fine_w"],
        frame: Float[Tensor, "batch given h w"],
        photos: Float[Tensor, "batch photo channel h w"],
        lean: Float[Tensor, "batch photo h w"],
    ) -> Made:
        """Return the frame that features of the finest grid, the frame and its photos make.

        ``lean`` is the logit that each photo has by itself.
        """
        out = functional.pixel_shuffle(self.out(fine), self.patch)
        valid = photos[:, :, 6]
        # Beside what a photo looks like by itself, its logit depends on how well it agrees with
        # render and other photos here, by learned weights: so any number of photos is told apart
        # by the same few numbers.
        differs = photos[:, :, 3:6].abs().sum(dim=2, keepdim=True)
        traits = torch.cat([differs, photos[:, :, 7:11]], dim=2)
        own = (traits * out[:, None, 6 : 6 + _TRAITS]).sum(dim=2) + out[:, 2:3] + lean
        own = own + torch.log(valid.clamp(min=1e-6))
        seen = (valid > 0) & self.copies
        own = own.masked_fill(~seen, -1e9)  # a photo that sees nothing has no share at all
        logits = torch.cat([out[:, :1] + _AT_FIRST, out[:, 1:2], own], dim=1)
        shares = logits.softmax(dim=1)
        render, field = frame[:, :3], frame[:, 3:6]
        sources = torch.cat([render[:, None], field[:, None], photos[:, :, :3]], dim=1)
        mixed = (shares[:, :, None] * sources).sum(dim=1)
        sure = ((frame[:, 6:7] - UNSURE) / (SURE - UNSURE)).clamp(0, 1)
        sure = sure * valid.amax(dim=1, keepdim=True)
        bound = LITTLE**sure * MUCH ** (1 - sure)
        made_up = bound * torch.tanh(out[:, 3:6] / bound)
        return Made(mixed + made_up, shares, made_up)
