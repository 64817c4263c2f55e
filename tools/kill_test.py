"""Kill the whole command at random moments, let it go on, and look at what comes out.

    python tools/kill_test.py scenes/courtyard --kills 20 --budget-s 30

Each job is `scenegen walkthrough`, killed with SIGKILL (its child processes too) a few times and
then left to end. It has to end with a scene that loads and a clip of all its frames, and nothing
half-finished may lie beside them. Exit code 0 if all jobs do.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from tyro.conf import Positional


@dataclass(frozen=True)
class Config:
    """What to kill, and how often."""

    input: Positional[Path]
    """Photos, a video or a posed capture."""

    kills: int = 20
    """Kills in all."""

    kills_a_job: int = 4
    """Kills of one job before it may end."""

    budget_s: float = 30.0
    """Training time of a job."""

    seconds: float = 1.0
    """Length of the clip."""

    width: int = 320
    """Width of the clip."""

    height: int = 180
    """Height of the clip."""

    seed: int = 0
    """Seed of the moments."""


@dataclass(frozen=True)
class Kill:
    """A kill that happened: after how many seconds, and what the job had said last."""

    after_s: float
    said: str


def main(config: Config) -> int:
    """Kill jobs, print a line for each, return the exit code."""
    rng = random.Random(config.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.mp4"
        began = time.monotonic()
        job(config, whole).wait()
        lasts_s = time.monotonic() - began
        print(f"uninterrupted: {lasts_s:.1f} s; {faults(config, whole) or 'fine'}", flush=True)
        left, failed = config.kills, 0
        while left > 0:
            output = Path(folder) / f"{left}.mp4"
            kills = killed(config, output, min(left, config.kills_a_job), lasts_s, rng)
            left -= max(len(kills), 1)
            wrong = faults(config, output)
            failed += bool(wrong)
            moments = ", ".join(f"{kill.after_s:.1f} s ({kill.said})" for kill in kills)
            print(f"killed after {moments}: {wrong or 'fine'}", flush=True)
    print(f"{failed} jobs went wrong")
    return 1 if failed else 0


def job(config: Config, output: Path) -> subprocess.Popen[str]:
    """Start the command in a process group of its own."""
    words = [sys.executable, "-m", "scenegen", "walkthrough", str(config.input), "-o", str(output)]
    words += ["--budget-s", str(config.budget_s), "--seconds", str(config.seconds)]
    words += ["--width", str(config.width), "--height", str(config.height)]
    log = output.with_suffix(".log").open("a")
    with log:
        return subprocess.Popen(words, stderr=log, stdout=log, text=True, start_new_session=True)


def killed(
    config: Config, output: Path, times: int, lasts_s: float, rng: random.Random
) -> Sequence[Kill]:
    """Run a job with ``times`` kills, fewer if it ends before one, and let it end."""
    kills: list[Kill] = []
    while True:
        running = job(config, output)
        if len(kills) == times:
            running.wait()
            return kills
        moment_s = rng.uniform(0.0, 0.8 * lasts_s)
        try:
            running.wait(moment_s)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            said = output.with_suffix(".log").read_text().splitlines()
            kills.append(Kill(moment_s, said[-1].removeprefix("scenegen: ") if said else "start"))
        else:
            return kills


def faults(config: Config, output: Path) -> str:
    """Return what is wrong with a job that ended; nothing if all is well."""
    import av

    from scenegen.errors import SceneGenError
    from scenegen.lift.scene_folder import load_scene

    if not output.is_file():
        return f"no clip: {output.with_suffix('.log').read_text()[-300:]}"
    with av.open(str(output)) as clip:
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
    try:
        scene = load_scene(output.with_suffix(".scenegen") / "scene")
    except SceneGenError as error:
        return str(error)
    expected = round(config.seconds * 24)
    wrong = [] if len(frames) == expected else [f"{len(frames)} of {expected} frames"]
    wrong += [] if np.std(frames) > 5 else ["empty frames"]
    trained_s = float(scene.facts["train_s"])
    wrong += [] if trained_s >= config.budget_s else [f"trained for {trained_s} s"]
    work = [output.parent, output.with_suffix(".scenegen")]
    wrong += [f"left behind: {file}" for folder in work for file in folder.glob("*.partial")]
    wrong += [f"left behind: {file}" for folder in work for file in folder.glob(".*")]
    return "; ".join(wrong)


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Config, description=__doc__)))
