"""Pruning leaves what photos show, and takes away most of what none does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.kernels import native
from scenegen.lift.evaluate import psnr_db
from scenegen.lift.measures import view_of
from scenegen.lift.pixels import load_pixels
from scenegen.lift.prune import prune
from scenegen.types import Field, Scene


def test_pruning_keeps_the_picture(room_scene: Scene):
    photos = load_pixels(room_scene.photos)
    everything = replace(room_scene.field, occupancy=np.zeros((128, 128, 128), np.uint8))
    pruned = prune(everything, photos, seed=0)
    assert 0 < (pruned.occupancy == 0).mean() < 0.25
    for photo in photos[::4]:
        # The pictures differ by the fog that carried under 1 % of every ray's colour, which a field
        # trained on a busy machine has more of. Worst seen: 38 dB after 0.7 s, 44 dB after 4 s.
        full, clean = (view_of(field, photo.camera).rgb for field in (everything, pruned))
        assert psnr_db(clean, full) > 37


def cells_of(field: Field, points: np.ndarray) -> np.ndarray:
    """Return the cell, as z, y, x, of each world point [point 3]."""
    p = (points - field.centre) / field.radius
    r = np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1.0)
    return ((p * (2.0 - 1.0 / r) / r + 2.0) * 32.0).astype(int)[:, ::-1]


def near_any(cells: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return for each of ``cells`` whether one of ``others`` is it or touches it."""
    return (np.abs(cells[:, None] - others).max(axis=2) <= 1).any(axis=1)


@pytest.mark.parametrize("index", [0, 3, 6, 8])
def test_weights_lie_where_rays_end(room_scene: Scene, index: int):
    field, camera = room_scene.field, room_scene.cameras[index]
    origin, direction = camera.position[None], camera.forward[None]
    weights = native.cell_weights(field, origin, direction)
    _, depth, opacity = native.trace(field, origin, direction)
    assert 0.0 < weights.max() <= 1.0
    assert opacity[0] > 0.5
    along = np.linspace(0.0, 4.0 * field.radius, 4000)[:, None]
    assert near_any(np.argwhere(weights), cells_of(field, origin + along * direction)).all()
    # The traced depth is where half of the light is stopped: the heavy cell is there or beside it.
    z, y, x = cells_of(field, origin + depth[:, None] * direction)[0]
    around = weights[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2]
    assert around.max() > 0.5 * weights.max()


def test_only_occupied_cells_stay(room_scene: Scene):
    photos = load_pixels(room_scene.photos)
    pruned = prune(room_scene.field, photos, seed=1)
    assert ((pruned.occupancy == 0) <= (room_scene.field.occupancy == 0)).all()
