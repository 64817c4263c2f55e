"""What a training backend does, and which one there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from jaxtyping import Float, Float16, Float32, Int64, UInt8

from scenegen.errors import LiftError
from scenegen.kernels import backend as chosen_backend
from scenegen.kernels import require_tcnn
from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.state import TrainingState
from scenegen.types import Field, FieldShape


@dataclass(frozen=True)
class Rates:
    """Learning rates of one slice of training, and weights of its losses.

    ``outlier`` is the error beyond which a ray loses weight, ``sighting`` is the share that is
    left of `Problem.sighting_weight`. ``sky`` is the pull that empties space before the sky.
    ``exposure`` is how far the photos' gains go, in one slice, towards what they should be; 0
    leaves them where they are. ``pose`` says whether rays tell how cameras should move.
    """

    hash: float
    mlp: float
    outlier: float
    exposure: float = 0.0
    sighting: float = 0.0
    sky: float = 0.0
    pose: bool = False


@dataclass(frozen=True)
class SliceFacts:
    """What a slice of training did; ``squared_error`` and ``loss`` are sums over its rays.

    ``compared`` counts the rays whose colour was compared with a photo's: neither masked nor only
    through empty space. ``pose_sums`` say how the loss changes as each camera turns about its
    centre (3 numbers) and moves (3), in the field's frame: the gradient, six rows of its
    Gauss-Newton curvature, and six of the products of each ray's gradient with itself.
    ``exposure_sums`` hold its slope with respect to the photos' log gains, and its curvature, see
    `scenegen.lift.exposures`.
    """

    steps: int
    rays: int
    compared: int
    samples: int
    squared_error: float
    loss: float
    pose_sums: Float[np.ndarray, "photo 13 6"] = field(compare=False)
    exposure_sums: Float[np.ndarray, "photo 2 3"] = field(compare=False)

    @property
    def pose_parts(self) -> dict[str, np.ndarray]:
        """The parts of ``pose_sums`` by name."""
        parts = np.split(self.pose_sums, [1, 7], axis=1)
        return dict(zip(("pose", "pose_curvature", "pose_squares"), parts, strict=True))


@dataclass(frozen=True)
class Sightings:
    """Where photos saw sparse points: pixels, counted through all photos, and how far along their
    rays the points lie, in radii of the unit ball.
    """

    pixel: Int64[np.ndarray, "sighting"]
    distance: Float32[np.ndarray, "sighting"]


@dataclass(frozen=True)
class Problem:
    """What is trained from: photos, the unit ball, the shape of the field and the loss."""

    photos: Sequence[PhotoPixels]
    shape: FieldShape
    centre: Float[np.ndarray, "3"]
    radius: float
    seed: int = 0
    near: float = 0.05
    far: float = 64.0
    batch_samples: int = 8192
    huber: float = 0.3
    distortion: float = 0.01
    opaque_depth: float = 7.0
    sightings: Sightings | None = None
    sighting_weight: float = 0.1
    """Weight, at first, of how far rays end from the sparse points on them."""
    sighting_share: float = 0.1
    """Share of the rays that go through a sighting."""
    refine_poses: bool = False
    skies: Sequence[UInt8[np.ndarray, "32 32"]] = ()
    """Where each photo may show sky, see `scenegen.lift.sky`; nowhere if empty."""
    clear: Sequence[float] = ()
    """How far before each photo space is known to be empty, in units of ``radius``."""

    def __post_init__(self) -> None:
        if not self.clear:
            object.__setattr__(self, "clear", (self.near,) * len(self.photos))


class Trainer(Protocol):
    """Owns a `TrainingState` and moves it on."""

    problem: Problem
    state: TrainingState

    def run(self, steps: int, rates: Rates) -> SliceFacts:
        """Take optimiser steps, each on `Problem.batch_samples` samples or so."""
        ...

    def show(self, problem: Problem) -> None:
        """Train on other pixels of the same photos from now on."""
        ...

    def place_cameras(self) -> None:
        """Take photos from where `TrainingState.pose` says from now on."""
        ...

    def sweep(self, decay: float, stride: int, phase: int) -> None:
        """Refresh every ``stride``-th cell of the occupancy grid, beginning at ``phase``."""
        ...

    def field(self, background: Float[np.ndarray, "3"]) -> Field:
        """Return a copy of the field as it is now."""
        ...


def snapshot(
    problem: Problem,
    state: TrainingState,
    table: Float16[np.ndarray, "level entry 4"],
    occupancy: UInt8[np.ndarray, "z y x"],
    background: Float[np.ndarray, "3"],
) -> Field:
    """Return a copy of the field in the middle of its training."""
    return Field(
        shape=problem.shape,
        centre=problem.centre,
        radius=problem.radius,
        step=state.step_length,
        near=problem.near,
        far=problem.far,
        parameters={"hash": table.copy(), "mlp": state.mlp.copy(), "sky": state.sky.copy()},
        occupancy=occupancy.copy(),
        background=background.astype(np.float32),
    )


def make_trainer(problem: Problem, state: TrainingState, backend: str) -> Trainer:
    """Return a trainer on ``backend``: native, torch, tcnn, or auto for the one that is in use.

    Raises `LiftError` for another name, or where what the backend needs is missing.
    """
    name = chosen_backend() if backend == "auto" else backend
    if name == "native":
        from scenegen.lift.native_trainer import NativeTrainer

        return NativeTrainer(problem, state)
    if name == "tcnn":
        require_tcnn("--backend tcnn")
        from scenegen.kernels import tcnn
        from scenegen.lift.torch_trainer import TorchTrainer

        return TorchTrainer(problem, state, reader=tcnn.fused)
    if name == "torch":
        try:
            from scenegen.lift.torch_trainer import TorchTrainer
        except ModuleNotFoundError as cause:
            raise LiftError(
                "--backend torch: PyTorch is not installed; pip install 'scenegen[torch]'"
            ) from cause
        return TorchTrainer(problem, state)
    raise LiftError(f"--backend {name}: expected auto, native, torch or tcnn")
