"""What the live view shows: at rest to the bit what rendering makes, and nothing that is stale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import lift
from scenegen.render.config import RenderConfig
from scenegen.render.frames import render_path
from scenegen.studio import pictures
from scenegen.studio.pictures import (
    DEPTH_GRAIN,
    FARTHEST,
    STILL_WIDTH,
    Moved,
    Sight,
    browser_depth,
    still,
)
from scenegen.studio.stage import Stage
from scenegen.types import CameraPath
from tests.rooms import room_photos


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("pictures")
    capture = load_capture(room_photos(folder / "room", count=5))
    return Stage(lift(capture, folder / "scene", LiftConfig(steps=60)))


def sight_of(stage: Stage) -> Sight:
    pose = np.array(stage.scene.photos[2].camera.world_from_camera, np.float64)
    return Sight(pose, 50.0, 1.6, 1.6)


def test_a_resting_camera_sees_what_rendering_makes(stage: Stage) -> None:
    stage.warm()
    sight = sight_of(stage)
    path = CameraPath(sight.pose[None], np.array([50.0]), fps=24.0, aspect=1.6)
    config = RenderConfig(width_px=STILL_WIDTH, height_px=600, every_frame_anew=True)
    (made,) = render_path(stage.scene, path, config)
    seen = still(stage, sight, lambda: False)
    np.testing.assert_array_equal(seen.rgb, made.rgb)
    np.testing.assert_array_equal(seen.depth, made.depth)


def test_a_camera_that_moves_on_stops_its_picture_soon(stage: Stage) -> None:
    asked: list[bool] = []

    def moved() -> bool:
        asked.append(True)
        return len(asked) == 4

    with pytest.raises(Moved):
        still(stage, sight_of(stage), moved)
    assert len(asked) == 4
    assert pictures._RAYS_AT_ONCE <= STILL_WIDTH * 600 / 20


def test_a_camera_that_trembles_is_the_same(stage: Stage) -> None:
    sight, size = sight_of(stage), stage.location.size
    for step, same in ((1e-6, True), (1e-3, False)):
        moved, turned = sight.pose.copy(), sight.pose.copy()
        moved[0, 3] += step * size
        turned[0, 0] += step
        assert sight.same(replace(sight, pose=moved), size) is same
        assert sight.same(replace(sight, pose=turned), size) is same
    assert not sight.same(replace(sight, look="depth"), size)
    assert not sight.same(None, size)


def test_depths_are_coarse_for_the_browser_and_never_beyond_it() -> None:
    depth = np.array([[0.0, 0.123456, 1.0, 159.0, 500.0]], np.float32)
    shown = browser_depth(depth)
    np.testing.assert_allclose(shown[0], [FARTHEST, 0.123456, 1, 159, FARTHEST], atol=DEPTH_GRAIN)
    levels = (shown * 100_000).astype(np.uint32)  # as viser sends them
    assert (levels % 1024 == 0).all()
