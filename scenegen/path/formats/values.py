"""Values in files of other tools: read within bounds, checked, and named where they are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.files import input_errors, read_json

MAX_BYTES = 64 << 20
"""Largest file that is read: an hour of cameras, a line each, takes a third of it."""

MAX_FRAMES = 100_000
"""Most frames of a path, more than an hour at 24 a second."""

RIGID = 1e-3
"""Largest deviation of a rotation from orthonormal: many tools write 32-bit floats."""


def read_bytes(file: Path) -> bytes:
    """Return the content of ``file``; raise `PathError` where it is absent or too large."""
    try:
        with input_errors(file, PathError):
            size = file.stat().st_size
            if size > MAX_BYTES:
                raise PathError(
                    f"{file}: expected a camera path of at most {MAX_BYTES >> 20} MB, "
                    f"found {size >> 20} MB; export the camera alone, without the scene"
                )
            return file.read_bytes()
    except FileNotFoundError as cause:
        raise PathError(f"{file}: no such file; check the path") from cause
    except IsADirectoryError as cause:
        raise PathError(f"{file}: expected a file, found a folder; name a file") from cause


def read_object(file: Path, what: str) -> dict[str, Any]:
    """Return the JSON object in ``file``, which is to be ``what``; raise `PathError`."""
    if file.is_file():
        read_bytes(file)  # refuses what is too large
    try:
        content = read_json(file, PathError)
    except (RecursionError, ValueError) as cause:
        raise PathError(
            f"{file}: expected {what}, found JSON that is nested too deeply or has a number of "
            "thousands of digits; export it again"
        ) from cause
    return as_object(content, f"{file}", what)


def parse_object(data: bytes, where: str, what: str) -> dict[str, Any]:
    """Return the JSON object in ``data``; raise `PathError`."""
    try:
        content = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as cause:
        raise PathError(
            f"{where}: expected {what}, found no valid JSON; export it again"
        ) from cause
    return as_object(content, where, what)


def as_object(value: Any, where: str, what: str) -> dict[str, Any]:
    """Return ``value`` if it is a JSON object."""
    if not isinstance(value, dict):
        raise PathError(
            f"{where}: expected an object of {what}, found {kind(value)}; export it again"
        )
    return value


def as_list(value: Any, where: str, what: str) -> list[Any]:
    """Return ``value`` if it is a list of 1 to `MAX_FRAMES` items."""
    if not isinstance(value, list):
        raise PathError(f"{where}: expected a list of {what}, found {kind(value)}; export it again")
    if not 1 <= len(value) <= MAX_FRAMES:
        raise PathError(
            f"{where}: expected 1 to {MAX_FRAMES} {what}, found {len(value)}; export it again"
        )
    return value


def number(value: Any, where: str) -> float:
    """Return a finite number."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
        return float(value)
    raise PathError(f"{where}: expected a number, found {kind(value)}; correct it")


def number_said(word: str, where: str) -> float:
    """Return a finite number that a file of text states."""
    try:
        return number(float(word), where)
    except ValueError as cause:
        raise PathError(f"{where}: expected numbers, found {word[:40]!r}; correct it") from cause


def positive(value: Any, where: str) -> float:
    """Return a finite number above 0."""
    found = number(value, where)
    if found <= 0:
        raise PathError(f"{where}: expected a number above 0, found {found:g}; correct it")
    return found


def field_of_view(value: Any, where: str) -> float:
    """Return a vertical field of view in degrees."""
    found = number(value, where)
    if not 0 < found < 180:
        raise PathError(
            f"{where}: expected a vertical field of view between 0 and 180 degrees, "
            f"found {found:g}; correct it"
        )
    return found


def numbers(value: Any, count: int, where: str) -> Float[np.ndarray, "count"]:
    """Return ``count`` numbers, given as one list or as a list of rows."""
    flat = value
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        flat = [item for row in value for item in row]
    if not isinstance(flat, list) or len(flat) != count:
        found = f"{len(flat)}" if isinstance(flat, list) else kind(value)
        raise PathError(f"{where}: expected {count} numbers, found {found}; export it again")
    return np.array([number(item, f"{where}[{index}]") for index, item in enumerate(flat)])


def unit_quaternion(value: Any, where: str) -> Float[np.ndarray, "4"]:
    """Return four numbers, scaled to length 1; their order is the caller's."""
    found = numbers(value, 4, where)
    length = float(np.linalg.norm(found))
    if not 1e-6 < length < 1e6:
        raise PathError(
            f"{where}: expected a rotation as a quaternion of length 1, found one of length "
            f"{length:g}; export it again"
        )
    return found / length


def orthonormal(matrix: Float[np.ndarray, "3 3"], where: str) -> Float[np.ndarray, "3 3"]:
    """Return the rotation nearest to ``matrix``; raise `PathError` where that is not near."""
    off = np.abs(matrix @ matrix.T - np.eye(3)).max()
    if off > RIGID or np.linalg.det(matrix) < 0:
        found = "a mirrored one" if off <= RIGID else f"one that is off by {off:.2g}"
        raise PathError(
            f"{where}: expected a rotation in its upper left 3x3, found {found}; "
            "remove scale, shear and mirroring from the camera"
        )
    left, _, right = np.linalg.svd(matrix)
    return left @ right


def unscaled(poses: Float[np.ndarray, "n 4 4"], where: str) -> Float[np.ndarray, "n 4 4"]:
    """Return poses whose even scale is taken off; raise `PathError` for shear, mirroring, NaN.

    Scenes in other tools are often scaled as a whole, cameras with them; it does not turn them.
    """
    if not np.isfinite(poses).all() or np.abs(poses).max() > 1e150:
        raise PathError(f"{where}: expected finite numbers, found others; export the camera again")
    size = np.cbrt(np.abs(np.linalg.det(poses[:, :3, :3])))
    if size.min() < 1e-12:
        raise PathError(f"{where}: expected a rotation, found a scale of 0; export it again")
    turned = poses.copy()
    for index in range(len(poses)):
        turned[index, :3, :3] = orthonormal(
            poses[index, :3, :3] / size[index], f"{where}, frame {index}"
        )
    return turned


def frame_count(frames: float, where: str) -> int:
    """Return a whole number of frames, at least 1; raise `PathError` for more than may be."""
    if not frames <= MAX_FRAMES:
        raise PathError(
            f"{where}: expected at most {MAX_FRAMES} frames, found {frames:.6g}; "
            "shorten the path or lower its frames per second"
        )
    return max(1, int(frames))


def listed(values: Float[np.ndarray, "n"]) -> str:
    """Return numbers for a message."""
    return " ".join(f"{value:g}" for value in values)


def kind(value: Any) -> str:
    """Return what a JSON value is, in a user's words."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return "a number too large"
    return repr(value) if not isinstance(value, str) else repr(value[:40])
