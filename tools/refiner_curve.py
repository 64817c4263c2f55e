"""Draw how trainings of the refiner went, from the curves that they keep.

    python tools/refiner_curve.py out/refiner out/no_photos --output docs/refiner_curve.svg

Above, how much closer training frames get to clean ones; below, how much is gained on scenes that
do not train.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import tyro
from train_refiner import CURVE
from tyro.conf import Positional


@dataclass(frozen=True)
class Config:
    """Which trainings to draw."""

    trainings: Positional[tuple[Path, ...]]
    """Folders that tools/train_refiner.py wrote."""

    output: Path = Path("refiner_curve.svg")
    """The picture."""


def main(config: Config) -> None:
    """Draw them."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "scenegen", "font.size": 9})
    figure, (above, below) = plt.subplots(2, 1, figsize=(7, 5), sharex=True, layout="constrained")
    for folder in config.trainings:
        rows = read_curve(folder / CURVE)
        hours = [row["minutes"] / 60 for row in rows]
        share = [100 * (row["colors"] / row["colors_before"] - 1) for row in rows]
        gain = [row["psnr_after_db"] - row["psnr_before_db"] for row in rows]
        above.plot(hours, share, label=folder.name)
        below.plot(hours, gain, label=folder.name)
    above.set_ylabel("error of training frames\nbeside the guided render, %")
    below.set_ylabel("PSNR gained on\nleft-out scenes, dB")
    below.set_xlabel("hours of training")
    for axes in (above, below):
        axes.grid(alpha=0.3)
    if len(config.trainings) > 1:
        above.legend()
    figure.savefig(config.output, metadata={"Date": None})
    plt.close(figure)


def read_curve(file: Path) -> list[dict[str, float]]:
    """Return the lines of a curve, by their columns' names."""
    with file.open(newline="", encoding="utf-8") as stream:
        return [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(stream)]


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
