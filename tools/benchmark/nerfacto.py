"""nerfstudio's nerfacto on the same photos, where nerfstudio is installed.

It runs as a process of its own, so that it may live in another environment, and on the CPU, as ours
does. It knows no budget of time, so it is stopped when its time is up, which counts from its first
iteration on, and its newest checkpoint is measured by ``ns-eval``.

Source: nerfstudio 1.1.5, ``engine/trainer.py`` and ``scripts/eval.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from PIL import Image

from benchmark.training import HOLDOUT_EVERY, Subject
from scenegen.errors import UsageError
from scenegen.files import read_json, write_json
from scenegen.ingest.capture import load_capture
from scenegen.ingest.transforms import write_transforms
from scenegen.lift.pixels import load_photo
from scenegen.types import Photo

Facts = dict[str, Any]

EXPERIMENT, STAMP = "benchmark", "run"
_STEPS_PER_SAVE = 1
"""An iteration takes some 10 s on two cores; beside that a checkpoint takes no time."""
_MEASURED_DOWNSCALE = 4
"""Held-out photos are reduced by this once more: a whole one takes as long as ten iterations."""
_BEGUN = "dataparser_transforms.json"
"""What nerfstudio writes when it begins to train."""
_START_S = 600.0
"""How long it may take until then."""
_STOP_S = 60.0
"""How long a process may take to end once it was asked to."""


def find_trainer(named: Path | None) -> Path | None:
    """Return the ``ns-train`` to use: the one that was named, or that of this environment.

    Raises `UsageError` for a name behind which there is none.
    """
    found = shutil.which(str(named) if named else "ns-train")
    if named and not found:
        raise UsageError(f"{named}: expected nerfstudio's ns-train, found no such program")
    return Path(found) if found else None


def measure_nerfacto(subject: Subject, trainer: Path) -> Facts:
    """Train nerfacto for each budget, from the start, and return its PSNR on held-out photos."""
    data = reduced_capture(subject, subject.work / f"{subject.name}-nerfstudio")
    rows = []
    for budget_s in subject.effort.nerfacto_budgets_s:
        rows.append({"budget_s": budget_s, **_run(trainer, data, budget_s)})
    return {"scene": subject.name, "budgets": rows}


def reduced_capture(subject: Subject, folder: Path) -> Path:
    """Write the photos at training size, with the same ones held out, as nerfstudio reads them.

    Those held out are smaller by `_MEASURED_DOWNSCALE`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "images").mkdir(parents=True)
    photos = []
    for index, photo in enumerate(load_capture(subject.capture).photos):
        further = 1 if index % HOLDOUT_EVERY else _MEASURED_DOWNSCALE
        pixels = load_photo(photo, subject.downscale * further)
        file = folder / "images" / f"{photo.file.stem}.png"
        Image.fromarray(pixels.rgb).save(file)
        photos.append(Photo(file, pixels.camera))
    transforms = folder / "transforms.json"
    write_transforms(transforms, photos, None)
    names = [f"images/{photo.name}" for photo in photos]
    heldout = names[::HOLDOUT_EVERY]
    content = read_json(transforms, UsageError)
    content["train_filenames"] = [name for name in names if name not in heldout]
    content["val_filenames"] = content["test_filenames"] = heldout
    write_json(transforms, content)
    return folder


def train_command(trainer: Path, data: Path, output: Path) -> list[str]:
    """Return the command that trains until it is stopped."""
    return [
        *(str(trainer), "nerfacto", "--data", str(data), "--output-dir", str(output)),
        *("--machine.device-type", "cpu", "--pipeline.model.implementation", "torch"),
        *("--experiment-name", EXPERIMENT, "--timestamp", STAMP, "--vis", "tensorboard"),
        *("--max-num-iterations", "1000000", "--steps-per-save", str(_STEPS_PER_SAVE)),
        *("--steps-per-eval-batch", "1000000", "--steps-per-eval-image", "1000000"),
        *("--steps-per-eval-all-images", "1000000", "nerfstudio-data", "--downscale-factor", "1"),
    ]


def _run(trainer: Path, data: Path, budget_s: float) -> Facts:
    output = data / f"output-{budget_s:g}s"
    made = output / EXPERIMENT / "nerfacto" / STAMP
    log = data / "ns-train.log"
    facts = _train(train_command(trainer, data, output), made / _BEGUN, log, budget_s)
    checkpoint = newest_checkpoint(made / "nerfstudio_models")
    if checkpoint is None:
        facts = {"note": f"no checkpoint in {budget_s:g} s", **facts}
        return {**facts, "log": log.read_text(errors="replace")[-300:].strip()}
    facts["iterations"] = int(checkpoint.stem.partition("-")[2]) + 1
    return {**facts, **_evaluate(trainer, made / "config.yml", data / f"eval-{budget_s:g}s.json")}


def _train(command: list[str], begun: Path, log: Path, budget_s: float) -> Facts:
    """Run a command until its budget is up, which counts from when it has written ``begun``."""
    facts: Facts = {}
    start = time.perf_counter()
    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _await(process, begun)
            facts["start_s"] = round(time.perf_counter() - start, 1)
            process.wait(budget_s)
            facts["note"] = f"ns-train ended by itself, with exit status {process.returncode}"
        except subprocess.TimeoutExpired:
            pass
        finally:
            _stop(process)
    return facts


def _await(process: subprocess.Popen[bytes], file: Path) -> None:
    """Wait until a process has written a file, has ended, or has taken far too long for that."""
    last = time.perf_counter() + _START_S
    while not file.is_file() and process.poll() is None and time.perf_counter() < last:
        time.sleep(0.05)


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest whole checkpoint and remove what is not whole.

    nerfstudio removes a checkpoint when the next one is whole, so of two the newer was interrupted.
    """
    found = sorted(folder.glob("step-*.ckpt"))
    for unfinished in found[1:]:
        unfinished.unlink()
    return found[0] if found else None


def _evaluate(trainer: Path, settings: Path, figures: Path) -> Facts:
    begun = time.perf_counter()
    command = [str(trainer.with_name("ns-eval")), "--load-config", str(settings)]
    # The checkpoints hold scalars of NumPy, which PyTorch since 2.6 does not load unless told.
    surroundings = {**os.environ, "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}
    done = subprocess.run(
        [*command, "--output-path", str(figures)],
        capture_output=True,
        text=True,
        check=False,
        env=surroundings,
    )
    found = parse_eval(figures)
    if "note" in found:
        found["log"] = done.stderr[-300:].strip()
    return {**found, "eval_s": round(time.perf_counter() - begun, 1)}


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, and the processes that read photos for it, which it leaves behind."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def parse_eval(file: Path) -> Facts:
    """Return the figures of ``ns-eval`` under our names; a note if there are none."""
    try:
        results = json.loads(file.read_text())["results"]
        return {
            "heldout_psnr_db": round(float(results["psnr"]), 3),
            "heldout_ssim": round(float(results["ssim"]), 4),
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        return {"note": f"ns-eval gave no figures ({type(error).__name__})"}
