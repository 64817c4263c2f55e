"""Frames as a folder of images.

rgb/000000.png       8-bit sRGB, composed over the scene's background
opacity/000000.png   8-bit grey, 255 where the scene is opaque
depth/000000.tiff    32-bit float
depth.json           what the depth is, its unit, and the settings' fingerprint
"""

from __future__ import annotations

from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from scenegen.errors import OutputError, PublishError
from scenegen.files import (
    check_output,
    fingerprint,
    output_errors,
    read_json,
    replace_folder,
    write_atomic,
    write_json,
)
from scenegen.publish.depth import depth_facts, depth_tiff
from scenegen.publish.footage import Footage
from scenegen.publish.partial import partial_folder
from scenegen.types import Frame

LAYOUT = "scenegen frames 1"
"""Part of the fingerprint; changes with the files that a frame is written to."""


class FrameFolder:
    """Writes frames as images; the folder appears under its name when all are there."""

    def __init__(self, footage: Footage, output: Path, overwrite: bool, locks: ExitStack) -> None:
        self._output = output.absolute()
        self._overwrite = overwrite
        self._facts = {
            "depth": depth_facts(footage.metres_per_unit),
            "frames": footage.count,
            "fps": float(footage.rate),
        }
        self._fingerprint = fingerprint(LAYOUT, footage.fingerprint, self._facts)
        check_frame_folder(self._output, overwrite, self._fingerprint)
        self.finished = _fingerprint_of(self._output) == self._fingerprint
        """The folder is there, made with the same settings."""
        if self.finished:
            self.done = footage.count
            return
        self._partial = locks.enter_context(partial_folder(self._output, self._fingerprint))
        self.done = _frames_in(self._partial, footage.count)

    def add(self, frame: Frame) -> None:
        """Write one frame, unless it is there already."""
        if frame.index < self.done:
            return
        assert frame.index == self.done, (frame.index, self.done)
        write_atomic(self._partial / f"depth/{frame.index:06}.tiff", depth_tiff(frame.depth))
        opacity = np.rint(frame.opacity * 255).astype(np.uint8)
        write_atomic(self._partial / f"opacity/{frame.index:06}.png", png(opacity))
        # Last, since a frame counts as written once its colours are.
        write_atomic(self._partial / f"rgb/{frame.index:06}.png", png(frame.rgb))
        self.done += 1

    def finish(self) -> None:
        """Give the folder its name."""
        if self.finished:
            return
        facts = {**self._facts, "fingerprint": self._fingerprint}
        write_json(self._partial / "depth.json", facts)
        # It may have appeared meanwhile.
        check_frame_folder(self._output, self._overwrite, self._fingerprint)
        with output_errors(self._output):
            replace_folder(self._partial, self._output)
        self.finished = True


def check_frame_folder(output: Path, overwrite: bool, wanted: str | None = None) -> None:
    """Raise `OutputError` unless ``output`` may become a folder of frames.

    It may be absent, hold the very frames that are ``wanted`` (any frames, while their fingerprint
    is not known), or, with ``overwrite``, be empty or hold other frames. A folder of anything else
    is never replaced.
    """
    found = _fingerprint_of(output)
    if found is not None and wanted in (None, found):
        return
    check_output(output, overwrite)
    empty = output.is_dir() and not any(output.iterdir())
    if output.exists() and found is None and not empty:
        raise OutputError(
            f"{output}: expected a folder of frames to replace, found something else; "
            "choose another --frames folder"
        )


def _fingerprint_of(folder: Path) -> str | None:
    if not (folder / "depth.json").is_file():
        return None
    facts = read_json(folder / "depth.json", PublishError)
    return str(facts.get("fingerprint")) if isinstance(facts, dict) else None


def _frames_in(folder: Path, count: int) -> int:
    """Return how many frames are there without a gap."""
    missing = (i for i in range(count) if not (folder / f"rgb/{i:06}.png").is_file())
    return next(missing, count)


def png(image: UInt8[np.ndarray, "h w *channel"]) -> bytes:
    """Return an 8-bit image as PNG."""
    from PIL import Image

    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(stream, format="PNG", compress_level=3)
    return stream.getvalue()


def read_png(file: Path) -> UInt8[np.ndarray, "h w *channel"]:
    """Return the pixels of an 8-bit image."""
    from PIL import Image

    with Image.open(file) as image:
        return np.asarray(image)
