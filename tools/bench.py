"""Measures training and rendering, on a folder of scenes, with floors and aims beside the figures.

    python tools/bench.py SCENES... [--output out/bench.json] [--page docs/benchmarks.md]

SCENES are captures, or folders of captures. Those without poses are posed first, once. Every part
writes its figures when it is done; a run that was stopped goes on with the parts that are missing.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro
from benchmark import frames, lens, nerfacto, quality, studio, training, twin
from benchmark.effort import FULL, QUICK, Effort
from benchmark.page import SCENE, tables, write_page
from benchmark.plots import write_plots
from benchmark.results import Results
from benchmark.roofline import measure_roofline
from benchmark.scenes import Scene, downscale_for, find_scenes, posed_folder, yardstick
from benchmark.training import Subject

from scenegen.errors import SceneGenError, UsageError
from scenegen.ingest.capture import load_capture

Facts = dict[str, Any]

PARTS = (
    *("training", "frames", "path", "preview", "guided", "lens", "studio", "memory"),
    *("twin", "roofline", "full", "nerfacto", "scenes"),
)


@dataclass(frozen=True)
class BenchConfig:
    """What to measure, and where the figures go."""

    scenes: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Captures, or folders of captures; `fox`, if it is among them, is the yardstick."""

    output: Path = Path("out/bench.json")
    """Every figure, as JSON; what it holds of this commit already is not measured again."""

    page: Path | None = None
    """Also write the tables into this page, and the plots beside it."""

    plots: Path | None = None
    """Folder of the plots; by default that of the page, else that of the figures."""

    only: tuple[str, ...] = ()
    """Measure these parts alone, and again: training, frames, path, preview, guided, lens, studio,
    memory, twin, roofline, full, nerfacto, scenes, or "scene NAME"."""

    again: bool = False
    """Measure also what the output holds already."""

    quick: bool = False
    """See in a minute that everything works; the figures mean nothing."""

    downscale: int | None = None
    """Reduce the yardstick's photos by this factor; by default to about 512 pixels."""

    ns_train: Path | None = None
    """nerfstudio's ns-train, where it is installed in another environment."""

    cache: Path = Path("out/bench_captures")
    """Where captures go that had to be posed first."""


def main(config: BenchConfig) -> None:
    """Measure everything and write it down."""
    scenes = [scene for folder in config.scenes for scene in find_scenes(folder)]
    if not scenes:
        raise UsageError("expected a capture or a folder of captures, found none; name one")
    wanted = _wanted(config, scenes)
    results = Results(config.output)
    subject = _subject(config, yardstick(scenes))
    settings = {"scene": subject.name, "downscale": subject.downscale, "quick": config.quick}
    settings |= asdict(subject.effort)
    for part, work in _works(config, subject, scenes).items():
        if part in wanted or (part.startswith(SCENE) and "scenes" in wanted):
            results.measure(part, settings, work, config.again or bool(config.only))
    _show(config, results)


def _wanted(config: BenchConfig, scenes: list[Scene]) -> tuple[str, ...]:
    known = {*PARTS, *(SCENE + scene.name for scene in scenes)}
    unknown = [part for part in config.only if part not in known]
    if unknown:
        raise UsageError(
            f"--only {unknown[0]}: expected one of {', '.join(sorted(known))}; choose from them"
        )
    return config.only or PARTS


def _subject(config: BenchConfig, scene: Scene) -> Subject:
    effort: Effort = QUICK if config.quick else FULL
    capture = posed_folder(scene, config.cache)
    downscale = config.downscale or downscale_for(load_capture(capture))
    work = config.output.parent / f"{config.output.stem}_scenes"
    return Subject(scene.name, capture, downscale, work, effort)


def _works(config: BenchConfig, subject: Subject, scenes: list[Scene]) -> dict[str, Any]:
    """Return what measures each part, in the order in which they run."""

    def compared() -> Facts:
        turns = twin.compare_backends(subject)
        return {**turns, "trainings": training.measure_twin_budgets(subject)}

    def other() -> Facts:
        trainer = nerfacto.find_trainer(config.ns_train)
        if trainer is None:
            raise UsageError("nerfstudio is not installed here; name its ns-train with --ns-train")
        return nerfacto.measure_nerfacto(subject, trainer)

    return {
        "training": lambda: training.measure_budgets(subject),
        "frames": lambda: frames.measure_frames(subject),
        "path": lambda: frames.measure_path(subject),
        "preview": lambda: frames.measure_preview(subject),
        "guided": lambda: frames.measure_guided(subject),
        "lens": lambda: lens.measure_lens(subject),
        "studio": lambda: studio.measure_studio(subject),
        "memory": lambda: training.measure_memory(subject),
        "twin": compared,
        "roofline": lambda: measure_roofline(subject),
        "full": lambda: training.measure_full_size(subject),
        "nerfacto": other,
        **{
            SCENE + scene.name: lambda scene=scene: quality.measure_scene(
                scene, config.cache, subject
            )
            for scene in scenes
        },
    }


def _show(config: BenchConfig, results: Results) -> None:
    folder = config.plots or (config.page or config.output).parent
    for file in write_plots(results, folder):
        print(f"wrote {file}", file=sys.stderr)
    print("\n\n".join(tables(results).values()))
    if config.page is not None:
        write_page(config.page, results)


if __name__ == "__main__":
    try:
        main(tyro.cli(BenchConfig, description=__doc__))
    except SceneGenError as error:
        sys.exit(f"tools/bench.py: {error}")
