"""What the EXIF of a photo says about its lens, place and time.

Source: CIPA DC-008, "Exchangeable image file format for digital still cameras: Exif 3.0".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PIL import Image

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_MAKE, _MODEL = 0x010F, 0x0110
_TIME, _SUBSECOND = 0x9003, 0x9291
_FOCAL_MM, _FOCAL_35MM = 0x920A, 0xA405
_PLANE_X_RESOLUTION, _PLANE_UNIT = 0xA20E, 0xA210
_WIDTH, _HEIGHT = 0xA002, 0xA003
_MM_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
_DIAGONAL_35MM = math.hypot(36.0, 24.0)
_WIDE = 1.6  # photos wider than this are crops: no usual sensor is
# In longer sides of the photo; beyond these the tags cannot be right (140 to 5 degrees of view).
_PLAUSIBLE_FOCAL = (0.18, 12.0)


@dataclass(frozen=True)
class ExifFacts:
    """Facts from EXIF, None or empty where it does not say.

    ``focal_px`` is in pixels of the image the EXIF was read from; ``gps`` is latitude and
    longitude in degrees (north and east positive) and altitude in metres. ``camera`` tells lenses
    apart: make, model and focal length. ``taken_at`` sorts as text.
    """

    focal_px: float | None = None
    gps: tuple[float, float, float] | None = None
    taken_at: str | None = None
    camera: str = ""


def read_exif(image: Image.Image) -> ExifFacts:
    """Return the facts that the EXIF of ``image`` states; damaged EXIF counts as none."""
    try:
        root = image.getexif()
        exif, gps = root.get_ifd(_EXIF_IFD), root.get_ifd(_GPS_IFD)
    except Exception:  # Pillow meets damaged EXIF with a zoo of errors
        return ExifFacts()
    focal_mm = _number(exif.get(_FOCAL_MM))
    parts = (_text(root.get(_MAKE)), _text(root.get(_MODEL)))
    camera = [part for part in parts if part] + ([f"{focal_mm:.2f} mm"] if focal_mm else [])
    return ExifFacts(
        focal_px=_focal_px(exif, image.size),
        gps=_gps(gps),
        taken_at=_taken_at(exif),
        camera=" ".join(camera),
    )


def _number(value: Any) -> float | None:
    """Return a finite positive number, None for all else (0 stands for unknown in EXIF)."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def _text(value: Any) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text.replace("\0", " ").strip() if isinstance(text, str) else ""


def _focal_px(exif: Any, size: tuple[int, int]) -> float | None:
    """Return the focal length in pixels of an image of ``size``, from the first that states it.

    `FocalLengthIn35mmFilm` compares diagonals, those of the sensor: a 16:9 photo is a crop of a
    4:3 one. `FocalPlaneXResolution` counts the pixels that the photo had before it was resized.
    """
    focal = None
    film = _number(exif.get(_FOCAL_35MM))
    focal_mm = _number(exif.get(_FOCAL_MM))
    resolution = _number(exif.get(_PLANE_X_RESOLUTION))
    mm_per_unit = _MM_PER_UNIT.get(exif.get(_PLANE_UNIT, 2))
    if film:
        long, short = max(size), min(size)
        diagonal = math.hypot(long, short if long < _WIDE * short else 0.75 * long)
        focal = film / _DIAGONAL_35MM * diagonal
    elif focal_mm and resolution and mm_per_unit:
        original = max(_number(exif.get(_WIDTH)) or 0, _number(exif.get(_HEIGHT)) or 0)
        focal = focal_mm * resolution / mm_per_unit * (max(size) / original if original else 1.0)
    low, high = (limit * max(size) for limit in _PLAUSIBLE_FOCAL)
    return focal if focal and low < focal < high else None


def _taken_at(exif: Any) -> str | None:
    time = _text(exif.get(_TIME))
    if len(time) < 19 or not time[:4].isdigit() or time.startswith("0000"):
        return None
    subsecond = _text(exif.get(_SUBSECOND))
    return f"{time}.{subsecond}" if subsecond.isdigit() else time


def _gps(gps: Any) -> tuple[float, float, float] | None:
    """Return the place if it is complete; without an altitude it would not fix a position."""
    latitude = _degrees(gps.get(2), _text(gps.get(1)) == "S", 90.0)
    longitude = _degrees(gps.get(4), _text(gps.get(3)) == "W", 180.0)
    try:
        altitude = float(gps[6])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if latitude is None or longitude is None or not math.isfinite(altitude):
        return None
    if latitude == longitude == 0.0:  # what receivers without a fix write
        return None
    below = gps.get(5) in (1, b"\x01")
    return latitude, longitude, -altitude if below else altitude


def _degrees(value: Any, negative: bool, limit: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    total = degrees + minutes / 60.0 + seconds / 3600.0
    if not math.isfinite(total) or total > limit:
        return None
    return -total if negative else total
