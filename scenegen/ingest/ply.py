"""Coloured point clouds as PLY, as nerfstudio (through Open3D) writes and reads them."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen.errors import IngestError
from scenegen.files import write_atomic

_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1",
    "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_ORDER = {"ascii": "=", "binary_little_endian": "<", "binary_big_endian": ">"}
_VERTEX = np.dtype(
    [(axis, "<f4") for axis in "xyz"] + [(c, "u1") for c in ("red", "green", "blue")]
)
_MAX_HEADER_LINES = 1000


def write_ply(
    file: Path, points: Float32[np.ndarray, "point 3"], colors: UInt8[np.ndarray, "point 3"]
) -> None:
    """Write points with sRGB colours as a binary PLY, atomically."""
    vertices = np.empty(len(points), _VERTEX)
    for i, axis in enumerate("xyz"):
        vertices[axis] = points[:, i]
    for i, color in enumerate(("red", "green", "blue")):
        vertices[color] = colors[:, i]
    header = [
        "ply",
        "format binary_little_endian 1.0",
        f"element vertex {len(points)}",
        *(f"property float {axis}" for axis in "xyz"),
        *(f"property uchar {color}" for color in ("red", "green", "blue")),
        "end_header",
    ]
    write_atomic(file, "\n".join(header).encode() + b"\n" + vertices.tobytes())


def read_ply(
    file: Path,
) -> tuple[Float32[np.ndarray, "point 3"], UInt8[np.ndarray, "point 3"]]:
    """Return points and sRGB colours (grey where the file has none) of an ASCII or binary PLY.

    Raises `IngestError` where the file is no PLY, has no ``x y z``, or ends early.
    """
    try:
        with file.open("rb") as stream:
            form, count, vertex = _read_header(stream, file)
            body = stream.read()
        if form == "ascii":
            columns = _read_ascii(body, count, vertex)
        else:
            columns = np.frombuffer(body, vertex, count)
    except (ValueError, IndexError) as error:
        raise _cut_short(file) from error
    points = np.stack([columns[axis] for axis in "xyz"], axis=1).astype(np.float32)
    colors = np.full((count, 3), 128, np.uint8)
    if {"red", "green", "blue"} <= set(vertex.names or ()):
        raw = np.stack([columns[color] for color in ("red", "green", "blue")], axis=1)
        unit = vertex["red"].kind == "f"
        colors = np.clip(np.round(raw * 255.0) if unit else raw, 0, 255).astype(np.uint8)
    keep = np.isfinite(points).all(axis=1)
    return points[keep], colors[keep]


def _read_ascii(body: bytes, count: int, vertex: np.dtype) -> dict[str, np.ndarray]:
    lines = body.decode("ascii").splitlines()[:count]
    table = np.array([line.split() for line in lines], np.float64).reshape(count, -1)
    return {name: table[:, i] for i, name in enumerate(vertex.names or ())}


def _cut_short(file: Path) -> IngestError:
    return IngestError(f"{file}: the list of points is damaged or cut short; export it again")


def _read_header(stream: BinaryIO, file: Path) -> tuple[str, int, np.dtype]:
    """Return format, number of vertices and the type of one, with ``stream`` at the first."""
    form, count, element, fields = "", -1, "", []
    for number in range(_MAX_HEADER_LINES):
        words = stream.readline(1000).decode("latin-1").split()
        if number == 0 and words != ["ply"]:
            raise IngestError(f"{file}: expected a PLY file, found something else; export it again")
        match words:
            case ["format", form, _]:
                pass
            case ["element", element, amount]:
                if element != "vertex" and count < 0:
                    raise IngestError(f"{file}: expected `vertex` first, found {element!r}")
                count = int(amount) if element == "vertex" else count
            case ["property", kind, name] if element == "vertex" and kind in _TYPES:
                fields.append((name, _ORDER.get(form, "=") + _TYPES[kind]))
            case ["property", *kind] if element == "vertex":
                raise IngestError(
                    f"{file}: vertices with a property `{' '.join(kind)}` are not supported; "
                    "export points with x, y, z and colours only"
                )
            case ["end_header"]:
                break
            case _:
                pass
    vertex = np.dtype(fields)
    if form not in _ORDER or count < 0 or not {"x", "y", "z"} <= set(vertex.names or ()):
        raise IngestError(
            f"{file}: expected a PLY with vertices x, y, z, found a header without them; "
            "export it again"
        )
    return form, count, vertex
