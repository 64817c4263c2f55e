"""The stages put together: figures, and finished work that is found again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from scenegen import pipeline
from scenegen.ingest import capture as ingest_capture
from scenegen.ingest.config import IngestConfig
from scenegen.lift import fit
from scenegen.lift.config import LiftConfig
from scenegen.path.config import PathConfig
from scenegen.progress import Progress
from scenegen.publish.config import PublishConfig
from scenegen.render.config import RenderConfig
from scenegen.report import Report
from scenegen.types import Capture
from scenegen.work import WorkFolder, source_fingerprint
from tests.rooms import room_photos

SMALL = pipeline.Settings(
    lift=LiftConfig(budget_s=1.0, holdout_every=6),
    path=PathConfig(seconds=0.25, width_px=64, height_px=48),
    render=RenderConfig(width_px=64, height_px=48),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """A folder with `room`, a clip of it and the working folder, and the report of the job."""
    folder = tmp_path_factory.mktemp("finished")
    report = Report("walkthrough")
    room = room_photos(folder / "room")
    pipeline.walkthrough(room, folder / "clip.mp4", SMALL, report=report)
    return folder, report


@pytest.fixture
def folder(finished: tuple[Path, Report], tmp_path: Path) -> Path:
    """A copy of the finished folder that a test may change."""
    shutil.copytree(finished[0], tmp_path / "finished")
    return tmp_path / "finished"


def never(*_: object) -> None:
    raise AssertionError("a finished stage was done again")


def test_a_walkthrough_leaves_a_clip_and_its_figures(finished: tuple[Path, Report]) -> None:
    import av

    folder, report = finished
    with av.open(str(folder / "clip.mp4")) as clip:
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
    assert len(frames) == 6
    assert frames[0].shape == (48, 64, 3)
    assert frames[0].std() > 10
    facts = report.as_dict()
    assert (facts["photos_total"], facts["photos_posed"]) == (12, 12)
    assert (facts["frames"], facts["heldout_views"]) == (6, 2)
    assert facts["train_s"] > 0.9
    assert facts["heldout_psnr_db"] > 10
    assert 0 < facts["heldout_ssim"] < 1
    assert facts["render_s_per_frame"] > 0
    assert list(facts["seconds"]) == ["lift", "evaluate", "path", "render"]


def test_finished_stages_are_not_done_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The copy lies elsewhere, so it first becomes the source that the stages were made from.
    made = pipeline.walkthrough(folder / "room", folder / "again.mp4", SMALL)
    monkeypatch.setattr(fit, "lift", never)
    (folder / "again.mp4").unlink()
    again = pipeline.walkthrough(folder / "room", folder / "again.mp4", SMALL)
    assert again.scene.fingerprint == made.scene.fingerprint
    assert (folder / "again.mp4").is_file()


def test_other_settings_make_another_scene(folder: Path) -> None:
    first = pipeline.walkthrough(folder / "room", folder / "a.mp4", SMALL)
    changed = replace(
        SMALL,
        lift=replace(SMALL.lift, downscale=2),
        publish=PublishConfig(overwrite=True),
    )
    second = pipeline.walkthrough(folder / "room", folder / "a.mp4", changed)
    assert second.scene.facts["downscale"] == 2
    assert second.scene.fingerprint != first.scene.fingerprint


def test_a_job_that_was_stopped_goes_on_after_its_finished_stage(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = folder / "photos"
    photos.mkdir()
    for file in (folder / "room").glob("*.png"):
        shutil.copy(file, photos)

    def posed(source: Path, output: Path, config: IngestConfig, progress: Progress) -> Capture:
        assert (source, config.overwrite) == (photos, True)
        progress("posing", 1, 1)
        shutil.copytree(folder / "room", output)
        return ingest_capture.load_capture(output)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as first:
        first.setattr(ingest_capture, "ingest", posed)
        first.setattr(fit, "lift", stopped)
        with pytest.raises(KeyboardInterrupt):
            pipeline.walkthrough(photos, folder / "stopped.mp4", SMALL)
    monkeypatch.setattr(ingest_capture, "ingest", never)
    made = pipeline.walkthrough(photos, folder / "stopped.mp4", SMALL)
    assert made.work.capture == folder / "stopped.scenegen" / "capture"
    assert (folder / "stopped.mp4").is_file()


def test_the_stages_one_by_one_make_the_same_kinds_of_things(folder: Path) -> None:
    scene = folder / "scene"
    report = Report("lift")
    pipeline.lift(folder / "room", scene, SMALL.lift, report=report)
    assert report.figures["heldout_views"] == 2
    assert pipeline.evaluate(scene)["heldout_psnr_db"] == report.figures["heldout_psnr_db"]
    planned = pipeline.path(scene, folder / "path.json", SMALL.path)
    assert json.loads((folder / "path.json").read_text())["render_width"] == 64
    publish = PublishConfig(frames=folder / "frames")
    clip = pipeline.render(scene, folder / "path.gif", folder / "path.json", SMALL.render, publish)
    assert clip.frames == len(planned) == 6
    with Image.open(folder / "frames" / "rgb" / "000005.png") as frame:
        assert frame.size == (64, 48)
    assert (folder / "path.gif").is_file()


def test_a_source_is_known_by_its_photos_whatever_else_lies_there(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(b"1")
    first = source_fingerprint(photos)
    for output in ("report.json", "clip.mp4", "clip.gif", ".hidden.jpg"):
        (photos / output).write_bytes(b"1")
    for folder in ("clip.scenegen/capture/images", "scene.partial", "frames/rgb", "scene/photos"):
        (photos / folder).mkdir(parents=True)
        (photos / folder / "000000.png").write_bytes(b"1")
    assert source_fingerprint(photos) == first
    (tmp_path / "link").symlink_to(photos)
    assert source_fingerprint(tmp_path / "link") == first
    (photos / "a.jpg").write_bytes(b"12")
    changed = source_fingerprint(photos)
    assert changed != first
    (photos / "b.jpg").write_bytes(b"1")
    assert source_fingerprint(photos) != changed
    assert source_fingerprint(photos, photos / "b.jpg") == changed


def test_a_video_is_known_by_itself(tmp_path: Path) -> None:
    (tmp_path / "walk.mp4").write_bytes(b"1")
    first = source_fingerprint(tmp_path / "walk.mp4")
    (tmp_path / "other.mp4").write_bytes(b"1")
    assert source_fingerprint(tmp_path / "walk.mp4") == first
    (tmp_path / "walk.mp4").write_bytes(b"12")
    assert source_fingerprint(tmp_path / "walk.mp4") != first


def test_a_posed_capture_is_known_by_the_photos_that_it_names(tmp_path: Path) -> None:
    room = room_photos(tmp_path / "room", 3, 64, 48)
    first = source_fingerprint(room)
    assert source_fingerprint(room / "transforms.json") == first
    shutil.copy(room / "00.png", room / "not_named.png")
    (room / "report.json").write_text("{}")
    assert source_fingerprint(room) == first
    for file in ("00.png", "transforms.json", "capture.json"):
        with (room / file).open("a") as stream:
            stream.write(" ")
        first, before = source_fingerprint(room), first
        assert first != before


def test_a_colmap_model_is_known_by_its_files_and_images(tmp_path: Path) -> None:
    model, images = tmp_path / "sparse" / "0", tmp_path / "images" / "left"
    for folder in (model, images, tmp_path / "frames"):
        folder.mkdir(parents=True)
    for file in (model / "cameras.bin", model / "images.bin", images / "1.jpg"):
        file.write_bytes(b"1")
    first = source_fingerprint(tmp_path)
    (tmp_path / "frames" / "0.png").write_bytes(b"1")
    assert source_fingerprint(tmp_path) == first
    for file in (model / "images.bin", images / "1.jpg", model / "points3D.bin"):
        file.write_bytes(b"12")
        first, before = source_fingerprint(tmp_path), first
        assert first != before


def test_a_damaged_list_of_stages_costs_nothing_but_time(tmp_path: Path) -> None:
    work = WorkFolder(tmp_path / "clip.mp4")
    assert not work.finished("scene", "1")
    work.finish("scene", "1")
    assert work.finished("scene", "1")
    assert not work.finished("scene", "2")
    for damaged in ("[", "[1]", ""):
        (work.folder / "stages.json").write_text(damaged)
        assert not work.finished("scene", "1")
