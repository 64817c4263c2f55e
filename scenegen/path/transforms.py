"""Changes of a whole path: moved, turned, scaled, mirrored. Reversing and retiming are times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from scenegen.path.location import Location
from scenegen.path.script import changes as words
from scenegen.path.timeline import Rig


def transformed(changes: Sequence[words.Transform], rig: Rig, location: Location) -> Rig:
    """Return the camera after all changes of place, one after another."""
    for index, change in enumerate(changes):
        where = f"transform[{index}].about"
        if isinstance(change, words.Move):
            rig = Rig(rig.positions + np.array(change.move), rig.rotations, rig.fov_y_deg)
        elif isinstance(change, words.Rotate):
            rig = _rotated(rig, change.rotate, location.place(change.about, where))
        elif isinstance(change, words.Scale):
            about = location.place(change.about, where)
            rig = Rig(about + change.scale * (rig.positions - about), rig.rotations, rig.fov_y_deg)
        elif isinstance(change, words.Mirror):
            normal = _normal(change.mirror, rig)
            rig = _mirrored(rig, normal, location.place(change.about, where))
    return rig


def _rotated(rig: Rig, degrees: float, about: Float[np.ndarray, "3"]) -> Rig:
    angle = np.deg2rad(degrees)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    return Rig(about + (rig.positions - about) @ turn.T, turn @ rig.rotations, rig.fov_y_deg)


def _mirrored(rig: Rig, normal: Float[np.ndarray, "3"], about: Float[np.ndarray, "3"]) -> Rig:
    """Return the camera on the other side of a plane; its right is turned so that it stays one."""
    across = np.eye(3) - 2 * np.outer(normal, normal)
    rotations = across @ rig.rotations @ np.diag([-1.0, 1.0, 1.0])
    return Rig(about + (rig.positions - about) @ across, rotations, rig.fov_y_deg)


def _normal(side: str, rig: Rig) -> Float[np.ndarray, "3"]:
    if side == "left-right":
        level = rig.rotations[0, :, 0] * [1, 1, 0]
        length = np.linalg.norm(level)
        return level / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])
    return np.array([1.0, 0.0, 0.0]) if side == "x" else np.array([0.0, 1.0, 0.0])
