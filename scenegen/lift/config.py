"""Settings of training a radiance field."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LiftConfig:
    """How a capture becomes a scene."""

    budget_s: float = 60.0
    """Seconds of training, on the wall clock; half of it already gives a usable scene."""

    downscale: int = 1
    """Train on photos reduced by this factor in width and height."""

    holdout_every: int = 0
    """Keep every N-th photo, sorted by name, out of training to measure quality; 0 keeps none."""

    backend: str = "auto"
    """native (C++ kernels), torch (their slow PyTorch twin), or auto: as SCENEGEN_BACKEND says."""

    seed: int = 0
    """Seed of everything random in training."""

    overwrite: bool = False
    """Replace an output that exists."""
