"""Which way is up, told by the cameras alone.

Photographers hold cameras level: their x axes are horizontal, whichever way they look. Cameras
that look straight down (drones) are the exception, and are told by their geometry.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

_ROLL = np.deg2rad(10.0)  # x axes further from horizontal than this count as wrongly held
_PREFER_MEAN_UP = 0.002  # weight of the mean up vector where the x axes leave the direction open
_PAIRS = 4000


def upright_rotation(
    world_from_camera: Float[np.ndarray, "camera 4 4"],
) -> Float[np.ndarray, "3 3"]:
    """Return the rotation that turns the world so that +Z is up; OpenGL cameras in.

    The heading is chosen so that the mean camera looks along +Y, or along +X of a nadir flight.
    """
    poses = np.asarray(world_from_camera, dtype=np.float64)
    up = nadir_up(poses)
    if up is None:
        up = level_up(poses)
    ahead = -poses[:, :3, 2].mean(0)
    ahead = ahead - up * (ahead @ up)
    if np.linalg.norm(ahead) < 1e-3:
        ahead = poses[0, :3, 1] - up * (poses[0, :3, 1] @ up)
    if np.linalg.norm(ahead) < 1e-6:
        ahead = np.cross(up, np.eye(3)[np.abs(up).argmin()])
    ahead = ahead / np.linalg.norm(ahead)
    return np.stack([np.cross(ahead, up), ahead, up])


def level_up(poses: Float[np.ndarray, "camera 4 4"]) -> Float[np.ndarray, "3"]:
    """Return the unit direction that is at right angles to most cameras' x axes.

    Candidates are the mean up vector and the normals of pairs of x axes; the best is refined on
    the x axes that agree with it, so that a few photos held upside down or on their side do no
    harm. The mean up vector fixes the sign, and decides where all x axes are parallel.
    """
    right, ups = poses[:, :3, 0], poses[:, :3, 1]
    mean_up = ups.mean(0)
    mean_up = mean_up / max(float(np.linalg.norm(mean_up)), 1e-9)
    candidates = np.concatenate([mean_up[None], _normals_of_pairs(right)])
    candidates *= np.where(candidates @ mean_up < 0, -1.0, 1.0)[:, None]
    tilt = np.minimum((candidates @ right.T) ** 2, np.sin(_ROLL) ** 2).mean(1)
    up = candidates[np.argmin(tilt - _PREFER_MEAN_UP * (candidates @ ups.T).mean(1))]
    level = np.abs(right @ up) <= np.sin(_ROLL)
    if not level.any():
        return mean_up
    tilts = right[level].T @ right[level] / level.sum()
    holds = ups[level].T @ ups[level] / level.sum()
    up = np.linalg.eigh(tilts - _PREFER_MEAN_UP * holds)[1][:, 0]
    return up if up @ mean_up >= 0 else -up


def _normals_of_pairs(axes: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "m 3"]:
    first, second = np.triu_indices(len(axes), 1)
    keep = np.linspace(0, len(first) - 1, min(len(first), _PAIRS)).astype(int)
    normals = np.cross(axes[first[keep]], axes[second[keep]])
    length = np.linalg.norm(normals, axis=1)
    wide = length > np.sin(np.deg2rad(15.0))
    return normals[wide] / length[wide, None]


def nadir_up(poses: Float[np.ndarray, "camera 4 4"]) -> Float[np.ndarray, "3"] | None:
    """Return the direction against which all cameras look if they look down, as from a drone.

    They do when all look the same way within about 25 degrees and either turn about that
    direction (their x axes are at right angles to it), or head back and forth, or cover an area
    at right angles to it that is about as wide as it is high: people on foot cannot do that in
    front of a wall. Otherwise return None. Cameras that turn far enough tell the vertical by
    their x axes better than by where they look.
    """
    forward = -poses[:, :3, 2]
    mean = forward.mean(0)
    length = float(np.linalg.norm(mean))
    if len(poses) < 3 or length < np.cos(np.deg2rad(25.0)):
        return None
    mean /= length
    turns = np.linalg.svd(_across(poses[:, :3, 0], mean), compute_uv=False)[1] / np.sqrt(len(poses))
    level = level_up(poses)
    if abs(level @ mean) > np.cos(np.deg2rad(30.0)):
        return -level * np.sign(level @ mean) if turns > np.sin(np.deg2rad(12.0)) else -mean
    back_and_forth = np.linalg.norm(poses[:, :3, 1].mean(0)) < 0.7
    positions = poses[:, :3, 3] - poses[:, :3, 3].mean(0)
    spread = np.linalg.svd(_across(positions, mean), compute_uv=False)
    area = spread[1] > 0.35 * spread[0] and spread[1] > 1.2 * np.linalg.norm(positions @ mean)
    return -mean if back_and_forth or area else None


def _across(
    vectors: Float[np.ndarray, "n 3"], axis: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "n 3"]:
    """Return the parts of vectors at right angles to a unit ``axis``."""
    return vectors - np.outer(vectors @ axis, axis)
