"""Frames of scenes that are turned and cropped, by photos and by the field alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.lift.placement import placed, rotation_to_up
from scenegen.path.config import PathConfig
from scenegen.path.location import Location
from scenegen.path.walkthrough import plan_walkthrough
from scenegen.render.config import RenderConfig
from scenegen.render.field_pass import render_field
from scenegen.render.frames import render_fingerprint, render_path
from scenegen.render.guided import PhotoGuide, guide_fingerprint
from scenegen.types import CameraPath, Crop, Frame, Placement, Scene
from tests.rooms import room_photos

SIZE = RenderConfig(width_px=72, height_px=48)
LEANING = Placement(rotation_to_up(np.array([0.2, -0.3, 0.9])))
WHITE = (1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The room after so many steps, not seconds: what a box holds of it is then always the same."""
    folder = tmp_path_factory.mktemp("placed")
    capture = load_capture(room_photos(folder / "room"))
    return lift(capture, folder / "scene", LiftConfig(steps=500, holdout_every=4))


@pytest.fixture
def scene(room: Scene, tmp_path: Path) -> Scene:
    """The room with a folder of its own, so that depth maps are made anew."""
    return replace(room, folder=tmp_path)


def frames(
    scene: Scene, config: RenderConfig = SIZE, turn: np.ndarray | None = None
) -> list[Frame]:
    """Two frames from between the photos, the cameras turned along."""
    poses = np.stack([photo.camera.world_from_camera for photo in scene.as_trained.photos[2:4]])
    if turn is not None:
        poses[:, :3] = turn @ poses[:, :3]
    path = CameraPath(poses, np.full(len(poses), 50.0), fps=24.0, aspect=1.5)
    return list(render_path(scene, path, config))


@pytest.mark.parametrize("plain", [True, False])
def test_a_turned_scene_renders_the_same(scene: Scene, plain: bool) -> None:
    config = replace(SIZE, plain=plain)
    turned = placed(scene, LEANING)
    shown = frames(turned, config, LEANING.turn)
    for before, after in zip(frames(scene, config), shown, strict=True):
        error = np.abs(before.rgb.astype(int) - after.rgb)
        assert np.mean(error <= 2) > 0.99  # the rest grazes an edge another way
        assert np.mean(np.abs(before.depth - after.depth) < 0.01) > 0.99
        assert before.rgb.std() > 20


def test_what_guides_a_turned_scene_was_made_for_the_trained_one(scene: Scene) -> None:
    frames(scene)
    kept = {file: file.stat().st_mtime_ns for file in (scene.folder or Path()).rglob("*.*")}
    assert kept
    turned = placed(scene, replace(LEANING, crop=Crop((0, 0, 0), (2, 2, 2))))
    frames(turned, turn=LEANING.turn)
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    assert guide_fingerprint(turned) == guide_fingerprint(scene)


def test_a_crop_leaves_its_inside_and_hides_the_rest(scene: Scene) -> None:
    """The far half of the room with all behind its wall, and nothing of its sides."""
    crop = Crop((0.0, 3.5, 0.0), (2.0, 5.0, 2.0), background=WHITE)
    cropped = placed(scene, Placement(crop=crop))
    for before, after in zip(frames(scene), frames(cropped), strict=True):
        hidden = after.opacity < 1e-3
        assert 0.1 < hidden.mean() < 0.9
        assert (after.rgb[hidden] == 255).all(), "photos show through beside the box"
        assert not after.depth[hidden].any()
        assert after.evidence is not None
        assert not after.evidence.photos[after.depth == 0].any()
        assert (after.evidence.best_photo[after.depth == 0] == -1).all()
        # The same surface, to within a step: samples lie elsewhere where rays begin at a face.
        solid = (after.opacity > 0.95) & (np.abs(before.depth - after.depth) < 0.05)
        assert solid.mean() > 0.1
        error = np.abs(before.rgb[solid].astype(int) - after.rgb[solid])
        assert np.mean(error < 12) > 0.95  # seen: 3 at the 95th percentile


def test_photos_that_are_warped_alone_know_nothing_of_what_a_crop_hides(scene: Scene) -> None:
    cropped = placed(
        scene, Placement(crop=Crop((0.0, 3.5, 0.0), (2.0, 5.0, 2.0), background=WHITE))
    )
    guide = PhotoGuide(cropped)
    camera = CameraPath(
        scene.photos[2].camera.world_from_camera[None], np.array([50.0]), 24.0, 1.5
    ).camera(0, 72, 48)
    shows = guide(camera, render_field(cropped.field, camera))
    warps = guide.warped(camera, shows, 4)
    hidden = shows.depth == 0
    assert 0.1 < hidden.mean() < 0.9
    assert not warps.seen[:, hidden].any()
    for rgb in warps.rgb:
        np.testing.assert_array_equal(rgb[hidden], shows.rgb[hidden])
    assert (warps.angle_deg[:, hidden] == 180).all()
    assert warps.seen[:, ~hidden].max() > 0.9


def test_placing_changes_the_name_of_what_is_rendered(scene: Scene) -> None:
    path = CameraPath(np.eye(4)[None], np.array([50.0]), 24.0, 1.5)
    names = {
        render_fingerprint(placed(scene, placement), path, SIZE)
        for placement in (
            Placement(),
            LEANING,
            Placement(crop=Crop((0, 0, 0), (2, 2, 2))),
            Placement(crop=Crop((0, 0, 0), (2, 2, 2), background=WHITE)),
        )
    }
    assert len(names) == 4


def test_a_placed_guide_shares_what_is_kept(scene: Scene) -> None:
    guide = PhotoGuide(scene)
    settings = guide.settings
    other = guide.placed(LEANING)
    assert other.settings is settings
    assert other.depths is guide.depths
    assert (other.placement, guide.placement) == (LEANING, Placement())


def test_paths_are_planned_by_the_new_up(scene: Scene) -> None:
    turned = placed(scene, LEANING)
    walked = plan_walkthrough(turned, PathConfig(seconds=1.0))
    np.testing.assert_allclose(walked.world_from_camera[:, 2, 0], 0.0, atol=1e-6)
    trained_rights = walked.world_from_camera[:, :3, 0] @ LEANING.turn
    assert np.abs(trained_rights[:, 2]).max() > 0.05, "level as it was trained"


def test_a_crop_moves_no_unit_and_no_subject(scene: Scene) -> None:
    whole, cropped = (
        Location(scene),
        Location(placed(scene, Placement(crop=Crop((0, 0, 0), (1, 1, 1))))),
    )
    assert cropped.size == whole.size
    np.testing.assert_array_equal(cropped.subject, whole.subject)
    ray = np.array([[0.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]])
    assert np.isfinite(whole.touching(*ray)).all()
    assert np.isinf(cropped.touching(*ray)).all(), "what is hidden is in nobody's way"
