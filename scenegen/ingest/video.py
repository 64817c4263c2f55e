"""The sharpest frames of a video, at even spacing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from scenegen.errors import IngestError
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.images import MAX_SIDE_PX
from scenegen.ingest.photos import save_image
from scenegen.ingest.sharpness import SIDE_PX, SeenViews, sharpness
from scenegen.ingest.snapshot import Snapshot
from scenegen.progress import Progress, silent

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

log = logging.getLogger("scenegen")

_AGAIN = "export it again as MP4 (H.264), or record it anew"


def extract_frames(
    video: Path, images: Path, config: IngestConfig, progress: Progress = silent
) -> list[Snapshot]:
    """Write the sharpest frame of each of ``config.video_frames`` equal spans to ``images``.

    Frames are turned upright as the video says, and left out where the camera stands still. One
    pass; a single frame is held in memory. A video that breaks off gives what could be decoded.
    Raises `IngestError` where there is no video in the file or too few different frames.
    """
    images.mkdir(parents=True, exist_ok=True)
    keeper = _Keeper(images)
    frames = 0
    with _open_video(video) as (container, stream):
        duration = _duration_s(container, stream)
        container.seek(0)
        spans = config.video_frames
        for time_s, frame in _decode(video, container, stream):
            frames += 1
            span = min(int(time_s / duration * spans), spans - 1) if duration else frames
            keeper.offer(span, time_s, frame)
            progress("Reading video", min(time_s, duration), duration)
        keeper.close()
        progress("Reading video", duration, duration)
    if len(keeper.snapshots) < config.min_photos:
        raise IngestError(
            f"{video}: expected at least {config.min_photos} different frames, found "
            f"{len(keeper.snapshots)} among {frames}; record 10 to 60 seconds while walking "
            "slowly past or around the subject"
        )
    return keeper.snapshots


@contextmanager
def _open_video(video: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    import av
    from av.error import FFmpegError

    if not video.is_file():
        raise IngestError(f"{video}: no such file; check the path")
    if video.stat().st_size == 0:
        raise IngestError(f"{video}: expected a video, found an empty file (0 bytes); {_AGAIN}")
    try:
        with av.open(str(video)) as container:
            if not container.streams.video:
                raise IngestError(f"{video}: expected a video, found no picture track; {_AGAIN}")
            stream = container.streams.video[0]
            if max(stream.width, stream.height) > MAX_SIDE_PX:
                raise IngestError(
                    f"{video}: the video is {stream.width}x{stream.height} pixels, the limit is "
                    f"{MAX_SIDE_PX} pixels a side; shrink it before use"
                )
            stream.thread_type = "AUTO"
            yield container, stream
    except (FFmpegError, UnicodeDecodeError) as error:
        raise IngestError(
            f"{video}: expected a video, found a file that is none or is damaged ({error}); "
            f"{_AGAIN}"
        ) from error


def _duration_s(container: InputContainer, stream: VideoStream) -> float:
    """Return the time of the last frame in seconds, from the packets: headers are often wrong."""
    times = [
        float((packet.pts or 0) * packet.time_base)
        for packet in container.demux(stream)
        if packet.pts is not None and packet.time_base is not None
    ]
    return max(times, default=0.0) - min(times, default=0.0)


def _decode(
    video: Path, container: InputContainer, stream: VideoStream
) -> Iterator[tuple[float, VideoFrame]]:
    """Yield the seconds since the first frame and the frame, for all that can be decoded."""
    from av.error import FFmpegError

    start, last, damaged = None, 0.0, 0
    for packet in container.demux(stream):
        try:
            frames = stream.decode(packet)
        except FFmpegError:
            damaged += 1
            continue
        for frame in frames:
            start = frame.time if start is None else start
            if frame.time is not None and start is not None:
                last = max(frame.time - start, 0.0)
            yield last, frame
    if damaged:
        log.warning("%s: %d damaged frames left out; going on with the rest", video, damaged)


@dataclass(frozen=True)
class _Candidate:
    span: int
    time_s: float
    frame: VideoFrame
    grey: UInt8[np.ndarray, "h w"]
    sharpness: float


class _Keeper:
    """Keeps the sharpest frame of the present span of time; writes it when the span is over."""

    def __init__(self, images: Path) -> None:
        self.snapshots: list[Snapshot] = []
        self._images = images
        self._best: _Candidate | None = None
        self._views = SeenViews()

    def offer(self, span: int, time_s: float, frame: VideoFrame) -> None:
        """Consider ``frame``, which lies in span number ``span``."""
        if self._best and self._best.span != span:
            self.close()
        grey = _reduced_grey(frame)
        sharp = sharpness(grey)
        if self._best is None or sharp > self._best.sharpness:
            self._best = _Candidate(span, time_s, frame, grey, sharp)

    def close(self) -> None:
        """Write the best frame of the span unless one that shows the same is written already."""
        best, self._best = self._best, None
        if best is None or self._views.add("", best.grey) is not None:
            return
        image = _upright_rgb(best.frame)
        file = self._images / f"frame_{len(self.snapshots) + 1:05d}.jpg"
        save_image(image, file)
        self.snapshots.append(
            Snapshot(
                file=file,
                source=f"second {best.time_s:.2f}",
                width_px=image.width,
                height_px=image.height,
                lens_key="video",
                sharpness=best.sharpness,
            )
        )


def _reduced_grey(frame: VideoFrame) -> UInt8[np.ndarray, "h w"]:
    scale = min(1.0, SIDE_PX / max(frame.width, frame.height))
    width, height = (max(2, round(side * scale)) for side in (frame.width, frame.height))
    return frame.to_ndarray(format="gray", width=width, height=height, interpolation="AREA")


def _upright_rgb(frame: VideoFrame) -> Image.Image:
    rgb = frame.to_ndarray(format="rgb24")
    # FFmpeg counts the turn that the player has to make counter-clockwise, as rot90 does.
    return Image.fromarray(np.ascontiguousarray(np.rot90(rgb, round(frame.rotation / 90))))
