"""Photos as training takes them: decoded, reduced, 8-bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from scenegen.errors import LiftError
from scenegen.progress import Progress, silent
from scenegen.types import Camera, Photo


@dataclass(frozen=True)
class PhotoPixels:
    """A photo's pixels at training size; ``mask`` is 0 where they are to be ignored."""

    rgb: UInt8[np.ndarray, "h w 3"]
    camera: Camera
    mask: UInt8[np.ndarray, "h w"] | None = None


def load_pixels(
    photos: Sequence[Photo], downscale: int = 1, progress: Progress = silent
) -> list[PhotoPixels]:
    """Decode ``photos``, reduced by averaging ``downscale`` x ``downscale`` pixels.

    Raises `LiftError` for a photo that is missing, broken or of another size than its camera's.
    """
    loaded = []
    for done, photo in enumerate(photos):
        progress("reading photos", done, len(photos))
        loaded.append(load_photo(photo, downscale))
    progress("reading photos", len(photos), len(photos))
    return loaded


def reduced_size(photo: Photo, downscale: int) -> tuple[int, int]:
    """Return width and height of a reduced photo; raise `LiftError` where too little is left."""
    lens = photo.camera.lens
    size = (lens.width_px // downscale, lens.height_px // downscale)
    if min(size) < 8:
        raise LiftError(
            f"{photo.file}: {lens.width_px}x{lens.height_px} pixels reduced by {downscale} leave "
            f"{size[0]}x{size[1]}, expected 8x8 or more; choose a smaller --downscale"
        )
    return size


def load_photo(photo: Photo, downscale: int) -> PhotoPixels:
    """Decode one photo; see `load_pixels`."""
    lens, size = photo.camera.lens, reduced_size(photo, downscale)
    # A remainder of the division is cut off at the right and the bottom, as area averaging does.
    kept = (size[0] * downscale, size[1] * downscale)
    rgb = _decode(photo.file, (lens.width_px, lens.height_px), "RGB")
    rgb = _reduce(rgb[: kept[1], : kept[0]], downscale)
    mask = None
    if photo.mask is not None:
        full = _decode(photo.mask, (lens.width_px, lens.height_px), "L")
        # A reduced pixel counts only where all that it averages does.
        blocks = full[: kept[1], : kept[0]].reshape(size[1], downscale, size[0], downscale)
        mask = np.ascontiguousarray((blocks > 127).all(axis=(1, 3)).astype(np.uint8))
    cropped = type(lens)(**{**vars(lens), "width_px": kept[0], "height_px": kept[1]})
    camera = Camera(cropped.scaled(*size), photo.camera.world_from_camera)
    return PhotoPixels(rgb, camera, mask)


def _decode(file: Path, size: tuple[int, int], mode: str) -> np.ndarray:
    from PIL import Image

    try:
        with Image.open(file) as image:
            pixels = np.asarray(image.convert(mode))
    except FileNotFoundError as cause:
        raise LiftError(f"{file}: no such photo; ingest the capture again") from cause
    except (OSError, SyntaxError, Image.DecompressionBombError) as cause:
        raise LiftError(
            f"{file}: cannot be decoded ({cause}); replace it or ingest the capture again"
        ) from cause
    if pixels.shape[1::-1] != size:
        raise LiftError(
            f"{file}: expected {size[0]}x{size[1]} pixels as its camera states, found "
            f"{pixels.shape[1]}x{pixels.shape[0]}; ingest the capture again"
        )
    return pixels


def _reduce(rgb: UInt8[np.ndarray, "h w 3"], factor: int) -> UInt8[np.ndarray, "h w 3"]:
    if factor == 1:
        return np.ascontiguousarray(rgb)
    height, width = rgb.shape[0] // factor, rgb.shape[1] // factor
    total = np.zeros((height, width, 3), np.uint32)
    for y in range(factor):
        for x in range(factor):
            total += rgb[y::factor, x::factor]
    return ((total + factor * factor // 2) // (factor * factor)).astype(np.uint8)
