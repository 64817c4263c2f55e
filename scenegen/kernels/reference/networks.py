"""The two networks of a field, without bias.

out = D_2 relu(D_1 encoding), sigma = exp(min(out_0, 12)), rgb = sigmoid(C_2 relu(C_1 [out, Y(d)])),
where Y are the direction's spherical harmonics.

Source: Mueller et al., "Instant Neural Graphics Primitives" (2022), section 5.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from scenegen.kernels.reference.hash_grid import Table, encode, harmonics
from scenegen.types import FieldShape

HARMONICS = 16
LARGEST_LOG_DENSITY = 12.0


@dataclass(frozen=True)
class Networks:
    """The weight matrices, [output input]: views of one flat array, in this order."""

    density_hidden: Float[Tensor, "hidden encoded"]
    density_out: Float[Tensor, "16 hidden"]
    color_hidden: Float[Tensor, "hidden 32"]
    color_out: Float[Tensor, "3 hidden"]

    @staticmethod
    def of(shape: FieldShape, flat: Float[Tensor, "weight"]) -> Networks:
        """Cut the flat array into the four matrices."""
        outputs = shape.geometry + 1
        sizes = [
            (shape.hidden, shape.levels * shape.features),
            (outputs, shape.hidden),
            (shape.hidden, outputs + HARMONICS),
            (3, shape.hidden),
        ]
        parts = torch.split(flat, [rows * columns for rows, columns in sizes])
        return Networks(*(part.view(size) for part, size in zip(parts, sizes, strict=True)))

    def geometry(self, encoding: Float[Tensor, "n encoded"]) -> Float[Tensor, "n 16"]:
        """Return the logarithm of the density, and 15 features."""
        return torch.relu(encoding @ self.density_hidden.T) @ self.density_out.T

    def color(
        self, geometry: Float[Tensor, "n 16"], directions: Float[Tensor, "n 3"]
    ) -> Float[Tensor, "n 3"]:
        """Return the colour, in 0..1, seen along unit directions."""
        inputs = torch.cat([geometry, harmonics(directions)], dim=-1)
        return torch.sigmoid(torch.relu(inputs @ self.color_hidden.T) @ self.color_out.T)


Reader = Callable[[FieldShape, Tensor, Tensor], tuple[Table, Networks]]
"""What makes a readable field of its shape, its hash table and its flat array of weights."""


def plain(
    shape: FieldShape, table: Float[Tensor, "level entry 4"], flat: Float[Tensor, "weight"]
) -> tuple[Table, Networks]:
    """Return the field as plain PyTorch reads it."""
    return table, Networks.of(shape, flat)


def activate(log_density: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    """Return the density, bounded so that it cannot overflow."""
    return torch.exp(log_density.clamp(max=LARGEST_LOG_DENSITY))


def density(
    shape: FieldShape,
    table: Table,
    networks: Networks,
    points: Float[Tensor, "n 3"],
) -> Float[Tensor, "n"]:
    """Return the optical density at ``points``."""
    return activate(networks.geometry(encode(shape, table, points))[:, 0])


def radiance(
    shape: FieldShape,
    table: Table,
    networks: Networks,
    points: Float[Tensor, "n 3"],
    directions: Float[Tensor, "n 3"],
) -> tuple[Float[Tensor, "n"], Float[Tensor, "n 3"]]:
    """Return density at ``points`` and colour seen along ``directions``."""
    geometry = networks.geometry(encode(shape, table, points))
    return activate(geometry[:, 0]), networks.color(geometry, directions)


def sky_color(sky: Float[Tensor, "3 16"], directions: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Return the colour behind everything along unit directions; ``sky`` are its logits."""
    return torch.sigmoid(harmonics(directions) @ sky.T)
