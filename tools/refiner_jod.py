"""How a viewer would judge refined video: JODs of ColorVideoVDP on frames that were held out.

    pip install cvvdp torchvision==0.28.0
    python tools/refiner_jod.py CAPTURE --fps 6

CAPTURE holds frames of one video in their order. A field is lifted from every other one; the frames
between are rendered from their own cameras, guided by photos and refined, and compared with what
was filmed, brought into register with the render first. 10 is no difference, a JOD less is one that
three viewers of four see. Source: Mantiuk et al., "ColorVideoVDP" (2024).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from refiner_pairs import matched, undistorted
from register import registered
from tyro.conf import Positional

from scenegen.film_refiner import FilmRefiner
from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.lift.scene_folder import load_scene
from scenegen.refine.network import COARSEST
from scenegen.refine.weights import load_refiner
from scenegen.render.field_pass import render_field
from scenegen.render.frames import Pass
from scenegen.render.guided import PhotoGuide
from scenegen.types import Camera, Lens, Photo, Scene


@dataclass(frozen=True)
class Config:
    """Which video, and how it is shown."""

    capture: Positional[Path]
    """Posed frames of a video that never trained, in the order of their names."""

    fps: float = 6.0
    """Held-out frames a second at which both are shown."""

    output: Path = Path("out/refiner_jod")
    """Folder of the scene and the figures."""

    weights: Path | None = None
    """Weights; by default the shipped ones."""

    longest: int = 640
    """Longer side of the frames, in pixels."""

    most: int = 24
    """Frames at most."""

    budget_s: float = 60.0
    """Seconds of training of the field."""


def main(config: Config) -> None:
    """Judge the video, and write what came out."""
    capture = load_capture(config.capture)
    photos = sorted(capture.photos, key=lambda photo: photo.name)
    name = config.capture.name.removesuffix(".cap")
    folder = config.output / name
    if folder.is_dir():
        scene = load_scene(folder)
    else:
        config.output.mkdir(parents=True, exist_ok=True)
        kept = replace(capture, photos=tuple(photos[::2]))
        scene = lift(kept, folder, LiftConfig(budget_s=config.budget_s))
    films = _films(scene, photos[1::2][: config.most], config)
    true = films.pop("filmed")
    found = {kind: round(jod(film, true, config.fps), 3) for kind, film in films.items()}
    (config.output / f"{name}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(json.dumps({name: found}), flush=True)


def _films(scene: Scene, photos: Sequence[Photo], config: Config) -> dict[str, np.ndarray]:
    """Return films as uint8 [frame h w 3]: what was filmed, rendered, guided and refined."""
    guide = PhotoGuide(scene)
    lens = _small(photos[0].camera.lens, config.longest)
    passes = []
    for index, photo in enumerate(photos):
        camera = Camera(lens, photo.camera.world_from_camera)
        alone = render_field(scene.field, camera)
        passes.append(Pass(index, camera, alone, guide(camera, alone)))
    filmed = []
    for photo, one in zip(photos, passes, strict=True):
        target, mask = undistorted(photo, lens)
        target, mask, _ = registered(target, one.shows.rgb, mask)
        target = matched(target, one.shows.rgb, mask)
        # What register does not know is the same in all films, and no difference.
        filmed.append(np.where(mask[..., None] > 0, target, one.shows.rgb))
    refiner = FilmRefiner(load_refiner(config.weights), scene, guide)

    def film(frames: Iterator[Any] | Sequence[Any]) -> np.ndarray:
        return np.stack([np.rint(255 * np.clip(rgb, 0, 1)).astype(np.uint8) for rgb in frames])

    return {
        "filmed": film(filmed),
        "plain": film([one.field.rgb for one in passes]),
        "guided": film([one.shows.rgb for one in passes]),
        "refined": film(made.rgb for made in refiner(iter(passes))),
    }


def _small(lens: Lens, longest: int) -> Lens:
    factor = min(1.0, longest / max(lens.width_px, lens.height_px))
    width, height = (
        int(side * factor) // COARSEST * COARSEST for side in (lens.width_px, lens.height_px)
    )
    fl = factor * float(np.sqrt(lens.fl_x * lens.fl_y))
    return Lens(width, height, fl, fl, width / 2, height / 2)


def jod(film: np.ndarray, true: np.ndarray, fps: float) -> float:
    """Return the JODs of a film beside a true one, both uint8 [frame h w 3], on a usual screen."""
    import torch
    from torch import library

    if torch.version.cuda is None:
        # A blur is all that the metric takes from torchvision, whose wheels are built for CUDA:
        # without it two of their operators are missed as soon as they are imported.
        for name in ("nms", "qnms"):
            if not hasattr(torch.ops.torchvision, name):
                schema = "(Tensor boxes, Tensor scores, float iou) -> Tensor"
                library.define(f"torchvision::{name}", schema)
    import pycvvdp  # pyright: ignore[reportMissingImports] - by hand, see above

    metric = pycvvdp.cvvdp(display_name="standard_fhd", device=torch.device("cpu"), quiet=True)
    found, _ = metric.predict(film, true, dim_order="FHWC", frames_per_second=fps)
    return float(found)


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
