"""Options of the render stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenegen.errors import RenderError


@dataclass(frozen=True)
class RenderConfig:
    """Size of the rendered frames, and what they are made from."""

    width_px: int = 960
    """Width of a frame in pixels; even, if the output is an .mp4."""

    height_px: int = 540
    """Height of a frame in pixels; even, if the output is an .mp4."""

    every_frame_anew: bool = False
    """Trace every pixel of every frame. Otherwise most are shown from the frames around, to within
    40 dB and in a fraction of the time; only one frame in sixteen is traced whole."""

    plain: bool = False
    """Show the radiance field alone, without the detail of the photos: softer, and quicker."""

    evidence: Path | None = None
    """Folder that also gets what the photos say about every pixel, as .npz files."""

    aperture: str | None = None
    """Depth of field: f/2.8, or the width of the lens in sizes of the scene (0.02) or as 2 cm; by
    default as the path says, or all sharp."""

    focus: str | None = None
    """What is sharp: subject, photo:NAME, or a distance; by default as the path says, or the
    subject."""

    shutter: float | None = None
    """Motion blur: how long a frame is exposed, in degrees; 180 is film. By default as the path
    says, or 0."""

    def __post_init__(self) -> None:
        if self.shutter is not None and not 0 <= self.shutter <= 360:
            raise RenderError(
                f"--shutter: expected 0 to 360 degrees, found {self.shutter:g}; change it"
            )
        if self.plain and self.evidence is not None:
            raise RenderError(
                "--evidence: tells what the photos say, but --plain leaves them out, found both; "
                "leave out one of them"
            )
