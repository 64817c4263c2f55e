"""What `import tinycudann` gives, computed by PyTorch on the CPU.

Written from tiny-cuda-nn's sources (modules.py for the interface and the halves, grid.h and
common_device.h for the grid, network.cu and fully_fused_mlp.cu for the network), knowing nothing of
scenegen: any number of levels, wrapping 32-bit indices, padded batches, half gradients that are 128
times as large inside.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor

BATCH = 256
LOSS_SCALE = 128.0
PRIMES = (1, 2654435761, 805459861)
WORD = 0xFFFFFFFF


def next_multiple(number: int, of: int) -> int:
    return (number + of - 1) // of * of


class ScaledGradient(torch.autograd.Function):
    """The identity; its gradient is scaled by the loss scale or its inverse, and keeps its type."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, factor: float) -> Tensor:
        ctx.factor = factor
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0] * ctx.factor, None


def scaled(value: Tensor, factor: float) -> Tensor:
    return ScaledGradient.apply(value, factor)  # pyright: ignore[reportReturnType]


class Module(torch.nn.Module, ABC):
    n_input_dims: int
    n_output_dims: int
    dtype: torch.dtype

    def __init__(self, count: int) -> None:
        super().__init__()
        self.params = torch.nn.Parameter(torch.full((count,), math.nan))

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] != self.n_input_dims or self.params.shape != (self.count(),):
            raise RuntimeError(f"wrong sizes: {x.shape} {self.params.shape}")
        if not len(x):
            raise RuntimeError("cannot launch a kernel on nothing")
        padding = next_multiple(len(x), BATCH) - len(x)
        padded = torch.nn.functional.pad(x.float(), (0, 0, 0, padding))
        scale = 1.0 if self.dtype == torch.float32 else LOSS_SCALE
        params = scaled(self.params.to(self.dtype), 1.0 / scale)
        out = self.compute(scaled(padded, 1.0 / scale), params).to(self.dtype)
        return scaled(out, scale)[: len(x), : self.n_output_dims]

    @abstractmethod
    def count(self) -> int: ...

    @abstractmethod
    def compute(self, x: Tensor, params: Tensor) -> Tensor: ...


class Encoding(Module):
    def __init__(
        self,
        n_input_dims: int,
        encoding_config: dict[str, Any],
        seed: int = 1337,
        dtype: torch.dtype | None = None,
    ) -> None:
        config = dict(encoding_config)
        if config.pop("otype") != "HashGrid":
            raise RuntimeError("not a hash grid")
        self.n_input_dims, self.seed, self.dtype = n_input_dims, seed, dtype or torch.float16
        self.levels = config.pop("n_levels", 16)
        self.features = config.pop("n_features_per_level", 2)
        self.log2 = config.pop("log2_hashmap_size", 19)
        self.base = config.pop("base_resolution", 16)
        self.growth = config.pop("per_level_scale", 2.0)
        if config or n_input_dims != 3 or self.features not in (1, 2, 4, 8):
            raise RuntimeError(f"no such grid: {encoding_config}")
        self.n_output_dims = self.levels * self.features
        super().__init__(self.count())

    def scale(self, level: int) -> float:
        return 2.0 ** (level * math.log2(self.growth)) * self.base - 1.0

    def entries(self, level: int) -> int:
        resolution = math.ceil(self.scale(level)) + 1
        return min(next_multiple(resolution**3, 8), 1 << self.log2)

    def count(self) -> int:
        return sum(self.entries(level) for level in range(self.levels)) * self.features

    def compute(self, x: Tensor, params: Tensor) -> Tensor:
        sizes = [self.entries(level) * self.features for level in range(self.levels)]
        tables = [part.view(-1, self.features) for part in params.split(sizes)]
        return torch.cat([self.look_up(x, i, t) for i, t in enumerate(tables)], 1)

    def look_up(self, x: Tensor, level: int, table: Tensor) -> Tensor:
        scale = self.scale(level)
        resolution = math.ceil(scale) + 1
        place = (x.double() * scale + 0.5).float()  # one rounding, as of a fused multiply-add
        cell = place.detach().floor()
        fraction = place - cell
        total = torch.zeros(len(x), self.features, dtype=table.dtype)
        for corner in range(8):
            weight = torch.ones(len(x))
            vertex = []
            for axis in range(3):
                far = corner >> axis & 1
                weight = weight * (fraction[:, axis] if far else 1.0 - fraction[:, axis])
                vertex.append((cell[:, axis].long() & WORD) + far & WORD)
            index = self.index(vertex, resolution, len(table))
            total = total + weight.to(table.dtype)[:, None] * table[index]
        return total

    def index(self, vertex: list[Tensor], resolution: int, size: int) -> Tensor:
        index, stride = torch.zeros_like(vertex[0]), 1
        if resolution <= 0x659:
            for place in vertex:
                index = index + place * stride & WORD
                stride *= resolution
        else:
            stride = WORD
        if size < stride:
            index = torch.zeros_like(vertex[0])
            for place, prime in zip(vertex, PRIMES, strict=True):
                index ^= place * prime & WORD
        return index % size


class Network(Module):
    dtype = torch.float16

    def __init__(
        self,
        n_input_dims: int,
        n_output_dims: int,
        network_config: dict[str, Any],
        seed: int = 1337,
    ) -> None:
        config = dict(network_config)
        self.n_input_dims, self.n_output_dims, self.seed = n_input_dims, n_output_dims, seed
        self.width = config.pop("n_neurons", 128)
        expected = {
            "otype": "FullyFusedMLP",
            "activation": "ReLU",
            "output_activation": "None",
            "n_hidden_layers": 1,
        }
        if config != expected or self.width not in (16, 32, 64, 128):
            raise RuntimeError(f"no such network: {network_config}")
        self.inputs, self.outputs = (
            next_multiple(n_input_dims, 16),
            next_multiple(n_output_dims, 16),
        )
        super().__init__(self.count())

    def count(self) -> int:
        return self.width * (self.inputs + self.outputs)

    def compute(self, x: Tensor, params: Tensor) -> Tensor:
        first = params[: self.width * self.inputs].view(self.width, self.inputs)
        last = params[self.width * self.inputs :].view(self.outputs, self.width)
        x = torch.nn.functional.pad(x, (0, self.inputs - x.shape[1]), value=1.0).half()
        hidden = torch.relu(x.float() @ first.float().T).half()
        return hidden.float() @ last.float().T
