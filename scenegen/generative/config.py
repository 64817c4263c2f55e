"""Options of the generative models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenegen.errors import GenerateError


@dataclass(frozen=True)
class GenerateConfig:
    """Which models of the user's own make a clip, in place of a world."""

    images_from: Path | None = None
    """Folder of a text-to-image model (diffusers): it makes the first view out of the sentence,
    for --video-from; alone, a picture."""

    video_from: Path | None = None
    """Folder of an image-to-video model (diffusers): it makes the clip out of the first view. No 3D
    scene comes of it."""

    first_view: Path | None = None
    """A picture for --video-from to begin with, in place of --images-from."""

    denoise_steps: int = 0
    """Steps of denoising of those models; 0 takes as many as each does by itself."""

    def __post_init__(self) -> None:
        if not 0 <= self.denoise_steps <= 1000:
            raise GenerateError(
                f"--denoise-steps {self.denoise_steps}: expected 1 to 1000, or 0 for as many as "
                "the model does by itself; change it"
            )
        if self.first_view is not None and self.images_from is not None:
            raise GenerateError(
                "--first-view: expected one first view, found --images-from as well, which makes "
                "another; leave out one of them"
            )
        if self.first_view is not None and self.video_from is None:
            raise GenerateError(
                "--first-view: expected --video-from, which makes a clip out of it, found none; "
                "name the folder of an image-to-video model"
            )
        if self.video_from is not None and self.images_from is None and self.first_view is None:
            raise GenerateError(
                "--video-from: expected a first view to begin with, found none; pass "
                "--first-view PICTURE, or --images-from with the folder of a text-to-image model"
            )

    @property
    def asked(self) -> bool:
        """Whether models are to make what is asked for."""
        return self.images_from is not None or self.video_from is not None
