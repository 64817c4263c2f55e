import numpy as np
import pytest
from PIL import Image

from scenegen.errors import IngestError
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.pose import pose_photos
from scenegen.ingest.scale import align
from scenegen.ingest.snapshot import Snapshot
from tests.ingest.wallpapered import looking, photographs

ONE_SPOT = (
    "finding the camera positions of {} photos: expected photos from different places, found all "
    "taken from one spot, or copies of one photo; move a step sideways between photos instead of "
    "turning on the spot, so that near things shift against far ones"
)


def arc(count=7):
    angles = np.linspace(-0.6, 0.6, count)
    return [
        looking([2 * np.sin(a), -2 * np.cos(a), 0.3 * np.sin(3 * a)], [0, 0, 0]) for a in angles
    ]


@pytest.mark.slow
def test_poses_a_room_and_leaves_out_what_does_not_belong(tmp_path):
    poses = arc()
    shots = photographs(tmp_path / "images", poses)
    stranger = Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 32, 3), np.uint8))
    stranger.resize((320, 240), Image.Resampling.BICUBIC).save(tmp_path / "images" / "zoo.png")
    zoo = Snapshot(tmp_path / "images" / "zoo.png", "zoo.png", 320, 240, "phone", 1.0, 260.0)
    metres = float(np.linalg.norm(poses[0][:3, 3] - poses[6][:3, 3]))
    known = (shots[0].source, shots[6].source, metres)
    config = IngestConfig(min_posed_share=0.8, known_length=known)
    seen = []

    def progress(label, done, total):
        seen.append((label, done, total))

    posed = pose_photos([*shots, zoo], True, tmp_path / "work", config, progress)

    assert sorted(posed.cameras) == [shot.name for shot in shots]
    assert posed.unposed["zoo.png"].source == "zoo.png"
    found = np.array([posed.cameras[shot.name].position for shot in shots])
    true = np.array([pose[:3, 3] for pose in poses])
    fit = align(found, true)
    off = np.linalg.norm(fit.points(found) - true, axis=1).max()
    assert off < 0.01  # of 2.3; seen 0.002
    up = fit.rotation @ [0, 0, 1]
    assert up[2] > np.cos(np.deg2rad(1.0))
    lens = posed.cameras[shots[0].name].lens
    assert abs(lens.fl_x - 260) < 5
    assert (lens.width_px, lens.height_px) == (320, 240)
    room = fit.points(posed.points.astype(np.float64))
    assert np.median(np.abs(room).max(1)) < 3.1
    assert posed.metres_per_unit == pytest.approx(fit.scale, rel=0.01)
    facts = posed.facts[shots[3].name]
    assert shots[2].name in facts.overlaps
    assert facts.points > 50
    assert facts.matches > facts.points
    assert 0 < facts.reprojection_px < 1
    assert {label for label, _, _ in seen} == {
        "Finding features",
        "Comparing photos",
        "Finding the cameras",
    }
    assert all(0 <= done <= total for _, done, total in seen)


@pytest.mark.slow
def test_turning_on_the_spot_is_refused(tmp_path):
    spot = np.array([0.9, -1.5, 0.0])
    angles = np.linspace(-0.4, 0.4, 4)
    poses = [
        looking(spot, np.add(spot, [np.sin(a), np.cos(a), 0.05 * np.sin(5 * a)])) for a in angles
    ]
    shots = photographs(tmp_path / "images", poses)
    with pytest.raises(IngestError) as error:
        pose_photos(shots, True, tmp_path / "work", IngestConfig())
    assert str(error.value) == ONE_SPOT.format(4)


@pytest.mark.slow
def test_copies_of_one_photo_are_refused(tmp_path):
    shots = photographs(tmp_path / "images", [arc()[3]] * 3)
    with pytest.raises(IngestError) as error:
        pose_photos(shots, True, tmp_path / "work", IngestConfig())
    assert str(error.value) == ONE_SPOT.format(3)


def test_two_photos_are_too_few(tmp_path):
    shots = [Snapshot(tmp_path / f"{i}.png", f"{i}.png", 320, 240, "phone", 1.0) for i in (0, 1)]
    with pytest.raises(IngestError) as error:
        pose_photos(shots, True, tmp_path / "work", IngestConfig())
    assert str(error.value) == (
        "finding the camera positions: expected at least 3 usable photos, found 2; take 20 to 60 "
        "photos while walking around or through the place, each overlapping the last"
    )


@pytest.mark.slow
def test_chair_is_posed_whole(shared_scene, tmp_path):
    files = sorted((shared_scene("chair") / "images").glob("*.jpg"))
    shots = [Snapshot(file, file.name, 640, 480, "camera", 1.0) for file in files]
    posed = pose_photos(shots, False, tmp_path, IngestConfig())
    assert len(posed.cameras) == 21
    assert posed.attempts == ("SIFT",)
    heights = np.array([camera.position[2] for camera in posed.cameras.values()])
    assert heights.std() < 0.2  # walked around it at one height, about 2 units away
