"""A yard that can be traced exactly: level ground, a wall with a window in it, and a table.

The ground is z = 0; the wall stands at y = 4 and is 3 high, from x = -4 to 4, red where ``MARKER``
is; a table of 2 x 2 stands with its top at z = 1. Above is sky.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scenegen.kernels import Traced
from scenegen.looks.dress import Wardrobe
from scenegen.looks.look import Look
from scenegen.looks.place import Place, know
from scenegen.types import Camera, CameraPath, Field, FieldShape, Frame, Lens, Photo, Scene

GROUND, WALL, TABLE, SKY = 0.35, 0.5, 0.25, 0.7
"""Grey of each, sRGB-encoded."""
MARKER = np.array([0.8, 4.0, 1.4])
MARKER_HALF = 0.25
SIZE = (96, 54)
FPS = 24.0


def trace_yard(
    field: Field, origins: np.ndarray, directions: np.ndarray, _pixel_angle: float = 0.0
) -> Traced:
    """Meet the nearest thing that is not nearer than the field's near distance."""
    origins, directions = origins.astype(np.float64), directions.astype(np.float64)
    near = field.near * field.radius
    best = np.full(len(origins), np.inf)
    rgb = np.full((len(origins), 3), SKY)
    for axis, place, inside, grey in (
        (2, 0.0, lambda p: np.full(len(p), True), GROUND),
        (1, 4.0, lambda p: (np.abs(p[:, 0]) < 4) & (p[:, 2] > 0) & (p[:, 2] < 3), WALL),
        (2, 1.0, lambda p: (np.abs(p[:, 0] + 1) < 1) & (np.abs(p[:, 1] - 1) < 1), TABLE),
    ):
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (place - origins[:, axis]) / directions[:, axis]
            points = origins + t[:, None] * directions
        met = (t > near) & (t < best) & (t < 200) & inside(points)
        best[met], rgb[met] = t[met], grey
        if axis == 1:
            marked = met & (np.abs(points - MARKER)[:, [0, 2]] < MARKER_HALF).all(axis=1)
            rgb[marked] = [0.9, 0.05, 0.05]
    hit = np.isfinite(best)
    depth = np.where(hit, best, 0.0).astype(np.float32)
    return Traced(rgb.astype(np.float32), depth, hit.astype(np.float32))


def camera_at(
    eye: tuple[float, float, float], target: tuple[float, float, float],
    size: tuple[int, int] = SIZE,
) -> Camera:  # fmt: skip
    """Return a level camera that looks from a point to another."""
    forward = np.subtract(target, eye) / np.linalg.norm(np.subtract(target, eye))
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(right, forward), -forward], axis=1)
    pose[:3, 3] = eye
    width, height = size
    focal = 0.9 * width
    return Camera(Lens(width, height, focal, focal, width / 2, height / 2), pose)


def yard() -> Scene:
    """Return the yard with photos all around the table; its field is never looked at."""
    field = Field(
        FieldShape(), centre=np.array([0.0, 1.0, 1.0]), radius=5.0, step=0.01, near=0.01, far=100.0,
        parameters={}, occupancy=np.zeros((1, 1, 1), np.uint8),
        background=np.full(3, SKY, np.float32),
    )  # fmt: skip
    cameras = [
        camera_at((x, -4.0 + 0.3 * abs(x), 1.6), (0.3 * x, 2.0, 0.9), (160, 120))
        for x in np.linspace(-3, 3, 7)
    ]
    photos = tuple(Photo(Path(f"{k}.png"), camera) for k, camera in enumerate(cameras))
    return Scene(field, photos, (), np.zeros((0, 3), np.float32), "0123456789abcdef", 1.0)


def place() -> Place:
    """Return what looks know of the yard."""
    return know(yard(), trace_yard)


def frame_of(camera: Camera, index: int = 0) -> Frame:
    """Return what a camera sees of the yard."""
    from scenegen.render.field_pass import render_field
    from scenegen.render.frames import rounded

    return rounded(render_field(yard().field, camera, trace_yard), index)


def path_of(*cameras: Camera) -> CameraPath:
    """Return a path of cameras of one lens."""
    lens = cameras[0].lens
    fov = np.degrees(2 * np.arctan(lens.height_px / 2 / lens.fl_y))
    poses = np.stack([camera.world_from_camera for camera in cameras])
    count = len(cameras)
    return CameraPath(poses, np.full(count, fov), FPS, lens.width_px / lens.height_px)


def dressed(
    look: Look, camera: Camera, known: Place, second: float = 0.0, seed: int = 0
) -> np.ndarray:
    """Return what ``camera`` sees under a look, as float in 0..1."""
    wardrobe = Wardrobe(yard(), path_of(camera), look, seed, known)
    return wardrobe.dress(frame_of(camera), camera, second).rgb / 255.0
