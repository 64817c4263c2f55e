"""Opening image files of unknown origin: bounded in size, converted to upright 8-bit RGB."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".heic", ".heif")
HEIC_SUFFIXES = (".heic", ".heif")
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
MAX_SIDE_PX = 16_384
MAX_MEGAPIXELS = 100
ORIENTATION_TAG = 0x0112


class BadImageError(Exception):
    """An image file that cannot be used: ``why``, and what to do about it (``advice``)."""

    def __init__(self, why: str, advice: str) -> None:
        super().__init__(f"{why}; {advice}")
        self.why = why
        self.advice = advice


@contextmanager
def open_image(file: Path) -> Iterator[ImageFile.ImageFile]:
    """Open ``file`` after checking its size from the header; its pixels are decoded on use.

    Raises `BadImageError` for what is no image, is damaged, or is over the limits; also for
    damage that shows only while the block decodes the pixels.
    """
    formats = _FORMATS
    if file.suffix.lower() in HEIC_SUFFIXES:
        _register_heic()
        formats = (*_FORMATS, "HEIF")
    try:
        if file.stat().st_size == 0:
            raise BadImageError("the file is empty (0 bytes)", "copy it from the camera again")
        with warnings.catch_warnings():
            # The limits below take the place of Pillow's own, and odd metadata is no reason
            # to warn: only the pixels matter.
            warnings.simplefilter("ignore")
            # Whatever the name says: Pillow also knows formats that start other programs, as EPS.
            with Image.open(file, formats=formats) as image:
                _check_limits(image.size)
                yield image
    except Image.DecompressionBombError as error:
        raise BadImageError(
            f"the image has more than the {MAX_MEGAPIXELS} megapixels that are accepted",
            "shrink it before use",
        ) from error
    except UnidentifiedImageError as error:
        raise BadImageError(
            "the content is not an image of a known format",
            "export it as JPEG or PNG, or remove it",
        ) from error
    except PermissionError as error:
        raise BadImageError("the file may not be read", "change its permissions") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise BadImageError(
            f"the file is damaged or cut short ({error})", "copy it from the camera again"
        ) from error


def _register_heic() -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise BadImageError(
            "HEIC photos need the package pillow-heif",
            "run: pip install 'scenegen[heic]'",
        ) from error
    pillow_heif.register_heif_opener()


def _check_limits(size: tuple[int, int]) -> None:
    width, height = size
    if max(size) > MAX_SIDE_PX or width * height > MAX_MEGAPIXELS * 1_000_000:
        raise BadImageError(
            f"the image is {width}x{height} pixels; the limits are {MAX_SIDE_PX} pixels a side "
            f"and {MAX_MEGAPIXELS} megapixels",
            "shrink it before use",
        )


def image_size(file: Path) -> tuple[int, int]:
    """Return width and height of the stored pixels, before any EXIF rotation.

    Raises `BadImageError`.
    """
    with open_image(file) as image:
        return image.size


def is_plain(image: ImageFile.ImageFile) -> bool:
    """Whether the stored pixels are upright 8-bit RGB in a format that every tool reads.

    To be asked of a freshly opened image.
    """
    # Pillow shows PNGs of 16 bits a channel as RGB too; only the decoder's mode tells, and that
    # is gone once the pixels are decoded, which reading the EXIF of a PNG does.
    deep = any("16" in str(tile.args) for tile in image.tile)
    return (
        not deep
        and image.format in ("JPEG", "MPO", "PNG")
        and image.mode == "RGB"
        and "transparency" not in image.info
        and image.getexif().get(ORIENTATION_TAG, 1) == 1
    )


def to_rgb(image: Image.Image, upright: bool = True) -> Image.Image:
    """Return ``image`` as 8-bit RGB, turned upright as its EXIF says unless ``upright`` is False.

    16-bit values are scaled to 8 bits, floats are taken as 0..1, and transparent pixels are laid
    over white.
    """
    if upright:
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        return _grey_to_8_bit(image).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _grey_to_8_bit(image: Image.Image) -> Image.Image:
    values = np.asarray(image, dtype=np.float64)
    # Pillow's modes of more than 8 bits come from 16-bit files (I;16*, I) and float files (F).
    scale = 255.0 if image.mode == "F" else 255.0 / 65535.0
    return Image.fromarray(np.clip(np.round(values * scale), 0, 255).astype(np.uint8))
