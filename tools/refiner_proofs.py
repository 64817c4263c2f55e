"""That the refiner does not invent, proved on scenes that never trained.

    python tools/refiner_proofs.py out/refiner_table/scenes/fox ... --captures scenes/fox ...

Of views of photos that were held out:
- photos of another scene, put in place of the scene's own, are hardly copied;
- a render that is clean already comes back;
- where the render is opaque and photos see the place, no more than a little is added;
- eight seeds differ in holes alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from refiner_measures import reduced
from tyro.conf import Positional

from scenegen.errors import UsageError
from scenegen.files import write_json
from scenegen.film_refiner import rendered
from scenegen.ingest.capture import load_capture
from scenegen.lift.evaluate import psnr_db
from scenegen.lift.measures import view_of
from scenegen.lift.pixels import load_photo
from scenegen.lift.scene_folder import load_scene
from scenegen.refine.condition import Rendered
from scenegen.refine.heads import LITTLE, SURE
from scenegen.refine.network import Refiner
from scenegen.refine.sampler import Refined, refine_shot
from scenegen.refine.weights import load_refiner
from scenegen.render.field_pass import FieldFrame
from scenegen.render.frames import Pass
from scenegen.render.guided import PhotoGuide
from scenegen.types import Photo, Scene

SEEDS = 8
_LONGEST = 960


@dataclass(frozen=True)
class Config:
    """Which scenes to prove it on."""

    scenes: Positional[tuple[Path, ...]]
    """Scene folders; each lends its photos to the one before as those of another scene."""

    captures: tuple[Path, ...] = ()
    """The captures that they were lifted from, in the same order."""

    output: Path = Path("out/refiner_proofs.json")
    """File of the figures."""

    weights: Path | None = None
    """Weights; by default the shipped ones."""

    views: int = 3
    """Photos of each scene."""


def main(config: Config) -> None:
    """Prove it on every scene, and write the figures."""
    if len(config.scenes) < 2 or len(config.captures) != len(config.scenes):
        raise UsageError(
            "expected two scenes or more and the --captures of all, found "
            f"{len(config.scenes)} and {len(config.captures)}: photos of one scene must not be "
            "copied into another"
        )
    network = load_refiner(config.weights)
    scenes = [load_scene(folder) for folder in config.scenes]
    heldout = [
        tuple(sorted(load_capture(folder).photos, key=lambda photo: photo.name)[::8])
        for folder in config.captures
    ]
    found: dict[str, Any] = {}
    for at, (scene, photos) in enumerate(zip(scenes, heldout, strict=True)):
        other = scenes[(at + 1) % len(scenes)]
        rows = [
            proofs(frame, target, other, network)
            for frame, target in _views(scene, photos[: config.views])
        ]
        name = config.scenes[at].name
        found[name] = {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}
        print(json.dumps({name: found[name]}, indent=1), flush=True)
    write_json(config.output, found)


def _views(scene: Scene, photos: tuple[Photo, ...]) -> Iterator[tuple[Rendered, np.ndarray]]:
    guide = PhotoGuide(scene)
    for photo in photos:
        small = reduced(photo, _LONGEST)
        view = view_of(scene.field, small.camera)
        alone = FieldFrame(view.rgb, view.depth, view.opacity)
        frame = rendered(Pass(0, small.camera, alone, guide(small.camera, alone)), guide)
        yield frame, small.rgb.astype(np.float32) / 255


def proofs(frame: Rendered, target: np.ndarray, other: Scene, network: Refiner) -> dict[str, float]:
    """Return the figures of one view."""
    own = _refined(frame, network)
    return {
        "copied": float(own.shares[2:].sum(0).mean()),
        "copied_from_another_scene": _foreign(frame, other, network),
        "clean_psnr_db": _clean(frame, target, network),
        "most_added_where_sure": _added(own),
        **_seeds(frame, network),
    }


def _refined(frame: Rendered, network: Refiner, seed: int = 0) -> Refined:
    return next(refine_shot(iter([frame]), network, 1, seed))


def _foreign(frame: Rendered, other: Scene, network: Refiner) -> float:
    """Return the share of a frame that is copied from photos of another scene."""
    height, width = frame.size
    pictures = []
    for at in range(len(frame.warps.photos)):
        rgb = load_photo(other.photos[at % len(other.photos)], 1).rgb.astype(np.float32) / 255
        rows, columns = np.arange(height) % rgb.shape[0], np.arange(width) % rgb.shape[1]
        pictures.append(rgb[np.ix_(rows, columns)])
    warps = replace(frame.warps, rgb=np.stack(pictures), seen=np.ones_like(frame.warps.seen))
    return float(_refined(replace(frame, warps=warps), network).shares[2:].sum(0).mean())


def _clean(frame: Rendered, target: np.ndarray, network: Refiner) -> float:
    """Return the PSNR of a render that was the photo itself, refined."""
    clean = replace(frame, rgb=target, field=target)
    return psnr_db(_refined(clean, network).rgb, target)


def _added(own: Refined) -> float:
    """Return the most that was added where the render is opaque and a photo sees the place."""
    sure = (own.rendered.opacity > SURE) & (own.rendered.warps.seen.max(0) > 0.999)
    added = np.abs(own.made_up).max(-1)[sure]
    return float(added.max(initial=0.0) / LITTLE)


def _seeds(frame: Rendered, network: Refiner) -> dict[str, float]:
    """Return how far seeds differ (in 0..255) where the render is opaque, and in its holes."""
    made = np.stack([_refined(frame, network, seed).rgb for seed in range(SEEDS)])
    apart = 255 * made.std(axis=0).mean(-1)
    hole = frame.opacity < 0.5
    return {
        "seeds_differ_where_opaque": float(apart[frame.opacity > SURE].mean()),
        "seeds_differ_in_holes": float(apart[hole].mean()) if hole.any() else 0.0,
    }


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
