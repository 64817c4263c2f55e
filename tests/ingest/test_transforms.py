"""``transforms.json`` in its three dialects, read, written, and refused where it is wrong."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from scenegen.errors import IngestError
from scenegen.ingest.transforms import MODELS, read_transforms, write_transforms
from scenegen.types import Camera, Lens, Photo
from tests.ingest.pictures import HEIGHT, WIDTH, save, save_some

POSE = np.array([[0, 0, 1, 3], [1, 0, 0, 4], [0, 1, 0, 5], [0, 0, 0, 1]], dtype=float)
INTRINSICS = {"fl_x": 100.0, "fl_y": 101.0, "cx": 61.0, "cy": 39.0, "w": WIDTH, "h": HEIGHT}


def _write(folder: Path, top: dict[str, Any], *frames: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    listed = [{"transform_matrix": POSE.tolist(), **frame} for frame in frames]
    file = folder / "transforms.json"
    file.write_text(json.dumps({**top, "frames": listed}))
    return file


@pytest.fixture
def images(tmp_path) -> Path:
    save_some(tmp_path / "images", 3)
    return tmp_path


def _one(images: Path, top: dict[str, Any], **frame: Any) -> Photo:
    file = _write(images, top, {"file_path": "images/photo_0.jpg", **frame})
    return read_transforms(file).photos[0]


def _fails(images: Path, top: dict[str, Any], **frame: Any) -> str:
    with pytest.raises(IngestError) as error:
        _one(images, top, **frame)
    return str(error.value)


def test_instant_ngp(images):
    top = {**INTRINSICS, "k1": 0.1, "p2": 0.2, "aabb_scale": 4, "camera_angle_x": 0.5}
    photo = _one(images, top, sharpness=3.0)
    assert photo.camera.lens == Lens(
        WIDTH, HEIGHT, 100.0, 101.0, 61.0, 39.0, "OPENCV", k1=0.1, p2=0.2
    )
    np.testing.assert_array_equal(photo.camera.world_from_camera, POSE)
    assert photo.file == (images / "images" / "photo_0.jpg").resolve()


def test_blender(tmp_path):
    save(tmp_path / "train", "r_0.png", 0)
    file = _write(tmp_path, {"camera_angle_x": math.radians(90)}, {"file_path": "./train/r_0"})
    lens = read_transforms(file).photos[0].camera.lens
    assert (lens.fl_x, lens.fl_y) == pytest.approx((60.0, 60.0))
    assert (lens.width_px, lens.height_px, lens.cx, lens.cy) == (WIDTH, HEIGHT, 60.0, 40.0)


def test_nerfstudio(images):
    save(images / "masks", "photo_0.png", 9)
    (images / "points.ply").write_text(
        "ply\nformat ascii 1.0\ncomment made by hand\nelement vertex 2\nproperty float x\n"
        "property float y\nproperty float z\nproperty uint8 red\nproperty uint8 green\n"
        "property uint8 blue\nend_header\n0 1 2 255 0 7\n3 4 5 1 2 3\n"
    )
    top = {
        "camera_model": "OPENCV_FISHEYE",
        "applied_transform": [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0]],
        "ply_file_path": "points.ply",
    }
    own = {**INTRINSICS, "fl_x": 120.0, "k3": 0.3, "k4": 0.4}
    file = _write(
        images,
        top,
        {"file_path": "images/photo_1.jpg", **INTRINSICS},
        {"file_path": "images\\photo_0.jpg", "mask_path": "masks/photo_0.png", **own},
    )
    posed = read_transforms(file)
    assert [p.name for p in posed.photos] == ["photo_0.jpg", "photo_1.jpg"]
    first, second = (p.camera.lens for p in posed.photos)
    assert (first.model, first.fl_x, first.k3, first.k4) == ("OPENCV_FISHEYE", 120.0, 0.3, 0.4)
    assert (second.fl_x, second.k3) == (100.0, 0.0)
    assert posed.photos[0].mask == (images / "masks" / "photo_0.png").resolve()
    assert posed.photos[1].mask is None
    np.testing.assert_array_equal(posed.points, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(posed.point_colors, [[255, 0, 7], [1, 2, 3]])


@pytest.mark.parametrize("name", MODELS)
def test_names_of_lens_models(images, name):
    lens = _one(images, {**INTRINSICS, "camera_model": name}).camera.lens
    assert lens.model == MODELS[name]


def test_distortion_counts_under_a_pinhole_as_nerfstudio_has_it(images):
    lens = _one(images, {**INTRINSICS, "camera_model": "PINHOLE", "k1": 0.1}).camera.lens
    assert lens.model == "OPENCV"


def test_instant_ngp_fisheye(images):
    lens = _one(images, {**INTRINSICS, "is_fisheye": True, "k1": 0.1}).camera.lens
    assert (lens.model, lens.k1) == ("OPENCV_FISHEYE", 0.1)


def test_size_from_the_image_where_it_is_not_stated(images):
    lens = _one(images, {"fl_x": 100.0}).camera.lens
    assert lens == Lens(WIDTH, HEIGHT, 100.0, 100.0, WIDTH / 2, HEIGHT / 2)


def test_the_lens_is_scaled_to_images_that_were_resampled(images):
    top = {**INTRINSICS, "w": 2 * WIDTH, "h": 2 * HEIGHT}
    lens = _one(images, top).camera.lens
    assert lens == Lens(WIDTH, HEIGHT, 50.0, 50.5, 30.5, 19.5)


def test_rows_of_three_by_four(images):
    photo = _one(images, INTRINSICS, transform_matrix=POSE[:3].tolist())
    np.testing.assert_array_equal(photo.camera.world_from_camera, POSE)


def test_missing_images_warn_once_and_the_rest_goes_on(images, caplog):
    frames = [{"file_path": f"images/photo_{i}.jpg"} for i in range(8)]
    (images / "images" / "photo_1.jpg").write_bytes(b"")
    file = _write(images, INTRINSICS, *frames)
    with caplog.at_level(logging.WARNING, "scenegen"):
        posed = read_transforms(file)
    assert [p.name for p in posed.photos] == ["photo_0.jpg", "photo_2.jpg"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{file}: 6 of 8 listed images are missing or unreadable (images/photo_1.jpg, "
        "images/photo_3.jpg, images/photo_4.jpg, ...); going on with 2"
    ]


def test_missing_masks_and_points_warn(images, caplog):
    with caplog.at_level(logging.WARNING, "scenegen"):
        photo = _one(images, {**INTRINSICS, "ply_file_path": "p.ply"}, mask_path="m.png")
    assert photo.mask is None
    file = images / "transforms.json"
    assert [record.getMessage() for record in caplog.records] == [
        f"{file}: the mask m.png is missing; going on without",
        f"{file}: its points p.ply are missing; going on without",
    ]


def _matrix(change: Any) -> list[list[float]]:
    pose = POSE.copy()
    change(pose)
    return pose.tolist()


def _nan(pose: np.ndarray) -> None:
    pose[1, 1] = math.nan


def _scaled(pose: np.ndarray) -> None:
    pose[:3, :3] *= 2


def _mirrored(pose: np.ndarray) -> None:
    pose[:3, 0] *= -1


def _projective(pose: np.ndarray) -> None:
    pose[3, 0] = 0.5


RIGID = "expected `transform_matrix` to be a rotation and a position, found a"


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (_matrix(_nan), "`transform_matrix` holds NaN or infinite values"),
        (_matrix(_scaled), f"{RIGID} scaled or sheared one (determinant 8, off orthonormal by 3)"),
        (_matrix(_mirrored), f"{RIGID} mirrored one (determinant -1, off orthonormal by 0)"),
        (
            _matrix(_projective),
            "expected `transform_matrix` to end with the row 0 0 0 1, found 0.5 0 0 1",
        ),
        ([[1, 2], [3, 4]], "expected `transform_matrix` of 4x4 numbers"),
        ([[1, 2], [3]], "expected `transform_matrix` of 4x4 numbers"),
        ([["x"] * 4] * 4, "expected `transform_matrix` of 4x4 numbers"),
        (None, "expected `transform_matrix` of 4x4 numbers"),
    ],
)
def test_matrices_that_are_no_pose_are_refused(images, matrix, message):
    assert _fails(images, INTRINSICS, transform_matrix=matrix) == (
        f"{images}/transforms.json: frame 'images/photo_0.jpg': {message}; export the poses again"
    )


@pytest.mark.parametrize("key", ["file_path", "mask_path", "ply_file_path"])
@pytest.mark.parametrize("path", ["../secret.jpg", "/etc/hostname"])
def test_paths_that_leave_the_folder_are_refused(images, key, path):
    top = {**INTRINSICS, **({key: path} if key == "ply_file_path" else {})}
    frame = {} if key == "ply_file_path" else {key: path}
    assert _fails(images, top, **frame) == (
        f"{images}/transforms.json: path {path!r} leaves the folder {images}; "
        "put the file inside that folder and name it relative to it"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"fl_x": None, "fl_y": None},
            "expected a focal length `fl_x` in pixels or `camera_angle_x` in radians, found "
            "neither; add one",
        ),
        ({"fl_x": "wide"}, "expected `fl_x` to be a number, found 'wide'; mend it"),
        ({"cx": math.nan}, "expected `cx` to be a number, found nan; mend it"),
        ({"k1": True}, "expected `k1` to be a number, found True; mend it"),
        (
            {"w": 500},
            "expected an image of 500x80 pixels or the same shape, found 120x80; give the right "
            "`w` and `h`",
        ),
        (
            {"camera_model": "EQUIRECTANGULAR"},
            "camera model 'EQUIRECTANGULAR' is not supported, expected one of SIMPLE_PINHOLE, "
            "PINHOLE, SIMPLE_RADIAL, RADIAL, OPENCV, SIMPLE_RADIAL_FISHEYE, RADIAL_FISHEYE, "
            "OPENCV_FISHEYE; undistort the images to PINHOLE first",
        ),
        (
            {"camera_model": "OPENCV", "k4": 0.1},
            "a lens of model OPENCV has no `k4`; remove it or undistort",
        ),
    ],
)
def test_lenses_that_are_none_are_refused(images, change, message):
    assert _fails(images, {**INTRINSICS, **change}) == (
        f"{images}/transforms.json: frame 'images/photo_0.jpg': {message}"
    )


@pytest.mark.parametrize("text", ["[]", "{}", '{"frames": []}', '{"frames": {"a": 1}}', "3"])
def test_no_frames(tmp_path, text):
    file = tmp_path / "transforms.json"
    file.write_text(text)
    with pytest.raises(IngestError) as error:
        read_transforms(file)
    assert str(error.value) == (
        f"{file}: expected a list `frames` of posed photos, found none; "
        "export the capture again from the tool that made it"
    )


def test_broken_json(tmp_path):
    file = tmp_path / "transforms.json"
    file.write_text('{"frames": [\n{"file_path": }]}')
    with pytest.raises(IngestError) as error:
        read_transforms(file)
    assert str(error.value) == (
        f"{file}: line 2, column 15: not valid JSON (Expecting value); "
        "mend the file or export it again"
    )


def test_frames_that_name_no_image_or_one_twice(images):
    assert _fails(images, INTRINSICS, file_path=None) == (
        f"{images}/transforms.json: frame 0 has no `file_path`; name its image"
    )
    file = _write(images, INTRINSICS, *[{"file_path": "images/photo_0.jpg"}] * 2)
    with pytest.raises(IngestError) as error:
        read_transforms(file)
    assert str(error.value) == (
        f"{file}: frame 'images/photo_0.jpg' is listed twice; remove one of the two"
    )


def test_no_image_at_all(images):
    assert _fails(images, INTRINSICS, file_path="gone.jpg") == (
        f"{images}/transforms.json: none of its 1 images could be read (the first is 'gone.jpg'); "
        "put the images where `file_path` says, relative to this file"
    )


def test_damaged_points(images):
    (images / "p.ply").write_text("ply\nformat binary_little_endian 1.0\n")
    assert _fails(images, {**INTRINSICS, "ply_file_path": "p.ply"}) == (
        f"{images}/p.ply: expected a PLY with vertices x, y, z, found a header without them; "
        "export it again"
    )


SMALL = st.floats(-10, 10)
LENSES = st.builds(
    Lens,
    width_px=st.just(WIDTH),
    height_px=st.just(HEIGHT),
    fl_x=st.floats(1e-3, 1e5),
    fl_y=st.floats(1e-3, 1e5),
    cx=st.floats(-1e4, 1e4),
    cy=st.floats(-1e4, 1e4),
    model=st.just("OPENCV"),
    k1=SMALL,
    k2=SMALL,
    k3=SMALL,
    p1=SMALL,
    p2=SMALL,
)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(LENSES.map(lambda lens: [lens] * 3), st.lists(LENSES, min_size=3, max_size=3)))
def test_what_is_written_reads_back_exactly(images, lenses):
    photos = [
        Photo(images / "images" / f"photo_{i}.jpg", Camera(lens, POSE))
        for i, lens in enumerate(lenses)
    ]
    file = images / "transforms.json"
    write_transforms(file, photos, None)
    read = read_transforms(file).photos
    assert [p.camera.lens for p in read] == lenses
    shared = "fl_x" in json.loads(file.read_text())
    assert shared == (lenses[0] == lenses[1] == lenses[2])


def test_kinds_of_lenses_that_nerfstudio_cannot_read_together(images):
    def photo(model: Any) -> Photo:
        return Photo(
            images / "images" / "photo_0.jpg",
            Camera(Lens(WIDTH, HEIGHT, 90.0, 90.0, 60.0, 40.0, model), POSE),
        )

    file = images / "transforms.json"
    write_transforms(file, [photo("PINHOLE"), photo("OPENCV")], None)
    data = json.loads(file.read_text())
    assert data["camera_model"] == "OPENCV"
    assert [f["camera_model"] for f in data["frames"]] == ["PINHOLE", "OPENCV"]
    with pytest.raises(IngestError) as error:
        write_transforms(file, [photo("PINHOLE"), photo("OPENCV_FISHEYE")], None)
    assert str(error.value) == (
        f"{file}: fisheye and other lenses in one capture cannot be written together; "
        "ingest the photos of each kind on their own"
    )


def test_an_image_that_is_a_decompression_bomb_counts_as_unreadable(images):
    Image.new("1", (20_000, 10)).save(images / "images" / "bomb.png")
    message = _fails(images, INTRINSICS, file_path="images/bomb.png")
    assert "none of its 1 images could be read" in message


def test_fox(shared_scene, caplog):
    file = shared_scene("fox") / "transforms.json"
    with caplog.at_level(logging.WARNING, "scenegen"):
        photos = read_transforms(file).photos
    assert len(photos) == 50
    assert photos[0].camera.lens == Lens(
        1080, 1920, 1375.52, 1374.49, 554.558, 965.268, "OPENCV",
        k1=0.0578421, k2=-0.0805099, p1=-0.000980296, p2=0.00015575,
    )  # fmt: skip
    assert "17 of 67 listed images are missing" in caplog.text
