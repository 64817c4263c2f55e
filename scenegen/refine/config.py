"""Options of the refine stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenegen.errors import RefineError


@dataclass(frozen=True)
class RefineConfig:
    """How rendered frames become film."""

    refine: bool = True
    """Refine the frames: sharper and steadier, from what the photos show. Needs PyTorch."""

    refine_steps: int = 1
    """Denoising steps; each takes as long as the others."""

    refine_seed: int = 0
    """Of the noise that is denoised; it shows in what nobody photographed."""

    grade: str = ""
    """Words that grade the film, such as "warm evening light" or "black and white"; none leave its
    colours alone."""

    overlay: Path | None = None
    """Clip that also shows where every pixel comes from: green was copied from photos, blue is kept
    from the render, red was made up."""

    refine_weights: Path | None = None
    """Weights of your own, as tools/train_refiner.py makes them; by default those of scenegen."""

    refine_model: Path | None = None
    """Folder of a diffusers image-to-image (or text-to-image) pipeline of your own, which redraws
    every frame before scenegen's network steadies them. Minutes a frame without a GPU."""

    refine_strength: float = 0.25
    """How freely that pipeline redraws, from 0 to 1."""

    @property
    def stated(self) -> dict[str, object]:
        """What is asked of a refiner beyond its usual work, by the names of the options."""
        asked = {
            "grade": self.grade.strip(),
            "overlay": self.overlay,
            "refine-weights": self.refine_weights,
            "refine-model": self.refine_model,
            "refine-steps": self.refine_steps - 1,  # by how much it is not what is usual
            "refine-seed": self.refine_seed,
        }
        return {name: value for name, value in asked.items() if value}

    def __post_init__(self) -> None:
        if not 1 <= self.refine_steps <= 16:
            raise RefineError(
                f"--refine-steps: expected 1 to 16, found {self.refine_steps}; 1 is usual"
            )
        if not 0 < self.refine_strength <= 1:
            raise RefineError(
                f"--refine-strength: expected more than 0, up to 1, found "
                f"{self.refine_strength:g}; 0.25 is usual"
            )
        if self.refine_model is None and self.refine_strength != type(self).refine_strength:
            raise RefineError(
                "--refine-strength: says how freely --refine-model redraws, found none; add that, "
                "or leave this out"
            )
        if not 0 <= self.refine_seed < 2**63:
            raise RefineError(
                f"--refine-seed: expected 0 to 2^63 - 1, found {self.refine_seed}; 0 is usual"
            )
        if not self.refine and self.stated:
            raise RefineError(
                f"--{next(iter(self.stated))}: is the refiner's, but --no-refine leaves it out, "
                "found both; leave out one of them"
            )
