"""Clips as GIF, for places that take nothing better."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

from PIL import Image

from scenegen.publish.segments import decode_segments

log = logging.getLogger(__name__)

LONGEST_SIDE_PX = 480
HIGHEST_FPS = 15
LARGE_MB = 20.0
PALETTE_SAMPLES = 16
"""Frames, evenly spaced, whose colours the palette of the whole clip is made of."""


def write_gif(segments: Sequence[Path], output: Path, count: int, rate: Fraction) -> int:
    """Write the frames of lossless segments as a GIF that loops; return how many it has.

    A GIF costs about a byte a pixel, so it has at most `LONGEST_SIDE_PX` on its longer side and
    every n-th frame, for at most `HIGHEST_FPS`. Its clock ticks in hundredths of a second: the
    delays differ by one tick so that the clip keeps its length. One palette for all frames keeps
    still colours still.

    Raises:
        OSError: ``output`` could not be written.
        PublishError: a segment is damaged.
    """
    step = ceil(rate / HIGHEST_FPS)
    kept = range(0, count, step)
    ticks = [round(100 * index / rate) for index in [*kept, count]]
    delays_ms = [10 * (end - start) for start, end in pairwise(ticks)]
    palette = _palette(_images(segments, step * ceil(len(kept) / PALETTE_SAMPLES)))
    images = (image.quantize(palette=palette) for image in _images(segments, step))
    next(images).save(
        output, format="GIF", save_all=True, append_images=images, duration=delays_ms, loop=0
    )
    if (size_mb := output.stat().st_size / 1e6) > LARGE_MB:
        log.warning("the GIF has %.0f MB; an .mp4 of it would have a tenth or less", size_mb)
    return len(kept)


def _images(segments: Sequence[Path], step: int) -> Iterator[Image.Image]:
    for index, frame in enumerate(decode_segments(segments)):
        if index % step == 0:
            image = Image.fromarray(frame.to_ndarray(format="rgb24"))
            image.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
            yield image


def _palette(images: Iterator[Image.Image]) -> Image.Image:
    samples = list(images)
    width, height = samples[0].size
    sheet = Image.new("RGB", (width, height * len(samples)))
    for row, sample in enumerate(samples):
        sheet.paste(sample, (0, row * height))
    return sheet.quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=2)
