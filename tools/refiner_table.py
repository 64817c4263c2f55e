"""What the refiner reaches on scenes that never trained: photos held out, and films.

    python tools/refiner_table.py ../shared/scenes/fox ... --output out/refiner_table

Every capture is lifted for a minute, with all of its photos but every eighth, and with a third of
these. Views of the photos that were left out are compared with them: the plain render, the render
guided by photos, plain filters of it, and the refined frame, by one or more sets of weights. They
are shown as films show them, among frames of a camera that travels by. A short film of each scene
says how steady they are. What is finished is kept.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from PIL import Image
from refiner_measures import reduced, spectrum_ratio, temporal_median, unsharp
from tyro.conf import Positional

from scenegen.files import write_json
from scenegen.film_refiner import FilmRefiner, rendered
from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.evaluate import psnr_db, ssim_map
from scenegen.lift.fit import lift
from scenegen.lift.measures import view_of
from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.scene_folder import load_scene
from scenegen.planning import Route, made
from scenegen.progress import silent
from scenegen.refine.condition import Rendered
from scenegen.refine.network import Refiner
from scenegen.refine.steady import STEADY_REACH
from scenegen.refine.weights import SHIPPED, load_refiner
from scenegen.render.config import RenderConfig
from scenegen.render.field_pass import FieldFrame
from scenegen.render.frames import Pass, Refinement, refine_path
from scenegen.render.guided import PhotoGuide
from scenegen.render.steadiness import clip_steadiness, jitter_px
from scenegen.report import Report
from scenegen.types import Camera, Capture, Frame, Lens, Scene

Colors = np.ndarray
_STEP = 0.1
"""How far the camera travels from frame to frame around a held-out view, in distances of photos."""
REFINED = "refined"
"""What is shown by the only set of weights."""
SIZE = (960, 540)
"""Of a film's frames, in pixels."""


@dataclass(frozen=True)
class Config:
    """What to measure, with which weights."""

    captures: Positional[tuple[Path, ...]]
    """Posed captures, or folders that `scenegen ingest` made."""

    output: Path = Path("out/refiner_table")
    """Folder of the scenes, figures and pictures."""

    weights: tuple[Path, ...] = ()
    """Sets of weights to compare; by default the shipped ones."""

    steps: tuple[int, ...] = (1,)
    """Numbers of denoising steps to compare."""

    budget_s: float = 60.0
    """Seconds of training of each field."""

    frames: int = 24
    """Frames of each film; 0 makes none."""

    views: int = 8
    """Photos that are measured against, of those that were held out."""

    longest: int = 960
    """Longer side of these views in pixels, or somewhat more: photos shrink by whole numbers."""

    thirds: bool = True
    """Measure fields of a third of the photos as well."""


def main(config: Config) -> None:
    """Measure everything, and write the table."""
    files = config.weights or (SHIPPED,)
    names = [REFINED] if len(files) == 1 else [f"{f.parent.name} {f.stem}" for f in files]
    networks = {name: load_refiner(file) for name, file in zip(names, files, strict=True)}
    config.output.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for folder in config.captures:
        for thinner in (1, 3) if config.thirds else (1,):
            name = f"{folder.name.removesuffix('.cap')}{'' if thinner == 1 else '_third'}"
            scene = _scene(load_capture(folder), thinner, config.output / "scenes" / name, config)
            found[name] = _measured(name, scene, networks, config)
            write_json(config.output / "figures.json", found)
            print(json.dumps({name: found[name]}, indent=1), flush=True)
    (config.output / "table.md").write_text("".join(_table(found)), encoding="utf-8")


def _scene(capture: Capture, thinner: int, folder: Path, config: Config) -> Scene:
    """Return the scene of a capture without every eighth photo; these are held out."""
    photos = sorted(capture.photos, key=lambda photo: photo.name)
    heldout = tuple(photos[::8])
    kept = [photo for at, photo in enumerate(photos) if at % 8][::thinner]
    if folder.is_dir():
        scene = load_scene(folder)
    else:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scene = lift(
            replace(capture, photos=tuple(kept)), folder, LiftConfig(budget_s=config.budget_s)
        )
    return replace(scene, heldout=heldout)


def _measured(
    name: str, scene: Scene, networks: dict[str, Refiner], config: Config
) -> dict[str, Any]:
    guide = PhotoGuide(scene)
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for photo in scene.heldout[: config.views]:
        small = reduced(photo, config.longest)
        target, seen = small.rgb.astype(np.float32) / 255, _counted(small)
        for kind, picture in _shown(small, guide, networks, config):
            rows.setdefault(kind, []).append(
                (
                    psnr_db(picture[seen], target[seen]),
                    float(ssim_map(picture, target)[seen].mean()),
                    spectrum_ratio(picture, target),
                )
            )
            if photo is scene.heldout[0]:
                _keep(picture, config.output / name / f"{kind}.png")
        if photo is scene.heldout[0]:
            _keep(target, config.output / name / "photo.png")
    means = {kind: np.mean(values, axis=0) for kind, values in rows.items()}
    figures = {
        kind: {
            "psnr_db": round(float(mean[0]), 3),
            "ssim": round(float(mean[1]), 4),
            "sharpness": round(float(mean[2]), 3),
        }
        for kind, mean in means.items()
    }
    if config.frames:
        for kind, steady in _film(scene, guide, networks, config).items():
            figures.setdefault(kind, {}).update(steady)
    return figures


def _shown(
    photo: PhotoPixels, guide: PhotoGuide, networks: dict[str, Refiner], config: Config
) -> Iterator[tuple[str, Colors]]:
    """Yield what is shown of a view in each way."""
    passes = list(_passing(photo.camera, guide))
    middle = passes[len(passes) // 2]
    yield "plain", np.clip(middle.field.rgb, 0, 1)
    yield "guided", np.clip(middle.shows.rgb, 0, 1)
    yield "unsharp", unsharp(np.clip(middle.shows.rgb, 0, 1))
    frames = [_pinhole(rendered(one, guide)) for one in passes]
    yield "median", _median(frames)
    yield "oracle", _oracle(frames[len(frames) // 2], photo.rgb.astype(np.float32) / 255)
    for name, network in networks.items():
        for steps in config.steps:
            found = list(FilmRefiner(network, guide.scene, guide, steps).shot(iter(frames)))
            kind = name if len(config.steps) == 1 else f"{name}, {steps} steps"
            yield kind, found[len(found) // 2].rgb


def _passing(camera: Camera, guide: PhotoGuide) -> Iterator[Pass]:
    """Yield the frames around a view, of a camera that travels sideways, as in a film."""
    scene = guide.scene
    places = np.array([photo.camera.position for photo in scene.photos])
    apart = np.linalg.norm(places[:, None] - places, axis=-1)
    step = _STEP * float(np.median(np.sort(apart)[:, 1]))
    for at in range(-STEADY_REACH, STEADY_REACH + 1):
        pose = camera.world_from_camera.copy()
        pose[:3, 3] += at * step * pose[:3, 0]
        there = replace(camera, world_from_camera=pose)
        view = view_of(scene.field, there)
        alone = FieldFrame(view.rgb, view.depth, view.opacity)
        yield Pass(at + STEADY_REACH, there, alone, guide(there, alone))


def _pinhole(frame: Rendered) -> Rendered:
    """Return a frame as if by a lens of a film: from frame to frame, distortion cancels out."""
    lens = frame.camera.lens
    plain = Lens(lens.width_px, lens.height_px, lens.fl_y, lens.fl_y, lens.cx, lens.cy)
    return replace(frame, camera=replace(frame.camera, lens=plain))


def _median(frames: list[Rendered]) -> Colors:
    """Return the temporal median of the middle frame."""
    cameras = [frame.camera for frame in frames]
    made = temporal_median(cameras, _clip((frame.rgb for frame in frames), frames))
    return made[len(made) // 2].rgb.astype(np.float32) / 255


def _oracle(frame: Rendered, target: Colors) -> Colors:
    """Return the best source of each pixel: what the copy head could reach at most."""
    sources = np.stack([frame.rgb, frame.field, *frame.warps.rgb])
    valid = np.concatenate([np.ones((2, *frame.size)), frame.warps.seen]) > 0
    error = np.where(valid, ((sources - target) ** 2).sum(-1), np.inf)
    return np.take_along_axis(sources, error.argmin(0)[None, ..., None], 0)[0]


def _film(
    scene: Scene, guide: PhotoGuide, networks: dict[str, Refiner], config: Config
) -> dict[str, dict[str, float]]:
    """Return how steady a film is, shown in each way, and what a refined frame of it takes."""
    path = made(scene, Route(), silent, Report("refiner_table"))
    first = len(path) // 3
    short = replace(
        path,
        world_from_camera=path.world_from_camera[first : first + config.frames],
        fov_y_deg=path.fov_y_deg[first : first + config.frames],
        cuts=(),
        lens_work=None,
    )
    passes: list[Pass] = []

    class Noted(FilmRefiner):
        def __call__(self, frames: Iterator[Pass]) -> Iterator[Refinement]:
            passes.extend(frames)
            return iter(())

    noted = Noted(next(iter(networks.values())), scene, guide)
    list(refine_path(scene, short, RenderConfig(*SIZE), noted, guide=guide))
    frames = [rendered(one, guide) for one in passes]
    cameras = [frame.camera for frame in frames]

    guided = _clip((frame.rgb for frame in frames), frames)
    films = {
        "plain": _clip((frame.field for frame in frames), frames),
        "guided": guided,
        "unsharp": _clip((unsharp(frame.rgb) for frame in frames), frames),
        "median": temporal_median(cameras, guided),
    }
    took: dict[str, dict[str, float]] = {}
    for name, one in networks.items():
        for steps in config.steps:
            kind = name if len(config.steps) == 1 else f"{name}, {steps} steps"
            began = time.perf_counter()
            refined = list(FilmRefiner(one, scene, guide, steps)(iter(passes)))
            took[kind] = {"frame_s": round((time.perf_counter() - began) / len(passes), 2)}
            films[kind] = _clip((made.rgb for made in refined), frames)
    return {
        kind: took.get(kind, {}) | {
            "reprojection": round(255 * clip_steadiness(cameras, shown)[0], 3),
            "jitter_px": round(float(np.nanmean(
                [jitter_px(*two) for two in pairwise(zip(cameras, shown, strict=True))])), 3),
        }
        for kind, shown in films.items()
    }  # fmt: skip


def _clip(pictures: Iterable[Colors], frames: list[Rendered]) -> list[Frame]:
    """Return the frames with other pictures."""
    return [
        Frame(at, _bytes(picture), frame.depth, frame.opacity)
        for at, (picture, frame) in enumerate(zip(pictures, frames, strict=True))
    ]


def _counted(photo: PhotoPixels) -> np.ndarray:
    """Return where a photo's pixels count."""
    if photo.mask is None:
        return np.ones(photo.rgb.shape[:2], bool)
    return photo.mask.astype(bool)


def _keep(picture: Colors, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(_bytes(picture)).save(file)


def _bytes(picture: Colors) -> np.ndarray:
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


_COLUMNS = {
    "psnr_db": "PSNR, dB",
    "ssim": "SSIM",
    "sharpness": "sharpness",
    "reprojection": "reprojection error, 0..255",
    "jitter_px": "jitter, px",
    "frame_s": f"s a frame of {SIZE[0]}x{SIZE[1]}",
}


def _table(found: dict[str, Any]) -> Iterator[str]:
    yield f"| scene | frames | {' | '.join(_COLUMNS.values())} |\n"
    yield f"|---|---|{'---:|' * len(_COLUMNS)}\n"
    for scene, kinds in found.items():
        for kind, row in kinds.items():
            cells = " | ".join(str(row.get(key, "")) for key in _COLUMNS)
            yield f"| {scene} | {kind} | {cells} |\n"


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    main(tyro.cli(Config, description=__doc__))
