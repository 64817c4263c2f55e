"""What a map is drawn on and with: lines, dots and words, in pixels of the finished picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, UInt8
from PIL import Image, ImageDraw, ImageFont

Ink = tuple[int, int, int]
Spot = tuple[float, float]

FINE = 2
"""Everything is drawn so many times larger and then reduced, for smooth edges."""

PAPER: Ink = (255, 255, 255)
INK: Ink = (40, 44, 52)
FAINT: Ink = (208, 212, 219)
PHOTO: Ink = (64, 110, 196)
LOW: Ink = (226, 222, 213)
"""Surfaces above and below the camera."""

WALL: Ink = (158, 152, 140)
"""Surfaces as high as the camera."""

GOOD: Ink = (38, 140, 86)
POOR: Ink = (232, 150, 24)
HASTY: Ink = (142, 68, 190)
BAD: Ink = (206, 44, 44)

TROUBLE: dict[str, Ink] = {
    "crossing": BAD,
    "near": BAD,
    "unseen": POOR,
    "fast": HASTY,
    "turn": HASTY,
}
"""The ink of each kind of trouble; where several meet, the way has the first one's."""


class Paper:
    """A white picture of a size in pixels, drawn on in these pixels."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px
        self._image = Image.new("RGB", (width_px * FINE, height_px * FINE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def line(self, spots: Sequence[Spot], ink: Ink, wide: float = 1.0) -> None:
        """Draw a line from spot to spot."""
        self._draw.line([(x * FINE, y * FINE) for x, y in spots], ink, round(wide * FINE), "curve")

    def area(self, spots: Sequence[Spot], ink: Ink) -> None:
        """Fill what is within the line from spot to spot."""
        self._draw.polygon([(x * FINE, y * FINE) for x, y in spots], ink)

    def disc(self, spot: Spot, ink: Ink, radius: float) -> None:
        """Draw a disc around a spot."""
        x, y = spot[0] * FINE, spot[1] * FINE
        reach = radius * FINE
        self._draw.ellipse((x - reach, y - reach, x + reach, y + reach), ink)

    def dust(self, spots: Float[np.ndarray, "n 2"], ink: Ink) -> None:
        """Draw many dots, a pixel each."""
        fine = np.rint(spots * FINE).astype(int)
        fine = (fine[:, None] + [(0, 0), (1, 0), (0, 1), (1, 1)]).reshape(-1, 2)
        self._draw.point([(int(x), int(y)) for x, y in np.unique(fine, axis=0)], ink)

    def words(self, place: Spot, words: str, size: int = 12, ink: Ink = INK) -> None:
        """Write words with their top left corner at ``place``, on a rim of paper."""
        spot = (place[0] * FINE, place[1] * FINE)
        font = ImageFont.load_default(size * FINE)
        self._draw.text(spot, words, ink, font, stroke_width=2 * FINE, stroke_fill=PAPER)

    def finished(self) -> UInt8[np.ndarray, "h w 3"]:
        """Return the picture."""
        size = (self.width_px, self.height_px)
        return np.asarray(self._image.resize(size, Image.Resampling.LANCZOS))


def width_of(words: str, size: int) -> float:
    """Return how wide words are in pixels."""
    return float(ImageFont.load_default(size).getlength(words))


def fitted(words: str, size: int, width_px: float) -> str:
    """Return words, shortened where they are wider than ``width_px``."""
    if width_of(words, size) <= width_px:
        return words
    while words and width_of(words + "…", size) > width_px:
        words = words[:-1]
    return words.rstrip() + "…"


def runs(values: Sequence[object] | Bool[np.ndarray, "n"]) -> list[tuple[int, int]]:
    """Return first place and the one past the last of each stretch of equal values."""
    edges = [0, *(k for k in range(1, len(values)) if values[k] != values[k - 1]), len(values)]
    return list(pairwise(edges)) if len(values) else []
