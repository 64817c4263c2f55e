"""Moves that turn the camera on the spot."""

from __future__ import annotations

import numpy as np

from scenegen.path.location import View
from scenegen.path.motion import Motion, still
from scenegen.path.moves.scout import Scout
from scenegen.path.script import shots


def pan(shot: shots.Pan, start: View, _scout: Scout) -> Motion:
    """Turn about the vertical."""
    return _turned(start, np.array([0.0, 0.0, -1.0]), shot.degrees)


def tilt(shot: shots.Tilt, start: View, _scout: Scout) -> Motion:
    """Turn about the camera's right."""
    return _turned(start, start.rotation[:, 0], shot.degrees)


def roll(shot: shots.Roll, start: View, _scout: Scout) -> Motion:
    """Turn about the direction of view."""
    return _turned(start, start.forward, shot.degrees)


def _turned(start: View, axis: np.ndarray, degrees: float) -> Motion:
    from scipy.spatial.transform import Rotation

    def turns(shares: np.ndarray) -> np.ndarray:
        angles = np.deg2rad(degrees) * shares
        return Rotation.from_rotvec(angles[:, None] * axis).as_matrix() @ start.rotation

    stays = still(start)
    return Motion(stays.places, turns, stays.zooms)
