"""Posed photos as ``transforms.json``: nerfstudio's, instant-ngp's and Blender's form.

Sources: nerfstudio, "Data conventions"; instant-ngp, "NeRF dataset tips".
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, UInt8

from scenegen.errors import IngestError
from scenegen.files import inside, read_json, write_json
from scenegen.ingest.images import BadImageError, image_size
from scenegen.ingest.ply import read_ply
from scenegen.types import Camera, Lens, LensModel, Photo

log = logging.getLogger("scenegen")

MODELS: dict[str, LensModel] = {
    "SIMPLE_PINHOLE": "PINHOLE",
    "PINHOLE": "PINHOLE",
    "SIMPLE_RADIAL": "OPENCV",
    "RADIAL": "OPENCV",
    "OPENCV": "OPENCV",
    "SIMPLE_RADIAL_FISHEYE": "OPENCV_FISHEYE",
    "RADIAL_FISHEYE": "OPENCV_FISHEYE",
    "OPENCV_FISHEYE": "OPENCV_FISHEYE",
}
DISTORTION = ("k1", "k2", "k3", "k4", "p1", "p2")
IMPLIED_SUFFIXES = ("", ".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG", ".webp")
# Files with six decimals are off by 2e-6; a mirrored or scaled matrix is off by far more.
RIGID_TOLERANCE = 1e-3


@dataclass(frozen=True)
class PosedPhotos:
    """Photos and sparse points in the world of the file that gave them.

    ``names`` are the paths of the photos as that file states them, in the order of ``photos``.
    ``listed`` counts the photos that it names, there or not.
    """

    photos: tuple[Photo, ...]
    names: tuple[str, ...]
    listed: int
    points: Float32[np.ndarray, "point 3"]
    point_colors: UInt8[np.ndarray, "point 3"]


def read_transforms(file: Path) -> PosedPhotos:
    """Read the photos of ``file`` whose images exist, sorted by path; the rest gives one warning.

    Raises `IngestError` for broken JSON, no usable frame, matrices that are no camera pose, lenses
    of unknown kinds, and paths that leave the folder of ``file``.
    """
    data = read_json(file, IngestError)
    frames = data.get("frames") if isinstance(data, dict) else None
    if not isinstance(frames, list) or not frames:
        raise IngestError(
            f"{file}: expected a list `frames` of posed photos, found none; "
            "export the capture again from the tool that made it"
        )
    photos: dict[str, Photo] = {}
    missing: list[str] = []
    for index, frame in enumerate(frames):
        name = frame.get("file_path") if isinstance(frame, dict) else None
        if not isinstance(name, str) or not name:
            raise IngestError(f"{file}: frame {index} has no `file_path`; name its image")
        if name in photos:
            raise IngestError(f"{file}: frame {name!r} is listed twice; remove one of the two")
        photo = _read_frame(file, data, frame, name)
        if photo is None:
            missing.append(name)
        else:
            photos[name] = photo
    report_missing(file, missing, len(frames))
    return sort_photos(photos, len(frames), *_read_points(file, data))


def sort_photos(
    photos: dict[str, Photo],
    listed: int,
    points: Float32[np.ndarray, "point 3"],
    point_colors: UInt8[np.ndarray, "point 3"],
) -> PosedPhotos:
    """Return ``photos`` of the ``listed`` ones, by the path that their file states, by name."""
    names = tuple(sorted(photos, key=lambda name: (photos[name].name, name)))
    return PosedPhotos(tuple(photos[name] for name in names), names, listed, points, point_colors)


def report_missing(file: Path, missing: list[str], total: int) -> None:
    """Warn of images that ``file`` lists and that cannot be read; `IngestError` if all of them."""
    if len(missing) == total:
        raise IngestError(
            f"{file}: none of its {total} images could be read (the first is {missing[0]!r}); "
            "put the images where `file_path` says, relative to this file"
        )
    if missing:
        log.warning(
            "%s: %d of %d listed images are missing or unreadable (%s); going on with %d",
            file,
            len(missing),
            total,
            ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else ""),
            total - len(missing),
        )


def _read_points(file: Path, data: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    name = data.get("ply_file_path")
    if isinstance(name, str):
        points = inside(file.parent, name, IngestError, file)
        if points.is_file():
            return read_ply(points)
        log.warning("%s: its points %s are missing; going on without", file, name)
    return np.empty((0, 3), np.float32), np.empty((0, 3), np.uint8)


def _read_frame(file: Path, data: dict[str, Any], frame: dict[str, Any], name: str) -> Photo | None:
    """Return the photo of a frame, None where its image is missing or unreadable."""
    where = f"{file}: frame {name!r}"
    pose = rigid(frame.get("transform_matrix"), where)
    image = _find_image(file, name)
    size = readable_size(image) if image else None
    if image is None or size is None:
        return None
    lens = _read_lens({**data, **frame}, size, where)
    return Photo(image, Camera(lens, pose), _find_mask(file, frame))


def readable_size(image: Path) -> tuple[int, int] | None:
    """Return the size of an image in pixels, None where it is missing or unreadable."""
    try:
        return image_size(image) if image.is_file() else None
    except BadImageError:
        return None


def _find_image(file: Path, name: str) -> Path | None:
    path = name.replace("\\", "/")
    for suffix in IMPLIED_SUFFIXES:
        image = inside(file.parent, path + suffix, IngestError, file)
        if image.is_file():
            return image
    return None


def _find_mask(file: Path, frame: dict[str, Any]) -> Path | None:
    name = frame.get("mask_path")
    if not isinstance(name, str):
        return None
    mask = inside(file.parent, name.replace("\\", "/"), IngestError, file)
    if not mask.is_file():
        log.warning("%s: the mask %s is missing; going on without", file, name)
        return None
    return mask


def rigid(matrix: Any, where: str) -> Float[np.ndarray, "4 4"]:
    """Return ``matrix`` (rows of 4x4 or 3x4) as a camera pose.

    Raises `IngestError`, beginning with ``where``, unless it is finite and rigid: its rotation is
    orthonormal and not mirrored.
    """
    try:
        pose = np.asarray(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        pose = np.empty(0)
    if pose.shape == (3, 4):
        pose = np.vstack([pose, [0.0, 0.0, 0.0, 1.0]])
    fix = "export the poses again"
    if pose.shape != (4, 4):
        raise IngestError(f"{where}: expected `transform_matrix` of 4x4 numbers; {fix}")
    if not np.isfinite(pose).all():
        raise IngestError(f"{where}: `transform_matrix` holds NaN or infinite values; {fix}")
    if not np.allclose(pose[3], [0, 0, 0, 1], atol=1e-6):
        raise IngestError(
            f"{where}: expected `transform_matrix` to end with the row 0 0 0 1, "
            f"found {' '.join(f'{value:g}' for value in pose[3])}; {fix}"
        )
    rotation = pose[:3, :3]
    skew = float(np.abs(rotation.T @ rotation - np.eye(3)).max())
    determinant = float(np.linalg.det(rotation))
    if skew > RIGID_TOLERANCE or determinant < 0:
        found = "mirrored" if skew <= RIGID_TOLERANCE else "scaled or sheared"
        raise IngestError(
            f"{where}: expected `transform_matrix` to be a rotation and a position, found a "
            f"{found} one (determinant {determinant:.3g}, off orthonormal by {skew:.2g}); {fix}"
        )
    return pose


def _number(values: dict[str, Any], key: str, where: str) -> float | None:
    value = values.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise IngestError(f"{where}: expected `{key}` to be a number, found {value!r}; mend it")
    return float(value)


def _read_lens(values: dict[str, Any], size: tuple[int, int], where: str) -> Lens:
    """Return the lens for the image of ``size``, scaled where the file states another size."""

    def number(key: str) -> float | None:
        return _number(values, key, where)

    width, height = number("w") or size[0], number("h") or size[1]
    focal = number("fl_x") or _focal(number("camera_angle_x"), width)
    focal_y = number("fl_y") or _focal(number("camera_angle_y"), height) or focal
    focal = focal or focal_y
    if focal is None or focal_y is None or focal <= 0 or focal_y <= 0:
        raise IngestError(
            f"{where}: expected a focal length `fl_x` in pixels or `camera_angle_x` in radians, "
            "found neither; add one"
        )
    cx, cy = number("cx"), number("cy")
    distortion = {key: number(key) or 0.0 for key in DISTORTION}
    lens = Lens(
        width_px=round(width),
        height_px=round(height),
        fl_x=focal,
        fl_y=focal_y,
        cx=width / 2 if cx is None else cx,
        cy=height / 2 if cy is None else cy,
        model=_model(values, distortion, where),
        **distortion,
    )
    return fit_lens(lens, size, where)


def _focal(angle: float | None, side_px: float) -> float | None:
    if angle is None or not 0 < angle < math.pi:
        return None
    return 0.5 * side_px / math.tan(0.5 * angle)


def _model(values: dict[str, Any], distortion: dict[str, float], where: str) -> LensModel:
    """Return our lens model; as nerfstudio does, distortion counts under every name of a model."""
    default = "OPENCV_FISHEYE" if values.get("is_fisheye") else "PINHOLE"
    name = values.get("camera_model", default)
    model = MODELS.get(name) if isinstance(name, str) else None
    if model is None:
        raise IngestError(
            f"{where}: camera model {name!r} is not supported, expected one of "
            f"{', '.join(MODELS)}; undistort the images to PINHOLE first"
        )
    if model == "PINHOLE" and any(distortion.values()):
        model = "OPENCV"
    if model == "OPENCV" and distortion["k4"]:
        raise IngestError(f"{where}: a lens of model {name} has no `k4`; remove it or undistort")
    return model


def fit_lens(lens: Lens, size: tuple[int, int], where: str) -> Lens:
    """Return ``lens`` for an image of ``size``, which may be a resampled one."""
    width, height = size
    if (lens.width_px, lens.height_px) == size:
        return lens
    expected = lens.height_px * width / max(lens.width_px, 1)
    if lens.width_px <= 0 or abs(expected - height) > 1.5:
        raise IngestError(
            f"{where}: expected an image of {lens.width_px}x{lens.height_px} pixels or the same "
            f"shape, found {width}x{height}; give the right `w` and `h`"
        )
    return lens.scaled(width, height)


def write_transforms(file: Path, photos: Sequence[Photo], points_file: str | None) -> None:
    """Write ``photos``, whose images lie below the folder of ``file``, as nerfstudio reads them.

    The lens stands at the top where all photos share it, else with every frame.
    """
    lenses = [lens_json(photo.camera.lens) for photo in photos]
    shared = all(lens == lenses[0] for lens in lenses)
    frames = []
    for photo, lens in zip(photos, lenses, strict=True):
        frame: dict[str, Any] = {"file_path": photo.file.relative_to(file.parent).as_posix()}
        if photo.mask is not None:
            frame["mask_path"] = photo.mask.relative_to(file.parent).as_posix()
        if not shared:
            frame |= lens
        frame["transform_matrix"] = photo.camera.world_from_camera.tolist()
        frames.append(frame)
    top = lenses[0] if shared else {"camera_model": _common_model(photos, file)}
    points = {"ply_file_path": points_file} if points_file else {}
    write_json(file, {**top, **points, "frames": frames})


def _common_model(photos: Sequence[Photo], file: Path) -> LensModel:
    """Return the one lens model that holds all ``photos``: nerfstudio reads no more than one."""
    models: set[LensModel] = {photo.camera.lens.model for photo in photos}
    if len(models) == 1:
        return next(iter(models))
    if models == {"PINHOLE", "OPENCV"}:
        return "OPENCV"
    raise IngestError(
        f"{file}: fisheye and other lenses in one capture cannot be written together; "
        "ingest the photos of each kind on their own"
    )


def lens_json(lens: Lens) -> dict[str, Any]:
    """Return a lens under nerfstudio's keys; coefficients that the model lacks are left out."""
    values: dict[str, Any] = {
        "camera_model": lens.model,
        "fl_x": lens.fl_x,
        "fl_y": lens.fl_y,
        "cx": lens.cx,
        "cy": lens.cy,
        "w": lens.width_px,
        "h": lens.height_px,
    }
    if lens.model != "PINHOLE":
        values |= {key: getattr(lens, key) for key in DISTORTION}
    return values
