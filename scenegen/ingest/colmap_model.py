"""Posed photos as a COLMAP model, text or binary, with its images beside it.

Source: COLMAP, "Output format" and `camera_models.h`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenegen.errors import IngestError
from scenegen.files import inside
from scenegen.ingest.transforms import (
    PosedPhotos,
    fit_lens,
    readable_size,
    report_missing,
    rigid,
    sort_photos,
)
from scenegen.types import Camera, Lens, LensModel, Photo

if TYPE_CHECKING:
    import pycolmap

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
    "SIMPLE_FISHEYE": ("OPENCV_FISHEYE", ()),
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
    reconstruction = _read(model)
    images = [reconstruction.images[i] for i in reconstruction.reg_image_ids()]
    images.sort(key=lambda image: image.name)
    folder = _find_images(model, [image.name for image in images])
    photos: dict[str, Photo] = {}
    missing: list[str] = []
    for image in images:
        where = f"{model}: image {image.name!r}"
        file = inside(folder, image.name, IngestError, model)
        size = readable_size(file)
        if size is None:
            missing.append(image.name)
            continue
        lens = lens_from_colmap(reconstruction.cameras[image.camera_id], where)
        world_from_cv = np.vstack([image.cam_from_world().inverse().matrix(), [0, 0, 0, 1]])
        pose = rigid(world_from_cv @ _OPENCV_FROM_OPENGL, where)
        photos[image.name] = Photo(file, Camera(fit_lens(lens, size, where), pose))
    report_missing(model, missing, len(images))
    points = [reconstruction.points3D[i] for i in sorted(reconstruction.points3D)]
    return sort_photos(
        photos,
        np.array([point.xyz for point in points], np.float32).reshape(-1, 3),
        np.array([point.color for point in points], np.uint8).reshape(-1, 3),
    )


def _read(model: Path) -> pycolmap.Reconstruction:
    import pycolmap

    fix = "export the model again with `colmap model_converter`"
    if not any((model / f"points3D{suffix}").is_file() for suffix in (".bin", ".txt")):
        raise IngestError(f"{model}: the file of points (points3D.bin or .txt) is missing; {fix}")
    try:
        reconstruction = pycolmap.Reconstruction(str(model))
    except Exception as error:  # pybind11 gives C++ exceptions several Python types
        raise IngestError(f"{model}: the COLMAP model is damaged ({error}); {fix}") from error
    if not reconstruction.num_reg_images():
        raise IngestError(f"{model}: the COLMAP model has no posed images; {fix}")
    return reconstruction


def _find_images(model: Path, names: list[str]) -> Path:
    for folder in _IMAGE_FOLDERS:
        images = (model / folder).resolve()
        if any((images / name).is_file() for name in names):
            return images
    raise IngestError(
        f"{model}: none of the {len(names)} images of the model (the first is {names[0]!r}) is in "
        "a folder `images` beside it; put them there"
    )


def lens_from_colmap(camera: pycolmap.Camera, where: str) -> Lens:
    """Return COLMAP's camera as a `Lens`; `IngestError`, beginning with ``where``, if it has none.

    COLMAP counts pixels from the same corner as we do.
    """
    if camera.model_name not in _COEFFICIENTS:
        raise IngestError(
            f"{where}: camera model {camera.model_name} is not supported, expected one of "
            f"{', '.join(_COEFFICIENTS)}; run `colmap image_undistorter` first"
        )
    model, names = _COEFFICIENTS[camera.model_name]
    values = [float(camera.params[i]) for i in camera.extra_params_idxs()]
    if not np.isfinite(camera.params).all() or not camera.mean_focal_length() > 0:
        raise IngestError(f"{where}: expected a focal length above 0, found a damaged camera")
    return Lens(
        width_px=camera.width,
        height_px=camera.height,
        fl_x=camera.focal_length_x,
        fl_y=camera.focal_length_y,
        cx=camera.principal_point_x,
        cy=camera.principal_point_y,
        model=model,
        **dict(zip(names, values, strict=True)),
    )
