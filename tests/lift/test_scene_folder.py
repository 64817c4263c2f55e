"""Scenes come back as they were saved, from wherever they are moved; damage is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from scenegen.errors import LiftError
from scenegen.lift.scene_folder import FIELD_FILE, FORMAT_VERSION, SCENE_FILE, load_scene
from scenegen.types import Scene


@pytest.fixture
def copy(room_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(room_folder, tmp_path / "copy"))


def edit(folder: Path, change) -> None:
    record = json.loads((folder / SCENE_FILE).read_text())
    change(record)
    (folder / SCENE_FILE).write_text(json.dumps(record))


def test_a_moved_scene_is_whole(copy: Path, room_scene: Scene):
    found = load_scene(copy)
    assert found.fingerprint == room_scene.fingerprint
    assert found.facts == room_scene.facts
    for name, value in room_scene.field.parameters.items():
        np.testing.assert_array_equal(found.field.parameters[name], value)
    np.testing.assert_array_equal(found.field.occupancy, room_scene.field.occupancy)
    assert np.abs(found.exposures).max() > 0  # trained
    np.testing.assert_array_equal(found.exposures, room_scene.exposures)
    for photo, original in zip(found.photos, room_scene.photos, strict=True):
        assert photo.file.is_relative_to(copy.resolve())
        assert photo.file.read_bytes() == original.file.read_bytes()
        assert photo.camera.lens == original.camera.lens
        np.testing.assert_array_equal(
            photo.camera.world_from_camera, original.camera.world_from_camera
        )


def message(folder: Path) -> str:
    with pytest.raises(LiftError) as error:
        load_scene(folder)
    return str(error.value).replace(str(folder), "SCENE")


def test_no_scene(tmp_path: Path):
    assert message(tmp_path) == (
        "SCENE: expected a scene folder with scene.json, found none; "
        "make one with: scenegen lift INPUT --output SCENE"
    )


def test_a_newer_version(copy: Path):
    edit(copy, lambda record: record.update(format_version=FORMAT_VERSION + 1))
    assert message(copy) == (
        "SCENE/scene.json: format version 2, expected 1 or older; "
        "the scene comes from a newer scenegen: pip install --upgrade scenegen"
    )


def test_another_file(copy: Path):
    (copy / SCENE_FILE).write_text("[]")
    assert message(copy) == (
        "SCENE/scene.json: expected a scene written by scenegen; lift the capture again"
    )


def test_a_field_cut_short(copy: Path):
    data = (copy / FIELD_FILE).read_bytes()
    for length in (0, 4, 100, len(data) // 2, len(data) - 1):
        (copy / FIELD_FILE).write_bytes(data[:length])
        assert message(copy).startswith("SCENE/field.safetensors: cut short or damaged (")


def test_a_field_of_another_size(copy: Path):
    edit(copy, lambda record: record["field"]["shape"].update(log2_table=12))
    assert message(copy).startswith(
        "SCENE/field.safetensors: hash: expected float16 (8, 4096, 4), found float16 (8, "
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("levels", 17, "1 to 16"),
        ("levels", 8.0, "a whole number"),
        ("log2_table", 40, "4 to 24"),
        ("features", 2, "4"),
        ("coarsest", -17, "1 to 65536"),
        ("finest", 15, "16 to 65536"),
        ("hidden", 48, "16, 32 or 64"),
        ("geometry", 7, "15"),
    ],
)
def test_a_shape_that_the_kernels_cannot_take(copy: Path, name: str, value: float, expected: str):
    edit(copy, lambda record: record["field"]["shape"].update({name: value}))
    assert message(copy) == (
        f"SCENE/scene.json: field: {name}: expected {expected}, found {value}; lift the scene again"
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("radius", float("nan"), "1e-6 to 1e9"),
        ("radius", -1.0, "1e-6 to 1e9"),
        ("step", 0.0, "0.0001 to 1"),
        ("near", float("nan"), "0 or more"),
        ("far", 0.05, "more than near (0.05), at most 1e6"),
        ("far", float("inf"), "more than near (0.05), at most 1e6"),
    ],
)
def test_numbers_that_rays_cannot_march_by(copy: Path, name: str, value: float, expected: str):
    edit(copy, lambda record: record["field"].update({name: value}))
    assert message(copy) == (
        f"SCENE/scene.json: field: {name}: expected {expected}, found {value}; lift the scene again"
    )


@pytest.mark.parametrize("name", ["centre", "background"])
def test_vectors_that_are_not_finite(copy: Path, name: str):
    edit(copy, lambda record: record["field"].update({name: [0.0, float("nan"), 0.0]}))
    assert message(copy) == (
        f"SCENE/scene.json: field: {name}: expected finite numbers, found [ 0. nan  0.]; "
        "lift the scene again"
    )


@pytest.mark.parametrize("value", [float("nan"), 3.0])
def test_a_pose_that_is_no_motion(copy: Path, value: float):
    edit(copy, lambda record: record["photos"][1]["world_from_camera"][0].__setitem__(0, value))
    name = json.loads((copy / SCENE_FILE).read_text())["photos"][1]["file"]
    assert message(copy) == (
        f"SCENE/scene.json: {name}: expected a finite rigid motion as world_from_camera, "
        "found another matrix; lift the scene again"
    )


def test_a_scene_from_before_exposures_were_kept_has_none(copy: Path):
    from safetensors.numpy import load_file, save_file

    arrays = load_file(copy / FIELD_FILE)
    del arrays["exposures"]
    save_file(arrays, copy / FIELD_FILE)
    found = load_scene(copy)
    np.testing.assert_array_equal(found.exposures, np.zeros((len(found.photos), 3), np.float32))


def test_exposures_of_other_photos(copy: Path):
    from safetensors.numpy import load_file, save_file

    count = len(load_scene(copy).photos)
    exposures = np.zeros((count + 1, 3), np.float32)
    save_file({**load_file(copy / FIELD_FILE), "exposures": exposures}, copy / FIELD_FILE)
    assert message(copy) == (
        f"SCENE/field.safetensors: exposures: expected float32 ({count}, 3), "
        f"found float32 ({count + 1}, 3); lift the scene again"
    )


@pytest.mark.parametrize("points", [np.zeros((5, 3)), np.zeros((5, 2), np.float32)])
def test_points_of_another_kind(copy: Path, points: np.ndarray):
    from safetensors.numpy import load_file, save_file

    save_file({**load_file(copy / FIELD_FILE), "points": points}, copy / FIELD_FILE)
    assert message(copy) == (
        "SCENE/field.safetensors: points: expected float32 (5, 3), "
        f"found {points.dtype} {points.shape}; lift the scene again"
    )


def test_photos_outside_of_the_folder_are_refused(copy: Path):
    edit(copy, lambda record: record["photos"][0].update(file="../../secret.png"))
    assert message(copy).startswith(
        "SCENE/scene.json: path '../../secret.png' leaves the folder SCENE; "
    )


@pytest.mark.parametrize("key", ["field", "photos", "fingerprint", "facts"])
def test_what_is_missing_is_named(copy: Path, key: str):
    edit(copy, lambda record: record.pop(key))
    assert message(copy) == (
        f"SCENE/scene.json: a value is missing or of the wrong kind ('{key}'); lift the scene again"
    )


def test_an_older_scene_has_one_colour_behind_everything(copy: Path):
    from safetensors.numpy import load_file, save_file

    file = copy / FIELD_FILE
    arrays = load_file(file)
    assert arrays.pop("sky").shape == (3, 16)
    save_file(arrays, file)
    field = load_scene(copy).field
    assert "sky" not in field.parameters
    shown = 1 / (1 + np.exp(-field.sky[:, 0] * np.sqrt(0.25 / np.pi)))
    np.testing.assert_allclose(shown, field.background, rtol=1e-5)
    assert not field.sky[:, 1:].any()


def test_a_sky_of_another_size(copy: Path):
    from safetensors.numpy import load_file, save_file

    file = copy / FIELD_FILE
    save_file({**load_file(file), "sky": np.zeros((3, 9), np.float32)}, file)
    assert "field.safetensors: sky: expected float32 (3, 16), found float32 (3, 9)" in message(copy)
