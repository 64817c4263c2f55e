"""Shows where the time goes: every stage's share, and how far it is from the machine's limits.

    python tools/roofline.py CAPTURE [--output out/roofline.json]

The same as `python tools/bench.py CAPTURE --only roofline`, with an output of its own.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import bench
import tyro

from scenegen.errors import SceneGenError


@dataclass(frozen=True)
class RooflineConfig:
    """What to measure, and where the figures go."""

    capture: Annotated[Path, tyro.conf.Positional]
    """Folder of a capture."""

    output: Path = Path("out/roofline.json")
    """Every figure, as JSON; the plot goes beside it."""

    page: Path | None = None
    """Also write the tables into this page, and the plot beside it."""


def main(config: RooflineConfig) -> None:
    """Measure the limits and the stages."""
    scenes = (config.capture,)
    bench.main(bench.BenchConfig(scenes, config.output, config.page, only=("roofline",)))


if __name__ == "__main__":
    try:
        main(tyro.cli(RooflineConfig, description=__doc__))
    except SceneGenError as error:
        sys.exit(f"tools/roofline.py: {error}")
