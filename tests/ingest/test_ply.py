"""Points as PLY: written exactly, read in every form that the tools write, refused when cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scenegen.errors import IngestError
from scenegen.ingest.ply import read_ply, write_ply

COUNTS = st.integers(0, 9)
FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_what_is_written_reads_back_exactly(tmp_path_factory, data):
    count = data.draw(COUNTS)
    points = data.draw(hnp.arrays(np.float32, (count, 3), elements=FINITE))
    colors = data.draw(hnp.arrays(np.uint8, (count, 3)))
    file = tmp_path_factory.mktemp("ply") / "p.ply"
    write_ply(file, points, colors)
    read, read_colors = read_ply(file)
    np.testing.assert_array_equal(read, points)
    np.testing.assert_array_equal(read_colors, colors)


def _header(form: str, *properties: str, count: int = 2) -> str:
    lines = ["ply", f"format {form} 1.0", "comment x", f"element vertex {count}"]
    return "\n".join([*lines, *(f"property {p}" for p in properties), "end_header\n"])


XYZ = ("float x", "float y", "float z")
COLOR = ("uchar red", "uchar green", "uchar blue")


def _read(file: Path, data: bytes) -> tuple[np.ndarray, np.ndarray]:
    file.write_bytes(data)
    return read_ply(file)


@pytest.mark.parametrize(("form", "order"), [("little", "<"), ("big", ">")])
def test_binary_with_normals_of_either_byte_order(tmp_path, form, order):
    kind = np.dtype([(n, f"{order}f4") for n in ("x", "y", "z", "nx")] + [("red", "u1")])
    vertices = np.array([(1, 2, 3, 9, 7), (4, 5, 6, 9, 8)], kind)
    header = _header(f"binary_{form}_endian", *XYZ, "float nx", "uchar red")
    points, colors = _read(tmp_path / "p.ply", header.encode() + vertices.tobytes())
    np.testing.assert_array_equal(points, [[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(colors, [[128] * 3] * 2)


def test_ascii_with_faces_after_the_points_and_colours_from_0_to_1(tmp_path):
    header = _header("ascii", *XYZ, "float red", "float green", "float blue").replace(
        "end_header", "element face 1\nproperty list uchar int vertex_indices\nend_header"
    )
    body = "0 1 2 0 0.5 1\n3 4 5 1 1 1\n3 0 1 1\n"
    points, colors = _read(tmp_path / "p.ply", (header + body).encode())
    np.testing.assert_array_equal(points, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(colors, [[0, 128, 255], [255, 255, 255]])


def test_points_that_are_not_finite_are_left_out(tmp_path):
    header = _header("ascii", *XYZ, *COLOR)
    points, colors = _read(tmp_path / "p.ply", (header + "nan 1 2 1 1 1\n3 4 5 2 2 2\n").encode())
    np.testing.assert_array_equal(points, [[3, 4, 5]])
    np.testing.assert_array_equal(colors, [[2, 2, 2]])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            _header("ascii", *XYZ) + "0 1 2\n",
            "the list of points is damaged or cut short; export it again",
        ),
        (
            _header("binary_little_endian", *XYZ, count=10**17) + "0123456789ab",
            "the list of points is damaged or cut short; export it again",
        ),
        (
            _header("ascii", *XYZ) + "0 1 2\n0 1\n",
            "the list of points is damaged or cut short; export it again",
        ),
        ("solid x\n", "expected a PLY file, found something else; export it again"),
        ("", "expected a PLY file, found something else; export it again"),
        (
            _header("ascii", "float x", "float y"),
            "expected a PLY with vertices x, y, z, found a header without them; export it again",
        ),
        (
            _header("ascii", *XYZ, "list uchar int tags"),
            "vertices with a property `list uchar int tags` are not supported; "
            "export points with x, y, z and colours only",
        ),
    ],
)
def test_damage_is_told(tmp_path, data, message):
    file = tmp_path / "p.ply"
    with pytest.raises(IngestError) as error:
        _read(file, data.encode())
    assert str(error.value) == f"{file}: {message}"
