"""Small random fields, photos and rays, and the comparison of two arrays that ought to agree."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch

from scenegen.kernels import native, reference
from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.state import TrainingState, new_state
from scenegen.lift.trainer import Problem
from scenegen.types import Camera, Field, FieldShape, Lens

SHAPE = FieldShape(levels=4, log2_table=11, coarsest=8, finest=100, hidden=32)
SIZES = [0, 1, 7, 15, 16, 17, 33, 1023]
CELLS = native.CELLS


@dataclass(frozen=True)
class Parameters:
    """A random field's arrays."""

    table: np.ndarray
    mlp: np.ndarray

    @staticmethod
    def random(shape: FieldShape, rng: np.random.Generator) -> Parameters:
        size = (shape.levels, 1 << shape.log2_table, shape.features)
        return Parameters(
            rng.normal(0.0, 0.5, size).astype(np.float16),
            rng.normal(0.0, 0.3, native.mlp_size(shape)).astype(np.float32),
        )

    def networks(self, shape: FieldShape) -> reference.Networks:
        return reference.Networks.of(shape, torch.from_numpy(self.mlp))


def scattered_cells(rng: np.random.Generator, blocks: int = 60) -> np.ndarray:
    """Alpha of a grid in which random boxes of cells are occupied."""
    alpha = np.zeros((CELLS, CELLS, CELLS), np.float32)
    for _ in range(blocks):
        low = rng.integers(0, CELLS - 16, 3)
        z, y, x = (slice(a, a + b) for a, b in zip(low, rng.integers(1, 16, 3), strict=True))
        alpha[z, y, x] = 1.0
    return alpha


def random_field(rng: np.random.Generator, shape: FieldShape = SHAPE) -> Field:
    """A field in a ball off the origin, with random parameters and scattered occupied cells."""
    parameters = Parameters.random(shape, rng)
    return Field(
        shape=shape,
        centre=np.array([0.3, -0.2, 1.1]),
        radius=2.5,
        step=0.03,
        near=0.05,
        far=64.0,
        parameters={"hash": parameters.table, "mlp": parameters.mlp},
        occupancy=reference.distance_field(scattered_cells(rng), 0.5),
        background=np.array([0.2, 0.4, 0.9], np.float32),
    )


def unit_vectors(rng: np.random.Generator, count: int) -> np.ndarray:
    d = rng.normal(size=(count, 3))
    return (d / np.linalg.norm(d, axis=1, keepdims=True)).astype(np.float32)


def points_near_and_far(rng: np.random.Generator, count: int) -> np.ndarray:
    """Points inside the unit ball and at all distances outside it."""
    distance = np.exp(rng.uniform(-3.0, 4.0, (count, 1)))
    return (unit_vectors(rng, count) * distance).astype(np.float32)


LENSES = (
    Lens(24, 16, 20.0, 21.0, 12.4, 7.8),
    Lens(20, 20, 16.0, 16.0, 10.0, 10.0, "OPENCV", k1=-0.12, k2=0.03, k3=0.01, p1=0.004, p2=-0.003),
    Lens(18, 26, 9.0, 9.5, 9.0, 13.0, "OPENCV_FISHEYE", k1=0.05, k2=-0.02, k3=0.004, k4=-0.001),
)


def random_problem(rng: np.random.Generator) -> Problem:
    """Photos of noise through all kinds of lenses, one of them masked in part."""
    photos = []
    for index, lens in enumerate(LENSES):
        pose = np.eye(4)
        pose[:3, :3] = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        pose[:3, 0] *= np.linalg.det(pose[:3, :3])
        pose[:3, 3] = rng.normal(0.0, 0.4, 3)
        size = (lens.height_px, lens.width_px)
        rgb = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
        mask = rng.integers(0, 2, size, dtype=np.uint8) if index == 1 else None
        photos.append(PhotoPixels(rgb, Camera(lens, pose), mask))
    return Problem(photos, SHAPE, np.array([0.1, 0.0, -0.1]), 1.3, seed=11, batch_samples=2048)


def random_state(problem: Problem, rng: np.random.Generator) -> TrainingState:
    """A state in the middle of training: nothing in it is zero or at its start."""
    state = new_state(problem.shape, len(problem.photos), seed=1)
    random = Parameters.random(problem.shape, rng)
    state.hash[:], state.mlp[:] = random.table, random.mlp
    state.sky[:] = rng.normal(0.0, 0.5, state.sky.shape)
    state.exposure[:] = rng.normal(0.0, 0.1, state.exposure.shape)
    state.alpha[:] = scattered_cells(rng, 200)
    for name in ("hash", "mlp", "sky"):
        getattr(state, f"{name}_m")[:] = rng.normal(0, 1e-3, getattr(state, name).shape)
        getattr(state, f"{name}_v")[:] = rng.uniform(1e-6, 1e-5, getattr(state, name).shape)
    state.step, state.step_length, state.samples_per_ray = 7, 0.03, 20.0
    return state


def same(state: TrainingState) -> TrainingState:
    return copy.deepcopy(state)


@dataclass(frozen=True)
class Agreement:
    """How far an array may be from its twin.

    ``most`` bounds the errors of 9 elements in 10 relative to the largest element, ``worst`` those
    of all: a ReLU that one rounding switches moves a row by much more than rounding does.
    ``rel_l2`` bounds the error of the whole, ``bias`` the sum of signed errors relative to that of
    magnitudes.
    """

    most: float
    worst: float
    rel_l2: float
    bias: float

    def check(self, name: str, found: np.ndarray, expected: np.ndarray) -> None:
        a, b = found.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
        assert np.isfinite(a).all(), f"{name}: not finite at {np.flatnonzero(~np.isfinite(a))[:5]}"
        error, scale = np.abs(a - b), np.abs(b).max()
        at = np.unravel_index(int(error.argmax()), expected.shape)
        most = np.quantile(np.abs(a - b), 0.9) / scale
        rel_l2 = np.linalg.norm(a - b) / np.linalg.norm(b)
        cosine = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
        bias = abs((a - b).sum()) / np.abs(b).sum()
        figures = (
            f"{name}: error of most {most:.2e}, worst {error.max() / scale:.2e}, at {at}: found "
            f"{found[at]:.8g}, expected {expected[at]:.8g}; relative L2 {rel_l2:.2e}, "
            f"cosine 1 - {1 - cosine:.2e}, bias {bias:.2e}"
        )
        print(figures)
        assert most <= self.most, figures
        assert error.max() <= self.worst * scale, figures
        assert rel_l2 <= self.rel_l2, figures
        assert cosine >= 1.0 - self.rel_l2, figures
        assert bias <= self.bias, figures
