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
    """Return the direction against which all cameras look if this is a flight straight down.

    It is one when the cameras look the same way within about 25 degrees and either turn about
    that direction (their up vectors disagree) or cover an area at right angles to it, as wide as
    it is high: people on foot cannot do that in front of a wall. Otherwise return None.
    """
    forward = -poses[:, :3, 2]
    mean = forward.mean(0)
    length = float(np.linalg.norm(mean))
    if len(poses) < 3 or length < np.cos(np.deg2rad(25.0)):
        return None
    mean /= length
    right = poses[:, :3, 0] - np.outer(poses[:, :3, 0] @ mean, mean)
    rolls = np.linalg.svd(right, compute_uv=False)[1] ** 2 / len(poses)
    flips = float(np.linalg.norm(poses[:, :3, 1].mean(0)))
    positions = poses[:, :3, 3] - poses[:, :3, 3].mean(0)
    across = positions - np.outer(positions @ mean, mean)
    spread = np.linalg.svd(across, compute_uv=False)
    along = np.linalg.norm(positions @ mean)
    area = spread[1] > 0.35 * spread[0] and spread[1] > 1.2 * along
    return -mean if rolls > np.sin(np.deg2rad(13.0)) ** 2 or flips < 0.7 or area else None
