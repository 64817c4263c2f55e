"""Settings of the ingest stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scenegen.errors import IngestError


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

    def __post_init__(self) -> None:
        for name, least in (("video_frames", 3), ("min_photos", 2), ("max_side_px", 64)):
            value = getattr(self, name)
            if value < least:
                raise IngestError(f"{name}: expected {least} or more, found {value}; change it")
        if not 0 <= self.min_posed_share <= 1:
            raise IngestError(
                f"min_posed_share: expected 0 to 1, found {self.min_posed_share}; change it"
            )
        if not 0 <= self.seed < 2**31:  # COLMAP holds it in 32 bits
            raise IngestError(f"seed: expected 0 to 2^31 - 1, found {self.seed}; change it")
        if self.known_length is None:
            return
        first, second, metres = self.known_length
        if first == second:
            raise IngestError(
                f"known_length: expected two photos, found {first!r} twice; change it"
            )
        if not 0 < metres < float("inf"):
            raise IngestError(
                f"known_length: expected a length above 0 metres, found {metres:g}; change it"
            )
