"""Reports: what is in them, and that they are written whatever happens to the job."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scenegen import __version__
from scenegen.errors import OutputError
from scenegen.report import Report, peak_rss_mb


def test_a_report_has_the_figures_and_the_seconds_of_each_stage(tmp_path: Path) -> None:
    report = Report("lift", tmp_path / "new" / "report.json")
    with report.stage("ingest"):
        pass
    with pytest.raises(ZeroDivisionError), report.stage("lift"):
        _ = 1 / 0
    report.note(photos_total=36, photos_posed=35)
    report.write()
    written = json.loads((tmp_path / "new" / "report.json").read_text())
    assert written["version"] == __version__
    assert written["command"] == "lift"
    assert written["photos_posed"] == 35
    assert list(written["seconds"]) == ["ingest", "lift"]
    assert written["peak_rss_mb"] > 10
    assert "error" not in written


def test_a_failed_job_is_reported_with_its_error(tmp_path: Path) -> None:
    report = Report("lift", tmp_path / "report.json")
    report.note(photos_total=2)
    report.write(error="two photos")
    written = json.loads((tmp_path / "report.json").read_text())
    assert (written["error"], written["photos_total"]) == ("two photos", 2)


def test_what_is_no_number_in_json_becomes_null(tmp_path: Path) -> None:
    report = Report("evaluate", tmp_path / "report.json")
    report.note(heldout_psnr_db=float("inf"), heldout_ssim=float("nan"), heldout_views=0)
    report.write()
    written = json.loads((tmp_path / "report.json").read_text())
    assert (written["heldout_psnr_db"], written["heldout_ssim"]) == (None, None)
    assert written["heldout_views"] == 0


def test_a_folder_as_report_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as error:
        Report("lift", tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: expected the name of a JSON file, found a folder; "
        f"pass --report {tmp_path}/report.json"
    )


def test_the_peak_counts_children_too() -> None:
    code = (
        "import subprocess, sys; from scenegen.report import peak_rss_mb; "
        "subprocess.run([sys.executable, '-c', 'x = bytearray(300_000_000)'], check=True); "
        "print(peak_rss_mb())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    # Linux counts what the process that forked it held, too; a wrong unit would be off by 1000.
    assert 300 < float(run.stdout) < 10_000
    assert (peak_rss_mb() or 0) > 10
