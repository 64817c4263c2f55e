"""A photo on its way in: readable, upright, 8-bit, not yet posed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Snapshot:
    """A photo, or a frame of a video, as posing takes it.

    ``file`` lies in the ``images`` folder of the capture; ``source`` is what the user calls it: a
    file name, or the second of a video. Photos with one ``lens_key`` share one lens. ``focal_px``
    is the focal length that EXIF states, in pixels of ``file``; ``gps`` is latitude and longitude
    in degrees and altitude in metres. ``sharpness`` is only comparable within one capture.
    """

    file: Path
    source: str
    width_px: int
    height_px: int
    lens_key: str
    sharpness: float
    focal_px: float | None = None
    gps: tuple[float, float, float] | None = None
    taken_at: str | None = None

    @property
    def name(self) -> str:
        """File name, the key of a photo within its capture."""
        return self.file.name


@dataclass(frozen=True)
class Rejected:
    """A photo that could not be used, with the reason and what to do about it."""

    source: str
    why: str
    advice: str
