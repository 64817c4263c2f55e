"""The stages put together: what the command line calls, and the same names for Python.

    from pathlib import Path
    from scenegen import pipeline

    walk = pipeline.walkthrough(Path("photos"), Path("clip.mp4"))

Every function takes files and folders, does one stage or all of them, and leaves its figures in a
`Report` if it is given one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenegen import __version__
from scenegen.errors import OutputError
from scenegen.files import check_output, fingerprint
from scenegen.filming import Settings, check_film, film
from scenegen.ingest.config import IngestConfig
from scenegen.lift.config import LiftConfig
from scenegen.measuring import measure_heldout, measure_walk
from scenegen.path.config import PathConfig
from scenegen.planning import Route, check_map, look, made, plan, route_of
from scenegen.previewing import preview as preview
from scenegen.progress import Progress, silent
from scenegen.publish.config import PublishConfig
from scenegen.refine.config import RefineConfig
from scenegen.render.config import RenderConfig
from scenegen.report import Report
from scenegen.work import WorkFolder, result_settings, source_fingerprint

if TYPE_CHECKING:
    from scenegen.lift.fit import Watch
    from scenegen.publish.footage import ClipFacts
    from scenegen.types import CameraPath, Capture, Scene

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Walkthrough:
    """What `walkthrough` made; ``work`` knows where capture, scene and path lie."""

    capture: Capture
    scene: Scene
    path: CameraPath
    clip: ClipFacts
    work: WorkFolder


def ingest(
    source: Path,
    output: Path,
    config: IngestConfig | None = None,
    progress: Progress = silent,
    report: Report | None = None,
) -> Capture:
    """Make the capture folder ``output`` from photos, a video or a posed capture.

    Raises:
        IngestError: the source cannot be used.
        OutputError: ``output`` exists and is not to be overwritten, or cannot be written.
    """
    from scenegen.ingest import capture

    report = report or Report("ingest")
    with report.stage("ingest"):
        made = capture.ingest(source, output, config or IngestConfig(), progress)
    _note_capture(report, made)
    return made


def lift(
    source: Path,
    output: Path,
    config: LiftConfig | None = None,
    ingest_config: IngestConfig | None = None,
    progress: Progress = silent,
    report: Report | None = None,
    watch: Watch | None = None,
) -> Scene:
    """Train the scene folder ``output`` on photos, a video or a posed capture.

    Photos and videos are posed first, into the working folder beside ``output``. Held-out photos
    are measured at the end. ``watch`` sees the scene come to be.

    Raises:
        IngestError: the source cannot be used.
        LiftError: the photos do not make a scene.
        OutputError: ``output`` exists and is not to be overwritten, or cannot be written.
    """
    from scenegen.lift.scene_folder import check_scene_output

    config = config or LiftConfig()
    report = report or Report("lift")
    check_scene_output(output, config.overwrite, [source])
    work, posing = WorkFolder(output), ingest_config or IngestConfig()
    key = _capture_key(source, output, posing)
    capture = _posed(source, work, key, posing, progress, report)
    scene = train(capture, output, config, progress, report, watch)
    measure_heldout(scene, progress, report)
    return scene


def path(
    scene_folder: Path,
    output: Path,
    route: Path | PathConfig | Route | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    report: Report | None = None,
    format: str | None = None,  # noqa: A002 - the option's name
) -> CameraPath:
    """Play a path script in a scene, or plan the automatic walkthrough, and write the camera path.

    ``route`` is a script, a camera path of another tool, or how to walk; a `Route` also says what
    is done about what is wrong with the path.
    The suffix of ``output`` names the format, unless ``format`` does.

    Raises:
        LiftError: the scene folder cannot be read.
        PathError: the script cannot be played here, or the scene leaves no room to walk.
        OutputError: ``output`` exists and is not to be overwritten, or cannot be written.
    """
    from scenegen.path.formats.registry import chosen_format, write_path

    report = report or Report("path")
    chosen = chosen_format(output, format)
    asked = route_of(route, PathConfig.width_px, PathConfig.height_px)
    asked = replace(asked, overwrite=overwrite)
    check_output(output, overwrite)
    check_map(asked)
    if output.is_dir() and chosen.name != "colmap":
        raise OutputError(
            f"{output}: expected the name of a file, found a folder; "
            f"pass --output {output / 'path.json'}"
        )
    planned = plan(_load_scene(scene_folder), asked, progress, report)
    size = asked.config.width_px, asked.config.height_px
    write_path(planned, output, *size, chosen.name, asked.config.hints)
    return planned


def render(
    scene_folder: Path,
    output: Path,
    camera_path: Path | PathConfig | Route | None = None,
    config: RenderConfig | Settings | None = None,
    publish_config: PublishConfig | None = None,
    progress: Progress = silent,
    report: Report | None = None,
) -> ClipFacts:
    """Render a scene along a script, a camera path, or an automatic walkthrough of some settings.

    ``config`` may be the settings of all stages: then the frames are refined, and get the look, as
    they state.

    Raises:
        LiftError: the scene folder cannot be read.
        PathError: the camera path cannot be read, or the scene leaves no room to walk.
        LookError: the look's words say nothing.
        RefineError: they cannot be refined as is asked for.
        RenderError, PublishError: the frames cannot be rendered or encoded so.
        OutputError: an output exists and is not to be overwritten, or cannot be written.
    """
    chosen = config
    if not isinstance(chosen, Settings):
        chosen = Settings(render=chosen or RenderConfig(), refine=RefineConfig(refine=False))
    if publish_config is not None:
        chosen = replace(chosen, publish=publish_config)
    size = chosen.render.width_px, chosen.render.height_px
    report = report or Report("render")
    check_film(output, chosen)
    route = replace(route_of(camera_path, *size), overwrite=chosen.publish.overwrite)
    check_map(route)
    scene = _load_scene(scene_folder)
    walked = plan(scene, route, progress, report)
    return film(scene, walked, output, chosen, progress, report)


def evaluate(
    scene_folder: Path,
    progress: Progress = silent,
    report: Report | None = None,
    refine: RefineConfig | None = None,
) -> dict[str, Any]:
    """Measure a scene against the photos that were held out of its training.

    So are frames of its automatic walkthrough, if there is one. It is neither turned nor cropped.
    With ``refine`` so are views that are refined.

    Raises:
        LiftError: the scene folder cannot be read, or holds no photo out.
        RefineError: nothing here can refine.
    """
    from scenegen.refine.weights import load_refiner

    report = report or Report("evaluate")
    network = load_refiner(refine.refine_weights) if refine and refine.refine else None
    scene = _load_scene(scene_folder)
    figures = measure_heldout(scene, progress, report, required=True, network=network)
    return {**figures, **measure_walk(scene, progress, report)}


def walkthrough(
    source: Path,
    output: Path,
    settings: Settings | None = None,
    progress: Progress = silent,
    report: Report | None = None,
) -> Walkthrough:
    """Make the clip ``output`` from photos, a video or a posed capture, with all stages.

    Capture, scene and path stay in the working folder beside the clip. A stage that an earlier
    run finished there, from the same input with the same settings, is not done again.

    Raises:
        SceneGenError: of the stage that failed; finished stages are kept.
    """
    chosen = settings or Settings()
    report = report or Report("walkthrough")
    check_film(output, chosen)
    check_map(_route(chosen))
    work = WorkFolder(output)
    capture_key = _capture_key(source, output, chosen.ingest)
    scene_key = fingerprint(capture_key, result_settings(chosen.lift))
    if work.holds_other("scene", scene_key) and not chosen.publish.overwrite:
        raise OutputError(
            f"{work.scene}: holds a scene made from other photos or with other settings; "
            "pass --overwrite to replace it or choose another --output"
        )
    capture = _posed(source, work, capture_key, chosen.ingest, progress, report)
    if work.finished("scene", scene_key) and work.scene.is_dir():
        log.info("going on with the scene in %s", work.scene)
        scene = _load_scene(work.scene)
        _note_scene(report, scene)
    else:
        scene = train(capture, work.scene, replace(chosen.lift, overwrite=True), progress, report)
        work.finish("scene", scene_key)
    measure_heldout(scene, progress, report)

    walked = _walk(scene, work, chosen, progress, report)
    clip = film(scene, walked, output, chosen, progress, report)
    return Walkthrough(capture, scene, walked, clip, work)


def _capture_key(source: Path, output: Path, config: IngestConfig) -> str:
    """Return the fingerprint of what a capture is made from; refuses what is no source."""
    from scenegen.ingest.capture import capture_kind

    capture_kind(source)
    return fingerprint(__version__, source_fingerprint(source, output), result_settings(config))


def _posed(
    source: Path,
    work: WorkFolder,
    key: str,
    config: IngestConfig,
    progress: Progress,
    report: Report,
) -> Capture:
    """Return the capture of any kind of source, made from what has the fingerprint ``key``."""
    from scenegen.ingest.capture import capture_kind, load_capture

    kind = capture_kind(source)
    if kind == "posed":
        capture = load_capture(source, config.known_length)
        _note_capture(report, capture)
    elif work.finished("capture", key) and work.capture.is_dir():
        log.info("going on with the posed photos in %s", work.capture)
        capture = load_capture(work.capture)
        _note_capture(report, capture)
    else:
        capture = ingest(source, work.capture, replace(config, overwrite=True), progress, report)
        work.finish("capture", key)
    return capture


def train(
    capture: Capture,
    output: Path,
    config: LiftConfig,
    progress: Progress,
    report: Report,
    watch: Watch | None = None,
) -> Scene:
    """Train a scene folder on a capture, and note its figures."""
    from scenegen.lift.fit import lift as fit

    with report.stage("lift"):
        scene = fit(capture, output, config, progress, watch)
    _note_scene(report, scene)
    return scene


def _walk(
    scene: Scene, work: WorkFolder, settings: Settings, progress: Progress, report: Report
) -> CameraPath:
    from scenegen.path.files import file_fingerprint
    from scenegen.path.formats.nerfstudio import read_camera_path, write_camera_path

    route = _route(settings)
    key = fingerprint(
        scene.fingerprint,
        result_settings(route.config),
        file_fingerprint(route.file),
        file_fingerprint(route.config.normalised),
        route.check.fix,
    )
    if not (work.finished("path", key) and work.path.is_file()):
        planned = made(scene, route, progress, report)
        write_camera_path(planned, work.path, route.config.width_px, route.config.height_px)
        work.finish("path", key)
    # Read back even when new: the clip then has the same path, to the last bit, in every run.
    walked = read_camera_path(work.path)
    look(walked, scene, route, report)
    return walked


def _route(settings: Settings) -> Route:
    return Route(settings.path, settings.path_file, settings.check, settings.publish.overwrite)


def _load_scene(folder: Path) -> Scene:
    from scenegen.lift.scene_folder import load_scene

    return load_scene(folder)


def _note_capture(report: Report, capture: Capture) -> None:
    report.note(photos_total=capture.photos_total, photos_posed=len(capture.photos))


def _note_scene(report: Report, scene: Scene) -> None:
    report.note(**scene.facts)
