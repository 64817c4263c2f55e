"""What the publish stage is handed, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from scenegen.types import Frame


@dataclass(frozen=True)
class Footage:
    """Frames that are rendered when asked for.

    ``render(first)`` yields the frames ``first``, ``first + 1``, ... ``count - 1``, each of
    ``width_px`` x ``height_px``. ``fingerprint`` must change with everything that changes a pixel
    of them: frames of two fingerprints never come into one clip.
    """

    render: Callable[[int], Iterator[Frame]]
    count: int
    fps: float
    width_px: int
    height_px: int
    fingerprint: str
    metres_per_unit: float | None = None

    @property
    def rate(self) -> Fraction:
        """Frames a second as the ratio that film uses: 23.976 is 24000/1001."""
        return Fraction(self.fps).limit_denominator(1001)


@dataclass(frozen=True)
class ClipFacts:
    """Figures of a finished clip, under the names that reports use.

    ``frames_reused`` were there already from an interrupted run; ``render_s`` is the wall time of
    rendering and encoding the others.
    """

    frames: int
    frames_reused: int
    seconds: float
    width_px: int
    height_px: int
    size_mb: float
    render_s: float

    @property
    def render_s_per_frame(self) -> float | None:
        """Wall time of a frame that this run rendered; None if it rendered none."""
        fresh = self.frames - self.frames_reused
        return self.render_s / fresh if fresh else None
