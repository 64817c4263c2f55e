"""Settings of the worlds stage."""

from __future__ import annotations

from dataclasses import dataclass

from scenegen.errors import WorldError


@dataclass(frozen=True)
class WorldConfig:
    """How a world is photographed."""

    seed: int = 0
    """Everything that the words leave open follows from it; another seed is another world."""

    photos: int = 28
    """Photos taken of the world along the camera's way, from which its scene is trained."""

    samples: int = 8
    """Paths traced a pixel, before the noise is removed."""

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**32:
            raise WorldError(f"--seed: expected 0 to 4294967295, found {self.seed}; change it")
        if not 8 <= self.photos <= 300:
            raise WorldError(f"--photos: expected 8 to 300, found {self.photos}; change it")
        if not 1 <= self.samples <= 4096:
            raise WorldError(f"--samples: expected 1 to 4096, found {self.samples}; change it")
