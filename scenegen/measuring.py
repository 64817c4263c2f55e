"""Figures of a scene that take more than one stage: guided held-out views, frames of a walk."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scenegen.errors import PathError
from scenegen.planning import Route, made
from scenegen.progress import Progress
from scenegen.report import Report

if TYPE_CHECKING:
    from scenegen.lift.measures import View
    from scenegen.refine.network import Refiner
    from scenegen.types import CameraPath, Scene

log = logging.getLogger("scenegen")

_WALK_VIEWS = 12
"""Frames of a path that `measure_frames` looks at."""


def measure_heldout(
    scene: Scene,
    progress: Progress,
    report: Report,
    required: bool = False,
    network: Refiner | None = None,
) -> dict[str, Any]:
    """Return the figures of the photos that were held out, and note them in ``report``.

    Without any there is nothing to return; raises `LiftError` then, if they are ``required``. With
    a ``network`` there are those of refined views as well; a photo that was held out helps none.
    """
    if not scene.heldout and not required:
        return {}
    from scenegen.lift.evaluate import evaluate as measure
    from scenegen.render.field_pass import FieldFrame
    from scenegen.render.guided import PhotoGuide

    if scene.unplaced is not None:
        log.info("measured as it was trained, without its crop and its turn: photos show the whole")
        scene = scene.unplaced
    guide = PhotoGuide(scene)

    def guided(view: View) -> Any:
        return guide(view.camera, FieldFrame(view.rgb, view.depth, view.opacity)).rgb

    def refined(view: View) -> Any:
        from scenegen.film_refiner import FilmRefiner
        from scenegen.render.frames import Pass

        alone = FieldFrame(view.rgb, view.depth, view.opacity)
        one = Pass(0, view.camera, alone, guide(view.camera, alone))
        assert network is not None
        return next(FilmRefiner(network, scene, guide)(iter([one]))).rgb

    helped = {"guided": guided, **({"refined": refined} if network is not None else {})}
    with report.stage("evaluate"):
        figures = dict(measure(scene, progress, helped))
    report.note(**figures)
    return figures


def measure_frames(scene: Scene, path: CameraPath, report: Report) -> dict[str, Any]:
    """Return how clean some frames of ``path`` are, and note it in ``report``."""
    from scenegen.lift.evaluate import measure_views

    chosen = [round(k * (len(path) - 1) / (_WALK_VIEWS - 1)) for k in range(_WALK_VIEWS)]
    cameras = [path.camera(index, 480, 270) for index in chosen]
    with report.stage("evaluate_walk"):
        found = measure_views(scene, cameras)
    figures = {f"walk_{name}": value for name, value in found.items()}
    report.note(**figures)
    return figures


def measure_walk(scene: Scene, progress: Progress, report: Report) -> dict[str, Any]:
    """Return how clean frames from between the photos are; nothing where no path can be planned."""
    try:
        walked = made(scene.as_trained, Route(), progress, Report("evaluate"))
    except PathError as error:
        log.info("no frames of a walkthrough to measure: %s", error)
        return {}
    return measure_frames(scene.as_trained, walked, report)
