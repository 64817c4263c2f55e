"""Files that are no camera path, or a broken one: said in words, whatever is wrong with them."""

from __future__ import annotations

import copy
import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenegen.errors import PathError
from scenegen.path.formats import registry, values
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.registry import read_path, write_path
from tests.golden.paths import generate
from tests.path.formats.test_markers import HEIGHT, WIDTH, room_walk

GOLDEN = Path(generate.__file__).parent
JSON = ["nerfstudio_viewer.json", "base_cam.json", "lichtfeld.json", "blender.gltf"]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value in a JSON value."""
    found = [at] if at else []
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in inner:
            found += places(item, (*at, key))
    return found


def damaged(value: Any, at: tuple[Any, ...], instead: Any) -> Any:
    """Return the value with what lies at ``at`` replaced, or left out for `Ellipsis`."""
    value = copy.deepcopy(value)
    inner = value
    for key in at[:-1]:
        inner = inner[key]
    if instead is ...:
        del inner[at[-1]]
    else:
        inner[at[-1]] = instead
    return value


WRONG = [
    ...,
    None,
    True,
    "text",
    [],
    {},
    -1,
    0,
    3,
    1e308,
    float("nan"),
    float("inf"),
    10**400,
    10**9,
    [1, 2],
    [[[]]],
    {"a": 1},
]


def read_or_refused(file: Path) -> None:
    """Read ``file``; whatever happens is a path of finite numbers or a sentence."""
    try:
        path = read_path(file, Hints(16 / 9, 24.0))
    except PathError as error:
        said = str(error)
        assert str(file.parent) in said
        assert "expected" in said or "no such" in said or "not valid" in said or "early" in said
        return
    assert np.isfinite(path.world_from_camera).all()
    assert np.isfinite(path.fov_y_deg).all()
    assert 1 <= len(path) <= values.MAX_FRAMES


@pytest.mark.parametrize("name", JSON)
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_a_wrong_value_anywhere(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("bad")
    content = json.loads((GOLDEN / name).read_text())
    shutil.copy(GOLDEN / "blender.bin", folder)
    at = data.draw(st.sampled_from(places(content)))
    file = folder / name
    file.write_text(json.dumps(damaged(content, at, data.draw(st.sampled_from(WRONG)))))
    read_or_refused(file)


BYTES = ["blender.chan", "path.glb", "maya.usda", "colmap/images.txt"]


@pytest.mark.parametrize("name", BYTES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_bytes(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    if "usd" in name:
        pytest.importorskip("pxr", reason="usd-core is not installed")
    folder = tmp_path_factory.mktemp("bad")
    if name.startswith("path"):
        write_path(room_walk(), folder / name, WIDTH, HEIGHT)
    elif name.startswith("colmap"):
        shutil.copytree(GOLDEN / "colmap", folder / "colmap")
    else:
        shutil.copy(GOLDEN / name, folder)
    whole = bytearray((folder / name).read_bytes())
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    else:
        at = data.draw(st.integers(0, len(whole) - 1))
        with_what = data.draw(
            st.sampled_from([b"\0", b"\xff", b"-", b"9", b"\n", b" nan ", b"1e999"])
        )
        whole[at : at + 1] = with_what
    (folder / name).write_bytes(bytes(whole))
    read_or_refused(folder / name)


@given(data=st.data())
@settings(max_examples=12, deadline=None)  # each starts a process
def test_damaged_binary_usd(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    pytest.importorskip("pxr", reason="usd-core is not installed")
    file = tmp_path_factory.mktemp("bad") / "path.usdc"
    write_path(room_walk(), file, WIDTH, HEIGHT)
    whole = bytearray(file.read_bytes())
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    else:
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(bytes(whole))
    read_or_refused(file)


def edited(name: str, change: Callable[[Any], None], tmp_path: Path) -> Path:
    content = json.loads((GOLDEN / name).read_text())
    change(content)
    shutil.copy(GOLDEN / "blender.bin", tmp_path)
    (tmp_path / name).write_text(json.dumps(content))
    return tmp_path / name


def refused(file: Path) -> str:
    with pytest.raises(PathError) as error:
        read_path(file, Hints(16 / 9, 24.0))
    return str(error.value).replace(f"{file.parent}/", "")


SAID: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "quaternion": (
        "base_cam.json",
        lambda c: c["path"][1].update(R=[0, 0, 0, 0]),
        "base_cam.json: path[1].R: expected a rotation as a quaternion of length 1, found one of "
        "length 0; export it again",
    ),
    "many seconds": (
        "base_cam.json",
        lambda c: c.update(duration_seconds=1e9),
        "base_cam.json: expected at most 100000 frames, found 2.4e+10; "
        "shorten the path or lower its frames per second",
    ),
    "order": (
        "base_cam.json",
        lambda c: c.update(spline_order=7),
        "base_cam.json: spline_order: expected 0 to 3, found 7; correct it",
    ),
    "version": (
        "lichtfeld.json",
        lambda c: c.update(version=5),
        "lichtfeld.json: version: expected 1 to 4, found 5; "
        "export it with a LichtFeld that writes version 4",
    ),
    "focal length": (
        "lichtfeld.json",
        lambda c: c["keyframes"][0].pop("focal_length_mm"),
        "lichtfeld.json: keyframes[0].focal_length_mm: expected a number, found nothing; "
        "correct it",
    ),
    "shear": (
        "blender.gltf",
        lambda c: c["nodes"][1].update(scale=[1, 2, 3]),
        "blender.gltf: node 0, frame 0: expected a rotation in its upper left 3x3, found one that "
        "is off by 1.7; remove scale, shear and mirroring from the camera",
    ),
    "no camera": (
        "blender.gltf",
        lambda c: c["nodes"][0].pop("camera"),
        "blender.gltf: expected a node with a camera, found none; include cameras in the export",
    ),
    "orthographic": (
        "blender.gltf",
        lambda c: c["cameras"].__setitem__(0, {"type": "orthographic"}),
        "blender.gltf: expected a perspective camera, found 'orthographic'; "
        "make it a perspective one and export again",
    ),
    "beyond the buffer": (
        "blender.gltf",
        lambda c: c["accessors"][0].update(count=1000),
        "blender.gltf: accessors[0]: expected 1000 values within the buffer's 128 bytes, "
        "found that they go beyond; export it again",
    ),
    "circle of nodes": (
        "blender.gltf",
        lambda c: c["nodes"][0].update(children=[1]),
        "blender.gltf: expected nodes as a tree, found a node below itself; export it again",
    ),
    "another folder": (
        "blender.gltf",
        lambda c: c["buffers"][0].update(uri="../secret.bin"),
        "blender.gltf: path '../secret.bin' leaves the folder",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_wrong_is_said(tmp_path: Path, name: str) -> None:
    file, change, message = SAID[name]
    assert refused(edited(file, change, tmp_path)).startswith(message)


CHAN = {
    "1 0 0 0 0 0 0\n": "a.chan: line 1: expected 8 columns "
    "(frame tx ty tz rx ry rz vfov), found 7; export a camera, with its vertical field of view",
    "2 0 0 0 0 0 0 50\n1 0 0 0 0 0 0 50\n": "a.chan: line 2: expected a frame after 2, found 1; "
    "sort the lines by frame",
    "1 0 0 nan 0 0 0 50\n": "a.chan: line 1: expected a number, found nan; correct it",
    "1 0 0 here 0 0 0 50\n": "a.chan: line 1: expected numbers, found 'here'; correct it",
    "# nothing\n": "a.chan: expected a line a frame (frame tx ty tz rx ry rz vfov), found none; "
    "export it again",
    "1 0 0 0 0 0 0 50\n900000 0 0 0 0 0 0 50\n": "a.chan: expected at most 100000 frames, "
    "found 900000; shorten the path or lower its frames per second",
}


@pytest.mark.parametrize("text", CHAN)
def test_a_chan_is_refused_by_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.chan").write_text(text)
    assert refused(tmp_path / "a.chan") == CHAN[text]


def test_a_binary_colmap_model_says_how_to_convert_it(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/images.bin").write_bytes(b"\0" * 8)
    assert "`colmap model_converter --output_type TXT`" in refused(tmp_path / "model")


@pytest.mark.parametrize("text", ["[" * 200_000, '{"fps": ' + "9" * 5000 + "}"])
def test_deep_and_huge_json_is_refused(tmp_path: Path, text: str) -> None:
    for name in ("a.json", "a.gltf"):
        (tmp_path / name).write_text(text)
        assert "expected" in refused(tmp_path / name)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    for name in ("a.json", "a.chan", "a.glb", "a.usda"):
        with open(tmp_path / name, "wb") as stream:
            stream.truncate(values.MAX_BYTES + (1 << 20))  # a hole: no disk is used
        assert refused(tmp_path / name) == (
            f"{name}: expected a camera path of at most 64 MB, found 65 MB; "
            "export the camera alone, without the scene"
        )


def test_a_glb_that_promises_more_than_it_has(tmp_path: Path) -> None:
    file = tmp_path / "a.glb"
    file.write_bytes(struct.pack("<4sII", b"glTF", 2, 20) + struct.pack("<I4s", 2**31, b"JSON"))
    assert refused(file) == "a.glb: the file ends early; copy or export it again"


def test_unknown_formats_list_what_is_understood(tmp_path: Path) -> None:
    (tmp_path / "a.fbx").write_bytes(b"Kaydara FBX Binary")
    known = registry._known()
    assert refused(tmp_path / "a.fbx") == (
        f"a.fbx: expected a camera path of {known}, found '.fbx'; "
        "export it in one of these, or write a path script (.yaml)"
    )
    for one in registry.FORMATS.values():
        assert one.title in known
    with pytest.raises(PathError, match=r"a\.fbx: expected an output of .*, found '\.fbx'"):
        write_path(room_walk(), tmp_path / "a.fbx", WIDTH, HEIGHT)
    with pytest.raises(PathError, match=r"expected \.chan for Nuke's \.chan, found '\.json'"):
        write_path(room_walk(), tmp_path / "a.json", WIDTH, HEIGHT, "chan")
    with pytest.raises(PathError, match=r"format: expected one of nerfstudio, .*, found 'maya'"):
        write_path(room_walk(), tmp_path / "a.json", WIDTH, HEIGHT, "maya")


def test_a_capture_is_not_taken_for_a_path(tmp_path: Path) -> None:
    (tmp_path / "transforms.json").write_text('{"frames": []}')
    assert "found a capture (transforms.json)" in refused(tmp_path / "transforms.json")


def test_usd_without_its_library_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pxr", None)
    with pytest.raises(PathError, match=r"pip install 'scenegen\[dcc\]'"):
        write_path(room_walk(), tmp_path / "a.usda", WIDTH, HEIGHT)
    assert not (tmp_path / "a.usda").exists()


@pytest.mark.parametrize("cuts", [5, ["1"], [0], [2, 2], [3, 1], [1.0], [True], [48]])
def test_cuts_that_begin_no_shots_are_named(tmp_path: Path, cuts: Any) -> None:
    path, file = room_walk(), tmp_path / "path.json"
    write_path(path, file, WIDTH, HEIGHT, "nerfstudio")
    content = json.loads(file.read_text())
    content["scenegen"]["cuts"] = cuts
    file.write_text(json.dumps(content))
    last = len(path) - 1
    assert last < 48
    with pytest.raises(PathError, match=rf"scenegen.cuts: expected rising .* from 1 to {last},"):
        read_path(file, Hints())
