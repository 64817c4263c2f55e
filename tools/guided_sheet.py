"""Lay held-out photos beside what the field and the photos make of them, to see what is wrong.

    python tools/guided_sheet.py SCENE sheet.jpg

SCENE is a scene folder of `scenegen lift --holdout-every 8`. Each row is a held-out photo, the
field alone, the field guided by the photos that trained it, and where the guided view is wrong,
four times as bright.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from PIL import Image
from tyro.conf import Positional

from scenegen.errors import SceneGenError
from scenegen.lift.evaluate import psnr_db
from scenegen.lift.pixels import load_photo
from scenegen.lift.scene_folder import load_scene
from scenegen.render.guided import PhotoGuide
from scenegen.render.photo_depths import field_view


@dataclass(frozen=True)
class Config:
    """Of what to make a sheet."""

    scene: Positional[Path]
    """Scene folder with held-out photos."""

    output: Positional[Path]
    """The picture: .jpg or .png."""

    rows: int = 2
    """Held-out photos, spread evenly over those there are."""

    width: int = 1600
    """Width of the picture in pixels."""


def main(config: Config) -> None:
    """Write the picture."""
    scene = load_scene(config.scene)
    guides, strips = PhotoGuide(scene), []
    count = len(scene.heldout)
    chosen = np.linspace(0, count - 1, min(config.rows, count)).round().astype(int)
    for index in chosen.tolist():
        photo = load_photo(scene.heldout[index], int(scene.facts.get("downscale", 1)))
        target = photo.rgb.astype(np.float32) / 255
        view = field_view(scene.field, photo.camera)
        guided = guides.guide(view).rgb
        wrong = np.minimum(4 * np.abs(guided - target), 1)
        strips.append(np.concatenate([target, view.rgb, guided, wrong], axis=1))
        found = [f"{psnr_db(rgb, target):.2f} dB" for rgb in (view.rgb, guided)]
        print(scene.heldout[index].file.name, "field", found[0], "guided", found[1])
    sheet = Image.fromarray(np.rint(255 * np.concatenate(strips)).astype(np.uint8))
    height = round(config.width * sheet.height / sheet.width)
    sheet.resize((config.width, height), Image.Resampling.LANCZOS).save(config.output, quality=88)


if __name__ == "__main__":
    try:
        main(tyro.cli(Config, description=__doc__))
    except SceneGenError as error:
        sys.exit(f"tools/guided_sheet.py: {error}")
