"""Short closed pieces of a video, and joining them without encoding again.

Every segment is the work of a fresh encoder with the same settings: it begins with a keyframe,
refers to nothing outside itself, and its headers equal those of all others. So packets of
consecutive segments, shifted in time, are one video.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import InvalidDataError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from av.video.stream import VideoStream
from jaxtyping import UInt8

from scenegen.errors import PublishError

SEGMENT_FRAMES = 24
"""A keyframe a second lets one seek; so many frames are loose images until they make a segment."""

THREADS = "4"
"""Fixed, since x264's output depends on it: a clip is the same on every machine."""


@dataclass(frozen=True)
class Codec:
    """An encoder and what it is told."""

    name: str
    pixel_format: str
    options: Mapping[str, str] = field(default_factory=dict)


def h264(crf: int) -> Codec:
    """Return H.264 at x264's quality ``crf``: every player and browser takes it from 1 on.

    At 0 it is lossless, in the profile High 4:4:4 Predictive, which browsers may refuse.

    x264's macroblock tree is off: it reads memory that was never written (seen with version 165),
    so that the same frames give other bytes now and then, and a resumed clip would differ from an
    uninterrupted one. At equal PSNR that costs 2 % of the size (640x360, room of the tests).
    """
    options = {
        "crf": str(crf),
        "preset": "medium",
        "x264-params": "mbtree=0",
        "threads": THREADS,
        "g": str(SEGMENT_FRAMES),
    }
    return Codec("libx264", "yuv420p", options)


LOSSLESS = Codec("libx264rgb", "rgb24", {"qp": "0", "preset": "ultrafast", "threads": THREADS})
"""Keeps the exact RGB of each frame."""


class SegmentEncoder:
    """Encodes the frames of one segment as they come."""

    def __init__(self, codec: Codec, rate: Fraction, width_px: int, height_px: int) -> None:
        self._codec = codec
        self._bytes = BytesIO()
        self._container = av.open(self._bytes, "w", format="mov")
        stream = self._container.add_stream(codec.name, rate=rate, options=dict(codec.options))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = width_px, height_px
        stream.pix_fmt = codec.pixel_format
        stream.codec_context.time_base = 1 / rate
        if codec.pixel_format == "yuv420p":
            _tag_bt709(stream)
        self._stream = stream
        self.frames = 0

    def add(self, rgb: UInt8[np.ndarray, "h w 3"]) -> None:
        """Encode one more frame."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        if self._codec.pixel_format == "yuv420p":
            frame = _bt709(frame)
        frame.pts = self.frames
        frame.time_base = 1 / self._stream.codec_context.framerate
        self.frames += 1
        self._container.mux(self._stream.encode(frame))

    def close(self) -> bytes:
        """Return the finished segment as a QuickTime file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._bytes.getvalue()


def join_segments(segments: Sequence[Path], clip: Path, rate: Fraction) -> int:
    """Write the segments one after the other to an .mp4 that starts playing while it downloads.

    All but the last have `SEGMENT_FRAMES` frames. Returns the number of frames in ``clip``,
    counted by reading it again.

    Raises:
        OSError: ``clip`` could not be written.
        PublishError: a segment is damaged.
    """
    with _opened(segments[0]) as first:
        template = first.streams.video[0]
        assert template.time_base is not None
        # In thousandths of a second, the default, the length of the clip would be rounded.
        timescale = str(template.time_base.denominator)
        options = {"movflags": "+faststart", "movie_timescale": timescale}
        with av.open(str(clip.absolute()), "w", format="mp4", options=options) as joined:
            target = joined.add_stream_from_template(template)
            tick = round(1 / (rate * template.time_base))
            delay = template.codec_context.reorder_depth
            for index, packet in enumerate(_packets(segments)):
                assert packet.pts is not None
                packet.pts += index // SEGMENT_FRAMES * SEGMENT_FRAMES * tick
                # A segment of one frame or two is not reordered. Its own decode times would leave a
                # gap, and the file would state a wrong frame rate.
                packet.dts = (index - delay) * tick
                packet.stream = target
                joined.mux(packet)
    with clip.open("rb") as written:
        os.fsync(written.fileno())
    return sum(1 for _ in _packets([clip]))


def decode_segments(segments: Sequence[Path]) -> Iterator[av.VideoFrame]:
    """Yield the frames of all segments in order.

    Raises:
        PublishError: a segment is damaged.
    """
    for file in segments:
        with _opened(file) as segment:
            yield from segment.decode(video=0)


def _packets(files: Sequence[Path]) -> Iterator[av.Packet]:
    for file in files:
        with _opened(file) as container:
            # The last packet of every stream is an empty one.
            yield from (packet for packet in container.demux(video=0) if packet.size)


def _opened(file: Path) -> InputContainer:
    try:
        return av.open(str(file.absolute()))
    except InvalidDataError as error:
        raise PublishError(
            f"{file}: expected a piece of the clip, found a damaged file; "
            f"delete the folder {file.parent} and run the command again"
        ) from error


def _tag_bt709(stream: VideoStream) -> None:
    context = stream.codec_context
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.colorspace = Colorspace.ITU709
    context.color_range = ColorRange.MPEG


def _bt709(frame: av.VideoFrame) -> av.VideoFrame:
    """Convert full-range RGB to limited-range YUV with the matrix of BT.709.

    Swscale's default is the matrix of BT.601, and it rounds coarsely unless told otherwise.
    """
    return frame.reformat(
        format="yuv420p",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_color_trc=ColorTrc.BT709,
        dst_color_primaries=ColorPrimaries.BT709,
        interpolation=Interpolation.BICUBIC
        | Interpolation.ACCURATE_RND
        | Interpolation.FULL_CHR_H_INP,
    )
