"""What each part of the refiner is worth: networks that lack it, trained on the same batches.

    python tools/refiner_ablations.py out/pairs --begin out/refiner/refiner.safetensors --steps 200

Some six seconds a step on two cores, for all of them together. They begin untrained, or as a
trained network from which the part is taken. A checkpoint is kept every fifty steps, so a training
that was killed goes on. Clips of the scenes that are left out measure them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np
import tyro
from refiner_measures import spectrum_ratio
from safetensors.torch import load_file, save
from train_refiner import Ablation, batches_without, begun_without, spread
from train_refiner import Config as TrainingConfig
from tyro.conf import Positional

from scenegen.errors import UsageError
from scenegen.files import write_atomic, write_json
from scenegen.lift.evaluate import psnr_db
from scenegen.refine.batches import completed, with_foreign_photos, with_render
from scenegen.refine.fit import Batch, Training
from scenegen.refine.network import Refiner
from scenegen.refine.pairs import Pair, read_pair
from scenegen.refine.sampler import Refined, refine_shot
from scenegen.refine.weights import load_refiner, save_refiner
from scenegen.render.steadiness import clip_steadiness
from scenegen.types import Frame

WHOLE = "nothing"
_OWN_BATCHES = ("photos", "anchored noise", "real renders")
_KEEP_EVERY = 50


@dataclass(frozen=True)
class Config:
    """What to learn from, for how long."""

    pairs: Positional[Path]
    """Folder of clips."""

    output: Path = Path("out/ablations")
    """Folder of the checkpoints and of the table."""

    without: tuple[Ablation, ...] = get_args(Ablation)
    """Parts that are left out, each in a network of its own."""

    begin: Path | None = None
    """Weights of a whole network, which all begin with."""

    steps: int = 400
    clips: int = 4
    rate: float = 4e-4

    leave_out: tuple[str, ...] = ("lund_street", "ditch_02")
    """Scenes whose clips measure."""

    looked_at: int = 24
    """Clips of theirs that do."""


def main(config: Config) -> None:
    """Train all, then measure all, and write the table."""
    files = sorted(config.pairs.glob("*.safetensors"))
    held = [file for file in files if file.name.startswith(config.leave_out)]
    if not held or len(held) == len(files):
        raise UsageError(
            f"{config.pairs}: expected clips that train and clips of {', '.join(config.leave_out)} "
            f"that measure, found {len(files) - len(held)} and {len(held)}; make more, or name "
            "others by --leave-out"
        )
    parts = (None, *config.without)
    trained = _trained(parts, [file for file in files if file not in held], config)
    pairs = list(_measuring(spread(held, config.looked_at), config.leave_out))
    found: dict[str, dict[str, float]] = {}
    for part, training in zip(parts, trained, strict=True):
        name = part or WHOLE
        save_refiner(training.average, _file(config, part, "weights"), {"steps": f"{config.steps}"})
        found[name] = measured(training.average, pairs)
        print(json.dumps({name: found[name]}), flush=True)
        write_json(config.output / "figures.json", found)
    (config.output / "table.md").write_text("".join(_table(found)), encoding="utf-8")


def _trained(
    parts: tuple[Ablation | None, ...], files: list[Path], config: Config
) -> list[Training]:
    """Return the trainings without each part, all of their steps done."""
    one = TrainingConfig(config.pairs, steps=config.steps, clips=config.clips, rate=config.rate)
    trainings = [begun_without(part, one) for part in parts]
    if config.begin is not None:
        one = replace(one, alone=0.0)
        weights = load_refiner(config.begin).state_dict()
        for network in (net for made in trainings for net in (made.network, made.average)):
            network.load_state_dict(weights, strict=False)  # a part's own weights have no place
    states = [_file(config, part, "training") for part in parts]
    for training, state in zip(trainings, states, strict=True):
        if state.is_file():
            training.go_on(load_file(state))
    draw: dict[Ablation | None, Callable[[int], Batch]] = {
        part: batches_without(part, files, one) for part in parts if part in (None, *_OWN_BATCHES)
    }
    config.output.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    for step in range(min(training.done for training in trainings), config.steps):
        batches = {part: drawn(step) for part, drawn in draw.items()}
        for part, training, state in zip(parts, trainings, states, strict=True):
            if training.done > step:
                continue
            list(training.fit([batches[part if part in batches else None]]))
            if training.done % _KEEP_EVERY == 0 or training.done == config.steps:
                flat = {name: value.contiguous() for name, value in training.state().items()}
                write_atomic(state, save(flat))
        if step % 10 == 0:
            print(f"step {step}, {time.monotonic() - began:.0f} s", flush=True)
    return trainings


def _file(config: Config, part: Ablation | None, kind: str) -> Path:
    return config.output / f"without_{(part or WHOLE).replace(' ', '_')}.{kind}.safetensors"


def measured(network: Refiner, pairs: list[tuple[Pair, Pair]]) -> dict[str, float]:
    """Return the figures of a network, in the mean over clips; decibels are over the render."""
    rows = [_row(network, pair, other) for pair, other in pairs]
    return {key: round(float(np.nanmean([row[key] for row in rows])), 4) for key in rows[0]}


def _measuring(files: list[Path], scenes: tuple[str, ...]) -> Iterator[tuple[Pair, Pair]]:
    """Yield clips, each beside one of another scene; where there is none, of another place."""
    for at, file in enumerate(files):
        own = next(scene for scene in scenes if file.name.startswith(scene))
        others = [other for other in files if not other.name.startswith(own)]
        others = others or files[at + 1 :] + files[:at] or [file]
        yield read_pair(file), read_pair(others[at % len(others)])


def _row(network: Refiner, pair: Pair, other: Pair) -> dict[str, float]:
    middle = len(pair.frames) // 2
    seen, target = pair.trusted[middle] > 0.5, completed(pair)[middle]
    shot = list(refine_shot(pair.frames, network))
    shown = np.where(seen[..., None], shot[middle].rgb, target)
    clean = list(refine_shot(with_render(pair, pair.target).frames, network))[middle].rgb
    foreign = with_foreign_photos(pair, other, np.random.default_rng(0))
    fooled = list(refine_shot(foreign.frames, network))[middle].rgb
    before = psnr_db(pair.frames[middle].rgb[seen], target[seen])
    return {
        "psnr_db": psnr_db(shot[middle].rgb[seen], target[seen]) - before,
        "sharpness": spectrum_ratio(shown, target),
        "reprojection": 255 * _unsteadiness(pair, shot),
        "clean_psnr_db": psnr_db(clean[seen], target[seen]),
        "foreign_photos_db": psnr_db(fooled[seen], target[seen]) - before,
        "made_up": float(np.abs(shot[middle].made_up).mean()),
    }


def _unsteadiness(pair: Pair, shot: list[Refined]) -> float:
    frames = [
        Frame(at, np.rint(255 * one.rgb).astype(np.uint8), given.depth, given.opacity)
        for at, (given, one) in enumerate(zip(pair.frames, shot, strict=True))
    ]
    return clip_steadiness([given.camera for given in pair.frames], frames)[0]


_COLUMNS = {
    "psnr_db": "PSNR over the render, dB",
    "sharpness": "sharpness",
    "reprojection": "reprojection error, 0..255",
    "clean_psnr_db": "clean comes back, dB",
    "foreign_photos_db": "with photos of another scene, dB",
    "made_up": "made up",
}


def _table(found: dict[str, dict[str, float]]) -> Iterator[str]:
    yield f"| without | {' | '.join(_COLUMNS.values())} |\n"
    yield f"|---|{'---:|' * len(_COLUMNS)}\n"
    for part, row in found.items():
        yield f"| {part} | {' | '.join(f'{row[key]:.3f}' for key in _COLUMNS)} |\n"


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
