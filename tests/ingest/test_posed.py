"""Captures that come with poses: taken in as they are, turned upright, given a scale."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from scenegen.errors import IngestError
from scenegen.ingest.capture import ingest, load_capture
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.posed import is_upright
from scenegen.ingest.transforms import write_transforms
from scenegen.ingest.upright import nadir_up
from scenegen.types import Camera, Photo
from tests.ingest.captures import LENS, looking, posed_folder, same
from tests.ingest.pictures import HEIGHT, WIDTH, save, scenery

CONFIG = IngestConfig()


def test_a_posed_capture_is_copied_whole(tmp_path):
    source = posed_folder(tmp_path / "in")
    made = ingest(source, tmp_path / "out", CONFIG)
    assert same(made, load_capture(source))
    assert made.photos[0].file.read_bytes() == (source / "images/photo_0.jpg").read_bytes()
    shutil.rmtree(source)
    again = ingest(tmp_path / "out", tmp_path / "again", CONFIG)
    assert same(again, made)


@pytest.mark.parametrize("prefix", ["", "images/"])
def test_a_known_length_gives_a_posed_capture_its_scale(tmp_path, prefix):
    source = posed_folder(tmp_path / "in")
    given = load_capture(source)
    units = np.linalg.norm(given.positions[0] - given.positions[3])
    known = (f"{prefix}photo_0.jpg", f"{prefix}photo_3.jpg", 3.0)
    made = ingest(source, tmp_path / "out", IngestConfig(known_length=known))
    assert made.metres_per_unit == pytest.approx(3.0 / units)
    assert load_capture(tmp_path / "out").metres_per_unit == made.metres_per_unit
    assert load_capture(source, known).metres_per_unit == made.metres_per_unit
    halved = (known[0].removeprefix(prefix), known[1].removeprefix(prefix), 1.5)
    again = ingest(tmp_path / "out", tmp_path / "again", IngestConfig(known_length=halved))
    assert again.metres_per_unit == pytest.approx(1.5 / units)


def test_options_that_a_posed_capture_has_no_use_for_are_told(tmp_path, caplog):
    source = posed_folder(tmp_path / "in")
    ingest(source, tmp_path / "out", CONFIG)
    assert caplog.messages == []
    ingest(source, tmp_path / "again", IngestConfig(max_side_px=500, matching="exhaustive"))
    assert caplog.messages == [
        f"{source}: has its camera positions already; no use was made of --max-side-px, --matching"
    ]


def test_photos_of_a_posed_capture_are_not_turned_and_lose_the_note_to_turn_them(tmp_path):
    source = posed_folder(tmp_path / "in")
    exif = Image.Exif()
    exif[0x0112] = 6
    save(source / "images", "photo_1.jpg", 1, exif=exif, quality=95)
    made = ingest(source, tmp_path / "out", CONFIG)
    with Image.open(made.photos[1].file) as image:
        assert image.size == (WIDTH, HEIGHT)
        assert image.getexif().get(0x0112, 1) == 1
        assert np.abs(np.asarray(image).astype(int) - scenery(1)).mean() < 3


def test_folders_of_several_cameras_keep_their_photos_apart(tmp_path):
    source = tmp_path / "in"
    photos = []
    for i, place in enumerate(["left", "right", "top"]):
        file = save(source / place, "0001.png", i)
        photos.append(Photo(file, Camera(LENS, looking(30 * i))))
    write_transforms(source / "transforms.json", photos, None)
    made = ingest(source, tmp_path / "out", CONFIG)
    assert [p.name for p in made.photos] == ["left_0001.png", "right_0001.png", "top_0001.png"]


def test_masks_come_along(tmp_path):
    source = posed_folder(tmp_path / "in")
    Image.fromarray(scenery(9)).save(source / "mask.png")
    data = json.loads((source / "transforms.json").read_text())
    data["frames"][2]["mask_path"] = "mask.png"
    (source / "transforms.json").write_text(json.dumps(data))
    made = ingest(source, tmp_path / "out", CONFIG)
    assert [p.mask is not None for p in made.photos] == [False, False, True, False]
    mask = made.photos[2].mask
    assert mask == (tmp_path / "out" / "masks" / "photo_2.jpg.png").resolve()
    Image.new("L", (8, 8)).save(source / "mask.png")
    with pytest.raises(IngestError) as error:
        ingest(source, tmp_path / "other", CONFIG)
    assert str(error.value) == (
        f"{source / 'mask.png'}: expected a mask of 120x80 pixels as its photo, found 8x8; "
        "make it the same size"
    )


def test_damaged_photos_of_a_posed_capture_are_left_out(tmp_path, caplog):
    source = posed_folder(tmp_path / "in")
    file = source / "images" / "photo_1.jpg"
    file.write_bytes(file.read_bytes()[:-1000])
    made = ingest(source, tmp_path / "out", CONFIG)
    assert [p.name for p in made.photos] == ["photo_0.jpg", "photo_2.jpg", "photo_3.jpg"]
    assert (
        "3 of 4 photos posed; left out:\n  images/photo_1.jpg: the file is damaged" in caplog.text
    )
    assert made.photos_total == 4
    (source / "images" / "photo_2.jpg").unlink()
    assert load_capture(source).photos_total == 4
    with pytest.raises(IngestError) as error:
        ingest(source, tmp_path / "other", CONFIG)
    assert str(error.value).startswith(
        f"{source}: expected at least 3 usable posed photos, found 2; add more to it\n"
        "  images/photo_1.jpg: the file is damaged or cut short ("
    )


Y_UP = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], dtype=float)


def test_worlds_with_another_axis_up_are_turned_upright(tmp_path):
    given = load_capture(posed_folder(tmp_path / "in", turn=Y_UP))
    ups = np.array([p.camera.world_from_camera[:3, 1] for p in given.photos])
    np.testing.assert_allclose(ups, [[0, 0, 1]] * 4, atol=1e-9)
    true = np.array([looking(25 * i)[:3, 3] for i in range(4)])
    np.testing.assert_allclose(
        np.linalg.norm(np.diff(given.positions, axis=0), axis=1),
        np.linalg.norm(np.diff(true, axis=0), axis=1),
    )


@pytest.mark.parametrize(
    ("poses", "upright"),
    [
        ([looking(a) for a in range(0, 360, 30)], True),
        ([looking(a, -50) for a in range(0, 40, 5)], True),  # looks down at a table, from one side
        ([looking(90, -89) @ np.diag([1, 1, 1, 1.0])] * 5, True),
        ([Y_UP @ looking(a) for a in range(0, 360, 30)], False),
        ([Y_UP @ looking(a, -50) for a in range(0, 40, 5)], False),
        ([np.diag([1, -1, -1, 1.0]) @ looking(a) for a in range(0, 360, 30)], False),
    ],
)
def test_which_worlds_count_as_upright(poses, upright):
    poses = np.array(poses)
    poses[:, :2, 3] = np.random.default_rng(0).uniform(-9, 9, (len(poses), 2))
    assert is_upright(poses) is upright


def test_a_crane_before_a_view_is_no_drone():
    """Cameras side by side and one above another, which all look the same way, exactly level."""
    places = [(x, z) for x in (-9.0, -3.0, 3.0, 9.0) for z in (2.0, 6.0, 12.0)]
    poses = np.array([looking(90 + x / 3, -z / 2) for x, z in places])
    poses[:, 0, 3], poses[:, 2, 3] = np.array(places).T
    poses[:, 1, 3] = 0.0
    assert nadir_up(poses) is not None  # they spread as a drone's do
    assert is_upright(poses)
    # In a world that lies on its back they all look up, which nobody does.
    turn = np.eye(4)
    turn[:3, :3] = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    assert not is_upright(turn @ poses)
