"""Calling nerfstudio, tried with a stand-in that takes the same commands."""

from __future__ import annotations

import fcntl
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmark.effort import Effort
from benchmark.nerfacto import (
    find_trainer,
    measure_nerfacto,
    newest_checkpoint,
    parse_eval,
    reduced_capture,
)
from benchmark.training import Subject
from PIL import Image

from scenegen.errors import UsageError
from scenegen.ingest.capture import load_capture
from tests.rooms import room_photos

NS_TRAIN = """
import fcntl, subprocess, sys, time
from pathlib import Path
words = sys.argv[1:]
option = lambda name: words[words.index(name) + 1]
assert words[0] == "nerfacto" and "nerfstudio-data" in words
assert option("--machine.device-type") == "cpu"
assert (Path(option("--data")) / "transforms.json").is_file()
made = Path(option("--output-dir")) / option("--experiment-name") / "nerfacto"
made = made / option("--timestamp")
(made / "nerfstudio_models").mkdir(parents=True)
(made / "config.yml").write_text("config")
print("Setting up")
if ENDS:
    sys.exit("CUDA is missing")
(made / "dataparser_transforms.json").write_text("{}")
if SAVES:
    (made / "nerfstudio_models" / "step-000000010.ckpt").write_text("weights")
    (made / "nerfstudio_models" / "step-000000011.ckpt").write_text("wei")
held = Path(sys.argv[0]).with_name("held").open("w")
fcntl.flock(held, fcntl.LOCK_EX)
subprocess.Popen(["sleep", "600"], pass_fds=[held.fileno()])
time.sleep(60)
"""
NS_EVAL = """
import json, os, sys
from pathlib import Path
assert os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] == "1"
words = sys.argv[1:]
option = lambda name: words[words.index(name) + 1]
settings = Path(option("--load-config"))
assert settings.read_text() == "config"
assert [f.read_text() for f in settings.parent.glob("nerfstudio_models/*")] == ["weights"]
results = {"psnr": 12.3456, "psnr_std": 0.5, "ssim": 0.43214}
Path(option("--output-path")).write_text(json.dumps({"results": results}))
"""


def stand_in(folder: Path, saves: bool = True, ends: bool = False) -> Path:
    folder.mkdir()
    for name, code in (("ns-train", NS_TRAIN), ("ns-eval", NS_EVAL)):
        program = folder / name
        program.write_text(f"#!{sys.executable}\nSAVES, ENDS = {saves}, {ends}\n{code}")
        program.chmod(0o755)
    return folder / "ns-train"


def subject(folder: Path) -> Subject:
    room = room_photos(folder / "room", 9)
    return Subject("room", room, 2, folder / "work", Effort(nerfacto_budgets_s=(1.0,)))


def test_the_trainer_is_found_by_name_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_trainer(None) is None
    with pytest.raises(UsageError, match="expected nerfstudio's ns-train, found no such program"):
        find_trainer(tmp_path / "ns-train")
    program = stand_in(tmp_path / "bin")
    assert find_trainer(program) == program
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_trainer(None) == program


def test_it_trains_from_the_same_reduced_photos_with_the_same_held_out(tmp_path: Path):
    own = subject(tmp_path)
    folder = reduced_capture(own, tmp_path / "data")
    content = json.loads((folder / "transforms.json").read_text())
    sizes = [(frame["w"], frame["h"]) for frame in content["frames"]]
    assert sizes == [(12, 9) if index % 8 == 0 else (48, 36) for index in range(9)]
    assert content["test_filenames"] == ["images/00.png", "images/08.png"]
    assert len(content["train_filenames"]) == 7
    photos = load_capture(folder).photos
    np.testing.assert_allclose(photos[1].camera.lens.fl_x, 0.8 * 48)
    with Image.open(photos[1].file) as image:
        assert image.size == (48, 36)


def test_it_is_stopped_after_its_budget_and_measured(tmp_path: Path):
    row = measure_nerfacto(subject(tmp_path), stand_in(tmp_path / "bin"))["budgets"][0]
    assert (row["budget_s"], row["heldout_psnr_db"], row["heldout_ssim"]) == (1.0, 12.346, 0.4321)
    assert row["iterations"] == 11  # they count from 0


def test_a_budget_too_short_for_a_checkpoint_is_said(tmp_path: Path):
    found = measure_nerfacto(subject(tmp_path), stand_in(tmp_path / "bin", saves=False))
    assert found["budgets"][0]["note"] == "no checkpoint in 1 s"


@pytest.mark.timeout(120)
def test_what_reads_photos_for_it_ends_with_it(tmp_path: Path):
    measure_nerfacto(subject(tmp_path), stand_in(tmp_path / "bin"))
    with (tmp_path / "bin" / "held").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # waits for as long as a process of its own has it


def test_an_error_of_its_own_is_kept(tmp_path: Path):
    row = measure_nerfacto(subject(tmp_path), stand_in(tmp_path / "bin", ends=True))["budgets"][0]
    assert row["note"] == "ns-train ended by itself, with exit status 1"
    assert row["log"].endswith("CUDA is missing")


def test_of_two_checkpoints_the_newer_was_interrupted(tmp_path: Path):
    assert newest_checkpoint(tmp_path) is None
    for step in (8, 9):
        (tmp_path / f"step-{step:09}.ckpt").touch()
    assert newest_checkpoint(tmp_path) == tmp_path / "step-000000008.ckpt"
    assert [file.name for file in tmp_path.iterdir()] == ["step-000000008.ckpt"]


@pytest.mark.parametrize("content", [None, "not JSON", "{}", '{"results": {"psnr": 20.0}}'])
def test_an_evaluation_without_figures_is_said(tmp_path: Path, content: str | None):
    file = tmp_path / "eval.json"
    if content is not None:
        file.write_text(content)
    assert "ns-eval gave no figures" in parse_eval(file)["note"]
