"""Measures how time, memory and quality of training grow with photos, pixels, seconds and threads.

    python tools/growth.py CAPTURE [--quick]

CAPTURE is a posed capture of some dozen photos, such as `fox`. Rows that an earlier run measured
are kept; remove ``--work`` to measure them anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro
from growth_data import material
from growth_row import Row

from scenegen import files
from scenegen.errors import SceneGenError, UsageError
from scenegen.ingest.capture import load_capture
from scenegen.kernels import instruction_set, threads

BEGIN, END = "<!-- measured by tools/growth.py -->", "<!-- end -->"


@dataclass(frozen=True)
class GrowthConfig:
    """What to measure on, and where the figures go."""

    capture: Annotated[Path, tyro.conf.Positional]
    """Folder of a posed capture."""

    work: Path = Path("out/growth")
    """Folder for photos that are made, and for the rows that are done."""

    output: Path = Path("out/growth.json")
    """Every figure, as JSON; replaced if it exists."""

    page: Path | None = None
    """Also replace the measured table in this page, and draw the plot beside it, as .svg."""

    quick: bool = False
    """A few short rows, to see that it runs."""

    prepare: bool = False
    """Only make the photos that the rows need, which takes minutes the first time."""


def rows(count: int, quick: bool) -> list[Row]:
    """Return what to measure, for a capture with ``count`` photos to train on, cheapest first."""
    every = threads()
    if quick:
        wanted = [("real", 10, 4, 2), ("real", count, 4, 2), ("rendered", 30, 1, 2)]
        return [Row(*facts, threads=every) for facts in wanted] + [Row("real", count, 4, 4, 1)]
    some = sorted({min(10, count), min(25, count), count})
    plan = [Row("real", photos, 4, 15, every) for photos in some]
    plan += [Row("rendered", photos, 1, 15, every) for photos in (some[-1], 100, 300)]
    plan += [Row("real", count, 2, 15, every), Row("real", count, 1, 15, every)]
    plan += [Row("enlarged", photos, 1, 15, every) for photos in (count, 300)]
    plan += [Row("real", count, 4, 15, number) for number in _fewer(every)]
    return plan + [Row("real", count, 4, seconds, every) for seconds in (60, 120, 900)]


def _fewer(most: int) -> list[int]:
    """Return 1, 2, 4, ... below ``most``."""
    return [2**k for k in range(16) if 2**k < most]


def run(row: Row, config: GrowthConfig) -> dict[str, Any]:
    """Return the figures of a row, measured now or by an earlier run."""
    folder = config.work / "rows"
    result = folder / f"{row.name}.json"
    if not result.is_file():
        spec = folder / f"{row.name}.spec"
        where = {"source": str(config.capture.resolve()), "work": str(config.work.resolve())}
        files.write_json(spec, {"row": asdict(row), **where})
        begun, load = time.perf_counter(), os.getloadavg()[0]
        child = [sys.executable, str(Path(__file__).with_name("growth_row.py")), spec, result]
        settings = {**os.environ, "SCENEGEN_THREADS": str(row.threads)}
        if subprocess.run(child, env=settings, check=False).returncode:
            raise UsageError(f"{row.name}: failed, its error is above; mend it and run this again")
        spent = time.perf_counter() - begun
        print(f"{row.name}: {spent:.0f} s, load before {load:.1f}", file=sys.stderr)
        files.write_json(result, {**json.loads(result.read_text()), "load_before": round(load, 2)})
        spec.unlink()
    return json.loads(result.read_text())


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| photos | megapixels a photo | pixels | training | threads | reading | in all | "
        "peak memory | steps | held-out PSNR |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['photos']} {row['kind']} | {row['megapixels']} | {row['pixels_gb']:.2f} GB | "
        f"{row['budget_s']:g} s | {row['threads']} | {row['reading_s']:.1f} s | "
        f"{row['wall_s']:.1f} s | {row['peak_mb']:.0f} MB | {row['steps']} | "
        f"{row['heldout_psnr_db']:.2f} dB |"
        for row in figures["rows"]
    ]
    about = "{capture}; {instruction_set}; commit {commit}, {date}; load before the rows {load}"
    loads = sorted(row["load_before"] for row in figures["rows"])
    return "\n".join([*lines, "", about.format(**figures, load=f"{loads[0]:g} to {loads[-1]:g}")])


def draw(measured: list[dict[str, Any]], file: Path) -> None:
    """Draw time, memory and PSNR over photos, megapixels, seconds of training, and threads."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "scenegen", "font.size": 9})
    values = (
        ("wall_s", "seconds in all"),
        ("peak_mb", "peak memory, MB"),
        ("heldout_psnr_db", "held-out PSNR, dB"),
    )
    figure, grid = plt.subplots(3, 4, figsize=(12, 8), layout="constrained")
    for column, (axis, label, lines) in enumerate(series(measured)):
        for line, (value, name) in enumerate(values):
            axes = grid[line][column]
            for title, points in lines.items():
                points = sorted(points, key=lambda row: row[axis])
                axes.plot([p[axis] for p in points], [p[value] for p in points], "o-", label=title)
            ticks = sorted({row[axis] for points in lines.values() for row in points})
            axes.set_xscale("log")
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
            axes.grid(alpha=0.3)
            axes.set_xlabel(label)
            if value != "heldout_psnr_db":
                highest = max(row[value] for points in lines.values() for row in points)
                axes.set_ylim(0, 1.1 * highest)
            if column == 0:
                axes.set_ylabel(name)
            if line == 0:
                axes.legend(fontsize=8)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def series(
    measured: list[dict[str, Any]],
) -> list[tuple[str, str, dict[str, list[dict[str, Any]]]]]:
    """Return axis, label and named lines of each column: rows that differ in the axis alone."""
    usual = {
        "photos": max(row["photos"] for row in measured if row["kind"] == "real"),
        "budget_s": min(row["budget_s"] for row in measured),
        "threads": max(row["threads"] for row in measured),
    }

    def those(*free: str, **wanted: object) -> list[dict[str, Any]]:
        fixed = {**{key: value for key, value in usual.items() if key not in free}, **wanted}
        return [row for row in measured if all(row[key] == v for key, v in fixed.items())]

    photos = {
        "real": those("photos", kind="real", downscale=4),
        "rendered": those("photos", kind="rendered"),
        "enlarged to 12 MP": those("photos", kind="enlarged"),
    }
    pixels = {"real": those(kind="real"), "enlarged": those(kind="enlarged")}
    seconds = {"real": those("budget_s", kind="real", downscale=4)}
    counts = {"real": those("threads", kind="real", downscale=4)}
    return [
        ("photos", "photos", _filled(photos)),
        ("megapixels", "megapixels a photo", _filled(pixels)),
        ("budget_s", "seconds of training", _filled(seconds)),
        ("threads", "threads", _filled(counts)),
    ]


def _filled(lines: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {name: points for name, points in lines.items() if points}


def write_page(page: Path, text: str) -> None:
    """Replace what lies between the marks of ``page``; raise `UsageError` where there are none."""
    before, mark, rest = (page.read_text() if page.is_file() else "").partition(BEGIN)
    _, closing, after = rest.partition(END)
    if not mark or not closing:
        raise UsageError(f"{page}: expected the lines {BEGIN} and {END} around the table; add them")
    files.write_atomic(page, f"{before}{BEGIN}\n{text}\n{END}{after}".encode())


def main(config: GrowthConfig) -> None:
    """Measure every row and write the figures down after each."""
    count = sum(1 for index in range(len(load_capture(config.capture).photos)) if index % 8)
    plan = rows(count, config.quick)
    for kind in ("rendered", "enlarged"):
        most = max((row.photos for row in plan if row.kind == kind), default=0)
        if most:
            print(f"making {kind} photos", file=sys.stderr)
            material(kind, config.capture, config.work, most)
    if config.prepare:
        return
    measured: list[dict[str, Any]] = []
    figures: dict[str, Any] = {
        "capture": config.capture.resolve().name,
        "instruction_set": instruction_set(),
        "commit": _commit(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "rows": measured,
    }
    for row in plan:
        measured.append(run(row, config))
        files.write_json(config.output, figures)
    print(table(figures))
    if config.page is not None:
        write_page(config.page, table(figures))
        draw(measured, config.page.with_suffix(".svg"))


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    here = Path(__file__).parent
    found = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    try:
        main(tyro.cli(GrowthConfig, description=__doc__))
    except SceneGenError as error:
        sys.exit(f"tools/growth.py: {error}")
