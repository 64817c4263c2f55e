"""Scenes that are turned and cropped: kept beside the scene, and every camera shows the same."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from scenegen.errors import LiftError
from scenegen.lift.measures import view_of
from scenegen.lift.placement import (
    AS_TRAINED,
    PLACEMENT_FILE,
    placed,
    read_placement,
    rotation_to_up,
    write_placement,
)
from scenegen.lift.scene_folder import load_scene, save_scene
from scenegen.types import Crop, Placement, Scene

CROP = Crop((0.1, 0.2, 0.3), (1.0, 2.0, 0.5), 15.0, (1.0, 0.5, 0.0))
LEANING = Placement(rotation_to_up(np.array([0.2, -0.3, 0.9])), CROP)


@pytest.fixture
def copy(room_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(room_folder, tmp_path / "copy"))


def test_a_placement_is_kept_with_its_scene(copy: Path, tmp_path: Path) -> None:
    trained = load_scene(copy)
    assert trained.placement == AS_TRAINED
    assert trained.as_trained is trained
    write_placement(copy, LEANING)
    found = load_scene(copy)
    assert found.placement == LEANING
    assert found.field.crop == CROP
    assert found.fingerprint != trained.fingerprint
    assert found.as_trained.fingerprint == trained.fingerprint
    (tmp_path / "again").mkdir()
    save_scene(found, tmp_path / "again")
    again = load_scene(tmp_path / "again")
    assert again.placement == LEANING
    np.testing.assert_array_equal(again.points, found.points)
    write_placement(copy, AS_TRAINED)
    assert not (copy / PLACEMENT_FILE).exists()
    assert load_scene(copy).fingerprint == trained.fingerprint


def test_every_camera_shows_what_it_showed_before(room_scene: Scene) -> None:
    turned = placed(room_scene, replace(LEANING, crop=None))
    for photo, other in zip(room_scene.photos[:2], turned.photos[:2], strict=True):
        before, after = (
            view_of(scene.field, camera)
            for scene, camera in ((room_scene, photo.camera), (turned, other.camera))
        )
        assert np.abs(photo.camera.position - other.camera.position).max() > 0.1
        error = np.abs(before.rgb - after.rgb)
        assert np.mean(error < 2 / 255) > 0.99  # the rest grazes an edge another way
        assert np.mean(np.abs(before.depth - after.depth) < 0.01) > 0.99
    ups = np.array([camera.world_from_camera[:3, 1] for camera in turned.cameras])
    before_ups = np.array([camera.world_from_camera[:3, 1] for camera in room_scene.cameras])
    np.testing.assert_allclose(ups, before_ups @ LEANING.turn.T, atol=1e-12)


def test_placing_begins_with_the_trained_scene(room_scene: Scene) -> None:
    once = placed(placed(room_scene, Placement((0.0, 1.0, 0.0, 0.0))), LEANING)
    np.testing.assert_array_equal(once.points, placed(room_scene, LEANING).points)
    assert placed(once, AS_TRAINED) is room_scene


@pytest.mark.parametrize(
    "up", [(0, 0, 1), (0, 0, -1), (0, 0, -3), (1, 0, 0), (0.1, -0.2, 0.3), (1e-9, 0, -1)]
)
def test_the_smallest_rotation_takes_up_to_z(up: tuple[float, float, float]) -> None:
    rotation = rotation_to_up(np.array(up, float))
    turn = Placement(rotation).turn
    np.testing.assert_allclose(turn @ up / np.linalg.norm(up), [0, 0, 1], atol=1e-8)
    expected = Rotation.from_quat(rotation, scalar_first=True)
    np.testing.assert_allclose(turn, expected.as_matrix(), atol=1e-12)
    apart = np.arccos(np.clip(up[2] / np.linalg.norm(up), -1, 1))
    assert expected.magnitude() == pytest.approx(apart, abs=1e-7)


def test_up_may_be_stated_by_hand(tmp_path: Path) -> None:
    words = {"schema": "scenegen.placement/1", "up": [0, 1, 0], "crop": None}
    (tmp_path / PLACEMENT_FILE).write_text(json.dumps(words))
    found = read_placement(tmp_path)
    np.testing.assert_allclose(found.turn @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    words = {"schema": "scenegen.placement/1", "crop": {"centre": [0, 0, 1], "size": [1, 2, 3]}}
    (tmp_path / PLACEMENT_FILE).write_text(json.dumps(words))
    assert read_placement(tmp_path) == Placement(crop=Crop((0, 0, 1), (1, 2, 3)))


BOX = {"centre": [0, 0, 0], "size": [1, 1, 1]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"schema": "other"}, "expected a placement with 'schema: scenegen.placement/1', found"),
        ({"tilt": 3}, "expected schema, rotation, up, crop, found 'tilt'; correct or remove it"),
        ({"up": [0, 0, 0]}, "up: expected a direction, such as [0, 0, 1], found [0, 0, 0]"),
        ({"up": [0, 0, True]}, "up: expected 3 numbers, found [0, 0, True]; correct it"),
        ({"up": "+z"}, "up: expected 3 numbers, found '+z'; correct it"),
        ({"rotation": [2, 0, 0, 0]}, "rotation: expected a unit quaternion wxyz, such as"),
        ({"up": [0, 0, 1], "rotation": [1, 0, 0, 0]}, "up: expected up or rotation, one of"),
        ({"crop": [1, 2]}, "crop: expected a box with 'centre' and 'size', found [1, 2]"),
        ({"crop": {"size": [1, 1, 1]}}, "centre: expected 3 numbers, found None; correct it"),
        ({"crop": {**BOX, "size": [1, 0, 1]}}, "size: expected three lengths above 0, found"),
        ({"crop": {**BOX, "turn_deg": "10"}}, "turn_deg: expected a number of degrees, found"),
        ({"crop": {**BOX, "background": [0, 0, 2]}}, "background: expected red, green and blue"),
        ({"crop": {**BOX, "angle": 1}}, "expected centre, size, turn_deg, background, found"),
    ],
)
def test_what_is_wrong_with_a_placement_is_said(copy: Path, words: dict, said: str) -> None:
    file = copy / PLACEMENT_FILE
    file.write_text(json.dumps({"schema": "scenegen.placement/1", **words}))
    with pytest.raises(LiftError) as error:
        load_scene(copy)
    assert str(error.value).startswith(f"{file}: {said}")


def test_broken_json_is_said(copy: Path) -> None:
    (copy / PLACEMENT_FILE).write_text('{"schema": ')
    with pytest.raises(LiftError, match=r"placement\.json"):
        load_scene(copy)
