"""How far the photos may stand in for the field, by what they make of photos that are left out.

Where the field's surfaces or the cameras are wrong, warped photos are sharp in the wrong places,
and by squared error that is worse than a blurred render. Some of the photos that trained are
therefore rendered with the help of the others, themselves left out (leave-one-out), and the mix is
scaled by what comes nearest to them. Photos that were held out of training play no part.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from scenegen import files
from scenegen.errors import SceneGenError
from scenegen.kernels.guiding import GuidePhoto, GuideSettings, GuideView, guide
from scenegen.render.photo_depths import field_view, gain_of
from scenegen.render.sources import Pyramids
from scenegen.types import Camera, Scene

log = logging.getLogger("scenegen")

ASKED = 6
"""Photos that are left out, one at a time."""
LONGEST_PX = 256
BEYOND_BEST = 1.5
"""The strength over that of least squared error. Gain is a parabola with nothing at 0 and 2: here
three quarters of it are left, and half as much more of the photos' sharpness."""
LEAST = 0.4
"""The field was trained on the photos that are left out, and fits them better than a new view: what
is found is too low, far too low where photos are few and training long. Here photos did no harm to
any capture that was measured."""
FORMAT_VERSION = 1
_FILE = "strength.json"

Sources = Callable[[GuideView], list[GuidePhoto]]


@dataclass(frozen=True)
class Trial:
    """Sums over one left-out photo: of the squared change by guiding, and of it times the error."""

    change: float
    towards: float


def guide_strength(
    scene: Scene,
    sources: Sources,
    settings: GuideSettings,
    pyramids: Pyramids,
    kept: tuple[Path, str] | None = None,
) -> float:
    """Return by how much, from `LEAST` to 1, to scale the photos' share in the mix with the field.

    ``sources`` gives the photos that guide a view. ``kept`` is a folder where the answer is kept,
    with the key of what it was made from. Raises `RenderError` for a photo that cannot be read.
    """
    found = _load(*kept) if kept else None
    if found is not None:
        return found
    count = len(scene.photos)
    asked = sorted(
        {round(place) for place in np.linspace(0, count - 1, min(ASKED, count)).tolist()}
    )
    trials = []
    for index in asked:
        view, target, counts = left_out(scene, index, pyramids)
        others = [photo for photo in sources(view) if photo.index != index]
        trials.append(trial(view, target, counts, guide(view, others, settings).rgb))
    strength = best_strength(trials)
    log.info("photos count %.2f of their share, by %d of them left out", strength, len(trials))
    if kept:
        _save(*kept, strength)
    return strength


def left_out(
    scene: Scene, index: int, pyramids: Pyramids
) -> tuple[GuideView, Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w 1"]]:
    """Return what the field shows in a photo's place, the small photo, and 1 where it is unmasked.

    The photo has the field's exposure.
    """
    camera = scene.photos[index].camera
    longest = max(camera.lens.width_px, camera.lens.height_px)
    level = max(0, int(np.ceil(np.log2(longest / LONGEST_PX))))
    small = _reduced(camera, level)
    height, width = small.lens.height_px, small.lens.width_px
    rgba = pyramids.of(index, level)[0][:height, :width].astype(np.float32) / 255
    target = rgba[..., :3] * np.array(gain_of(scene, index), np.float32)
    return field_view(scene.field, small), target, (rgba[..., 3:] > 0.99).astype(np.float32)


def trial(
    view: GuideView,
    target: Float32[np.ndarray, "h w 3"],
    counts: Float32[np.ndarray, "h w 1"],
    guided: Float32[np.ndarray, "h w 3"],
) -> Trial:
    """Compare what guiding changes in a view with what there is to change."""
    change = (guided - view.rgb) * counts
    sums = [np.sum(change * other, dtype=np.float64) for other in (change, target - view.rgb)]
    return Trial(*(float(s) / max(float(counts.sum()), 1.0) for s in sums))


def best_strength(trials: list[Trial]) -> float:
    """Return `BEYOND_BEST` times the scale of least squared error over all trials, in bounds."""
    change = sum(one.change for one in trials)
    if change <= 1e-12:
        return 1.0  # photos change nothing, or there is none
    best = sum(one.towards for one in trials) / change
    return round(min(max(BEYOND_BEST * best, LEAST), 1.0), 3)


def fitting() -> list[float]:
    """Return the figures that the strength depends on beside the scene, for fingerprints."""
    return [FORMAT_VERSION, ASKED, LONGEST_PX, BEYOND_BEST, LEAST]


def scaled(settings: GuideSettings, strength: float) -> GuideSettings:
    """Return ``settings`` with the photos' share in the mix scaled."""
    return replace(settings, least=settings.least * strength, most=settings.most * strength)


def _reduced(camera: Camera, level: int) -> Camera:
    """Return the camera of a level of a pyramid, without pixels that are cut off at its edge."""
    lens, factor = camera.lens, 0.5**level
    small = replace(
        lens,
        width_px=max(1, lens.width_px >> level),
        height_px=max(1, lens.height_px >> level),
        fl_x=lens.fl_x * factor,
        fl_y=lens.fl_y * factor,
        cx=lens.cx * factor,
        cy=lens.cy * factor,
    )
    return Camera(small, camera.world_from_camera)


def _load(folder: Path, key: str) -> float | None:
    try:
        facts = files.read_json(folder / _FILE, SceneGenError)
    except SceneGenError:
        return None  # none yet, or cut short: it is made again
    if not isinstance(facts, dict) or facts.get("made_from") != key:
        return None
    found = facts.get("strength")
    return float(found) if isinstance(found, int | float) and LEAST <= found <= 1 else None


def _save(folder: Path, key: str, strength: float) -> None:
    try:
        files.write_json(folder / _FILE, {"made_from": key, "strength": strength})
    except (OSError, SceneGenError) as cause:  # a scene on a read-only disk
        log.info("%s: how much photos count is not kept (%s)", folder, cause)
