"""How far refined frames are from clean ones: by colours, by detail, and from frame to frame."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from scenegen.refine.condition import MIDDLE
from scenegen.refine.temporal import Reprojection

_SMOOTH = 1e-3
_OCTAVES = 3
_APART = 0.05
"""Differences of depth, and of trust, up to which two cells are one."""


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
    trusted: list[Float[Tensor, "batch 1 h w"]],
    reaches: list[dict[int, Reprojection]],
) -> Float[Tensor, ""]:
    """Return how differently frames and targets change along surfaces, from frame to next frame.

    A clean frame changes as well, with its reflections: what counts is the change beyond that. Two
    frames are compared, cell by cell, where the targets of both are trusted or those of neither:
    there a target is the render, and what differs is what was done to it.
    """
    total, count = frames[0].new_zeros(()), 0
    off = [functional.avg_pool2d(a - b, MIDDLE) for a, b in zip(frames, targets, strict=True)]
    trust = [functional.avg_pool2d(one, MIDDLE) for one in trusted]
    for at, reach in enumerate(reach[1] for reach in reaches[:-1]):
        moved, known = (
            functional.grid_sample(
                one[at + 1], reach.place, padding_mode="border", align_corners=False
            )
            for one in (off, trust)
        )
        same = (reach.apart < _APART)[:, None] & ((known - trust[at]).abs() < _APART)
        same = same.float()
        total = total + (same * (off[at] - moved).abs()).sum() / (3 * same.sum()).clamp(min=1.0)
        count += 1
    return total / max(count, 1)


def _up(small: Float[Tensor, "batch 3 h2 w2"], like: Tensor) -> Float[Tensor, "batch 3 h w"]:
    size = (like.shape[2], like.shape[3])
    return functional.interpolate(small, size=size, mode="bilinear", align_corners=False)
