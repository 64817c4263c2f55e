"""How much the photos add to held-out views of scenes, and how far that is from the best possible.

    python tools/guided_gain.py SCENE...

SCENE is a scene folder of `scenegen lift --holdout-every 8`. Prints a row a scene: PSNR of the
field alone, of the best single photo, guided, and of the oracle that takes for every pixel
whichever photo (or the field) comes closest to the truth; then the strength that photos have by
leaving some of them out, how steady both kinds of clip are, in pixels of jitter, and seconds that
guiding adds to a frame of 960x540.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from scenegen.errors import SceneGenError
from scenegen.kernels.guiding import GuideSettings, guide
from scenegen.lift.evaluate import psnr_db
from scenegen.lift.pixels import load_pixels
from scenegen.lift.scene_folder import load_scene
from scenegen.render.config import RenderConfig
from scenegen.render.field_pass import render_field
from scenegen.render.frames import render_path
from scenegen.render.guided import PhotoGuide
from scenegen.render.photo_depths import field_view
from scenegen.render.steadiness import jitter_px
from scenegen.types import CameraPath, Scene

ALONE = replace(GuideSettings(), nearest=1, least=1.0, most=1.0)


@dataclass(frozen=True)
class Gain:
    """Mean PSNR in dB over held-out views."""

    plain: float
    best_single: float
    guided: float
    oracle: float
    views: int
    strength: float


def measure_gain(scene: Scene) -> Gain:
    """Compare held-out photos with what the field, photos and both together make of them."""
    guides = PhotoGuide(scene)
    rows = []
    for photo in load_pixels(scene.heldout, int(scene.facts.get("downscale", 1))):
        target = photo.rgb.astype(np.float32) / 255.0
        view = field_view(scene.field, photo.camera)
        sources = guides.photos_for(view)
        singles = [guide(view, [replace(s, share=1.0)], ALONE).rgb for s in sources]
        best = np.square(view.rgb - target).mean(axis=2)
        for rgb in singles:
            best = np.minimum(best, np.square(rgb - target).mean(axis=2))
        together = guide(view, sources, guides.settings).rgb
        # No photo sees what a camera inside a floater sees: then the field is all there is.
        single = max(psnr_db(rgb, target) for rgb in singles or [view.rgb])
        oracle = -10 * np.log10(float(best.mean()))
        rows.append((psnr_db(view.rgb, target), single, psnr_db(together, target), oracle))
    strength = round(guides.settings.most / GuideSettings().most, 2)
    return Gain(*np.mean(rows, axis=0).round(2).tolist(), views=len(rows), strength=strength)


def between(scene: Scene, count: int) -> CameraPath:
    """Return a path from the place of one photo to that of its neighbour."""
    start, end = (photo.camera for photo in scene.photos[len(scene.photos) // 2 :][:2])
    poses = np.repeat(start.world_from_camera[None], count, axis=0)
    poses[:, :3, 3] += np.linspace(0, 1, count)[:, None] * (end.position - start.position)
    lens = start.lens
    fov = 2 * np.rad2deg(np.arctan(lens.height_px / 2 / lens.fl_y))
    return CameraPath(poses, np.full(count, min(fov, 60.0)), 24.0, 16 / 9)


def measure_steadiness(scene: Scene, count: int = 12) -> dict[bool, float]:
    """Return the mean jitter of a short clip, in pixels, by whether it is plain."""
    path, found = between(scene, count), {}
    cameras = [path.camera(i, 480, 270) for i in range(count)]
    for plain in (True, False):
        frames = render_path(scene, path, RenderConfig(480, 270, plain=plain))
        shots = pairwise(zip(cameras, frames, strict=True))
        found[plain] = float(np.nanmean([jitter_px(*pair) for pair in shots]))
    return found


def guiding_seconds(scene: Scene, frames: int = 7) -> float:
    """Return the median of the seconds that guiding adds to a frame of 960x540, once warm."""
    guides, path, seconds = PhotoGuide(scene), between(scene, frames + 1), []
    for index in range(frames + 1):
        camera = path.camera(index, 960, 540)
        frame = render_field(scene.field, camera)
        begun = time.perf_counter()
        guides(camera, frame)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[1:])


@dataclass(frozen=True)
class GainConfig:
    """What to measure."""

    scenes: Annotated[list[Path], tyro.conf.Positional]
    """Scene folders with held-out photos."""


def main(config: GainConfig) -> None:
    """Print the table."""
    print(
        "| scene | views | field | best photo | guided | oracle | strength | jitter | s a frame |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for folder in config.scenes:
        scene = load_scene(folder)
        gain, steady = measure_gain(scene), measure_steadiness(scene)
        told = f"{steady[True]:.3f} field, {steady[False]:.3f} guided"
        print(
            f"| {folder.name} | {gain.views} | {gain.plain} | {gain.best_single} | "
            f"**{gain.guided}** | {gain.oracle} | {gain.strength} | {told} | "
            f"{guiding_seconds(scene):.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    try:
        main(tyro.cli(GainConfig, description=__doc__))
    except SceneGenError as error:
        sys.exit(f"tools/guided_gain.py: {error}")
