"""Photos of a room hung with random wallpaper: SIFT finds its way there, and the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from numpy.typing import ArrayLike
from PIL import Image

from scenegen.ingest.snapshot import Snapshot

WIDTH, HEIGHT, FOCAL = 320, 240, 260.0
HALF = np.array([3.0, 3.0, 1.5])
"""The room spans -HALF..HALF; a box of a fifth of its size stands in the middle."""

_TEXELS = 512


def looking(position: ArrayLike, at: ArrayLike) -> Float[np.ndarray, "4 4"]:
    """Return the level ``world_from_camera`` of a camera that looks at a point."""
    forward = np.subtract(at, position).astype(float)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(right, forward), -forward], axis=1)
    pose[:3, 3] = position
    return pose


def photographs(folder: Path, poses: Sequence[np.ndarray], lens: str = "phone") -> list[Snapshot]:
    """Write a photo of the room for each pose and return the snapshots."""
    folder.mkdir(parents=True, exist_ok=True)
    shots = []
    for index, pose in enumerate(poses):
        file = folder / f"IMG {index:03}.png"
        Image.fromarray(photograph(pose)).save(file)
        shots.append(snapshot(file, lens))
    return shots


def snapshot(file: Path, lens: str = "phone", sharpness: float = 1.0) -> Snapshot:
    """Return a snapshot of a file that `photograph` made."""
    return Snapshot(file, file.name, WIDTH, HEIGHT, lens, sharpness, focal_px=FOCAL)


def photograph(pose: np.ndarray) -> UInt8[np.ndarray, "h w 3"]:
    """Return what a camera at ``pose`` sees of the room."""
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    local = np.stack([(x - WIDTH / 2) / FOCAL, (HEIGHT / 2 - y) / FOCAL, -np.ones_like(x)], -1)
    rays = local.reshape(-1, 3) @ pose[:3, :3].T
    origin, inverse = pose[:3, 3], 1 / np.where(np.abs(rays) < 1e-9, 1e-9, rays)
    walls = ((np.sign(rays) * HALF - origin) * inverse).min(1)
    sides = np.sort(np.stack([(-HALF / 5 - origin) * inverse, (HALF / 5 - origin) * inverse]), 0)
    near, far = sides[0].max(1), sides[1].min(1)
    depth = np.where((near < far) & (near > 0), near, walls)
    points = origin + depth[:, None] * rays
    return _wallpaper(points).reshape(HEIGHT, WIDTH, 3)


def _wallpaper(points: Float[np.ndarray, "n 3"]) -> UInt8[np.ndarray, "n 3"]:
    """Return the colour at points on axis-aligned faces, another paper for each face."""
    colors = np.zeros((len(points), 3), np.uint8)
    faces = [(axis, at) for axis in range(3) for at in (-1.0, -0.2, 0.2, 1.0)]
    for seed, (axis, at) in enumerate(faces):
        on = np.abs(points[:, axis] - at * HALF[axis]) < 1e-6
        across = np.delete(points[on], axis, axis=1)
        texel = np.floor((across + 3.0) / 6.0 * _TEXELS).astype(int) % _TEXELS
        colors[on] = _paper(seed)[texel[:, 1], texel[:, 0]]
    return colors


@cache
def _paper(seed: int) -> UInt8[np.ndarray, "t t 3"]:
    """Return random blotches of three sizes."""
    rng = np.random.default_rng(seed)
    total = np.zeros((_TEXELS, _TEXELS, 3))
    for cells, weight in ((24, 0.4), (60, 0.35), (150, 0.25)):
        noise = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        total += weight * np.asarray(noise.resize((_TEXELS, _TEXELS), Image.Resampling.BICUBIC))
    return np.clip(2 * total - 128, 0, 255).astype(np.uint8)
