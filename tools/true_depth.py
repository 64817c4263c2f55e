"""How far a scene's depth is from the truth of the example courtyard.

    python tools/true_depth.py SCENE [scenes/courtyard]

The scene may come from the true cameras or from cameras that ingest found: a similarity between
both kinds of camera positions gives the metres. Depths are compared at the size of the true ones.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from scenegen.errors import SceneGenError, UsageError
from scenegen.ingest.scale import align
from scenegen.lift.measures import depth_error
from scenegen.lift.scene_folder import load_scene
from scenegen.types import Camera, Scene

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class DepthConfig:
    """Which scene, and where the truth lies."""

    scene: Annotated[Path, tyro.conf.Positional]
    """Scene folder, lifted from the courtyard's photos."""

    truth: Annotated[Path, tyro.conf.Positional] = ROOT / "scenes" / "courtyard"
    """Folder with true_cameras.json and true_depth/."""


def depth_facts(scene: Scene, truth: Path) -> dict[str, float | int]:
    """Return ``depth_error_m`` and ``depth_error_percent``, medians over ``depth_pixels``.

    Raises `UsageError` where fewer than three photos of ``scene`` are among the true cameras.
    """
    from PIL import Image

    frames = json.loads((truth / "true_cameras.json").read_text())["frames"]
    places = {Path(f["file_path"]).stem: np.array(f["transform_matrix"])[:3, 3] for f in frames}
    known = [p for p in (*scene.photos, *scene.heldout) if p.file.stem in places]
    if len(known) < 3:
        raise UsageError(f"{truth}: expected the photos of the scene, found {len(known)} of them")
    positions = np.array([photo.camera.position for photo in known])
    metres = align(positions, np.array([places[photo.file.stem] for photo in known])).scale
    truths = []
    for photo in known:
        file = truth / "true_depth" / f"{photo.file.stem}.png"
        if file.is_file():
            depth = np.asarray(Image.open(file)).astype(np.float64) / 1000.0
            lens = photo.camera.lens.scaled(depth.shape[1], depth.shape[0])
            truths.append((Camera(lens, photo.camera.world_from_camera), depth))
    found = depth_error(scene.field, truths, unit=metres)
    return {
        "depth_error_m": round(found.median, 4),
        "depth_error_percent": round(found.median_percent, 3),
        "depth_pixels": found.pixels,
    }


if __name__ == "__main__":
    try:
        config = tyro.cli(DepthConfig, description=__doc__)
        print(json.dumps(depth_facts(load_scene(config.scene), config.truth)))
    except SceneGenError as error:
        sys.exit(f"tools/true_depth.py: {error}")
