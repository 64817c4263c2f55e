"""How a scene stands in its world and what of it is shown: beside the scene, in a file of its own.

    {"schema": "scenegen.placement/1",
     "rotation": [1, 0, 0, 0],
     "crop": {"centre": [0, 0, 1], "size": [2, 2, 2], "turn_deg": 0, "background": [1, 1, 1]}}

The words are those of `scenegen.types.Placement` and `Crop`; all but the box's centre and size may
be left out. In place of the rotation ``"up": [x, y, z]`` may say which way is up in the frame that
the scene was trained in. A scene without the file stands as it was trained, and is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Float

from scenegen import files
from scenegen.errors import LiftError
from scenegen.types import Camera, Crop, Photo, Placement, Scene

SCHEMA = "scenegen.placement/1"
PLACEMENT_FILE = "placement.json"

AS_TRAINED = Placement()


def placed(scene: Scene, placement: Placement) -> Scene:
    """Return ``scene``, however it is placed now, placed anew: a view on the same trained arrays.

    Cameras, sparse points and the field's frame are turned, so that every camera shows what it
    showed before it was turned along.
    """
    trained = scene.as_trained
    if placement == AS_TRAINED:
        return trained
    turn = None if placement.rotation == AS_TRAINED.rotation else placement.turn
    made = replace(
        trained,
        field=replace(trained.field, turn=turn, crop=placement.crop),
        fingerprint=files.fingerprint(trained.fingerprint, asdict(placement)),
        placement=placement,
        unplaced=trained,
    )
    if turn is None:
        return made
    return replace(
        made,
        photos=_turned(trained.photos, turn),
        heldout=_turned(trained.heldout, turn),
        points=(trained.points @ turn.T).astype(np.float32),
    )


def read_placement(folder: Path) -> Placement:
    """Return the placement of the scene in ``folder``; raise `LiftError` where its file is none."""
    file = folder / PLACEMENT_FILE
    if not file.is_file():
        return AS_TRAINED
    found = files.read_json(file, LiftError)
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise LiftError(
            f"{file}: expected a placement with 'schema: {SCHEMA}', found other JSON; "
            "correct it, or remove the file to see the scene as it was trained"
        )
    _only(file, found, ("schema", "rotation", "up", "crop"))
    crop = None if found.get("crop") is None else _crop(file, found["crop"])
    return Placement(_rotation(file, found), crop)


def write_placement(folder: Path, placement: Placement) -> None:
    """Keep ``placement`` with the scene in ``folder``; raises `OutputError` where it cannot."""
    file = folder / PLACEMENT_FILE
    if placement == AS_TRAINED:
        with files.output_errors(file):
            file.unlink(missing_ok=True)
        return
    files.write_json(file, {"schema": SCHEMA, **asdict(placement)})


def _turned(photos: Sequence[Photo], turn: np.ndarray) -> tuple[Photo, ...]:
    motion = np.eye(4)
    motion[:3, :3] = turn
    cameras = [
        Camera(photo.camera.lens, motion @ photo.camera.world_from_camera) for photo in photos
    ]
    return tuple(
        replace(photo, camera=camera) for photo, camera in zip(photos, cameras, strict=True)
    )


def _rotation(file: Path, found: dict[str, Any]) -> tuple[float, float, float, float]:
    if "up" in found and "rotation" in found:
        raise _wrong(file, "up", "up or rotation, one of the two", found["up"])
    if "up" in found:
        up = np.array(_numbers(file, "up", found["up"]))
        if not np.linalg.norm(up) > 1e-9:
            raise _wrong(file, "up", "a direction, such as [0, 0, 1]", found["up"])
        return rotation_to_up(up)
    given = found.get("rotation", AS_TRAINED.rotation)
    values = np.array(_numbers(file, "rotation", given, 4))
    length = float(np.linalg.norm(values))
    if not 0.99 < length < 1.01:
        raise _wrong(file, "rotation", "a unit quaternion wxyz, such as [1, 0, 0, 0]", given)
    return cast(Any, tuple((values if abs(length - 1) < 1e-12 else values / length).tolist()))


def rotation_to_up(up: Float[np.ndarray, "3"]) -> tuple[float, float, float, float]:
    """Return the smallest rotation, a unit quaternion, that takes ``up`` of any length to +Z."""
    x, y, z = up / np.linalg.norm(up)
    quaternion = np.array([1.0 + z, y, -x, 0.0])  # up x Z, and the sum of 1 and their product
    if z < -1 + 1e-12:  # by half a turn all are as small: the one about X
        quaternion = np.array([0.0, 1.0, 0.0, 0.0])
    return cast(Any, tuple((quaternion / np.linalg.norm(quaternion)).tolist()))


def _crop(file: Path, found: Any) -> Crop:
    if not isinstance(found, dict):
        raise _wrong(file, "crop", "a box with 'centre' and 'size'", found)
    _only(file, found, ("centre", "size", "turn_deg", "background"))
    size = _numbers(file, "size", found.get("size"))
    if min(size) <= 0:
        raise _wrong(file, "size", "three lengths above 0", found["size"])
    turn = found.get("turn_deg", 0.0)
    if type(turn) not in (int, float) or not abs(turn) < 1e6:
        raise _wrong(file, "turn_deg", "a number of degrees", turn)
    background = found.get("background")
    if background is not None:
        background = _numbers(file, "background", background)
        if min(background) < 0 or max(background) > 1:
            raise _wrong(file, "background", "red, green and blue from 0 to 1", found["background"])
    return Crop(_numbers(file, "centre", found.get("centre")), size, float(turn), background)


def _numbers(file: Path, name: str, found: Any, count: int = 3) -> Any:
    good = isinstance(found, list | tuple) and len(found) == count
    if not good or not all(type(one) in (int, float) and abs(one) < 1e9 for one in found):
        raise _wrong(file, name, f"{count} numbers", found)
    return tuple(float(value) for value in found)


def _only(file: Path, found: dict[str, Any], known: tuple[str, ...]) -> None:
    other = sorted(set(found) - set(known))
    if other:
        raise LiftError(
            f"{file}: expected {', '.join(known)}, found {other[0]!r}; correct or remove it"
        )


def _wrong(file: Path, name: str, expected: str, found: object) -> LiftError:
    return LiftError(f"{file}: {name}: expected {expected}, found {found!r}; correct it")
