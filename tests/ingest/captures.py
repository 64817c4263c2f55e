"""Captures to test with, and their comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scenegen.ingest.transforms import write_transforms
from scenegen.types import Camera, Capture, Lens, Photo
from tests.ingest.pictures import HEIGHT, WIDTH, save_some

LENS = Lens(WIDTH, HEIGHT, 101.1, 102.2, 60.3, 40.4, "OPENCV", k1=0.1, p2=-0.01)


def looking(yaw_deg: float, pitch_deg: float = 0.0) -> np.ndarray:
    """Return the pose of a level camera in a world with +Z up, at a place of its own."""
    yaw, pitch = np.deg2rad([yaw_deg, pitch_deg])
    forward = np.array([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)])
    right = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
    pose_ = np.eye(4)
    pose_[:3, :3] = np.stack([right, np.cross(right, forward), -forward], axis=1)
    pose_[:3, 3] = [yaw_deg / 10, pitch_deg, 1.5]
    return pose_


def posed_folder(folder: Path, count: int = 4, turn: np.ndarray | None = None) -> Path:
    """Write a posed capture of ``count`` photos whose world is turned by ``turn``."""
    save_some(folder / "images", count)
    turn = np.eye(4) if turn is None else turn
    photos = [
        Photo(folder / "images" / f"photo_{i}.jpg", Camera(LENS, turn @ looking(25 * i)))
        for i in range(count)
    ]
    write_transforms(folder / "transforms.json", photos, None)
    return folder


def same(one: Capture, other: Capture) -> bool:
    """Whether two captures agree in all but the place of their files."""
    return (
        [p.name for p in one.photos] == [p.name for p in other.photos]
        and [p.camera.lens for p in one.photos] == [p.camera.lens for p in other.photos]
        and all(
            np.array_equal(a.camera.world_from_camera, b.camera.world_from_camera)
            for a, b in zip(one.photos, other.photos, strict=True)
        )
        and np.array_equal(one.points, other.points)
        and np.array_equal(one.point_colors, other.point_colors)
        and (one.photos_total, one.metres_per_unit) == (other.photos_total, other.metres_per_unit)
    )
