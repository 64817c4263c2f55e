"""Contact sheets: pictures in rows, each with a line of words below it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import ceil
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from scenegen.files import write_atomic
from scenegen.publish.gif import palette_of

_PAPER, _INK, _GAP = (255, 255, 255), (40, 44, 52), 8
_LINE = 0.075
"""Height of the words, in widths of a picture, between 11 and 20 pixels."""


def captioned(picture: UInt8[np.ndarray, "h w 3"], words: str) -> Image.Image:
    """Return a picture with words on paper below it, shortened to its width."""
    height, width = picture.shape[:2]
    size = round(min(max(_LINE * width, 11), 20))
    font = ImageFont.load_default(size)
    image = Image.new("RGB", (width, height + round(1.5 * size)), _PAPER)
    image.paste(Image.fromarray(picture))
    shown = words
    while shown and font.getlength(shown) > width:
        shown = shown[:-2].rstrip("…") + "…" if len(shown) > 2 else ""
    ImageDraw.Draw(image).text((0, height + round(0.1 * size)), shown, _INK, font)
    return image


def contact_sheet(pictures: Sequence[Image.Image], columns: int) -> Image.Image:
    """Return pictures of one size row by row, on paper."""
    width, height = pictures[0].size
    columns = min(columns, len(pictures))
    rows = ceil(len(pictures) / columns)
    size = (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        sheet.paste(picture, (_GAP + column * (width + _GAP), _GAP + row * (height + _GAP)))
    return sheet


def write_picture(image: Image.Image, output: Path) -> None:
    """Write an image as PNG or JPEG, by the name of the file, atomically; raise `OutputError`."""
    buffer = BytesIO()
    if output.suffix.lower() == ".png":
        image.save(buffer, "PNG", optimize=True)
    else:
        image.save(buffer, "JPEG", quality=88)
    write_atomic(output, buffer.getvalue())


def write_flip_book(pictures: Sequence[Image.Image], seconds: float, output: Path) -> None:
    """Write pictures of one size as a GIF that loops, atomically; raise `OutputError`.

    ``seconds`` is how long one round takes. Its clock ticks in hundredths of a second: delays
    differ by one tick so that the round keeps its length.
    """
    ticks = np.rint(100 * seconds * np.arange(len(pictures) + 1) / len(pictures))
    delays_ms = [max(20, int(10 * delay)) for delay in np.diff(ticks)]
    palette = palette_of(pictures[:: ceil(len(pictures) / 16)])
    first, *rest = [picture.quantize(palette=palette) for picture in pictures]
    buffer = BytesIO()
    first.save(buffer, format="GIF", save_all=True, append_images=rest, duration=delays_ms, loop=0)
    write_atomic(output, buffer.getvalue())
