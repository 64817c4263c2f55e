"""Measures the native kernels against their PyTorch twin, training, and rendering.

    python tools/bench.py CAPTURE [--output out/bench.json] [--markdown docs/benchmarks.md]

CAPTURE is a posed capture, such as a folder with transforms.json. Both backends take the same steps
of the same training in turns, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import copy
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro
from true_depth import depth_facts

from scenegen import files
from scenegen.errors import SceneGenError, UsageError
from scenegen.ingest.capture import load_capture
from scenegen.kernels import instruction_set, threads, trace
from scenegen.kernels.reference import training as twin_training
from scenegen.lift.config import LiftConfig
from scenegen.lift.evaluate import evaluate
from scenegen.lift.fit import fit, lift, make_problem
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.pixels import load_pixels
from scenegen.lift.rays import camera_rays
from scenegen.lift.schedule import rates_at
from scenegen.lift.state import TrainingState, new_state
from scenegen.lift.torch_trainer import TorchTrainer
from scenegen.lift.trainer import Problem, Rates, Trainer
from scenegen.types import Camera, Capture, Lens, Scene

BEGIN, END = "<!-- measured by tools/bench.py -->", "<!-- end -->"


@dataclass(frozen=True)
class BenchConfig:
    """What to measure, and where the figures go."""

    capture: Annotated[Path, tyro.conf.Positional]
    """Folder of a posed capture."""

    output: Path = Path("out/bench.json")
    """Every figure, as JSON; replaced if it exists."""

    markdown: Path | None = None
    """Also replace the measured table in this page."""

    budget_s: float = 60.0
    """Seconds of training before quality and rendering are measured."""

    downscale: int = 4
    """Reduce photos by this factor."""

    warm_s: float = 10.0
    """Seconds of training before the backends are compared, so that the scene has taken shape."""

    repetitions: int = 7
    """Turns of each backend; medians are reported."""

    steps: int = 10
    """Optimiser steps of a turn."""


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


def machine() -> dict[str, Any]:
    """Return what figures depend on."""
    import torch

    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text().splitlines()
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = models[0] if models else model
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "cpu": model,
        "threads": threads(),
        "instruction_set": instruction_set(),
        "commit": commit.stdout.strip() or "unknown",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "load_before": round(os.getloadavg()[0], 2),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


@contextmanager
def timed_calls(module: Any, name: str) -> Iterator[list[float]]:
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


def warmed_state(problem: Problem, seconds: float) -> TrainingState:
    """Return a state from the early middle of training."""
    state = new_state(problem.shape, len(problem.photos), problem.seed)
    for _ in fit(NativeTrainer(problem, state), seconds):
        pass
    return state


def faster_threads(twin: TorchTrainer, rates: Rates) -> int:
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


def compare_backends(problem: Problem, config: BenchConfig) -> dict[str, Any]:
    """Let both backends take the same steps in turns."""
    state = warmed_state(problem, config.warm_s)
    rates = rates_at(0.5, state.error)
    native = NativeTrainer(problem, copy.deepcopy(state))
    twin = TorchTrainer(problem, copy.deepcopy(state), "cpu")
    native.run(config.steps, rates)
    torch_threads = faster_threads(twin, rates)
    turns = {"native": Turns(), "torch": Turns()}
    gathering = []
    for number in range(config.repetitions):
        print(f"turn {number + 1} of {config.repetitions}", file=sys.stderr)
        with timed_calls(twin_training, "gather_samples") as gathered:
            for name, trainer in (("native", native), ("torch", twin)):
                turns[name].take(trainer, config.steps, rates)
        gathering.append(sum(gathered) * 1e3 / config.steps / turns["torch"].step_ms[-1])
    fast, slow = turns["native"].samples_per_s, turns["torch"].samples_per_s
    ratios = [a / b for a, b in zip(fast, slow, strict=True)]
    spent = zip(turns["torch"].step_cpu_ms, turns["native"].step_cpu_ms, strict=True)
    arithmetic = [r * (1 - share) for r, share in zip(ratios, gathering, strict=True)]
    return {
        "batch_samples": problem.batch_samples,
        "native": turns["native"].medians(),
        "torch": turns["torch"].medians(),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
        "ratio_of_cpu_time": round(statistics.median(a / b for a, b in spent), 2),
        "torch_threads": torch_threads,
        "torch_gathering_share": round(statistics.median(gathering), 3),
        "ratio_without_torch_gathering": round(statistics.median(arithmetic), 2),
    }


def train_and_measure(capture: Capture, config: BenchConfig) -> tuple[Scene, dict[str, Any]]:
    """Lift the capture with every eighth photo held out; return the scene and its quality."""
    settings = LiftConfig(
        budget_s=config.budget_s, downscale=config.downscale, holdout_every=8, backend="native"
    )
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        scene = lift(capture, Path(folder) / "scene", settings)
        wall_s = time.perf_counter() - begun
        quality = evaluate(scene)
        if (config.capture / "true_depth").is_dir():
            quality |= depth_facts(scene, config.capture)
    return scene, {
        "budget_s": config.budget_s,
        "wall_s": round(wall_s, 1),
        **quality,
        **scene.facts,
    }


def measure_rendering(scene: Scene, config: BenchConfig) -> dict[str, Any]:
    """Time frames of 960x540 from the cameras of photos."""
    seconds = []
    chosen = np.linspace(0, len(scene.photos) - 1, config.repetitions).astype(int)
    for index in chosen.tolist():
        camera = scene.photos[index].camera
        focal = camera.lens.fl_y * 540 / camera.lens.height_px
        view = Camera(Lens(960, 540, focal, focal, 480.0, 270.0), camera.world_from_camera)
        origins, directions = camera_rays(view)
        begun = time.perf_counter()
        trace(scene.field, origins, directions)
        seconds.append(time.perf_counter() - begun)
    middle = statistics.median(seconds)
    return {
        "width_px": 960,
        "height_px": 540,
        "s_per_frame": round(middle, 3),
        "s_per_frame_range": [round(min(seconds), 3), round(max(seconds), 3)],
        "rays_per_s": round(960 * 540 / middle),
    }


def depth_rows(quality: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the row on depth, where the true one is known."""
    if "depth_error_m" not in quality:
        return []
    text = "{depth_error_m} m, {depth_error_percent} %".format(**quality)
    return [("median error of depth", text)]


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    host, training = figures["machine"], figures["throughput"]
    quality, rendering = figures["quality"], figures["rendering"]
    native, twin = training["native"], training["torch"]
    rows = [
        ("training, native", f"{native['samples_per_s'] / 1e6:.3f} M samples/s"),
        ("training, PyTorch twin", f"{twin['samples_per_s'] / 1e6:.3f} M samples/s"),
        ("ratio", "{ratio} (turns from {ratio_range[0]} to {ratio_range[1]})".format(**training)),
        ("ratio of CPU time", f"{training['ratio_of_cpu_time']}"),
        (
            "ratio, the twin's marching not counted",
            f"{training['ratio_without_torch_gathering']}",
        ),
        ("rays/s, native", f"{native['rays_per_s']:.0f}"),
        ("rays/s, PyTorch twin", f"{twin['rays_per_s']:.0f}"),
        *depth_rows(quality),
        (f"held-out PSNR after {quality['budget_s']:g} s", f"{quality['heldout_psnr_db']:.2f} dB"),
        ("held-out SSIM", f"{quality['heldout_ssim']:.3f}"),
        ("frame of 960x540, field alone", f"{rendering['s_per_frame']} s"),
    ]
    lines = [f"| {figures['capture']}, photos reduced by {figures['downscale']} | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows]
    about = (
        "{cpu}, {threads} threads, {instruction_set}; commit {commit}, {date}; load {load_before}"
    )
    return "\n".join([*lines, "", about.format(**host)])


def write_markdown(page: Path, text: str) -> None:
    """Replace what lies between the marks of ``page``; raise `UsageError` where there are none."""
    old = page.read_text() if page.is_file() else ""
    before, mark, rest = old.partition(BEGIN)
    _, closing, after = rest.partition(END)
    if not mark or not closing:
        raise UsageError(f"{page}: expected the lines {BEGIN} and {END} around the table; add them")
    files.write_atomic(page, f"{before}{BEGIN}\n{text}\n{END}{after}".encode())


def main(config: BenchConfig) -> None:
    """Measure everything and write it down."""
    figures: dict[str, Any] = {
        "machine": machine(),
        "capture": config.capture.resolve().name,
        "downscale": config.downscale,
    }
    capture = load_capture(config.capture)
    remaining = replace(capture, photos=capture.photos[1:])
    pixels = load_pixels(remaining.photos, config.downscale)
    problem = make_problem(remaining, pixels, LiftConfig(budget_s=config.budget_s))
    figures["throughput"] = compare_backends(problem, config)
    print(f"training for {config.budget_s:g} s", file=sys.stderr)
    scene, figures["quality"] = train_and_measure(capture, config)
    figures["rendering"] = measure_rendering(scene, config)
    figures["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    files.write_json(config.output, figures)
    print(table(figures))
    if config.markdown is not None:
        write_markdown(config.markdown, table(figures))


if __name__ == "__main__":
    try:
        main(tyro.cli(BenchConfig, description=__doc__))
    except SceneGenError as error:
        sys.exit(f"tools/bench.py: {error}")
