"""A camera path for a scene, looked at before a frame is rendered: planned, played or read."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scenegen.errors import PathError, UsageError
from scenegen.path.config import CheckConfig, PathConfig
from scenegen.progress import Progress
from scenegen.report import Report

if TYPE_CHECKING:
    from scenegen.path.check import PathCheck
    from scenegen.types import CameraPath, Scene

log = logging.getLogger("scenegen")

_MOST_WARNINGS = 8

_MENDED = ("crossing", "near", "unseen")
"""Troubles that bending a path may end."""


@dataclass(frozen=True)
class Route:
    """Where a camera path comes from, and what is done about what is wrong with it.

    ``file`` is a path script or a camera path; without one the walkthrough is planned as ``config``
    asks, whose aspect also holds for a script.
    """

    config: PathConfig = field(default_factory=PathConfig)
    file: Path | None = None
    check: CheckConfig = field(default_factory=CheckConfig)
    overwrite: bool = False
    """Whether the map may replace a file."""


def plan(scene: Scene, route: Route, progress: Progress, report: Report) -> CameraPath:
    """Return the path of ``route``, checked; what is wrong with it is said in the log.

    Raises:
        PathError: the file cannot be read or played here, or the scene leaves no room to walk.
        OutputError: the map cannot be written.
    """
    check_map(route)
    path = made(scene, route, progress, report)
    look(path, scene, route, report)
    return path


def check_map(route: Route) -> None:
    """Raise `OutputError` where the map would replace what it may not."""
    from scenegen.path.chart.page import check_map_output

    if route.check.check_map is not None:
        check_map_output(route.check.check_map, route.overwrite)


def made(scene: Scene, route: Route, progress: Progress, report: Report) -> CameraPath:
    """Return the path of ``route``, bent if asked for; raises `PathError` as `plan` does."""
    from scenegen.path.walkthrough import plan_walkthrough

    with report.stage("path"):
        if route.file is not None:
            path = read(scene, route.file, route.config)
        else:
            path = plan_walkthrough(scene, route.config, progress)
        if route.check.fix:
            path = _mended(path, scene)
    report.note(frames=len(path))
    return path


def check_timing(file: Path | None, config: PathConfig) -> None:
    """Raise `UsageError` where the clip's timing is stated twice.

    Some tools leave the rate of their paths open; whether this one did is seen when it is read.
    """
    from scenegen.path.script.read import is_script

    if file is None:
        return
    for name in ("seconds", "fps"):
        stated = getattr(config, name) != getattr(PathConfig, name)
        if stated and (name == "seconds" or is_script(file)):
            raise UsageError(
                f"--{name}: {file} has its own timing, found both; leave out --{name}, or the file"
            )


def read(scene: Scene, file: Path, config: PathConfig) -> CameraPath:
    """Return the path in ``file``.

    Raises:
        PathError: it cannot be read or played here, or states another rate than the one asked for.
    """
    from scenegen.path.files import read_path

    path = read_path(file, scene, config.hints)
    if config.fps not in (PathConfig.fps, path.fps):
        raise PathError(
            f"--fps {config.fps:g}: {file} has its own timing, {path.fps:g} frames a second; "
            "leave out --fps"
        )
    return path


def look(path: CameraPath, scene: Scene, route: Route, report: Report) -> None:
    """Check ``path`` and say what is wrong with it: in the log, in the report and on a map.

    A scene without photos has nothing that a path could be checked against. Raises `OutputError`.
    """
    from scenegen.path.chart.page import write_map
    from scenegen.path.check import check_path
    from scenegen.path.location import Location

    if not scene.photos:
        log.info("path: not checked, for the scene has no posed photos")
        return
    with report.stage("path"):
        location = Location(scene)
        found = check_path(path, location)
        if route.check.check_map is not None:
            write_map(path, found, location, route.check.check_map, route.overwrite)
            log.info("path: drawn on %s", route.check.check_map)
    report.note(path_check=found.figures())
    _tell(found, route.check.fix)


def route_of(asked: Path | PathConfig | Route | None, width_px: int, height_px: int) -> Route:
    """Return a route for what callers may name instead of one; the size is that of a frame."""
    if isinstance(asked, Route):
        return asked
    if isinstance(asked, PathConfig):
        return Route(asked)
    config = PathConfig()
    if asked is not None:
        config = replace(config, width_px=width_px, height_px=height_px)
    return Route(config, asked)


def _mended(path: CameraPath, scene: Scene) -> CameraPath:
    from scenegen.path.location import Location
    from scenegen.path.mend import mend_path

    if not scene.photos:
        return path
    location = Location(scene)
    mended = mend_path(path, location)
    found, before = mended.check, mended.before
    if not any(trouble.kind in _MENDED for trouble in before.troubles):
        log.info("path: nothing to fix")
    elif mended.path is path:
        log.warning("path: --fix found no better way")
    else:
        log.info(
            "path: bent; a surface is now at least %s away (before: %s), photos saw at least "
            "%.0f%% of every picture (before: %.0f%%)",
            location.length_words(float(found.clearance.min())),
            location.length_words(float(before.clearance.min())),
            100 * found.seen.min(),
            100 * before.seen.min(),
        )
    return mended.path


def _tell(found: PathCheck, fixed: bool) -> None:
    for trouble in found.troubles[:_MOST_WARNINGS]:
        log.warning("path: %s", trouble)
    more = len(found.troubles) - _MOST_WARNINGS
    if more > 0:
        log.warning("path: and %d more; --report has them all", more)
    if not fixed and any(trouble.kind in _MENDED for trouble in found.troubles):
        log.info("path: --fix bends it out of walls and back to where the photos looked")
