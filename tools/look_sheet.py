"""Every look on some scenes: contact sheets to be looked at, and how steady frames stay under them.

    python tools/look_sheet.py out/looks scenes/fox scenes/lund_street --looks "fog" "first snow"

For each scene ``SCENE.jpg`` has the plain frame and each look at one moment of the automatic
walkthrough, and ``looks.json`` the figures. Steadiness is the `reprojection_error` of frames that
follow each other (`scenegen.render.steadiness`), the mean over pairs spread over the path: once as
filmed and once ``still``, without what truly moves or mirrors: particles, puddles and the flood. A
look changes the contrast, and an error grows with that: ``jitter_px`` does not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from scenegen.lift.scene_folder import load_scene
from scenegen.looks.dress import Wardrobe
from scenegen.looks.look import Look
from scenegen.looks.place import Place, know
from scenegen.looks.words import read_look
from scenegen.planning import Route, plan
from scenegen.previewing import chosen
from scenegen.progress import silent
from scenegen.publish.sheet import captioned, contact_sheet, write_picture
from scenegen.render.config import RenderConfig
from scenegen.render.frames import render_path
from scenegen.render.steadiness import jitter_px, reprojection_error
from scenegen.report import Report
from scenegen.types import Camera, CameraPath, Frame, Scene

LOOKS = (
    "golden hour", "heavy fog", "first snow", "snow", "night", "rain", "rain at night", "flooded",
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    """What to show, and how large."""

    output: Annotated[Path, tyro.conf.Positional]
    """Folder for the sheets and the figures."""
    scenes: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """Scene folders."""
    looks: tuple[str, ...] = LOOKS
    """Looks in words."""
    path: Path | None = None
    """Path script or camera path, in place of the automatic walkthrough."""
    width: int = 640
    """Width of a frame in pixels."""
    height: int = 360
    """Height of a frame in pixels."""
    pairs: int = 3
    """Pairs of frames by which steadiness is measured."""
    moment: float = 0.35
    """Share of the path at which the sheet's pictures are."""
    columns: int = 3
    """Pictures in a row."""


@dataclass(frozen=True)
class Shots:
    """Frames of a scene that look like the plain render, with the places they have in the path."""

    scene: Scene
    place: Place
    path: CameraPath
    at: tuple[int, ...]
    frames: tuple[Frame, ...]

    @property
    def pairs(self) -> Shots:
        """The shots without the last one, which has no partner."""
        return replace(self, at=self.at[:-1], frames=self.frames[:-1])

    def camera(self, index: int) -> Camera:
        """Camera of one of the frames."""
        height, width = self.frames[index].depth.shape
        return self.path.camera(self.at[index], width, height)

    def wardrobe(self, look: Look) -> Wardrobe:
        """Return a look made ready."""
        return Wardrobe(self.scene, self.path, look, 0, self.place)

    def core_s(self, look: Look) -> tuple[float, float]:
        """Return the seconds of one core to make a look ready, and to put it on a frame."""
        began = time.process_time()
        wardrobe = self.wardrobe(look)
        ready = time.process_time()
        wardrobe.dress(self.frames[-1], self.camera(len(self.frames) - 1))
        return ready - began, time.process_time() - ready

    def under(self, look: Look) -> tuple[Frame, ...]:
        """Return the frames under a look."""
        if look.empty:
            return self.frames
        wardrobe = self.wardrobe(look)
        return tuple(
            wardrobe.dress(frame, self.camera(k), self.at[k] / self.path.fps)
            for k, frame in enumerate(self.frames)
        )

    def steadiness(self, frames: Sequence[Frame]) -> tuple[float, float]:
        """Return the mean reprojection error and jitter of the pairs, which come first."""
        found = []
        for k in range(0, len(frames) - 1, 2):
            shots = (self.camera(k), frames[k]), (self.camera(k + 1), frames[k + 1])
            found.append((reprojection_error(*shots), jitter_px(*shots)))
        error, jitter = np.nanmean(found, axis=0)
        return float(error), float(jitter)


def shots_of(folder: Path, config: Config) -> Shots:
    """Render the pairs of frames, and the one of the sheet, of a scene."""
    scene = load_scene(folder)
    path = plan(scene, Route(file=config.path), silent, Report("looks"))
    last = len(path) - 2
    first = [round(share * last) for share in (np.arange(config.pairs) + 0.5) / config.pairs]
    at = [index for one in first for index in (one, one + 1)] + [round(config.moment * last)]
    size = RenderConfig(config.width, config.height, every_frame_anew=True)
    began = time.process_time()
    frames = tuple(render_path(scene, chosen(path, at), size))
    spent = (time.process_time() - began) / len(frames)
    print(f"{folder.name}: {spent:.2f} s of one core a plain frame")
    began = time.process_time()
    place = know(scene)
    print(f"{folder.name}: {time.process_time() - began:.2f} s of one core to know the place")
    return Shots(scene, place, path, tuple(at), frames)


def still(look: Look) -> Look:
    """Return a look without what moves or mirrors by itself."""
    return replace(look, flakes=0.0, drops=0.0, puddles=0.0, flood=0.0)


def main(config: Config) -> None:
    """Write the sheets and the figures."""
    config.output.mkdir(parents=True, exist_ok=True)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for folder in config.scenes:
        shots = shots_of(folder, config)
        pictures, rows = [captioned(shots.frames[-1].rgb, f"{folder.name}: plain")], {}
        for words in ("", *config.looks):
            look = read_look(words).look
            frames = shots.under(look)
            error, jitter = shots.steadiness(frames)
            calm, calm_jitter = error, jitter
            if still(look) != look:
                calm, calm_jitter = shots.steadiness(shots.pairs.under(still(look)))
            rows[words or "plain"] = {
                "error": round(error, 5), "error_still": round(calm, 5),
                "jitter_px": round(jitter, 3), "jitter_px_still": round(calm_jitter, 3),
            }  # fmt: skip
            if words:
                ready, frame = shots.core_s(look)
                rows[words] |= {"ready_core_s": round(ready, 2), "frame_core_s": round(frame, 2)}
            print(f"{folder.name} {words or 'plain'}: {rows[words or 'plain']}", flush=True)
            if words:
                pictures.append(captioned(frames[-1].rgb, words))
        sheet = contact_sheet(pictures, config.columns)
        write_picture(sheet, config.output / f"{folder.name}.jpg")
        figures[folder.name] = rows
    (config.output / "looks.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
