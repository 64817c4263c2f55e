"""The unit ball holds the cameras, wherever the world lies and however large it is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenegen.lift.bounds import clear_distances, focus_point, unit_ball
from scenegen.types import Camera, Lens

LENS = Lens(64, 48, 60, 60, 32, 24)


def looking(position, target) -> Camera:
    forward = np.subtract(target, position) / np.linalg.norm(np.subtract(target, position))
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(right, forward), -forward], axis=1)
    pose[:3, 3] = position
    return Camera(LENS, pose)


def ring(centre, radius, count=12) -> list[Camera]:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    around = np.stack([np.cos(angles), np.sin(angles), np.full(count, 0.3)], axis=1)
    return [looking(np.add(centre, radius * a), centre) for a in around]


@given(
    centre=st.tuples(*[st.floats(-50, 50)] * 3),
    radius=st.floats(0.01, 100),
)
def test_a_ring_of_cameras_gives_its_middle(centre, radius):
    cameras = ring(centre, radius)
    # The slight pull to the cameras moves the point by a millionth of their distance.
    np.testing.assert_allclose(focus_point(cameras), centre, atol=1e-5 * radius + 1e-9)
    ball_centre, ball_radius = unit_ball(cameras, np.zeros((0, 3)))
    positions = np.array([c.position for c in cameras])
    assert np.linalg.norm(positions - ball_centre, axis=1).max() <= ball_radius
    assert ball_radius < 2 * radius


def test_parallel_cameras_give_a_ball_around_themselves():
    cameras = [looking((x, 0, 0), (x, 100, 0)) for x in np.linspace(0, 2, 5)]
    centre, radius = unit_ball(cameras, np.zeros((0, 3)))
    np.testing.assert_allclose(centre, [1, 0, 0], atol=1e-6)
    assert radius == 4.0


def test_far_points_do_not_blow_up_the_ball():
    cameras = ring((0, 0, 0), 1.0)
    rng = np.random.default_rng(0)
    near = rng.normal(0, 0.3, (100, 3))
    far = rng.normal(0, 1.0, (100, 3)) + np.array([0, 5000, 0])
    both, alone = unit_ball(cameras, np.concatenate([near, far])), unit_ball(cameras, near)
    np.testing.assert_array_equal(both[0], alone[0])
    assert both[1] == alone[1]
    assert 1 <= alone[1] < 2


def test_space_is_clear_up_to_half_the_way_to_the_points():
    camera = looking((0, 0, 0), (0, 10, 0))
    rng = np.random.default_rng(0)
    wall = np.stack([rng.uniform(-1, 1, 200), np.full(200, 6.0), rng.uniform(-1, 1, 200)], axis=1)
    (distance,) = clear_distances([camera], wall, least=0.1)
    assert 3.0 <= distance <= 3.0 * np.sqrt(1 + 2 / 36)
    one_wrong = np.concatenate([wall, [[0.0, 0.5, 0.0]]])
    assert clear_distances([camera], one_wrong, least=0.1)[0] > 2.9
    behind = wall * [1, -1, 1]
    assert clear_distances([camera], behind, least=0.1) == [0.1]
    assert clear_distances([camera], wall[:5], least=0.1) == [0.1]
