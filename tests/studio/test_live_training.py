import threading
from pathlib import Path

import numpy as np
import pytest

from scenegen.lift.config import LiftConfig
from scenegen.lift.scene_folder import load_scene
from scenegen.studio import live_training
from scenegen.studio.live_training import LiveTraining, Standing
from scenegen.types import Scene
from tests.rooms import room_photos


class Onlooker:
    """Notes what it is shown and told; `ended` is set when nothing more will come."""

    def __init__(self) -> None:
        self.scenes: list[Scene] = []
        self.finals: list[Scene] = []
        self.standings: list[Standing] = []
        self.ended = threading.Event()
        self.seen = threading.Event()

    def show(self, scene: Scene, growing: bool) -> None:
        (self.scenes if growing else self.finals).append(scene)
        self.seen.set()

    def hear(self, standing: Standing) -> None:
        self.standings.append(standing)
        if not standing.runs:
            self.ended.set()


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[LiveTraining, Onlooker]:
    monkeypatch.setattr(live_training, "SNAPSHOT_S", 0.0)
    monkeypatch.setattr(live_training, "_TELL_S", 0.0)
    seen = Onlooker()
    photos = room_photos(tmp_path / "room", count=5)
    training = LiveTraining(photos, tmp_path / "scene", seen.show, LiftConfig(steps=150))
    training.listen(seen.hear)
    return training, seen


def test_the_scene_appears_while_it_trains(watched: tuple[LiveTraining, Onlooker]) -> None:
    training, seen = watched
    assert training.standing == Standing("waiting")
    assert training.start()
    assert seen.ended.wait(60)
    assert seen.standings[-1].phase == "done"
    phases = [standing.phase for standing in seen.standings]
    assert phases == sorted(phases, key=["posing", "training", "done"].index)
    shares = [s.share for s in seen.standings if s.label == "Training"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert seen.standings[-1].words == "5 of 5 photos posed"
    assert len(seen.scenes) > 3
    first, last = (
        np.float32(s.field.parameters["hash"]) for s in (seen.scenes[0], seen.scenes[-1])
    )
    assert not np.array_equal(first, last), "a snapshot changed after it was shown"
    assert [photo.name for photo in seen.scenes[0].photos] == [f"{n:02}.png" for n in range(5)]
    assert seen.finals[0].fingerprint == load_scene(training.output).fingerprint


def test_training_that_is_stopped_goes_on(watched: tuple[LiveTraining, Onlooker]) -> None:
    training, seen = watched
    training.lift_config = LiftConfig(steps=20_000)
    training.start()
    assert not training.start(), "two at once"
    assert seen.seen.wait(60)
    training.stop(wait=True)
    assert training.standing.phase == "stopped"
    assert not training.output.exists()
    training.lift_config = LiftConfig(steps=20)
    seen.ended.clear()
    assert training.start()
    assert seen.ended.wait(60)
    assert training.standing.phase == "done"


def test_what_is_wrong_with_the_photos_is_told(tmp_path: Path) -> None:
    seen = Onlooker()
    (tmp_path / "photos").mkdir()
    training = LiveTraining(tmp_path / "photos", tmp_path / "scene", seen.show)
    training.listen(seen.hear)
    training.start()
    assert seen.ended.wait(60)
    assert seen.standings[-1].phase == "failed"
    assert "expected photos" in seen.standings[-1].words
    assert seen.scenes == seen.finals == []
