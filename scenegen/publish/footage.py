"""What the publish stage is handed, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from scenegen.errors import PublishError
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

    def __post_init__(self) -> None:
        if not 0.01 <= self.fps <= 1000:
            raise PublishError(
                f"camera path: {self.fps:g} frames a second, expected 0.01 to 1000; "
                "mend the fps of the path"
            )

    @property
    def rate(self) -> Fraction:
        """Frames a second as an exact ratio; 23.976 and its like are film's 24000/1001."""
        ntsc = Fraction(1000 * round(self.fps), 1001)
        if self.fps != round(self.fps) and abs(self.fps - ntsc) < 0.005:
            return ntsc
        return Fraction(self.fps).limit_denominator(1000)


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
