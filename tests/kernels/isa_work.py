"""What a process of each instruction set computes, without PyTorch."""

from __future__ import annotations

import numpy as np

from scenegen.kernels import _native, native
from scenegen.types import Field, FieldShape

SHAPE = FieldShape(levels=4, log2_table=11, coarsest=8, finest=100, hidden=32)


def work() -> dict[str, np.ndarray]:
    """Encode, trace, convert and differentiate."""
    rng = np.random.default_rng(0)
    table = rng.normal(0.0, 0.5, (4, 1 << 11, 4)).astype(np.float16)
    mlp = rng.normal(0.0, 0.3, native.mlp_size(SHAPE)).astype(np.float32)
    alpha = np.zeros((native.CELLS,) * 3, np.float32)
    alpha[20:90, 30:80, 40:100] = 1.0
    occupancy = np.zeros(alpha.shape, np.uint8)
    native.distance_field(alpha, 0.5, occupancy)
    parameters = {"hash": table, "mlp": mlp}
    gray = np.full(3, 0.5, np.float32)
    field = Field(SHAPE, np.zeros(3), 1.0, 0.03, 0.05, 64.0, parameters, occupancy, gray)
    directions = rng.normal(size=(501, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    origins = rng.normal(0.0, 0.5, (501, 3))
    rgb, depth, opacity = native.trace(field, origins, directions)
    bare = native.native_field(SHAPE, parameters, occupancy)
    points = origins.astype(np.float32)
    features = np.zeros((501, 16), np.float32)
    bare.encode(points, features)
    grad = np.zeros(table.shape, np.float32)
    bare.encode_backward(points, features, grad, np.zeros(table.size // 16, np.uint8))
    half = np.zeros(features.shape, np.float16)
    _native.to_half(features.reshape(-1), half.reshape(-1).view(np.uint16))
    density = native.density(field, origins)
    names = ("rgb", "depth", "opacity", "features", "grad", "half", "density")
    return dict(zip(names, (rgb, depth, opacity, features, grad, half, density), strict=True))
