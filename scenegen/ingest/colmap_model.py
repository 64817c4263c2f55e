"""Posed photos as a COLMAP model, text or binary, with its images beside it.

Source: COLMAP, "Output format" and `camera_models.h`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scenegen.errors import IngestError
from scenegen.files import inside
from scenegen.ingest.colmap_files import ColmapCamera, read_model_files
from scenegen.ingest.transforms import (
    PosedPhotos,
    fit_lens,
    readable_size,
    report_missing,
    rigid,
    sort_photos,
)
from scenegen.types import Camera, Lens, LensModel, Photo

_MODEL_FOLDERS = (".", "sparse/0", "sparse", "colmap/sparse/0", "dense/sparse", "model")
_IMAGE_FOLDERS = ("images", "../images", "../../images", ".", "..", "../..")
_OPENCV_FROM_OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
# The coefficients of COLMAP's models behind focal length and principal point, in their order.
_COEFFICIENTS: dict[str, tuple[LensModel, tuple[str, ...]]] = {
    "SIMPLE_PINHOLE": ("PINHOLE", ()),
    "PINHOLE": ("PINHOLE", ()),
    "SIMPLE_RADIAL": ("OPENCV", ("k1",)),
    "RADIAL": ("OPENCV", ("k1", "k2")),
    "OPENCV": ("OPENCV", ("k1", "k2", "p1", "p2")),
    "SIMPLE_RADIAL_FISHEYE": ("OPENCV_FISHEYE", ("k1",)),
    "RADIAL_FISHEYE": ("OPENCV_FISHEYE", ("k1", "k2")),
    "OPENCV_FISHEYE": ("OPENCV_FISHEYE", ("k1", "k2", "k3", "k4")),
}


def find_model(folder: Path) -> Path | None:
    """Return the folder in or below ``folder`` that holds a COLMAP model, None without one."""
    for name in _MODEL_FOLDERS:
        model = folder / name
        for suffix in (".bin", ".txt"):
            if all((model / f"{part}{suffix}").is_file() for part in ("cameras", "images")):
                return model
    return None


def read_colmap(model: Path) -> PosedPhotos:
    """Read the photos of a COLMAP model whose images exist, in the model's world.

    Raises `IngestError` for a damaged model, lenses we do not have, and missing images.
    """
    read = read_model_files(model)
    folder = _find_images(model, [image.name for image in read.images])
    photos: dict[str, Photo] = {}
    missing: list[str] = []
    for image in read.images:
        where = f"{model}: image {image.name!r}"
        file = inside(folder, image.name, IngestError, model)
        camera = read.cameras.get(image.camera_id)
        if camera is None:
            raise IngestError(f"{where}: its camera {image.camera_id} is missing; export again")
        size = readable_size(file)
        if size is None:
            missing.append(image.name)
            continue
        lens = lens_from_colmap(camera, where)
        pose = rigid(image.world_from_camera @ _OPENCV_FROM_OPENGL, where)
        photos[image.name] = Photo(file, Camera(fit_lens(lens, size, where), pose))
    report_missing(model, missing, len(read.images))
    return sort_photos(photos, len(read.images), read.points, read.point_colors)


def _find_images(model: Path, names: list[str]) -> Path:
    for folder in _IMAGE_FOLDERS:
        images = (model / folder).resolve()
        if any((images / name).is_file() for name in names):
            return images
    raise IngestError(
        f"{model}: none of the {len(names)} images of the model (the first is {names[0]!r}) is in "
        "a folder `images` beside it; put them there"
    )


def lens_from_colmap(camera: ColmapCamera, where: str) -> Lens:
    """Return COLMAP's camera as a `Lens`; `IngestError`, beginning with ``where``, if it has none.

    COLMAP counts pixels from the same corner as we do.
    """
    if camera.model not in _COEFFICIENTS:
        raise IngestError(
            f"{where}: camera model {camera.model} is not supported, expected one of "
            f"{', '.join(_COEFFICIENTS)}; run `colmap image_undistorter` first"
        )
    model, names = _COEFFICIENTS[camera.model]
    split = len(camera.params) - len(names)
    *focal, cx, cy = camera.params[:split]
    if not np.isfinite(camera.params).all() or min(focal) <= 0:
        raise IngestError(f"{where}: expected a focal length above 0, found a damaged camera")
    return Lens(
        width_px=camera.width_px,
        height_px=camera.height_px,
        fl_x=focal[0],
        fl_y=focal[-1],
        cx=cx,
        cy=cy,
        model=model,
        **dict(zip(names, camera.params[split:], strict=True)),
    )
