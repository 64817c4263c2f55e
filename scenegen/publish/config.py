"""Options of the publish stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PublishConfig:
    """What is written, and how well."""

    frames: Path | None = None
    """Folder that also gets every frame as images: rgb and opacity as PNG, depth as float TIFF."""

    crf: int = 18
    """Quality of the .mp4 on the scale of x264: 0 is lossless, 18 looks it, 28 is small."""

    overwrite: bool = False
    """Replace outputs that exist already."""
