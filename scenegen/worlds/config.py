"""Settings of the worlds stage."""

from __future__ import annotations

from dataclasses import dataclass

from scenegen.errors import WorldError


@dataclass(frozen=True)
class WorldConfig:
    """How a world is photographed."""

    seed: int = 0
    """Everything that the words leave open follows from it; another seed is another world."""

    photos: int = 32
    """Photos taken of the world, eight about its best view and the others along the camera's way,
    from which its scene is trained."""

    samples: int = 6
    """Paths traced a pixel, before the noise is removed."""

    direct: bool = False
    """Trace every frame of the film instead of photos: no scene is trained, what is seen is the
    world itself, and it takes some seconds a frame. A film that was interrupted goes on."""

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**32:
            raise WorldError(f"--seed: expected 0 to 4294967295, found {self.seed}; change it")
        if not 12 <= self.photos <= 300:
            raise WorldError(f"--photos: expected 12 to 300, found {self.photos}; change it")
        if not 1 <= self.samples <= 4096:
            raise WorldError(f"--samples: expected 1 to 4096, found {self.samples}; change it")
