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

from scenegen.types import Camera
from scenegen.worlds.build import build
from scenegen.worlds.develop import develop, exposure_of
from scenegen.worlds.files import is_spec, read_spec
from scenegen.worlds.photograph import lens_of, level_pose
from scenegen.worlds.placing import turned
from scenegen.worlds.reading.read import read_sentence
from scenegen.worlds.spec import WorldSpec
from scenegen.worlds.trace import Tracer
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
    if not config.worlds:
        raise SystemExit("worlds: expected sentences or spec files, found none; name some")
    made: list[np.ndarray] = []
    for words in config.worlds:
        spec = read_spec(Path(words)) if is_spec(words) else read_sentence(words, config.seed)
        made.append(picture(spec, config))
    columns = int(np.ceil(np.sqrt(len(made))))
    made += [np.zeros_like(made[0])] * (-len(made) % columns)
    sheet = [np.concatenate(made[k : k + columns], 1) for k in range(0, len(made), columns)]
    Image.fromarray(np.concatenate(sheet)).save(config.output)


def picture(spec: WorldSpec, config: SheetConfig) -> np.ndarray:
    """Trace one world from where it is best looked at; print what it costs."""
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
    exposure = exposure_of(seen.radiance, world.night)
    return develop(seen.radiance, exposure, spec.mood)


def camera(stand: Stand, width: int, turn_deg: float) -> Camera:
    """Return a camera at a world's stand, turned about its subject; 16:9."""
    eye = np.array(turned(stand.eye - stand.subject, stand.subject, turn_deg))
    lens = lens_of(stand.fov_y_deg, width, round(width * 9 / 16))
    return Camera(lens, level_pose(eye, stand.subject))


if __name__ == "__main__":
    main(tyro.cli(SheetConfig))
