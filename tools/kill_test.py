"""Kill the whole command at random moments, let it go on, and look at what comes out.

    python tools/kill_test.py scenes/courtyard --kills 20 --budget-s 30

Each job is `scenegen walkthrough`, killed with SIGKILL (its child processes too) a few times and
then left to end: anywhere, after training has left a checkpoint, and after rendering has kept a
frame. It has to go on with what was kept, to end with a scene that loads and a clip of all its
frames, and nothing half-finished may lie beside them. Exit code 0 if all jobs do, and if at least
one each went on with its training and with its rendering.
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

    kills_a_job: int = 3
    """Kills of one job before it may end."""

    budget_s: float = 30.0
    """Training time of a job; a checkpoint comes after the first 10 seconds."""

    seconds: float = 1.0
    """Length of the clip."""

    width: int = 320
    """Width of the clip."""

    height: int = 180
    """Height of the clip."""

    seed: int = 0
    """Seed of the moments."""


TRAINING = "going on with the training"
RENDERING = "frames are there already"
TARGETS = (None, TRAINING, RENDERING)
"""Kills of a job in turn: anywhere, then once there is something for the next run to go on with."""
LONGEST_S = {TRAINING: 2.0, RENDERING: 0.15}
"""How long after that the kill may come: there has to be something left to do."""


@dataclass(frozen=True)
class Kill:
    """A kill that happened: after how many seconds, and what the job had said last.

    ``owed`` is what the log has to say later on, behind its first ``logged`` characters.
    """

    after_s: float
    said: str
    owed: Sequence[str]
    logged: int


def main(config: Config) -> int:
    """Kill jobs, print a line for each, return the exit code."""
    rng = random.Random(config.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as folder:
        left, failed, resumed = config.kills, 0, {TRAINING: 0, RENDERING: 0}
        while left > 0:
            output = Path(folder) / f"{left}.mp4"
            kills = killed(config, output, min(left, config.kills_a_job), rng)
            left -= max(len(kills), 1)
            wrong = "; ".join(filter(None, [faults(config, output), lost(output, kills)]))
            failed += bool(wrong)
            for kill in kills:
                resumed.update({owed: resumed[owed] + (not wrong) for owed in kill.owed})
            moments = ", ".join(f"{kill.after_s:.1f} s ({kill.said})" for kill in kills)
            print(f"killed after {moments}: {wrong or 'fine'}", flush=True)
    print(f"went on with the training {resumed[TRAINING]}x, the rendering {resumed[RENDERING]}x")
    print(f"{failed} jobs went wrong")
    return 0 if not failed and all(resumed.values()) else 1


def job(config: Config, output: Path) -> subprocess.Popen[str]:
    """Start the command in a process group of its own."""
    words = [sys.executable, "-m", "scenegen", "walkthrough", str(config.input), "-o", str(output)]
    words += ["--budget-s", str(config.budget_s), "--seconds", str(config.seconds)]
    words += ["--width", str(config.width), "--height", str(config.height)]
    log = output.with_suffix(".log").open("a")
    with log:
        return subprocess.Popen(words, stderr=log, stdout=log, text=True, start_new_session=True)


def killed(config: Config, output: Path, times: int, rng: random.Random) -> Sequence[Kill]:
    """Run a job with ``times`` kills, fewer if it ends before one, and let it end."""
    kills: list[Kill] = []
    log = output.with_suffix(".log")
    while True:
        running = job(config, output)
        if len(kills) == times:
            running.wait()
            return kills
        began, target = time.monotonic(), TARGETS[len(kills) % len(TARGETS)]
        while target and running.poll() is None and target not in kept(output):
            time.sleep(0.01)
        try:
            running.wait(rng.uniform(0.0, LONGEST_S[target] if target else config.budget_s))
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            said = log.read_text()
            last = said.splitlines()[-1].removeprefix("scenegen: ") if said else "start"
            kills.append(Kill(time.monotonic() - began, last, kept(output), len(said)))
        else:
            return kills


def kept(output: Path) -> Sequence[str]:
    """Return what the next run has to say, by what the last one left."""
    checkpoint = output.with_suffix(".scenegen") / "scene.partial" / "checkpoint.safetensors"
    frames = output.parent.glob(f".{output.name}.*.partial/0*")
    return [*([TRAINING] if checkpoint.is_file() else []), *([RENDERING] if any(frames) else [])]


def lost(output: Path, kills: Sequence[Kill]) -> str:
    """Return what was kept at a kill but not gone on with; nothing if all is well."""
    log = output.with_suffix(".log").read_text()
    missing = [
        f"killed after {kill.after_s:.1f} s, and no {owed!r} since"
        for kill in kills
        for owed in kill.owed
        if owed not in log[kill.logged :]
    ]
    return "; ".join(missing)


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
