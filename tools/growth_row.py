"""One row of tools/growth.py, in a process of its own so that its peak of memory is its own.

python tools/growth_row.py SPEC.json RESULT.json
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from growth_data import material

from scenegen import files
from scenegen.kernels import threads
from scenegen.lift.config import LiftConfig
from scenegen.lift.evaluate import evaluate
from scenegen.lift.fit import lift

MOST_VIEWS = 6


@dataclass(frozen=True)
class Row:
    """What is trained: ``photos`` of a kind, reduced by ``downscale``, for ``budget_s``."""

    kind: str
    photos: int
    downscale: int
    budget_s: float
    threads: int

    @property
    def name(self) -> str:
        """Name of the row's files."""
        size = f"{self.kind}-{self.photos}-by{self.downscale}"
        return f"{size}-{self.budget_s:g}s-{self.threads}threads"


def peak_mb() -> float:
    """Return the most memory that this process ever had, mapped files included, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def measure(row: Row, source: Path, work: Path) -> dict[str, Any]:
    """Train and measure a row."""
    given = material(row.kind, source, work, row.photos)
    photos = given.training.photos
    lens = photos[0].camera.lens
    pixels = (lens.width_px // row.downscale) * (lens.height_px // row.downscale)
    stages: dict[str, float] = {}

    def note(label: str, done: float, total: float) -> None:  # noqa: ARG001
        stages[label] = time.perf_counter()

    config = LiftConfig(budget_s=row.budget_s, downscale=row.downscale, seed=1)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        begun = time.perf_counter()
        scene = lift(given.training, Path(folder) / "scene", config, note)
        wall_s = time.perf_counter() - begun
        peak = peak_mb()
        views = given.heldout[:: -(-len(given.heldout) // MOST_VIEWS)]
        facts = {**scene.facts, "downscale": given.downscale}
        quality = evaluate(replace(scene, heldout=views, facts=facts))
    return {
        **asdict(row),
        "threads": threads(),
        "megapixels": round(pixels / 1e6, 2),
        "pixels_gb": round(3 * pixels * len(photos) / 1e9, 3),
        "reading_s": round(stages["reading photos"] - begun, 2),
        "wall_s": round(wall_s, 2),
        "peak_mb": peak,
        "steps": int(scene.facts["train_steps"]),
        **quality,
    }


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    spec = json.loads(Path(sys.argv[1]).read_text())
    found = measure(Row(**spec["row"]), Path(spec["source"]), Path(spec["work"]))
    files.write_json(Path(sys.argv[2]), found)
