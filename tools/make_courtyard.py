"""Make the example scene ``scenes/courtyard``: path-traced photos of an arcaded courtyard.

Run from the repository's root; it needs ``pip install 'scenegen[courtyard]'``::

    python tools/make_courtyard.py                          # the photos as committed
    python tools/make_courtyard.py --preview sheet.png      # a quick look at six of them

Geometry, textures, light and walk all follow from ``--seed``. Samples are taken in passes over all
photos and kept in ``--work``: an interrupted run continues where it stopped, a run with more
passes adds to the samples that are there, and every pass leaves a complete set of photos. A changed
film curve alone does not develop finished photos anew: delete them first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tyro
from jaxtyping import Float32

if TYPE_CHECKING:
    from courtyard.cameras import Shot
    from courtyard.render import Stage

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class CourtyardConfig:
    """Path-trace the example scene ``scenes/courtyard`` with Mitsuba."""

    output: Path = ROOT / "scenes" / "courtyard"
    """Folder that gets images/, true_cameras.json and true_depth/."""
    work: Path = ROOT / "out" / "courtyard_work"
    """Folder for the samples taken so far (about 400 MB); it may be deleted at any time."""
    photos: int = 36
    """How many photos the walk takes."""
    passes: int = 1
    """Passes over all photos. One takes about 10 minutes of one processor core."""
    samples: int = 3
    """Paths per pixel and pass; the denoiser does the rest."""
    seed: int = 11
    """Everything random follows from it."""
    photo_kb: float = 110.0
    """Most that one photo may take, in kB of 1000 bytes."""
    depth_photos: int = 4
    """How many photos get a true depth map, evenly along the walk."""
    preview: Path | None = None
    """Write a small sheet of six photos here and nothing else."""


def main(config: CourtyardConfig) -> None:
    """Render what is missing, pass after pass."""
    from courtyard.cameras import cameras_json, walk
    from courtyard.render import load_stage

    shots = walk(config.photos, np.random.default_rng(config.seed))
    if config.preview is not None:
        write_preview(config, shots)
        return
    (config.output / "images").mkdir(parents=True, exist_ok=True)
    cameras = json.dumps(cameras_json(shots), indent=1)
    (config.output / "true_cameras.json").write_text(cameras + "\n", encoding="utf-8")
    stage = load_stage(config.seed, 1.0)
    for done in range(1, config.passes + 1):
        for index, shot in enumerate(shots):
            render_shot(config, stage, shot, index, done * config.samples)
            print(f"pass {done} of {config.passes}: {shot.name}", flush=True)
    write_depth(config, stage, shots)


def render_shot(
    config: CourtyardConfig, stage: Stage, shot: Shot, index: int, samples: int
) -> None:
    """Bring a photo to ``samples`` paths per pixel and develop it; do nothing if it has them."""
    from courtyard.cameras import HEIGHT_PX, WIDTH_PX
    from courtyard.render import denoise, develop, guides, save_jpeg, trace_radiance

    size, pose = (WIDTH_PX, HEIGHT_PX), shot.world_from_camera
    kept = config.work / f"{stage.digest}_{shot.digest}.npz"
    photo = config.output / "images" / shot.name
    layers = read_layers(kept)
    if layers is not None and layers.samples >= samples and photo.exists():
        return
    if layers is None:
        seed = 10_000 * index
        radiance = trace_radiance(stage, pose, size, samples, seed)
        layers = Layers(radiance, guides(stage, pose, size), samples)
    elif layers.samples < samples:
        extra = samples - layers.samples
        seed = 10_000 * index + layers.samples
        more = trace_radiance(stage, pose, size, extra, seed)
        mean = (layers.radiance * layers.samples + more * extra) / samples
        layers = Layers(mean, layers.guides, samples)
    write_layers(layers, kept)
    save_jpeg(develop(denoise(layers.radiance, layers.guides)), photo, int(1000 * config.photo_kb))


@dataclass(frozen=True)
class Layers:
    """What was traced of a photo so far: mean radiance (RGB), and albedo and normal."""

    radiance: Float32[np.ndarray, "height width 3"]
    guides: Float32[np.ndarray, "height width 6"]
    samples: int


def read_layers(file: Path) -> Layers | None:
    """Samples of a photo that were kept, or None."""
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as kept:
        radiance, guides = (kept[name].astype(np.float32) for name in ("radiance", "guides"))
        return Layers(radiance, guides, int(kept["samples"]))


def write_layers(layers: Layers, file: Path) -> None:
    """Keep layers as half floats, through a temporary file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part.npz")
    radiance, guides = layers.radiance.astype(np.float16), layers.guides.astype(np.float16)
    np.savez(part, radiance=radiance, guides=guides, samples=np.array(layers.samples))
    part.replace(file)


def write_depth(config: CourtyardConfig, stage: Stage, shots: list[Shot]) -> None:
    """True depth of some photos at a quarter of the size, as 16-bit PNG in millimetres."""
    from courtyard.cameras import HEIGHT_PX, WIDTH_PX
    from courtyard.render import depth_mm
    from PIL import Image

    folder = config.output / "true_depth"
    folder.mkdir(exist_ok=True)
    chosen = np.linspace(0, len(shots) - 1, config.depth_photos + 2)[1:-1].round().astype(int)
    for shot in [shots[k] for k in chosen]:
        depth = depth_mm(stage, shot.world_from_camera, (WIDTH_PX // 4, HEIGHT_PX // 4))
        Image.fromarray(depth).save(folder / Path(shot.name).with_suffix(".png"), optimize=True)


def write_preview(config: CourtyardConfig, shots: list[Shot]) -> None:
    """Six photos of the walk at half the size, on one sheet."""
    from courtyard.render import denoise, develop, guides, load_stage, trace_radiance
    from PIL import Image

    stage = load_stage(config.seed, 0.6)
    tiles = []
    for k in np.linspace(0, len(shots) - 1, 6).round().astype(int):
        pose, size = shots[k].world_from_camera, (480, 320)
        radiance = trace_radiance(stage, pose, size, config.samples, 0)
        tiles.append(develop(denoise(radiance, guides(stage, pose, size))))
    rows = [np.concatenate(tiles[:3], 1), np.concatenate(tiles[3:], 1)]
    Image.fromarray(np.concatenate(rows, 0)).save(str(config.preview))


if __name__ == "__main__":
    main(tyro.cli(CourtyardConfig))
