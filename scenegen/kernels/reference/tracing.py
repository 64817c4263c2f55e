"""Rays to colour, depth and opacity."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from scenegen.kernels.crop import crop_box
from scenegen.kernels.reference.device import choose_device
from scenegen.kernels.reference.hash_grid import Table, encode
from scenegen.kernels.reference.marching import PacketMarcher, RayStart
from scenegen.kernels.reference.networks import Networks, Reader, activate, plain, sky_color
from scenegen.types import Field, FieldShape

WAVE = 4
"""Samples between two looks at whether a ray is opaque."""
SHARED = 2
"""Samples that share a colour, that of the mean of their features by weight: on so short a way it
hardly changes, and the network costs half."""
FAINT = 1e-4
"""Share of the light below which they go without."""
OPAQUE_DEPTH = 5.0
"""Optical depth at which a ray ends: 0.7 % of the light would come from behind."""
FOOTPRINT = 0.35
"""Standard deviation of the space that a pixel covers, in pixels."""
_CHUNK = 8192


@torch.no_grad()
def trace_rays(
    shape: FieldShape,
    table: Table,
    networks: Networks,
    march: PacketMarcher,
    rays: tuple[Float[Tensor, "ray 3"], Float[Tensor, "ray 3"]],
    footprint: float = 0.0,
) -> tuple[Float[Tensor, "ray 3"], Float[Tensor, "ray"], Float[Tensor, "ray"]]:
    """Return colour without background, median depth and opacity of normalised rays.

    The depth is where the transmittance falls through one half, inside the sample in which it does;
    0 where it does not. ``footprint`` is the standard deviation of what a ray stands for, at
    distance 1; 0 for infinitely thin rays.
    """
    origins, directions = rays
    rgb = torch.zeros_like(origins)
    optical = torch.zeros(len(origins), device=origins.device)
    median = torch.zeros_like(optical)
    active = torch.arange(len(origins), device=origins.device)
    while len(active):
        t, dt, count = march.next(active, WAVE)
        alive = count > 0
        active, t, dt, count = active[alive], t[alive], dt[alive], count[alive]
        if not len(active):
            break
        points = (origins[active, None] + t[..., None] * directions[active, None]).reshape(-1, 3)
        encoding = encode(shape, table, points, footprint * t.reshape(-1))
        geometry = networks.geometry(encoding).view(-1, WAVE, 16)
        thickness = activate(geometry[..., 0]) * dt
        after = optical[active, None] + thickness.cumsum(-1)
        before = after - thickness
        weight = torch.exp(-before) * (1.0 - torch.exp(-thickness))
        for part, features in zip(weight.split(SHARED, 1), geometry.split(SHARED, 1), strict=True):
            total = torch.where(part.sum(-1) > FAINT, part.sum(-1), 0.0)[:, None]
            mean = (part[..., None] * features).sum(1) / total.clamp(min=FAINT)
            rgb[active] += total * networks.color(mean, directions[active])
        median[active] = _median(median[active], t, dt, before, thickness)
        optical[active] = after[:, -1]
        active = active[(after[:, -1] <= OPAQUE_DEPTH) & (count == WAVE)]
    return rgb, median, 1.0 - torch.exp(-optical)


def _median(known: Tensor, t: Tensor, dt: Tensor, before: Tensor, thickness: Tensor) -> Tensor:
    half = math.log(2.0)
    crosses = before + thickness > half
    first = crosses.int().argmax(-1, keepdim=True)
    t, dt, before, thickness = (x.gather(1, first)[:, 0] for x in (t, dt, before, thickness))
    place = t + dt * ((half - before) / thickness.clamp(min=1e-30) - 0.5)
    return torch.where((known == 0) & crosses.any(-1), place, known)


def trace(
    field: Field,
    origins: Float[np.ndarray, "ray 3"],
    directions: Float[np.ndarray, "ray 3"],
    device: str | None = None,
    pixel_angle: float = 0.0,
    reader: Reader = plain,
) -> tuple[Float32[np.ndarray, "ray 3"], Float32[np.ndarray, "ray"], Float32[np.ndarray, "ray"]]:
    """Return rgb, depth along the ray in world units, and opacity of rays, as `native.trace`.

    Runs on ``device``, or where `choose_device` says; ``reader`` reads the field.
    """
    where = choose_device(device)
    arrays = [torch.from_numpy(field.parameters[name]).to(where) for name in ("hash", "mlp")]
    table, networks = reader(field.shape, arrays[0], arrays[1])
    distance, sky = (torch.from_numpy(a).to(where) for a in (field.occupancy, field.sky))
    start = RayStart(field.step, field.near, field.far, crop_box(field))
    rgb, depth, opacity = [], [], []
    for at in range(0, len(origins), _CHUNK):
        chunk = slice(at, at + _CHUNK)
        o = torch.from_numpy(((origins[chunk] - field.centre) / field.radius).astype(np.float32))
        d = torch.from_numpy(np.ascontiguousarray(directions[chunk], dtype=np.float32))
        o, d = o.to(where), d.to(where)
        march = PacketMarcher(distance, start, o, d, torch.full((len(o),), 0.5, device=where))
        parts = trace_rays(field.shape, table, networks, march, (o, d), FOOTPRINT * pixel_angle)
        parts[0].add_((1.0 - parts[2])[:, None] * sky_color(sky, d))
        for whole, part in zip((rgb, depth, opacity), parts, strict=True):
            whole.append(part.cpu().numpy())
    if not rgb:
        return np.zeros((0, 3), np.float32), np.zeros(0, np.float32), np.zeros(0, np.float32)
    opaque = np.concatenate(opacity)
    color = np.clip(np.concatenate(rgb), 0.0, 1.0)
    return color, np.concatenate(depth) * np.float32(field.radius), opaque
