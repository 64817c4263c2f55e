"""Captures and worlds in closed form: what photographers do, without a photo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scenegen.path.survey import Distances
from scenegen.types import Camera, Field, FieldShape, Lens, Photo, Scene

LANDSCAPE = Lens(960, 640, 800.0, 800.0, 480.0, 320.0)
PORTRAIT = Lens(1080, 1920, 1375.0, 1375.0, 540.0, 960.0)


def scene(cameras: Sequence[Camera]) -> Scene:
    """Return a scene of the cameras whose field is never asked."""
    field = Field(
        shape=FieldShape(),
        centre=np.zeros(3),
        radius=1.0,
        step=0.01,
        near=0.0,
        far=1e3,
        parameters={},
        occupancy=np.zeros((1, 1, 1), np.uint8),
        background=np.zeros(3, np.float32),
    )
    photos = tuple(Photo(Path(f"{index:04d}.jpg"), camera) for index, camera in enumerate(cameras))
    return Scene(field, photos, (), np.zeros((0, 3), np.float32), "rig")


def look(eye: Sequence[float], at: Sequence[float], lens: Lens = LANDSCAPE, up=(0, 0, 1)) -> Camera:
    """Return a camera at ``eye`` that looks at ``at``."""
    back = np.subtract(eye, at).astype(np.float64)
    back /= np.linalg.norm(back)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    pose[:3, 3] = eye
    return Camera(lens, pose)


def ring(count: int, degrees: float = 360.0, radius: float = 3.0, lens: Lens = LANDSCAPE) -> Scene:
    """Photos around an object at (0, 0, 1), at two heights in turn."""
    angles = np.deg2rad(degrees) * np.arange(count) / count
    return scene(
        [
            look((radius * np.cos(a), radius * np.sin(a), 1.4 + 0.5 * (i % 2)), (0, 0, 1), lens)
            for i, a in enumerate(angles)
        ]
    )


def walk(count: int, rng: np.random.Generator) -> Scene:
    """A shaky walk along +Y through a street, looking ahead."""
    eyes = np.stack([np.zeros(count), np.linspace(0, 20, count), np.full(count, 1.7)], axis=1)
    eyes = eyes + rng.normal(0, 0.08, eyes.shape)
    ahead = eyes + np.array([0.0, 10.0, 0.0]) + rng.normal(0, 0.5, eyes.shape)
    return scene([look(eye, at) for eye, at in zip(eyes, ahead, strict=True)])


def facade(count: int) -> Scene:
    """Photos on a line in front of a wall at y = 10."""
    return scene([look((x, 0, 1.7), (x, 10, 3)) for x in np.linspace(-4, 4, count)])


def drone(rows: int, columns: int, height: float = 40.0) -> Scene:
    """A lawnmower flight that looks straight down, the heading turned on every second row."""
    cameras = []
    for row in range(rows):
        heading = 1 if row % 2 == 0 else -1
        for column in range(columns)[::heading]:
            eye = (column * 10.0, row * 14.0, height)
            cameras.append(look(eye, (eye[0], eye[1], 0), up=(heading, 0, 0)))
    return scene(cameras)


def world(
    floor: float | None = 0.0,
    spheres: Sequence[tuple[Sequence[float], float]] = (),
    boxes: Sequence[tuple[Sequence[float], Sequence[float]]] = (),
) -> Distances:
    """Return exact distances in a world of a floor, solid spheres (centre, radius) and boxes."""

    def distances(origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        nearest = np.full(len(origins), np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            if floor is not None:
                t = (floor - origins[:, 2]) / directions[:, 2]
                nearest = np.where(t > 0, np.minimum(nearest, t), nearest)
            for centre, radius in spheres:
                arm = origins - np.asarray(centre)
                b = (arm * directions).sum(axis=1)
                c = (arm**2).sum(axis=1) - radius**2
                t = np.where(c < 0, 0.0, -b - np.sqrt(b**2 - c))
                nearest = np.where(t >= 0, np.minimum(nearest, t), nearest)
            for low, high in boxes:
                slabs = np.stack([(corner - origins) / directions for corner in (low, high)])
                enter = np.nanmax(slabs.min(axis=0), axis=1)
                leave = np.nanmin(slabs.max(axis=0), axis=1)
                t = np.where((enter <= leave) & (leave > 0), np.maximum(enter, 0.0), np.inf)
                nearest = np.minimum(nearest, t)
        return nearest

    return distances
