"""The way of a film through a world, planned by rays through its true geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenegen.path.direct import direct
from scenegen.path.location import Location, View
from scenegen.path.mend import mend_path
from scenegen.path.script.read import as_script
from scenegen.path.script.schema import SCHEMA
from scenegen.path.vantage import Vantage
from scenegen.types import Photo, Scene
from scenegen.worlds.photograph import exposed, scouts

if TYPE_CHECKING:
    from scenegen.path.config import PathConfig
    from scenegen.types import Camera, CameraPath
    from scenegen.worlds.trace import Tracer

_SHOTS = (
    {"move": "establish", "seconds": 2.5},
    {"move": "push-in", "until": 0.7, "seconds": 3.5, "ease": "in-out"},
)
"""What is filmed where the words name no move."""

_SHOT_S = 4.0
"""Length of a shot that states none, before all are fitted into the film's."""


@dataclass(frozen=True)
class Scouted:
    """``cameras`` about where a world is best looked at, and the ``exposure`` of all its photos."""

    cameras: tuple[Camera, ...]
    exposure: float


def scouted(tracer: Tracer, width_px: int, height_px: int) -> Scouted:
    """Look at a world by cameras of a size in pixels."""
    cameras = scouts(tracer.world.stand, tracer.reach, width_px, height_px)
    return Scouted(cameras, exposed(tracer, cameras[0]))


def way_through(tracer: Tracer, around: Sequence[Camera], config: PathConfig) -> CameraPath:
    """Return the way of the spec's shots through a world, bent out of what is in it.

    ``around`` are the cameras by which the shots find their lengths; the film begins at the first,
    where the world is best looked at, and goes around or towards the world's subject.

    Raises:
        PathError: the shots cannot be played.
    """
    shots = [{**shot, "seconds": float(shot.get("seconds", _SHOT_S))}
             for shot in tracer.world.spec.camera or _SHOTS]  # fmt: skip
    factor = config.seconds / sum(shot["seconds"] for shot in shots)
    shots = [{**shot, "seconds": shot["seconds"] * factor} for shot in shots]
    script = as_script({"schema": SCHEMA, "fps": config.fps, "shots": shots})
    stand, pose = tracer.world.stand, around[0].world_from_camera
    best = Vantage(View(pose[:3, 3], pose[:3, :3], stand.fov_y_deg), stand.subject)
    location = Location(_place(around), tracer.reach, best)
    made = direct(script, location, config.aspect)
    return mend_path(made.path, location).path


def _place(around: Sequence[Camera]) -> Scene:
    """Return scouts as a scene's photos: where a script is played needs no field."""
    photos = tuple(Photo(Path(f"scout_{index}.png"), camera) for index, camera in enumerate(around))
    points = np.zeros((0, 3), np.float32)
    return Scene(None, photos, (), points, "world", 1.0)  # pyright: ignore[reportArgumentType]
