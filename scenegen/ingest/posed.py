"""Captures that come with poses: found, read, and turned upright where their world is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from scenegen.errors import IngestError
from scenegen.files import input_errors
from scenegen.ingest.colmap_model import find_model, read_colmap
from scenegen.ingest.transforms import PosedPhotos, read_transforms
from scenegen.ingest.upright import nadir_up, upright_rotation
from scenegen.types import Camera

_EXACT = np.sin(np.deg2rad(0.2))
"""Tilt of an x axis up to which it was computed to be level, not held so."""
_FILES = ("transforms.json", "transforms_train.json")


def find_posed(source: Path) -> Path | None:
    """Return the file or COLMAP folder that holds the poses of ``source``, None without poses.

    Raises `IngestError` where ``source`` may not be looked at.
    """
    with input_errors(source, IngestError):
        if source.is_file():
            return source if source.suffix.lower() == ".json" else None
        for name in _FILES:
            if (source / name).is_file():
                return source / name
        return find_model(source)


def read_posed(source: Path) -> PosedPhotos:
    """Read the posed photos of a file or folder as they are; raises `IngestError`."""
    found = find_posed(source)
    if found is None:
        raise IngestError(
            f"{source}: expected a folder with transforms.json or a COLMAP model, found neither; "
            "run `scenegen ingest` on photos or a video first"
        )
    with input_errors(source, IngestError):
        return read_transforms(found) if found.is_file() else read_colmap(found)


def upright(posed: PosedPhotos) -> PosedPhotos:
    """Return ``posed`` as it is if its world has +Z up, else turned so that it has."""
    poses = np.array([photo.camera.world_from_camera for photo in posed.photos])
    if is_upright(poses):
        return posed
    turn = np.eye(4)
    turn[:3, :3] = upright_rotation(poses)
    photos = tuple(
        replace(photo, camera=Camera(photo.camera.lens, turn @ photo.camera.world_from_camera))
        for photo in posed.photos
    )
    points = (posed.points @ turn[:3, :3].T).astype(np.float32)
    return replace(posed, photos=photos, points=points)


def is_upright(poses: Float[np.ndarray, "camera 4 4"]) -> bool:
    """Whether cameras at ``poses`` may have been held in a world with +Z up.

    They may if they look straight down, or if their mean up vector is within 30 degrees of +Z, or
    within 60 degrees while their x axes are level: cameras that look down at something. Where all x
    axes are exactly level, the world was made so: a crane that rises before a view spreads as a
    drone does over the ground, and is none.
    """
    up = poses[:, :3, 1].mean(0)
    cosine = up[2] / max(float(np.linalg.norm(up)), 1e-9)
    tilt = np.abs(poses[:, 2, 0])
    if tilt.max() < _EXACT and cosine > np.cos(np.deg2rad(60.0)):
        return True
    down = nadir_up(poses)
    if down is not None:
        return bool(down[2] > np.cos(np.deg2rad(30.0)))
    level = np.median(tilt) < np.sin(np.deg2rad(10.0))
    return bool(cosine > np.cos(np.deg2rad(60.0 if level else 30.0)))
