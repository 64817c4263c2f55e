"""The C++ kernels behind plain functions on arrays; everything is checked before it goes in."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float, Float32, UInt8

from scenegen.errors import LiftError
from scenegen.kernels import _native, threads
from scenegen.kernels.crop import crop_box
from scenegen.types import Camera, Field, FieldShape

FEATURES = 4
"""Features of a hash entry that the kernels are built for: one SSE register."""
HARMONICS = 16
CELLS = 128
"""Cells along an edge of the occupancy grid."""
OPAQUE_DEPTH = 5.0
"""Optical depth at which a rendered ray ends: 0.7 % of the light would come from behind."""

FOOTPRINT = 0.35
"""Standard deviation of the space that a pixel covers, in pixels; that of a square is 0.29."""

LENS_MODELS = {"PINHOLE": 0, "OPENCV": 1, "OPENCV_FISHEYE": 2}

_fields: WeakKeyDictionary[Field, _native.NativeField] = WeakKeyDictionary()


def instruction_set() -> str:
    """Return which kernels this process uses; raise `LiftError` for those that it cannot."""
    try:
        return _native.instruction_set()
    except RuntimeError as cause:
        raise LiftError(str(cause)) from cause


instruction_set()  # before anything else runs into a wrong SCENEGEN_ISA


def mlp_size(shape: FieldShape) -> int:
    """Return the number of weights of both networks."""
    encoded = shape.levels * shape.features
    return shape.hidden * (encoded + 16 + 16 + HARMONICS + 3)


def native_field(
    shape: FieldShape, parameters: dict[str, np.ndarray], occupancy: UInt8[np.ndarray, "z y x"]
) -> _native.NativeField:
    """Wrap arrays as a field; they are not copied, so that training may go on changing them.

    Without a sky among the ``parameters`` what is behind the field is grey.
    """
    sky = parameters.get("sky", np.zeros((3, HARMONICS), np.float32))
    table = (shape.levels, 1 << shape.log2_table, FEATURES)
    assert shape.features == FEATURES
    assert shape.geometry == 15
    assert 1 <= shape.levels <= 16
    assert shape.hidden in (16, 32, 64)
    assert parameters["hash"].shape == table
    assert parameters["mlp"].shape == (mlp_size(shape),)
    assert sky.shape == (3, HARMONICS)
    return _native.NativeField(
        levels=shape.levels,
        log2_table=shape.log2_table,
        coarsest=shape.coarsest,
        finest=shape.finest,
        hidden=shape.hidden,
        hash=parameters["hash"].view(np.uint16),
        mlp=parameters["mlp"],
        sky=sky,
        distance=occupancy,
    )


def _of(field: Field) -> _native.NativeField:
    if field not in _fields:
        parameters = {**field.parameters, "sky": field.sky}
        native = native_field(field.shape, parameters, field.occupancy)
        native.march_by(field.step, field.near, field.far)
        if (box := crop_box(field)) is not None:
            native.crop_to([*box.axes.ravel().tolist(), *box.centre.tolist(), *box.half.tolist()])
        _fields[field] = native
    return _fields[field]


def _normalised(
    field: Field, points: Float[np.ndarray, "point 3"]
) -> Float32[np.ndarray, "point 3"]:
    return np.ascontiguousarray((points - field.centre) / field.radius, dtype=np.float32)


def trace(
    field: Field,
    origins: Float[np.ndarray, "ray 3"],
    directions: Float[np.ndarray, "ray 3"],
    pixel_angle: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rgb [ray 3], depth along the ray [ray] in world units, and opacity [ray].

    The field's `Field.turn` is left out: rays are in the frame that it was trained in. They stand
    for pixels of ``pixel_angle`` radians; detail finer than these is left out.
    """
    assert origins.shape == directions.shape == (len(origins), 3)
    count = len(origins)
    rgb = np.zeros((count, 3), np.float32)
    depth, opacity = np.zeros(count, np.float32), np.zeros(count, np.float32)
    _of(field).trace(
        _normalised(field, origins),
        np.ascontiguousarray(directions, dtype=np.float32),
        OPAQUE_DEPTH,
        threads(),
        rgb,
        depth,
        opacity,
        footprint=FOOTPRINT * pixel_angle,
    )
    return np.clip(rgb, 0.0, 1.0), depth * np.float32(field.radius), opacity


def cell_weights(
    field: Field,
    origins: Float[np.ndarray, "ray 3"],
    directions: Float[np.ndarray, "ray 3"],
) -> Float32[np.ndarray, "z y x"]:
    """Return, for every cell of the occupancy grid, the largest weight a sample of a ray had there.

    A weight is the share that a sample has in the colour of its ray.
    """
    count = len(origins)
    weights = np.zeros(field.occupancy.shape, np.float32)
    _of(field).trace(
        _normalised(field, origins),
        np.ascontiguousarray(directions, dtype=np.float32),
        OPAQUE_DEPTH,
        threads(),
        np.zeros((count, 3), np.float32),
        np.zeros(count, np.float32),
        np.zeros(count, np.float32),
        weights,
    )
    return weights


def density(field: Field, points: Float[np.ndarray, "point 3"]) -> Float32[np.ndarray, "point"]:
    """Return the optical density at world points, in 1 / `Field.radius`."""
    out = np.zeros(len(points), np.float32)
    _of(field).density(_normalised(field, points), out)
    return out


def native_photo(
    rgb: UInt8[np.ndarray, "h w 3"],
    mask: UInt8[np.ndarray, "h w"] | None,
    camera: Camera,
    centre: Float[np.ndarray, "3"],
    radius: float,
    sky: UInt8[np.ndarray, "32 32"] | None = None,
) -> _native.NativePhoto:
    """Wrap a photo and its camera, normalised as the field's points are.

    ``sky`` says where the photo may show sky, see `scenegen.lift.sky`.
    """
    lens = camera.lens
    assert rgb.shape == (lens.height_px, lens.width_px, 3)
    assert mask is None or mask.shape == rgb.shape[:2]
    names = ("fl_x", "fl_y", "cx", "cy", "k1", "k2", "k3", "k4", "p1", "p2")
    return _native.NativePhoto(
        rgb=rgb,
        mask=mask,
        model=LENS_MODELS[lens.model],
        lens=[float(getattr(lens, name)) for name in names],
        rotation=camera.world_from_camera[:3, :3].ravel().tolist(),
        position=((camera.position - centre) / radius).tolist(),
        open=sky,
    )


def visible_cells(
    photos: Sequence[_native.NativePhoto], near: Sequence[float]
) -> UInt8[np.ndarray, "z y x"]:
    """Return 1 for the cells of the occupancy grid that some photo sees beyond its ``near``."""
    assert len(photos) == len(near)
    out = np.zeros((CELLS, CELLS, CELLS), np.uint8)
    _native.visible_cells(list(photos), list(near), out)
    return out


def distance_field(
    alpha: Float32[np.ndarray, "z y x"], threshold: float, out: UInt8[np.ndarray, "z y x"]
) -> None:
    """Write to ``out`` the Chebyshev distance to the nearest cell of more than ``threshold``."""
    _native.distance_field(alpha, threshold, out)
