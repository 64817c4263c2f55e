"""nerfstudio's nerfacto on the same photos, where nerfstudio is installed.

It runs as a process of its own, so that it may live in another environment. It knows no budget of
time, so it is stopped when its time is up and its newest checkpoint is measured by ``ns-eval``.
"""

from __future__ import annotations

import json
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
from scenegen.lift.pixels import load_pixels
from scenegen.types import Photo

Facts = dict[str, Any]

EXPERIMENT, STAMP = "benchmark", "run"
_STEPS_PER_SAVE = 10
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
    """Write the photos at training size, with the same ones held out, as nerfstudio reads them."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "images").mkdir(parents=True)
    source = load_capture(subject.capture).photos
    photos = []
    for photo, pixels in zip(source, load_pixels(source, subject.downscale), strict=True):
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
        *("--experiment-name", EXPERIMENT, "--timestamp", STAMP, "--vis", "tensorboard"),
        *("--max-num-iterations", "1000000", "--steps-per-save", str(_STEPS_PER_SAVE)),
        *("--steps-per-eval-batch", "1000000", "--steps-per-eval-image", "1000000"),
        *("--steps-per-eval-all-images", "1000000", "nerfstudio-data", "--downscale-factor", "1"),
    ]


def _run(trainer: Path, data: Path, budget_s: float) -> Facts:
    output = data / f"output-{budget_s:g}s"
    made = output / EXPERIMENT / "nerfacto" / STAMP
    with (data / "ns-train.log").open("w") as log:
        process = subprocess.Popen(
            train_command(trainer, data, output), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            process.wait(budget_s)
        except subprocess.TimeoutExpired:
            _stop(process)
    checkpoints = sorted(made.glob("nerfstudio_models/*.ckpt"))
    if not checkpoints:
        tail = (data / "ns-train.log").read_text(errors="replace")[-300:].strip()
        return {"note": f"no checkpoint in {budget_s:g} s", "log": tail}
    figures = data / f"eval-{budget_s:g}s.json"
    begun = time.perf_counter()
    command = [str(trainer.with_name("ns-eval")), "--load-config", str(made / "config.yml")]
    subprocess.run([*command, "--output-path", str(figures)], capture_output=True, check=False)
    return {**parse_eval(figures), "eval_s": round(time.perf_counter() - begun, 1)}


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
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
