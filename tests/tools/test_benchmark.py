"""The benchmark's own code: which scenes, what goes on, what the tables say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from bench import BenchConfig, main
from benchmark import machine, studio
from benchmark.effort import Effort
from benchmark.page import (
    replaced,
    scenes_table,
    studio_table,
    tables,
    training_table,
    write_page,
)
from benchmark.plots import write_plots
from benchmark.reach import GOALS, Goal, reach_table
from benchmark.results import Results
from benchmark.scenes import downscale_for, find_scenes, posed_folder, yardstick
from benchmark.studio import measure_studio, playing, rate
from benchmark.training import Subject, measure_budgets, median_figures, run_command
from benchmark.watching import Seen
from PIL import Image

from scenegen.errors import IngestError, UsageError
from scenegen.ingest.capture import load_capture
from tests.rooms import room_photos
from tests.studio.browser import find_chromium

ROOT = Path(__file__).resolve().parents[2]

LIMITS = {
    "flops_per_s": 2e11,
    "tables": [
        {"table_kb": kb, "gathers_per_s": g, "scatters_per_s": g / 2, "stream_bytes_per_s": 8 * g}
        for kb, g in ((256, 2e9), (8192, 1e9), (65536, 1e8))
    ],
}


def measured() -> dict[str, dict]:
    """Figures of all parts, as a run would leave them."""
    runs = [{"heldout_psnr_db": p, "heldout_ssim": 0.8} for p in (26.5, 27.0, 26.0)]
    budgets = [{"budget_s": s, "runs": runs, **median_figures(runs)} for s in (15, 60, 120)]
    stage = {
        "stage": "encode",
        "seconds": 2e-7,
        "share": 0.5,
        "work": {"flops": 900, "gathers": 64, "scatters": 0, "stream_bytes": 0},
        "bytes": 512,
        "bound": "random loads",
        "of_limit": 0.4,
    }
    turns = {"samples_per_s": 2e6, "rays_per_s": 4e4}
    moving = {
        "frames_per_s": 8.04,
        "width_px": 480,
        "latency_s": 0.25,
        "sharp_s": 1.5,
        "cores_of_server": 0.5,
        "cores_of_browser": 1.25,
    }
    return {
        "training": {"scene": "fox", "budgets": budgets},
        "twin": {
            "native": turns,
            "torch": turns,
            "ratio": 12.5,
            "ratio_range": [11.0, 14.0],
            "ratio_of_cpu_time": 9.5,
            "ratio_without_torch_gathering": 8.0,
            "torch_threads": 1,
            "trainings": [{"budget_s": 60, "heldout_psnr_db": 21.25}],
        },
        "frames": {"full": {"s_per_frame": 0.45}},
        "memory": {"lift_peak_mb": 1234.0},
        "studio": {
            "bare": {**moving, "frames_per_s": 11.2},
            "film": {**moving, "play": {"frames_per_s": 12.0, "drift_s": -0.004, "lag_s": 0.1}},
        },
        "roofline": {
            "threads": 2,
            "limits": {"1": LIMITS, "2": LIMITS},
            "training": [stage],
            "rendering": [stage],
        },
    }


@pytest.fixture
def results(tmp_path: Path) -> Results:
    found = Results(tmp_path / "bench.json")
    for part, figures in measured().items():
        found.measure(part, {}, lambda figures=figures: figures)
    return found


def test_a_capture_is_its_own_scene(tmp_path: Path):
    room = room_photos(tmp_path / "room", 3)
    assert [(s.name, s.source) for s in find_scenes(room)] == [("room", room)]


def test_a_folder_of_captures_gives_each_of_them(tmp_path: Path):
    room_photos(tmp_path / "posed", 3)
    for name in ("flat", "nested/images"):
        (tmp_path / name).mkdir(parents=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / name / "a.JPG")
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "walk.mp4").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no scene")
    scenes = find_scenes(tmp_path)
    assert [scene.name for scene in scenes] == ["flat", "nested", "posed"]
    assert yardstick(scenes).name == "posed"
    (tmp_path / "flat").rename(tmp_path / "fox")
    assert yardstick(find_scenes(tmp_path)).name == "fox"


def test_folders_without_captures_are_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="expected photos or posed captures in it, found none"):
        find_scenes(tmp_path)
    with pytest.raises(UsageError, match="found no folder"):
        find_scenes(tmp_path / "absent")


def test_a_posed_capture_is_taken_as_it_is(tmp_path: Path):
    scene = find_scenes(room_photos(tmp_path / "room", 3))[0]
    assert posed_folder(scene, tmp_path / "cache") == scene.source
    assert not (tmp_path / "cache").exists()
    assert downscale_for(load_capture(scene.source)) == 1


def test_large_photos_are_reduced(tmp_path: Path):
    room = room_photos(tmp_path / "room", 3, width=1920, height=1080)
    assert downscale_for(load_capture(room)) == 4


def test_a_stopped_run_goes_on_with_what_is_missing(tmp_path: Path):
    calls: list[str] = []

    def work(name: str):
        return lambda: calls.append(name) or {"value": len(calls)}

    first = Results(tmp_path / "out" / "bench.json")
    first.measure("a", {"budgets": (1, 2)}, work("a"))
    again = Results(tmp_path / "out" / "bench.json")
    again.measure("a", {"budgets": (1, 2)}, work("a"))
    again.measure("b", {"budgets": (1, 2)}, work("b"))
    assert calls == ["a", "b"]
    assert (again["a"], again["b"], again["c"]) == ({"value": 1}, {"value": 2}, {})
    again.measure("a", {"budgets": (1, 3)}, work("a"))
    again.measure("a", {"budgets": (1, 3)}, work("a"), again=True)
    assert calls == ["a", "b", "a", "a"]
    assert Results(tmp_path / "out" / "bench.json")["a"] == {"value": 4}


def test_figures_of_another_commit_are_measured_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    results = Results(tmp_path / "bench.json")
    results.measure("a", {}, lambda: {"value": 1})
    monkeypatch.setattr(machine, "commit", lambda: "another")
    results.measure("a", {}, lambda: {"value": 2})
    assert results["a"] == {"value": 2}
    assert "another" in results.about(["a"])


def test_a_part_that_fails_is_noted_and_tried_again(tmp_path: Path):
    def fail() -> dict:
        raise IngestError("photos: too few; take more")

    results = Results(tmp_path / "bench.json")
    results.measure("scene dark", {}, fail)
    assert results["scene dark"] == {}
    assert "| dark | photos: too few |" in scenes_table(results, ["scene dark"])
    results.measure("scene dark", {}, lambda: {"value": 1})
    assert Results(tmp_path / "bench.json")["scene dark"] == {"value": 1}


def test_a_foreign_output_is_refused(tmp_path: Path):
    (tmp_path / "bench.json").write_text('{"parts": {}}')
    with pytest.raises(UsageError, match="holds no benchmark"):
        Results(tmp_path / "bench.json")


@pytest.mark.parametrize(
    ("value", "less", "verdict"),
    [
        (31.2, False, "aim"),
        (29.996, False, "aim"),
        (29.9, False, "floor"),
        (27.9, False, "below the floor"),
        (29.9, True, "aim"),
        (None, True, "not measured"),
    ],
)
def test_a_figure_is_held_against_floor_and_aim(value: float | None, less: bool, verdict: str):
    goal = Goal("quality", "dB", 28.0, 30.0, lambda _: value, less=less)
    assert goal.verdict(value) == verdict


def test_less_is_better_for_seconds():
    goal = Goal("frame", "s", 1.0, 0.5, lambda _: None, digits=3, less=True)
    verdicts = [goal.verdict(value) for value in (0.5, 0.7, 1.2)]
    assert verdicts == ["aim", "floor", "below the floor"]
    no_floor = Goal("full size", "dB", None, 27.0, lambda _: None)
    assert no_floor.verdict(26.0) == "below the aim"


def test_the_table_says_floor_aim_and_what_was_reached(results: Results):
    lines = reach_table(results).splitlines()
    assert lines[0].startswith("| fox | floor | aim | reached |")
    assert len(lines) == 2 + len(GOALS)
    assert "| held-out PSNR after 15 s | 26.00 dB | 26.80 dB | 26.50 dB | floor |" in lines
    assert "| native over the PyTorch twin | 8.0 x | 15.0 x | 12.5 x | floor |" in lines
    assert "| 960x540 frame at full quality | 1.000 s | 0.500 s | 0.450 s | aim |" in lines
    assert "| peak memory, 50 photos of 1080x1920 | 2.00 GB | 1.00 GB | 1.23 GB | floor |" in lines
    assert any(line.endswith("|  | not measured |") for line in lines)


def test_medians_leave_out_what_not_all_runs_have():
    runs = [{"a": 1.0, "b": 2.0, "c": "x"}, {"a": 3.0, "c": "x"}, {"a": 9.0, "b": 1.0, "c": "x"}]
    assert median_figures(runs) == {"a": 3.0}


def test_trainings_stand_beside_the_twin(results: Results):
    lines = training_table(results).splitlines()
    assert lines[3].startswith("| 60 s | 3 | 26.50 dB (26.00 to 27.00) |  | 0.800 |")
    assert lines[3].endswith("| 21.25 dB |  |")


def test_the_page_keeps_what_stands_around_the_tables(results: Results, tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text((ROOT / "docs" / "benchmarks.md").read_text())
    write_page(page, results)
    once = page.read_text()
    write_page(page, results)
    assert page.read_text() == once
    assert "## What was tried" in once
    for name, table in tables(results).items():
        assert f"<!-- measured: {name} -->\n{table}\n<!-- end: {name} -->" in once
    assert "| encode | 50 % | 200.0 | 900 | 64 |  | 512 | random loads | 40 % |" in once


def test_a_page_without_the_marks_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="<!-- measured: reach -->"):
        replaced("# Nothing\n", "reach", "table", tmp_path / "page.md")


def test_the_studio_is_told_with_and_without_a_film(results: Results):
    lines = studio_table(results).splitlines()
    assert lines[2].startswith("| nothing | 11.2 a second | 480 px | 0.25 s | 1.50 s |")
    assert lines[3].endswith("| 0.50, 1.25 | 12.0 a second | -0.00 s, 0.10 s |")
    reached = reach_table(results)
    assert "moving, 480 wide |  | 10.0 frames/s | 8.0 frames/s | below the aim |" in reached
    assert "960 wide |  | 2.0 s | 1.5 s | aim |" in reached


def test_pictures_count_once_and_from_the_first_move():
    pictures = [[0.5, 1, 960], [1.2, 2, 480], [1.6, 3, 480], [1.7, 3, 240], [3.0, 4, 480]]
    seen = Seen(np.linspace(1.0, 3.0, 21), np.array(pictures), np.zeros((0, 2)))
    found = rate(seen)
    assert found == {
        "frames_per_s": 1.5,
        "worst_gap_s": 1.4,
        "width_px": 480,
        "moves_per_s": 10.5,
    }


def test_a_clock_that_runs_fast_is_found():
    at = np.linspace(10.0, 14.0, 41)
    pictures = np.stack([at, np.arange(41.0), np.full(41, 480.0)], axis=1)
    seen = Seen(np.zeros(0), pictures, np.stack([at, 1.05 * (at - 10.0)], axis=1))
    found = playing(seen, 4.0)
    assert found["drift_s"] == pytest.approx(0.2, abs=1e-3)
    assert found["lag_s"] == 0.0
    assert found["frames_per_s"] == pytest.approx(10, rel=0.05)


def test_without_a_chromium_the_studio_says_so(results: Results, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(studio, "find_chromium", lambda: None)
    subject = Subject("room", Path("room"), 1, Path("work"), Effort())
    results.measure("studio", {}, lambda: measure_studio(subject), again=True)
    assert "found no Chromium; install" in studio_table(results)


def test_plots_are_drawn_and_the_same_figures_give_the_same_files(results: Results, tmp_path: Path):
    first = write_plots(results, tmp_path / "a")
    second = write_plots(results, tmp_path / "b")
    assert [file.name for file in first] == ["bench_psnr.svg", "bench_frames.svg", "roofline.svg"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert one.read_text().count("<path") > 20


def test_nothing_measured_draws_nothing(tmp_path: Path):
    assert write_plots(Results(tmp_path / "bench.json"), tmp_path) == []


def test_an_unknown_part_is_refused(tmp_path: Path):
    room = room_photos(tmp_path / "room", 3)
    config = BenchConfig((room,), tmp_path / "bench.json", only=("speed",))
    with pytest.raises(UsageError, match=r"--only speed: expected one of .*frames"):
        main(config)


def test_a_command_that_fails_says_why(tmp_path: Path):
    with pytest.raises(UsageError, match=r"scenegen lift failed: .*found nothing there"):
        run_command(["lift", str(tmp_path / "absent"), "--output", str(tmp_path / "scene")])


def test_the_peak_is_that_of_the_command():
    ballast = np.ones(60_000_000)  # 480 MB in this process, none in the other
    assert 10 < run_command(["doctor"]) < ballast.nbytes / 1e6


def test_trainings_are_measured_and_kept(tmp_path: Path):
    room = room_photos(tmp_path / "room", 9)
    effort = Effort(budgets_s=(0.2, 0.3), repeated_s=(0.2,), runs=2, kept_s=0.3)
    subject = Subject("room", room, 1, tmp_path / "work", effort)
    found = measure_budgets(subject)
    assert [(row["budget_s"], len(row["runs"])) for row in found["budgets"]] == [(0.2, 2), (0.3, 1)]
    assert all(row["heldout_psnr_db"] > 10 for row in found["budgets"])
    assert subject.folder(0.3).is_dir()


@pytest.mark.slow
def test_a_quick_run_drives_the_studio(tmp_path: Path):
    find_chromium()
    output = tmp_path / "bench.json"
    room = room_photos(tmp_path / "room", 16)
    main(BenchConfig((room,), output, only=("studio",), quick=True))
    found = json.loads(output.read_text())["parts"]["studio"]["figures"]
    for row in (found["bare"], found["film"]):
        assert row["width_px"] in (480, None)  # on a busy machine none may come in a second
        assert min(row["latency_s"], row["sharp_s"]) > 0
        assert row["cores_of_browser"] > 0
        assert row["cores_of_server"] > 0
    assert found["film"]["play"]["frames_per_s"] > 0


@pytest.mark.slow
def test_a_quick_run_writes_everything(tmp_path: Path):
    room = room_photos(tmp_path / "room", 16)
    page = tmp_path / "benchmarks.md"
    page.write_text((ROOT / "docs" / "benchmarks.md").read_text())
    output = tmp_path / "bench.json"
    parts = ("training", "frames", "twin", "roofline", "scenes")
    main(BenchConfig((room,), output, page, only=parts, quick=True))
    found = json.loads(output.read_text())["parts"]
    assert [part for part in found if "figures" not in found[part]] == []
    assert set(found) == {*parts, "scene room"} - {"scenes"}
    assert found["twin"]["figures"]["ratio"] > 1
    assert all(row["seconds"] >= 0 for row in found["roofline"]["figures"]["training"])
    assert "room" in page.read_text()
    assert (tmp_path / "roofline.svg").stat().st_size > 10_000


def test_one_part_measured_anew_empties_no_others_goals(tmp_path: Path):
    found = Results(tmp_path / "bench.json")
    found.measure("studio", {}, lambda: measured()["studio"])
    assert list(tables(found)) == ["studio"]
