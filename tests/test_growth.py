"""Work grows with the number of photos and not with its square, unless one asks for all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.ingest.learned import promising
from scenegen.ingest.matching import alike_pairs, choose_pairs
from scenegen.ingest.sharpness import SAME_LARGEST, SAME_MEAN, SeenViews, thumbnail
from scenegen.lift.bounds import clear_distances
from scenegen.path.clearance import clear
from scenegen.types import Camera, Lens

COUNTS = (50, 100, 300)


def descriptors(count):
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (count, 20, 128), np.uint8))


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("reach", [1, 3])
def test_photos_are_compared_with_a_bounded_number_of_others(ordered, reach):
    for count in COUNTS:
        pairs = choose_pairs(descriptors(count), ordered, "auto", reach)
        assert count - 1 <= len(pairs) <= 30 * reach * count


def test_only_exhaustive_matching_compares_all_with_all():
    assert len(choose_pairs(descriptors(300), True, "exhaustive")) == 300 * 299 // 2


def test_looks_of_many_photos_are_compared_within_leaves_of_trees(monkeypatch):
    import scenegen.ingest.matching as matching

    rng = np.random.default_rng(0)
    places = rng.normal(size=(300, 64))
    looks = places[np.arange(1500) % 300] + 0.05 * rng.normal(size=(1500, 64))
    looks = (looks / np.linalg.norm(looks, axis=1, keepdims=True)).astype(np.float32)
    candidates = matching._candidates(looks)
    assert max(map(len, candidates)) <= 512
    assert all(i in others for i, others in enumerate(candidates))
    found = alike_pairs(looks, 4, 2)
    same = {(i, j) for i in range(1500) for j in range(i + 300, 1500, 300)}
    assert len(found) <= 4 * 1500
    assert len(same & found) > 0.95 * len(same)  # 0.98 on this machine; the trees are random
    monkeypatch.setattr(matching, "_COMPARED", 1500)
    assert same <= alike_pairs(looks, 4, 2)


def test_equal_views_are_found_as_by_comparing_all_with_all():
    rng = np.random.default_rng(0)
    views, seen = [], SeenViews()
    for number in range(120):
        base = rng.integers(0, 256, (4, 4)).repeat(32, 0).repeat(32, 1)
        if number % 3 == 0 and views:
            base = views[rng.integers(len(views))][1].astype(int) + rng.integers(-3, 4, (128, 128))
        grey = np.clip(base, 0, 255).astype(np.uint8)
        new = thumbnail(grey)
        differ = [(name, np.abs(new - thumbnail(old))) for name, old in views]
        same = [n for n, d in differ if d.mean() < SAME_MEAN and d.max() < SAME_LARGEST]
        assert seen.add(str(number), grey) == (same[0] if same else None)
        if not same:
            views.append((str(number), grey))
    assert 70 < len(views) < 110


def camera(position):
    pose = np.eye(4)
    pose[:3, 3] = position
    return Camera(Lens(64, 48, 60, 60, 32, 24), pose)


def test_no_photo_looks_at_all_the_points_of_many_photos():
    points = np.random.default_rng(0).normal(size=(60_000, 3))
    few = points.copy()
    few[np.arange(len(few)) % 3 != 0] = [0.0, 0.0, -1e-3]  # as near as can be, if it were seen
    cameras = [camera((0, 0, 4)), camera((1, 0, 3))]
    assert clear_distances(cameras, few, 0.1) == clear_distances(cameras, points, 0.1)


def test_ways_from_photo_to_photo_are_few():
    rays = {}
    for count in COUNTS:
        rng = np.random.default_rng(0)
        photos = rng.normal(size=(count, 3))
        asked = []

        def distances(origins, directions, asked=asked):
            asked.append(len(origins))
            return np.full(len(directions), 1e-3)  # something stands in every way

        clear(photos[:5], photos, distances, 0.1)
        assert np.isfinite(clear(photos[:5], photos, distances, 0.1)).all()
        rays[count] = max(asked)
    assert all(rays[count] <= 25 * count for count in COUNTS)
    assert rays[50] < rays[100] < rays[300]


def test_learned_pairs_are_sorted_by_photo_once():
    class Model:
        def match(self, first, second):
            return [range(min(first, second))]

    class Pairs(list):
        walks = 0

        def __iter__(self):
            Pairs.walks += 1
            return super().__iter__()

    pairs = Pairs((i, j) for i in range(40) for j in range(i + 1, min(i + 12, 40)))
    kept = promising(Model(), [{"descriptors": i} for i in range(40)], pairs)
    assert Pairs.walks <= 2
    assert set(kept) < set(pairs)
    assert all(sum(photo in pair for pair in kept) >= 6 for photo in range(40))
