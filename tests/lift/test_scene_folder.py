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
