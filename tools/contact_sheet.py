"""Lay evenly spaced frames of a clip side by side, to look at a clip at a glance.

    python tools/contact_sheet.py out/courtyard.mp4 docs/demo.jpg

The README's picture is made so, from the clip of `make demo`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import tyro
from PIL import Image
from tyro.conf import Positional


@dataclass(frozen=True)
class Config:
    """What to lay out, and how."""

    clip: Positional[Path]
    """The clip."""

    output: Positional[Path]
    """The picture: .jpg or .png."""

    columns: int = 3
    """Frames in a row."""

    rows: int = 2
    """Rows."""

    width: int = 1200
    """Width of the picture in pixels."""


def main(config: Config) -> None:
    """Write the picture."""
    with av.open(str(config.clip)) as clip:
        frames = [frame.to_image() for frame in clip.decode(video=0)]
    width = config.width // config.columns
    height = round(width * frames[0].height / frames[0].width)
    sheet = Image.new("RGB", (width * config.columns, height * config.rows))
    chosen = np.linspace(0, len(frames) - 1, config.columns * config.rows).round().astype(int)
    for place, index in enumerate(chosen):
        row, column = divmod(place, config.columns)
        small = frames[index].resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (column * width, row * height))
    sheet.save(config.output, quality=88)


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
