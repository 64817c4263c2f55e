"""What a process of each instruction set computes, without PyTorch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenegen.kernels import _native, native
from scenegen.kernels.guiding import GuideSettings, guide, match
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.state import new_state
from scenegen.lift.trainer import Problem, Rates
from scenegen.types import Camera, Field, FieldShape, Lens
from tests.kernels.walls import LENSES as WALL_LENSES
from tests.kernels.walls import camera_at, photo_of, soft_view

SHAPE = FieldShape(levels=4, log2_table=11, coarsest=8, finest=100, hidden=32)


def work() -> dict[str, np.ndarray]:
    """Encode, trace, convert and train."""
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
    found = dict(zip(names, (rgb, depth, opacity, features, grad, half, density), strict=True))
    return {**found, **training(rng), **guiding()}


def guiding() -> dict[str, np.ndarray]:
    """Guide a view of a wall, and match its depth."""
    view = soft_view(camera_at(0.05, 0.1, WALL_LENSES[1].scaled(47, 31)), 1.01)
    cameras = [
        camera_at(x, 0.2, lens, 4.0) for x, lens in zip((-0.4, 0.3, 0.8), WALL_LENSES, strict=True)
    ]
    photos = [photo_of(camera, index) for index, camera in enumerate(cameras)]
    made = guide(view, photos, GuideSettings())
    factors = np.array([0.98, 1.0, 1.02], np.float32)
    found = {"matched": match(view, photos, factors, GuideSettings())}
    found["guided rgb"] = made.rgb
    return found | {name: getattr(made, name) for name in ("coverage", "distance")}


def training(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Differentiate a step, take two, and sweep the occupancy grid."""
    lens = Lens(24, 16, 20.0, 21.0, 12.4, 7.8, "OPENCV", k1=-0.1, k2=0.02, p1=0.003)
    pixels = rng.integers(0, 256, (16, 24, 3), dtype=np.uint8)
    aside = np.eye(4)
    aside[0, 3] = 0.3
    photos = [PhotoPixels(pixels, Camera(lens, pose), None) for pose in (np.eye(4), aside)]
    shape = replace(SHAPE, levels=3)
    problem = Problem(photos, shape, np.zeros(3), 1.0, seed=3, batch_samples=1024)
    state = new_state(shape, 2, seed=2)
    state.hash[:] = rng.normal(0.0, 0.5, state.hash.shape)
    for name in ("hash", "mlp"):
        # From no moments at all, a first step goes by the sign of what may be rounding alone.
        getattr(state, f"{name}_v")[:] = 1e-5
    state.step, state.samples_per_ray = 7, 20.0
    state.alpha[:] = 1.0
    trainer = NativeTrainer(problem, state)
    facts, gradients = trainer.gradients(7, 60, 0.0)
    trainer.run(2, Rates(hash=0.01, mlp=0.001, outlier=0.1))
    trainer.sweep(0.8, 1, 0)
    found = {f"{name} gradient": gradient for name, gradient in gradients.items()}
    found |= {name: array.copy() for name, array in state.arrays().items()}
    return {**found, "loss": np.array([facts.loss]), "samples": np.array([facts.samples])}
