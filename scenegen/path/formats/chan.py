"""Nuke's ``.chan``: a line a frame, ``frame tx ty tz rx ry rz vfov``.

- The world has +Y up (ours is turned by a quarter), the camera looks along -Z.
- Angles are degrees. The file does not state their order: ``Ry @ Rx @ Rz``, Nuke's default ZXY (Z
  turns first), unless `Hints.rotation_order` says otherwise. Blender's add-on writes the same
  columns, in order XYZ unless it is told ZXY, and turns Z up into Y up by default.
- The field of view is vertical.
- Frames per second, aspect, focus, aperture and shutter have no place in the file: on reading the
  first two are those of the clip, the lens is sharp. Frames that are left out are interpolated,
  places on straight lines and turns by the shortest way.

Source: The Foundry, "Nuke User Guide", Import chan file, and "Python Developer's Guide",
nukescripts.import_boujou (columns); scripts for Nuke that fill its rotate knob from the developer
kit's ``Matrix4.rotationsZXY`` (order); Blender's add-on io_anim_nuke_chan (both).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.files import write_atomic
from scenegen.path.formats.axes import from_y_up, to_y_up
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.values import field_of_view, frame_count, number_said, read_bytes
from scenegen.types import CameraPath

_COLUMNS = "frame tx ty tz rx ry rz vfov"


def write(path: CameraPath, file: Path, size: tuple[int, int], hints: Hints) -> None:
    """Write ``path`` to ``file``, frames counted from 1; raises `OutputError`."""
    del size
    poses = to_y_up(path.world_from_camera)
    angles = np.rad2deg(np.unwrap(_angles(poses[:, :3, :3], hints.rotation_order), axis=0))
    columns = np.column_stack([poses[:, :3, 3], angles, path.fov_y_deg])
    lines = [
        "\t".join([str(index), *(f"{value:.12g}" for value in row)])
        for index, row in enumerate(columns, 1)
    ]
    write_atomic(file, ("\n".join(lines) + "\n").encode())


def read(file: Path, hints: Hints) -> CameraPath:
    """Read a camera that Nuke, Blender or `write` wrote; raises `PathError`."""
    from scipy.spatial.transform import Rotation, Slerp

    rows = _rows(file)
    frames, places, angles, fovs = rows[:, 0], rows[:, 1:4], rows[:, 4:7], rows[:, 7]
    wanted = np.arange(frame_count(frames[-1] - frames[0] + 1, f"{file}")) + frames[0]
    order = hints.rotation_order.lower()
    turns = Rotation.from_euler(order, angles[:, ["xyz".index(a) for a in order]], degrees=True)
    if len(frames) > 1:
        turns = Slerp(frames, turns)(wanted)
    poses = np.tile(np.eye(4), (len(wanted), 1, 1))
    poses[:, :3, :3] = turns.as_matrix()
    poses[:, :3, 3] = np.stack([np.interp(wanted, frames, one) for one in places.T], axis=1)
    return CameraPath(from_y_up(poses), np.interp(wanted, frames, fovs), hints.fps, hints.aspect)


def _rows(file: Path) -> Float[np.ndarray, "row 8"]:
    """Return the columns of the file, its frames in rising order."""
    try:
        lines = read_bytes(file).decode("utf-8").splitlines()
    except UnicodeDecodeError as cause:
        raise PathError(
            f"{file}: expected a .chan of text, found binary data; export it again"
        ) from cause
    rows: list[list[float]] = []
    for index, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        where = f"{file}: line {index}"
        if len(words) != 8:
            raise PathError(
                f"{where}: expected 8 columns ({_COLUMNS}), found {len(words)}; "
                "export a camera, with its vertical field of view"
            )
        row = [number_said(word, where) for word in words]
        field_of_view(row[7], f"{where}: vfov")
        if rows and row[0] <= rows[-1][0]:
            raise PathError(
                f"{where}: expected a frame after {rows[-1][0]:g}, found {row[0]:g}; "
                "sort the lines by frame"
            )
        rows.append(row)
    if not rows:
        raise PathError(
            f"{file}: expected a line a frame ({_COLUMNS}), found none; export it again"
        )
    frame_count(len(rows), f"{file}")
    return np.array(rows)


def _angles(turns: Float[np.ndarray, "n 3 3"], order: str) -> Float[np.ndarray, "n 3"]:
    """Return the angles about X, Y and Z in radians of ``R3 @ R2 @ R1``, the turns in ``order``.

    Where the second is a right angle, the first and third are one and the same: the first is 0.
    """
    first, second, third = ("XYZ".index(axis) for axis in order)
    sign = 1.0 if (second - first) % 3 == 1 else -1.0
    level = np.hypot(turns[:, third, second], turns[:, third, third])
    locked = level < 1e-9
    angles = np.empty((len(turns), 3))
    angles[:, second] = np.arctan2(-sign * turns[:, third, first], level)
    angles[:, first] = np.where(
        locked, 0.0, np.arctan2(sign * turns[:, third, second], turns[:, third, third])
    )
    angles[:, third] = np.where(
        locked,
        np.arctan2(-sign * turns[:, first, second], turns[:, second, second]),
        np.arctan2(sign * turns[:, second, first], turns[:, first, first]),
    )
    return angles
