"""Cameras of held-out photos, found on the photos with the field held still."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.lift.align import aligned_camera
from scenegen.lift.evaluate import evaluate, psnr_db
from scenegen.lift.measures import view_of
from scenegen.lift.pixels import PhotoPixels, load_photo
from scenegen.lift.poses import refined_camera
from scenegen.types import Camera, Scene


def score(scene: Scene, photo: PhotoPixels, camera: Camera) -> float:
    return psnr_db(view_of(scene.field, camera).rgb, photo.rgb.astype(np.float32) / 255.0)


def wrong(camera: Camera, scene: Scene) -> Camera:
    turned = np.array([0.02, -0.02, 0.01, 0.0, 0.01, 0.0])
    return refined_camera(camera, scene.field.radius, turned)


@pytest.mark.parametrize("index", range(3))
def test_a_camera_goes_where_the_field_looks_like_its_photo(room_scene: Scene, index: int):
    photo = load_photo(room_scene.heldout[index], 1)
    given = wrong(photo.camera, room_scene)
    found = aligned_camera(room_scene.field, replace(photo, camera=given))
    before, after = score(room_scene, photo, given), score(room_scene, photo, found)
    assert after > before + 0.5
    again = aligned_camera(room_scene.field, replace(photo, camera=given))
    np.testing.assert_array_equal(again.world_from_camera, found.world_from_camera)


def test_aligned_figures_stand_apart(room_scene: Scene):
    heldout = tuple(replace(p, camera=wrong(p.camera, room_scene)) for p in room_scene.heldout)
    shaken = replace(room_scene, heldout=heldout)
    given = evaluate(shaken)
    assert "heldout_aligned_psnr_db" not in given
    figures = evaluate(replace(shaken, facts={**room_scene.facts, "poses_moved_mrad": 9.0}))
    assert {name: figures[name] for name in given} == given
    assert figures["heldout_aligned_psnr_db"] > figures["heldout_psnr_db"] + 0.5
    assert figures["heldout_aligned_ssim"] > figures["heldout_ssim"]
