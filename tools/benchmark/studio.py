"""How quick the studio is, seen from a real browser on the same cores."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.browser import chromium, find_chromium
from benchmark.effort import Effort
from benchmark.training import Subject, kept_scene
from benchmark.watching import SHARP_PX, Seen, Watched
from scenegen.errors import UsageError
from scenegen.types import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Facts = dict[str, Any]

_KEYS = 6


def measure_studio(subject: Subject) -> Facts:
    """Drag, stop and play in the studio of the kept scene.

    Raises `UsageError` where viser, playwright or a Chromium is missing.
    """
    place = find_chromium()
    lacking = [name for name in ("viser", "playwright") if importlib.util.find_spec(name) is None]
    if place is None or lacking:
        found = " and no ".join([*lacking, *([] if place else ["Chromium"])])
        raise UsageError(
            f"the studio needs viser, playwright and a Chromium, found no {found}; install what is "
            "missing, or name the Chromium in SCENEGEN_CHROMIUM"
        )
    scene = kept_scene(subject)
    folder = subject.folder(subject.effort.kept_s)
    return measure_scene(scene, folder, subject.work / "studio", subject.effort, place)


def measure_scene(scene: Scene, folder: Path, desk: Path, effort: Effort, place: str) -> Facts:
    """Measure without anything in front of the picture, then with photos and a film.

    The scene lies in ``folder``; what the studio keeps goes to ``desk``; the Chromium is ``place``.
    """
    found = {}
    with chromium(place) as browser:
        for name, script in (("bare", None), ("film", film_of(scene, effort.film_s))):
            with serving(folder, desk / name, script) as (url, process):
                found[name] = _measured(browser, url, process, effort, script is not None)
    return found


def film_of(scene: Scene, seconds: float) -> Facts:
    """Return a script that passes through places of photos."""
    chosen = np.linspace(0, len(scene.photos) - 1, _KEYS).astype(int).tolist()
    keys = [{"photo": scene.photos[index].name} for index in dict.fromkeys(chosen)]
    shot = {"move": "keyframes", "seconds": seconds, "keys": keys}
    return {"schema": "scenegen.path/1", "shots": [shot]}


@contextmanager
def serving(scene_folder: Path, desk: Path, script: Facts | None) -> Iterator[tuple[str, int]]:
    """Serve a scene in a process of its own, at a new desk on which ``script`` lies.

    Gives the address and the process.
    """
    shutil.rmtree(desk, ignore_errors=True)
    (desk / "scene.studio").mkdir(parents=True)
    (desk / "scene").symlink_to(scene_folder.absolute())
    if script is not None:
        session = {"schema": "scenegen.studio/1", "script": script}
        (desk / "scene.studio" / "session.json").write_text(json.dumps(session))
    command = [sys.executable, "-m", "scenegen", "studio", str(desk / "scene"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = next(iter(process.stdout or ()), "")
            if " at http" not in said:
                raise UsageError(f"{desk}: expected the studio to say where it is, found {said!r}")
            yield said.split(" at ")[1].split()[0], process.pid
        finally:
            process.kill()  # its desk is thrown away, and jobs in the background ignore Ctrl-C


def _measured(browser: Browser, url: str, server: int, effort: Effort, has_film: bool) -> Facts:
    """Return what a browser sees of a studio; without a film, photos are out of its way as well."""
    watched = Watched(browser, url)
    if not has_film:
        watched.hide_photos()
    watched.until(SHARP_PX, 0.0)
    watched.stop()
    latencies = [watched.nudge() for _ in range(effort.stops)]
    before, begun = _cpu_seconds(server), time.monotonic()
    moving = watched.drag(effort.drag_s)
    wall = time.monotonic() - begun
    cores = [(b - a) / wall for a, b in zip(before, _cpu_seconds(server), strict=True)]
    stops = [watched.stop() for _ in range(effort.stops)]
    found = {
        **rate(moving),
        "latency_s": statistics.median(latencies),
        "sharp_s": statistics.median(stops),
        "cores_of_server": round(cores[0], 2),
        "cores_of_browser": round(cores[1], 2),
        "latencies_s": latencies,
        "stops_s": stops,
    }
    if has_film:
        found["play"] = playing(watched.play(effort.film_s), effort.film_s)
    watched.page.close()
    return found


def rate(seen: Seen) -> Facts:
    """Return how many pictures a second were drawn while the mouse moved, and how wide."""
    seconds = seen.moves[-1] - seen.moves[0]
    drawn = _drawn(seen.since(seen.moves[0]))
    gaps = np.diff(drawn[:, 0])
    return {
        "frames_per_s": round(len(drawn) / seconds, 2),
        "worst_gap_s": round(float(gaps.max()), 3) if len(gaps) else None,
        "width_px": round(float(np.median(drawn[:, 2]))) if len(drawn) else None,
        "moves_per_s": round(len(seen.moves) / seconds, 1),
    }


def playing(seen: Seen, film_s: float) -> Facts:
    """Return pictures a second while a film played, and how far its clock was from the page's.

    ``drift_s`` is what the film's clock gained or lost over the film, by the line through what the
    timeline showed; ``lag_s`` how far it was from that line at worst.
    """
    at, shown = seen.seconds[1:-1].T  # the first may be of before, the last is where it rests
    if len(at) < 3:
        raise UsageError(
            f"the timeline moved {len(at)} times in a film of {film_s:g} s; look at it"
        )
    slope, start = np.polyfit(at, shown, 1)
    drawn = _drawn(seen)[:, 0]
    count = np.sum((drawn >= at[0]) & (drawn <= at[-1]))
    return {
        "frames_per_s": round(float(count / (at[-1] - at[0])), 2),
        "drift_s": round(float((slope - 1) * film_s), 3),
        "lag_s": round(float(np.abs(shown - slope * at - start).max()), 3),
    }


def _drawn(seen: Seen) -> np.ndarray:
    """Return the pictures, each when it was first seen."""
    return seen.pictures[np.unique(seen.pictures[:, 1], return_index=True)[1]]


def _cpu_seconds(server: int) -> tuple[float, float]:
    """Return the processor time of the server so far, and that of the browser's processes.

    The latter are all others that this one has started.
    """
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        process = int(stat.parent.name)
        parents[process], spent[process] = int(fields[1]), int(fields[11]) + int(fields[12])

    def is_ours(process: int) -> bool:
        while process in parents and process != os.getpid():
            process = parents[process]
        return process == os.getpid()

    others = [p for p in parents if p not in (server, os.getpid()) and is_ours(p)]
    tick = os.sysconf("SC_CLK_TCK")
    return spent.get(server, 0) / tick, sum(spent[p] for p in others) / tick
