"""The loss of a training step: rays marched until they are opaque, composited, compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from scenegen.kernels.reference.compositing import (
    composite,
    distortion,
    misplaced,
    photometric,
)
from scenegen.kernels.reference.hash_grid import Table, contract, corners, interpolate
from scenegen.kernels.reference.marching import Marcher
from scenegen.kernels.reference.networks import Networks, activate, density
from scenegen.kernels.reference.optimizer import BLOCK
from scenegen.types import FieldShape

WAVE = 16
"""Samples between two looks at whether a ray is opaque."""
MAX_WAVES = 64
BESIDE_SKY, OPEN_SKY = 1, 2
SKY_SHARE = 0.25
"""Of the rays into open sky that are followed: it is even."""
SKY_LIKENESS = 0.03
"""Squared difference of colours at which the pull of the sky fades."""


@dataclass(frozen=True)
class TrainingRays:
    """Rays with the colour that a photo has there, its exposure, and a colour behind everything.

    ``distance`` is how far along a ray the photo saw a sparse point, 0 where it saw none.
    ``sky`` is `BESIDE_SKY` or `OPEN_SKY` where ``backdrop`` is the sky, which learns from such rays
    even if they meet nothing, and 0 elsewhere. ``motion`` is zero: how far the ray's camera turns
    about its centre (3 numbers) and moves (3). Its gradient says how the camera should.
    """

    origins: Float[Tensor, "ray 3"]
    directions: Float[Tensor, "ray 3"]
    target: Float[Tensor, "ray 3"]
    backdrop: Float[Tensor, "ray 3"]
    log_gain: Float[Tensor, "ray 3"]
    distance: Float[Tensor, "ray"]
    motion: Float[Tensor, "ray 6"]
    sky: Int[Tensor, "ray"]

    def __getitem__(self, index: Tensor) -> TrainingRays:
        return TrainingRays(*(value[index] for value in vars(self).values()))


@dataclass(frozen=True)
class LossConfig:
    """Weights of the loss, and the optical depth at which a ray ends."""

    huber: float
    distortion: float
    opaque_depth: float
    outlier: float = 0.0
    sighting: float = 0.0
    sky: float = 0.0


class Samples(NamedTuple):
    """Panels of `WAVE` samples; ``ray`` and ``wave`` say whose they are and in which order."""

    ray: Int[Tensor, "panel"]
    wave: Int[Tensor, "panel"]
    t: Float[Tensor, "panel sample"]
    dt: Float[Tensor, "panel sample"]
    total: int


class StepLoss(NamedTuple):
    """What rays cost, summed over them, and the blocks of four hash entries that they read.

    ``touched`` is None where nothing was read, and where only the gradient says what was.
    ``curvature`` is that of the loss in each ray's log gain; ``pose_weight`` is 0 for rays that met
    nothing, see `RayLoss`.
    """

    loss: Float[Tensor, ""]
    squared_error: Float[Tensor, ""]
    compared: int
    samples: int
    curvature: Float[Tensor, "ray 3"]
    pose_weight: Float[Tensor, "ray"]
    touched: Bool[Tensor, "block"] | None


def _moved(rays: TrainingRays) -> tuple[Float[Tensor, "ray 3"], Float[Tensor, "ray 3"]]:
    """Return origins and directions as their cameras' motion, a small one, leaves them."""
    turn, move = rays.motion.split(3, -1)
    return rays.origins + move, rays.directions + torch.linalg.cross(turn, rays.directions)


def _points(rays: TrainingRays, samples: Samples) -> Float[Tensor, "place 3"]:
    origins, directions = (v[samples.ray, None] for v in _moved(rays))
    return (origins + samples.t[..., None] * directions).reshape(-1, 3)


@torch.no_grad()
def gather_samples(
    shape: FieldShape,
    parameters: tuple[Table, Networks],
    march: Marcher,
    rays: TrainingRays,
    opaque_depth: float,
) -> Samples:
    """March rays wave by wave; a ray ends where it is opaque or space does."""
    active = torch.arange(len(rays.origins), device=rays.origins.device)
    optical = torch.zeros(len(active), device=active.device)
    waves, total = [], 0
    for number in range(MAX_WAVES):
        t, dt, count = march.next(active, WAVE)
        some = count > 0
        active, t, dt, count = active[some], t[some], dt[some], count[some]
        waves.append(Samples(active, torch.full_like(active, number), t, dt, 0))
        total += int(count.sum())
        if not len(active):
            break
        sigma = density(shape, *parameters, _points(rays, waves[-1])).view_as(dt)
        optical[active] += (sigma * dt).sum(-1)
        active = active[(count == WAVE) & (optical[active] <= opaque_depth)]
    ray, wave, t, dt = (torch.cat(parts) for parts in list(zip(*waves, strict=True))[:4])
    return Samples(ray, wave, t, dt, total)


def _read(
    shape: FieldShape, table: Table, x: Float[Tensor, "n 3"]
) -> tuple[Float[Tensor, "n encoded"], Bool[Tensor, "block"] | None]:
    """Return the features at contracted points, and the blocks that they are made of."""
    if not isinstance(table, Tensor):
        return table(x), None
    entry, weight = corners(shape, x)
    touched = torch.zeros(table.numel() // BLOCK, dtype=torch.bool, device=table.device)
    touched[entry.flatten() >> 2] = True
    return interpolate(table, entry, weight), touched


def unclear(
    sigma: Float[Tensor, "ray sample"],
    dt: Float[Tensor, "ray sample"],
    rays: TrainingRays,
    pull: float,
) -> Float[Tensor, ""]:
    """Return what it costs that something stands before a sky that alone explains the colour.

    That is ``pull`` times log(1 + optical depth), summed over the rays into open sky; the worse the
    sky matches, the less. How well it does is held constant in the gradient.
    """
    error = rays.backdrop * torch.exp(rays.log_gain) - rays.target
    likeness = torch.exp(-error.square().sum(-1) / SKY_LIKENESS).detach()
    likely = pull * likeness * (rays.sky == OPEN_SKY)
    return (likely * torch.log1p((sigma * dt).sum(-1))).sum()


def step_loss(
    shape: FieldShape,
    parameters: tuple[Table, Networks],
    march: Marcher,
    rays: TrainingRays,
    config: LossConfig,
) -> StepLoss:
    """Return the loss of ``rays``, differentiable in the parameters and the exposures.

    Rays that meet nothing occupied teach nothing and cost nothing, unless the sky is behind them.
    """
    table, networks = parameters
    samples = gather_samples(shape, parameters, march, rays, config.opaque_depth)
    curvature, pose_weight = torch.zeros_like(rays.target), torch.zeros_like(rays.distance)
    skyward = torch.nonzero(rays.sky)[:, 0]
    met, row = torch.unique(torch.cat([samples.ray, skyward]), return_inverse=True)
    row = row[: len(samples.ray)]
    if not len(met):
        nothing = networks.density_hidden.sum() * 0.0
        return StepLoss(nothing, nothing, 0, 0, curvature, pose_weight, None)
    features, touched = _read(shape, table, contract(_points(rays, samples)))
    geometry = networks.geometry(features)
    directions = _moved(rays)[1][samples.ray].repeat_interleave(WAVE, 0)
    rgb = networks.color(geometry, directions).view(-1, WAVE, 3)
    waves = int(samples.wave.max()) + 1 if len(row) else 1
    size = (len(met), waves, WAVE)

    def by_ray(panels: Tensor) -> Tensor:
        padded = panels.new_zeros(*size, *panels.shape[2:])
        return padded.index_put((row, samples.wave), panels).flatten(1, 2)

    t, dt = by_ray(samples.t), by_ray(samples.dt)
    sigma = by_ray(activate(geometry[:, 0]).view(-1, WAVE))
    rays = rays[met]
    color, weights = composite(sigma, dt, by_ray(rgb), rays.backdrop)
    cost = photometric(color, rays.log_gain, rays.target, config.huber, config.outlier)
    bent = config.distortion * distortion(weights, t, dt)
    apart = misplaced(weights, t, rays.distance, config.sighting)
    clear = unclear(sigma, dt, rays, config.sky)
    loss, error = cost.loss + bent + apart + clear, cost.squared_error.detach()
    curvature[met], pose_weight[met] = cost.curvature, cost.pose_weight
    return StepLoss(loss, error, len(met), samples.total, curvature, pose_weight, touched)
