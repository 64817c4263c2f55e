"""From samples along rays to colours, and the loss of these.

A sample i of optical density sigma_i and length dt_i has weight w_i = T_i - T_(i+1) with
T_i = exp(-sum_(j<i) sigma_j dt_j). Samples are padded with dt = 0, which weighs nothing.

Sources: Max, "Optical models for direct volume rendering" (1995); Barron et al., "Mip-NeRF 360"
(2022), eq. 15; Huber, "Robust estimation of a location parameter" (1964).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

LEAST_SLOPES = 1e-7
"""Added to the squared length of a ray's residuals, so that exact colours do not divide by 0."""
BURNT = 0.98
"""Colours of photos above which there may have been more light."""


class RayLoss(NamedTuple):
    """Summed loss and squared error of rays, and the loss's curvature in each log gain.

    ``pose_weight`` is what makes of a ray's gradient, times itself, a curvature of the loss: the
    residuals' weight over the squared length of what they pull with.
    """

    loss: Float[Tensor, ""]
    squared_error: Float[Tensor, ""]
    curvature: Float[Tensor, "ray 3"]
    pose_weight: Float[Tensor, "ray"]


def composite(
    sigma: Float[Tensor, "ray sample"],
    dt: Float[Tensor, "ray sample"],
    rgb: Float[Tensor, "ray sample 3"],
    backdrop: Float[Tensor, "ray 3"],
) -> tuple[Float[Tensor, "ray 3"], Float[Tensor, "ray sample"]]:
    """Return the colour of each ray in front of ``backdrop``, and the samples' weights."""
    after = torch.exp(-torch.cumsum(sigma * dt, dim=-1))
    before = torch.cat([torch.ones_like(after[:, :1]), after[:, :-1]], dim=-1)
    weight = before - after
    color = (weight[..., None] * rgb).sum(1) + after[:, -1:] * backdrop
    return color, weight


def photometric(
    rgb: Float[Tensor, "ray 3"],
    log_gain: Float[Tensor, "ray 3"],
    target: Float[Tensor, "ray 3"],
    huber: float,
    outlier: float,
) -> RayLoss:
    """Return the Huber loss of composited colours under each photo's exposure.

    Beyond ``outlier``, where that is positive, a ray's weight falls with the square of its mean
    absolute error. The weight is held constant in the gradient. What a photo burns out may be as
    bright as it likes: to outshine colours above `BURNT` is no error. The curvature is that of
    Gauss and Newton, of squares reweighted so that they have the slope of the loss.
    """
    shown = rgb * torch.exp(log_gain)
    burnt = (target > BURNT) & (shown > target)
    error = (shown - target).masked_fill(burnt, 0.0)
    size = error.abs()
    mean = size.mean(-1, keepdim=True).detach()
    doubt = torch.ones_like(mean)
    if outlier > 0:
        doubt = (outlier / mean.clamp(min=1e-12)).clamp(max=1.0)
    cost = torch.where(size <= huber, 0.5 * error.square(), huber * (size - 0.5 * huber))
    trust = doubt * doubt / 3.0
    weight = trust * (huber / size.clamp(min=huber))
    curvature = (weight * shown.square()).masked_fill(burnt, 0.0).detach()
    pull = trust * error.detach().clamp(-huber, huber)
    pose_weight = trust.squeeze(-1) / (pull.square().sum(-1) + LEAST_SLOPES)
    return RayLoss((cost * trust).sum(), error.square().sum() / 3.0, curvature, pose_weight)


def _place(t: Tensor) -> Tensor:
    """Distance along a ray, bent so that all of it has length 1."""
    return t / (1.0 + t)


def _lengths(t: Tensor, dt: Tensor) -> Tensor:
    return _place(t + 0.5 * dt) - _place(t - 0.5 * dt)


def distortion(
    weight: Float[Tensor, "ray sample"],
    t: Float[Tensor, "ray sample"],
    dt: Float[Tensor, "ray sample"],
) -> Float[Tensor, ""]:
    """Return the distortion loss of sorted samples, summed over rays, in linear time and memory.

    Source: Sun et al., "Improved Direct Voxel Grid Optimization" (2022), eq. 9.
    """
    s = _place(t)
    before = torch.cumsum(weight, -1) - weight
    before_place = torch.cumsum(weight * s, -1) - weight * s
    pairs = 2.0 * weight * (s * before - before_place)
    return (pairs + weight.square() * _lengths(t, dt) / 3.0).sum()


def misplaced(
    weight: Float[Tensor, "ray sample"],
    t: Float[Tensor, "ray sample"],
    distance: Float[Tensor, "ray"],
    pull: float,
) -> Float[Tensor, ""]:
    """Return how far from the sparse point on it each ray ends, summed over rays.

    That is ``pull`` times the earth mover's distance, in s = t / (1 + t), between its weights and
    the point at ``distance``; what passes all samples ends at s = 1. Rays whose ``distance`` is 0
    have no point.
    """
    s, target = _place(t), _place(distance)
    seen = pull * (distance > 0)
    missed = (1.0 - weight.sum(-1)) * (1.0 - target)
    way = (weight * (s - target[:, None]).abs()).sum(-1) + missed
    return (seen * way).sum()


def distortion_of_pairs(
    weight: Float[Tensor, "ray sample"],
    t: Float[Tensor, "ray sample"],
    dt: Float[Tensor, "ray sample"],
) -> Float[Tensor, ""]:
    """Return the same by its definition (Mip-NeRF 360, eq. 15), over all pairs of samples."""
    s = _place(t)
    apart = (s[:, :, None] - s[:, None, :]).abs()
    pairs = weight[:, :, None] * weight[:, None, :] * apart
    return pairs.sum() + (weight.square() * _lengths(t, dt)).sum() / 3.0
