"""Settings of training a radiance field."""

from __future__ import annotations

from dataclasses import dataclass

from scenegen.errors import LiftError


@dataclass(frozen=True)
class LiftConfig:
    """How a capture becomes a scene."""

    budget_s: float = 60.0
    """Seconds of training, on the wall clock; half of it already gives a usable scene."""

    steps: int = 0
    """Train this many optimiser steps instead, however long they take: the same photos, seed and
    steps give the same scene, to the bit, on any number of threads and after any interruption (on
    one instruction set). 0 goes by --budget-s; two cores take some 350 to 500 steps a second."""

    downscale: int = 1
    """Train on photos reduced by this factor in width and height."""

    holdout_every: int = 0
    """Keep every N-th photo, sorted by name, out of training to measure quality; 0 keeps none."""

    photo_memory_mb: int = 0
    """Megabytes of photos held in memory, the rest streams from a file beside the output; 0 means a
    quarter of what is free, at most 1074."""

    refine_poses: bool = False
    """Correct the cameras while training, if a trial early on shows that they are wrong by more
    than training can bear (about 0.2 degrees)."""

    backend: str = "auto"
    """native (C++ kernels), torch (their slow PyTorch twin), tcnn (the twin with tinycudann's
    kernels, on CUDA), or auto: as SCENEGEN_BACKEND says."""

    seed: int = 0
    """Seed of everything random in training."""

    overwrite: bool = False
    """Replace an output that exists."""

    def __post_init__(self) -> None:
        if not 0 < self.budget_s < float("inf"):
            raise LiftError(
                f"--budget-s {self.budget_s:g}: expected more than 0 seconds; 60 is a good start"
            )
        if self.steps < 0:
            raise LiftError(
                f"--steps {self.steps}: expected 1 or more, or 0 to go by --budget-s; "
                "20000 take about 45 seconds on two cores"
            )
        if self.downscale < 1:
            raise LiftError(f"--downscale {self.downscale}: expected 1 or more")
        if self.holdout_every < 0 or self.holdout_every == 1:
            raise LiftError(
                f"--holdout-every {self.holdout_every}: expected 0 (none) or 2 and more; "
                "8 keeps every eighth photo out"
            )
        if self.photo_memory_mb < 0:
            raise LiftError(
                f"--photo-memory-mb {self.photo_memory_mb}: expected megabytes, or 0 to let "
                "scenegen choose"
            )
        if not 0 <= self.seed < 2**63:
            raise LiftError(f"--seed {self.seed}: expected 0 to 2^63 - 1")
        if self.backend not in ("auto", "native", "torch", "tcnn"):
            raise LiftError(f"--backend {self.backend}: expected auto, native, torch or tcnn")
