"""Scene folders: ``scene.json``, ``field.safetensors`` and the photos, never pickled.

How a scene stands and what of it is shown may lie beside these, see `scenegen.lift.placement`.

A scene folder needs nothing outside itself, so it may be moved or given away.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from scenegen import files
from scenegen.errors import LiftError, OutputError
from scenegen.lift.placement import placed, read_placement, write_placement
from scenegen.types import Camera, Field, FieldShape, Lens, Photo, Scene

FORMAT_VERSION = 1
SCENE_FILE = "scene.json"
FIELD_FILE = "field.safetensors"


def check_scene_output(output: Path, overwrite: bool, sources: Sequence[Path] = ()) -> None:
    """Raise `OutputError` unless a scene may be written to ``output``.

    Only an empty folder or a scene is ever replaced, and never one that holds ``sources``.
    """
    files.check_output(output, overwrite)
    if not output.exists():
        return
    if any(source.resolve().is_relative_to(output.resolve()) for source in sources):
        raise OutputError(f"{output}: would replace its own input; choose another --output")
    empty = output.is_dir() and not any(output.iterdir())
    if not empty and not (output / SCENE_FILE).is_file():
        raise OutputError(
            f"{output}: expected a scene folder to replace, found something else; "
            "choose another --output or remove it yourself"
        )


def save_scene(scene: Scene, folder: Path) -> None:
    """Write ``scene`` into the existing, empty ``folder``; photos are linked, or copied."""
    from safetensors.numpy import save

    placement, scene = scene.placement, scene.as_trained
    write_placement(folder, placement)
    field = scene.field
    count = len(scene.photos)
    stored = _store_photos([*scene.photos, *scene.heldout], folder)
    arrays = {**field.parameters, "occupancy": field.occupancy}
    arrays |= {"points": scene.points, "exposures": scene.exposures}
    files.write_atomic(
        folder / FIELD_FILE, save({k: np.ascontiguousarray(v) for k, v in arrays.items()})
    )
    marching = {name: getattr(field, name) for name in ("radius", "step", "near", "far")}
    files.write_json(
        folder / SCENE_FILE,
        {
            "format": "scenegen scene",
            "format_version": FORMAT_VERSION,
            "fingerprint": scene.fingerprint,
            "metres_per_unit": scene.metres_per_unit,
            "facts": dict(scene.facts),
            "field": {
                "shape": asdict(field.shape),
                "centre": field.centre.tolist(),
                **marching,
                "background": field.background.tolist(),
            },
            "photos": [_photo_json(photo, folder) for photo in stored[:count]],
            "heldout": [_photo_json(photo, folder) for photo in stored[count:]],
        },
    )


def load_scene(folder: Path) -> Scene:
    """Return the scene in ``folder``, turned and cropped as the placement beside it says.

    Raises `LiftError` where it is no scene folder, is cut short, or comes from a newer scenegen.
    """
    file = folder / SCENE_FILE
    if not folder.is_dir() or not file.is_file():
        raise LiftError(
            f"{folder}: expected a scene folder with {SCENE_FILE}, found none; "
            "make one with: scenegen lift INPUT --output SCENE"
        )
    record = files.read_json(file, LiftError)
    _check_version(file, record)
    try:
        trained = _scene(folder, record)
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise LiftError(
            f"{file}: a value is missing or of the wrong kind ({cause}); lift the scene again"
        ) from cause
    return placed(trained, read_placement(folder))


def _check_version(file: Path, record: Any) -> None:
    version = record.get("format_version") if isinstance(record, dict) else None
    if not isinstance(version, int) or record.get("format") != "scenegen scene":
        raise LiftError(f"{file}: expected a scene written by scenegen; lift the capture again")
    if version > FORMAT_VERSION:
        raise LiftError(
            f"{file}: format version {version}, expected {FORMAT_VERSION} or older; "
            "the scene comes from a newer scenegen: pip install --upgrade scenegen"
        )


def _scene(folder: Path, record: dict[str, Any]) -> Scene:
    given = record["field"]
    shape = FieldShape(**given["shape"])
    _check_shape(folder / SCENE_FILE, shape)
    arrays = _arrays(folder / FIELD_FILE, shape, len(record["photos"]))
    field = Field(
        shape=shape,
        centre=np.array(given["centre"], float).reshape(3),
        radius=float(given["radius"]),
        step=float(given["step"]),
        near=float(given["near"]),
        far=float(given["far"]),
        parameters={name: arrays[name] for name in ("hash", "mlp", "sky") if name in arrays},
        occupancy=arrays["occupancy"],
        background=np.array(given["background"], np.float32).reshape(3),
    )
    _check_marching(folder / SCENE_FILE, field)
    return Scene(
        field=field,
        photos=_photos(folder, record["photos"]),
        heldout=_photos(folder, record["heldout"]),
        points=arrays["points"],
        fingerprint=str(record["fingerprint"]),
        metres_per_unit=record["metres_per_unit"],
        facts=record["facts"],
        exposures=arrays["exposures"],
        folder=folder,
    )


def _check_shape(file: Path, shape: FieldShape) -> None:
    """Raise `LiftError` for a size that the kernels, which trust what they get, are not built for.

    ``log2_table`` ends where the table alone would take gigabytes.
    """
    for name, value in asdict(shape).items():
        _expect(file, name, value, "a whole number", type(value) is int)
    coarsest, finest = shape.coarsest, shape.finest
    _expect(file, "levels", shape.levels, "1 to 16", 1 <= shape.levels <= 16)
    _expect(file, "log2_table", shape.log2_table, "4 to 24", 4 <= shape.log2_table <= 24)
    _expect(file, "features", shape.features, "4", shape.features == 4)
    _expect(file, "coarsest", coarsest, "1 to 65536", 1 <= coarsest <= 65536)
    _expect(file, "finest", finest, f"{coarsest} to 65536", coarsest <= finest <= 65536)
    _expect(file, "hidden", shape.hidden, "16, 32 or 64", shape.hidden in (16, 32, 64))
    _expect(file, "geometry", shape.geometry, "15", shape.geometry == 15)


def _check_marching(file: Path, field: Field) -> None:
    """Raise `LiftError` for numbers that rays would never end with, or find nothing."""
    centre, radius, near, far = field.centre, field.radius, field.near, field.far
    _expect(file, "centre", centre, "finite numbers", bool(np.isfinite(centre).all()))
    _expect(file, "radius", radius, "1e-6 to 1e9", 1e-6 <= radius <= 1e9)
    _expect(file, "step", field.step, "0.0001 to 1", 1e-4 <= field.step <= 1)
    _expect(file, "near", near, "0 or more", near >= 0)
    _expect(file, "far", far, f"more than near ({near:g}), at most 1e6", near < far <= 1e6)
    finite = bool(np.isfinite(field.background).all())
    _expect(file, "background", field.background, "finite numbers", finite)


def _expect(file: Path, name: str, found: object, expected: str, holds: bool) -> None:
    if not holds:
        raise LiftError(
            f"{file}: field: {name}: expected {expected}, found {found}; lift the scene again"
        )


def _arrays(file: Path, shape: FieldShape, photo_count: int) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(file)
    except FileNotFoundError as cause:
        raise LiftError(f"{file}: no such file; the scene is incomplete, lift it again") from cause
    except (SafetensorError, OSError) as cause:
        raise LiftError(
            f"{file}: cut short or damaged ({cause}); restore the file or lift the scene again"
        ) from cause
    # Older scenes say nothing of exposures; older readers skip them, so the format is the same.
    arrays.setdefault("exposures", np.zeros((photo_count, 3), np.float32))
    expected = {
        "hash": ((shape.levels, 1 << shape.log2_table, shape.features), np.float16),
        "mlp": ((shape.hidden * (shape.levels * shape.features + 51),), np.float32),
        "occupancy": ((128, 128, 128), np.uint8),
        "points": ((len(arrays.get("points", ())), 3), np.float32),
        "exposures": ((photo_count, 3), np.float32),
    }
    if "sky" in arrays:  # older scenes have one colour behind everything
        expected["sky"] = ((3, 16), np.float32)
    for name, (size, kind) in expected.items():
        found = arrays.get(name)
        if found is None or found.shape != size or found.dtype != kind:
            what = "nothing" if found is None else f"{found.dtype} {found.shape}"
            raise LiftError(
                f"{file}: {name}: expected {np.dtype(kind)} {size}, found {what}; "
                "lift the scene again"
            )
    return arrays


def _store_photos(photos: Sequence[Photo], folder: Path) -> list[Photo]:
    names = [photo.name for photo in photos]
    if len(set(names)) < len(names):  # of several folders: the number keeps them apart
        names = [f"{index:05d}_{name}" for index, name in enumerate(names)]
    stored = []
    for photo, name in zip(photos, names, strict=True):
        file = _link(photo.file, folder / "photos" / name)
        mask = None
        if photo.mask is not None:
            mask = _link(photo.mask, folder / "masks" / f"{name}{photo.mask.suffix}")
        stored.append(replace(photo, file=file, mask=mask))
    return stored


def _link(source: Path, target: Path) -> Path:
    target.parent.mkdir(exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)
    return target


def _photo_json(photo: Photo, folder: Path) -> dict[str, Any]:
    camera = photo.camera
    return {
        "file": photo.file.relative_to(folder).as_posix(),
        "mask": None if photo.mask is None else photo.mask.relative_to(folder).as_posix(),
        "lens": asdict(camera.lens),
        "world_from_camera": camera.world_from_camera.tolist(),
    }


def _photos(folder: Path, records: Sequence[dict[str, Any]]) -> tuple[Photo, ...]:
    names = {f.name for f in fields(Lens)}
    photos = []

    def locate(relative: str) -> Path:
        return files.inside(folder, relative, LiftError, folder / SCENE_FILE)

    for record in records:
        lens = Lens(**{k: v for k, v in record["lens"].items() if k in names})
        pose = np.array(record["world_from_camera"], float).reshape(4, 4)
        turn = pose[:3, :3]
        if not (np.isfinite(pose).all() and np.allclose(turn @ turn.T, np.eye(3), atol=1e-2)):
            raise LiftError(
                f"{folder / SCENE_FILE}: {record['file']}: expected a finite rigid motion as "
                "world_from_camera, found another matrix; lift the scene again"
            )
        mask = None if record["mask"] is None else locate(record["mask"])
        photos.append(Photo(locate(record["file"]), Camera(lens, pose), mask))
    return tuple(photos)
