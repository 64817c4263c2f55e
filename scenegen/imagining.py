"""From words to a clip: a world is built, photographed along the film's way, lifted and rendered.

The way is planned in the world itself, before a photo is taken. With ``direct`` the path tracer
makes the film's frames, and there is no field.
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
from scenegen.filming import Settings, check_film, film, published
from scenegen.pipeline import train
from scenegen.previewing import chosen
from scenegen.progress import Progress, silent
from scenegen.report import Report
from scenegen.work import WorkFolder, result_settings
from scenegen.worlds.config import WorldConfig

if TYPE_CHECKING:
    from scenegen.looks.config import LookConfig
    from scenegen.publish.footage import ClipFacts
    from scenegen.scouting import Scouted
    from scenegen.stated import Lines
    from scenegen.types import CameraPath, Frame, Scene
    from scenegen.worlds.spec import WorldSpec
    from scenegen.worlds.trace import Tracer
    from scenegen.worlds.world import Falls

log = logging.getLogger(__name__)

SPEC_FILE = "world.yaml"
_FALLING: dict[Falls, str] = {"rain": "drops", "snow": "flakes"}
"""The look of what falls in a world of such weather, whose light and surfaces have it already."""

_TRUE_FRAMES = 3
"""Frames of the film that are traced as well, to measure the others by."""
_DARK = 0.2
"""Share of the mean brightness of the world's photos below which a frame shows that it is buried:
a photo of a night is dark as well, and is not complained of."""

_FALSE_DB = 14.0
"""PSNR to the world below which a film shows something else; forests come to some 18."""

_TRUE_SAMPLES = 16
"""Paths a pixel of those: their noise must not count as the film's."""


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


@dataclass(frozen=True)
class _Job:
    """A world to be filmed; ``key`` is the fingerprint of it and of its way."""

    tracer: Tracer
    around: Scouted
    key: str
    work: WorkFolder
    wanted: Settings
    config: WorldConfig
    progress: Progress
    report: Report

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a frame in pixels."""
        return self.wanted.render.width_px, self.wanted.render.height_px


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
    wanted, config = settings or Settings(), config or WorldConfig()
    report = report or Report("imagine")
    size = wanted.render.width_px, wanted.render.height_px
    if config.direct:
        from scenegen.tracing import check_direct

        check_direct(wanted.render, wanted.look, wanted.refine)
    check_film(output, wanted)
    work = WorkFolder(output)
    key = fingerprint(__version__, spec.model_dump(mode="json"), result_settings(config), *size,
                      result_settings(wanted.path))  # fmt: skip
    if work.holds_other("way", key) and not wanted.publish.overwrite:
        raise OutputError(
            f"{work.folder}: holds another world; "
            "pass --overwrite to replace it or choose another --output"
        )
    tell(spec)
    tracer, around = _built(spec, size, progress, report)
    job = _Job(tracer, around, key, work, wanted, config, progress, report)
    walked = _way(job)
    clip = _traced(job, walked, output) if config.direct else _lifted(job, walked, output)
    return Imagined(spec, walked, clip, work)


def tell(spec: WorldSpec) -> None:
    """Say what of a sentence was not understood, and what was decided."""
    for words in spec.not_understood:
        log.warning('not understood: "%s"', words)
    for words in spec.choices:
        log.info("decided: %s", words)


def _built(
    spec: WorldSpec, size: tuple[int, int], progress: Progress, report: Report
) -> tuple[Tracer, Scouted]:
    """Build a world and look at it; say what of its spec it has not."""
    from scenegen.scouting import scouted
    from scenegen.worlds.build import build
    from scenegen.worlds.trace import Tracer

    label = "Building the world"
    progress(label, 0, 3)
    with report.stage("world"):
        world = build(spec)
        progress(label, 1, 3)
        tracer = Tracer(world)
        progress(label, 2, 3)
        around = scouted(tracer, *size)
        progress(label, 3, 3)
    report.note(setting=spec.setting, triangles=world.triangles, ignored=list(world.ignored))
    for words in world.ignored:
        log.warning("not built: %s", words)
    return tracer, around


def with_falling(look: LookConfig, falls: Falls | None) -> LookConfig:
    """Return a look with the flakes or drops of a world's weather; not if it asks for none."""
    if falls is None or (look.look and look.amounts.empty):
        return look
    return replace(look, look=f"{look.look} {_FALLING[falls]}".strip())


def _way(job: _Job) -> CameraPath:
    """Return the film's way, planned now or by an earlier run."""
    from scenegen.path.formats.nerfstudio import read_camera_path, write_camera_path
    from scenegen.scouting import way_through
    from scenegen.worlds.files import write_spec

    work = job.work
    if not (work.finished("way", job.key) and work.path.is_file()):
        with job.report.stage("path"):
            path = way_through(job.tracer, job.around.cameras, job.wanted.path)
            write_camera_path(path, work.path, *job.size)
            write_spec(job.tracer.world.spec, work.folder / SPEC_FILE)
        work.finish("way", job.key)
    return read_camera_path(work.path)


def _traced(job: _Job, walked: CameraPath, output: Path) -> ClipFacts:
    """Make the film by tracing its frames."""
    from scenegen.tracing import Shooting, traced_footage

    shooting = Shooting(job.tracer, job.config.samples, job.around.exposure, job.key)
    if job.tracer.world.falls:
        log.warning("not built: %s that falls, which --direct leaves out", job.tracer.world.falls)
    footage = traced_footage(shooting, walked, job.wanted.render, job.progress)
    job.report.note(direct=True)
    return published(footage, output, job.wanted.publish, job.progress, job.report)


def _lifted(job: _Job, walked: CameraPath, output: Path) -> ClipFacts:
    """Make the film from a field that learns the world's photos, and measure it by the world."""
    _photograph(job, walked)
    scene = _trained(job)
    look = with_falling(job.wanted.look, job.tracer.world.falls)
    wanted = replace(job.wanted, look=look)
    clip = film(scene, walked, output, wanted, job.progress, job.report)
    with job.report.stage("measure"):
        _measure(job, scene, walked)
    return clip


def _photograph(job: _Job, walked: CameraPath) -> None:
    """Take the photos into the working folder's capture, unless an earlier run did."""
    from scenegen.ingest.capture import write_capture, write_facts
    from scenegen.worlds.photograph import keep, rig, shoot

    work, tracer, around = job.work, job.tracer, job.around
    if work.finished("capture", job.key) and work.capture.is_dir():
        log.info("going on with the photos in %s", work.capture)
        return
    subject = tracer.world.stand.subject
    cameras = rig(walked, around.cameras, subject, tracer.reach, job.config.photos)
    with job.report.stage("photograph"), staged_folder(work.capture, True) as folder:
        shots = shoot(tracer, cameras, job.config.samples, around.exposure, job.progress)
        photos, points, colors = keep(shots, folder)
        write_capture(folder, photos, points, colors)
        told = [{"name": photo.name, "source": photo.name, "posed": True} for photo in photos]
        facts = {"photos_total": len(photos), "photos_posed": len(photos), "metres_per_unit": 1.0}
        write_facts(folder, "imagined", SPEC_FILE, {**facts, "photos": told, "rejected": []})
    work.finish("capture", job.key)


def _trained(job: _Job) -> Scene:
    from scenegen.ingest.capture import load_capture
    from scenegen.lift.scene_folder import load_scene

    work, config = job.work, job.wanted.lift
    scene_key = fingerprint(job.key, result_settings(config))
    if work.finished("scene", scene_key) and work.scene.is_dir():
        log.info("going on with the scene in %s", work.scene)
        return load_scene(work.scene)
    capture = load_capture(work.capture)
    scene = train(capture, work.scene, replace(config, overwrite=True), job.progress, job.report)
    work.finish("scene", scene_key)
    return scene


def _measure(job: _Job, scene: Scene, walked: CameraPath) -> None:
    """Measure frames of the film, before they are refined and graded, against the world itself."""
    from scenegen.lift.evaluate import psnr_db
    from scenegen.render.frames import render_path
    from scenegen.worlds.photograph import shoot

    frames = np.linspace(0, len(walked) - 1, _TRUE_FRAMES + 2)[1:-1].round().astype(int).tolist()
    cameras = [walked.camera(frame, *job.size) for frame in frames]
    exposure = job.around.exposure
    true = shoot(job.tracer, cameras, _TRUE_SAMPLES, exposure, job.progress, "Measuring")
    made: Iterator[Frame] = render_path(scene, chosen(walked, frames), job.wanted.render)
    decibels, bright = [], []
    for frame, shot in zip(made, true, strict=True):
        decibels.append(psnr_db(frame.rgb / 255.0, shot.rgb / 255.0))
        bright.append(float(frame.rgb.mean()))
    found = float(np.mean(decibels))
    job.report.note(world_psnr_db=round(found, 3))
    if found < _FALSE_DB:
        log.warning("the film is far from the world (%.1f dB): its scene did not come out; "
                    "try another move or --seed, or --direct", found)  # fmt: skip
    _tell_of_dark(frames, bright, scene, job.report)


def _tell_of_dark(
    frames: Sequence[int], bright: Sequence[float], scene: Scene, report: Report
) -> None:
    """Complain of frames that are far darker than the photo of where the world looks best.

    The camera is inside something there. Truth is as dark, so the frames measure well.
    """
    from PIL import Image

    with Image.open(scene.photos[0].file) as photo:
        usual = float(np.asarray(photo.convert("RGB").reduce(8)).mean())
    report.note(darkest_share=round(min(bright) / max(usual, 1.0), 3))
    for frame, mean in zip(frames, bright, strict=True):
        if mean < _DARK * usual:
            log.warning(
                "frame %d is far darker than the world's photos (%.0f %%): the camera may be "
                "inside something there; choose another move or --seed", frame, 100 * mean / usual,
            )  # fmt: skip
