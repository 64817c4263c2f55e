"""nerfstudio's ``camera_path.json``: written so that its viewer opens it, and read back.

Source: nerfstudio 1.1.5, ``viewer/render_panel.py`` (writer) and ``cameras/camera_paths.py``
(reader), and its Blender add-on.

- ``camera_to_world`` and the viewer's ``keyframes[].matrix`` are row-major lists of 16; the Blender
  add-on writes ``keyframes[].matrix`` as the text of a column-major list.
- ``fov`` is vertical and in degrees, ``aspect`` is width over height.
- Focus, aperture, shutter and cuts go with the key ``scenegen``, which nerfstudio passes over.
- Frame: poses are in the world of our own capture. nerfstudio itself trains in a normalised frame,
  ``p_nerfstudio = scale * transform @ p_capture``, both in its ``dataparser_transforms.json``: pass
  that file to convert a path that was made in nerfstudio's viewer or is to be rendered there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.files import write_json
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.own import KEY, own_of, read_own
from scenegen.path.formats.values import (
    RIGID,
    as_list,
    as_object,
    field_of_view,
    frame_count,
    listed,
    numbers,
    orthonormal,
    positive,
    read_object,
)
from scenegen.path.spline import PoseSpline
from scenegen.types import CameraPath

_TENSION = 0.5
_DEFAULT_FPS = 24.0
_WHAT = "nerfstudio's camera_path.json"


@dataclass(frozen=True)
class Normalised:
    """nerfstudio's normalised frame: ``p_nerfstudio = scale * (rotation @ p_capture + shift)``."""

    rotation: Float[np.ndarray, "3 3"]
    shift: Float[np.ndarray, "3"]
    scale: float

    def from_capture(self, poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 4 4"]:
        """Return camera poses of the capture's world in nerfstudio's frame."""
        moved = poses.copy()
        moved[:, :3, :3] = self.rotation @ poses[:, :3, :3]
        moved[:, :3, 3] = self.scale * (poses[:, :3, 3] @ self.rotation.T + self.shift)
        return moved

    def to_capture(self, poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 4 4"]:
        """Return camera poses of nerfstudio's frame in the capture's world."""
        moved = poses.copy()
        moved[:, :3, :3] = self.rotation.T @ poses[:, :3, :3]
        moved[:, :3, 3] = (poses[:, :3, 3] / self.scale - self.shift) @ self.rotation
        return moved


def read_normalised(file: Path) -> Normalised:
    """Read nerfstudio's ``dataparser_transforms.json``; raise `PathError` if it is malformed."""
    content = read_object(file, _WHAT)
    transform = numbers(content.get("transform"), 12, f"{file}: transform").reshape(3, 4)
    rotation = orthonormal(transform[:, :3], f"{file}: transform")
    return Normalised(rotation, transform[:, 3], positive(content.get("scale"), f"{file}: scale"))


def write_camera_path(
    path: CameraPath,
    file: Path,
    width_px: int,
    height_px: int,
    normalised: Normalised | None = None,
) -> None:
    """Write ``path`` to ``file``, with a keyframe a second for nerfstudio's viewer.

    Poses are written in the capture's world, or in nerfstudio's frame where ``normalised`` is
    given. Raises `OutputError` where the file cannot be written.
    """
    poses = path.world_from_camera
    if normalised is not None:
        poses = normalised.from_capture(poses)
    entries = [
        {"camera_to_world": pose.ravel().tolist(), "fov": float(fov), "aspect": path.aspect}
        for pose, fov in zip(poses, path.fov_y_deg, strict=True)
    ]
    seconds = len(path) / path.fps
    count = min(len(path), max(2, round(seconds) + 1))
    keys = np.unique(np.linspace(0, len(path) - 1, count).round().astype(int))
    gap = seconds / max(len(keys) - 1, 1)
    keyframes = [
        {
            "matrix": entries[key]["camera_to_world"],
            "fov": entries[key]["fov"],
            "aspect": path.aspect,
            "override_transition_enabled": False,
            "override_transition_sec": gap,
        }
        for key in keys
    ]
    content = {
        "default_fov": float(path.fov_y_deg[0]),
        "default_transition_sec": gap,
        "keyframes": keyframes,
        "camera_type": "perspective",
        "render_height": height_px,
        "render_width": width_px,
        "fps": path.fps,
        "seconds": seconds,
        "is_cycle": False,
        "smoothness_value": _TENSION,
        "camera_path": entries,
        KEY: own_of(path),
    }
    write_json(file, content)


def read_camera_path(file: Path, normalised: Normalised | None = None) -> CameraPath:
    """Read a path that nerfstudio's viewer, its Blender add-on or `write_camera_path` wrote.

    ``camera_path`` decides; where it is absent, ``keyframes`` are interpolated. Poses are taken to
    be in the capture's world unless ``normalised`` is given. Raises `PathError` for what is not
    such a file, for poses that are no camera's, and for cameras other than perspective.
    """
    content = read_object(file, _WHAT)
    kind = content.get("camera_type", "perspective")
    if kind != "perspective":
        raise PathError(
            f"{file}: camera_type: expected 'perspective', found {kind!r}, which is not rendered; "
            "export the path with a perspective camera"
        )
    fps = positive(content.get("fps", _DEFAULT_FPS), f"{file}: fps")
    if content.get("camera_path"):
        poses, fovs = _cameras(content["camera_path"], "camera_path", file)
    elif content.get("keyframes"):
        poses, fovs = _interpolated(content, fps, file)
    else:
        raise PathError(
            f"{file}: expected cameras under 'camera_path' or 'keyframes', found none; "
            "add keyframes in the viewer and export again"
        )
    if normalised is not None:
        poses = normalised.to_capture(poses)
    own = read_own(content.get(KEY), f"{file}: {KEY}", len(poses))
    return CameraPath(poses, fovs, fps, _aspect(content, file), own.lens_work, own.cuts)


def write(path: CameraPath, file: Path, size: tuple[int, int], hints: Hints) -> None:
    """Write ``path`` to ``file``; `Hints.frame` is the run's dataparser_transforms.json.

    Raises:
        OutputError: the file cannot be written.
        PathError: that file cannot be read.
    """
    write_camera_path(
        path, file, *size, None if hints.frame is None else read_normalised(hints.frame)
    )


def read(file: Path, hints: Hints) -> CameraPath:
    """Read a path, in the frame that `Hints.frame` states; raises `PathError`."""
    return read_camera_path(file, None if hints.frame is None else read_normalised(hints.frame))


def _aspect(content: dict[str, Any], file: Path) -> float:
    """Return width over height.

    The size of the render decides, as in nerfstudio: the Blender add-on writes aspect 1 at every
    camera, whatever the render's is.
    """
    if "render_width" in content and "render_height" in content:
        width = positive(content["render_width"], f"{file}: render_width")
        return width / positive(content["render_height"], f"{file}: render_height")
    first = (content.get("camera_path") or content["keyframes"])[0]
    return positive(first.get("aspect"), f"{file}: aspect of the first camera")


def _cameras(
    entries: Any, name: str, file: Path
) -> tuple[Float[np.ndarray, "n 4 4"], Float[np.ndarray, "n"]]:
    """Return poses and vertical fields of view, in degrees, of a list of cameras or keyframes."""
    poses, fovs = [], []
    for index, entry in enumerate(as_list(entries, f"{file}: {name}", "cameras")):
        where = f"{file}: {name}[{index}]"
        camera = as_object(entry, where, _WHAT)
        key = "matrix" if name == "keyframes" else "camera_to_world"
        poses.append(_pose(camera.get(key), f"{where}.{key}"))
        fovs.append(field_of_view(camera.get("fov"), f"{where}.fov"))
    return np.array(poses), np.array(fovs)


def _pose(value: Any, where: str) -> Float[np.ndarray, "4 4"]:
    """Return a camera-to-world matrix: a row-major list or the text of a column-major one."""
    if isinstance(value, str):
        try:
            columns = json.loads(value)
        except (ValueError, RecursionError) as cause:
            raise PathError(
                f"{where}: expected 16 numbers, found the text {value[:40]!r}; export it again"
            ) from cause
        pose = numbers(columns, 16, where).reshape(4, 4).T
    else:
        pose = numbers(value, 16, where).reshape(4, 4)
    if np.abs(pose[3] - [0, 0, 0, 1]).max() > RIGID:
        raise PathError(
            f"{where}: expected 0 0 0 1 as the last row, found {listed(pose[3])}; "
            "write the 4x4 camera-to-world matrix row by row"
        )
    pose[:3, :3] = orthonormal(pose[:3, :3], where)
    pose[3] = [0, 0, 0, 1]
    return pose


def _interpolated(
    content: dict[str, Any], fps: float, file: Path
) -> tuple[Float[np.ndarray, "n 4 4"], Float[np.ndarray, "n"]]:
    """Return poses and fields of view of the frames of a path that has keyframes only.

    A keyframe is reached after its own transition time or the default one, as in the viewer.
    """
    entries = content["keyframes"]
    poses, fovs = _cameras(entries, "keyframes", file)
    closed = bool(content.get("is_cycle", False)) and len(poses) > 1
    count = len(poses) + closed
    if count == 1:
        seconds = positive(content.get("seconds", 1 / fps), f"{file}: seconds")
        frames = frame_count(round(fps * seconds), f"{file}")
        return np.repeat(poses, frames, axis=0), np.repeat(fovs, frames)
    gaps = [_transition(content, index % len(poses), file) for index in range(1, count)]
    times = np.concatenate([[0.0], np.cumsum(gaps)])
    frames = frame_count(np.round(times[-1] * fps), f"{file}")
    shares = np.arange(frames) / (fps * times[-1]) if closed else np.linspace(0.0, 1.0, frames)
    spline = PoseSpline(poses[:, :3, 3], poses[:, :3, :3], closed, times, fovs)
    return spline.poses(shares), spline.fovs(shares)


def _transition(content: dict[str, Any], index: int, file: Path) -> float:
    """Return the seconds from the keyframe before to keyframe ``index``."""
    entry = content["keyframes"][index]
    where = f"{file}: keyframes[{index}]"
    if entry.get("override_transition_enabled"):
        return positive(entry.get("override_transition_sec"), f"{where}.override_transition_sec")
    if "default_transition_sec" in content:
        return positive(content["default_transition_sec"], f"{file}: default_transition_sec")
    gaps = len(content["keyframes"]) - (not content.get("is_cycle", False))
    return positive(content.get("seconds"), f"{file}: seconds") / gaps
