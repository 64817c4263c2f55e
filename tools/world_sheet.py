"""Look at generated worlds: one picture a sentence or spec file, on a contact sheet.

python tools/world_sheet.py sheet.jpg "a pine valley at dawn" "a village in the snow" --seed 3
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from PIL import Image

from scenegen.types import Camera, Lens
from scenegen.worlds.build import build
from scenegen.worlds.develop import develop, exposure_of
from scenegen.worlds.files import is_spec, read_spec
from scenegen.worlds.reading.read import read_sentence
from scenegen.worlds.spec import WorldSpec
from scenegen.worlds.world import Stand


@dataclass(frozen=True)
class SheetConfig:
    """One picture for each sentence or spec file."""

    output: Annotated[Path, tyro.conf.Positional]
    """The sheet, .jpg or .png."""
    worlds: Annotated[tuple[str, ...], tyro.conf.Positional]
    """Sentences, or YAML files of specs."""
    seed: int = 0
    """Everything that sentences leave open follows from it."""
    width: int = 480
    """Width of a picture in pixels."""
    samples: int = 6
    """Paths a pixel."""
    turn: float = 0.0
    """Degrees by which the camera goes around the subject."""


def main(config: SheetConfig) -> None:
    """Build and trace each world."""
    rows: list[np.ndarray] = []
    for words in config.worlds:
        spec = read_spec(Path(words)) if is_spec(words) else read_sentence(words, config.seed)
        rows.append(picture(spec, config))
    columns = int(np.ceil(np.sqrt(len(rows))))
    rows += [np.zeros_like(rows[0])] * (-len(rows) % columns)
    sheet = [np.concatenate(rows[k : k + columns], 1) for k in range(0, len(rows), columns)]
    Image.fromarray(np.concatenate(sheet)).save(config.output)


def picture(spec: WorldSpec, config: SheetConfig) -> np.ndarray:
    """Trace one world from where it is best looked at; prints what it costs."""
    from scenegen.worlds.trace import Tracer

    began = time.perf_counter()
    world = build(spec)
    built = time.perf_counter()
    tracer = Tracer(world)
    ready = time.perf_counter()
    seen = tracer.trace(camera(world.stand, config.width, config.turn), config.samples, 0)
    done = time.perf_counter()
    print(
        f"{spec.setting}: {world.triangles:,} triangles, built in {built - began:.1f} s, "
        f"ready in {ready - built:.1f} s, traced in {done - ready:.1f} s"
    )
    exposure = exposure_of(seen.radiance, spec.time == "night")
    return develop(seen.radiance, exposure, spec.mood)


def camera(stand: Stand, width: int, turn_deg: float) -> Camera:
    """Return a camera at a world's stand, turned about its subject; 16:9."""
    height = round(width * 9 / 16)
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    arm = stand.eye - stand.subject
    eye = stand.subject + np.array([c * arm[0] - s * arm[1], s * arm[0] + c * arm[1], arm[2]])
    forward = (stand.subject - eye) / np.linalg.norm(stand.subject - eye)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(right, forward), -forward], -1)
    pose[:3, 3] = eye
    focal = height / 2 / np.tan(np.radians(stand.fov_y_deg) / 2)
    return Camera(Lens(width, height, focal, focal, width / 2, height / 2), pose)


if __name__ == "__main__":
    main(tyro.cli(SheetConfig))
