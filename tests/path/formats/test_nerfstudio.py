"""camera_path.json of both of nerfstudio's writers is read; ours is written as they write it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from scenegen.errors import PathError
from scenegen.path.formats.nerfstudio import (
    read_camera_path,
    read_normalised,
    write_camera_path,
)
from scenegen.types import CameraPath


def some_path(frames: int = 48, seed: int = 0) -> CameraPath:
    rng = np.random.default_rng(seed)
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, :3, :3] = Rotation.random(frames, rng=rng).as_matrix()
    poses[:, :3, 3] = rng.normal(size=(frames, 3))
    return CameraPath(poses, rng.uniform(20, 70, frames), 24.0, 16 / 9)


def entry(pose: np.ndarray, fov: float = 50.0, aspect: float = 16 / 9) -> dict[str, Any]:
    return {"camera_to_world": pose.ravel().tolist(), "fov": fov, "aspect": aspect}


def written(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "camera_path.json"
    file.write_text(json.dumps(content))
    return file


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, frames: int, seed: int) -> None:
    file = tmp_path_factory.mktemp("path") / "camera_path.json"
    path = some_path(frames, seed)
    write_camera_path(path, file, 1920, 1080)
    back = read_camera_path(file)
    np.testing.assert_allclose(back.world_from_camera, path.world_from_camera, atol=1e-12)
    np.testing.assert_array_equal(back.fov_y_deg, path.fov_y_deg)
    assert (back.fps, back.aspect) == (path.fps, pytest.approx(path.aspect))


def test_what_is_written_is_what_nerfstudio_reads(tmp_path: Path) -> None:
    path = some_path(48)
    file = tmp_path / "camera_path.json"
    write_camera_path(path, file, 960, 540)
    content = json.loads(file.read_text())
    assert content["camera_type"] == "perspective"
    assert (content["render_width"], content["render_height"]) == (960, 540)
    assert (content["fps"], content["seconds"], content["is_cycle"]) == (24.0, 2.0, False)
    assert content["smoothness_value"] == 0.5
    assert content["default_fov"] == path.fov_y_deg[0]
    first = content["camera_path"][0]
    # Row-major: the position is the last column, hence numbers 3, 7 and 11.
    assert [first["camera_to_world"][i] for i in (3, 7, 11)] == list(
        path.world_from_camera[0, :3, 3]
    )
    assert first["fov"] == path.fov_y_deg[0]
    keys = content["keyframes"]
    assert len(keys) == 3
    assert keys[0]["matrix"] == first["camera_to_world"]
    assert keys[-1]["matrix"] == content["camera_path"][-1]["camera_to_world"]
    assert content["default_transition_sec"] * (len(keys) - 1) == content["seconds"]


def test_keyframes_alone_are_interpolated_through_each(tmp_path: Path) -> None:
    poses = some_path(4).world_from_camera
    content = {
        "default_transition_sec": 0.5,
        "fps": 24,
        "render_width": 960,
        "render_height": 540,
        "keyframes": [
            {"matrix": pose.ravel().tolist(), "fov": 40.0 + i, "aspect": 1.0}
            for i, pose in enumerate(poses)
        ],
    }
    content["keyframes"][2] |= {"override_transition_enabled": True, "override_transition_sec": 2}
    path = read_camera_path(written(tmp_path, content))
    assert len(path) == 72
    assert path.aspect == pytest.approx(16 / 9)
    np.testing.assert_allclose(path.world_from_camera[[0, -1]], poses[[0, -1]], atol=1e-9)
    assert path.fov_y_deg[[0, -1]] == pytest.approx([40, 43])
    for key, seconds in ((1, 0.5), (2, 2.5)):
        frame = round(seconds / 3.0 * 71)
        moved = np.linalg.norm(path.world_from_camera[frame, :3, 3] - poses[key, :3, 3])
        assert moved < 0.1


def test_a_cycle_of_keyframes_closes(tmp_path: Path) -> None:
    poses = some_path(5).world_from_camera
    keys = [{"matrix": pose.ravel().tolist(), "fov": 50, "aspect": 1.5} for pose in poses]
    content = {"keyframes": keys, "is_cycle": True, "fps": 10, "seconds": 5}
    path = read_camera_path(written(tmp_path, content))
    assert len(path) == 50
    np.testing.assert_allclose(path.world_from_camera[::10], poses, atol=1e-6)
    assert path.aspect == 1.5


def test_blenders_keyframes_are_text_by_columns_and_its_aspect_is_not_the_renders(
    tmp_path: Path,
) -> None:
    poses = some_path(2).world_from_camera
    content = {
        "keyframes": [
            {"matrix": str(pose.T.ravel().tolist()), "fov": 30.0, "aspect": 1} for pose in poses
        ],
        "camera_type": "perspective",
        "render_height": 1080,
        "render_width": 1920,
        "camera_path": [entry(pose, 30.0, 1) for pose in poses],
        "fps": 24,
        "seconds": 2 / 24,
        "smoothness_value": 0,
        "is_cycle": False,
    }
    path = read_camera_path(written(tmp_path, content))
    np.testing.assert_allclose(path.world_from_camera, poses, atol=1e-12)
    assert path.aspect == pytest.approx(16 / 9)
    content["camera_path"] = []
    keyed = read_camera_path(written(tmp_path, content))
    np.testing.assert_allclose(keyed.world_from_camera[[0, -1]], poses, atol=1e-9)


def test_one_keyframe_is_a_still(tmp_path: Path) -> None:
    pose = some_path(1).world_from_camera[0]
    key = {"matrix": pose.ravel().tolist(), "fov": 50, "aspect": 1.5}
    path = read_camera_path(written(tmp_path, {"keyframes": [key], "fps": 10, "seconds": 3}))
    np.testing.assert_allclose(path.world_from_camera, np.tile(pose, (30, 1, 1)), atol=1e-12)


def test_nerfstudios_normalised_frame_is_converted_both_ways(tmp_path: Path) -> None:
    turn = Rotation.from_rotvec([0.3, -0.8, 1.1]).as_matrix()
    transform = np.concatenate([turn, [[1.0], [-2.0], [0.5]]], axis=1)
    file = tmp_path / "dataparser_transforms.json"
    file.write_text(json.dumps({"transform": transform.tolist(), "scale": 0.25}))
    normalised = read_normalised(file)
    path = some_path(3)
    out = tmp_path / "camera_path.json"
    write_camera_path(path, out, 960, 540, normalised)
    # A point in front of the camera has to stay at the same place in the picture.
    point = np.array([0.4, -2.0, 7.0])
    moved = 0.25 * (turn @ point + transform[:, 3])
    first = json.loads(out.read_text())["camera_path"][0]["camera_to_world"]
    seen = np.linalg.inv(np.array(first).reshape(4, 4)) @ np.append(moved, 1)
    own = np.linalg.inv(path.world_from_camera[0]) @ np.append(point, 1)
    np.testing.assert_allclose(seen[:2] / seen[2], own[:2] / own[2], atol=1e-9)
    back = read_camera_path(out, normalised)
    np.testing.assert_allclose(back.world_from_camera, path.world_from_camera, atol=1e-9)


def test_normalised_refuses_a_scale_of_zero(tmp_path: Path) -> None:
    file = tmp_path / "dataparser_transforms.json"
    file.write_text(json.dumps({"transform": np.eye(4)[:3].tolist(), "scale": 0}))
    with pytest.raises(PathError) as error:
        read_normalised(file)
    assert str(error.value) == f"{file}: scale: expected a number above 0, found 0; correct it"


POSE = np.eye(4)
BROKEN = {
    "list": (
        [1],
        ": expected an object of nerfstudio's camera_path.json, found a list of 1; export it again",
    ),
    "empty": (
        {"camera_path": [], "keyframes": []},
        ": expected cameras under 'camera_path' or 'keyframes', found none; "
        "add keyframes in the viewer and export again",
    ),
    "fisheye": (
        {"camera_type": "fisheye", "camera_path": [entry(POSE)]},
        ": camera_type: expected 'perspective', found 'fisheye', which is not rendered; "
        "export the path with a perspective camera",
    ),
    "fps": (
        {"fps": 0, "camera_path": [entry(POSE)]},
        ": fps: expected a number above 0, found 0; correct it",
    ),
    "nan": (
        {"camera_path": [entry(POSE), entry(np.full((4, 4), np.nan))]},
        ": camera_path[1].camera_to_world[0]: expected a number, found nan; correct it",
    ),
    "short": (
        {"camera_path": [entry(POSE[:3])]},
        ": camera_path[0].camera_to_world: expected 16 numbers, found 12; export it again",
    ),
    "absent": (
        {"camera_path": [{"fov": 50, "aspect": 1}]},
        ": camera_path[0].camera_to_world: expected 16 numbers, found nothing; export it again",
    ),
    "scaled": (
        {"camera_path": [entry(POSE * [2, 2, 2, 1])]},
        ": camera_path[0].camera_to_world: expected a rotation in its upper left 3x3, "
        "found one that is off by 3; remove scale, shear and mirroring from the camera",
    ),
    "mirrored": (
        {"camera_path": [entry(POSE * [-1, 1, 1, 1])]},
        ": camera_path[0].camera_to_world: expected a rotation in its upper left 3x3, "
        "found a mirrored one; remove scale, shear and mirroring from the camera",
    ),
    "columns": (
        {
            "camera_path": [
                entry(np.block([[np.eye(3), np.zeros((3, 1))], [np.array([3, 4, 5, 1])]]))
            ]
        },
        ": camera_path[0].camera_to_world: expected 0 0 0 1 as the last row, found 3 4 5 1; "
        "write the 4x4 camera-to-world matrix row by row",
    ),
    "fov": (
        {"camera_path": [entry(POSE, 180.0)]},
        ": camera_path[0].fov: expected a vertical field of view between 0 and 180 degrees, "
        "found 180; correct it",
    ),
    "text": (
        {"camera_path": [entry(POSE) | {"fov": "wide"}]},
        ": camera_path[0].fov: expected a number, found 'wide'; correct it",
    ),
    "width": (
        {"camera_path": [entry(POSE)], "render_width": -5, "render_height": 4},
        ": render_width: expected a number above 0, found -5; correct it",
    ),
    "keyframe": (
        {"keyframes": [{"matrix": "[1, 2", "fov": 50, "aspect": 1}]},
        ": keyframes[0].matrix: expected 16 numbers, found the text '[1, 2'; export it again",
    ),
    "camera": (
        {"camera_path": [entry(POSE), 7]},
        ": camera_path[1]: expected an object of nerfstudio's camera_path.json, found 7; "
        "export it again",
    ),
    "mapping": (
        {"camera_path": {"0": entry(POSE)}},
        ": camera_path: expected a list of cameras, found an object; export it again",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_named(tmp_path: Path, name: str) -> None:
    content, message = BROKEN[name]
    file = written(tmp_path, content)
    with pytest.raises(PathError) as error:
        read_camera_path(file)
    assert str(error.value) == f"{file}{message}"


def test_broken_json_and_a_missing_file_are_named(tmp_path: Path) -> None:
    file = tmp_path / "camera_path.json"
    with pytest.raises(PathError) as error:
        read_camera_path(file)
    assert str(error.value) == f"{file}: no such file; check the path"
    file.write_text('{"camera_path": [')
    with pytest.raises(PathError, match=r"line 1, column 18: not valid JSON"):
        read_camera_path(file)
