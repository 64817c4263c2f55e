"""Capture folders: what ingest writes, nerfstudio and we read back; nothing is lost on the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenegen.cli import main
from scenegen.errors import IngestError, OutputError
from scenegen.ingest import pose
from scenegen.ingest.capture import capture_kind, ingest, load_capture, read_facts
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.pose import PhotoFacts, Posed
from scenegen.ingest.posed import is_upright
from scenegen.ingest.snapshot import Rejected
from scenegen.ingest.transforms import write_transforms
from scenegen.types import Camera, Capture, Lens, Photo
from tests.ingest.pictures import HEIGHT, WIDTH, save, save_some, scenery

CONFIG = IngestConfig()
LENS = Lens(WIDTH, HEIGHT, 101.1, 102.2, 60.3, 40.4, "OPENCV", k1=0.1, p2=-0.01)


def looking(yaw_deg: float, pitch_deg: float = 0.0) -> np.ndarray:
    """Return the pose of a level camera in a world with +Z up, at a place of its own."""
    yaw, pitch = np.deg2rad([yaw_deg, pitch_deg])
    forward = np.array([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)])
    right = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
    pose_ = np.eye(4)
    pose_[:3, :3] = np.stack([right, np.cross(right, forward), -forward], axis=1)
    pose_[:3, 3] = [yaw_deg / 10, pitch_deg, 1.5]
    return pose_


def posed_folder(folder: Path, count: int = 4, turn: np.ndarray | None = None) -> Path:
    """Write a posed capture of ``count`` photos whose world is turned by ``turn``."""
    save_some(folder / "images", count)
    turn = np.eye(4) if turn is None else turn
    photos = [
        Photo(folder / "images" / f"photo_{i}.jpg", Camera(LENS, turn @ looking(25 * i)))
        for i in range(count)
    ]
    write_transforms(folder / "transforms.json", photos, None)
    return folder


def same(one: Capture, other: Capture) -> bool:
    """Whether two captures agree in all but the place of their files."""
    return (
        [p.name for p in one.photos] == [p.name for p in other.photos]
        and [p.camera.lens for p in one.photos] == [p.camera.lens for p in other.photos]
        and all(
            np.array_equal(a.camera.world_from_camera, b.camera.world_from_camera)
            for a, b in zip(one.photos, other.photos, strict=True)
        )
        and np.array_equal(one.points, other.points)
        and np.array_equal(one.point_colors, other.point_colors)
        and (one.photos_total, one.metres_per_unit) == (other.photos_total, other.metres_per_unit)
    )


def fake_posing(monkeypatch, unposed: tuple[str, ...] = ()) -> None:
    """Let posing answer at once with level cameras, except for the photos named ``unposed``."""

    def pose_photos(snapshots, ordered, work, config, progress):  # noqa: ARG001 # posing's own
        work.mkdir()
        (work / "database.db").write_bytes(b"left over")
        good = [shot for shot in snapshots if shot.name not in unposed]
        return Posed(
            cameras={s.name: Camera(LENS, looking(20 * i)) for i, s in enumerate(good)},
            points=np.array([[0.1, 0.2, 0.3], [1, 2, 3]], np.float32),
            point_colors=np.array([[255, 0, 7], [1, 2, 3]], np.uint8),
            facts={s.name: PhotoFacts(5, 40, (good[0].name,), 0.5) for s in good},
            unposed={
                s.name: Rejected(s.source, "it overlaps with no other photo", "retake it")
                for s in snapshots
                if s.name in unposed
            },
            metres_per_unit=2.5,
            notes=("a note",),
            attempts=("SIFT",),
        )

    monkeypatch.setattr(pose, "pose_photos", pose_photos)


def test_photos_become_a_folder_that_says_how_each_fared(tmp_path, monkeypatch, caplog):
    source = save_some(tmp_path / "in", 4)
    (source / "bad.jpg").write_bytes(b"")
    fake_posing(monkeypatch, unposed=("photo_2.jpg",))
    made = ingest(source, tmp_path / "out", CONFIG)
    assert [p.name for p in made.photos] == ["photo_0.jpg", "photo_1.jpg", "photo_3.jpg"]
    assert (made.photos_total, made.metres_per_unit) == (5, 2.5)
    assert all(p.file.is_file() and p.file.is_absolute() for p in made.photos)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "capture.json", "images", "sparse_pc.ply", "transforms.json",
    ]  # fmt: skip
    facts = read_facts(tmp_path / "out")
    assert facts is not None
    assert (facts["kind"], facts["photos_total"], facts["photos_posed"]) == ("photos", 5, 3)
    assert [photo["posed"] for photo in facts["photos"]] == [True, True, False, True]
    assert facts["photos"][0]["overlaps"] == ["photo_0.jpg"]
    assert facts["photos"][0]["sharpness"] > 0
    assert facts["photos"][2]["why"] == "it overlaps with no other photo"
    assert facts["photos"][2]["advice"] == "retake it"
    assert facts["rejected"] == [
        {
            "source": "bad.jpg",
            "why": "the file is empty (0 bytes)",
            "advice": "copy it from the camera again",
        }
    ]
    assert facts["notes"] == ["a note"]
    assert facts["settings"]["seed"] == 0
    assert caplog.messages == [
        f"{source}: 3 of 5 photos posed; left out:\n"
        "  bad.jpg: the file is empty (0 bytes); copy it from the camera again\n"
        "  photo_2.jpg: it overlaps with no other photo; retake it"
    ]


def test_the_folder_reads_back_exactly_and_can_be_moved(tmp_path, monkeypatch):
    fake_posing(monkeypatch)
    made = ingest(save_some(tmp_path / "in", 4), tmp_path / "out", CONFIG)
    assert same(load_capture(tmp_path / "out"), made)
    shutil.rmtree(tmp_path / "in")
    shutil.move(tmp_path / "out", tmp_path / "elsewhere")
    moved = load_capture(tmp_path / "elsewhere")
    assert same(moved, made)
    assert moved.photos[0].file == (tmp_path / "elsewhere" / "images" / "photo_0.jpg").resolve()


def test_what_nerfstudio_asks_for_is_there(tmp_path, monkeypatch):
    fake_posing(monkeypatch)
    ingest(save_some(tmp_path / "in", 4), tmp_path / "out", CONFIG)
    data = json.loads((tmp_path / "out" / "transforms.json").read_text())
    assert data["camera_model"] == "OPENCV"
    assert {"fl_x", "fl_y", "cx", "cy", "w", "h", "k1", "k2", "k3", "k4", "p1", "p2"} <= set(data)
    assert isinstance(data["w"], int)
    assert [f["file_path"] for f in data["frames"]] == [f"images/photo_{i}.jpg" for i in range(4)]
    ply = (tmp_path / "out" / data["ply_file_path"]).read_bytes()
    assert ply.startswith(
        b"ply\nformat binary_little_endian 1.0\nelement vertex 2\nproperty float x\n"
        b"property float y\nproperty float z\nproperty uchar red\nproperty uchar green\n"
        b"property uchar blue\nend_header\n"
    )
    assert len(ply) - ply.index(b"end_header\n") - 11 == 2 * 15


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


def test_a_known_length_between_unknown_photos_is_told_before_any_work(tmp_path, monkeypatch):
    config = IngestConfig(known_length=("photo_0.jpg", "photo_9.jpg", 3.0))
    text = "--known-length photo_0.jpg photo_9.jpg 3: expected two photos {}, 'photo_9.jpg' is none"
    with pytest.raises(IngestError) as error:
        ingest(posed_folder(tmp_path / "posed"), tmp_path / "out", config)
    names = [f"{folder}photo_{i}.jpg" for folder in ("images/", "") for i in range(4)]
    assert str(error.value) == (
        f"{text.format('whose position was found')}; name two of: {', '.join(names[:5])}, ..."
    )

    def never(*_: object) -> None:
        raise AssertionError("posing began")

    monkeypatch.setattr(pose, "pose_photos", never)
    with pytest.raises(IngestError) as error:
        ingest(save_some(tmp_path / "in", 3), tmp_path / "out", config)
    assert str(error.value) == (
        f"{text.format('that can be used')}; name two of: photo_0.jpg, photo_1.jpg, photo_2.jpg"
    )


def test_options_that_a_posed_capture_has_no_use_for_are_told(tmp_path, caplog):
    source = posed_folder(tmp_path / "in")
    ingest(source, tmp_path / "out", CONFIG)
    assert caplog.messages == []
    ingest(source, tmp_path / "again", IngestConfig(max_side_px=500, matching="exhaustive"))
    assert caplog.messages == [
        f"{source}: has its camera positions already; no use was made of --max-side-px, --matching"
    ]


def test_metres_stay_when_our_own_capture_is_taken_in_again(tmp_path, monkeypatch):
    fake_posing(monkeypatch, unposed=("photo_1.jpg",))
    made = ingest(save_some(tmp_path / "in", 4), tmp_path / "out", CONFIG)
    assert same(ingest(tmp_path / "out", tmp_path / "again", CONFIG), made)


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


def test_kinds(tmp_path):
    photos, posed = save_some(tmp_path / "photos", 1), posed_folder(tmp_path / "posed", 1)
    (tmp_path / "v.MOV").write_bytes(b"")
    colmap = tmp_path / "colmap" / "sparse" / "0"
    colmap.mkdir(parents=True)
    for name in ("cameras.bin", "images.bin"):
        (colmap / name).write_bytes(b"")
    assert capture_kind(photos) == "photos"
    assert capture_kind(posed) == "posed"
    assert capture_kind(posed / "transforms.json") == "posed"
    assert capture_kind(tmp_path / "colmap") == "posed"
    assert capture_kind(tmp_path / "v.MOV") == "video"


def test_no_kind(tmp_path):
    with pytest.raises(IngestError) as error:
        capture_kind(tmp_path / "gone")
    assert str(error.value) == (
        f"{tmp_path / 'gone'}: expected a folder of photos, a video or a posed capture, found "
        "nothing there; check the path"
    )
    file = save(tmp_path, "a.jpg", 1)
    with pytest.raises(IngestError) as error:
        capture_kind(file)
    assert str(error.value) == (
        f"{file}: expected a folder of photos, found a single photo; name its folder"
    )


@pytest.mark.parametrize("command", ["ingest", "lift", "walkthrough"])
@pytest.mark.parametrize("place", ["photos", "photos/transforms.json", "photos/images/photo_0.jpg"])
def test_a_place_that_may_not_be_entered_is_told(tmp_path, monkeypatch, capsys, command, place):
    source = posed_folder(tmp_path / "photos")
    stat = Path.stat

    def denied(self: Path, **options: bool) -> object:
        if self == tmp_path / place:
            raise PermissionError(13, "Permission denied", str(self))
        return stat(self, **options)

    monkeypatch.setattr(Path, "stat", denied)
    code = main([command, str(source), "--output", str(tmp_path / "out.mp4"), "--quiet"])
    assert (code, capsys.readouterr().err) == (
        1,
        f"scenegen: error: {tmp_path / place}: cannot be read (Permission denied); "
        "change its permissions or copy it elsewhere\n",
    )


def test_loading_photos_without_poses(tmp_path):
    with pytest.raises(IngestError) as error:
        load_capture(save_some(tmp_path, 3))
    assert str(error.value) == (
        f"{tmp_path}: expected a folder with transforms.json or a COLMAP model, found neither; "
        "run `scenegen ingest` on photos or a video first"
    )


def _with_facts(tmp_path: Path, **change: object) -> Path:
    folder = tmp_path / "out"
    ingest(posed_folder(tmp_path / "in"), folder, CONFIG)
    facts = json.loads((folder / "capture.json").read_text())
    (folder / "capture.json").write_text(json.dumps({**facts, **change}))
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"format_version": 2},
            "expected a capture of format 1 or older, found 2; upgrade with: "
            "pip install --upgrade scenegen",
        ),
        (
            {"photos_total": "many"},
            "expected numbers `photos_total` and `metres_per_unit`, found 'many' and None; "
            "ingest the photos again",
        ),
    ],
)
def test_facts_of_a_newer_version_or_none_are_refused(tmp_path, change, message):
    folder = _with_facts(tmp_path, **change)
    with pytest.raises(IngestError) as error:
        load_capture(folder)
    assert str(error.value) == f"{folder / 'capture.json'}: {message}"


def test_an_existing_output_is_kept(tmp_path):
    source = posed_folder(tmp_path / "in")
    ingest(source, tmp_path / "out", CONFIG)
    with pytest.raises(OutputError) as error:
        ingest(source, tmp_path / "out", CONFIG)
    assert str(error.value) == (
        f"{tmp_path / 'out'}: exists already, expected a new name; "
        "pass --overwrite to replace it or choose another --output"
    )
    smaller = posed_folder(tmp_path / "smaller", 3)
    made = ingest(smaller, tmp_path / "out", IngestConfig(overwrite=True))
    assert len(made.photos) == 3
    assert len(list((tmp_path / "out" / "images").iterdir())) == 3


def test_overwrite_never_takes_the_input_or_what_is_no_capture(tmp_path):
    source = save_some(tmp_path / "in", 3)
    for output in (source, tmp_path):
        with pytest.raises(OutputError) as error:
            ingest(source, output, IngestConfig(overwrite=True))
        assert str(error.value) == (
            f"{output}: would replace its own input {source}; choose another --output"
        )
    diary = tmp_path / "diary"
    diary.mkdir()
    (diary / "monday.txt").write_text("")
    with pytest.raises(OutputError) as error:
        ingest(source, diary, IngestConfig(overwrite=True))
    assert str(error.value) == (
        f"{diary}: expected a capture folder to replace, found something else; "
        "choose another --output or remove it yourself"
    )
    assert (diary / "monday.txt").exists()
    assert len(list(source.iterdir())) == 3


@pytest.mark.parametrize("stop", [KeyboardInterrupt, IngestError("no overlap")])
def test_a_job_that_stops_leaves_nothing_behind(tmp_path, monkeypatch, stop):
    source = save_some(tmp_path / "in", 3)

    def pose_photos(*_: object) -> None:
        raise stop

    monkeypatch.setattr(pose, "pose_photos", pose_photos)
    with pytest.raises((KeyboardInterrupt, IngestError)):
        ingest(source, tmp_path / "out", CONFIG)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]
    assert len(list(source.iterdir())) == 3


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    source = posed_folder(tmp_path / "in")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.link", full)
    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OutputError) as error:
        ingest(source, tmp_path / "out", CONFIG)
    assert str(error.value) == (
        f"{tmp_path / 'out'}: the disk is full; free some space and run the command again"
    )
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_fox(shared_scene, tmp_path):
    fox = load_capture(shared_scene("fox"))
    assert (len(fox.photos), fox.photos_total, fox.metres_per_unit) == (50, 67, None)
    assert same(ingest(shared_scene("fox"), tmp_path / "fox", CONFIG), fox)
