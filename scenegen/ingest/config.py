"""Settings of the ingest stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class IngestConfig:
    """How photos, a video or a posed capture become a capture folder."""

    overwrite: bool = False
    """Replace the output folder if it exists."""

    video_frames: int = 60
    """Frames to take from a video: the sharpest one of as many equal spans of time."""

    min_photos: int = 3
    """Fewest usable photos, and fewest posed photos, to go on with."""

    max_side_px: int = 1000
    """Photos are searched for features at this size of their longer side, in pixels."""

    matching: Literal["auto", "sequential", "exhaustive"] = "auto"
    """Which photos are compared: neighbours in order, or all with all; auto looks at their names
    and times."""

    min_posed_share: float = 0.9
    """With a smaller share of the photos posed, posing is tried again with more effort."""

    seed: int = 0
    """Seed of everything random."""

    known_length: tuple[str, str, float] | None = None
    """Two photos and the distance between the places they were taken from, in metres: gives the
    scene its scale. Without it, the scale comes from the photos' GPS, where that is good enough."""
