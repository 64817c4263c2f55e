"""Depth, floaters and pinholes are found where they were put, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.lift import measures
from scenegen.lift.evaluate import measure_views
from scenegen.lift.measures import View, depth_error, floaters_percent, pinholes, view_of
from scenegen.types import Camera, Lens, Scene
from tests.rooms import HALF

LENS = Lens(40, 30, 30.0, 30.0, 20.0, 15.0)


def view(depth: np.ndarray, opacity: np.ndarray | None = None) -> View:
    full = np.ones(depth.shape, np.float32)
    rgb = np.zeros((*depth.shape, 3), np.float32)
    camera = Camera(LENS, np.eye(4))
    return View(camera, rgb, depth.astype(np.float32), full if opacity is None else opacity)


def test_a_slanted_wall_has_no_pinholes_and_a_speck_is_one():
    wall = 4.0 + 0.05 * np.arange(40) + 0.02 * np.arange(30)[:, None]
    assert not pinholes(wall, np.ones_like(wall)).any()
    for value in (0.0, 2.0, 9.0):  # a hole without depth, a speck before the wall, a hole
        pierced = wall.copy()
        pierced[12, 17] = value
        assert np.argwhere(pinholes(pierced, np.ones_like(wall))).tolist() == [[11, 16]]
    opacity = np.ones_like(wall)
    opacity[5, 5] = 0.6
    assert np.argwhere(pinholes(wall, opacity)).tolist() == [[4, 4]]


def test_edges_and_thin_structures_are_no_pinholes():
    scene = np.full((30, 40), 8.0)
    scene[:, 20:] = 3.0
    scene[10, :20] = 2.0  # a bar
    scene[20:22, 4:6] = 1.0  # four pixels
    assert not pinholes(scene, np.ones_like(scene)).any()


def test_pinholes_are_counted_by_the_million():
    depth = np.full((30, 40), 5.0)
    depth[3, 3] = depth[20, 30] = 1.0
    clean = np.full((30, 40), 5.0)
    assert measures.pinholes_per_megapixel([view(depth), view(clean)]) == pytest.approx(2e6 / 2400)


def test_floaters_lie_before_the_clear_distance_along_the_ray():
    depth = np.full((30, 40), 5.0)
    depth[:3] = 1.0  # 120 of 1200 pixels
    depth[3] = 0.0  # hits nothing
    assert floaters_percent([view(depth)], [2.0]) == pytest.approx(10.0)
    assert floaters_percent([view(depth)], [0.9]) == 0.0
    # Axial depth 5 lies farther along the ray at the edge of the frame: none of it before 5.
    depth[:4] = 5.0
    assert floaters_percent([view(depth)], [5.0]) == 0.0
    assert floaters_percent([view(depth)], [5.1]) > 0.0


def walls(camera: Camera) -> np.ndarray:
    """True axial depth of the room."""
    from scenegen.kernels.rays import camera_rays

    origins, directions = camera_rays(camera)
    distance = ((np.sign(directions) * HALF - origins) / directions).min(1)
    return (distance * (directions @ camera.forward)).reshape(camera.lens.height_px, -1)


def test_depth_is_compared_in_the_unit_of_the_truth(room_scene: Scene):
    camera = room_scene.heldout[0].camera
    seen = view_of(room_scene.field, camera)
    truth = 2.0 * seen.depth.astype(float)
    truth[0] = 0.0  # not known
    same = depth_error(room_scene.field, [(camera, truth)], unit=2.0)
    assert same.median == 0.0
    assert same.pixels == np.count_nonzero(truth)
    half = depth_error(room_scene.field, [(camera, truth)], unit=1.0)
    assert half.median_percent == pytest.approx(50.0)
    assert half.median == pytest.approx(0.5 * np.median(truth[truth > 0]), rel=1e-5)


def test_the_depth_of_the_room_is_learned(room_scene: Scene):
    truths = [(photo.camera, walls(photo.camera)) for photo in room_scene.heldout]
    error = depth_error(room_scene.field, truths)
    assert error.median_percent < 15  # seen 3


def test_the_room_has_figures_for_any_cameras(room_scene: Scene):
    points = np.random.default_rng(0).uniform(-HALF, HALF, (300, 3)).astype(np.float32)
    points[:, 1] = HALF[1]
    scene = replace(room_scene, points=points)
    found = measure_views(scene, [photo.camera for photo in scene.heldout])
    assert set(found) == {"floaters_percent", "pinholes_per_mpx"}
    assert 0 <= found["floaters_percent"] < 50
