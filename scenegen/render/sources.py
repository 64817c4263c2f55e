"""The photos that guide a frame: which ones, and their pixels, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from scenegen.errors import RenderError
from scenegen.kernels.guiding import GuideView, focal_length
from scenegen.types import Camera, Lens, Photo

CACHE_BYTES = 384 << 20
"""Decoded photos that are kept; those of one frame always fit, see `first_level`."""
MOST_PHOTOS = 12
"""Photos that a frame asks."""
_POINTS = 24
_ANGLE_DEG = 8.0
_COARSEST_PX = 8
_COUNTS = 0.1
"""Points count for a photo that it tells so much about, beside the one it tells most about."""

Pyramid = tuple[UInt8[np.ndarray, "_h _w 4"], ...]


class Pyramids:
    """Decoded photos, each reduced again and again by two; the least used go when room is short.

    A photo is kept from the finest level on that was asked for. What is returned depends on the
    file alone, never on what was asked before.
    """

    def __init__(self, photos: Sequence[Photo], limit_bytes: int = CACHE_BYTES) -> None:
        self._photos = photos
        self._limit = limit_bytes
        self._kept: OrderedDict[int, tuple[int, Pyramid]] = OrderedDict()

    @property
    def bytes(self) -> int:
        """Memory of the pixels that are kept."""
        return sum(level.nbytes for _, levels in self._kept.values() for level in levels)

    def of(self, index: int, first_level: int) -> Pyramid:
        """Return the levels from ``first_level`` on of a photo, RGBA; alpha is 0 where masked.

        Raises `RenderError` for a photo that cannot be read.
        """
        kept = self._kept.get(index)
        if kept is None or kept[0] > first_level:
            kept = (first_level, _decode(self._photos[index], first_level))
            self._kept[index] = kept
        self._kept.move_to_end(index)
        while len(self._kept) > 1 and self.bytes > self._limit:
            self._kept.popitem(last=False)
        return kept[1][first_level - kept[0] :]


def _decode(photo: Photo, first_level: int) -> Pyramid:
    from PIL import Image

    lens = photo.camera.lens
    try:
        with Image.open(photo.file) as opened:
            image = opened.convert("RGB")
        if photo.mask is not None:
            with Image.open(photo.mask) as opened:
                mask = opened.convert("L").point([0] * 128 + [255] * 128)
            image.putalpha(mask)
        else:
            image = image.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as cause:
        raise RenderError(
            f"{photo.file}: expected a photo of the scene, found none that can be decoded "
            f"({cause}); restore the file, or pass --plain to render without photos"
        ) from cause
    if image.size != (lens.width_px, lens.height_px):
        raise RenderError(
            f"{photo.file}: expected {lens.width_px}x{lens.height_px} pixels as its camera states, "
            f"found {image.size[0]}x{image.size[1]}; restore the file, or pass --plain"
        )
    levels = []
    for level in range(16):
        if level >= first_level:
            levels.append(np.ascontiguousarray(image))
        if min(image.size) <= _COARSEST_PX and level >= first_level:
            break
        image = image.reduce(2)
    return tuple(levels)


@dataclass(frozen=True)
class Choice:
    """A photo that a frame asks; ``share`` in (0, 1] is how much it counts for the frame."""

    index: int
    share: float
    coarsest_ratio: float
    """Largest size of its pixels over the frame's, of where it counts."""


def choose(view: GuideView, cameras: Sequence[Camera], most: int) -> list[Choice]:
    """Return the photos that help ``view`` most.

    A photo's score is its part in what all photos could tell about points of the frame, each by
    how close the rays are and how well it resolves. Shares fall to 0 at the score of the first
    photo that is left out, so that photos enter and leave without a jump.
    """
    if not cameras:
        return []
    points = _points(view)
    told, ratio = _told(view.camera, points, cameras)
    parts = told / (told.sum(axis=0, keepdims=True) + 1e-3)
    score = parts.mean(axis=1)
    order = np.argsort(-score, kind="stable")
    last = float(score[order[most]]) if len(order) > most else 0.0
    best = float(score[order[0]])
    chosen = []
    for index in order[:most].tolist():
        share = min(1.0, (float(score[index]) - last) / max(0.1 * (best - last), 1e-9))
        if share > 1e-3 and score[index] > 1e-5:
            counts = told[index] >= _COUNTS * told[index].max()
            chosen.append(Choice(index, share, float(ratio[index][counts].max())))
    return chosen


def _points(view: GuideView) -> Float[np.ndarray, "point 3"]:
    """Return points on the frame's surfaces, relative to its centre."""
    from scenegen.kernels.rays import pixel_rays

    height, width = view.distance.shape
    rows = np.unique(np.linspace(0, height - 1, min(_POINTS, height)).round().astype(int))
    columns = np.unique(np.linspace(0, width - 1, min(_POINTS, width)).round().astype(int))
    grid = np.meshgrid(columns, rows)
    _, directions = pixel_rays(view.camera, grid[0].ravel(), grid[1].ravel())
    return directions * view.distance[grid[1].ravel(), grid[0].ravel()][:, None]


def _told(
    camera: Camera, points: Float[np.ndarray, "point 3"], cameras: Sequence[Camera]
) -> tuple[Float[np.ndarray, "photo point"], Float[np.ndarray, "photo point"]]:
    """Return how well each photo sees each point, in 0..1, and the ratio of resolutions.

    Lens distortion is left out: it matters at the edge alone, where a photo counts little.
    """
    own = np.maximum(np.linalg.norm(points, axis=1), 1e-9)
    told, ratios = [], []
    for other in cameras:
        lens = other.lens
        offset = points - (other.position - camera.position)
        x, y, z = (offset @ other.world_from_camera[:3, :3]).T
        ahead = np.maximum(-z, 1e-9)
        u = lens.fl_x * x / ahead + lens.cx
        v = lens.cy - lens.fl_y * y / ahead
        margin = np.minimum(np.minimum(u, lens.width_px - u), np.minimum(v, lens.height_px - v))
        inside = np.clip(0.5 + margin / (0.1 * max(lens.width_px, lens.height_px)), 0, 1) * (z < 0)
        far = np.maximum(np.linalg.norm(offset, axis=1), 1e-9)
        cosine = np.clip((points * offset).sum(axis=1) / (own * far), -1, 1)
        ratio = far * focal_length(camera.lens) / (own * focal_length(lens))
        angle = np.rad2deg(np.arccos(cosine))
        told.append(inside * np.exp(-angle / _ANGLE_DEG) / (1.0 + np.maximum(ratio - 1.0, 0.0)))
        ratios.append(ratio)
    return np.array(told), np.array(ratios)


def first_level(ratio: float, bias: float, lens: Lens) -> int:
    """Return the finest pyramid level that is read of a photo seen at ``ratio`` and below.

    Large photos are never read finer than their part of `CACHE_BYTES` allows: half their width from
    6 megapixels on, a quarter from 25. That depends on the photo alone, so that no photo turns
    soft or sharp because another one joins it.
    """
    wanted = max(0, int(np.floor(np.log2(1.0 / ratio) + bias - 0.5)))
    most_px = CACHE_BYTES / MOST_PHOTOS / 5.5  # RGBA, and a third for the levels that follow
    return max(wanted, int(np.ceil(0.5 * np.log2(lens.width_px * lens.height_px / most_px))))
