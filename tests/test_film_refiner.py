"""Films of a small room, refined: the same wherever they begin, told of, and graded by words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from scenegen.cli import main
from scenegen.errors import RefineError
from scenegen.film_refiner import FilmRefiner, against, typical_distance, within_crop
from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.lift.placement import placed, rotation_to_up
from scenegen.refine.grade import Grade, Words
from scenegen.refine.network import Refiner
from scenegen.refine.sampler import Refined
from scenegen.refine.weights import save_refiner
from scenegen.render.config import RenderConfig
from scenegen.render.field_pass import render_field
from scenegen.render.frames import refine_path, render_path
from scenegen.render.guided import PhotoGuide
from scenegen.types import CameraPath, Crop, LensWork, Placement, Scene
from tests.refine.clips import SMALL as SIZES
from tests.refine.clips import clip as clip_of
from tests.refine.clips import network
from tests.rooms import room_photos

pytestmark = pytest.mark.slow
SMALL = RenderConfig(width_px=64, height_px=48)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("film")


@pytest.fixture(scope="module")
def scene(folder: Path) -> Scene:
    capture = load_capture(room_photos(folder / "room"))
    return lift(capture, folder / "scene", LiftConfig(steps=600, holdout_every=4))


@pytest.fixture(scope="module")
def weights(folder: Path) -> Path:
    save_refiner(network(), folder / "refiner.safetensors", {})
    return folder / "refiner.safetensors"


@pytest.fixture
def path(scene: Scene) -> CameraPath:
    """Eight frames beside a photo, with a cut before the sixth."""
    poses = np.tile(scene.cameras[0].world_from_camera, (8, 1, 1))
    poses[:, :3, 3] += 0.01 * np.arange(8)[:, None] * poses[:, :3, 0]
    return CameraPath(poses, np.full(8, 50.0), 8.0, 4 / 3, cuts=(5,))


def test_a_film_is_the_same_wherever_its_rendering_began(scene: Scene, path: CameraPath) -> None:
    guide = PhotoGuide(scene)
    refine = FilmRefiner(network(), scene, guide)
    whole = list(refine_path(scene, path, SMALL, refine, guide=guide))
    assert [frame.index for frame in whole] == list(range(8))
    for first in (3, 6):
        rest = list(refine_path(scene, path, SMALL, refine, first, guide=guide))
        assert [frame.index for frame in rest] == list(range(first, 8))
        for one, other in zip(rest, whole[first:], strict=True):
            np.testing.assert_array_equal(one.rgb, other.rgb)


def test_weights_that_make_no_colours_are_told(scene: Scene, path: CameraPath) -> None:
    damaged = network().requires_grad_(False)
    for one in damaged.head.parameters():
        one.fill_(float("nan"))
    with pytest.raises(RefineError, match=r"found values that are not numbers.*--refine-weights"):
        list(refine_path(scene, path, SMALL, FilmRefiner(damaged, scene, PhotoGuide(scene))))


def test_shots_do_not_see_each_other(scene: Scene, path: CameraPath) -> None:
    guide = PhotoGuide(scene)
    refine, anew = FilmRefiner(network(), scene, guide), replace(SMALL, every_frame_anew=True)
    whole = list(refine_path(scene, path, anew, refine, guide=guide))
    last = replace(path, world_from_camera=path.world_from_camera[5:],
                   fov_y_deg=path.fov_y_deg[5:], cuts=())  # fmt: skip
    alone = list(refine_path(scene, last, anew, refine, guide=guide))
    for one, other in zip(alone, whole[5:], strict=True):
        np.testing.assert_array_equal(one.rgb, other.rgb)
    uncut = list(refine_path(scene, replace(path, cuts=()), anew, refine, guide=guide))
    assert not np.array_equal(uncut[5].rgb, whole[5].rgb)


def test_every_pixel_comes_from_somewhere(scene: Scene, path: CameraPath) -> None:
    guide = PhotoGuide(scene)
    for frame in refine_path(scene, path, SMALL, FilmRefiner(network(), scene, guide), guide=guide):
        found = frame.provenance
        assert found is not None
        total = found.copied + found.kept + found.made_up
        np.testing.assert_allclose(total, 1, atol=1e-5)
        assert found.figures()["copied"] > 0


def test_a_scene_without_photos_is_refined_too(scene: Scene, path: CameraPath) -> None:
    plain = replace(SMALL, plain=True)
    for frame in refine_path(scene, path, plain, FilmRefiner(network(), scene, None)):
        assert frame.provenance is not None
        assert frame.provenance.copied.max() == 0


def test_behind_a_crop_all_stays_plain(scene: Scene, path: CameraPath) -> None:
    crop = Crop((0.0, 3.5, 0.0), (2.0, 5.0, 2.0), background=(1.0, 1.0, 1.0))
    cropped = placed(scene, Placement(crop=crop))
    guide = PhotoGuide(cropped)
    refine = FilmRefiner(network(), cropped, guide)
    frame = next(refine_path(cropped, path, SMALL, refine, guide=guide))
    hidden = frame.opacity < 1e-3
    assert 0.1 < hidden.mean() < 0.9
    assert frame.rgb[hidden].min() >= 254
    assert frame.provenance is not None
    assert frame.provenance.kept[hidden].min() > 0.99


def test_as_far_as_a_crop_is_seen_through_the_render_stays() -> None:
    (frame,) = clip_of(1)
    half = replace(frame, opacity=np.full(frame.size, 0.5, np.float32))
    shares = np.full((4, *frame.size), 0.25, np.float32)
    made = within_crop(Refined(half, 1 - frame.rgb, shares, np.full_like(frame.rgb, 0.2)))
    np.testing.assert_allclose(made.shares.sum(axis=0), 1)
    hit = frame.depth > 0
    np.testing.assert_allclose(made.rgb[hit], 0.5, atol=1e-6)
    np.testing.assert_allclose(made.made_up[hit], 0.1)
    np.testing.assert_allclose(made.rgb[~hit], frame.rgb[~hit])
    assert made.shares[0, ~hit].min() == 1


def test_a_grade_reaches_the_film(scene: Scene, path: CameraPath) -> None:
    guide = PhotoGuide(scene)
    grey = Words(Grade(saturation=-1.0), np.zeros(384, np.float32))
    refine = FilmRefiner(network(), scene, guide, words=grey)
    frame = next(refine_path(scene, path, SMALL, refine, guide=guide))
    colors = next(render_path(scene, path, SMALL)).rgb
    assert (
        np.ptp(frame.rgb.astype(float), axis=-1).mean()
        < 0.8 * np.ptp(colors.astype(float), axis=-1).mean()
    )  # the network, untrained, adds colours of its own


def test_what_a_wide_lens_sees_around_edges_is_graded_as_well(
    scene: Scene, path: CameraPath
) -> None:
    wide = LensWork(np.full(8, 1.0), np.full(8, 0.5), shutter=0.5)
    work, guide = replace(path, lens_work=wide), PhotoGuide(scene)
    torch.manual_seed(0)
    untrained = Refiner(SIZES).eval()
    grey = Words(Grade(saturation=-1.0, haze=0.5), np.zeros(384, np.float32))
    refine = FilmRefiner(untrained, scene, guide, words=grey)
    frame = next(refine_path(scene, work, SMALL, refine, guide=guide))
    haze = np.array([0.86, 0.88, 0.9])  # all that has a colour
    assert np.ptp(frame.rgb.astype(float), axis=-1).max() <= 255 * np.ptp(haze) + 3
    colors = next(render_path(scene, work, SMALL)).rgb
    assert np.ptp(colors.astype(float), axis=-1).max() > 40


def test_a_scene_is_as_deep_as_its_photos_look(scene: Scene) -> None:
    found = typical_distance(scene)
    seen = [np.median(one.depth[one.depth > 0]) for one in
            (render_field(scene.field, camera) for camera in scene.cameras[:3])]  # fmt: skip
    assert found == pytest.approx(np.median(seen), rel=0.3)
    turned = placed(scene, Placement(rotation_to_up(np.array([0.2, -0.3, 0.9]))))
    assert typical_distance(turned) == found
    assert typical_distance(replace(scene, photos=(), exposures=None)) == scene.field.radius


def test_an_overlay_that_cannot_be_written_and_words_that_say_nothing_are_told_at_once(
    scene: Scene, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip.mp4"
    (tmp_path / "there.mp4").touch()
    words = ["walkthrough", str(tmp_path / "no_photos"), "--output", str(clip),
             "--refine-weights"]  # fmt: skip
    for more, said in (
        (["--overlay", str(tmp_path / "there.mp4")], "there.mp4: exists already"),
        (["--overlay", str(tmp_path / "over.avi")], "over.avi: expected a name that ends in"),
        (["--overlay", str(clip)], "is the clip itself"),
        (["--refine-model", str(tmp_path)], "model_index.json"),
    ):
        assert main([*words, str(weights), *more]) == 1
        assert said in capsys.readouterr().err
    assert main([*words, str(tmp_path / "none.safetensors")]) == 1
    assert "expected the refiner's weights, found no file" in capsys.readouterr().err
    assert main(["evaluate", str(scene.folder), "--refine-weights", str(weights)]) == 2
    assert "--refine-weights: needs --refine" in capsys.readouterr().err


def test_refine_writes_the_clip_its_overlay_and_where_pixels_come_from(
    scene: Scene, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, over = tmp_path / "clip.mp4", tmp_path / "over.mp4"
    words = ["refine", str(scene.folder), "--output", str(clip), "--overlay", str(over),
             "--refine-weights", str(weights), "--seconds", "1", "--fps", "6",
             "--width", "64", "--height", "48"]  # fmt: skip
    assert main(words) == 0, capsys.readouterr().err
    for file in (clip, over):
        with av.open(str(file)) as film:
            assert sum(1 for _ in film.decode(video=0)) == 6
    told = json.loads((tmp_path / "clip.mp4.provenance.json").read_text())
    assert [frame["frame"] for frame in told["frames"]] == list(range(6))
    for frame in (told["clip"], *told["frames"]):
        assert frame["copied"] + frame["kept"] + frame["made_up"] == pytest.approx(1, abs=0.01)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "clip.mp4", "clip.mp4.provenance.json", "over.mp4",
    ]  # fmt: skip


def test_evaluate_measures_refined_views(
    scene: Scene, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    words = ["evaluate", str(scene.folder), "--refine", "--refine-weights", str(weights)]
    assert main([*words, "--report", str(report)]) == 0, capsys.readouterr().err
    figures = json.loads(report.read_text())
    assert 5 < figures["heldout_refined_psnr_db"] < figures["heldout_psnr_db"] + 5
    assert "; refined " in capsys.readouterr().out


def test_what_cannot_refine_is_refused(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip.mp4"
    words = ["refine", str(scene.folder), "--output", str(clip)]
    assert main([*words, "--refine-weights", str(tmp_path / "no.safetensors")]) == 2
    assert "expected the refiner's weights, found no file" in capsys.readouterr().err
    assert main([*words, "--refine-steps", "0"]) == 2
    assert "--refine-steps: expected 1 to 16, found 0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_one_thread")
def test_what_a_model_of_the_users_redraws_is_checked(
    scene: Scene, weights: Path, image_model: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    clip = tmp_path / "clip.mp4"
    words = ["refine", str(scene.folder), "--output", str(clip), "--refine-weights", str(weights),
             "--refine-model", str(image_model), "--seconds", "1", "--fps", "3",
             "--width", "64", "--height", "48", "--plain", "--refine-strength", "0.2"]  # fmt: skip
    assert main(words) == 0, capsys.readouterr().err
    # What its random weights draw is nothing like the render: the checks put all of it back.
    told = json.loads((tmp_path / "clip.mp4.provenance.json").read_text())
    assert told["frames"][0]["turned_down"]["drift"] > 0.5
    assert told["clip"]["kept"] > 0.9


def test_what_was_redrawn_is_made_up() -> None:
    frame = clip_of(1)[0]
    redrawn = replace(frame, rgb=np.clip(frame.rgb + 0.2, 0, 1))
    shares = np.zeros((4, *frame.size), np.float32)
    shares[0, :, :24], shares[1, :, 24:] = 1, 1
    found = against(Refined(redrawn, redrawn.rgb, shares, np.zeros_like(frame.rgb)), frame)
    assert found.rendered is frame
    np.testing.assert_allclose(found.made_up[:, :24], (redrawn.rgb - frame.rgb)[:, :24])
    assert not found.made_up[:, 24:].any()


def test_a_folder_that_is_no_model_is_refused(
    scene: Scene, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip.mp4"
    words = ["refine", str(scene.folder), "--output", str(clip), "--refine-weights", str(weights)]
    assert main([*words, "--refine-model", str(tmp_path)]) == 2
    assert "model_index.json" in capsys.readouterr().err
