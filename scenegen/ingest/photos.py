"""A folder of photos becomes upright 8-bit snapshots; what cannot be used is told one by one."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from scenegen.errors import IngestError
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.exif import ExifFacts, read_exif
from scenegen.ingest.images import SUFFIXES, BadImageError, is_plain, open_image, to_rgb
from scenegen.ingest.sharpness import SIDE_PX, SeenViews, reduced_grey, sharpness
from scenegen.ingest.snapshot import Rejected, Snapshot
from scenegen.progress import Progress, silent

MIN_SIDE_PX = 64
JPEG_QUALITY = 95
_LISTED = 10
_MORE_PHOTOS = "add more: 20 to 60, each from a step beside the last and overlapping it by half"
_NEW_PLACE = "take every photo from another place, a step apart"


def find_photos(folder: Path) -> list[Path]:
    """Return the photos in ``folder``, or in its subfolder ``images`` if that holds any.

    They are in natural order: ``2.jpg`` before ``10.jpg``. Raises `IngestError` where the folder
    is missing, unreadable, or holds none.
    """
    try:
        if not folder.is_dir():
            found = "a file" if folder.exists() else "nothing there"
            raise IngestError(f"{folder}: expected a folder of photos, found {found}; check --help")
        inner = folder / "images"
        photos = _photos_in(inner) if inner.is_dir() else []
        photos = photos or _photos_in(folder)
        names = sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))
    except PermissionError as error:
        raise IngestError(
            f"{folder}: the folder may not be read; change its permissions"
        ) from error
    if not photos:
        found = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") or "an empty folder"
        raise IngestError(
            f"{folder}: expected photos ({' '.join(SUFFIXES)}), found {found}; "
            "name the folder that holds them, raw files exported as JPEG"
        )
    return photos


def _photos_in(folder: Path) -> list[Path]:
    files = (file for file in folder.iterdir() if not file.name.startswith("."))
    photos = [file for file in files if file.suffix.lower() in SUFFIXES and file.is_file()]
    return sorted(photos, key=lambda file: natural_key(file.name))


def natural_key(name: str) -> list[tuple[int, str]]:
    """Return a sort key that orders the numbers in ``name`` by value."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(parts)] + [(0, name)]


def prepare_photos(
    folder: Path, images: Path, config: IngestConfig, progress: Progress = silent
) -> tuple[list[Snapshot], list[Rejected]]:
    """Put the usable photos of ``folder`` into the new folder ``images``, in natural order.

    Upright 8-bit RGB photos are hard-linked or copied byte for byte, others are converted. The
    rest is returned as rejected: unreadable, too large or small, or the same as another photo.
    Raises `IngestError` where fewer than ``config.min_photos`` remain.
    """
    files = find_photos(folder)
    if len(files) < config.min_photos:
        raise IngestError(
            f"{folder}: expected at least {config.min_photos} photos, found {len(files)}; "
            f"{_MORE_PHOTOS}"
        )
    images.mkdir(parents=True, exist_ok=True)
    intake = _Intake(images)
    for index, file in enumerate(files):
        intake.add(file)
        progress("Reading photos", index + 1, len(files))
    if len(intake.snapshots) < config.min_photos:
        raise IngestError(_too_few(folder, len(files), intake, config.min_photos))
    return intake.snapshots, intake.rejected


@dataclass(frozen=True)
class Decoded:
    """A readable photo: converted (``rgb``), or None where the file is right as it is."""

    rgb: Image.Image | None
    suffix: str
    size: tuple[int, int]
    grey: UInt8[np.ndarray, "h w"]
    exif: ExifFacts


def decode_photo(file: Path, upright: bool = True) -> Decoded:
    """Decode all of ``file``, so that damage shows; raises `BadImageError`.

    A photo that is to be turned, as its EXIF says, is turned if ``upright`` and is written anew
    without that note otherwise.
    """
    with open_image(file) as image:
        if min(image.size) < MIN_SIDE_PX:
            raise BadImageError(
                f"the photo is only {image.width}x{image.height} pixels, "
                f"expected {MIN_SIDE_PX} or more a side",
                "use the original photo",
            )
        plain, exif = is_plain(image), read_exif(image)
        suffix = ".png" if image.format in ("PNG", "TIFF") else ".jpg"
        if plain:
            size = image.size
            image.draft("L", (SIDE_PX, SIDE_PX))
            return Decoded(None, suffix, size, reduced_grey(image), exif)
        rgb = to_rgb(image, upright)
    return Decoded(rgb, suffix, rgb.size, reduced_grey(rgb), exif)


def _digest(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise BadImageError("the file may not be read", "change its permissions") from error


class _Intake:
    """Photos taken in so far, and what is needed to tell copies of them."""

    def __init__(self, images: Path) -> None:
        self.snapshots: list[Snapshot] = []
        self.rejected: list[Rejected] = []
        self.copies = 0
        self._images = images
        self._names: set[str] = set()
        self._hashes: dict[bytes, str] = {}
        self._views = SeenViews()

    def add(self, file: Path) -> None:
        """Take ``file`` in, or note why not."""
        try:
            digest = _digest(file)
            original = self._hashes.get(digest)
            if original is None:
                decoded = decode_photo(file)
                self._hashes[digest] = file.name
                original = self._views.add(file.name, decoded.grey)
                if original is None:
                    self._take(file, decoded)
                    return
            self.copies += 1
            why = f"it shows the same as {original}"
            self.rejected.append(Rejected(file.name, why, _NEW_PLACE))
        except BadImageError as error:
            self.rejected.append(Rejected(file.name, error.why, error.advice))

    def _take(self, file: Path, decoded: Decoded) -> None:
        target = self._images / free_name(file.name, decoded.suffix, self._names)
        if decoded.rgb is None:
            link_or_copy(file, target)
        else:
            save_image(decoded.rgb, target)
        width, height = decoded.size
        self.snapshots.append(
            Snapshot(
                file=target,
                source=file.name,
                width_px=width,
                height_px=height,
                lens_key=f"{decoded.exif.camera} {width}x{height}".strip(),
                sharpness=sharpness(decoded.grey),
                focal_px=decoded.exif.focal_px,
                gps=decoded.exif.gps,
                taken_at=decoded.exif.taken_at,
            )
        )


def free_name(name: str, suffix: str, taken: set[str]) -> str:
    """Return a portable file name like ``name`` that ends in ``suffix``, and add it to ``taken``.

    Case is ignored, as file systems of phones and laptops do.
    """
    keep = {".jpg": (".jpg", ".jpeg"), ".png": (".png",)}[suffix]
    stem, old = os.path.splitext(name)
    stem = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in stem)
    free = stem + (old if old.lower() in keep else suffix)
    number = 2
    while free.casefold() in taken:
        free = f"{stem}_{number}{suffix}"
        number += 1
    taken.add(free.casefold())
    return free


def link_or_copy(source: Path, target: Path) -> None:
    """Make ``target`` the same file as ``source``, or a copy where links are not possible."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def save_image(image: Image.Image, target: Path) -> None:
    """Write an 8-bit RGB image as PNG or as JPEG that shows no loss, by the suffix."""
    if target.suffix.lower() == ".png":
        image.save(target, compress_level=3)
    else:
        image.save(target, quality=JPEG_QUALITY, subsampling=0)


def _too_few(folder: Path, total: int, intake: _Intake, least: int) -> str:
    if intake.copies and len(intake.snapshots) + intake.copies >= least:
        return (
            f"{folder}: too few different photos: expected at least {least}, found "
            f"{len(intake.snapshots)}; {intake.copies} of {total} show the same as another; "
            f"{_NEW_PLACE}"
        )
    lines = [
        f"{folder}: expected at least {least} usable photos, found "
        f"{len(intake.snapshots)} of {total}:",
        *list_rejected(intake.rejected),
    ]
    return "\n".join(lines)


def list_rejected(rejected: Sequence[Rejected]) -> Iterable[str]:
    """Yield a line for each of the first ``rejected`` photos, and one that counts the rest."""
    for photo in rejected[:_LISTED]:
        yield f"  {photo.source}: {photo.why}; {photo.advice}"
    if len(rejected) > _LISTED:
        yield f"  and {len(rejected) - _LISTED} more"


def photos_are_ordered(snapshots: Sequence[Snapshot]) -> bool:
    """Whether the photos, in the order given, seem to have been taken one after the other.

    Their times decide if EXIF states them for all, else their names: one stem with running
    numbers, of which at least a third is present.
    """
    times = [snapshot.taken_at for snapshot in snapshots]
    if all(times) and len(set(times)) > 1:
        return times == sorted(times, key=str)
    matches = [re.fullmatch(r"(.*?)([0-9]+)", Path(s.source).stem) for s in snapshots]
    found = [match for match in matches if match]
    if len(found) < len(snapshots) or len({match[1].casefold() for match in found}) > 1:
        return False
    numbers = [int(match[2]) for match in found]
    steps = np.diff(numbers)
    return bool((steps > 0).all() and numbers[-1] - numbers[0] < 3 * len(numbers))
