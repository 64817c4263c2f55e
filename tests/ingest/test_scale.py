import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from scenegen.errors import IngestError
from scenegen.ingest.scale import (
    Similarity,
    align,
    fit_gps,
    known_length_scale,
    local_metres,
    sane_similarity,
)

seeds = st.integers(0, 10_000)
METRES_PER_DEGREE = 111_132.95  # of latitude at 45 degrees north, WGS84


def similarity(rng, dimensions=3):
    rotation = Rotation.random(rng=rng).as_matrix()
    if dimensions == 2:
        c, s = np.cos(rng.uniform(0, 6)), np.sin(rng.uniform(0, 6))
        rotation = np.array([[c, -s], [s, c]]) / np.hypot(c, s)
    return Similarity(float(rng.uniform(0.1, 9)), rotation, rng.normal(size=dimensions))


def fixes(metres):
    """GPS fixes of points in metres east, north and up of 45 N, 7 E."""
    east = METRES_PER_DEGREE * np.cos(np.deg2rad(45))
    return [(45 + n / METRES_PER_DEGREE, 7 + e / east, 300 + u) for e, n, u in metres]


@given(seed=seeds, dimensions=st.sampled_from([2, 3]), count=st.integers(4, 30))
@settings(deadline=None)
def test_align_finds_a_similarity_again(seed, dimensions, count):
    rng = np.random.default_rng(seed)
    true, points = similarity(rng, dimensions), rng.normal(size=(count, dimensions))
    found = align(points, true.points(points))
    assert found.scale == pytest.approx(true.scale, rel=1e-6)
    np.testing.assert_allclose(found.points(points), true.points(points), atol=1e-7)
    assert np.linalg.det(found.rotation) == pytest.approx(1.0)


@given(seed=seeds)
def test_poses_move_like_points(seed):
    rng = np.random.default_rng(seed)
    move = similarity(rng)
    poses = np.tile(np.eye(4), (3, 1, 1))
    poses[:, :3, :3] = Rotation.random(3, rng=rng).as_matrix()
    poses[:, :3, 3] = rng.normal(size=(3, 3))
    seen = np.array([0.3, -0.2, -2.0])
    world = poses[:, :3, :3] @ seen + poses[:, :3, 3]
    moved = move.poses(poses)
    np.testing.assert_allclose(
        moved[:, :3, :3] @ (move.scale * seen) + moved[:, :3, 3], move.points(world), atol=1e-9
    )


@given(seed=seeds)
def test_the_subject_comes_to_the_origin_two_units_away(seed):
    rng = np.random.default_rng(seed)
    positions, looked_at = rng.normal(size=(9, 3)) * 50 + 100, rng.normal(size=(9, 3))
    move = sane_similarity(Rotation.random(rng=rng).as_matrix(), positions, looked_at)
    distances = np.linalg.norm(move.points(positions) - move.points(looked_at), axis=1)
    assert np.median(distances) == pytest.approx(2.0)
    np.testing.assert_allclose(np.median(move.points(looked_at), axis=0), 0, atol=1e-9)


def test_degrees_become_metres():
    metres = np.array([[0.0, 0, 0], [30, 0, 0], [0, -40, 2]])
    np.testing.assert_allclose(local_metres(fixes(metres)), metres, atol=0.2)


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_gps_over_an_area_gives_size_heading_and_level(seed):
    rng = np.random.default_rng(seed)
    metres = np.concatenate([rng.uniform(-50, 50, (20, 2)), rng.normal(0, 1, (20, 1))], 1)
    true = similarity(rng)
    positions = (metres - true.translation) @ true.rotation / true.scale
    noisy = metres + rng.normal(0, 0.5, metres.shape)
    noisy[3] += 70  # a fix from before the satellites were found
    found = fit_gps(positions, [None, *fixes(noisy)][1:])
    assert found is not None
    assert found.scale == pytest.approx(true.scale, rel=0.03)
    turn = Rotation.from_matrix(found.rotation @ true.rotation.T)
    assert np.rad2deg(turn.magnitude()) < 3


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_useless_altitudes_leave_the_world_level(seed):
    rng = np.random.default_rng(seed)
    metres = np.concatenate([rng.uniform(-50, 50, (30, 2)), np.zeros((30, 1))], 1)
    noisy = metres + rng.normal(0, 1, (30, 3)) * [1, 1, 40]
    found = fit_gps(metres / 25, fixes(noisy))
    assert found is not None
    assert found.scale == pytest.approx(25, rel=0.1)
    assert found.rotation[2, 2] == pytest.approx(1.0, abs=0.01)


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_gps_says_nothing_about_a_chair(seed):
    rng = np.random.default_rng(seed)
    positions = rng.normal(size=(21, 3))
    noise = rng.normal(0, 4, (21, 3))
    assert fit_gps(positions, fixes(positions + noise)) is None
    assert fit_gps(positions, fixes(np.zeros((21, 3)))) is None
    assert fit_gps(positions, [None] * 21) is None
    assert fit_gps(positions, [*fixes(100 * positions[:3]), *[None] * 18]) is None


def test_one_known_length_gives_the_scale():
    positions = {"a.jpg": np.zeros(3), "b.jpg": np.array([0.0, 3.0, 4.0])}
    assert known_length_scale(("a.jpg", "b.jpg", 2.5), positions) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            ("a.jpg", "z.jpg", 2.5),
            "--known-length a.jpg z.jpg 2.5: expected two photos whose position was found, "
            "'z.jpg' is none; name two of: a.jpg, b.jpg, c.jpg",
        ),
        (
            ("a.jpg", "c.jpg", 1.0),
            "--known-length a.jpg c.jpg 1: both photos were taken from one place; "
            "name two that are apart",
        ),
    ],
)
def test_a_known_length_that_cannot_be(known, message):
    positions = {"a.jpg": np.zeros(3), "b.jpg": np.ones(3), "c.jpg": np.zeros(3)}
    with pytest.raises(IngestError) as error:
        known_length_scale(known, positions)
    assert str(error.value) == message
