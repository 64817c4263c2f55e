"""The plots of docs/benchmarks.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from benchmark.reach import GOALS, Goal
from benchmark.results import Results

Facts = dict[str, Any]

# The same figures give the same file, so that only what was measured shows up as a change.
mpl.rcParams.update(
    {
        "svg.hashsalt": "scenegen",
        "svg.fonttype": "path",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "figure.facecolor": "white",
    }
)
NATIVE, GUIDED, TWIN, OTHER = "#0b6e4f", "#e07a1f", "#7b5ea7", "#8a8a8a"


def write_plots(results: Results, folder: Path) -> list[Path]:
    """Draw what has been measured into ``folder``; return the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {
        "bench_psnr.svg": _psnr(results),
        "bench_frames.svg": _frames(results),
        "roofline.svg": _roofline(results["roofline"]),
    }
    written = []
    for name, figure in drawn.items():
        if figure is not None:
            figure.savefig(folder / name, metadata={"Date": None})
            plt.close(figure)
            written.append(folder / name)
    return written


def _psnr(results: Results) -> Figure | None:
    """Draw PSNR of held-out photos against seconds of training."""
    training = results["training"].get("budgets")
    if not training:
        return None
    figure, axes = plt.subplots(figsize=(7.5, 4.4), layout="constrained")
    for rows, name, color, label in (
        (training, "heldout_psnr_db", NATIVE, "kernels, field alone"),
        (training, "heldout_guided_psnr_db", GUIDED, "kernels, guided by the photos"),
        (results["twin"].get("trainings", []), "heldout_psnr_db", TWIN, "PyTorch twin"),
        (results["nerfacto"].get("budgets", []), "heldout_psnr_db", OTHER, "nerfacto"),
    ):
        _line(axes, [row for row in rows if name in row], name, color, label)
    goals = [(s, g) for g in GOALS for s in (15, 60, 120) if g.name == f"held-out PSNR after {s} s"]
    for kind, mark in (("floor", "_"), ("aim", "+")):
        values = [getattr(goal, kind) for _, goal in goals]
        seconds = [s for s, _ in goals]
        axes.plot(seconds, values, mark, color="black", markersize=11, label=kind, zorder=1)
    axes.set_xscale("log")
    ticks = [row["budget_s"] for row in training]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("seconds of training")
    axes.set_ylabel("PSNR of held-out photos, dB")
    axes.set_title(f"{results['training']['scene']}: every eighth photo held out")
    axes.legend(loc="best", frameon=False)
    return figure


def _line(axes: Axes, rows: list[Facts], name: str, color: str, label: str) -> None:
    if not rows:
        return
    seconds, values = [row["budget_s"] for row in rows], [row[name] for row in rows]
    axes.plot(seconds, values, "o-", color=color, label=label, markersize=5)
    for row in rows:
        runs = [run[name] for run in row.get("runs", []) if name in run]
        if len(runs) > 1:
            axes.vlines(row["budget_s"], min(runs), max(runs), color=color, linewidth=3, alpha=0.4)


def _frames(results: Results) -> Figure | None:
    """Draw seconds a frame with their floors and aims."""
    timed = [goal for goal in GOALS if goal.unit == "s" and goal.value(results) is not None]
    if not timed:
        return None
    figure, axes = plt.subplots(figsize=(7.5, 0.9 + 0.62 * len(timed)), layout="constrained")
    for place, goal in enumerate(reversed(timed)):
        _bar(axes, place, goal, goal.value(results) or 0.0)
    names = [f"{goal.name}\n{goal.value(results):.3f} s" for goal in reversed(timed)]
    axes.set_yticks(range(len(timed)), names)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("seconds; dotted: floor, solid: aim")
    return figure


def _bar(axes: Axes, place: int, goal: Goal, value: float) -> None:
    axes.barh(place, value, height=0.55, color=NATIVE)
    for limit, style in ((goal.floor, ":"), (goal.aim, "-")):
        if limit is not None:
            axes.vlines(limit, place - 0.4, place + 0.4, color="black", linestyle=style)


def _roofline(found: Facts) -> Figure | None:
    """Draw the machine's limits and every stage below them."""
    if not found:
        return None
    figure, axes = plt.subplots(figsize=(7.5, 5.2), layout="constrained")
    every = found["limits"][str(found["threads"])]
    peak = every["flops_per_s"] / 1e9
    table = min(every["tables"], key=lambda row: abs(row["table_kb"] - 8192))
    roofs = (
        ("reading in order, memory", every["tables"][-1]["stream_bytes_per_s"]),
        ("random loads, 8 MB", 8 * table["gathers_per_s"]),
        ("random additions, 8 MB", 32 * table["scatters_per_s"]),
    )
    across = np.logspace(-1.5, 3.5, 200)
    for (label, rate), style in zip(roofs, ("-", "--", ":"), strict=True):
        speed = np.minimum(peak, across * rate / 1e9)
        text = f"{label}: {rate / 1e9:.0f} GB/s"
        axes.plot(across, speed, style, color="black", lw=1.2, label=text)
    axes.text(2, peak * 1.1, f"multiply-adds: {peak:.0f} GFLOP/s", fontsize=8)
    for part, color in (("training", NATIVE), ("rendering", GUIDED)):
        _stages(axes, found[part], found["threads"], color, part)
    axes.set(xscale="log", yscale="log", xlim=(across[0], across[-1]), ylim=(1, 3 * peak))
    axes.set_xlabel("operations for each byte that has to be moved")
    axes.set_ylabel("GFLOP/s, all threads")
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    axes.set_title("a dot's area is its share of the time")
    return figure


def _stages(axes: Axes, rows: list[Facts], threads: int, color: str, label: str) -> None:
    """Draw stages as dots; the area of a dot is the stage's share of the time.

    Names of stages of training stand to the left of their dots, those of rendering to the right.
    """
    shown = [row for row in rows if row["seconds"] > 0 and row["work"]["flops"] > 0]
    for number, row in enumerate(shown):
        flops = row["work"]["flops"]
        # What moves no bytes of its own lies at the right, the two parts beside each other.
        alone = 60 if label == "training" else 120
        intensity = flops / row["bytes"] if row["bytes"] else alone
        speed = threads * flops / row["seconds"] / 1e9
        size = 20 + 900 * row["share"]
        name = label if number == 0 else None
        axes.scatter(intensity, speed, s=size, color=color, alpha=0.6, label=name, zorder=3)
        beside = 3 + size**0.5 / 2
        axes.annotate(
            f"{row['stage']} {100 * row['share']:.0f} %",
            (intensity, speed),
            xytext=(-beside if label == "training" else beside, 0),
            textcoords="offset points",
            ha="right" if label == "training" else "left",
            va="center",
            path_effects=[withStroke(linewidth=3, foreground="white")],
            zorder=4,
            fontsize=8,
            color=color,
        )
