"""A path at a glance, before it is rendered: a contact sheet, and a small GIF that plays.

Pictures are what the radiance field alone shows, small: seconds for a whole film. What photos add
to a frame, and the blur of a moving camera, only the render has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scenegen.errors import OutputError, UsageError
from scenegen.files import check_output
from scenegen.filming import looking, tell_look
from scenegen.looks.config import LookConfig
from scenegen.path.config import PathConfig
from scenegen.planning import Route, look, read, route_of
from scenegen.progress import Progress, silent
from scenegen.report import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from scenegen.types import CameraPath, Scene

_SHEET, _GIF = (".png", ".jpg", ".jpeg"), ".gif"
_GIF_FPS = 8.0
_GIF_FRAMES = 72
"""Most frames of a GIF; longer paths get fewer a second, so that any path takes seconds."""

_GIF_PX = 240
_COLUMNS = 4


@dataclass(frozen=True)
class SheetConfig(LookConfig):
    """How a preview looks."""

    pictures: int = 12
    """Pictures on the contact sheet."""

    width_px: int = 320
    """Width of a picture in pixels."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.pictures <= 200:
            raise UsageError(
                f"--pictures: expected 1 to 200, found {self.pictures}; choose another number"
            )
        if not 32 <= self.width_px <= 1920:
            raise UsageError(
                f"--width: expected 32 to 1920 pixels, found {self.width_px}; choose another width"
            )


@dataclass(frozen=True)
class Slate:
    """What is being shot when: ``names`` of the shots that begin at ``starts`` seconds."""

    starts: tuple[float, ...]
    names: tuple[str, ...]

    def at(self, second: float) -> int:
        """Return the place of the shot that is on at a second."""
        return max(sum(start <= second + 1e-9 for start in self.starts) - 1, 0)


def preview(
    scene_folder: Path,
    output: Path,
    route: Path | PathConfig | Route | None = None,
    config: SheetConfig | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    report: Report | None = None,
) -> tuple[Path, ...]:
    """Show a path script, a camera path or the automatic walkthrough; return the files written.

    ``route`` is a script, a camera path, or how to walk. ``output`` is a contact sheet (.png, .jpg)
    or a small GIF (.gif); a name without suffix makes both.

    Raises:
        LiftError: the scene folder cannot be read.
        PathError: the path cannot be read or played here.
        OutputError: an output exists and is not to be overwritten, or cannot be written.
    """
    from scenegen.lift.scene_folder import load_scene

    config, report = config or SheetConfig(), report or Report("preview")
    files = preview_files(output)
    for file in files:
        check_output(file, overwrite)
    scene = load_scene(scene_folder)
    with report.stage("path"):
        asked = route_of(route, PathConfig.width_px, PathConfig.height_px)
        path, slate = planned(scene, asked, progress)
    look(path, scene, asked, report)
    report.note(frames=len(path), clip_s=round(len(path) / path.fps, 3), shots=list(slate.names))
    tell_look(config, report)
    reel = _Reel(scene, path, slate, config, progress)
    with report.stage("render"):
        for file in files:
            if file.suffix.lower() == _GIF:
                _write_gif(reel, min(config.width_px, _GIF_PX), file)
            else:
                _write_sheet(reel, config, file)
    return files


def preview_files(output: Path) -> tuple[Path, ...]:
    """Return the files that ``output`` stands for; raise `OutputError` for another suffix."""
    suffix = output.suffix.lower()
    if not suffix:
        return output.with_suffix(".png"), output.with_suffix(_GIF)
    if suffix not in (*_SHEET, _GIF):
        raise OutputError(
            f"{output}: expected a contact sheet (.png, .jpg), a GIF (.gif), or a name without "
            f"suffix for both, found {output.suffix}; rename it"
        )
    return (output,)


def sheet_frames(path: CameraPath, slate: Slate, count: int) -> list[int]:
    """Return ``count`` frames that show a path: even in time, from the first to the last.

    A shot that none of them shows gets the nearest one, at its middle, as long as there are enough.
    """
    last = len(path) - 1
    frames = [round(place * last / max(count - 1, 1)) for place in range(count)]
    ends = [*slate.starts[1:], len(path) / path.fps]
    for shot, (start, end) in enumerate(zip(slate.starts, ends, strict=True)):
        shown = [slate.at(frame / path.fps) for frame in frames]
        if shot in shown:
            continue
        middle = min(round((start + end) / 2 * path.fps), last)
        spare = [place for place, one in enumerate(shown) if shown.count(one) > 1]
        if spare:
            frames[min(spare, key=lambda place: abs(frames[place] - middle))] = middle
    return sorted(set(frames))


def planned(scene: Scene, route: Route, progress: Progress = silent) -> tuple[CameraPath, Slate]:
    """Return the path of ``route``, by default the automatic walkthrough, and what is on when."""
    from scenegen.path.direct import direct
    from scenegen.path.location import Location
    from scenegen.path.script.read import is_script, read_script
    from scenegen.path.walkthrough import plan_walkthrough

    config, file = route.config, route.file
    if file is None:
        return plan_walkthrough(scene, config, progress), Slate((0.0,), ("walkthrough",))
    if not is_script(file):
        return read(scene, file, config), Slate((0.0,), ("",))
    words = read_script(file)
    made = direct(words, Location(scene), config.aspect)
    moves = [words.shots[shot].move if shot >= 0 else "on the way" for shot in made.shots]
    return made.path, Slate(made.starts, tuple(moves))


@dataclass(frozen=True)
class _Reel:
    """What pictures are taken of."""

    scene: Scene
    path: CameraPath
    slate: Slate
    look: LookConfig
    progress: Progress

    def pictures(self, frames: Sequence[int], width_px: int) -> list[Image]:
        """Return some frames' pictures, with the second and the shot below them."""
        from scenegen.publish.sheet import captioned
        from scenegen.render.config import RenderConfig
        from scenegen.render.frames import render_path

        size = RenderConfig(width_px, max(1, round(width_px / self.path.aspect)), plain=True)
        stills = chosen(self.path, frames)
        shown = render_path(self.scene, stills, size, progress=self.progress)
        seconds = [frame / self.path.fps for frame in frames]
        shown = looking(shown, self.scene, stills, self.look, seconds)
        pictures = []
        for frame, made in zip(frames, shown, strict=True):
            second = frame / self.path.fps
            words = f"{second:.1f} s  {self.slate.names[self.slate.at(second)]}"
            pictures.append(captioned(made.rgb, words))
        return pictures


def _write_sheet(reel: _Reel, config: SheetConfig, file: Path) -> None:
    from scenegen.publish.sheet import contact_sheet, write_picture

    frames = sheet_frames(reel.path, reel.slate, config.pictures)
    write_picture(contact_sheet(reel.pictures(frames, config.width_px), _COLUMNS), file)


def _write_gif(reel: _Reel, width_px: int, file: Path) -> None:
    from scenegen.publish.sheet import write_flip_book

    seconds = len(reel.path) / reel.path.fps
    count = max(1, round(min(seconds * min(_GIF_FPS, reel.path.fps), _GIF_FRAMES)))
    frames = [int(place * len(reel.path) / count) for place in range(count)]
    write_flip_book(reel.pictures(frames, width_px), seconds, file)


def chosen(path: CameraPath, frames: Sequence[int]) -> CameraPath:
    """Return some frames of a path as a path of stills, sharp in motion."""
    import numpy as np

    at = np.array(frames)
    work = path.lens_work
    if work is not None:
        work = replace(
            work, focus_distance=work.focus_distance[at], aperture=work.aperture[at], shutter=0.0
        )
    return replace(
        path,
        world_from_camera=path.world_from_camera[at],
        fov_y_deg=path.fov_y_deg[at],
        lens_work=work,
        cuts=None,
    )
