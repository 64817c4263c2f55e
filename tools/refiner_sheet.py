"""Lay held-out views before and after refining side by side, as tools/refiner_table.py kept them.

    python tools/refiner_sheet.py out/refiner_table/fox ... --output docs/refiner.jpg

Each row is a part of a view, pixel by pixel: the render of the field alone, guided by photos,
refined, and the photo itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from PIL import Image
from tyro.conf import Positional

from scenegen.publish.sheet import captioned, contact_sheet, write_picture

_SHOWN = {
    "plain": "field alone",
    "guided": "guided by photos",
    "refined": "refined",
    "photo": "photo",
}


@dataclass(frozen=True)
class Config:
    """What to lay out."""

    views: Positional[tuple[Path, ...]]
    """Folders of a scene's pictures."""

    output: Path = Path("out/refiner.jpg")
    """The picture: .jpg or .png."""

    side: int = 300
    """Width and height of each part in pixels."""

    at: tuple[float, float] = (0.5, 0.5)
    """Where in the view the part is, from the left and from the top, in 0..1."""


def main(config: Config) -> None:
    """Write the picture."""
    parts = [part for folder in config.views for part in _row(folder, config)]
    write_picture(contact_sheet(parts, len(_SHOWN)), config.output)


def _row(folder: Path, config: Config) -> Iterator[Image.Image]:
    for kind, words in _SHOWN.items():
        with Image.open(folder / f"{kind}.png") as image:
            whole = np.asarray(image.convert("RGB"))
        room = np.array([whole.shape[1], whole.shape[0]]) - config.side
        left, top = np.rint(np.maximum(room, 0) * config.at).astype(int).tolist()
        part = whole[top : top + config.side, left : left + config.side]
        yield captioned(np.ascontiguousarray(part), f"{folder.name}, {words}")


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
