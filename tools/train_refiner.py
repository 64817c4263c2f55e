"""Train the refiner on clips made by tools/refiner_pairs.py, on the CPU, in hours.

    python tools/train_refiner.py out/pairs --output out/refiner --hours 3
    python tools/train_refiner.py out/pairs --device cuda --workers 14 --clips 32

A checkpoint is written every few minutes, with a line of figures: a training that was stopped or
killed goes on from it. First frames alone are learned from, then clips of three. Scenes named by
--leave-out never train: the figures of every line are theirs.
"""

from __future__ import annotations

import copy
import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import tyro
from safetensors.torch import load_file, save
from torch.utils.data import DataLoader, Dataset
from tyro.conf import Positional

from scenegen.errors import UsageError
from scenegen.files import write_atomic
from scenegen.lift.evaluate import psnr_db
from scenegen.refine.batches import BatchConfig, Batches
from scenegen.refine.bridge import Bridge
from scenegen.refine.fit import Batch, FitConfig, Step, Training
from scenegen.refine.grade import anchors
from scenegen.refine.network import Refiner, Sizes
from scenegen.refine.pairs import Pair, read_pair
from scenegen.refine.sampler import refine_shot
from scenegen.refine.weights import save_refiner

Ablation = Literal[
    "noise", "noise by opacity", "photos", "copies", "frames around", "alignment", "anchored noise",
    "real renders", "diffusion",
]  # fmt: skip
_SIZES: dict[str, dict[str, int]] = {
    "photos": {"photos": 0}, "copies": {"copies": 0}, "frames around": {"layers": 0},
    "alignment": {"aligned": 0}, "anchored noise": {"anchored": 0},
}  # fmt: skip
_QUIET = {"kappa_seen": 0.0, "kappa_hole": 0.0}
_BRIDGES: dict[str, dict[str, float]] = {
    "noise": _QUIET, "diffusion": _QUIET,
    "noise by opacity": {"kappa_hole": 0.15},
}  # fmt: skip
STATE, WEIGHTS, CURVE = "training.safetensors", "refiner.safetensors", "curve.csv"
KEEP_EVERY_S = 300.0
_LOOKED_AT = 24


@dataclass(frozen=True)
class Config:
    """How long to train, on what."""

    pairs: Positional[Path]
    """Folder of clips."""

    output: Path = Path("out/refiner")
    """Folder of the checkpoint, the weights and the curve."""

    hours: float = 3.0
    """Hours of training in all, over all runs."""

    alone: float = 0.2
    """Share of the steps in which frames are learned from one by one."""

    leave_out: tuple[str, ...] = ("lund_street", "ditch_02")
    """Scenes whose clips measure the training."""

    steps: int = 6000
    """Steps that the schedule of the learning rate is made for."""

    clips: int = 8
    """Clips of three frames in a batch; three times as many frames while they are alone."""

    rate: float = FitConfig.rate
    """Learning rate, at its highest; larger batches bear more."""

    seed: int = 0

    device: str = "cpu"
    """What the network is trained on: cpu, or cuda for a GPU."""

    workers: int = 0
    """Processes that make batches meanwhile: a GPU waits for some ten of them."""

    leave: Ablation | None = None
    """What to leave out, to see what it is worth."""


def main(config: Config) -> None:
    """Train until the steps or the hours are over."""
    files = sorted(config.pairs.glob("*.safetensors"))
    held = [file for file in files if file.name.startswith(config.leave_out)]
    files = [file for file in files if file not in held]
    if not files:
        raise UsageError(f"{config.pairs}: expected clips, found none; make some first")
    training = begun_without(config.leave, config)
    spent = _gone_on(training, config.output)
    looked_at = [read_pair(file) for file in spread(held, _LOOKED_AT)]
    begun = kept = time.monotonic()
    sums: list[Step] = []
    for step in _steps(training, files, config):
        sums.append(step)
        now = time.monotonic()
        over = spent + now - begun > 3600 * config.hours or step.index >= config.steps
        if over or now - kept > KEEP_EVERY_S:
            _keep(training, config.output, spent + now - begun, sums, looked_at)
            sums, kept = [], time.monotonic()
        if over:
            return


def begun_without(part: Ablation | None, config: Config) -> Training:
    """Return the beginning of a training without a part."""
    torch.manual_seed(config.seed)
    sizes, bridge, fit = Sizes(), Bridge(), FitConfig(steps=config.steps, rate=config.rate)
    if part is not None:
        sizes = replace(sizes, **_SIZES.get(part, {}))
        bridge = replace(bridge, **_BRIDGES.get(part, {}))
        fit = replace(fit, last_alone=part == "diffusion")
    return Training(Refiner(sizes, bridge).to(config.device), fit)


def batches_without(
    part: Ablation | None, files: list[Path], config: Config
) -> Callable[[int], Batch]:
    """Return what draws the batches of the steps of a training without a part."""
    words = anchors()
    made = BatchConfig(config.clips, 3)
    made = replace(made, anchored=part != "anchored noise", photos=part != "photos")
    if part == "real renders":
        made = replace(made, simulated=1 - made.clean)
    alone = Batches(files, replace(made, clips=3 * made.clips, frames=1), config.seed, words)
    clips = Batches(files, made, config.seed, words)
    return _Turns(alone, clips, int(config.alone * config.steps))


@dataclass(frozen=True)
class _Turns:
    """Draws frames alone up to a step, then clips. It can be handed to other processes."""

    alone: Batches
    clips: Batches
    turn: int

    def __call__(self, step: int) -> Batch:
        return (self.alone if step < self.turn else self.clips)(step)


def _steps(training: Training, files: list[Path], config: Config) -> Iterator[Step]:
    drawn = batches_without(config.leave, files, config)
    ahead = DataLoader(
        _Drawn(drawn, config.steps),
        batch_size=None,  # they are batches already
        sampler=range(training.done, config.steps),
        num_workers=config.workers,
    )
    return training.fit((batch.to(config.device) for batch in ahead), config.seed)


class _Drawn(Dataset[Batch]):
    """The batches of a training, by their steps."""

    def __init__(self, batches: Callable[[int], Batch], steps: int) -> None:
        self.batches, self.steps = batches, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch:
        return self.batches(step)


def _gone_on(training: Training, output: Path) -> float:
    """Take up a checkpoint where there is one; return the seconds that were spent on it."""
    if not (output / STATE).is_file():
        return 0.0
    flat = load_file(output / STATE)
    spent = float(flat.pop("spent_s"))
    training.go_on(flat)
    print(f"going on after {training.done} steps and {spent / 60:.0f} minutes", flush=True)
    return spent


def _keep(
    training: Training, output: Path, spent: float, steps: list[Step], pairs: list[Pair]
) -> None:
    state = {**training.state(), "spent_s": torch.tensor(spent, dtype=torch.float64)}
    write_atomic(output / STATE, save({k: v.contiguous() for k, v in state.items()}))
    facts = {"steps": str(training.done), "minutes": f"{spent / 60:.0f}"}
    save_refiner(training.average, output / WEIGHTS, facts)
    before, after = measured(copy.deepcopy(training.average).cpu(), pairs)
    row = {
        "minutes": round(spent / 60, 1),
        "step": training.done,
        "loss": round(float(np.mean([step.loss for step in steps])), 5),
        "colors": round(float(np.mean([step.colors for step in steps])), 5),
        "colors_before": round(float(np.mean([step.before for step in steps])), 5),
        "psnr_before_db": round(before, 3),
        "psnr_after_db": round(after, 3),
    }
    new = not (output / CURVE).is_file()
    with (output / CURVE).open("a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)
    print(row, flush=True)


def measured(network: Refiner, pairs: list[Pair]) -> tuple[float, float]:
    """Return the mean PSNR of the middle frames of clips, of their render and refined."""
    found = []
    for pair in pairs:
        middle = len(pair.frames) // 2
        frames = pair.frames[middle - 1 : middle + 2]
        refined = list(refine_shot(frames, network))[1]
        seen = pair.trusted[middle] > 0.5
        if not seen.any():
            continue
        target = pair.target[middle][seen]
        rendered = pair.frames[middle].rgb[seen]
        found.append([psnr_db(rendered, target), psnr_db(refined.rgb[seen], target)])
    before, after = np.mean(found, axis=0) if found else (np.nan, np.nan)
    return float(before), float(after)


def spread(files: list[Path], count: int) -> list[Path]:
    """Return at most so many of the files, from all of their order."""
    if len(files) <= count:
        return files
    return [files[at] for at in np.linspace(0, len(files) - 1, count).round().astype(int).tolist()]


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
