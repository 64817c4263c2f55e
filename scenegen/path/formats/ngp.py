"""instant-ngp's camera path, ``base_cam.json``.

    {"loop", "time", "duration_seconds", "spline_order",
     "path": [{"R": [x, y, z, w], "T": [3], "slice", "scale", "fov", "aperture_size", "timestamp"}]}

- instant-ngp moves a capture into a frame of its own: ``p_ngp = cycle(scale * p + offset)`` where
  cycle takes (x, y, z) to (y, z, x), scale is 0.33 and offset 0.5 unless the capture's
  ``transforms.json`` states others: give that file as `Hints.frame`. Its cameras are OpenCV's (+Y
  down, look along +Z).
- ``fov`` is vertical and in degrees. The plane of focus lies at ``slice + scale``, and
  ``aperture_size`` (``dof`` in old files) is the lens's radius, all in its frame's units.
- A keyframe's ``timestamp`` is when the stretch that begins at it ends. Between keyframes it takes
  uniform B-splines of ``spline_order`` 0 to 3 over positions and quaternions: those of order 2 and
  3 do not pass through the keyframes, and are followed here all the same.
- Frame i of n shows the time i / n. Frames per second are chosen when it renders; so is the clip's
  length, and files made with its buttons all say 1 s: those are read as 5 s, its own default.
- `write` gives every frame a key, of order 1 so that each is passed exactly, and adds our key
  ``scenegen``, which instant-ngp passes over.

Source: NVlabs/instant-ngp, camera_path.h, camera_path.cu, nerf_loader.h, common_device.cuh;
tiny-cuda-nn, vec_json.h.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.files import write_json
from scenegen.path.formats.axes import OPENCV
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.own import KEY, Own, own_of, read_cuts, read_own, read_shutter
from scenegen.path.formats.values import (
    as_list,
    as_object,
    field_of_view,
    frame_count,
    kind,
    number,
    numbers,
    positive,
    read_object,
    unit_quaternion,
)
from scenegen.types import CameraPath, LensWork

_WHAT = "instant-ngp's base_cam.json"
_SCALE, _OFFSET, _FOCUS = 0.33, 0.5, 1.5
_RENDERED_S = 5.0
_CYCLE = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])


@dataclass(frozen=True)
class NgpFrame:
    """instant-ngp's frame: ``p_ngp = cycle(scale * p_capture + offset)``."""

    scale: float = _SCALE
    offset: Float[np.ndarray, "3"] = field(default_factory=lambda: np.full(3, _OFFSET))

    def from_capture(self, poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 4 4"]:
        """Return OpenGL cameras of the capture as OpenCV cameras of instant-ngp's frame."""
        moved = poses.copy()
        moved[:, :3, :3] = _CYCLE @ poses[:, :3, :3] @ OPENCV
        moved[:, :3, 3] = (poses[:, :3, 3] * self.scale + self.offset) @ _CYCLE.T
        return moved

    def to_capture(self, poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 4 4"]:
        """Return OpenCV cameras of instant-ngp's frame as OpenGL cameras of the capture."""
        moved = poses.copy()
        moved[:, :3, :3] = _CYCLE.T @ poses[:, :3, :3] @ OPENCV
        moved[:, :3, 3] = (poses[:, :3, 3] @ _CYCLE - self.offset) / self.scale
        return moved


def read_frame(file: Path | None) -> NgpFrame:
    """Return the frame of a capture's ``transforms.json``; raises `PathError`."""
    if file is None:
        return NgpFrame()
    content = read_object(file, "a transforms.json as instant-ngp loads it")
    if "frames" not in content:
        raise PathError(
            f"{file}: expected the transforms.json that instant-ngp loaded, with its 'frames', "
            "found none; nerfstudio's dataparser_transforms.json says nothing of instant-ngp"
        )
    offset = content.get("offset", _OFFSET)
    if not isinstance(offset, list):
        offset = [offset] * 3
    scale = positive(content.get("scale", _SCALE), f"{file}: scale")
    return NgpFrame(scale, numbers(offset, 3, f"{file}: offset"))


def write(path: CameraPath, file: Path, size: tuple[int, int], hints: Hints) -> None:
    """Write ``path`` to ``file``; `Hints.frame` is the capture's transforms.json.

    Raises:
        OutputError: the file cannot be written.
        PathError: that file cannot be read.
    """
    from scipy.spatial.transform import Rotation

    del size
    world = read_frame(hints.frame)
    poses = world.from_capture(path.world_from_camera)
    turns = Rotation.from_matrix(poses[:, :3, :3]).as_quat()
    work = path.lens_work
    count = len(path)
    focus = np.full(count, _FOCUS) if work is None else work.focus_distance * world.scale
    radius = np.zeros(count) if work is None else work.aperture * world.scale / 2
    # One key more: time runs out at the last but one, and only then is every frame at its own key.
    keys = [
        {
            "R": turns[index].tolist(),
            "T": poses[index, :3, 3].tolist(),
            "slice": 0.0,
            "scale": float(focus[index]),
            "fov": float(path.fov_y_deg[index]),
            "aperture_size": float(radius[index]),
            "timestamp": (place + 1) / path.fps,
        }
        for place, index in enumerate([*range(count), count - 1])
    ]
    timing = {"loop": False, "time": 0.0, "duration_seconds": count / path.fps, "spline_order": 1}
    own = own_of(path)
    own.get("lens_work", {}).pop("focus_distance", None)
    own.get("lens_work", {}).pop("aperture", None)
    write_json(file, {**timing, "path": keys, KEY: own})


def read(file: Path, hints: Hints) -> CameraPath:
    """Read a path that instant-ngp or `write` wrote; raises `PathError`."""
    from scipy.spatial.transform import Rotation

    content = read_object(file, _WHAT)
    entries = as_list(content.get("path"), f"{file}: path", "keyframes")
    table = np.array([_key(entry, f"{file}: path[{i}]") for i, entry in enumerate(entries)])
    order = content.get("spline_order", 3)
    if order not in (0, 1, 2, 3) or isinstance(order, bool):
        raise PathError(f"{file}: spline_order: expected 0 to 3, found {kind(order)}; correct it")
    stated = content.get(KEY)
    own = read_own(stated, f"{file}: {KEY}")
    fps = own.fps or hints.fps
    ends, seconds = _timing(table[:, 10], content, own, file)
    frames = frame_count(seconds * fps + 1e-6, f"{file}")
    loop = content.get("loop") is True
    rows = _followed(table[:, :10], ends, np.arange(frames) / frames, order, loop)
    world = read_frame(hints.frame)
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, :3, :3] = Rotation.from_quat(rows[:, :4]).as_matrix()
    poses[:, :3, 3] = rows[:, 4:7]
    work = _lens_work(rows, world, stated, f"{file}: {KEY}.lens_work")
    aspect = own.aspect or hints.aspect
    cuts = read_cuts(stated, f"{file}: {KEY}", frames) if isinstance(stated, dict) else None
    return CameraPath(world.to_capture(poses), rows[:, 7], fps, aspect, work, cuts)


def _lens_work(
    rows: Float[np.ndarray, "n 10"], world: NgpFrame, stated: Any, where: str
) -> LensWork | None:
    """Return focus and aperture of the keys with our own shutter; None where all is sharp."""
    own = stated.get("lens_work") if isinstance(stated, dict) else None
    if own is None and not rows[:, 9].any():
        return None
    shutter = read_shutter(as_object(own or {}, where, "scenegen"), where)
    return LensWork(rows[:, 8] / world.scale, 2 * rows[:, 9] / world.scale, shutter)


def _key(value: Any, where: str) -> list[float]:
    """Return quaternion xyzw, position, field of view, focus, aperture and time of a keyframe."""
    entry = as_object(value, where, _WHAT)
    focus = number(entry.get("slice", 0.0), f"{where}.slice")
    focus += number(entry.get("scale", _FOCUS), f"{where}.scale")
    name = "dof" if "dof" in entry else "aperture_size"
    aperture = number(entry.get(name, 0.0), f"{where}.{name}")
    if aperture < 0 or focus < 0:
        raise PathError(
            f"{where}: expected {name} and slice + scale from 0 on, found {aperture:g} and "
            f"{focus:g}; correct them"
        )
    return [
        *unit_quaternion(entry.get("R"), f"{where}.R"),
        *numbers(entry.get("T"), 3, f"{where}.T"),
        field_of_view(entry.get("fov"), f"{where}.fov"),
        focus,
        aperture,
        number(entry.get("timestamp", 0.0), f"{where}.timestamp"),
    ]


def _timing(
    ends: Float[np.ndarray, "key"], content: dict[str, Any], own: Own, file: Path
) -> tuple[Float[np.ndarray, "key"], float]:
    """Return when each key's stretch ends and the clip's length in seconds."""
    even = np.arange(1, len(ends) + 1) / len(ends)
    seconds = number(content.get("duration_seconds", 0.0), f"{file}: duration_seconds")
    if (np.diff(ends, prepend=0.0) <= 0).any():
        return even, _RENDERED_S  # as instant-ngp mends such timestamps
    placeholder = seconds == 1.0 and own.fps is None and np.allclose(ends, even, atol=1e-4)
    return ends, _RENDERED_S if placeholder or seconds <= 0 else seconds


def _followed(
    keys: Float[np.ndarray, "key 10"],
    ends: Float[np.ndarray, "key"],
    shares: Float[np.ndarray, "n"],
    order: int,
    loop: bool,
) -> Float[np.ndarray, "n 10"]:
    """Return the keys' values at shares of the clip, by instant-ngp's splines."""
    count = len(keys)
    if count == 1:
        return np.repeat(keys, len(shares), axis=0)
    times = shares * (ends[-1] if loop else ends[-2])
    at = np.clip(np.searchsorted(ends, times, side="right"), 0, count - (1 if loop else 2))
    begins = np.where(at > 0, ends[at - 1], 0.0)
    t = (times - begins) / (ends[at] - begins)
    if order == 0:
        at, t = at + np.floor(t + 0.5).astype(int), np.zeros_like(t)
    total = np.zeros((len(shares), keys.shape[1]))
    for step, weight in _weights(t, order):
        index = (at + step) % count if loop else np.clip(at + step, 0, count - 1)
        term = keys[index] * weight[:, None]
        other_side = (term[:, :4] * total[:, :4]).sum(axis=1) < 0
        term[other_side, :4] *= -1
        total += term
    return total


def _weights(t: Float[np.ndarray, "n"], order: int) -> list[tuple[int, Float[np.ndarray, "n"]]]:
    """Return the weights of the keys around, by their step from the stretch's first key."""
    if order <= 1:
        return [(0, 1 - t), (1, t)]
    if order == 2:
        return [(-1, (1 - t) ** 2 / 2), (0, (-2 * t**2 + 2 * t + 1) / 2), (1, t**2 / 2)]
    return [
        (-1, (1 - t) ** 3 / 6),
        (0, (3 * t**3 - 6 * t**2 + 4) / 6),
        (1, (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6),
        (2, t**3 / 6),
    ]
