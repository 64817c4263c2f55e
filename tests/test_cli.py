"""The command line itself: help, exit codes, reports, and what is said when things go wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from scenegen import __version__, pipeline
from scenegen.cli import main
from scenegen.commands import COMMANDS
from scenegen.errors import LiftError

ROOT = Path(__file__).resolve().parent.parent

OPTIONS = {
    "ingest": {"--output", "--report", "--quiet", "--debug", "--overwrite", "--seed"},
    "lift": {"--output", "--budget-s", "--downscale", "--holdout-every", "--seed", "--report"},
    "path": {"--output", "--seconds", "--fps", "--width", "--height", "--overwrite"},
    "preview": {
        "--output", "--overwrite", "--pictures", "--width", "--report", "--quiet", "--fps",
        "--normalised", "--rotation-order", "--metres-per-unit",
    },
    "render": {"--path", "--output", "--width", "--height", "--fps", "--seconds", "--frames"},
    "refine": {
        "--path", "--output", "--width", "--height", "--fps", "--seconds", "--frames", "--grade",
        "--overlay", "--refine-steps", "--refine-seed", "--refine-weights", "--refine-model",
    },
    "evaluate": {"--report", "--quiet", "--debug", "--refine"},
    "walkthrough": {
        "--output", "--budget-s", "--downscale", "--holdout-every", "--width", "--height", "--fps",
        "--seconds", "--frames", "--report", "--quiet", "--debug", "--overwrite", "--seed",
        "--no-refine", "--grade",
    },
    "imagine": {
        "--output", "--show", "--direct", "--seed", "--photos", "--samples", "--budget-s",
        "--seconds", "--fps", "--width", "--height", "--report", "--no-refine",
    },
    "studio": {"--host", "--port", "--token", "--quiet", "--debug"},
    "doctor": {"--report"},
}  # fmt: skip


def failing(error: BaseException) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def evaluate(*options: str) -> int:
    return main(["evaluate", "scene", *options])


def test_every_stage_is_a_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert list(COMMANDS) == list(OPTIONS)
    for name in COMMANDS:
        assert f"• {name} " in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_teaches_with_an_example(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example: scenegen {name}" in shown
    assert set(re.findall(r"--[a-z-]+", shown)) >= OPTIONS[name]


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"scenegen {__version__}\n"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (LiftError("scene: no field.safetensors"), 1, "scene: no field.safetensors"),
        (
            KeyError("weights"),
            1,
            "this should not happen (KeyError: 'weights'); run the same command with --debug "
            "to see where it arose, and report that text",
        ),
        *(
            (
                error,
                1,
                "the memory of this machine is full; close other programs, or take less at once "
                "(--downscale 2 for photos, a smaller --width and --height for a clip)",
            )
            for error in (
                MemoryError(),
                RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8"),
            )
        ),
        (KeyboardInterrupt(), 130, "stopped. Nothing was changed."),
        (KeyboardInterrupt("stopped; 3 frames are kept"), 130, "stopped; 3 frames are kept"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_a_report(
    error: BaseException,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(pipeline, "evaluate", failing(error))
    assert evaluate("--report", str(tmp_path / "report.json")) == code
    kind = "" if code == 130 else "error: "
    assert capsys.readouterr() == ("", f"scenegen: {kind}{said}\n")
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["error"], report["command"]) == (said, "evaluate")


def test_debug_shows_where_an_error_arose(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "evaluate", failing(LiftError("no scene")))
    assert evaluate("--debug") == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last):")
    assert said.endswith("scenegen.errors.LiftError: no scene\nscenegen: error: no scene\n")


def test_a_report_that_cannot_be_written_does_not_hide_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill_the_disk(*_: object) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        raise LiftError("no scene")

    monkeypatch.setattr(pipeline, "evaluate", fill_the_disk)
    report = tmp_path / "report.json"
    assert evaluate("--report", str(report)) == 1
    assert capsys.readouterr().err == (
        "scenegen: error: no scene\n"
        f"scenegen: error: {report}: the disk is full; free some space and run the command again\n"
    )
    assert os.listdir(tmp_path) == []


def test_figures_are_told_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured(*arguments: object) -> None:
        (report,) = (one for one in arguments if isinstance(one, pipeline.Report))
        report.note(heldout_psnr_db=27.514, heldout_ssim=0.8123, heldout_views=7)
        report.note(heldout_guided_psnr_db=29.25, heldout_guided_ssim=0.9012)

    monkeypatch.setattr(pipeline, "evaluate", measured)
    assert evaluate("--report", str(tmp_path / "report.json")) == 0
    assert capsys.readouterr() == (
        "27.51 dB PSNR, 0.812 SSIM (mean over 7 photos that did not train); "
        "guided by photos 29.25 dB, 0.901.\n",
        "",
    )
    assert json.loads((tmp_path / "report.json").read_text())["heldout_psnr_db"] == 27.514
    assert evaluate("--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m scenegen doctor | true; exit ${{PIPESTATUS[0]}}"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert run.stderr == ""


def test_ctrl_c_says_what_is_kept_and_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "photos"
    source.mkdir()
    code = (
        "import sys; from tests.golden.errors.generate import picture; "
        "[picture(i, 1200, 900).save(f'{sys.argv[1]}/{i}.jpg') for i in range(12)]"
    )
    subprocess.run([sys.executable, "-c", code, str(source)], check=True, cwd=ROOT)
    words = ["-m", "scenegen", "ingest", str(source), "--output", str(tmp_path / "capture")]
    job = subprocess.Popen(
        [sys.executable, *words],
        stderr=subprocess.PIPE,
        text=True,
        # Shells let jobs in the background ignore Ctrl-C, and this test may be run in one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert job.stderr is not None
    for line in job.stderr:
        if "Finding features" in line:
            break
    job.send_signal(signal.SIGINT)
    rest = job.communicate(timeout=30)[1]
    assert rest.splitlines()[-1] == "scenegen: stopped. Nothing was changed."
    assert job.returncode == 130
    assert os.listdir(tmp_path) == ["photos"]
