"""From words to a clip: a world is built, photographed along the film's way, lifted and rendered.

The way is planned in the world itself, by rays through its true geometry, before a photo is taken.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenegen import __version__
from scenegen.errors import OutputError, PathError, WorldError
from scenegen.files import fingerprint, staged_folder
from scenegen.pipeline import Settings, film, train
from scenegen.previewing import chosen
from scenegen.progress import Progress, silent
from scenegen.report import Report
from scenegen.work import WorkFolder, result_settings
from scenegen.worlds.config import WorldConfig

if TYPE_CHECKING:
    from scenegen.publish.footage import ClipFacts
    from scenegen.stated import Lines
    from scenegen.types import CameraPath, Frame, Scene
    from scenegen.worlds.spec import WorldSpec
    from scenegen.worlds.trace import Tracer

log = logging.getLogger(__name__)

SPEC_FILE = "world.yaml"
_TRUE_FRAMES = 3
"""Frames of the film that are traced as well, to measure the others by."""
_TRUE_SAMPLES = 24


@dataclass(frozen=True)
class Imagined:
    """What `imagine` made; ``work`` knows where the world's capture, scene and path lie."""

    spec: WorldSpec
    path: CameraPath
    clip: ClipFacts
    work: WorkFolder


def understood(words: str, seed: int) -> WorldSpec:
    """Return the spec of a sentence, or that in a file of which ``words`` are the name.

    Raises:
        WorldError: the words say nothing that can be built, or the file is no spec.
    """
    from scenegen.worlds.files import is_other_file, is_spec, read_spec
    from scenegen.worlds.reading.read import read_sentence

    if is_spec(words):
        return read_spec(Path(words), check_shots)
    if is_other_file(words):
        raise WorldError(
            f"{words}: expected a sentence, or a world's file (.yaml, .yml, .json), found another "
            "file; rename it, or write the sentence itself"
        )
    return read_sentence(words, seed)


def check_shots(spec: WorldSpec, source: str, lines: Lines) -> None:
    """Raise a `WorldError` for shots of a spec's camera that the path language does not have."""
    from scenegen.path.script.read import as_script
    from scenegen.path.script.schema import SCHEMA

    if not spec.camera:
        return
    known = {("shots", *way[1:]): line for way, line in lines.items() if way[:1] == ("camera",)}
    try:
        as_script({"schema": SCHEMA, "shots": list(spec.camera)}, source, known)
    except PathError as cause:
        raise WorldError(str(cause).replace(": shots[", ": camera[")) from cause


def imagine(
    spec: WorldSpec,
    output: Path,
    settings: Settings | None = None,
    config: WorldConfig | None = None,
    progress: Progress = silent,
    report: Report | None = None,
) -> Imagined:
    """Make the clip ``output`` of a world; capture, scene and path stay in a folder beside it.

    Raises:
        SceneGenError: of the stage that failed; finished stages are kept.
    """
    from scenegen.path.formats.nerfstudio import read_camera_path, write_camera_path
    from scenegen.publish.clip import check_clip
    from scenegen.worlds.build import build
    from scenegen.worlds.files import write_spec
    from scenegen.worlds.trace import Tracer

    wanted, config = settings or Settings(), config or WorldConfig()
    report = report or Report("imagine")
    size = wanted.render.width_px, wanted.render.height_px
    check_clip(output, *size, wanted.publish)
    work = WorkFolder(output)
    key = fingerprint(__version__, spec.model_dump(mode="json"), result_settings(config), *size,
                      result_settings(wanted.path))  # fmt: skip
    if work.holds_other("capture", key) and not wanted.publish.overwrite:
        raise OutputError(
            f"{work.folder}: holds another world; "
            "pass --overwrite to replace it or choose another --output"
        )
    tell(spec)
    with report.stage("world"):
        world = build(spec)
        progress("Building the world", 1, 2)
        tracer = Tracer(world)
        progress("Building the world", 2, 2)
    report.note(setting=spec.setting, triangles=world.triangles)
    for words in world.ignored:
        log.warning("not built: %s", words)
    if not (work.finished("capture", key) and work.capture.is_dir() and work.path.is_file()):
        with report.stage("photograph"):
            work.folder.mkdir(parents=True, exist_ok=True)
            write_spec(spec, work.folder / SPEC_FILE)
            planned = _photographed(tracer, work, wanted, config, progress)
            write_camera_path(planned, work.path, *size)
        work.finish("capture", key)
    walked = read_camera_path(work.path)
    scene = _lifted(work, wanted, key, progress, report)
    clip = film(scene, walked, output, wanted, progress, report)
    with report.stage("measure"):
        _measure(tracer, scene, walked, wanted, progress, report)
    return Imagined(spec, walked, clip, work)


def tell(spec: WorldSpec) -> None:
    """Say what of a sentence was not understood, and what was decided."""
    for words in spec.not_understood:
        log.warning('not understood: "%s"', words)
    for words in spec.choices:
        log.info("decided: %s", words)


def _photographed(
    tracer: Tracer, work: WorkFolder, wanted: Settings, config: WorldConfig, progress: Progress
) -> CameraPath:
    """Plan the film's way and take the photos into the working folder's capture."""
    from scenegen.ingest.capture import write_capture
    from scenegen.worlds.photograph import exposed, keep, rig, scouts, shoot

    stand = tracer.world.stand
    size = wanted.render.width_px, wanted.render.height_px
    around = scouts(stand, tracer.reach, *size)
    planned = _planned(tracer, around, wanted)
    cameras = rig(planned, around, stand.subject, tracer.reach, config.photos)
    exposure = exposed(tracer, around[0])
    with staged_folder(work.capture, True) as folder:
        shots = shoot(tracer, cameras, config.samples, exposure, progress)
        photos, points, colors = keep(shots, folder)
        write_capture(folder, photos, points, colors)
    return planned


def _planned(tracer: Tracer, around: Sequence, wanted: Settings) -> CameraPath:
    """Return the way of the spec's shots through the world, bent out of what is in it."""
    from scenegen.path.direct import direct
    from scenegen.path.location import Location
    from scenegen.path.mend import mend_path
    from scenegen.path.script.read import as_script
    from scenegen.types import Photo, Scene

    world = tracer.world
    shots = list(world.spec.camera) or [
        {"move": "establish", "seconds": 2.5},
        {"move": "push-in", "until": 0.7, "seconds": 3.5, "ease": "in-out"},
    ]
    seconds = sum(float(shot.get("seconds", 4.0)) for shot in shots)
    factor = wanted.path.seconds / seconds
    shots = [{**shot, "seconds": float(shot.get("seconds", 4.0)) * factor} for shot in shots]
    script = as_script({"schema": "scenegen.path/1", "fps": wanted.path.fps, "shots": shots})
    photos = tuple(Photo(Path(f"scout_{index}.png"), camera) for index, camera in enumerate(around))
    place = Scene(None, photos, (), np.zeros((0, 3), np.float32), "world", 1.0)  # pyright: ignore[reportArgumentType]
    location = Location(place, tracer.reach)
    made = direct(script, location, wanted.path.aspect)
    return mend_path(made.path, location).path


def _lifted(
    work: WorkFolder, wanted: Settings, key: str, progress: Progress, report: Report
) -> Scene:
    from scenegen.ingest.capture import load_capture
    from scenegen.lift.scene_folder import load_scene

    scene_key = fingerprint(key, result_settings(wanted.lift))
    if work.finished("scene", scene_key) and work.scene.is_dir():
        log.info("going on with the scene in %s", work.scene)
        return load_scene(work.scene)
    capture = replace(load_capture(work.capture), metres_per_unit=1.0)
    scene = train(capture, work.scene, replace(wanted.lift, overwrite=True), progress, report)
    work.finish("scene", scene_key)
    return scene


def _measure(
    tracer: Tracer, scene: Scene, walked: CameraPath, wanted: Settings, progress: Progress,
    report: Report,
) -> None:  # fmt: skip
    """Measure frames of the film against the world itself."""
    from scenegen.render.frames import render_path
    from scenegen.worlds.photograph import exposed, scouts, shoot

    size = wanted.render.width_px, wanted.render.height_px
    frames = np.linspace(0, len(walked) - 1, _TRUE_FRAMES + 2)[1:-1].round().astype(int).tolist()
    cameras = [walked.camera(frame, *size) for frame in frames]
    exposure = exposed(tracer, scouts(tracer.world.stand, tracer.reach, *size)[0])
    true = shoot(tracer, cameras, _TRUE_SAMPLES, exposure, progress, "Measuring")
    made: Iterator[Frame] = render_path(scene, chosen(walked, frames), wanted.render)
    errors = [
        float(((frame.rgb.astype(np.float64) - shot.rgb) ** 2).mean())
        for frame, shot in zip(made, true, strict=True)
    ]
    decibels = [10 * np.log10(255**2 / max(error, 1e-9)) for error in errors]
    report.note(world_psnr_db=round(float(np.mean(decibels)), 3))
