"""Captures of any size for tools/growth.py: real photos, enlarged ones, and rendered ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.lift.measures import view_of
from scenegen.types import Camera, Capture, Photo, Scene

EVERY = 8
"""Every so many photos one is held out."""
ENLARGED_PX = 12_000_000
REDUCED = 4
"""Rendered photos are of this fraction of the real photos' width."""


@dataclass(frozen=True)
class Material:
    """Photos to train on and others to measure against; ``downscale`` makes the latter small."""

    training: Capture
    heldout: tuple[Photo, ...]
    downscale: int


def material(kind: str, source: Path, work: Path, count: int) -> Material:
    """Return ``count`` training photos of a ``kind``: real, enlarged or rendered.

    Real photos are taken evenly from those that are not held out. Enlarged ones are the same, each
    several times if need be: they say what time and memory it takes, and no more than before about
    the scene. Rendered ones are views of a field that trained on the real ones, which is as blurred
    as fields are, from places between theirs.
    """
    capture = load_capture(source)
    training = [p for i, p in enumerate(capture.photos) if i % EVERY]
    heldout = tuple(p for i, p in enumerate(capture.photos) if i % EVERY == 0)
    if kind == "rendered":
        scene = _scene(replace(capture, photos=tuple(training)), work / "rendered")
        shown = tuple(_rendered(scene, p.camera, work, f"held_{p.name}") for p in heldout)
        cameras = _between([p.camera for p in training], count)
        training = [_rendered(scene, c, work, f"{i:03}") for i, c in enumerate(cameras)]
        return Material(replace(capture, photos=tuple(training)), shown, 1)
    if kind == "enlarged":
        training = [_enlarged(photo, work / "enlarged") for photo in training]
    places = np.arange(count) % len(training)
    if count < len(training):
        places = np.linspace(0, len(training) - 1, count).round().astype(int)
    chosen = tuple(training[int(place)] for place in places)
    return Material(replace(capture, photos=chosen), heldout, REDUCED)


def _scene(capture: Capture, folder: Path) -> Scene:
    from scenegen.lift.scene_folder import load_scene

    scene = folder / "scene"
    if not scene.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        return lift(capture, scene, LiftConfig(budget_s=60, downscale=REDUCED))
    return load_scene(scene)


def _enlarged(photo: Photo, folder: Path) -> Photo:
    lens = photo.camera.lens
    by = float(np.sqrt(ENLARGED_PX / (lens.width_px * lens.height_px)))
    size = (round(by * lens.width_px), round(by * lens.height_px))
    file = folder / f"{photo.file.stem}.jpg"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with Image.open(photo.file) as image:
            large = image.convert("RGB").resize(size, Image.Resampling.BICUBIC)
        _save(large, file, quality=90)
    return Photo(file, replace(photo.camera, lens=lens.scaled(*size)))


def _rendered(scene: Scene, camera: Camera, work: Path, name: str) -> Photo:
    lens = camera.lens
    camera = replace(camera, lens=lens.scaled(lens.width_px // REDUCED, lens.height_px // REDUCED))
    file = work / "rendered" / f"{Path(name).stem}.png"
    if not file.is_file():
        rgb = view_of(scene.field, camera).rgb
        _save(Image.fromarray(np.rint(255 * rgb.clip(0, 1)).astype(np.uint8)), file)
    return Photo(file, camera)


def _save(image: Image.Image, file: Path, **settings: int) -> None:
    """Write a file that is whole or not there, since what is there is not made again."""
    unfinished = file.with_name(f".{file.name}")
    image.save(unfinished, format={".png": "PNG", ".jpg": "JPEG"}[file.suffix], **settings)
    unfinished.replace(file)


def _between(cameras: list[Camera], count: int) -> list[Camera]:
    """Return cameras on the ways from each camera to the next, shaken a little off them.

    The same for any ``count``, so that a file rendered for one serves another.
    """
    from scipy.spatial.transform import Rotation, Slerp

    poses = np.array([camera.world_from_camera for camera in cameras])
    reach = float(np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1).mean())
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        at = int(rng.integers(len(cameras) - 1))
        share = float(rng.random())
        turns = Slerp([0.0, 1.0], Rotation.from_matrix(poses[at : at + 2, :3, :3]))
        pose = np.eye(4)
        pose[:3, :3] = turns(share).as_matrix()
        pose[:3, 3] = (1 - share) * poses[at, :3, 3] + share * poses[at + 1, :3, 3]
        pose[:3, 3] += 0.1 * reach * rng.normal(size=3)
        made.append(Camera(cameras[at].lens, pose))
    return made
