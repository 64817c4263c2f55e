"""Check scripts in scenes before and after --fix, and put what is found into a table.

    python tools/path_survey.py SCENE... --maps out/maps --output docs/path_checks.md

What it runs is `scenegen path SCENE SCRIPT --check-map --report`, without and with --fix; the maps
of all of them stay in --maps, to be looked at. docs/path_checks.md is made so; the maps that it
shows, named by --shown, are copied beside the scripts' pictures.
"""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import tyro
from PIL import Image
from tyro.conf import Positional

from scenegen import pipeline
from scenegen.files import write_atomic
from scenegen.lift.scene_folder import load_scene
from scenegen.path.config import CheckConfig
from scenegen.path.location import Location
from scenegen.report import Report

SCRIPTS = Path(__file__).resolve().parent.parent / "camera_paths"
WALK = "walkthrough"
"""The automatic path, which has no script."""

KINDS = {"crossing": "through", "near": "near", "unseen": "unseen", "fast": "fast", "turn": "turn"}
COLORS = 48
INTRODUCTION = """\
# Paths that were checked

Scripts of [camera_paths](../camera_paths/README.md) and the automatic walkthrough, checked in real
scenes as they come, and after `--fix`. Lengths are in sizes of the scene, the median distance from
its photos to what they show; below 0.04 a surface is *near*, unless a photo was taken as near.
*Through* is a surface that the camera passes through, *unseen* less than half of a picture that
photos saw, *fast* and *turn* are what makes people sick. What stays after `--fix` is told with its
seconds. This page is written by `tools/path_survey.py`.
"""


@dataclass(frozen=True)
class Config:
    """What to check where."""

    scenes: Positional[tuple[Path, ...]]
    """Scene folders."""

    scripts: tuple[str, ...] = (
        WALK, "drone_reveal", "fly_through", "hero_push_in", "music_video", "spiral",
    )  # fmt: skip
    """Scripts of camera_paths/, without suffix; `walkthrough` is the automatic path."""

    maps: Path = Path("out/maps")
    """Folder of the maps: SCENE_SCRIPT.png, SCENE_SCRIPT_fixed.png."""

    output: Path | None = None
    """Page to write; by default the table is printed."""

    shown: tuple[str, ...] = ()
    """Maps that the page shows, such as courtyard_spiral."""


@dataclass(frozen=True)
class Row:
    """What one script came to in one scene: figures of `PathCheck`, lengths in sizes of it."""

    scene: str
    script: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    size: float

    def __str__(self) -> str:
        """Return the row of the table."""
        pair = [
            (troubles_said(found), room_said(found, self.size), f"{found['least_seen']:.0%}")
            for found in (self.before, self.after)
        ]
        before, after = pair
        cells = [self.scene, self.script.replace("_", " ")]
        cells += [
            one if one == other else f"{one} → {other}"
            for one, other in zip(before, after, strict=True)
        ]
        return f"| {' | '.join(cells)} |"


def main(config: Config) -> None:
    """Check everything and write the page."""
    logging.getLogger("scenegen").setLevel(logging.ERROR)
    rows = []
    for folder in config.scenes:
        size = Location(load_scene(folder)).size
        for script in config.scripts:
            rows.append(checked(folder, script, size, config.maps))
            print(rows[-1], flush=True)
    if config.output is not None:
        write_atomic(config.output, page(rows, config.maps, config.output, config.shown).encode())


def checked(folder: Path, script: str, size: float, maps: Path) -> Row:
    """Return what a script comes to in a scene, before and after it is bent."""
    before = figures(folder, script, maps / f"{folder.name}_{script}.png", fix=False)
    after = figures(folder, script, maps / f"{folder.name}_{script}_fixed.png", fix=True)
    return Row(folder.name, script, before, after, size)


def figures(folder: Path, script: str, chart: Path, fix: bool) -> Mapping[str, Any]:
    """Return the figures of the check of a script, whose map becomes ``chart``."""
    file = None if script == WALK else SCRIPTS / f"{script}.yaml"
    report = Report("path")
    with tempfile.TemporaryDirectory() as scratch:
        route = pipeline.Route(file=file, check=CheckConfig(fix, chart))
        pipeline.path(folder, Path(scratch) / "path.json", route, report=report, overwrite=True)
    return report.figures["path_check"]


def troubles_said(found: Mapping[str, Any]) -> str:
    """Return how many troubles of which kind there are."""
    counts = Counter(trouble["kind"] for trouble in found["troubles"])
    return (
        ", ".join(f"{counts[kind]} {said}" for kind, said in KINDS.items() if counts[kind])
        or "none"
    )


def room_said(found: Mapping[str, Any], size: float) -> str:
    """Return the least clearance in sizes of the scene."""
    return "open" if found["min_clearance"] is None else f"{found['min_clearance'] / size:.3f}"


def page(rows: Sequence[Row], maps: Path, output: Path, shown: Sequence[str]) -> str:
    """Return the page; the maps that it shows are written beside it."""
    columns = "scene | path | troubles | least clearance | least seen"
    lines = [INTRODUCTION, f"| {columns} |", "|---|---|---|---|---|", *map(str, rows)]
    for name in shown:
        picture = output.parent / "paths" / f"map_{name}.png"
        write_atomic(picture, small(maps / f"{name}.png"))
        lines += ["", f"![Map of {name.replace('_', ' ')}](paths/{picture.name})"]
    return "\n".join([*lines, ""])


def small(chart: Path) -> bytes:
    """Return a map as a PNG of few colours, for a page."""
    buffer = BytesIO()
    with Image.open(chart) as image:
        image.convert("RGB").quantize(COLORS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
