"""How sharp a photo is, and whether two photos show the same."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Num, UInt8
from PIL import Image

SIDE_PX = 640
THUMBNAIL_PX = 64
# Mean and largest difference, in grey levels, of two 64x64 thumbnails that show the same. In ten
# real captures the closest neighbours differ by 4.6 and 55 or more; a photo saved again at half
# the size as JPEG of quality 80 differs by at most 1.0 and 12.
SAME_MEAN, SAME_LARGEST = 1.5, 16.0


def sharpness(grey: Num[np.ndarray, "h w"]) -> float:
    """Return the variance of the Laplacian of ``grey``, whose longer side is `SIDE_PX` or less.

    Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (2000).
    """
    g = grey.astype(np.float32)
    if min(g.shape) < 3:
        return 0.0
    around = g[:-2, 1:-1] + g[2:, 1:-1] + g[1:-1, :-2] + g[1:-1, 2:]
    return float((around - 4.0 * g[1:-1, 1:-1]).var())


def reduced_grey(image: Image.Image) -> UInt8[np.ndarray, "h w"]:
    """Return ``image`` in grey with its longer side at `SIDE_PX`; smaller ones stay as they are."""
    scale = min(1.0, SIDE_PX / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    grey = image if image.mode == "L" else image.convert("L")
    return np.asarray(grey.resize(size, Image.Resampling.BOX))


def thumbnail(grey: UInt8[np.ndarray, "h w"]) -> Float32[np.ndarray, "64 64"]:
    """Return ``grey`` averaged over 64x64 cells, by which equal photos are found."""
    size = (THUMBNAIL_PX, THUMBNAIL_PX)
    small = Image.fromarray(grey).resize(size, Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32)


class SeenViews:
    """Views met so far, to find photos that show the same although their files differ."""

    def __init__(self) -> None:
        self._sources: list[str] = []
        self._thumbnails: list[Float32[np.ndarray, "64 64"]] = []

    def add(self, source: str, grey: UInt8[np.ndarray, "h w"]) -> str | None:
        """Return the source that shows the same as ``grey``; if there is none, remember it."""
        new = thumbnail(grey)
        for known, old in zip(self._sources, self._thumbnails, strict=True):
            difference = np.abs(new - old)
            if difference.mean() < SAME_MEAN and difference.max() < SAME_LARGEST:
                return known
        self._sources.append(source)
        self._thumbnails.append(new)
        return None
