"""COLMAP's model files, text and binary, read within bounds.

Own code because pycolmap trusts the counts in these files: on a truncated one it takes all memory.
Source: COLMAP, "Output format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, UInt8

from scenegen.errors import IngestError

# Number of the model in binary files, and of its parameters.
CAMERA_MODELS = {
    "SIMPLE_PINHOLE": (0, 3),
    "PINHOLE": (1, 4),
    "SIMPLE_RADIAL": (2, 4),
    "RADIAL": (3, 5),
    "OPENCV": (4, 8),
    "OPENCV_FISHEYE": (5, 8),
    "FULL_OPENCV": (6, 12),
    "FOV": (7, 5),
    "SIMPLE_RADIAL_FISHEYE": (8, 4),
    "RADIAL_FISHEYE": (9, 5),
    "THIN_PRISM_FISHEYE": (10, 12),
}
_FIX = "export the model again with `colmap model_converter`"


@dataclass(frozen=True)
class ColmapCamera:
    """A camera as COLMAP states it."""

    model: str
    width_px: int
    height_px: int
    params: tuple[float, ...]


@dataclass(frozen=True)
class ColmapImage:
    """An image with its world-to-camera pose: quaternion ``wxyz`` and translation."""

    name: str
    camera_id: int
    quaternion: tuple[float, ...]
    translation: tuple[float, ...]

    @property
    def world_from_camera(self) -> Float[np.ndarray, "4 4"]:
        """Pose of the camera with OpenCV's axes; NaN for a quaternion of length 0."""
        w, x, y, z = np.array(self.quaternion) / (np.linalg.norm(self.quaternion) or np.nan)
        world_from_camera = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)],
                [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)],
                [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)],
            ]
        )
        pose = np.eye(4)
        pose[:3, :3] = world_from_camera
        pose[:3, 3] = -world_from_camera @ np.array(self.translation)
        return pose


@dataclass(frozen=True)
class ColmapModel:
    """What the three files of a model hold."""

    cameras: dict[int, ColmapCamera]
    images: tuple[ColmapImage, ...]
    points: Float32[np.ndarray, "point 3"]
    point_colors: UInt8[np.ndarray, "point 3"]


def read_model_files(model: Path) -> ColmapModel:
    """Read the model in the folder ``model``; raises `IngestError` where it is damaged."""
    binary = (model / "cameras.bin").is_file() and (model / "images.bin").is_file()
    suffix = ".bin" if binary else ".txt"
    kinds = _BINARY if binary else _TEXT
    lists: list[list[Any]] = []
    for name, reader in zip(("cameras", "images", "points3D"), kinds, strict=True):
        file = model / f"{name}{suffix}"
        try:
            lists.append(list(reader(file.read_bytes())))
        except FileNotFoundError as error:
            raise IngestError(f"{file}: the file is missing from the model; {_FIX}") from error
        except (ValueError, IndexError, KeyError, OverflowError, struct.error) as error:
            raise IngestError(f"{file}: damaged or cut short; {_FIX}") from error
    cameras, images, points = lists
    if not images:
        raise IngestError(f"{model / f'images{suffix}'}: the model has no posed images; {_FIX}")
    return ColmapModel(
        cameras=dict(cameras),
        images=tuple(images),
        points=np.array([xyz for xyz, _ in points], np.float32).reshape(-1, 3),
        point_colors=np.array([color for _, color in points], np.uint8).reshape(-1, 3),
    )


class _Bytes:
    """Little-endian values one after the other; `struct.error` where the data ends."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def skip(self, size: int) -> None:
        self._at += size
        if self._at > len(self._data):
            raise ValueError("the file ends early")

    def text(self) -> str:
        end = self._data.index(b"\0", self._at)
        text = self._data[self._at : end].decode("utf-8")
        self._at = end + 1
        return text


def _binary_cameras(data: bytes) -> Iterator[tuple[int, ColmapCamera]]:
    values = _Bytes(data)
    models = {number: (name, count) for name, (number, count) in CAMERA_MODELS.items()}
    for _ in range(*values.take("Q")):
        camera_id, number, width, height = values.take("IiQQ")
        name, count = models.get(number, (f"number {number}", 0))
        yield camera_id, ColmapCamera(name, width, height, values.take(f"{count}d"))
        if not count:
            return  # a model of unknown length: what follows cannot be told


def _binary_images(data: bytes) -> Iterator[ColmapImage]:
    values = _Bytes(data)
    for _ in range(*values.take("Q")):
        _, *pose, camera_id = values.take("I7dI")
        name = values.text()
        values.skip(24 * values.take("Q")[0])
        yield ColmapImage(name, camera_id, tuple(pose[:4]), tuple(pose[4:]))


def _binary_points(data: bytes) -> Iterator[tuple[tuple[float, ...], tuple[int, ...]]]:
    values = _Bytes(data)
    for _ in range(*values.take("Q")):
        _, x, y, z, red, green, blue, _, track = values.take("Q3d3BdQ")
        values.skip(8 * track)
        yield (x, y, z), (red, green, blue)


def _lines(data: bytes) -> Iterator[str]:
    return iter(data.decode("utf-8").splitlines())


def _listed(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _text_cameras(data: bytes) -> Iterator[tuple[int, ColmapCamera]]:
    for line in filter(_listed, _lines(data)):
        camera_id, name, width, height, *params = line.split()
        if name in CAMERA_MODELS and len(params) != CAMERA_MODELS[name][1]:
            raise ValueError("wrong number of parameters")
        yield (
            int(camera_id),
            ColmapCamera(name, int(width), int(height), tuple(float(value) for value in params)),
        )


def _text_images(data: bytes) -> Iterator[ColmapImage]:
    lines = _lines(data)
    for line in lines:
        if not _listed(line):
            continue
        _, *pose, camera_id, name = line.strip().split(maxsplit=9)
        values = [float(value) for value in pose]
        if len(values) != 7:
            raise ValueError("wrong number of values")
        next(lines, "")  # the observations, a line that may be empty
        yield ColmapImage(name, int(camera_id), tuple(values[:4]), tuple(values[4:]))


def _text_points(data: bytes) -> Iterator[tuple[tuple[float, ...], tuple[int, ...]]]:
    for line in filter(_listed, _lines(data)):
        _, x, y, z, red, green, blue, *_ = line.split()
        color = bytes(int(value) for value in (red, green, blue))  # refuses values over 255
        yield (float(x), float(y), float(z)), tuple(color)


_BINARY = (_binary_cameras, _binary_images, _binary_points)
_TEXT = (_text_cameras, _text_images, _text_points)
