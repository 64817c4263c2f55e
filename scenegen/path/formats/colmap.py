"""A camera path as a COLMAP model of text: a folder with ``cameras.txt`` and ``images.txt``.

- ``images.txt`` has two lines an image: ``ID QW QX QY QZ TX TY TZ CAMERA_ID NAME`` from world to
  camera, with OpenCV's axes (+Y down, looks along +Z), then its observations, of which a path has
  none. ``cameras.txt`` has ``ID MODEL WIDTH HEIGHT PARAMS...``.
- The world is that of the scene's own capture.
- Images are frames in the order of their names, numbers in them counted as such. Frames per second
  are those of the clip, or those of the comment ``# scenegen {...}`` that `write` adds.
- A path has no distortion and looks through the middle of its frames: coefficients and the
  principal point are passed over, with a warning; size and focal length give aspect and field.

Source: COLMAP, "Output format".
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from scenegen.errors import OutputError, PathError
from scenegen.files import staged_folder, write_atomic
from scenegen.path.formats.axes import OPENCV
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.own import KEY, Own, own_of, read_own
from scenegen.path.formats.values import (
    MAX_FRAMES,
    field_of_view,
    number_said,
    parse_object,
    positive,
    read_bytes,
    unit_quaternion,
)
from scenegen.types import CameraPath

log = logging.getLogger(__name__)

# How many numbers stand before the coefficients of distortion: focal lengths and principal point.
_ONE_FOCAL = ("SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL")
_TWO_FOCALS = ("PINHOLE", "OPENCV", "FULL_OPENCV")
_MARK = f"# {KEY} "


def write(path: CameraPath, file: Path, size: tuple[int, int], hints: Hints) -> None:
    """Write ``path`` to the folder ``file``, for frames of ``size`` pixels; raises `OutputError`.

    The size's own ratio is the aspect of what others see; ours goes along in the comment.
    """
    from scipy.spatial.transform import Rotation

    del hints
    turns = np.swapaxes(path.world_from_camera[:, :3, :3] @ OPENCV, 1, 2)
    shifts = -np.einsum("nij,nj->ni", turns, path.world_from_camera[:, :3, 3])
    quaternions = Rotation.from_matrix(turns).as_quat()[:, [3, 0, 1, 2]]
    fovs, lens_of = np.unique(path.fov_y_deg, return_inverse=True)
    width, height = size
    cameras = ["# CAMERA_ID MODEL WIDTH HEIGHT PARAMS[]"]
    for index, fov in enumerate(fovs, 1):
        focal = height / 2 / np.tan(np.deg2rad(fov) / 2)
        numbers = (focal, focal, width / 2, height / 2)
        cameras.append(f"{index} PINHOLE {width} {height} {_joined(numbers)}")
    images = ["# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, then its observations"]
    images.append(_MARK + json.dumps(own_of(path)))
    for index in range(len(path)):
        pose = _joined((*quaternions[index], *shifts[index]))
        images += [f"{index + 1} {pose} {lens_of[index] + 1} frame_{index:06d}.png", ""]
    _check_folder(file)
    with staged_folder(file, overwrite=True) as staged:
        for name, lines in (("cameras", cameras), ("images", images), ("points3D", ["# none"])):
            write_atomic(staged / f"{name}.txt", ("\n".join(lines) + "\n").encode())


def _check_folder(folder: Path) -> None:
    """Raise `OutputError` where something lies that `write` did not make."""
    if not folder.exists():
        return
    listed = folder / "images.txt"
    ours = listed.is_file() and _MARK.encode() in listed.read_bytes()[:4096]
    if not ours:
        raise OutputError(
            f"{folder}: expected a new name or a camera path of ours to replace, found something "
            "else; choose another --output"
        )


def read(file: Path, hints: Hints) -> CameraPath:
    """Read a model of text, given as its folder or its ``images.txt``; raises `PathError`."""
    from scipy.spatial.transform import Rotation

    folder = file if file.is_dir() else file.parent
    if not (folder / "images.txt").is_file() and (folder / "images.bin").is_file():
        raise PathError(
            f"{folder}: expected a COLMAP model of text, found a binary one; convert it with "
            "`colmap model_converter --output_type TXT`"
        )
    lenses = dict(_cameras(folder / "cameras.txt"))
    stated, rows = _images(folder / "images.txt", lenses)
    rows.sort(key=lambda row: _natural(row[0]))
    turns = Rotation.from_quat(np.array([row[1] for row in rows])[:, [1, 2, 3, 0]])
    poses = np.tile(np.eye(4), (len(rows), 1, 1))
    poses[:, :3, :3] = turns.inv().as_matrix() @ OPENCV
    poses[:, :3, 3] = -turns.inv().apply(np.array([row[2] for row in rows]))
    own = read_own(stated, f"{folder / 'images.txt'}: {KEY}", len(rows)) if stated else Own()
    fovs = np.array([lenses[row[3]][0] for row in rows])
    aspect = own.aspect or lenses[rows[0][3]][1]
    return CameraPath(poses, fovs, own.fps or hints.fps, aspect, own.lens_work, own.cuts)


def _cameras(file: Path) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield identifiers with vertical fields of view in degrees and aspects."""
    plain = True
    for index, line in enumerate(_text(file), 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        where = f"{file}: line {index}"
        if len(words) < 5 or words[1] not in _ONE_FOCAL + _TWO_FOCALS:
            found = repr(words[1][:40]) if len(words) > 1 else f"{len(words)} words"
            raise PathError(
                f"{where}: expected CAMERA_ID MODEL WIDTH HEIGHT PARAMS[] of one of "
                f"{', '.join(_ONE_FOCAL + _TWO_FOCALS)}, found {found}; undistort the model first"
            )
        width, height, *params = (number_said(word, where) for word in words[2:])
        focals = 1 if words[1] in _ONE_FOCAL else 2
        if len(params) < focals + 2:
            raise PathError(
                f"{where}: expected focal length and centre, found {len(params)} numbers; "
                "export it again"
            )
        for value in (width, height, *params[:focals]):
            positive(value, where)
        fl_x, fl_y = params[0], params[focals - 1]
        middle = np.allclose(params[focals : focals + 2], [width / 2, height / 2], atol=1.0)
        plain &= middle and not any(params[focals + 2 :])
        fov = field_of_view(float(2 * np.rad2deg(np.arctan(height / 2 / fl_y))), where)
        yield words[0], (fov, width * fl_y / (height * fl_x))
    if not plain:
        log.warning(
            "%s: distortion and a principal point off the middle are passed over; "
            "undistort the model first to keep what its images show",
            file,
        )


def _images(
    file: Path, lenses: dict[str, Any]
) -> tuple[dict[str, Any] | None, list[tuple[str, np.ndarray, np.ndarray, str]]]:
    """Return our own comment and, of each image, name, quaternion, translation and camera."""
    stated, rows = None, []
    lines = iter(enumerate(_text(file), 1))
    for index, line in lines:
        where = f"{file}: line {index}"
        if line.startswith(_MARK):
            stated = parse_object(line[len(_MARK) :].encode(), where, KEY)
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split(maxsplit=9)
        if len(words) != 10:
            raise PathError(
                f"{where}: expected IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, "
                f"found {len(words)} words; export the model again"
            )
        pose = [number_said(word, where) for word in words[1:8]]
        if words[8] not in lenses:
            raise PathError(
                f"{where}: expected a camera of cameras.txt, found {words[8][:40]!r}; "
                "export the model again"
            )
        rows.append((words[9], unit_quaternion(pose[:4], where), np.array(pose[4:]), words[8]))
        next(lines, None)  # its observations, a line that may be empty
    if not 1 <= len(rows) <= MAX_FRAMES:
        raise PathError(
            f"{file}: expected 1 to {MAX_FRAMES} images, found {len(rows)}; export the model again"
        )
    return stated, rows


def _text(file: Path) -> list[str]:
    try:
        return read_bytes(file).decode("utf-8").splitlines()
    except UnicodeDecodeError as cause:
        raise PathError(f"{file}: expected text, found binary data; export it as text") from cause


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts 2.png before 10.png."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(part[:18]), "") if part.isdecimal() else (-1, part) for part in parts]


def _joined(values: tuple[float, ...] | Float[np.ndarray, "n"]) -> str:
    return " ".join(repr(float(value)) for value in values)
