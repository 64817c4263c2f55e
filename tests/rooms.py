"""A small room, photographed: a posed capture that trains in seconds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

HALF = np.array([3.0, 2.0, 1.5])
"""The room spans -HALF..HALF."""


def room_photos(folder: Path, count: int = 12, width: int = 96, height: int = 72) -> Path:
    """Write ``count`` photos of the room, with their true poses, and return their folder."""
    folder.mkdir(parents=True)
    focal = 0.8 * width
    frames = []
    for index, angle in enumerate(np.linspace(-0.6, 0.6, count)):
        pose = _facing(position=[2 * np.sin(angle), -1.2, 0.2 * np.cos(5 * angle)], yaw=0.3 * angle)
        name = f"{index:02}.png"
        Image.fromarray(_photo(pose, focal, width, height)).save(folder / name)
        frames.append({"file_path": name, "transform_matrix": pose.tolist()})
    lens = {"fl_x": focal, "fl_y": focal, "cx": width / 2, "cy": height / 2, "w": width}
    content = {**lens, "h": height, "camera_model": "PINHOLE", "frames": frames}
    (folder / "transforms.json").write_text(json.dumps(content))
    return folder


def _facing(position: list[float], yaw: float) -> np.ndarray:
    forward = np.array([np.sin(yaw), np.cos(yaw), 0.0])
    right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, [0.0, 0.0, 1.0], -forward], axis=1)
    pose[:3, 3] = position
    return pose


def _photo(pose: np.ndarray, focal: float, width: int, height: int) -> np.ndarray:
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    local = np.stack([(x - width / 2) / focal, (height / 2 - y) / focal, -np.ones_like(x)], -1)
    rays = local.reshape(-1, 3) @ pose[:3, :3].T
    with np.errstate(divide="ignore"):
        depth = ((np.sign(rays) * HALF - pose[:3, 3]) / rays).min(1)
    points = pose[:3, 3] + depth[:, None] * rays
    tiles = np.floor(points * 1.5 + 1e-4).astype(int).sum(1) % 2
    rgb = 0.2 + 0.3 * tiles[:, None] + 0.4 * (points / HALF / 2 + 0.5)
    return np.rint(255 * rgb.clip(0, 1)).astype(np.uint8).reshape(height, width, 3)
