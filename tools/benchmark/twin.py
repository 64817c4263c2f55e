"""Training by the kernels against their PyTorch twin: the same steps, in turns.

Both begin from one state, a few seconds into a training by the kernels, and draw the same random
pixels. They take turns, so that whatever else the machine does meets both; ratios are taken within
a turn.
"""

from __future__ import annotations

import copy
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from benchmark.effort import Effort
from benchmark.training import HOLDOUT_EVERY, Subject
from scenegen.ingest.capture import load_capture
from scenegen.kernels import threads
from scenegen.kernels.reference import training as twin_training
from scenegen.lift.config import LiftConfig
from scenegen.lift.fit import fit, make_problem
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.pixels import load_pixels
from scenegen.lift.schedule import rates_at
from scenegen.lift.state import TrainingState, new_state
from scenegen.lift.torch_trainer import TorchTrainer
from scenegen.lift.trainer import Problem, Rates, Trainer

Facts = dict[str, Any]


@dataclass
class Turns:
    """What one backend did in its turns."""

    samples_per_s: list[float] = field(default_factory=list)
    rays_per_s: list[float] = field(default_factory=list)
    step_ms: list[float] = field(default_factory=list)
    step_cpu_ms: list[float] = field(default_factory=list)

    def take(self, trainer: Trainer, steps: int, rates: Rates) -> None:
        """Let ``trainer`` take a turn, and note it."""
        begun, begun_cpu = time.perf_counter(), time.process_time()
        facts = trainer.run(steps, rates)
        seconds, cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
        self.step_cpu_ms.append(1e3 * cpu_s / steps)
        self.samples_per_s.append(facts.samples / seconds)
        self.rays_per_s.append(facts.rays / seconds)
        self.step_ms.append(1e3 * seconds / steps)

    def medians(self) -> dict[str, float]:
        """Return the medians over the turns."""
        return {name: round(statistics.median(v), 2) for name, v in vars(self).items()}


def problem_of(subject: Subject) -> Problem:
    """Return what the subject trains from, with its held-out photos left out."""
    capture = load_capture(subject.capture)
    photos = tuple(p for i, p in enumerate(capture.photos) if i % HOLDOUT_EVERY)
    pixels = load_pixels(photos, subject.downscale)
    config = LiftConfig(budget_s=subject.effort.kept_s, downscale=subject.downscale)
    return make_problem(replace(capture, photos=photos), pixels, config)


def warmed_state(problem: Problem, seconds: float) -> TrainingState:
    """Return a state from the early middle of training."""
    state = new_state(problem.shape, len(problem.photos), problem.seed)
    for _ in fit(NativeTrainer(problem, state), seconds):
        pass
    return state


def compare_backends(subject: Subject) -> Facts:
    """Let both backends take the same steps in turns."""
    problem, effort = problem_of(subject), subject.effort
    state = warmed_state(problem, effort.warm_s)
    rates = rates_at(0.5, state.error)
    native = NativeTrainer(problem, copy.deepcopy(state))
    twin = TorchTrainer(problem, copy.deepcopy(state), "cpu")
    native.run(effort.turn_steps, rates)
    torch_threads = _faster_threads(twin, rates)
    turns = {"native": Turns(), "torch": Turns()}
    gathering = _take_turns(native, twin, turns, effort, rates)
    return {
        "batch_samples": problem.batch_samples,
        "native": turns["native"].medians(),
        "torch": turns["torch"].medians(),
        "torch_threads": torch_threads,
        "torch_gathering_share": round(statistics.median(gathering), 3),
        **_ratios(turns["native"], turns["torch"], gathering),
    }


def _take_turns(
    native: Trainer, twin: Trainer, turns: dict[str, Turns], effort: Effort, rates: Rates
) -> list[float]:
    """Fill ``turns``; return the share of each of the twin's that went into marching its rays."""
    gathering = []
    for number in range(effort.turns):
        print(f"turn {number + 1} of {effort.turns}", file=sys.stderr)
        with _timed_calls(twin_training, "gather_samples") as gathered:
            for name, trainer in (("native", native), ("torch", twin)):
                turns[name].take(trainer, effort.turn_steps, rates)
        gathering.append(sum(gathered) * 1e3 / effort.turn_steps / turns["torch"].step_ms[-1])
    return gathering


def _ratios(native: Turns, twin: Turns, gathering: list[float]) -> Facts:
    ratios = [a / b for a, b in zip(native.samples_per_s, twin.samples_per_s, strict=True)]
    spent = [a / b for a, b in zip(twin.step_cpu_ms, native.step_cpu_ms, strict=True)]
    arithmetic = [r * (1 - share) for r, share in zip(ratios, gathering, strict=True)]
    return {
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
        "ratio_of_cpu_time": round(statistics.median(spent), 2),
        "ratio_without_torch_gathering": round(statistics.median(arithmetic), 2),
    }


def _faster_threads(twin: TorchTrainer, rates: Rates) -> int:
    """Give the twin one thread or all, whichever is faster, and return their number.

    The steps' tensors are small: more threads may spend more time on waiting than they save.
    """
    seconds = {}
    for count in (1, threads()):
        twin.threads = count
        twin.run(1, rates)
        begun = time.perf_counter()
        twin.run(2, rates)
        seconds[count] = time.perf_counter() - begun
    twin.threads = min(seconds, key=seconds.__getitem__)
    return twin.threads


@contextmanager
def _timed_calls(module: Any, name: str) -> Iterator[list[float]]:
    """Collect the seconds of every call of a function that its module looks up by name."""
    original: Callable[..., Any] = getattr(module, name)
    seconds: list[float] = []

    def timed(*arguments: Any) -> Any:
        begun = time.perf_counter()
        result = original(*arguments)
        seconds.append(time.perf_counter() - begun)
        return result

    setattr(module, name, timed)
    try:
        yield seconds
    finally:
        setattr(module, name, original)
