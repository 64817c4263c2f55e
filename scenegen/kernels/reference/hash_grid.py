"""Contraction of space, the multiresolution hash grid, and spherical harmonics.

A point p enters as x = contract(p) in [0, 1]^3. On level l, of resolution N_l, it lies in a cell
with eight vertices; vertex (i, j, k) owns entry i + j s + k s^2 of the level's table where all
s = N_l + 1 vertices an edge fit, and entry (i xor j p_1 xor k p_2) mod T where they do not.

Sources: Mueller et al., "Instant Neural Graphics Primitives" (2022), eq. 1-4 and section 3; Barron
et al., "Mip-NeRF 360" (2022), eq. 10.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from scenegen.types import FieldShape

Table = Float[Tensor, "level entry 4"] | Callable[[Tensor], Tensor]
"""A hash table, or what reads one: contracted points [n 3] to features [n level*4]."""

_PRIMES = (2654435761, 805459861)
_LARGEST = 1.0 - 2.0**-24
"""Keeps a contracted coordinate below 1, so that its cell has a next vertex."""
LARGEST_HALF = 65504.0


def resolutions(shape: FieldShape) -> list[int]:
    """Return the cells along an edge of every level, in geometric progression (eq. 2 and 3)."""
    steps = max(shape.levels - 1, 1)
    growth = (shape.finest / shape.coarsest) ** (1.0 / steps)
    return [math.floor(shape.coarsest * growth**level + 1e-6) for level in range(shape.levels)]


def dense_strides(shape: FieldShape) -> list[int]:
    """Return the vertices along an edge of every level, and 0 for levels that are hashed."""
    edges = [resolution + 1 for resolution in resolutions(shape)]
    return [edge if edge**3 <= 1 << shape.log2_table else 0 for edge in edges]


def contract(points: Float[Tensor, "*n 3"]) -> Float[Tensor, "*n 3"]:
    """Map space into [0, 1)^3: the unit ball keeps its shape, the rest fits radius 2."""
    inverse = 1.0 / points.square().sum(-1, keepdim=True).clamp(min=1.0).sqrt()
    return (points * ((2.0 - inverse) * inverse * 0.25) + 0.5).clamp(max=_LARGEST)


def corners(
    shape: FieldShape, x: Float[Tensor, "n 3"]
) -> tuple[Int[Tensor, "n level 8"], Float[Tensor, "n level 8"]]:
    """Return the entries of the vertices around contracted points, and their trilinear weights.

    Entries count through all levels. Vertex x + 2 y + 4 z of a cell lies at its corner (x, y, z).
    """
    device = x.device
    scale = torch.tensor(resolutions(shape), dtype=x.dtype, device=device)
    place = x[:, None, :] * scale[:, None]
    cell = place.long()
    fraction = place - cell
    corner = torch.tensor([[k & 1, k >> 1 & 1, k >> 2] for k in range(8)], device=device)
    i, j, k = (cell[:, :, None, :] + corner).unbind(-1)
    stride = torch.tensor(dense_strides(shape), device=device)[:, None]
    dense = i + j * stride + k * stride.square()
    hashed = (i ^ j * _PRIMES[0] ^ k * _PRIMES[1]) & ((1 << shape.log2_table) - 1)
    level = torch.arange(shape.levels, device=device)[:, None] << shape.log2_table
    entry = torch.where(stride > 0, dense, hashed) + level
    near = fraction[:, :, None, :]
    weight = torch.where(corner.bool(), near, 1.0 - near).prod(-1)
    return entry, weight


def as_half(rows: Tensor) -> Tensor:
    """Round to half precision, with the gradient passed straight through."""
    if rows.dtype == torch.float16:
        return rows.float()
    half = rows.detach().clamp(-LARGEST_HALF, LARGEST_HALF).half().float()
    return rows + (half - rows.detach())


def interpolate(
    table: Float[Tensor, "level entry 4"],
    entry: Int[Tensor, "n level 8"],
    weight: Float[Tensor, "n level 8"],
) -> Float[Tensor, "n level*4"]:
    """Return the weighted features of vertices from `corners`; differentiable in ``table``.

    A float table is the master copy and read as its half copy would be.
    """
    features = table.shape[-1]
    rows = table.reshape(-1, features).index_select(0, entry.reshape(-1))
    return (as_half(rows).view(*entry.shape, features) * weight[..., None]).sum(2).flatten(1)


def read(shape: FieldShape, table: Table, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n encoded"]:
    """Return the features at contracted points."""
    if isinstance(table, Tensor):
        return interpolate(table, *corners(shape, x))
    return table(x)


def level_weights(shape: FieldShape, footprint: Float[Tensor, "n"]) -> Float[Tensor, "n level"]:
    """Return the share of each level's features that is left in pixels of ``footprint``.

    That is the standard deviation of the space a sample stands for, in contracted [0, 1). Barron et
    al., "Zip-NeRF" (2023), section 4, have erf(1 / sqrt(8 s^2)) for s cells; this is
    sqrt(1 - exp(-1 / (2 pi s^2))), nowhere off by more than 0.007.
    """
    cell = 1.0 / torch.tensor(resolutions(shape), dtype=torch.float32, device=footprint.device)
    inverse = -1.0 / (2.0 * math.pi) / (footprint.square() + 1e-16)
    return torch.sqrt(1.0 - torch.exp((inverse[:, None] * cell.square()).clamp(min=-87.0)))


def contract_length(points: Float[Tensor, "n 3"], length: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return what `contract` makes of lengths at points, across the direction to the origin."""
    inverse = 1.0 / points.square().sum(-1).clamp(min=1.0).sqrt()
    return length * (2.0 - inverse) * inverse * 0.25


def encode(
    shape: FieldShape,
    table: Table,
    points: Float[Tensor, "n 3"],
    footprint: Float[Tensor, "n"] | None = None,
) -> Float[Tensor, "n encoded"]:
    """Return the features of ``points``, level by level; differentiable in ``table``.

    With ``footprint``, the standard deviation where space is not contracted of what each point
    stands for, finer detail is averaged out.
    """
    features = read(shape, table, contract(points))
    if footprint is None:
        return features
    left = level_weights(shape, contract_length(points, footprint))
    return features * left.repeat_interleave(shape.features, dim=1)


def harmonics(directions: Float[Tensor, "n 3"]) -> Float[Tensor, "n 16"]:
    """Return the real spherical harmonics of bands 0 to 3 of unit directions."""
    x, y, z = directions.unbind(-1)
    xx, yy, zz, xy = x * x, y * y, z * z, x * y
    terms = [
        torch.full_like(x, 0.28209479177387814),
        -0.48860251190291987 * y,
        0.48860251190291987 * z,
        -0.48860251190291987 * x,
        1.0925484305920792 * xy,
        -1.0925484305920792 * y * z,
        0.94617469575755997 * zz - 0.31539156525251999,
        -1.0925484305920792 * x * z,
        0.54627421529603959 * (xx - yy),
        0.59004358992664352 * y * (yy - 3.0 * xx),
        2.8906114426405538 * xy * z,
        0.45704579946446572 * y * (1.0 - 5.0 * zz),
        0.3731763325901154 * z * (5.0 * zz - 3.0),
        0.45704579946446572 * x * (1.0 - 5.0 * zz),
        1.4453057213202769 * z * (xx - yy),
        0.59004358992664352 * x * (3.0 * yy - xx),
    ]
    return torch.stack(terms, dim=-1)
