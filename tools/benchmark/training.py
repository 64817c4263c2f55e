"""Quality after a training of its own for every budget, and at the photos' full size."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.effort import Effort
from scenegen import pipeline
from scenegen.errors import UsageError
from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.evaluate import evaluate
from scenegen.lift.fit import lift
from scenegen.lift.scene_folder import load_scene
from scenegen.types import Scene

Facts = dict[str, Any]

HOLDOUT_EVERY = 8
_PEAK = Path(__file__).with_name("peak.py")


@dataclass(frozen=True)
class Subject:
    """The scene that most parts measure: its capture, by how much it is reduced, where it goes."""

    name: str
    capture: Path
    downscale: int
    work: Path
    effort: Effort

    def folder(self, budget_s: float, backend: str = "native") -> Path:
        """Return the folder of the scene trained for ``budget_s``."""
        return self.work / f"{self.name}-{backend}-{budget_s:g}s"


def train(
    subject: Subject, budget_s: float, seed: int = 0, backend: str = "native"
) -> tuple[Path, Facts]:
    """Train with every eighth photo held out; return the scene's folder and its figures."""
    folder = subject.folder(budget_s, backend)
    folder.parent.mkdir(parents=True, exist_ok=True)
    settings = LiftConfig(
        budget_s=budget_s,
        downscale=subject.downscale,
        holdout_every=HOLDOUT_EVERY,
        backend=backend,
        seed=seed,
        overwrite=True,
    )
    scene = lift(load_capture(subject.capture), folder, settings)
    # Of the twin's scene only the field is of interest: photos guide it as they guide ours.
    quality = pipeline.evaluate(folder) if backend == "native" else evaluate(scene)
    return folder, {**scene.facts, **quality}


def kept_scene(subject: Subject) -> Scene:
    """Return the scene that rendering is measured on, trained now if no part has trained it yet."""
    folder = subject.folder(subject.effort.kept_s)
    return load_scene(folder if folder.is_dir() else train(subject, subject.effort.kept_s)[0])


def measure_budgets(subject: Subject) -> Facts:
    """Train for every budget, some of them several times; medians with all runs beside them."""
    rows = []
    for budget_s in subject.effort.budgets_s:
        runs = subject.effort.runs if budget_s in subject.effort.repeated_s else 1
        found = [train(subject, budget_s, seed)[1] for seed in range(runs)]
        rows.append({"budget_s": budget_s, **median_figures(found), "runs": found})
    return {"scene": subject.name, "downscale": subject.downscale, "budgets": rows}


def median_figures(runs: list[Facts]) -> Facts:
    """Return the median of every figure that all runs have and that is a number."""
    shared = [name for name in runs[0] if all(_is_number(run.get(name)) for run in runs)]
    return {name: statistics.median(run[name] for run in runs) for name in shared}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def measure_twin_budgets(subject: Subject) -> list[Facts]:
    """Train the PyTorch twin for some of the budgets, as the kernels were."""
    budgets = subject.effort.twin_budgets_s
    return [{"budget_s": s, **train(subject, s, backend="torch")[1]} for s in budgets]


def measure_full_size(subject: Subject) -> Facts:
    """Train at the photos' own size, in a process of its own, whose memory is measured too."""
    folder = subject.work / f"{subject.name}-full"
    arguments = ["--holdout-every", str(HOLDOUT_EVERY), "--output", str(folder), "--overwrite"]
    budget = ["--budget-s", f"{subject.effort.full_budget_s:g}"]
    peak = run_command(["lift", str(subject.capture), *arguments, *budget])
    figures = pipeline.evaluate(folder)
    return {**load_scene(folder).facts, **figures, "peak_mb": peak}


def measure_memory(subject: Subject) -> Facts:
    """Train on all photos at their own size, and render, each in a process of its own."""
    folder = subject.work / f"{subject.name}-memory"
    clip = folder.with_suffix(".mp4")
    count = len(load_capture(subject.capture).photos)
    budget = ["--budget-s", f"{subject.effort.memory_budget_s:g}", "--overwrite"]
    trained = run_command(["lift", str(subject.capture), "--output", str(folder), *budget])
    width, height = subject.effort.frame_px
    size = ["--width", str(width), "--height", str(height), "--seconds", "0.25"]
    rendered = run_command(["render", str(folder), "--output", str(clip), *size, "--overwrite"])
    return {"photos": count, "lift_peak_mb": trained, "render_peak_mb": rendered}


def run_command(arguments: list[str]) -> float:
    """Run a command of scenegen in a process of its own; return its peak memory in MB (1e6).

    Raises `UsageError` where it fails.
    """
    done = subprocess.run(
        [sys.executable, str(_PEAK), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UsageError(f"scenegen {arguments[0]} failed: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])["peak_mb"]
