from types import SimpleNamespace
from typing import Any, cast

import pytest

from scenegen.ingest import colmap, ladder, learned
from scenegen.ingest.advice import Overlap
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.ladder import Climb, drop_misplaced


class Model:
    """As much of a reconstruction as the ladder looks at."""

    def __init__(self, names):
        self.images = {
            i + 1: SimpleNamespace(name=f"{n:05d}.jpg", frame_id=i + 1) for i, n in enumerate(names)
        }

    def reg_image_ids(self):
        return list(self.images)

    def num_reg_images(self):
        return len(self.images)

    def deregister_frame(self, frame_id):
        del self.images[frame_id]


@pytest.fixture
def climbs(monkeypatch, tmp_path):
    """Give a function that climbs with the outcome of each rung given as numbers of photos."""

    def climb(counts, photos=10, flat=False, installed=True):
        log = []
        outcomes = iter(counts)

        def map_photos(workspace, rung, _):
            count = next(outcomes)
            log.append((rung.name, rung.features.max_features, rung.relaxed))
            return Climb(cast(Any, Model(range(count)) if count else None), workspace)

        def match_learned(workspace, *_):
            log.append("learned")
            return workspace

        pairs = [Overlap(i, i + 1, 99, flat) for i in range(photos - 1)]
        monkeypatch.setattr(ladder, "_map", map_photos)
        monkeypatch.setattr(ladder, "overlaps_of", lambda _: pairs)
        monkeypatch.setattr(ladder, "choose_pairs", lambda *_: [(0, 1)])
        monkeypatch.setattr(learned, "installed", lambda: installed)
        monkeypatch.setattr(learned, "match_learned", match_learned)
        monkeypatch.setattr(colmap, "open_workspace", lambda *a: colmap.Workspace(*a))
        monkeypatch.setattr(colmap, "extract_sift", lambda _, features, __: log.append(features))
        monkeypatch.setattr(colmap, "match_sift", lambda *_: None)
        monkeypatch.setattr(colmap, "read_descriptors", lambda _: [])
        shots = cast(Any, tuple(object() for _ in range(photos)))
        return ladder.climb(shots, True, tmp_path, IngestConfig(), lambda *_: None), log

    return climb


def test_the_first_rung_suffices_where_it_poses_enough(climbs):
    found, log = climbs([9])
    assert found.posed == 9
    assert found.rungs == ("SIFT",)
    assert len(log) == 2


def test_the_best_rung_wins_and_features_are_found_once_a_kind(climbs):
    found, log = climbs([3, 6, 5, 0, 6, 4, 2])
    assert found.posed == 6
    assert found.rungs == (
        "SIFT",
        "weaker starts",
        "lens held",
        "all pairs",
        "more features",
        "larger photos",
        "learned features",
    )
    assert sum(isinstance(entry, colmap.Features) for entry in log) == 3
    assert log.count("learned") == 1


def test_the_ladder_ends_with_sift_without_the_learned_extra(climbs):
    found, log = climbs([0] * 6, installed=False)
    assert found.model is None
    assert found.rungs[-1] == "larger photos"
    assert "learned" not in log


def test_no_effort_is_wasted_on_a_camera_that_only_turned(climbs):
    found, _ = climbs([0, 0], flat=True)
    assert found.rungs == ("SIFT", "weaker starts")


def test_photos_whose_matches_contradict_their_place_are_dropped():
    model = Model([4, 7, 9])
    drop_misplaced(cast(Any, model), {4: 0.97, 7: 0.31, 9: 0.6})
    assert [image.name for image in model.images.values()] == ["00004.jpg", "00009.jpg"]
