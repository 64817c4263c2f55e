"""A scene and a path become a clip: rendered, put under a look, published."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scenegen.files import fingerprint
from scenegen.ingest.config import IngestConfig
from scenegen.lift.config import LiftConfig
from scenegen.looks.config import LookConfig
from scenegen.looks.words import read_look, unread
from scenegen.path.config import CheckConfig, PathConfig
from scenegen.progress import Progress
from scenegen.publish.config import PublishConfig
from scenegen.refine.config import RefineConfig
from scenegen.render.config import RenderConfig
from scenegen.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scenegen.publish.clip import Beside
    from scenegen.publish.footage import ClipFacts, Footage
    from scenegen.refining import Refining
    from scenegen.types import CameraPath, Frame, Scene

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The settings of all stages."""

    ingest: IngestConfig = field(default_factory=IngestConfig)
    lift: LiftConfig = field(default_factory=LiftConfig)
    path: PathConfig = field(default_factory=PathConfig)
    check: CheckConfig = field(default_factory=CheckConfig)
    render: RenderConfig = field(default_factory=RenderConfig)
    publish: PublishConfig = field(default_factory=PublishConfig)
    look: LookConfig = field(default_factory=LookConfig)
    refine: RefineConfig = field(default_factory=RefineConfig)
    path_file: Path | None = None
    """A path script or a camera path, in place of the automatic walkthrough."""


def check_film(output: Path, settings: Settings) -> None:
    """Raise, before any long work, unless a film may be written to ``output`` as ``settings`` say.

    Raises:
        OutputError, PublishError: of `scenegen.publish.clip.check_clip`, for the overlay as well.
        RefineError, GenerateError: of `scenegen.refining.check_refining`.
    """
    from scenegen.publish.clip import check_clip, check_overlay
    from scenegen.refining import check_refining

    size = settings.render.width_px, settings.render.height_px
    check_clip(output, *size, settings.publish)
    if settings.refine.overlay is not None:
        check_overlay(settings.refine.overlay, output, *size, settings.publish)
    check_refining(settings.refine)


def film(
    scene: Scene,
    walked: CameraPath,
    output: Path,
    settings: Settings,
    progress: Progress,
    report: Report,
) -> ClipFacts:
    """Render a scene along a path into a clip, refined and under a look; note what it took."""
    from scenegen.publish.clip import Beside
    from scenegen.publish.footage import Footage
    from scenegen.refining import opened
    from scenegen.render.evidence import check_evidence_folder, recorded
    from scenegen.render.frames import render_fingerprint

    config = settings.render
    walked = _with_lens(scene, walked, config)
    key = render_fingerprint(scene, walked, config)
    refining = opened(settings.refine) if settings.refine.refine else None
    beside = None
    if refining is not None:
        key = fingerprint(key, refining.key, list(walked.cuts or ()))  # a cut ends a shot
        beside = Beside(settings.refine.overlay)
        report.note(refined=True)
    if config.evidence is not None:
        key = fingerprint(key, str(config.evidence.absolute()))  # a clip without has none to reuse
        check_evidence_folder(config.evidence, settings.publish.overwrite, key)

    def frames_from(first: int) -> Iterator[Frame]:
        frames = _frames(scene, walked, config, refining, first, progress)
        frames = frames if config.evidence is None else recorded(frames, config.evidence, key)
        return looking(frames, scene, walked, settings.look)

    tell_look(settings.look, report)
    footage = Footage(
        render=frames_from,
        count=len(walked),
        fps=walked.fps,
        width_px=config.width_px,
        height_px=config.height_px,
        fingerprint=_with_look(key, settings.look),
        metres_per_unit=scene.metres_per_unit,
    )
    return published(footage, output, settings.publish, progress, report, beside)


def _with_lens(scene: Scene, walked: CameraPath, config: RenderConfig) -> CameraPath:
    """Return a path with the lens and shutter that are asked for."""
    lens = config.aperture, config.focus, config.shutter
    if lens == (None, None, None):
        return walked
    from scenegen.path.lens import with_lens
    from scenegen.path.location import Location

    return with_lens(walked, Location(scene), *lens)


def _frames(
    scene: Scene,
    walked: CameraPath,
    config: RenderConfig,
    refining: Refining | None,
    first: int,
    progress: Progress,
) -> Iterator[Frame]:
    from scenegen.render.frames import refine_path, render_path
    from scenegen.render.guided import PhotoGuide

    if refining is None:
        return render_path(scene, walked, config, first, progress)
    guide = PhotoGuide(scene) if scene.photos and not config.plain else None
    refine = refining.of(scene, guide)
    return refine_path(scene, walked, config, refine, first, progress, guide)


def published(
    footage: Footage,
    output: Path,
    config: PublishConfig,
    progress: Progress,
    report: Report,
    beside: Beside | None = None,
) -> ClipFacts:
    """Make a clip of footage, and note what it took."""
    from scenegen.publish.clip import publish_clip

    with report.stage("render"):
        clip = publish_clip(footage, output, config, progress, beside)
    report.note(frames=clip.frames, frames_reused=clip.frames_reused)
    report.note(width_px=clip.width_px, height_px=clip.height_px, clip_s=clip.seconds)
    if clip.render_s_per_frame is not None:
        report.note(render_s_per_frame=clip.render_s_per_frame)
    return clip


def looking(
    frames: Iterator[Frame],
    scene: Scene,
    walked: CameraPath,
    look: LookConfig,
    seconds: Sequence[float] | None = None,
) -> Iterator[Frame]:
    """Return the frames of a path under a look; the empty one leaves them alone.

    ``seconds`` are the times of frames that do not follow each other as the path's do.
    """
    if look.amounts.empty:
        return frames
    from scenegen.looks.dress import dress_path

    return dress_path(frames, scene, walked, look.amounts, look.look_seed, seconds)


def tell_look(look: LookConfig, report: Report) -> None:
    """Say what of a look's words was not understood, and note what it is made of."""
    if not look.look.strip():
        return
    read = read_look(look.look)
    if read.not_understood:
        log.warning("--look: %s", unread(read))
    made = {name: amount for name, amount in look.amounts.amounts.items() if amount}
    report.note(look=look.look, look_strength=look.look_strength, look_amounts=made)
    report.note(look_not_understood=list(read.not_understood))


def _with_look(key: str, look: LookConfig) -> str:
    """Return the fingerprint of frames under a look, out of that of the frames alone."""
    made = look.amounts
    return key if made.empty else fingerprint(key, made.amounts, look.look_seed)
