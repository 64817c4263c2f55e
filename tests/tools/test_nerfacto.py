"""Calling nerfstudio, tried with a stand-in that takes the same commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmark.effort import Effort
from benchmark.nerfacto import find_trainer, measure_nerfacto, parse_eval, reduced_capture
from benchmark.training import Subject
from PIL import Image

from scenegen.errors import UsageError
from scenegen.ingest.capture import load_capture
from tests.rooms import room_photos

NS_TRAIN = """
import sys, time
from pathlib import Path
words = sys.argv[1:]
option = lambda name: words[words.index(name) + 1]
assert words[0] == "nerfacto" and "nerfstudio-data" in words
assert (Path(option("--data")) / "transforms.json").is_file()
made = Path(option("--output-dir")) / option("--experiment-name") / "nerfacto"
made = made / option("--timestamp")
(made / "nerfstudio_models").mkdir(parents=True)
(made / "config.yml").write_text("config")
if SAVES:
    (made / "nerfstudio_models" / "step-000000010.ckpt").write_text("weights")
print("Training")
time.sleep(60)
"""
NS_EVAL = """
import json, sys
from pathlib import Path
words = sys.argv[1:]
option = lambda name: words[words.index(name) + 1]
assert Path(option("--load-config")).read_text() == "config"
results = {"psnr": 12.3456, "psnr_std": 0.5, "ssim": 0.43214}
Path(option("--output-path")).write_text(json.dumps({"results": results}))
"""


def stand_in(folder: Path, saves: bool = True) -> Path:
    folder.mkdir()
    for name, code in (("ns-train", NS_TRAIN), ("ns-eval", NS_EVAL)):
        program = folder / name
        program.write_text(f"#!{sys.executable}\nSAVES = {saves}\n{code}")
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
    assert (content["w"], content["h"]) == (48, 36)
    assert content["test_filenames"] == ["images/00.png", "images/08.png"]
    assert len(content["train_filenames"]) == 7
    photos = load_capture(folder).photos
    np.testing.assert_allclose(photos[1].camera.lens.fl_x, 0.8 * 48)
    with Image.open(photos[1].file) as image:
        assert image.size == (48, 36)


def test_it_is_stopped_after_its_budget_and_measured(tmp_path: Path):
    found = measure_nerfacto(subject(tmp_path), stand_in(tmp_path / "bin"))
    row = found["budgets"][0]
    assert (row["budget_s"], row["heldout_psnr_db"], row["heldout_ssim"]) == (1.0, 12.346, 0.4321)


def test_a_budget_too_short_for_a_checkpoint_is_said(tmp_path: Path):
    found = measure_nerfacto(subject(tmp_path), stand_in(tmp_path / "bin", saves=False))
    assert found["budgets"][0]["note"] == "no checkpoint in 1 s"


@pytest.mark.parametrize("content", [None, "not JSON", "{}", '{"results": {"psnr": 20.0}}'])
def test_an_evaluation_without_figures_is_said(tmp_path: Path, content: str | None):
    file = tmp_path / "eval.json"
    if content is not None:
        file.write_text(content)
    assert "ns-eval gave no figures" in parse_eval(file)["note"]
