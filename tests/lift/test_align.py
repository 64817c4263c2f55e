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
    """A camera that looks some 2 pixels past, which is too far for sharp edges."""
    turned = np.array([0.02, -0.02, 0.01, 0.0, 0.01, 0.0])
    return refined_camera(camera, scene.field.radius, turned)


@pytest.mark.parametrize("index", range(3))
def test_a_camera_goes_where_the_field_looks_like_its_photo(room_scene: Scene, index: int):
    photo = load_photo(room_scene.heldout[index], 1)
    given = wrong(photo.camera, room_scene)
    found = aligned_camera(room_scene.field, replace(photo, camera=given))
    true, before, after = (score(room_scene, photo, c) for c in (photo.camera, given, found))
    assert after > before + 0.8 * (true - before)  # least seen 1.0
    again = aligned_camera(room_scene.field, replace(photo, camera=given))
    np.testing.assert_array_equal(again.world_from_camera, found.world_from_camera)


def test_what_a_mask_hides_moves_no_camera(room_scene: Scene):
    photo = load_photo(room_scene.heldout[1], 1)
    mask = np.ones(photo.rgb.shape[:2], np.uint8)
    mask[20:50, 30:70] = 0
    spoilt = photo.rgb.copy()
    spoilt[mask == 0] = [255, 0, 0]
    given = wrong(photo.camera, room_scene)
    pair = [replace(photo, camera=given, mask=mask, rgb=rgb) for rgb in (photo.rgb, spoilt)]
    clean, dirty = (aligned_camera(room_scene.field, one) for one in pair)
    assert score(room_scene, photo, dirty) > score(room_scene, photo, clean) - 1.0
    assert score(room_scene, photo, dirty) > score(room_scene, photo, given) + 2.0


def test_aligned_figures_stand_apart(room_scene: Scene):
    heldout = tuple(replace(p, camera=wrong(p.camera, room_scene)) for p in room_scene.heldout)
    shaken = replace(room_scene, heldout=heldout)
    given = evaluate(shaken)
    assert "heldout_aligned_psnr_db" not in given
    figures = evaluate(replace(shaken, facts={**room_scene.facts, "poses_moved_mrad": 9.0}))
    assert {name: figures[name] for name in given} == given
    assert figures["heldout_aligned_psnr_db"] > figures["heldout_psnr_db"] + 0.5
    assert figures["heldout_aligned_ssim"] > figures["heldout_ssim"]
