"""How far refined frames are from clean ones: by colours, by detail, and from frame to frame."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from scenegen.refine.temporal import Reprojection

_SMOOTH = 1e-3
_OCTAVES = 3


def charbonnier(
    made: Float[Tensor, "batch 3 h w"],
    target: Float[Tensor, "batch 3 h w"],
    trusted: Float[Tensor, "batch 1 h w"],
) -> Float[Tensor, ""]:
    """Return the mean of a smooth absolute difference (Charbonnier et al., 1994), where trusted."""
    error = torch.sqrt((made - target) ** 2 + _SMOOTH**2) * trusted
    return error.sum() / (3 * trusted.sum()).clamp(min=1.0)


def pyramid(
    made: Float[Tensor, "batch 3 h w"],
    target: Float[Tensor, "batch 3 h w"],
    trusted: Float[Tensor, "batch 1 h w"],
) -> Float[Tensor, ""]:
    """Return the difference of the bands of a Laplacian pyramid (Burt and Adelson, 1983).

    Detail counts at every octave, as squared errors alone would not have it.
    """
    total = made.new_zeros(())
    for _ in range(_OCTAVES):
        small, small_target = functional.avg_pool2d(made, 2), functional.avg_pool2d(target, 2)
        band = made - _up(small, made)
        band_target = target - _up(small_target, target)
        total = total + charbonnier(band, band_target, trusted)
        made, target = small, small_target
        trusted = -functional.max_pool2d(-trusted, 2)
    return total / _OCTAVES


def steadiness(
    frames: list[Float[Tensor, "batch 3 h w"]],
    targets: list[Float[Tensor, "batch 3 h w"]],
    reaches: list[dict[int, Reprojection]],
) -> Float[Tensor, ""]:
    """Return how differently frames and targets change along surfaces, from frame to next frame.

    A clean frame changes as well, with its reflections: what counts is the change beyond that.
    """
    total, count = frames[0].new_zeros(()), 0
    for at in range(len(frames) - 1):
        reach = reaches[at].get(1)
        if reach is None:
            continue
        difference = frames[at + 1] - targets[at + 1]
        moved = functional.grid_sample(difference, reach.place, align_corners=False)
        here = functional.avg_pool2d(frames[at] - targets[at], 8)
        same = (reach.apart < 0.05).float()[:, None]
        total = total + (same * (here - moved).abs()).sum() / (3 * same.sum()).clamp(min=1.0)
        count += 1
    return total / max(count, 1)


def _up(small: Float[Tensor, "batch 3 h2 w2"], like: Tensor) -> Float[Tensor, "batch 3 h w"]:
    size = (like.shape[2], like.shape[3])
    return functional.interpolate(small, size=size, mode="bilinear", align_corners=False)
