"""Cameras by angles, and where they see a point: arithmetic without a matrix of ours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shot:
    """A camera in a world with +Z up: heading from +Y to the right, pitch up, roll clockwise."""

    position: tuple[float, float, float]
    yaw: float
    pitch: float
    roll: float
    fov_y_deg: float

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Right, up and forward in the world."""
        cy, sy = np.cos(self.yaw), np.sin(self.yaw)
        cp, sp = np.cos(self.pitch), np.sin(self.pitch)
        forward = np.array([sy * cp, cy * cp, sp])
        level_right = np.array([cy, -sy, 0.0])
        level_up = np.array([-sy * sp, -cy * sp, cp])
        c, s = np.cos(self.roll), np.sin(self.roll)
        return c * level_right - s * level_up, s * level_right + c * level_up, forward

    def pixel(self, points: np.ndarray, width: int, height: int) -> np.ndarray:
        """Return where ``points`` [n 3] are seen, from the left and the top."""
        right, up, forward = self.axes
        away = points - np.array(self.position)
        focal = height / 2 / np.tan(np.deg2rad(self.fov_y_deg) / 2)
        depth = away @ forward
        x = width / 2 + focal * (away @ right) / depth
        y = height / 2 - focal * (away @ up) / depth
        return np.stack([x, y], axis=1)


def shots(count: int = 4) -> list[Shot]:
    """Return a walk towards the marker of the room, uneven in all that formats mix up."""
    return [
        Shot(
            position=(0.9 - 0.5 * t, -1.1 + 0.7 * t, 0.5 - 0.9 * t),
            yaw=-0.35 + 0.3 * t,
            pitch=0.12 + 0.2 * t,
            roll=0.3 - 0.5 * t,
            fov_y_deg=52.0 + 14.0 * t,
        )
        for t in np.linspace(0, 1, count)
    ]
