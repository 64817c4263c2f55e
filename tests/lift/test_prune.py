"""Pruning leaves what photos show, and takes away most of what none does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenegen.kernels import native
from scenegen.lift.evaluate import psnr_db, render_photo
from scenegen.lift.pixels import load_pixels
from scenegen.lift.prune import prune
from scenegen.types import Scene


def test_pruning_keeps_the_picture(room_scene: Scene):
    photos = load_pixels(room_scene.photos)
    everything = replace(room_scene.field, occupancy=np.zeros((128, 128, 128), np.uint8))
    pruned = prune(everything, photos, seed=0)
    assert 0 < (pruned.occupancy == 0).mean() < 0.25
    for photo in photos[::4]:
        target = photo.rgb / 255.0
        full = psnr_db(render_photo(everything, photo), target)
        # Worst seen 0.03 dB: fog that carried under 1 % of every ray's colour is gone.
        assert psnr_db(render_photo(pruned, photo), target) > full - 0.3


def test_weights_lie_where_rays_end(room_scene: Scene):
    origins = np.zeros((4, 3))
    directions = np.eye(3)[[0, 0, 1, 1]] * [[1], [-1], [1], [-1]]
    weights = native.cell_weights(room_scene.field, origins, directions)
    traced = native.trace(room_scene.field, origins, directions)
    assert weights.max() <= 1.0
    assert (weights > 0).any() == (traced[2] > 0).any()


def test_only_occupied_cells_stay(room_scene: Scene):
    photos = load_pixels(room_scene.photos)
    pruned = prune(room_scene.field, photos, seed=1)
    assert ((pruned.occupancy == 0) <= (room_scene.field.occupancy == 0)).all()
