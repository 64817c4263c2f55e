"""LichtFeld Studio's camera path, version 4.

    {"version": 4, "clip_duration": 8.0,
     "keyframes": [{"time", "position": [3], "rotation": [w, x, y, z],
                    "focal_length_mm", "easing"}]}

- The camera is OpenGL's (looks along -Z). The focal length is that of film 24 mm high, so that the
  field of view is vertical; LichtFeld holds it between 10 and 200 mm, and so does `read`, except
  in files of ours.
- Its world is that of its viewer. For a capture loaded from ``transforms.json``, as `scenegen
  ingest` writes it, that is ours after half a turn about Z: LichtFeld turns such captures about Y
  and its viewer turns everything about X. (One loaded from a COLMAP model lacks the first turn.)
- Between keyframes it goes along a uniform Catmull-Rom spline through each, turns by slerp, zooms
  evenly in mm; ``easing`` (0 none, 1 in, 2 out, 3 both, cubic) is that of the stretch that begins
  at the keyframe. A clip shows ``ceil(seconds * fps) + 1`` frames from the first key on; frames per
  second and aspect are chosen when it is exported, hence read from the clip, or from the key
  ``scenegen`` that `write` adds.

Source: LichtFeld Studio, src/sequencer (timeline, interpolation), src/rendering
(coordinate_conventions, render_constants), src/io/formats/transforms.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.files import write_json
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.own import KEY, own_of, read_own
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
from scenegen.types import CameraPath

log = logging.getLogger(__name__)

_WHAT = "LichtFeld's camera path"
_FILM_HEIGHT_MM = 24.0
_SHORTEST_MM, _LONGEST_MM = 10.0, 200.0
_VIEWER_FROM_CAPTURE = np.diag([-1.0, -1.0, 1.0, 1.0])


def write(path: CameraPath, file: Path, size: tuple[int, int], hints: Hints) -> None:
    """Write ``path`` to ``file``, a keyframe a frame; raises `OutputError`."""
    from scipy.spatial.transform import Rotation

    del size, hints
    poses = _VIEWER_FROM_CAPTURE @ path.world_from_camera
    turns = Rotation.from_matrix(poses[:, :3, :3]).as_quat()[:, [3, 0, 1, 2]]
    focal = _FILM_HEIGHT_MM / 2 / np.tan(np.deg2rad(path.fov_y_deg) / 2)
    if focal.min() < _SHORTEST_MM or focal.max() > _LONGEST_MM:
        log.warning(
            "LichtFeld shows focal lengths of %g to %g mm only; this path goes from %.3g to %.3g",
            *(_SHORTEST_MM, _LONGEST_MM, focal.min(), focal.max()),
        )
    keyframes = [
        {
            "time": index / path.fps,
            "position": poses[index, :3, 3].tolist(),
            "rotation": turns[index].tolist(),
            "focal_length_mm": float(focal[index]),
            "easing": 0,
        }
        for index in range(len(path))
    ]
    content = {"version": 4, "clip_duration": len(path) / path.fps, "keyframes": keyframes}
    write_json(file, {**content, KEY: own_of(path)})


def read(file: Path, hints: Hints) -> CameraPath:
    """Read a path that LichtFeld or `write` wrote; raises `PathError`."""
    content = read_object(file, _WHAT)
    version = content.get("version", 4)
    if version not in (1, 2, 3, 4):
        raise PathError(
            f"{file}: version: expected 1 to 4, found {kind(version)}; "
            "export it with a LichtFeld that writes version 4"
        )
    entries = as_list(content.get("keyframes"), f"{file}: keyframes", "keyframes")
    keys = [_key(entry, f"{file}: keyframes[{i}]") for i, entry in enumerate(entries)]
    table = np.array(sorted(keys, key=lambda key: key[0]))
    own = read_own(content.get(KEY), f"{file}: {KEY}")
    fps = own.fps or hints.fps
    span = float(table[-1, 0] - table[0, 0])
    frames = frame_count(np.ceil(span * fps - 1e-6) + 1, f"{file}")
    poses, focal = _between(table, np.arange(frames) / fps + table[0, 0])
    poses = _VIEWER_FROM_CAPTURE.T @ poses
    if KEY not in content:
        focal = np.clip(focal, _SHORTEST_MM, _LONGEST_MM)
    fovs = np.rad2deg(2 * np.arctan2(_FILM_HEIGHT_MM / 2, focal))
    for fov in (fovs.min(), fovs.max()):
        field_of_view(float(fov), f"{file}: focal_length_mm")
    own = read_own(content.get(KEY), f"{file}: {KEY}", frames)
    return CameraPath(poses, fovs, fps, own.aspect or hints.aspect, own.lens_work, own.cuts)


def _key(value: Any, where: str) -> list[float]:
    """Return time, position, quaternion wxyz, focal length and easing of a keyframe."""
    entry = as_object(value, where, _WHAT)
    easing = entry.get("easing", 0)
    if easing not in (0, 1, 2, 3) or isinstance(easing, bool):
        raise PathError(f"{where}.easing: expected 0 to 3, found {kind(easing)}; correct it")
    return [
        number(entry.get("time"), f"{where}.time"),
        *numbers(entry.get("position"), 3, f"{where}.position"),
        *unit_quaternion(entry.get("rotation"), f"{where}.rotation"),
        positive(entry.get("focal_length_mm"), f"{where}.focal_length_mm"),
        easing,
    ]


def _between(
    table: Float[np.ndarray, "key 10"], t: Float[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "n 4 4"], Float[np.ndarray, "n"]]:
    """Return poses and focal lengths at times ``t``, interpolated as LichtFeld does."""
    from scipy.spatial.transform import Rotation

    last = len(table) - 1
    begin = np.clip(np.searchsorted(table[:, 0], t, side="left") - 1, 0, max(last - 1, 0))
    end = np.minimum(begin + 1, last)
    span = table[end, 0] - table[begin, 0]
    share = np.clip((t - table[begin, 0]) / np.where(span > 0, span, 1.0), 0.0, 1.0)
    s = _eased(np.where(span > 0, share, 0.0), table[begin, 9].astype(int))[:, None]
    p0, p1, p2, p3 = (table[np.clip(begin + step, 0, last), 1:4] for step in (-1, 0, 1, 2))
    curve = 2 * p1 + (p2 - p0) * s + (2 * p0 - 5 * p1 + 4 * p2 - p3) * s**2
    places = 0.5 * (curve + (3 * p1 - p0 - 3 * p2 + p3) * s**3)
    first = Rotation.from_quat(table[begin][:, [5, 6, 7, 4]])
    second = Rotation.from_quat(table[end][:, [5, 6, 7, 4]])
    turns = first * Rotation.from_rotvec((first.inv() * second).as_rotvec() * s)
    poses = np.tile(np.eye(4), (len(t), 1, 1))
    poses[:, :3, :3], poses[:, :3, 3] = turns.as_matrix(), places
    return poses, table[begin, 8] + (table[end, 8] - table[begin, 8]) * s[:, 0]


def _eased(t: Float[np.ndarray, "n"], easing: np.ndarray) -> Float[np.ndarray, "n"]:
    """Return the share of the way at shares ``t`` of the time, by LichtFeld's four easings."""
    both = np.where(t < 0.5, 4 * t**3, 1 - (2 - 2 * t) ** 3 / 2)
    return np.choose(easing, [t, t**3, 1 - (1 - t) ** 3, both])
