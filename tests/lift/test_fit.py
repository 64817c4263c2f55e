"""Training spends its budget, survives kills, and refuses what cannot train."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scenegen.errors import LiftError, OutputError
from scenegen.lift import fit as module
from scenegen.lift.bounds import unit_ball
from scenegen.lift.checkpoint import FILE, load_checkpoint, save_checkpoint
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import FitRecord, fit, lift
from scenegen.lift.pixels import load_pixels
from scenegen.lift.scene_folder import load_scene
from scenegen.lift.state import new_state
from scenegen.lift.trainer import Problem, make_trainer
from scenegen.types import Capture, Field, FieldShape

SMALL = FieldShape(levels=4, log2_table=12, finest=128)


@pytest.fixture
def problem(room: Capture) -> Problem:
    pixels = load_pixels(room.photos)
    centre, radius = unit_ball([p.camera for p in pixels], room.points)
    return Problem(pixels, SMALL, centre, radius, batch_samples=2048)


def test_training_lowers_the_error_and_counts_its_time(problem: Problem):
    trainer = make_trainer(problem, new_state(SMALL, len(problem.photos), 0), "native")
    records = []
    for record in fit(trainer, budget_s=60.0):
        records.append(record)
        if record.step > 300:  # by steps, so that a busy machine only takes longer
            break
    assert [r.step for r in records] == sorted({r.step for r in records})
    assert [r.elapsed_s for r in records] == sorted({r.elapsed_s for r in records})
    assert records[-1].psnr_db > records[0].psnr_db + 3


def test_training_ends_with_its_budget(problem: Problem):
    trainer = make_trainer(problem, new_state(SMALL, len(problem.photos), 0), "native")
    records = list(fit(trainer, budget_s=0.5))
    assert records[-1].elapsed_s == 0.5
    assert trainer.state.elapsed_s >= 0.5
    assert all(record.elapsed_s < 0.5 for record in records[:-1])


def test_a_state_saved_and_loaded_trains_on_as_if_nothing_had_been(
    problem: Problem, tmp_path: Path
):
    from scenegen.lift.schedule import rates_at

    state = new_state(SMALL, len(problem.photos), 0)
    trainer = make_trainer(problem, state, "native")
    trainer.run(30, rates_at(0.0, 0.1))
    trainer.sweep(0.8, 1, 0)
    save_checkpoint(tmp_path, "key", state)
    trainer.run(30, rates_at(0.5, 0.1))
    loaded = load_checkpoint(tmp_path, "key")
    assert loaded is not None
    assert loaded.step == 30
    again = make_trainer(problem, loaded, "native")
    again.run(30, rates_at(0.5, 0.1))
    for name, value in state.arrays().items():
        np.testing.assert_array_equal(loaded.arrays()[name], value, err_msg=name)


def test_a_checkpoint_of_something_else_or_broken_is_not_taken(problem: Problem, tmp_path: Path):
    state = new_state(SMALL, len(problem.photos), 0)
    assert load_checkpoint(tmp_path, "key") is None
    save_checkpoint(tmp_path, "key", state)
    assert load_checkpoint(tmp_path, "other") is None
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data[: len(data) // 2])
    assert load_checkpoint(tmp_path, "key") is None


def test_an_existing_output_stays(room: Capture, room_folder: Path):
    before = load_scene(room_folder).fingerprint
    with pytest.raises(OutputError):
        lift(room, room_folder, LiftConfig(budget_s=1))
    assert load_scene(room_folder).fingerprint == before


def test_an_interrupted_training_goes_on(
    room: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_CHECKPOINT_S", 0.2)
    config = LiftConfig(budget_s=3)

    def interrupt(label: str, done: float, _total: float) -> None:
        if label == "training" and done > 1.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lift(room, tmp_path / "scene", config, interrupt)
    assert not (tmp_path / "scene").exists()
    seen = []
    lift(room, tmp_path / "scene", config, lambda label, done, _: seen.append((label, done)))
    assert min(done for label, done in seen if label == "training") > 0.5
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scene"]


class Onlooker:
    def __init__(self, ends_at: int = 0) -> None:
        self.captures: list[Capture] = []
        self.steps: list[int] = []
        self.fields: list[Field] = []
        self._ends_at = ends_at

    def begin(self, capture: Capture) -> None:
        self.captures.append(capture)

    def step(self, record: FitRecord, field: Callable[[], Field]) -> None:
        self.steps.append(record.step)
        self.fields.append(field())
        if self._ends_at and record.step >= self._ends_at:
            raise KeyboardInterrupt


def test_whoever_watches_sees_the_field_grow_and_changes_nothing(room: Capture, tmp_path: Path):
    seen = Onlooker()
    config = LiftConfig(steps=60)
    watched = lift(room, tmp_path / "watched", config, watch=seen)
    assert seen.captures == [room]
    assert seen.steps == sorted(set(seen.steps))
    assert seen.steps[-1] == 60
    tables = [field.parameters["hash"].astype(np.float32) for field in seen.fields]
    assert all(not np.array_equal(one, other) for one, other in pairwise(tables))
    assert watched.fingerprint == lift(room, tmp_path / "unwatched", config).fingerprint


def test_whoever_watches_may_end_the_training(room: Capture, tmp_path: Path):
    with pytest.raises(KeyboardInterrupt):
        lift(room, tmp_path / "scene", LiftConfig(steps=60), watch=Onlooker(ends_at=20))
    assert not (tmp_path / "scene").exists()


def lift_by_steps(
    room: Capture, output: Path, threads: int, stop_at: int | None = None, refine: bool = False
) -> None:
    """Lift in a process of its own, or begin to: it is killed once ``stop_at`` steps are kept.

    With ``refine`` cameras move, whatever their trial says.
    """
    script = (
        "import os, signal, sys; from pathlib import Path; from scenegen.lift import fit as module;"
        "from scenegen.ingest.capture import load_capture;"
        "from scenegen.lift.config import LiftConfig; module._CHECKPOINT_S = 0.0\n"
        "def watch(label, done, _):\n"
        "    if label == 'training' and done > int(sys.argv[3] or 1e9):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "from scenegen.lift import poses; poses.seen_motion = lambda _: (1.0, 0.0)\n"
        "config = LiftConfig(steps=130, seed=1, refine_poses=bool(sys.argv[4]))\n"
        "module.lift(load_capture(Path(sys.argv[1])), Path(sys.argv[2]), config, watch)"
    )
    source = room.photos[0].file.parent
    words = [str(source), str(output), str(stop_at or ""), "refine" if refine else ""]
    command = [sys.executable, "-c", script, *words]
    done = subprocess.run(command, env={**os.environ, "SCENEGEN_THREADS": str(threads)})
    assert done.returncode == (-signal.SIGKILL if stop_at else 0)


def test_steps_lead_to_one_scene_whatever_the_threads_and_interruptions(
    room: Capture, tmp_path: Path
):
    lift_by_steps(room, tmp_path / "one", 1)
    expected = load_scene(tmp_path / "one")
    assert (expected.facts["train_steps"], expected.facts["steps"]) == (130, 130)
    for threads in (2, 3):
        lift_by_steps(room, tmp_path / str(threads), threads)
        assert load_scene(tmp_path / str(threads)).fingerprint == expected.fingerprint
    for threads, stop_at in ((3, 10), (1, 60)):
        lift_by_steps(room, tmp_path / "killed", threads, stop_at)
        assert not (tmp_path / "killed").exists()
    lift_by_steps(room, tmp_path / "killed", 4)
    assert load_scene(tmp_path / "killed").fingerprint == expected.fingerprint


def test_cameras_move_alike_whatever_the_threads_and_interruptions(room: Capture, tmp_path: Path):
    lift_by_steps(room, tmp_path / "one", 1, refine=True)
    expected = load_scene(tmp_path / "one")
    for threads, stop_at in ((3, 25), (1, 70)):  # while cameras are on trial, and afterwards
        lift_by_steps(room, tmp_path / "killed", threads, stop_at, refine=True)
    lift_by_steps(room, tmp_path / "killed", 2, refine=True)
    found = load_scene(tmp_path / "killed")
    assert found.fingerprint == expected.fingerprint
    assert float(expected.facts["poses_moved_mrad"]) > 0
    for given, one, other in zip(room.photos, expected.photos, found.photos, strict=True):
        pose = one.camera.world_from_camera
        np.testing.assert_array_equal(other.camera.world_from_camera, pose)
        assert not np.array_equal(given.camera.world_from_camera, pose)


def test_another_seed_is_another_scene(room: Capture, tmp_path: Path):
    scenes = [lift(room, tmp_path / str(n), LiftConfig(steps=20, seed=n)) for n in (1, 2)]
    assert scenes[0].fingerprint != scenes[1].fingerprint
    assert all(np.count_nonzero(scene.field.parameters["hash"]) for scene in scenes)


@pytest.mark.slow
def test_kills_at_any_moment(room: Capture, tmp_path: Path):
    """SIGKILL after random times; every run goes on, and the last one ends with a valid scene."""
    script = (
        "import sys; from pathlib import Path; from scenegen.lift import fit as module;"
        "from scenegen.ingest.capture import load_capture;"
        "from scenegen.lift.config import LiftConfig; module._CHECKPOINT_S = 0.3;"
        "module.lift(load_capture(Path(sys.argv[1])), Path(sys.argv[2]), LiftConfig(budget_s=6))"
    )
    source, output = room.photos[0].file.parent, tmp_path / "scene"
    command = [sys.executable, "-c", script, str(source), str(output)]
    rng = np.random.default_rng(1)
    for _ in range(6):
        process = subprocess.Popen(command)
        time.sleep(rng.uniform(0.5, 3.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if output.exists():
            load_scene(output)
            break
    else:
        subprocess.run(command, check=True)
    scene = load_scene(output)
    assert float(scene.facts["train_s"]) >= 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget_s": 0}, "--budget-s 0: expected more than 0 seconds; 60 is a good start"),
        (
            {"budget_s": float("nan")},
            "--budget-s nan: expected more than 0 seconds; 60 is a good start",
        ),
        ({"seed": -1}, "--seed -1: expected 0 to 2^63 - 1"),
        (
            {"steps": -1},
            "--steps -1: expected 1 or more, or 0 to go by --budget-s; "
            "20000 take about 45 seconds on two cores",
        ),
        ({"downscale": 0}, "--downscale 0: expected 1 or more"),
        (
            {"holdout_every": 1},
            "--holdout-every 1: expected 0 (none) or 2 and more; 8 keeps every eighth photo out",
        ),
        ({"backend": "abacus"}, "--backend abacus: expected auto, native, torch or tcnn"),
    ],
)
def test_wrong_settings(change: dict, message: str):
    with pytest.raises(LiftError) as error:
        LiftConfig(**change)
    assert str(error.value) == message


def test_only_scenes_are_replaced(room: Capture, tmp_path: Path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "draft.txt").write_text("years of work")
    config = LiftConfig(budget_s=1, overwrite=True)
    with pytest.raises(OutputError) as error:
        lift(room, tmp_path / "thesis", config)
    assert str(error.value) == (
        f"{tmp_path / 'thesis'}: expected a scene folder to replace, found something else; "
        "choose another --output or remove it yourself"
    )
    assert (tmp_path / "thesis" / "draft.txt").read_text() == "years of work"
    source = room.photos[0].file.parent
    with pytest.raises(OutputError, match="would replace its own input"):
        lift(room, source, config)


def test_a_folder_that_only_looks_like_a_checkpoint_stays(room: Capture, tmp_path: Path):
    other = tmp_path / "scene.partial" / "notes.txt"
    other.parent.mkdir()
    other.write_text("not a checkpoint")
    lift(room, tmp_path / "scene", LiftConfig(budget_s=0.5))
    assert other.read_text() == "not a checkpoint"


def test_too_few_photos(room: Capture, tmp_path: Path):
    with pytest.raises(LiftError) as error:
        lift(replace(room, photos=room.photos[:2]), tmp_path / "scene", LiftConfig())
    assert str(error.value) == (
        "the capture has 2 posed photos, expected 3 or more; "
        "take more photos that overlap and ingest them again"
    )
