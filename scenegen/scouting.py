"""The way of a film through a world, planned by rays through its true geometry."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scenegen.path.direct import direct
from scenegen.path.location import Location, View
from scenegen.path.mend import mend_path
from scenegen.path.script.read import as_script
from scenegen.path.script.schema import SCHEMA
from scenegen.path.vantage import Vantage
from scenegen.types import Photo, Scene
from scenegen.worlds.photograph import exposed, scouts
from scenegen.worlds.reading.camera import AROUND

if TYPE_CHECKING:
    from scenegen.path.config import PathConfig
    from scenegen.types import Camera, CameraPath
    from scenegen.worlds.trace import Tracer
    from scenegen.worlds.world import Stand

log = logging.getLogger(__name__)

_SHOTS = (
    {"move": "establish", "seconds": 2.5},
    {"move": "push-in", "until": 0.7, "seconds": 3.5, "ease": "in-out"},
)
"""What is filmed where the words name no move."""

_SHOT_S = 4.0
"""Length of a shot that states none, before all are fitted into the film's."""

_FAR = 4.0
"""How far away, in rooms of the stand, a subject may be to be gone around as far as is stated.

Around a lighthouse on an island 30 degrees are hundreds of metres: off the beach, through the dune.
Around what is farther, a move stays within the room that there is."""

_EYE_M = 1.0
"""Least height of a camera above ground and water, in metres, unless the stand's own is less."""

_SOFT_S = 0.7
"""Seconds over which a way begins to rise before the ground does."""


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
    where the world is best looked at, and goes around or towards the world's subject. It stays
    above ground and water.

    Raises:
        PathError: the shots cannot be played.
    """
    stand, pose = tracer.world.stand, around[0].world_from_camera
    shots = [{**shot, "seconds": float(shot.get("seconds", _SHOT_S))}
             for shot in tracer.world.spec.camera or _SHOTS]  # fmt: skip
    factor = config.seconds / sum(shot["seconds"] for shot in shots)
    shots = [within_reach({**shot, "seconds": shot["seconds"] * factor}, stand) for shot in shots]
    script = as_script({"schema": SCHEMA, "fps": config.fps, "shots": shots})
    best = Vantage(View(pose[:3, 3], pose[:3, :3], stand.fov_y_deg), stand.subject)
    location = Location(_place(around), tracer.reach, best)
    made = direct(script, location, config.aspect)
    # What rays meet from behind they tell nothing of, so the way is bent above the ground alone.
    mended = mend_path(lifted(made.path, tracer), location).path
    return lifted(mended, tracer)


def within_reach(shot: dict[str, Any], stand: Stand) -> dict[str, Any]:
    """Return a shot of a script, with fewer degrees where it goes around what is far away.

    An arc goes around the subject, and no farther than there is room: in the middle of the picture
    there may be a mountain behind it.
    """
    name = str(shot["move"])
    usual = AROUND.get(name)
    arm = float(np.linalg.norm(stand.subject - stand.eye))
    gentle = name == "arc"
    if gentle:
        shot = {"degrees": usual, **shot, "move": "orbit", "around": "subject"}
    far = gentle or arm > _FAR * stand.room
    if usual is None or not far or shot.get("around", "subject") != "subject":
        return shot
    degrees = shot.get("degrees", usual)
    most = float(np.degrees(stand.room / arm))
    fewer = round(float(np.clip(degrees, -most, most)), 2)
    if abs(fewer) >= abs(degrees) - 0.01:
        return shot
    log.info(
        "decided: the %s goes %g degrees instead of %g, for the subject is %.0f m away",
        name, fewer, degrees, arm,
    )  # fmt: skip
    return {**shot, "degrees": fewer}


def lifted(path: CameraPath, tracer: Tracer) -> CameraPath:
    """Return a path that is raised, softly, where it is too near to the ground or below it.

    What lay in the middle of the picture stays there, as far away as the world's subject.
    """
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d
    from scipy.spatial.transform import Rotation

    poses = path.world_from_camera.astype(np.float64)
    stand = tracer.world.stand
    under = tracer.surface(np.concatenate([poses[:, :2, 3], stand.eye[None, :2]]))
    clear = min(_EYE_M, float(stand.eye[2] - under[-1]))
    lacking = np.maximum(0.0, under[:-1] + clear - poses[:, 2, 3])
    if not lacking.any():
        return path
    half = max(1, round(_SOFT_S * path.fps))
    # The widest rise near each frame, softened over no more than that: nowhere less than lacks.
    widest = maximum_filter1d(lacking, 2 * half + 1, mode="nearest")
    rise = gaussian_filter1d(widest, half / 3, mode="nearest", radius=half)
    forward, right = -poses[:, :3, 2], poses[:, :3, 0]
    arm = np.linalg.norm(stand.subject - poses[:, :3, 3], axis=1)
    level = np.linalg.norm(forward[:, :2], axis=1) * arm
    tilt = np.arctan2(forward[:, 2] * arm - rise, level) - np.arctan2(forward[:, 2] * arm, level)
    poses[:, :3, :3] = Rotation.from_rotvec(tilt[:, None] * right).as_matrix() @ poses[:, :3, :3]
    poses[:, 2, 3] += rise
    return replace(path, world_from_camera=poses)


def _place(around: Sequence[Camera]) -> Scene:
    """Return scouts as a scene's photos: where a script is played needs no field."""
    photos = tuple(Photo(Path(f"scout_{index}.png"), camera) for index, camera in enumerate(around))
    points = np.zeros((0, 3), np.float32)
    return Scene(None, photos, (), points, "world", 1.0)  # pyright: ignore[reportArgumentType]
