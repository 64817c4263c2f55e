"""A room that can be rendered exactly, as footage for the tests of publishing.

Run as a program it renders slowly, to be killed:

    python room.py OUTPUT.mp4 COUNT CRF SECONDS_A_FRAME [FRAMES_FOLDER]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scenegen.publish.clip import publish_clip
from scenegen.publish.config import PublishConfig
from scenegen.publish.footage import Footage
from scenegen.render.config import RenderConfig
from scenegen.render.frames import render_fingerprint, render_path
from scenegen.types import CameraPath, Field, FieldShape, Frame, Scene

HALF = np.array([3.0, 2.0, 1.5])
"""The room spans -HALF..HALF."""

MARKER = np.array([0.4, 2.0, 0.3])
"""Centre of a white disc on the wall at y = 2, in an otherwise dark room."""

MARKER_RADIUS = 0.12


class Hits:
    """What rays met in the room."""

    def __init__(self, points: np.ndarray, depth: np.ndarray) -> None:
        tiles = np.floor(points * 2 + 1e-4).astype(int).sum(1) % 2
        dark = 0.15 + 0.25 * tiles[:, None] * (points / HALF / 2 + 0.5)
        marked = np.linalg.norm(points - MARKER, axis=1) < MARKER_RADIUS
        self.rgb = np.where(marked[:, None], 1.0, dark).astype(np.float32)
        self.depth = depth.astype(np.float32)
        self.opacity = np.ones(len(points), np.float32)


def trace_room(_field: Field, origins: np.ndarray, directions: np.ndarray) -> Hits:
    """Meet the walls from inside, by the slab method."""
    with np.errstate(divide="ignore"):
        depth = ((np.copysign(HALF, directions) - origins) / directions).min(1)
    return Hits(origins + depth[:, None] * directions, depth)


def room_scene() -> Scene:
    """Return a scene whose field is never looked at."""
    field = Field(
        FieldShape(),
        centre=np.zeros(3),
        radius=1.0,
        step=0.01,
        near=0.0,
        far=100.0,
        parameters={},
        occupancy=np.zeros((1, 1, 1), np.uint8),
        background=np.zeros(3, np.float32),
    )
    return Scene(field, (), (), np.zeros((0, 3), np.float32), "0123456789abcdef", 0.5)


def room_path(count: int, fps: float = 24.0) -> CameraPath:
    """Walk towards the wall with the marker and look around a little, +Z up."""
    poses = np.tile(np.eye(4), (count, 1, 1))
    for index, t in enumerate(np.linspace(0, 1, count)):
        yaw = 0.3 * np.sin(4 * t)
        forward = np.array([np.sin(yaw), np.cos(yaw), 0.1])
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1])
        right /= np.linalg.norm(right)
        poses[index, :3, :3] = np.stack([right, np.cross(right, forward), -forward], axis=1)
        poses[index, :3, 3] = [0.3 * t, -1 + 1.2 * t, 0.1 * t]
    return CameraPath(poses, np.full(count, 60.0), fps, aspect=16 / 9)


def room_footage(
    count: int,
    fps: float = 24.0,
    size: tuple[int, int] = (160, 90),
    seconds_a_frame: float = 0.0,
) -> Footage:
    """Return the walk through the room as footage."""
    scene, path, config = room_scene(), room_path(count, fps), RenderConfig(*size)

    def render(first: int) -> Iterator[Frame]:
        for frame in render_path(scene, path, config, first, trace=trace_room):
            time.sleep(seconds_a_frame)
            yield frame

    return Footage(
        render,
        count,
        fps,
        *size,
        fingerprint=render_fingerprint(scene, path, config),
        metres_per_unit=scene.metres_per_unit,
    )


if __name__ == "__main__":
    output, count, crf, seconds_a_frame, *frames = sys.argv[1:]
    publish_clip(
        room_footage(int(count), seconds_a_frame=float(seconds_a_frame)),
        Path(output),
        PublishConfig(frames=Path(frames[0]) if frames else None, crf=int(crf)),
    )
