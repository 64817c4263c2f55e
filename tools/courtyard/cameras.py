"""The walk: one photo after the other around the fountain, at eye height, hand held."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.random import Generator

WIDTH_PX, HEIGHT_PX = 960, 640
FOCAL_PX = 700.0
"""True focal length; the EXIF says 26 mm, that is 693 px: a phone rounds too."""
SUBJECT = (0.0, 0.0, 1.5)
"""What the walk looks at, in metres: the middle of the fountain."""
FIRST_DEG, LAST_DEG = -203.0, 27.0


@dataclass(frozen=True)
class Shot:
    """Where a photo is taken: camera to world, OpenGL axes, metres, +Z up."""

    name: str
    world_from_camera: Float[np.ndarray, "4 4"]

    @property
    def digest(self) -> str:
        """Names the pose and the lens."""
        lens = repr((WIDTH_PX, HEIGHT_PX, FOCAL_PX)).encode()
        return hashlib.blake2b(lens + self.world_from_camera.tobytes(), digest_size=8).hexdigest()


def look_at(
    position: Float[np.ndarray, "3"], target: Float[np.ndarray, "3"], roll_deg: float = 0.0
) -> Float[np.ndarray, "4 4"]:
    """OpenGL camera at ``position`` that looks at ``target``, rolled about its axis."""
    back = (position - target) / np.linalg.norm(position - target)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    c, s = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    pose = np.eye(4)
    pose[:3, 0] = c * right + s * up
    pose[:3, 1] = c * up - s * right
    pose[:3, 2] = back
    pose[:3, 3] = position
    return pose


def walk(count: int, rng: Generator) -> list[Shot]:
    """``count`` photos on an arc of 230 degrees whose radius swings between 4.4 and 5.7 m."""
    shots = []
    for k in range(count):
        t = k / max(count - 1, 1)
        azimuth = np.radians(FIRST_DEG + (LAST_DEG - FIRST_DEG) * t + rng.normal(0, 0.5))
        radius = 5.05 + 0.6 * np.cos(2 * np.pi * (2 * t + 0.05)) + rng.normal(0, 0.06)
        height = 1.62 + 0.1 * np.sin(2 * np.pi * 1.5 * t) + rng.normal(0, 0.03)
        position = np.array([radius * np.cos(azimuth), radius * np.sin(azimuth), height])
        sideways = 0.8 * np.sin(2 * np.pi * 1.7 * t + 0.4) + rng.normal(0, 0.08)
        tangent = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
        target = np.array(SUBJECT) + sideways * tangent + [0, 0, rng.normal(0.25, 0.1)]
        pose = look_at(position, target, float(rng.normal(0, 1.6)))
        shots.append(Shot(f"courtyard_{k + 1:02d}.jpg", pose))
    return shots


def cameras_json(shots: list[Shot]) -> dict[str, object]:
    """The true cameras in the form of a nerfstudio ``transforms.json``."""
    return {
        "camera_model": "PINHOLE",
        "w": WIDTH_PX, "h": HEIGHT_PX, "fl_x": FOCAL_PX, "fl_y": FOCAL_PX,
        "cx": WIDTH_PX / 2, "cy": HEIGHT_PX / 2,
        "frames": [
            {"file_path": f"images/{s.name}", "transform_matrix": s.world_from_camera.tolist()}
            for s in shots
        ],
    }  # fmt: skip
