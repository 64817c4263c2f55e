"""Training in PyTorch: it learns, and takes up what the native kernels began."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenegen.errors import LiftError
from scenegen.kernels import native, reference
from scenegen.kernels.rays import camera_rays
from scenegen.lift.checkpoint import load_checkpoint, save_checkpoint
from scenegen.lift.fit import fit
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.state import TrainingState, new_state
from scenegen.lift.torch_trainer import TorchTrainer
from scenegen.lift.trainer import Problem, Rates, make_trainer
from scenegen.types import Camera, FieldShape, Lens

SHAPE = FieldShape(levels=4, log2_table=12, finest=128)
RATES = Rates(hash=0.05, mlp=0.01, outlier=0.0)


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Four photos from one room of smooth colours: what is seen depends on the direction alone."""
    photos = []
    for turn in range(4):
        angle = turn * np.pi / 2
        pose = np.eye(4)
        pose[:3, 0] = np.cos(angle), np.sin(angle), 0.0
        pose[:3, 1] = 0.0, 0.0, 1.0
        pose[:3, 2] = np.cross(pose[:3, 0], pose[:3, 1])
        pose[:3, 3] = -0.3 * pose[:3, 2]
        camera = Camera(Lens(32, 24, 20.0, 20.0, 16.0, 12.0), pose)
        _, directions = camera_rays(camera)
        rgb = (127.5 * (1.0 + 0.9 * directions)).astype(np.uint8).reshape(24, 32, 3)
        photos.append(PhotoPixels(rgb, camera))
    return Problem(photos, SHAPE, np.zeros(3), 1.0, batch_samples=2048)


def errors(trainer: NativeTrainer | TorchTrainer, slices: int) -> list[float]:
    found = []
    for _ in range(slices):
        facts = trainer.run(5, RATES)
        found.append(float(np.sqrt(facts.squared_error / facts.rays)))
    return found


def test_it_learns(problem: Problem) -> None:
    state = new_state(SHAPE, len(problem.photos), seed=0)
    found = errors(TorchTrainer(problem, state, "cpu"), 6)
    assert found[-1] < 0.5 * found[0]  # seen: 0.25 -> 0.045
    assert state.step == 30


@pytest.mark.parametrize("first", [NativeTrainer, TorchTrainer])
@pytest.mark.parametrize("second", [NativeTrainer, TorchTrainer])
def test_either_backend_goes_on_with_what_the_other_began(
    problem: Problem,
    first: type[NativeTrainer | TorchTrainer],
    second: type[NativeTrainer | TorchTrainer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCENEGEN_THREADS", "1")
    monkeypatch.setenv("SCENEGEN_DEVICE", "cpu")
    state = new_state(SHAPE, len(problem.photos), seed=0)
    errors(first(problem, state), 2)
    save_checkpoint(tmp_path, "key", state)
    resumed = load_checkpoint(tmp_path, "key")
    assert isinstance(resumed, TrainingState)
    assert resumed.step == 10
    found = errors(second(problem, resumed), 2)
    assert found == pytest.approx(expected_errors(problem), rel=0.1)


def expected_errors(problem: Problem) -> list[float]:
    """What an unbroken native run finds at those steps."""
    state = new_state(SHAPE, len(problem.photos), seed=0)
    return errors(NativeTrainer(problem, state), 4)[2:]


def test_sweeps_and_the_budget_run_as_with_the_kernels(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCENEGEN_DEVICE", "cpu")
    state = new_state(SHAPE, len(problem.photos), seed=0)
    trainer = make_trainer(problem, state, "torch")
    assert isinstance(trainer, TorchTrainer)
    records = list(fit(trainer, 1.0))
    assert records[-1].elapsed_s == 1.0
    trainer.sweep(0.8, 4, 1)
    field = trainer.field(np.full(3, 0.5))
    origins, directions = camera_rays(problem.photos[0].camera)
    fast = native.trace(field, origins, directions)
    slow = reference.trace(field, origins, directions, "cpu")
    for a, b in zip(fast, slow, strict=True):
        assert np.abs(a - b).mean() < 1e-3


def test_an_unknown_backend_is_named(problem: Problem) -> None:
    state = new_state(SHAPE, len(problem.photos), seed=0)
    with pytest.raises(LiftError) as error:
        make_trainer(problem, state, "cuda")
    assert str(error.value) == "--backend cuda: expected auto, native, torch or tcnn"
