"""The twin's field on tinycudann: its hash grid and its fused networks, on a CUDA device.

Training and rendering stay the twin's; only reading the hash grid and both networks are handed to
tinycudann's modules, as functions of our parameters. Checkpoints, Adam's moments and scenes thus
stay in our layout, and gradients come back through the conversion, which only takes rows and pads.

- A level with cells of N an edge is a ``HashGrid`` of one level and base resolution N + 1. It then
  has scale N and N + 1 vertices an edge, and its strides, primes and the bound between dense and
  hashed are ours; it reads the point N x + 1/2, so x moves by half a cell first. It owns our first
  (N + 1)^3 entries, rounded up to a multiple of 8, or all that there are. Where rounding takes a
  point on the border out of the grid, its indices wrap and the weight there is that of a rounding.
- A network's weights are its matrices one after the other, row by row, as ours are, with inputs and
  outputs padded to multiples of 16. Inputs that tinycudann pads are 1, hence weights of 0.

Grids compute in single precision on halves, so that they give what ours give; networks in half.

Source: github.com/NVlabs/tiny-cuda-nn at 6ee3546 (grid.h, common_device.h, network.cu,
fully_fused_mlp.cu, modules.py). The conversion is tested against a stand-in that has the module's
interface and computes what those files say; nothing here has ever run on a GPU.
"""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import functional_call

from scenegen.kernels.reference.hash_grid import as_half, harmonics, resolutions
from scenegen.kernels.reference.networks import HARMONICS, Networks, Table
from scenegen.types import FieldShape

GAIN = 16.0
"""How much steeper the loss looks inside of tinycudann, whose gradients are halves. Trained on a
room, gradients of samples had a median of 2e-6, and those of weights were 1.5 at most; halves lose
digits below 6e-5, and end at 512 once tinycudann has made them 128 times as large."""


class _Steepened(torch.autograd.Function):
    """The identity, whose gradient grows by a factor; one that overflowed becomes nothing."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, factor: float) -> Tensor:
        ctx.factor = factor
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return (grads[0] * ctx.factor).nan_to_num(0.0, 0.0, 0.0), None


def _steepen(value: Tensor, factor: float) -> Tensor:
    """Return ``value``; its gradient grows by ``factor``."""
    return _Steepened.apply(value, factor)  # pyright: ignore[reportReturnType]


@dataclass(frozen=True)
class Fused:
    """A module of tinycudann as a function of ``parameters``, which are in its layout."""

    module: Any
    parameters: Float[Tensor, "parameter"]

    def __call__(self, inputs: Float[Tensor, "n input"]) -> Float[Tensor, "n output"]:
        """Return what the module makes of ``inputs``, in single precision."""
        if not len(inputs):
            return inputs.new_zeros(0, self.module.n_output_dims)
        inner = {"params": _steepen(self.parameters, 1.0 / GAIN)}
        outputs = functional_call(self.module, inner, (_steepen(inputs, 1.0 / GAIN),))
        return _steepen(outputs.float(), GAIN)


@dataclass(frozen=True)
class FusedNetworks(Networks):
    """Both networks, computed by tinycudann."""

    density: Fused
    shade: Fused

    def geometry(self, encoding: Float[Tensor, "n encoded"]) -> Float[Tensor, "n 16"]:
        """Return as `Networks.geometry`, to half precision."""
        return self.density(encoding)

    def color(
        self, geometry: Float[Tensor, "n 16"], directions: Float[Tensor, "n 3"]
    ) -> Float[Tensor, "n 3"]:
        """Return as `Networks.color`, to half precision."""
        return torch.sigmoid(self.shade(torch.cat([geometry, harmonics(directions)], dim=-1)))


def fused(
    shape: FieldShape,
    table: Float[Tensor, "level entry 4"],
    flat: Float[Tensor, "weight"],
) -> tuple[Table, Networks]:
    """Return what reads the field with these parameters; differentiable in them and in points.

    The stand-in for `scenegen.kernels.reference.plain`; a float table is read as its half copy.
    """
    grids, (density, shade) = _modules(shape)
    levels = grid_parameters(shape, as_half(table))
    readers = [Fused(*parts) for parts in zip(grids, levels, strict=True)]
    half_cells = [0.5 / edge for edge in resolutions(shape)]

    def read(x: Float[Tensor, "n 3"]) -> Float[Tensor, "n encoded"]:
        parts = [reader(x - half) for reader, half in zip(readers, half_cells, strict=True)]
        return torch.cat(parts, dim=-1)

    own = Networks.of(shape, flat)
    return read, FusedNetworks(
        **vars(own),
        density=Fused(density, network_parameters(own.density_hidden, own.density_out)),
        shade=Fused(shade, network_parameters(own.color_hidden, own.color_out)),
    )


def grid_parameters(
    shape: FieldShape, table: Float[Tensor, "level entry 4"]
) -> list[Float[Tensor, "parameter"]]:
    """Return each level's parameters in tinycudann's layout."""
    counts = [(edge + 1) ** 3 + 7 & ~7 for edge in resolutions(shape)]
    return [level[:count].flatten() for level, count in zip(table.unbind(), counts, strict=True)]


def network_parameters(
    hidden: Float[Tensor, "hidden input"], out: Float[Tensor, "output hidden"]
) -> Float[Tensor, "parameter"]:
    """Return a network's parameters in tinycudann's layout."""
    inputs, outputs = -hidden.shape[1] % 16, -out.shape[0] % 16
    pad = torch.nn.functional.pad
    return torch.cat([pad(hidden, (0, inputs)).flatten(), pad(out, (0, 0, 0, outputs)).flatten()])


@functools.lru_cache(maxsize=2)
def _modules(shape: FieldShape) -> tuple[list[Any], tuple[Any, Any]]:
    """Make the modules of a field; their own parameters are never read."""
    library = importlib.import_module("tinycudann")
    grid = {
        "otype": "HashGrid",
        "n_levels": 1,
        "n_features_per_level": shape.features,
        "log2_hashmap_size": shape.log2_table,
    }
    network = {
        "otype": "FullyFusedMLP",
        "activation": "ReLU",
        "output_activation": "None",
        "n_neurons": shape.hidden,
        "n_hidden_layers": 1,
    }
    grids = [
        library.Encoding(3, {**grid, "base_resolution": edge + 1}, dtype=torch.float32)
        for edge in resolutions(shape)
    ]
    geometry = shape.geometry + 1
    density = library.Network(shape.levels * shape.features, geometry, network)
    return grids, (density, library.Network(geometry + HARMONICS, 3, network))
