"""Capture folders: what ingest writes, nerfstudio and we read back; nothing is lost on the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from scenegen.cli import main
from scenegen.errors import IngestError, OutputError
from scenegen.ingest import pose
from scenegen.ingest.capture import capture_kind, ingest, load_capture, read_facts
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.pose import PhotoFacts, Posed
from scenegen.ingest.snapshot import Rejected
from scenegen.types import Camera
from tests.ingest.captures import LENS, looking, posed_folder, same
from tests.ingest.pictures import save, save_some

CONFIG = IngestConfig()


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


def test_metres_stay_when_our_own_capture_is_taken_in_again(tmp_path, monkeypatch):
    fake_posing(monkeypatch, unposed=("photo_1.jpg",))
    made = ingest(save_some(tmp_path / "in", 4), tmp_path / "out", CONFIG)
    assert same(ingest(tmp_path / "out", tmp_path / "again", CONFIG), made)


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
