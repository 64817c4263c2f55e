import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenegen.ingest.matching import (
    alike_pairs,
    choose_pairs,
    global_descriptors,
    sequential_pairs,
)


def places(count, spots, seed=0):
    """Descriptors of ``count`` photos that look in turn at ``spots`` different places."""
    rng = np.random.default_rng(seed)
    scenery = rng.integers(0, 256, (spots, 80, 128))
    noise = rng.integers(-6, 7, (count, 80, 128))
    return list(np.clip(scenery[np.arange(count) % spots] + noise, 0, 255).astype(np.uint8))


@given(count=st.integers(0, 200), window=st.integers(1, 12))
def test_sequences_are_compared_with_neighbours_and_at_doubling_distances(count, window):
    pairs = sequential_pairs(count, window)
    assert all(0 <= i < j < count for i, j in pairs)
    assert all((i, i + 1) in pairs for i in range(count - 1))
    assert {j - i for i, j in pairs} <= set(range(1, window + 1)) | {2**k for k in range(9)}
    assert len(pairs) <= count * (window + 8)


@pytest.mark.parametrize(("count", "ordered"), [(60, False), (11, True), (2, True)])
def test_few_photos_are_compared_all_with_all(count, ordered):
    pairs = choose_pairs(places(count, 3), ordered, "auto")
    assert len(pairs) == count * (count - 1) // 2


def test_many_unordered_photos_find_those_that_look_alike():
    pairs = set(choose_pairs(places(120, 10), False, "auto"))
    same = {(i, j) for i in range(120) for j in range(i + 1, 120) if (j - i) % 10 == 0}
    assert same <= pairs
    assert len(pairs) < 0.6 * 120 * 119 / 2


def test_a_video_that_comes_back_closes_the_loop():
    there_and_back = places(30, 30) + places(30, 30)[::-1]
    pairs = set(choose_pairs(there_and_back, True, "auto"))
    assert all((i, 59 - i) in pairs for i in range(24))
    assert len(pairs) < 0.75 * 60 * 59 / 2


def test_exhaustive_is_done_when_asked():
    assert len(choose_pairs(places(70, 7), True, "exhaustive")) == 70 * 69 // 2


def test_more_reach_compares_more():
    near = choose_pairs(places(90, 9), True, "auto")
    far = choose_pairs(places(90, 9), True, "auto", reach=3)
    assert set(near) < set(far)


def test_photos_without_features_are_like_nothing_and_do_no_harm():
    descriptors = places(20, 2)
    descriptors[7] = np.zeros((0, 128), np.uint8)
    looks = global_descriptors(descriptors)
    assert np.isfinite(looks).all()
    assert not looks[7].any()
    norms = np.linalg.norm(np.delete(looks, 7, axis=0), axis=1)
    np.testing.assert_allclose(norms, 1.0, rtol=1e-5)
    assert len(global_descriptors([descriptors[7]] * 3)) == 3


@given(seed=st.integers(0, 99), neighbours=st.integers(1, 5), apart=st.integers(0, 3))
def test_alike_pairs_keep_their_distance(seed, neighbours, apart):
    looks = np.random.default_rng(seed).normal(size=(12, 4)).astype(np.float32)
    pairs = alike_pairs(looks, neighbours, apart)
    assert all(j - i > apart for i, j in pairs)
    assert len(pairs) <= 12 * neighbours
