"""Twelve sentences made into clips: their minutes, their memory, how true they are, and pictures.

    python tools/imagine_gallery.py                        # a dozen clips: an hour and more
    python tools/imagine_gallery.py --only lake,plaza --width 160 --height 90 --seconds 1

Each clip is made by a process of its own, so that its memory can be measured. What is finished
stays: the same command goes on where the last one stopped. Clips, reports, contact sheets and
figures go to ``out/imagine``; the table goes to ``docs/imagine_clips.md`` and the picture of all
clips beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import tyro
from PIL import Image

from scenegen.errors import OutputError
from scenegen.files import read_json, write_atomic, write_json
from scenegen.publish.sheet import captioned, contact_sheet, write_picture

SENTENCES = {
    "bridge": "a foggy pine valley at dawn, a river, slow crane shot rising over a stone bridge",
    "forest": "a pine forest in autumn, a small wooden house in a clearing, slow push in",
    "canyon": "a desert canyon at noon with cacti and boulders, dolly forward",
    "coast": "a beach with palms at sunset, a lighthouse and three red boats, arc to the right",
    "village": "a village in spring meadows on a cloudy morning, orbit around the church",
    "snow": "a snowfield at dusk, a lonely wooden house and a fence, slow push in",
    "street": "a city street at night in the rain, lamps, dolly forward",
    "plaza": "a plaza with arcades on a summer afternoon, arc to the left around the fountain",
    "room": "a living room in the morning, a red sofa, a fireplace and two armchairs, push in",
    "dungeon": "a gloomy dungeon with six torches and a wooden chest, dolly forward",
    "temple": "the ruin of a marble temple in winter, overcast, orbit around the temple",
    "lake": "a calm alpine lake in autumn, a wooden boat, crane up",
}
"""Sentences by the names of their clips: every setting, and most hours, seasons and weathers."""

_TOLD = ("not understood", "not built", "darker", "far from the world")
"""Words of the lines that belong beside the figures."""

_FRAMES = 4
"""Frames of each clip in the picture of all."""

_HEAD = """# Clips made from sentences

Made by `tools/imagine_gallery.py` with scenegen {version}, {size}, {seconds} s each, one process a
sentence. Minutes are those on the clock, processor minutes those of all cores together; the peak is
the most memory that the process held. PSNR compares frames of the film with the same frames traced
from the world itself, without a field between.

![Four frames of each clip]({picture})

| sentence | setting | triangles | minutes | processor minutes | peak, MB | PSNR, dB |
|---|---|---:|---:|---:|---:|---:|
"""


@dataclass(frozen=True)
class Config:
    """What to make, and where."""

    output: Path = Path("out/imagine")
    """Folder for clips, reports, contact sheets and figures."""
    table: Path = Path("docs/imagine_clips.md")
    """The table; the picture of all clips lies beside it."""
    only: str = ""
    """Names of clips to make, with commas between them; nothing is all."""
    width: int = 640
    """Width of the clips in pixels."""
    height: int = 360
    """Height of the clips in pixels."""
    seconds: float = 6.0
    """Length of the clips."""
    steps: int = 0
    """Steps of training, for trials; 0 trains as long as `scenegen imagine` does by default."""
    photos: int = 0
    """Photos of a world, for trials; 0 takes as many as `scenegen imagine` does by default."""


def main(config: Config) -> None:
    """Make what is not there yet, then the table and the picture."""
    names = [name for name in SENTENCES if not config.only or name in config.only.split(",")]
    if not names:
        raise SystemExit(f"--only: expected some of {', '.join(SENTENCES)}, found {config.only!r}")
    config.output.mkdir(parents=True, exist_ok=True)
    figures = {name: _figures(name, config) for name in names}
    rows = [_row(name, figures[name]) for name in names]
    picture = config.table.with_suffix(".jpg")
    strips = [strip for name in names for strip in _strip(name, config)]
    write_picture(contact_sheet(strips, _FRAMES), picture)
    first = figures[names[0]]
    head = _HEAD.format(version=first["version"], size=f"{config.width}x{config.height}",
                        seconds=f"{config.seconds:g}", picture=picture.name)  # fmt: skip
    notes = [note for name in names for note in _notes(name, figures[name])]
    write_atomic(config.table, (head + "".join(rows) + "\n" + "".join(notes)).encode())
    print(f"{config.table}, {picture}")


def _figures(name: str, config: Config) -> dict[str, Any]:
    """Return the figures of a clip, which is made unless it is there."""
    file, clip = config.output / f"{name}.figures.json", config.output / f"{name}.mp4"
    asked = [SENTENCES[name], config.width, config.height, config.seconds, config.steps,
             config.photos]  # fmt: skip
    try:
        known = read_json(file, OutputError)
        if known["asked"] == asked and clip.is_file():
            return known
    except (OutputError, KeyError):  # not made yet, or by an earlier version of this tool
        pass
    report = config.output / f"{name}.json"
    words = [sys.executable, "-m", "scenegen", "imagine", SENTENCES[name], "--output", str(clip)]
    words += ["--report", str(report), "--overwrite", "--width", str(config.width)]
    words += ["--height", str(config.height), "--seconds", f"{config.seconds:g}"]
    words += ["--steps", str(config.steps)] if config.steps else []
    words += ["--photos", str(config.photos)] if config.photos else []
    print(f"{name}: {SENTENCES[name]}", flush=True)
    began = time.monotonic()
    log = config.output / f"{name}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if code:
        raise SystemExit(f"{name}: scenegen ended with {code}; see {log}")
    made = {
        **read_json(report, OutputError), "asked": asked,
        "wall_min": (time.monotonic() - began) / 60,
        "cpu_min": (used.ru_utime + used.ru_stime) / 60,
        "peak_mb": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
        "said": [line for line in log.read_text().splitlines()
                 if any(word in line for word in _TOLD)],
    }  # fmt: skip
    write_json(file, made)
    return made


def _row(name: str, made: dict[str, Any]) -> str:
    return (
        f"| {SENTENCES[name]} | {made['setting']} | {made['triangles']:,} "
        f"| {made['wall_min']:.1f} | {made['cpu_min']:.1f} | {made['peak_mb']:,.0f} "
        f"| {made['world_psnr_db']:.2f} |\n"
    )


def _notes(name: str, made: dict[str, Any]) -> list[str]:
    """Return what was not understood or not built, as lines of a list."""
    return [f"- {name}: {line.split('scenegen: ')[-1]}\n" for line in made["said"]]


def _strip(name: str, config: Config) -> list[Image.Image]:
    """Return frames of a clip with words below; they are also put on a sheet of their own."""
    with av.open(str(config.output / f"{name}.mp4")) as clip:
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
    at = np.linspace(0, len(frames) - 1, _FRAMES).round().astype(int)
    width = 320
    height = round(width * config.height / config.width)
    made = []
    for index in at:
        small = Image.fromarray(frames[index]).resize((width, height), Image.Resampling.LANCZOS)
        words = f"{name}, {index / len(frames) * config.seconds:.1f} s"
        made.append(captioned(np.asarray(small), words))
    write_picture(contact_sheet(made, 2), config.output / f"{name}.jpg")
    return made


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
