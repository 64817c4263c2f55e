"""Clips as GIF, for places that take nothing better."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

from PIL import Image

from scenegen.progress import Progress, silent
from scenegen.publish.segments import decode_segments

log = logging.getLogger(__name__)

LONGEST_SIDE_PX = 480
HIGHEST_FPS = 15
LARGE_MB = 20.0
PALETTE_SAMPLES = 16
"""Frames, evenly spaced, whose colours the palette of the whole clip is made of."""

PALETTE_SAMPLE_PX = 160
"""Their longer side: k-means on them in full size takes eight times as long, to no visible gain."""


def write_gif(
    segments: Sequence[Path], output: Path, count: int, rate: Fraction, progress: Progress = silent
) -> int:
    """Write the ``count`` frames of lossless segments as a GIF that loops; return how many it has.

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

    def images(step: int, side_px: int, offset: int) -> Iterator[Image.Image]:
        for index, frame in enumerate(decode_segments(segments)):
            progress("writing the GIF", offset + index + 1, 2 * count)
            if index % step == 0:
                image = Image.fromarray(frame.to_ndarray(format="rgb24"))
                image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
                yield image

    samples = images(step * ceil(len(kept) / PALETTE_SAMPLES), PALETTE_SAMPLE_PX, 0)
    palette = palette_of(list(samples))
    pictures = (image.quantize(palette=palette) for image in images(step, LONGEST_SIDE_PX, count))
    next(pictures).save(
        output, format="GIF", save_all=True, append_images=pictures, duration=delays_ms, loop=0
    )
    if (size_mb := output.stat().st_size / 1e6) > LARGE_MB:
        log.warning("the GIF has %.0f MB; an .mp4 of it would have a tenth or less", size_mb)
    return len(kept)


def palette_of(samples: Sequence[Image.Image]) -> Image.Image:
    """Return an image with the 256 colours that tell ``samples``, of one size, best."""
    width, height = samples[0].size
    sheet = Image.new("RGB", (width, height * len(samples)))
    for row, sample in enumerate(samples):
        sheet.paste(sample, (0, row * height))
    return sheet.quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=1)
