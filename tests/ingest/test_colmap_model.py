"""COLMAP models, text and binary: cameras agree with COLMAP's own projection; damage is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pycolmap
import pytest

from scenegen.errors import IngestError
from scenegen.ingest.colmap_files import CAMERA_MODELS
from scenegen.ingest.colmap_model import find_model, read_colmap
from scenegen.ingest.transforms import PosedPhotos
from scenegen.types import Lens
from tests.ingest.pictures import HEIGHT, WIDTH, save_some

PARAMS = {
    "SIMPLE_PINHOLE": [90, 61, 39],
    "PINHOLE": [90, 91, 61, 39],
    "SIMPLE_RADIAL": [90, 61, 39, 0.1],
    "RADIAL": [90, 61, 39, 0.1, 0.2],
    "OPENCV": [90, 91, 61, 39, 0.1, 0.2, 0.3, 0.4],
    "OPENCV_FISHEYE": [90, 91, 61, 39, 0.1, 0.2, 0.3, 0.4],
    "SIMPLE_RADIAL_FISHEYE": [90, 61, 39, 0.1],
    "RADIAL_FISHEYE": [90, 61, 39, 0.1, 0.2],
}
EXPECTED = {
    "SIMPLE_PINHOLE": Lens(WIDTH, HEIGHT, 90, 90, 61, 39),
    "PINHOLE": Lens(WIDTH, HEIGHT, 90, 91, 61, 39),
    "SIMPLE_RADIAL": Lens(WIDTH, HEIGHT, 90, 90, 61, 39, "OPENCV", k1=0.1),
    "RADIAL": Lens(WIDTH, HEIGHT, 90, 90, 61, 39, "OPENCV", k1=0.1, k2=0.2),
    "OPENCV": Lens(WIDTH, HEIGHT, 90, 91, 61, 39, "OPENCV", k1=0.1, k2=0.2, p1=0.3, p2=0.4),
    "SIMPLE_RADIAL_FISHEYE": Lens(WIDTH, HEIGHT, 90, 90, 61, 39, "OPENCV_FISHEYE", k1=0.1),
    "RADIAL_FISHEYE": Lens(WIDTH, HEIGHT, 90, 90, 61, 39, "OPENCV_FISHEYE", k1=0.1, k2=0.2),
    "OPENCV_FISHEYE": Lens(
        WIDTH, HEIGHT, 90, 91, 61, 39, "OPENCV_FISHEYE", k1=0.1, k2=0.2, k3=0.3, k4=0.4
    ),
}


def _camera(model: str) -> pycolmap.Camera:
    return pycolmap.Camera(
        camera_id=1, model=model, width=WIDTH, height=HEIGHT, params=PARAMS[model]
    )


def _model(
    folder: Path, count: int = 3, text: bool = False, lens: str = "PINHOLE"
) -> pycolmap.Reconstruction:
    """Write a model of ``count`` cameras, each turned and moved, and two points."""
    model = pycolmap.Reconstruction()
    model.add_camera_with_trivial_rig(_camera(lens))
    for i in range(count):
        quaternion = np.array([0.1 * i, 0.05, -0.02 * i, 1.0])
        rotation = pycolmap.Rotation3d(quaternion / np.linalg.norm(quaternion))
        pose = pycolmap.Rigid3d(rotation, np.array([0.5 * i, -0.2, 0.1 * i]))
        image = pycolmap.Image(name=f"photo_{i}.jpg", camera_id=1, image_id=i + 1)
        model.add_image_with_trivial_frame(image, pose)
    for xyz, color in [((0.1, 0.2, 4.0), (255, 0, 7)), ((-1.0, 0.5, 6.0), (1, 2, 3))]:
        model.add_point3D(np.array(xyz), pycolmap.Track(), np.array(color, np.uint8))
    folder.mkdir(parents=True, exist_ok=True)
    (model.write_text if text else model.write_binary)(str(folder))
    return model


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("name", PARAMS)
def test_lenses(tmp_path, name, text):
    _model(tmp_path, text=text, lens=name)
    save_some(tmp_path / "images", 3)
    assert {photo.camera.lens for photo in read_colmap(tmp_path).photos} == {EXPECTED[name]}


def test_numbers_and_parameters_of_camera_models_are_those_of_colmap():
    for name, (number, count) in CAMERA_MODELS.items():
        camera = pycolmap.Camera.create_from_model_name(1, name, 90.0, WIDTH, HEIGHT)
        assert (camera.model.value, len(camera.params)) == (number, count)


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("lens", ["FOV", "SIMPLE_DIVISION"])
def test_lenses_that_we_lack_are_refused(tmp_path, monkeypatch, text, lens):
    camera = pycolmap.Camera.create_from_model_name(1, lens, 90.0, WIDTH, HEIGHT)
    monkeypatch.setitem(PARAMS, lens, camera.params.tolist())
    _model(tmp_path, text=text, lens=lens)
    save_some(tmp_path / "images", 3)
    with pytest.raises(IngestError) as error:
        read_colmap(tmp_path)
    found = lens if text or lens in CAMERA_MODELS else f"number {camera.model.value}"
    assert str(error.value) == (
        f"{tmp_path}: image 'photo_0.jpg': camera model {found} is not supported, expected one of "
        "SIMPLE_PINHOLE, PINHOLE, SIMPLE_RADIAL, RADIAL, OPENCV, SIMPLE_RADIAL_FISHEYE, "
        "RADIAL_FISHEYE, OPENCV_FISHEYE; run `colmap image_undistorter` first"
    )


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("place", ["sparse/0", "sparse", "."])
def test_cameras_project_as_colmap_has_it(tmp_path, text, place):
    model = _model(tmp_path / place, text=text)
    save_some(tmp_path / "images", 3)
    assert find_model(tmp_path) is not None
    posed = read_colmap(find_model(tmp_path) or tmp_path)
    assert posed.names == ("photo_0.jpg", "photo_1.jpg", "photo_2.jpg")
    np.testing.assert_array_equal(posed.point_colors, [[255, 0, 7], [1, 2, 3]])
    for index, photo in enumerate(posed.photos):
        lens = photo.camera.lens
        local = (posed.points - photo.camera.position) @ photo.camera.world_from_camera[:3, :3]
        ours = np.stack(
            [
                lens.fl_x * local[:, 0] / -local[:, 2] + lens.cx,
                -lens.fl_y * local[:, 1] / -local[:, 2] + lens.cy,
            ],
            axis=1,
        )
        for point, pixel in zip(posed.points, ours, strict=True):
            theirs = model.images[index + 1].project_point(point)
            assert theirs is not None
            np.testing.assert_allclose(pixel, theirs, atol=1e-4)  # worst seen 2e-6: float32 points


def test_a_model_named_itself_finds_the_images_beside_it(tmp_path):
    _model(tmp_path / "sparse" / "0")
    save_some(tmp_path / "images", 3)
    assert len(read_colmap(tmp_path / "sparse" / "0").photos) == 3


def test_old_models_without_rigs(tmp_path):
    _model(tmp_path / "sparse", text=True)
    for name in ("rigs.txt", "frames.txt"):
        (tmp_path / "sparse" / name).unlink()
    save_some(tmp_path / "images", 3)
    assert len(read_colmap(tmp_path / "sparse").photos) == 3


def test_missing_images_warn_and_the_rest_goes_on(tmp_path, caplog):
    _model(tmp_path, count=4)
    save_some(tmp_path / "images", 3)
    assert len(read_colmap(tmp_path).photos) == 3
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}: 1 of 4 listed images are missing or unreadable (photo_3.jpg); going on with 3"
    ]


def test_no_images(tmp_path):
    _model(tmp_path)
    with pytest.raises(IngestError) as error:
        read_colmap(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: none of the 3 images of the model (the first is 'photo_0.jpg') is in a "
        "folder `images` beside it; put them there"
    )


def test_image_names_that_leave_the_folder_are_refused(tmp_path):
    _model(tmp_path, text=True)
    save_some(tmp_path / "images", 3)
    listing = tmp_path / "images.txt"
    listing.write_text(listing.read_text().replace("photo_1.jpg", "../secret.jpg"))
    with pytest.raises(IngestError) as error:
        read_colmap(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: path '../secret.jpg' leaves the folder {tmp_path / 'images'}; "
        "put the file inside that folder and name it relative to it"
    )


def _read_or_message(model: Path) -> PosedPhotos | str:
    try:
        return read_colmap(model)
    except IngestError as error:
        return str(error)


@pytest.mark.parametrize("name", ["cameras", "images", "points3D"])
@pytest.mark.parametrize("text", [False, True])
def test_every_way_of_cutting_a_model_short_ends_in_an_ingest_error(tmp_path, name, text):
    _model(tmp_path / "whole", text=text)
    save_some(tmp_path / "images", 3)
    file = f"{name}.{'txt' if text else 'bin'}"
    data = (tmp_path / "whole" / file).read_bytes()
    for cut in range(0, len(data), max(1, len(data) // 12)):
        model = tmp_path / "cut"
        shutil.rmtree(model, ignore_errors=True)
        shutil.copytree(tmp_path / "whole", model)
        (model / file).write_bytes(data[:cut])
        found = _read_or_message(model)
        if isinstance(found, str):
            assert found.startswith(str(model))
        else:  # text may be cut where a line ends, or within the last number
            assert text
            assert np.isfinite([p.camera.world_from_camera for p in found.photos]).all()


def test_counts_beyond_the_file_take_no_memory(tmp_path):
    _model(tmp_path)
    save_some(tmp_path / "images", 3)
    for name in ("points3D.bin", "images.bin", "cameras.bin"):
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(b"\xff" * 8 + data[8:])
        with pytest.raises(IngestError) as error:
            read_colmap(tmp_path)
        assert str(error.value) == (
            f"{tmp_path / name}: damaged or cut short; export the model again with "
            "`colmap model_converter`"
        )


def test_a_model_without_its_points(tmp_path):
    _model(tmp_path)
    (tmp_path / "points3D.bin").unlink()
    with pytest.raises(IngestError) as error:
        read_colmap(tmp_path)
    assert str(error.value) == (
        f"{tmp_path / 'points3D.bin'}: the file is missing from the model; export the model again "
        "with `colmap model_converter`"
    )
