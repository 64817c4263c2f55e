"""Play every script of camera_paths/ in scenes, and lay frames of each out as a strip.

    python tools/path_gallery.py out/courtyard.scenegen/scene fox_scene --output docs/paths

The pictures in camera_paths/README.md are made so. Each script is shown in one of the scenes, in
turn; with --everywhere in all of them, which is how to see whether a script suits a scene.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import tyro
from PIL import Image
from tyro.conf import Positional

from scenegen.files import write_atomic
from scenegen.lift.scene_folder import load_scene
from scenegen.planning import Route
from scenegen.previewing import chosen, planned, sheet_frames
from scenegen.render.config import RenderConfig
from scenegen.render.frames import render_path
from scenegen.types import Scene

SCRIPTS = Path(__file__).resolve().parent.parent / "camera_paths"
MOST_BYTES = 40_000
GAP = 4


@dataclass(frozen=True)
class Config:
    """What to play where."""

    scenes: Positional[tuple[Path, ...]]
    """Scene folders."""

    output: Path = Path("docs/paths")
    """Folder of the pictures."""

    everywhere: bool = False
    """Show every script in every scene."""

    only: str = ""
    """Show only scripts whose name has this in it."""

    pictures: int = 6
    """Pictures of a strip."""

    width: int = 160
    """Width of a picture in pixels."""

    plain: bool = False
    """Show the field alone: quicker, softer."""


def main(config: Config) -> None:
    """Write the strips."""
    scripts = scripts_in(SCRIPTS)
    scenes = [load_scene(folder) for folder in config.scenes]
    for place, script in enumerate(scripts):
        for index, scene in enumerate(scenes):
            turn = config.everywhere or index == place % len(scenes)
            if not turn or config.only not in script.stem:
                continue
            name = f"{script.stem}_{index}" if config.everywhere else script.stem
            data = compressed(strip(scene, script, config))
            write_atomic(config.output / f"{name}.jpg", data)
            print(f"{config.output / name}.jpg: {script.stem} in {config.scenes[index]}")


def scripts_in(folder: Path) -> list[Path]:
    """Return the path scripts in a folder, by name."""
    return sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".py"))


def strip(scene: Scene, script: Path, config: Config) -> Image.Image:
    """Return frames of a script in a row, even in time."""
    path, slate = planned(scene, Route(file=script))
    frames = sheet_frames(path, slate, config.pictures)
    size = RenderConfig(config.width, round(config.width / path.aspect), plain=config.plain)
    pictures = [
        Image.fromarray(frame.rgb) for frame in render_path(scene, chosen(path, frames), size)
    ]
    width, height = pictures[0].size
    row = Image.new("RGB", (len(pictures) * (width + GAP) - GAP, height), (255, 255, 255))
    for place, picture in enumerate(pictures):
        row.paste(picture, (place * (width + GAP), 0))
    return row


def compressed(image: Image.Image) -> bytes:
    """Return the image as a JPEG of at most `MOST_BYTES`, as good as fits."""
    for quality in (88, 80, 70, 60, 45, 30):
        buffer = BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= MOST_BYTES:
            break
    return buffer.getvalue()


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
