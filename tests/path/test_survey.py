"""What photos saw is rated as seen, and what they did not is not."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.path.framing import aim, fov_range, is_steep
from scenegen.path.survey import Survey, frame_rays
from tests.path.rigs import LANDSCAPE, PORTRAIT, facade, look, ring, scene, world

WALL = world(boxes=[((-20, 10, 0), (20, 12, 9))])


def test_depth_is_the_median_of_what_the_photos_see() -> None:
    rig = facade(7)
    survey = Survey(rig.cameras, WALL, rig.points)
    assert survey.depth == pytest.approx(10.7, abs=0.5)


def test_depth_without_a_field_comes_from_points_and_then_from_the_photos() -> None:
    nothing = world(floor=None)

    rig = facade(7)
    points = np.array([[0, 10.0, 1.7]] * 5, np.float32)
    assert Survey(rig.cameras, nothing, points).depth == pytest.approx(10)
    assert Survey(rig.cameras, nothing, rig.points).depth == pytest.approx(4)
    assert Survey(rig.cameras[:1], nothing, rig.points).depth == 1


def test_quality_falls_with_angle_nearness_and_at_the_border() -> None:
    rig = facade(7)
    survey = Survey(rig.cameras, WALL, rig.points)
    point = np.array([[0, 10.0, 3]])

    def rated(x: float, y: float, z: float, point: np.ndarray = point) -> float:
        return float(survey.quality(point, np.array([[x, y, z]], np.float64))[0])

    assert rated(0, 0, 1.7) > 0.9
    assert rated(0, 0, 1.7) > rated(8, 0, 1.7) > rated(20, 0, 1.7)
    assert rated(0, 8, 3) < 0.5 * rated(0, 2, 3)
    assert rated(0, 0, 1.7, np.array([[0, -5.0, 1]])) == 0
    assert rated(0, 0, 1.7, np.array([[15, 10.0, 3]])) == 0


def test_what_a_pillar_hides_is_not_seen() -> None:
    eyes = [look((x, 0, 1.5), (0, 10, 1.5)) for x in (-0.2, 0, 0.2)]
    pillar = world(boxes=[((-20, 10, 0), (20, 12, 9)), ((-2, 3, 0), (2, 4, 9))])
    survey = Survey(eyes, pillar, np.zeros((0, 3)))
    behind = np.array([[0, 9.9, 1.5]])
    assert survey.quality(behind, np.array([[0, 5.0, 1.5]]))[0] == 0
    assert survey.quality(np.array([[0, 3.0, 1.5]]), np.array([[0, 0, 1.5]]))[0] > 0.9


def test_what_stands_in_the_way_of_a_view_counts_against_it() -> None:
    rig = facade(7)
    leaf = world(boxes=[((-20, 10, 0), (20, 12, 9)), ((0, 0.3, 0), (1, 0.4, 9))])
    survey = Survey(rig.cameras[:3], leaf, rig.points)
    eye, turn = (
        np.array([[0, 0, 1.7]]),
        look((0, 0, 1.7), (0, 10, 3)).world_from_camera[None, :3, :3],
    )
    rated = survey.view_quality(eye, turn, frame_rays(30.0, 1.5, 4, 3)).reshape(3, 4)
    assert (rated[:, :2] >= 0).all()
    assert (rated[:, 2:] < -0.5).all()


def test_fisheye_photos_see_wide() -> None:
    from dataclasses import replace

    lens = replace(LANDSCAPE, model="OPENCV_FISHEYE", fl_x=350.0, fl_y=350.0)
    cameras = [look((x, 0, 1.5), (x, 10, 1.5), lens) for x in (0, 0.1)]
    survey = Survey(cameras, world(), np.zeros((0, 3)))
    aside = np.array([[3.0, 1.0, 1.5]])
    assert survey.quality(aside, np.array([[0, 0, 1.5]]))[0] > 0.8
    plain = Survey([look((x, 0, 1.5), (x, 10, 1.5)) for x in (0, 0.1)], world(), np.zeros((0, 3)))
    assert plain.quality(aside, np.array([[0, 0, 1.5]]))[0] == 0


def test_frame_rays_reach_the_corners() -> None:
    rays = frame_rays(90.0, 2.0, 5, 3)
    tangent = rays[:, :2] / -rays[:, 2:]
    np.testing.assert_allclose(tangent.max(axis=0), [2, 1])
    np.testing.assert_allclose(tangent.min(axis=0), [-2, -1])


def test_a_frame_fits_into_a_photo_on_both_axes() -> None:
    wide = fov_range(ring(3).cameras, 16 / 9)[0]
    assert np.tan(np.deg2rad(wide) / 2) * 16 / 9 == pytest.approx(480 / 800)
    tall = fov_range(ring(3, lens=PORTRAIT).cameras, 16 / 9)[0]
    assert np.tan(np.deg2rad(tall) / 2) * 16 / 9 == pytest.approx(540 / 1375)
    assert fov_range(ring(3).cameras, 16 / 9)[1] == pytest.approx(2 * np.degrees(np.arctan(0.4)))
    square = fov_range(ring(3, lens=PORTRAIT).cameras, 0.2)[0]
    assert np.tan(np.deg2rad(square) / 2) == pytest.approx(960 / 1375)


def test_a_photo_taken_on_its_side_is_wide_where_it_is_tall() -> None:
    sideways = [look((0, 0, 1), (0, 5, 1), PORTRAIT, up=(1, 0, 0))]
    assert np.tan(np.deg2rad(fov_range(sideways, 1.0)[0]) / 2) == pytest.approx(540 / 1375)
    assert np.tan(np.deg2rad(fov_range(sideways, 2.0)[0]) / 2) == pytest.approx(960 / 1375 / 2)


def test_level_cameras_have_no_roll_and_steep_ones_one_heading() -> None:
    rng = np.random.default_rng(0)
    looks = rng.normal(size=(50, 3)) * [1, 1, 0.3]
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    along = np.stack([np.arange(50.0), np.zeros(50), np.zeros(50)], axis=1)
    level = aim(along, looks, steep=False)
    held = np.abs(looks[:, 2]) < 0.95
    np.testing.assert_allclose(-level[held, :, 2], looks[held])
    np.testing.assert_allclose(level[:, 2, 0], 0, atol=1e-12)
    upright = aim(along[:2], np.array([[0.0, 0, 1], [0, 0, -1]]), steep=False)
    np.testing.assert_allclose(-upright[:, 2, 2], [0.95, -0.95])
    np.testing.assert_allclose(upright @ upright.transpose(0, 2, 1), [np.eye(3)] * 2, atol=1e-12)
    down = aim(along, np.tile([0.0, 0, -1], (50, 1)), steep=True)
    np.testing.assert_allclose(down[:, :, 1], np.tile([1.0, 0, 0], (50, 1)))
    assert not is_steep(looks)
    assert is_steep(np.array([[0.0, 0.1, -1.0]] * 3))


def test_photos_from_one_spot_are_no_subject_for_a_crash() -> None:
    rig = scene([look((0, 0, 1), (np.cos(a), np.sin(a), 1)) for a in np.linspace(0, 3, 8)])
    survey = Survey(rig.cameras, world(), rig.points)
    assert survey.depth > 0
