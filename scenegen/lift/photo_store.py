"""Photos' pixels for training: in memory where they fit, else streamed from a file in parts.

Training draws a few pixels out of millions, at random, which a disk is slow at. So the file holds
the photos in parts, each with every n-th row of every photo, one part after the other: a part is
read in one go, is a fair sample of all photos, and is all that is in memory until the next one has
its turn. Rows that are n apart are the rows of a photo by a lens with an n-th of the focal length
along y, so that nothing but this module knows about parts.
"""

from __future__ import annotations

import hashlib
import mmap
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import IO

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from scenegen.errors import LiftError
from scenegen.files import output_errors
from scenegen.lift.pixels import PhotoPixels, load_photo, reduced_size
from scenegen.progress import Progress, silent
from scenegen.types import Camera, Photo

MOST_BYTES = 1 << 30
"""Pixels that are held in memory at most, unless one asks for more."""
SHARE = 0.25
"""Share of the free memory that pixels may take."""
TURN_STEPS = 1000
"""Steps of training between parts: time enough to read the next one from a slow disk."""
_DECODERS = 2
_SPARE_BYTES = 64 << 20


@dataclass(frozen=True)
class PhotoFacts:
    """What is remembered of all of a photo: the mean of its colours, and a digest of its pixels."""

    mean: Float[np.ndarray, "3"]
    digest: str

    @staticmethod
    def of(photo: PhotoPixels) -> PhotoFacts:
        """Return the facts of a whole photo, from every eighth row and column."""
        sample = np.ascontiguousarray(photo.rgb[::8, ::8])
        camera = photo.camera
        digest = hashlib.sha256(sample.tobytes())
        digest.update(repr(camera.lens).encode() + camera.world_from_camera.tobytes())
        if photo.mask is not None:
            digest.update(photo.mask.tobytes())
        return PhotoFacts(sample.reshape(-1, 3).mean(0), digest.hexdigest())


class PhotoStore:
    """Photos for training; `photos` are those of the part whose turn it is, all with one part."""

    def __init__(self, facts: list[PhotoFacts], stored: Parts) -> None:
        self.facts = facts
        self._stored = stored
        self._part = 0
        self.photos = stored.read(0)
        stored.fetch(0)

    @property
    def parts(self) -> int:
        """Number of parts."""
        return self._stored.parts

    def turn(self, step: int) -> bool:
        """Give the part its turn that training looks at from ``step`` on; return if it is new."""
        part = step // TURN_STEPS % self.parts
        if part == self._part:
            return False
        self._stored.forget(self._part)
        self._part = part
        self.photos = self._stored.read(part)
        self._stored.fetch((part + 1) % self.parts)
        return True


class Parts:
    """Photos in parts, in memory or in a ``file`` that is mapped into memory."""

    def __init__(
        self,
        photos: Sequence[Photo],
        downscale: int,
        parts: int = 1,
        file: IO[bytes] | None = None,
    ) -> None:
        self.parts = parts
        self._file = file
        self._lock = Lock()
        self._sizes = [reduced_size(photo, downscale) for photo in photos]
        self._masked = [photo.mask is not None for photo in photos]
        self._cameras: list[Camera | None] = [None] * len(photos)
        sizes = [[self._bytes(i, part) for i in range(len(photos))] for part in range(parts)]
        ends = np.cumsum(sizes).reshape(parts, len(photos))
        self._begins = ends - sizes
        # One piece of memory, whatever the number of photos, goes back to the system as a whole.
        self._bytes_of = np.empty(int(ends[-1, -1]) if file is None else 0, np.uint8)
        self._map: mmap.mmap | None = None
        if file is not None:
            file.truncate(int(ends[-1, -1]))
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._bytes_of = np.frombuffer(self._map, np.uint8)

    def write(self, index: int, photo: PhotoPixels) -> None:
        """Put a whole photo into its places in all parts."""
        self._cameras[index] = photo.camera
        planes: list[NDArray[np.uint8]] = [photo.rgb]
        if photo.mask is not None:
            planes.append(photo.mask)
        for part in range(self.parts):
            rows = np.concatenate([plane[part :: self.parts].ravel() for plane in planes])
            begin = int(self._begins[part, index])
            if self._file is None:
                self._bytes_of[begin : begin + len(rows)] = rows
                continue
            with self._lock:
                self._file.seek(begin)
                self._file.write(rows.tobytes())
                self._file.flush()

    def read(self, part: int) -> list[PhotoPixels]:
        """Return the photos of a part: views of the mapped file or of the memory."""
        return [self._view(index, part) for index in range(len(self._sizes))]

    def fetch(self, part: int) -> None:
        """Ask the system to read a part ahead."""
        self._advise(part, "MADV_WILLNEED")

    def forget(self, part: int) -> None:
        """Let go of the memory that a part takes."""
        self._advise(part, "MADV_DONTNEED")

    def _advise(self, part: int, advice: str) -> None:
        if self._map is None or not hasattr(mmap, advice):  # Windows has no advice
            return
        begin = int(self._begins[part, 0]) // mmap.PAGESIZE * mmap.PAGESIZE
        end = int(self._begins[part, -1]) + self._bytes(len(self._sizes) - 1, part)
        self._map.madvise(getattr(mmap, advice), begin, end - begin)

    def _rows(self, index: int, part: int) -> int:
        return len(range(part, self._sizes[index][1], self.parts))

    def _bytes(self, index: int, part: int) -> int:
        channels = 4 if self._masked[index] else 3
        return self._rows(index, part) * self._sizes[index][0] * channels

    def _view(self, index: int, part: int) -> PhotoPixels:
        rows, width = self._rows(index, part), self._sizes[index][0]
        pixels, at = rows * width, int(self._begins[part, index])
        rgb = self._bytes_of[at : at + 3 * pixels].reshape(rows, width, 3)
        mask = None
        if self._masked[index]:
            mask = self._bytes_of[at + 3 * pixels : at + 4 * pixels].reshape(rows, width)
        camera = self._cameras[index]
        assert camera is not None
        return PhotoPixels(rgb, rows_of(camera, part, self.parts, rows), mask)


def rows_of(camera: Camera, first: int, every: int, rows: int) -> Camera:
    """Return the camera whose ``rows`` rows are row ``first`` and every ``every``-th after it."""
    lens = camera.lens
    thinned = replace(
        lens,
        height_px=rows,
        fl_y=lens.fl_y / every,
        cy=(lens.cy - first - 0.5) / every + 0.5,
    )
    return replace(camera, lens=thinned)


@contextmanager
def open_photos(
    photos: Sequence[Photo],
    downscale: int,
    folder: Path,
    most_bytes: int | None = None,
    progress: Progress = silent,
) -> Iterator[PhotoStore]:
    """Decode ``photos``, reduced by ``downscale``; yield them, in memory or from a file.

    What takes more than ``most_bytes``, or than the free memory suggests, goes into a nameless
    file in ``folder`` that is gone afterwards. Raises `LiftError` for photos that
    `scenegen.lift.pixels.load_pixels` would refuse, and where there is no room for the file.
    """
    sizes = [reduced_size(photo, downscale) for photo in photos]
    channels = [3 if photo.mask is None else 4 for photo in photos]
    total = sum(w * h * c for (w, h), c in zip(sizes, channels, strict=True))
    parts = -(-total // (most_bytes or most_in_memory()))
    parts = min(parts, *(height for _, height in sizes))
    if parts <= 1:
        stored = Parts(photos, downscale)
        yield PhotoStore(_decode(photos, downscale, stored.write, progress), stored)
        return
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, total)
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed below, by a narrower block
    with file:
        with output_errors(folder):
            stored = Parts(photos, downscale, parts, file)
            facts = _decode(photos, downscale, stored.write, progress)
        yield PhotoStore(facts, stored)


def _decode(
    photos: Sequence[Photo],
    downscale: int,
    keep: Callable[[int, PhotoPixels], None],
    progress: Progress,
) -> list[PhotoFacts]:
    """Hand every decoded photo to ``keep``, from one thread or another; return their facts."""

    def decode(index: int) -> PhotoFacts:
        photo = load_photo(photos[index], downscale)
        keep(index, photo)
        return PhotoFacts.of(photo)

    facts: list[PhotoFacts] = []
    pool = ThreadPoolExecutor(_DECODERS)
    try:
        for found in pool.map(decode, range(len(photos))):
            progress("reading photos", len(facts), len(photos))
            facts.append(found)
    finally:
        pool.shutdown(cancel_futures=True)
    progress("reading photos", len(photos), len(photos))
    return facts


def check_room(folder: Path, needed: int) -> None:
    """Raise `LiftError` where the disk of ``folder`` lacks room for ``needed`` bytes of pixels."""
    free = shutil.disk_usage(folder).free - _SPARE_BYTES
    if free < needed:
        raise LiftError(
            f"{folder}: the photos do not fit into memory and take {needed / 1e9:.1f} GB on the "
            f"disk while they train, found {max(free, 0) / 1e9:.1f} GB free there; free some "
            "space, choose an --output on another disk or train on smaller photos (--downscale 2)"
        )


def most_in_memory() -> int:
    """Return how many bytes of pixels to hold in memory on this machine as it is now."""
    free = free_memory()
    return MOST_BYTES if free is None else max(1, min(MOST_BYTES, int(SHARE * free)))


def free_memory() -> int | None:
    """Return the bytes that are free for programs, None where the system does not tell.

    A container's limit counts as well.
    """
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(1024 * int(line.split()[1]) for line in lines if "MemAvailable" in line)
    except (OSError, StopIteration):
        return None
    try:
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text())
        return min(free, limit - int((group / "memory.current").read_text()))
    except (OSError, ValueError):  # no group, or one without a limit
        return free
