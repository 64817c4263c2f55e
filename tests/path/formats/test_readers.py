"""What we write is read by readers that we did not write."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from scenegen.path.formats.registry import write_path
from scenegen.types import CameraPath, LensWork
from tests.path.formats.shots import shots
from tests.path.formats.test_markers import HEIGHT, MARKER, WIDTH, room_walk

POINT = MARKER[None]
"""A point of the world, and by hand the same one where +Y is up."""
POINT_Y_UP = np.array([[MARKER[0], MARKER[2], -MARKER[1]]])
SEEN = np.concatenate([shot.pixel(POINT, WIDTH, HEIGHT) for shot in shots()])


def pixel(pose: np.ndarray, fov_y: float, point: np.ndarray) -> np.ndarray:
    """Return where an OpenGL camera sees ``point``; ``fov_y`` is in radians."""
    x, y, z = (np.linalg.inv(pose) @ np.append(point, 1))[:3]
    focal = HEIGHT / 2 / np.tan(fov_y / 2)
    return np.array([WIDTH / 2 + focal * x / -z, HEIGHT / 2 - focal * y / -z])


@pytest.mark.parametrize("name", ["path.usda", "path.usdc"])
def test_usd_core_sees_the_point_at_the_same_place(tmp_path: Path, name: str) -> None:
    pytest.importorskip("pxr", reason="usd-core is not installed")
    Gf, Usd, UsdGeom = (import_module(f"pxr.{name}") for name in ("Gf", "Usd", "UsdGeom"))
    walk = room_walk()
    work = LensWork(np.full(4, 2.5), np.array([0.1, 0.2, 0.0, 0.4]), 0.5)
    path = CameraPath(walk.world_from_camera, walk.fov_y_deg, 24.0, walk.aspect, work)
    write_path(path, tmp_path / name, WIDTH, HEIGHT)
    stage = Usd.Stage.Open(str(tmp_path / name))
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 0.01
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0, 3)
    assert stage.GetTimeCodesPerSecond() == 24
    camera = UsdGeom.Camera(stage.GetDefaultPrim())
    for index in range(4):
        lens = camera.GetCamera(index)
        seen = lens.frustum.ComputeViewMatrix() * lens.frustum.ComputeProjectionMatrix()
        x, y, _ = seen.Transform(Gf.Vec3d(*MARKER * 100))
        place = [(1 + x) / 2 * WIDTH, (1 - y) / 2 * HEIGHT]
        np.testing.assert_allclose(place, SEEN[index], atol=1e-3)
        assert lens.horizontalAperture == pytest.approx(36.0)
        assert lens.focusDistance == pytest.approx(250.0)
        wide = lens.focalLength / 1000 / lens.fStop if lens.fStop else 0.0
        assert wide == pytest.approx(work.aperture[index], rel=1e-5)
    assert camera.GetShutterCloseAttr().Get() == 0.5


@pytest.mark.parametrize("name", ["path.gltf", "path.glb"])
def test_pygltflib_finds_the_camera_and_its_animation(tmp_path: Path, name: str) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="pygltflib is not installed")
    from scipy.spatial.transform import Rotation

    write_path(room_walk(), tmp_path / name, WIDTH, HEIGHT)
    found = pygltflib.GLTF2().load(str(tmp_path / name))
    lens = found.cameras[found.nodes[found.scenes[found.scene].nodes[0]].camera].perspective
    assert lens.aspectRatio == pytest.approx(WIDTH / HEIGHT)
    data = found.binary_blob() or found.get_data_from_buffer_uri(found.buffers[0].uri)
    columns = []
    for accessor in found.accessors:
        view = found.bufferViews[accessor.bufferView]
        row = np.frombuffer(data, "<f4", view.byteLength // 4, view.byteOffset)
        columns.append(row.reshape(accessor.count, -1))
    channels = found.animations[0].channels
    assert [channel.target.path for channel in channels] == ["translation", "rotation", "pointer"]
    times, places, turns, yfovs = columns
    np.testing.assert_allclose(times[:, 0], np.arange(4) / 24, atol=1e-7)
    assert yfovs[0, 0] == pytest.approx(lens.yfov)
    for index in range(4):
        pose = np.eye(4)
        pose[:3, :3] = Rotation.from_quat(turns[index]).as_matrix()
        pose[:3, 3] = places[index]
        place = pixel(pose, yfovs[index, 0], POINT_Y_UP[0])
        np.testing.assert_allclose(place, SEEN[index], atol=1e-3)


def test_trimesh_loads_the_scene(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh", reason="trimesh is not installed")
    write_path(room_walk(), tmp_path / "path.glb", WIDTH, HEIGHT)
    loaded = trimesh.load_scene(tmp_path / "path.glb")
    assert "camera" in loaded.graph.nodes


def test_pycolmap_sees_the_point_at_the_same_place(tmp_path: Path) -> None:
    import pycolmap

    write_path(room_walk(), tmp_path / "path", WIDTH, HEIGHT, "colmap")
    model = pycolmap.Reconstruction(str(tmp_path / "path"))
    assert model.num_images() == 4
    images = sorted(model.images.values(), key=lambda image: image.name)
    places = np.array([image.project_point(MARKER) for image in images])
    np.testing.assert_allclose(places, SEEN, atol=1e-9)


def test_nerfstudios_own_reader_sees_the_point_at_the_same_place(tmp_path: Path) -> None:
    reason = "nerfstudio is not installed here: an environment of its own has it"
    camera_paths = pytest.importorskip("nerfstudio.cameras.camera_paths", reason=reason)
    write_path(room_walk(), tmp_path / "path.json", WIDTH, HEIGHT)
    cameras = camera_paths.get_path_from_json(json.loads((tmp_path / "path.json").read_text()))
    for index in range(4):
        x, y, z = np.linalg.inv(np.vstack([cameras.camera_to_worlds[index].numpy(), [0, 0, 0, 1]]))[
            :3
        ] @ np.append(MARKER, 1)
        lens = [float(getattr(cameras, name)[index]) for name in ("fx", "fy", "cx", "cy")]
        place = [lens[2] + lens[0] * x / -z, lens[3] - lens[1] * y / -z]
        np.testing.assert_allclose(place, SEEN[index], atol=1e-3)
