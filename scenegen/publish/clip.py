"""Frames in, a clip out, through any number of interruptions."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from av.error import FFmpegError
from jaxtyping import UInt8

from scenegen.errors import OutputError, PublishError
from scenegen.files import check_output, fingerprint, output_errors, write_atomic
from scenegen.progress import Progress, silent
from scenegen.publish.config import PublishConfig
from scenegen.publish.footage import ClipFacts, Footage
from scenegen.publish.gif import write_gif
from scenegen.publish.images import FrameFolder, check_frame_folder, png, read_png
from scenegen.publish.inks import inked
from scenegen.publish.ledger import Ledger, ledger_of
from scenegen.publish.partial import partial_folder
from scenegen.publish.segments import LOSSLESS, SEGMENT_FRAMES, SegmentEncoder, h264, join_segments
from scenegen.types import Frame

log = logging.getLogger(__name__)

Shown = Callable[[Frame], UInt8[np.ndarray, "h w 3"]]
"""What a clip shows of a frame, where that is not its own picture."""

MOST_PX = 16384
"""The longest side that x264 encodes."""

LAYOUT = "scenegen segments 2"
"""Part of the fingerprint; changes with the way that segments are made."""


@dataclass(frozen=True)
class Beside:
    """What else becomes of frames that were refined: where their pixels come from.

    A `Ledger` beside the clip has the shares of every frame; ``overlay`` is a clip that shows them.
    """

    overlay: Path | None = None


def publish_clip(
    footage: Footage,
    output: Path,
    config: PublishConfig,
    progress: Progress = silent,
    beside: Beside | None = None,
) -> ClipFacts:
    """Render the footage into ``output`` (.mp4 or .gif), and into ``config.frames`` if given.

    Each rendered frame goes straight into the encoder, and is safe from then on in a hidden folder
    beside the output, from where the same call goes on after a kill, Ctrl-C, a crash or a full
    disk; the same footage always gives the same clip, however often it was interrupted. What an
    earlier run left with other settings is discarded. ``output`` appears when it is whole.

    The pipeline puts the stages together so::

        footage = Footage(
            render=lambda first: render_path(scene, path, render_config, first, progress),
            count=len(path),
            fps=path.fps,
            width_px=render_config.width_px,
            height_px=render_config.height_px,
            fingerprint=render_fingerprint(scene, path, render_config),
            metres_per_unit=scene.metres_per_unit,
        )
        facts = publish_clip(footage, output, publish_config, progress)

    and calls `check_clip` before any long work, so that a bad output name costs no time.

    Raises:
        OutputError: an output exists, can not be written, is just being written by another
            process, or the disk is full.
        PublishError: the format or size can not be encoded, or frames are missing.
        KeyboardInterrupt: with a message that says how to continue.
    """
    size = footage.width_px, footage.height_px
    check_clip(output, *size, config)
    if beside and beside.overlay:
        check_overlay(beside.overlay, output, *size, config)
    with ExitStack() as locks:
        facts = _publish(footage, output, config, locks, progress, beside)
        if beside is None:
            with output_errors(output):  # of a refined clip whose place this one has taken
                ledger_of(output).unlink(missing_ok=True)
    return facts


def _publish(
    footage: Footage,
    output: Path,
    config: PublishConfig,
    locks: ExitStack,
    progress: Progress,
    beside: Beside | None,
) -> ClipFacts:
    frames = config.frames
    folder = FrameFolder(footage, frames, config.overwrite, locks) if frames else None
    ledger = Ledger(footage, ledger_of(output), locks) if beside else None
    over = beside.overlay if beside else None
    colored = _Clip(footage, over, config, locks, inked) if over else None
    clip = _Clip(footage, output, config, locks)
    # The clip comes last: as long as it is unfinished, the same command may run again.
    sinks = [sink for sink in (folder, ledger, colored, clip) if sink]
    reused = min(sink.done for sink in sinks)
    if reused:
        log.info("%s: %d of %d frames are there already", output, reused, footage.count)
    started = time.perf_counter()
    try:
        _render(footage, reused, sinks)
        render_s = time.perf_counter() - started
        for one in (colored, clip):
            if one:
                one.join(progress)
        for sink in sinks:  # all of them at once: joining takes long, and may be stopped
            sink.finish()
        for one in (ledger, colored, clip):
            if one:
                one.discard()
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(
            f"{output}: interrupted; {_kept(sinks, footage)}, "
            "run the same command again to continue"
        ) from stop
    except OutputError as error:
        raise OutputError(f"{error} ({_kept(sinks, footage)})") from error
    return ClipFacts(
        frames=footage.count,
        frames_reused=reused,
        seconds=float(footage.count / footage.rate),
        width_px=footage.width_px,
        height_px=footage.height_px,
        size_mb=output.stat().st_size / 1e6,
        render_s=render_s,
    )


def check_clip(output: Path, width_px: int, height_px: int, config: PublishConfig) -> None:
    """Raise unless a clip of this size may be written to ``output`` with these settings.

    Raises:
        OutputError: an output exists, or its folder can not be written to.
        PublishError: the format, size or quality can not be encoded.
    """
    suffix = output.suffix.lower()
    if suffix not in (".mp4", ".gif"):
        raise PublishError(f"{output}: expected a name that ends in .mp4 or .gif, found {suffix!r}")
    if suffix == ".mp4" and (width_px % 2 or height_px % 2 or max(width_px, height_px) > MOST_PX):
        raise PublishError(
            f"{output}: an .mp4 takes an even width and height of 2 to {MOST_PX} pixels, found "
            f"{width_px}x{height_px}; pass for example --width {_even(width_px)} "
            f"--height {_even(height_px)}"
        )
    if not 0 <= config.crf <= 51:
        raise PublishError(
            f"{output}: crf {config.crf}, expected 0 (lossless) to 51 (smallest); 18 is usual"
        )
    if output.is_dir():
        raise OutputError(f"{output}: is a folder, expected the name of a clip; choose another")
    check_output(output, config.overwrite)
    if config.frames is not None:
        if output.absolute().is_relative_to(config.frames.absolute()):
            raise OutputError(
                f"{output}: lies in the --frames folder {config.frames}, which is replaced as a "
                "whole; choose a folder beside the clip"
            )
        check_frame_folder(config.frames, config.overwrite)


def check_overlay(
    overlay: Path, output: Path, width_px: int, height_px: int, config: PublishConfig
) -> None:
    """Raise as `check_clip` does, of the clip that tells of ``output`` where pixels come from."""
    if overlay.absolute() == output.absolute():
        raise OutputError(f"--overlay: {output} is the clip itself; choose another name")
    check_clip(overlay, width_px, height_px, config)


class _Clip:
    """Encodes frames to segments and joins them when all are there."""

    def __init__(
        self,
        footage: Footage,
        output: Path,
        config: PublishConfig,
        locks: ExitStack,
        shown: Shown | None = None,
    ) -> None:
        self._footage, self._shown = footage, shown
        self._output = output.absolute()
        self._gif = output.suffix.lower() == ".gif"
        self._overwrite = config.overwrite
        self._codec = LOSSLESS if self._gif else h264(config.crf)
        self._partial = locks.enter_context(partial_folder(output, self._fingerprint()))
        self._encoder: SegmentEncoder | None = None
        missing = (n for n, file in enumerate(self._segments()) if not file.is_file())
        first_missing = next(missing, len(self._segments()))
        self.done = min(first_missing * SEGMENT_FRAMES, footage.count)
        """So many frames survive whatever happens."""
        while self.done < footage.count and self._loose(self.done).is_file():
            self._encode(read_png(self._loose(self.done)))

    def add(self, frame: Frame) -> None:
        """Encode one frame, unless an earlier run did."""
        if frame.index < self.done:
            return
        assert frame.index == self.done, (frame.index, self.done)
        # The encoder holds its frames in memory until a segment is full: keep them here until then.
        rgb = self._shown(frame) if self._shown else frame.rgb
        write_atomic(self._loose(frame.index), png(rgb))
        self._encode(rgb)

    def _encode(self, rgb: UInt8[np.ndarray, "h w 3"]) -> None:
        footage = self._footage
        with _encoder_errors(self._output):
            if self._encoder is None:
                self._encoder = SegmentEncoder(
                    self._codec, footage.rate, footage.width_px, footage.height_px
                )
            self._encoder.add(rgb)
            self.done += 1
            if self._encoder.frames < SEGMENT_FRAMES and self.done < footage.count:
                return
            first = self.done - self._encoder.frames
            data = self._encoder.close()
        self._encoder = None
        write_atomic(self._segments()[first // SEGMENT_FRAMES], data)
        for index in range(first, self.done):
            self._loose(index).unlink()

    def join(self, progress: Progress) -> None:
        """Join the segments, and read the result once."""
        count, rate = self._footage.count, self._footage.rate
        with output_errors(self._output):
            if self._gif:
                write_gif(self._segments(), self._whole, count, rate, progress)
            elif (found := join_segments(self._segments(), self._whole, rate)) != count:
                raise PublishError(
                    f"{self._output}: expected {count} frames after joining, found {found}; "
                    f"delete {self._partial} and run the command again"
                )

    def finish(self) -> None:
        """Give the joined clip its name."""
        with output_errors(self._output):
            check_output(self._output, self._overwrite)  # it may have appeared meanwhile
            os.replace(self._whole, self._output)

    def discard(self) -> None:
        """Remove what it was joined of."""
        with output_errors(self._output):
            shutil.rmtree(self._partial)

    @property
    def _whole(self) -> Path:
        return self._partial / f"clip{self._output.suffix}"

    def _segments(self) -> list[Path]:
        numbers = range(0, self._footage.count, SEGMENT_FRAMES)
        return [self._partial / f"{first:06}.mov" for first in numbers]

    def _loose(self, index: int) -> Path:
        return self._partial / f"{index:06}.png"

    def _fingerprint(self) -> str:
        """Of the frames, of all that shapes a segment, and of the encoder's own version."""
        footage, codec = self._footage, self._codec
        return fingerprint(
            LAYOUT,
            footage.fingerprint,
            [footage.count, str(footage.rate), footage.width_px, footage.height_px],
            [codec.name, codec.pixel_format, dict(codec.options), SEGMENT_FRAMES, av.__version__],
        )


_Sink = _Clip | FrameFolder | Ledger


def _kept(sinks: Sequence[_Sink], footage: Footage) -> str:
    return f"{min(sink.done for sink in sinks)} of {footage.count} frames are kept"


def _render(footage: Footage, first: int, sinks: Sequence[_Sink]) -> None:
    if first == footage.count:
        return
    for frame in footage.render(first):
        for sink in sinks:
            sink.add(frame)
    if (done := min(sink.done for sink in sinks)) < footage.count:
        raise PublishError(f"expected {footage.count} frames, but the rendering ended after {done}")


@contextmanager
def _encoder_errors(output: Path) -> Iterator[None]:
    try:
        yield
    except (FFmpegError, UnknownCodecError) as error:
        raise PublishError(
            f"{output}: the encoder failed ({error}); check `scenegen doctor`, and try another size"
        ) from error


def _even(size_px: int) -> int:
    return min(max(2, size_px - size_px % 2), MOST_PX)
