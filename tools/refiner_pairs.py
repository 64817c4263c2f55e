"""Make clips that the refiner learns from: thin fields of a capture, and photos that they lack.

    python tools/refiner_pairs.py CAPTURE... --output out/pairs

Of every capture some photos are kept, and a field is trained on these for a while: thinner and
shorter than a user's, at random. Then, beside photos that were left out, a few frames of a shot are
rendered with the help of the photos that were kept, at the photos' size or below, and a window of
them is a clip: the middle frame's target is the photo itself. With --teacher, a scene trained on
all photos stands in for what the other frames should have been; without, they have no target. Clips
that are there already are kept, so a stopped run goes on.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import tyro
from jaxtyping import Float, Float32
from PIL import Image
from register import registered
from scipy.ndimage import gaussian_filter
from tyro.conf import Positional

from scenegen.film_refiner import rendered
from scenegen.ingest.capture import load_capture
from scenegen.kernels.rays import distort
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.refine.batches import BatchConfig
from scenegen.refine.condition import Rendered
from scenegen.refine.network import COARSEST
from scenegen.refine.pairs import Pair, write_pair
from scenegen.render.field_pass import render_field
from scenegen.render.frames import Pass
from scenegen.render.guided import PhotoGuide
from scenegen.types import Camera, Capture, Lens, Photo, Scene

log = logging.getLogger("scenegen")

KEEPS = (0.5, 0.25, 0.75, 0.12)
"""Shares of the photos that fields are trained on, in turn."""
STEPS = (12000, 4000, 24000, 1200)
"""How long, in turn: three of them are a few seconds to a minute of a user's training."""
SCALES = (1.0, 1.0, 2.0, 3.0)
"""How much smaller than the photos frames are, clip by clip at random."""
LEAST_ALIKE, LEAST_CONTRAST = 0.75, 0.015
"""Correlation of blurred brightness with the photo from which a render is taken to show the same,
and standard deviation of a photo's from which it shows anything."""
LEAST = 320
"""Longer side in pixels below which a whole frame is not reduced."""


@dataclass(frozen=True)
class Config:
    """What to make of which captures."""

    captures: Positional[tuple[Path, ...]]
    """Folders of posed captures; `fox`, `sceaux` and `copr` never train."""

    output: Path = Path("out/pairs")
    """Folder of the clips: NAME_FIELD_PHOTO_WINDOW.safetensors."""

    fields: int = 4
    """Fields to train of each capture."""

    clips: int = 10
    """Photos of those that were left out, of each field."""

    frames: int = 5
    """Frames of a clip; the middle one is where the photo was taken."""

    windows: int = 1
    """Clips beside each of these photos: other windows, sizes and moves, in little time."""

    window: int = 256
    """Side of the square window of its frames that a clip shows, in pixels; a multiple of 16."""

    teacher: bool = True
    """Train a field on all photos as well, for the targets of the other frames."""

    teacher_steps: int = 30000
    """How long."""

    seed: int = 0
    """Of which photos are kept, and of how the camera moves."""


def main(config: Config) -> None:
    """Make the clips of all captures."""
    config.output.mkdir(parents=True, exist_ok=True)
    for folder in config.captures:
        capture = load_capture(folder)
        with tempfile.TemporaryDirectory() as work:
            teacher = None
            for number in range(config.fields):
                if _finished(folder.name, number, config):
                    print(f"{folder.name}, field {number}: done already; take another --output "
                          "for other clips", flush=True)  # fmt: skip
                    continue
                if teacher is None and config.teacher:
                    whole = LiftConfig(steps=config.teacher_steps)
                    teacher = lift(capture, Path(work) / "teacher", whole)
                _field(capture, folder.name, number, teacher, Path(work), config)


def _finished(name: str, number: int, config: Config) -> bool:
    return (config.output / f"{name}_{number}.done").is_file()


def _field(
    capture: Capture,
    name: str,
    number: int,
    teacher: Scene | None,
    work: Path,
    config: Config,
) -> None:
    """Train one thin field and make its clips."""
    rng = np.random.default_rng([config.seed, number, *name.encode()])
    count = len(capture.photos)
    kept = np.sort(rng.permutation(count)[: max(4, round(KEEPS[number % 4] * count))])
    left = np.setdiff1d(np.arange(count), kept)
    chosen = tuple(capture.photos[index] for index in kept.tolist())
    steps = STEPS[(number + number // 4) % 4]
    lifted = LiftConfig(steps=steps, overwrite=True, seed=number)
    scene = lift(replace(capture, photos=chosen), work / f"thin{number}", lifted)
    guide = PhotoGuide(scene)
    full = PhotoGuide(teacher) if teacher is not None else None
    photos = [capture.photos[index] for index in rng.permutation(left)[: config.clips].tolist()]
    for photo, window in product(photos, range(config.windows)):
        file = config.output / f"{name}_{number}_{Path(photo.name).stem}_{window}.safetensors"
        if file.is_file():
            continue
        made = _clip(photo, guide, full, rng, config)
        if made is None:
            print(f"{photo.name}: left out, the render shows something else there", flush=True)
        else:
            write_pair(made, file)
            print(f"{file}: {len(kept)} of {count} photos, {steps} steps", flush=True)
    (config.output / f"{name}_{number}.done").touch()


def _clip(
    photo: Photo,
    guide: PhotoGuide,
    teacher: PhotoGuide | None,
    rng: np.random.Generator,
    config: Config,
) -> Pair | None:
    """Return frames around a photo that was left out, and what they should have been.

    None where the photo shows hardly anything, or nothing like the render: where its pose is wrong,
    or the field has nothing there, all that could be learned is to invent.
    """
    lens = window_lens(photo.camera.lens, float(rng.choice(SCALES)), config.window, rng)
    target, mask = undistorted(photo, lens)
    middle = config.frames // 2
    poses = swayed(photo.camera.world_from_camera, config.frames, guide.scene, rng)
    cameras = [Camera(lens, pose) for pose in poses]
    shown = seen_by(guide, cameras[middle])
    if not alike(shown.rgb, target, mask):
        return None
    frames = tuple(
        shown if at == middle else seen_by(guide, camera) for at, camera in enumerate(cameras)
    )
    targets = np.zeros((config.frames, lens.height_px, lens.width_px, 3), np.float32)
    trusted = np.zeros(targets.shape[:3], np.float32)
    for at, camera in enumerate(cameras):
        if at != middle and teacher is not None:
            full = seen_by(teacher, camera)
            trusted[at] = full.opacity > 0.5
            targets[at] = matched(full.rgb, frames[at].rgb, trusted[at])
    target, mask, _ = registered(target, frames[middle].rgb, mask)
    targets[middle] = matched(target, frames[middle].rgb, mask)
    trusted[middle] = mask
    return Pair(frames, targets, trusted)


def alike(
    shown: Float32[np.ndarray, "h w 3"],
    target: Float32[np.ndarray, "h w 3"],
    mask: Float32[np.ndarray, "h w"],
) -> bool:
    """Say whether a render shows, roughly, what a photo does."""
    known = mask > 0
    if known.mean() < 0.25:
        return False
    one, other = (gaussian_filter(image.mean(-1), 3.0)[known] for image in (shown, target))
    if other.std() < LEAST_CONTRAST or one.std() == 0:
        return False
    return float(np.corrcoef(one, other)[0, 1]) >= LEAST_ALIKE


def seen_by(guide: PhotoGuide, camera: Camera) -> Rendered:
    """Return what a camera sees of a scene, with all that the refiner is given of it."""
    alone = render_field(guide.scene.field, camera)
    return rendered(Pass(0, camera, alone, guide(camera, alone)), guide)


def window_lens(lens: Lens, scale: float, window: int, rng: np.random.Generator) -> Lens:
    """Return a lens without distortion that sees a window of what ``lens`` does, ``scale`` smaller.

    The window lies anywhere, and its sides fit the network; they hold what a batch cuts out, as
    long as the photo does.
    """
    whole = lens.width_px, lens.height_px
    scale = max(1.0, min(scale, max(whole) / LEAST, min(whole) / BatchConfig.crop))
    sides = [max(COARSEST, int(side / scale)) for side in whole]
    width, height = (min(window, side // COARSEST * COARSEST) for side in sides)
    left, top = (
        int(rng.integers(side - own + 1)) for side, own in zip(sides, (width, height), strict=True)
    )
    fl = float(np.sqrt(lens.fl_x * lens.fl_y)) / scale
    return Lens(width, height, fl, fl, sides[0] / 2 - left, sides[1] / 2 - top)


def undistorted(
    photo: Photo, lens: Lens
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w"]]:
    """Return a photo as a lens without distortion sees it, and 1 where it is known."""
    from scipy.ndimage import map_coordinates

    own = photo.camera.lens
    reduce = max(1, round(own.fl_x / lens.fl_x))
    with Image.open(photo.file) as image:
        small = np.asarray(image.convert("RGB").reduce(reduce), np.float32) / 255
    x, y = np.meshgrid(
        (np.arange(lens.width_px) + 0.5 - lens.cx) / lens.fl_x,
        (np.arange(lens.height_px) + 0.5 - lens.cy) / lens.fl_y,
    )
    u, v = distort(own, x, y)
    u = (own.fl_x * u + own.cx) / reduce - 0.5
    v = (own.fl_y * v + own.cy) / reduce - 0.5
    color = np.stack(
        [map_coordinates(small[..., c], [v, u], order=3, mode="nearest") for c in range(3)], axis=-1
    )
    color = np.clip(color, 0, 1).astype(np.float32)
    known = (u >= 0) & (v >= 0) & (u <= small.shape[1] - 1) & (v <= small.shape[0] - 1)
    if photo.mask is not None:
        with Image.open(photo.mask) as image:
            mask = np.asarray(image.convert("L").reduce(reduce), np.float32) / 255
        known &= map_coordinates(mask, [v, u], order=1, mode="nearest") > 0.99
    return color, known.astype(np.float32)


def matched(
    target: Float32[np.ndarray, "h w 3"],
    shown: Float32[np.ndarray, "h w 3"],
    mask: Float32[np.ndarray, "h w"],
) -> Float32[np.ndarray, "h w 3"]:
    """Return a clean frame as bright, channel by channel, as what is shown.

    Its exposure is unknown, and is none of the refiner's business. Means are compared: least
    squares would darken it for every detail that the render lacks.
    """
    known = mask > 0
    bright = shown[known].sum(axis=0, dtype=np.float64)
    gain = bright / np.maximum(target[known].sum(axis=0, dtype=np.float64), 1e-9)
    gain = np.where(bright > 0, np.clip(gain, 0.5, 2.0), 1.0).astype(np.float32)
    return np.clip(target * gain, 0, 1)


def swayed(
    pose: Float[np.ndarray, "4 4"], count: int, scene: Scene, rng: np.random.Generator
) -> list[Float[np.ndarray, "4 4"]]:
    """Return poses of a steady move through ``pose`` in the middle, some pixels a frame."""
    from scipy.spatial.transform import Rotation

    size = float(np.median(np.linalg.norm(scene_positions(scene) - pose[:3, 3], axis=1)))
    slow = np.exp(0.7 * rng.normal() - 0.7)
    step = 0.01 * slow * size * rng.normal(size=3)
    turn = 0.006 * slow * rng.normal(size=3)
    poses = []
    for frame in range(count):
        share = frame - count // 2
        moved = pose.copy()
        moved[:3, 3] += share * step
        moved[:3, :3] = pose[:3, :3] @ Rotation.from_rotvec(share * turn).as_matrix()
        poses.append(moved)
    return poses


def scene_positions(scene: Scene) -> Float[np.ndarray, "photo 3"]:
    """Return where the photos of a scene were taken."""
    return np.array([camera.position for camera in scene.cameras])


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    main(tyro.cli(Config, description=__doc__))
