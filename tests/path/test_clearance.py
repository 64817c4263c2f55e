"""Keys of a path are kept off surfaces, and back to the photos where that cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.path.clearance import clear, clearance, open_steps, sphere
from tests.path.rigs import world

ROOM = world(
    floor=None,
    boxes=[
        ((-5, -5, -1), (5, 5, 0)),
        ((-5, -5, 3), (5, 5, 4)),
        ((-5, -5, -1), (-4, 5, 4)),
        ((4, -5, -1), (5, 5, 4)),
        ((-5, -5, -1), (5, -4, 4)),
        ((-5, 4, -1), (5, 5, 4)),
    ],
)


@pytest.mark.parametrize("count", [1, 7, 42, 256])
def test_sphere_directions_are_unit_and_even(count: int) -> None:
    directions = sphere(count)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1)
    # Worst seen 0.013 for 7 directions.
    assert count == 1 or np.linalg.norm(directions.mean(axis=0)) < 0.1


def test_clearance_is_the_distance_to_the_nearest_wall() -> None:
    points = np.array([[0, 0, 1.5], [3.5, 0, 1.5], [0, -3.0, 1.0]])
    # 42 directions miss the perpendicular by up to 20 degrees.
    np.testing.assert_allclose(clearance(points, ROOM), [1.5, 0.5, 1.0], rtol=0.07)


def test_keys_near_a_wall_are_pushed_off_and_free_ones_stay() -> None:
    x = np.linspace(-2, 2, 15)
    keys = np.stack([x, np.full(15, 3.9), np.full(15, 1.5)], axis=1)
    photos = np.stack([x, np.zeros(15), np.full(15, 1.5)], axis=1)
    moved = clear(keys, photos, ROOM, 0.6)
    assert clearance(moved, ROOM).min() > 0.55
    np.testing.assert_allclose(moved[:, 0], keys[:, 0], atol=0.2)
    np.testing.assert_array_equal(clear(photos, photos, ROOM, 0.6), photos)


def test_a_way_through_a_wall_is_pulled_back_to_the_photos() -> None:
    wall = world(floor=None, boxes=[((-0.1, -9, -9), (0.1, 1.0, 9))])
    angles = np.linspace(0, np.pi, 25)
    photos = np.stack([-2 * np.cos(angles), 3 * np.sin(angles), np.zeros(25)], axis=1)
    keys = np.stack([np.linspace(-2, 2, 25), np.zeros(25), np.zeros(25)], axis=1)
    assert (open_steps(keys, wall) < 1).any()
    moved = clear(keys, photos, wall, 0.3)
    assert (open_steps(moved, wall) == 1).all()
    assert clearance(moved, wall).min() > 0.25


def test_a_floater_around_a_photo_does_not_drive_the_path_away() -> None:
    photos = np.stack([np.linspace(-3, 3, 15), np.zeros(15), np.full(15, 1.5)], axis=1)
    floater = world(floor=None, spheres=[((0, 0.3, 1.5), 0.2)])
    moved = clear(photos, photos, floater, 0.6)
    assert np.abs(moved - photos).max() < 0.3


def test_steps_are_open_up_to_the_wall() -> None:
    wall = world(floor=None, boxes=[((1.0, -9, -9), (1.2, 9, 9))])
    keys = np.array([[0, 0, 0], [0.5, 0, 0], [0.5, 0, 0], [2.5, 0, 0], [3, 0, 0]], float)
    np.testing.assert_allclose(open_steps(keys, wall), [1, 1, 0.25, 1])
