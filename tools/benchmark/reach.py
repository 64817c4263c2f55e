"""Floor, aim and what was reached, for everything that has a floor or an aim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmark.results import Results


@dataclass(frozen=True)
class Goal:
    """A figure with a floor and an aim; more is better unless ``less`` says otherwise."""

    name: str
    unit: str
    floor: float | None
    aim: float | None
    value: Callable[[Results], float | None]
    digits: int = 2
    less: bool = False

    def verdict(self, value: float | None) -> str:
        """Return in a word how ``value`` compares."""
        if value is None:
            return "not measured"
        sign = -1 if self.less else 1
        value = round(value, self.digits)
        if self.aim is not None and sign * value >= sign * self.aim:
            return "aim"
        if self.floor is not None and sign * value >= sign * self.floor:
            return "floor"
        return "below the floor" if self.floor is not None else "below the aim"

    def row(self, results: Results) -> str:
        """Return the line of the table."""
        value = self.value(results)
        texts = [self._text(number) for number in (self.floor, self.aim, value)]
        return f"| {self.name} | {' | '.join(texts)} | {self.verdict(value)} |"

    def _text(self, value: float | None) -> str:
        return "" if value is None else f"{value:.{self.digits}f} {self.unit}".strip()


def after(budget_s: float, figure: str) -> Callable[[Results], float | None]:
    """Return how to look up a figure of the training of ``budget_s``."""

    def value(results: Results) -> float | None:
        rows = results["training"].get("budgets", [])
        return next((row.get(figure) for row in rows if row["budget_s"] == budget_s), None)

    return value


def figure(part: str, *names: str, scale: float = 1.0) -> Callable[[Results], float | None]:
    """Return how to look up a figure of a part, ``names`` deep."""

    def value(results: Results) -> float | None:
        found: Any = results[part]
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return None if found is None else scale * float(found)

    return value


_PSNR, _GUIDED = "heldout_psnr_db", "heldout_guided_psnr_db"

GOALS = (
    Goal("held-out PSNR after 15 s", "dB", 26.0, 26.8, after(15, _PSNR)),
    Goal("held-out PSNR after 60 s", "dB", 28.2, 29.0, after(60, _PSNR)),
    Goal("held-out PSNR after 120 s", "dB", 28.8, 29.5, after(120, _PSNR)),
    Goal("native over the PyTorch twin", "x", 8, 15, figure("twin", "ratio"), 1),
    Goal("held-out PSNR at 1080x1920, 300 s", "dB", None, 27.0, figure("full", _PSNR)),
    Goal(
        "960x540 frame at full quality",
        "s",
        1.0,
        0.5,
        figure("frames", "full", "s_per_frame"),
        3,
        less=True,
    ),
    Goal(
        "frame of a smooth path, 960x540",
        "s",
        0.3,
        0.12,
        figure("path", "s_per_frame"),
        3,
        less=True,
    ),
    Goal(
        "its PSNR against full quality, the worst frame",
        "dB",
        40.0,
        40.0,
        figure("path", "psnr_min_db"),
        1,
    ),
    Goal(
        "its PSNR against full quality, the mean",
        "dB",
        40.0,
        40.0,
        figure("path", "psnr_mean_db"),
        1,
    ),
    Goal(
        "preview in motion, 480x270",
        "s",
        0.15,
        0.05,
        figure("preview", "s_per_frame"),
        3,
        less=True,
    ),
    Goal(
        "the same at full quality, each frame by itself",
        "s",
        0.15,
        0.05,
        figure("frames", "preview", "s_per_frame"),
        3,
        less=True,
    ),
    Goal(
        "peak memory, 50 photos of 1080x1920",
        "GB",
        2.0,
        1.0,
        figure("memory", "lift_peak_mb", scale=1e-3),
        less=True,
    ),
    Goal("guided held-out PSNR after 60 s", "dB", 29.5, 31.0, after(60, _GUIDED)),
    Goal(
        "the guide's time on top of a 960x540 frame",
        "s",
        0.15,
        0.15,
        figure("guided", "s_per_frame"),
        3,
        less=True,
    ),
    Goal(
        "live view in a browser on the same cores, moving, 480 wide",
        "frames/s",
        None,
        10,
        figure("studio", "film", "frames_per_s"),
        1,
    ),
    Goal(
        "from stopping to its sharp picture, 960 wide",
        "s",
        None,
        2,
        figure("studio", "film", "sharp_s"),
        1,
        less=True,
    ),
)

PARTS = ("training", "twin", "full", "frames", "path", "preview", "memory", "guided", "studio")
"""The parts that the table is made from."""


def reach_table(results: Results) -> str:
    """Return the table of floors, aims and what was reached, in Markdown."""
    first = results["training"].get("scene", "")
    head = [f"| {first} | floor | aim | reached | |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(goal.row(results) for goal in GOALS)])
