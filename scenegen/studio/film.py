"""What comes of a script at a stage: the path, where its keyframes are, and what is wrong with it.

A `Director` plays every version of a session's script in the background, the latest one only.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from scenegen.errors import SceneGenError
from scenegen.path.check import PathCheck, check_path
from scenegen.path.direct import Directed, direct, opening
from scenegen.path.location import View
from scenegen.path.moves.along import key_spline, key_view
from scenegen.path.moves.scout import Scout
from scenegen.path.script.changes import Retime, Reverse
from scenegen.path.script.schema import Script
from scenegen.path.script.shots import Keyframes
from scenegen.path.script.values import aspect_ratio
from scenegen.path.timing import share_of_way
from scenegen.studio.pace import give_way
from scenegen.studio.stage import Stage
from scenegen.types import CameraPath

log = logging.getLogger(__name__)

ASPECT = 16 / 9


@dataclass(frozen=True, eq=False)
class Mark:
    """A keyframe: its place in the script, the second of its shot and of the film, its pose.

    It cannot be dragged where the script moves the whole path afterwards.
    """

    shot: int
    key: int
    in_shot: float
    second: float
    pose: Float[np.ndarray, "4 4"]
    fov_y_deg: float
    draggable: bool


@dataclass(frozen=True, eq=False)
class Film:
    """A script and what came of it: no path where it has no shots or ``trouble`` says why."""

    script: Script
    path: CameraPath | None = None
    starts: tuple[tuple[int, float], ...] = ()
    """Shot and second at which each take begins; -1 is a way to a shot."""
    marks: tuple[Mark, ...] = ()
    check: PathCheck | None = None
    trouble: str = ""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.path) / self.path.fps if self.path is not None else 0.0

    def frame(self, second: float) -> int:
        """Return the frame that is shown at a second."""
        assert self.path is not None
        return int(np.clip(np.floor(second * self.path.fps + 1e-6), 0, len(self.path) - 1))

    def shot_at(self, second: float) -> int:
        """Return the place of the shot that is on at a second, -1 where there is none."""
        found = -1
        for shot, start in self.starts:
            if start <= second + 1e-9 and shot >= 0:
                found = shot
        return found


Listener = Callable[[Film], None]


class Director:
    """Plays the latest script it is given, and tells listeners: once for the path, then checked."""

    def __init__(self) -> None:
        self.film = Film(Script.model_construct(shots=()))
        self._listeners: list[Listener] = []
        self._wanted: tuple[Script, Stage | None] | None = None
        self._condition = threading.Condition()
        self._closed = False
        self._checker = ThreadPoolExecutor(1, "studio-check", initializer=give_way)
        self._thread = threading.Thread(target=self._work, name="studio-director", daemon=True)
        self._thread.start()

    def play(self, script: Script, stage: Stage | None) -> None:
        """Play a script next, in place of whatever waits."""
        with self._condition:
            self._wanted = (script, stage)
            self._condition.notify_all()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every film, and return what ends that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def close(self) -> None:
        """End the background work."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._thread.join(timeout=10)
        self._checker.shutdown(cancel_futures=True)

    def _work(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closed or self._wanted is not None)
                if self._closed or self._wanted is None:
                    return
                script, stage = self._wanted
                self._wanted = None
            self._make(script, stage)

    def _make(self, script: Script, stage: Stage | None) -> None:
        if stage is None:
            self._tell(Film(script))
            return
        try:
            film = made_film(script, stage)
            self._tell(film)
            if film.path is not None and not self._superseded():
                self._checker.submit(self._check, film, stage)
        except Exception as error:  # the studio goes on, whatever a script does
            log.exception("the path could not be made")
            self._tell(Film(script, trouble=f"{type(error).__name__}: {error}"))

    def _check(self, film: Film, stage: Stage) -> None:
        """Look at a film that is still the latest; whoever edits does not wait for it."""
        if film.path is None or self.film is not film:
            return
        try:
            found = check_path(film.path, stage.location)
            if self.film is film:
                self._tell(replace(film, check=found))
        except Exception:  # as above
            log.exception("the path could not be checked")

    def _superseded(self) -> bool:
        with self._condition:
            return self._closed or self._wanted is not None

    def _tell(self, film: Film) -> None:
        self.film = film
        for listener in tuple(self._listeners):
            listener(film)


def film_aspect(script: Script) -> float:
    """Return the width over height of a script's film."""
    return ASPECT if script.aspect is None else aspect_ratio(script.aspect)


def made_film(script: Script, stage: Stage) -> Film:
    """Return a script played at a stage; what it cannot play there becomes its trouble."""
    if not script.shots:
        return Film(script)
    try:
        directed = direct(script, stage.location, film_aspect(script))
    except SceneGenError as error:
        return Film(script, trouble=str(error))
    starts = tuple(zip(directed.shots, directed.starts, strict=True))
    marks = tuple(_marks(script, stage, directed))
    return Film(script, directed.path, starts, marks)


def _marks(script: Script, stage: Stage, directed: Directed) -> list[Mark]:
    aspect = film_aspect(script)
    start = opening(script, stage.location, aspect)
    path = directed.path
    seconds = len(path) / path.fps
    bounds = [*directed.starts, seconds]
    backwards = sum(isinstance(change, Reverse) for change in script.transform) % 2
    moved = any(not isinstance(change, Retime | Reverse) for change in script.transform)
    marks = []
    for index, shot in enumerate(script.shots):
        if not isinstance(shot, Keyframes):
            continue
        scout = Scout(stage.location, aspect, f"shots[{index}]")
        views = [key_view(key, place, start, scout) for place, key in enumerate(shot.keys)]
        take = directed.shots.index(index)
        length = bounds[take + 1] - bounds[take]
        shares = _shares(shot, views)
        for place, (view, share) in enumerate(zip(views, shares, strict=True)):
            second = bounds[take] + share * length
            second = seconds - second if backwards else second
            pose = np.eye(4)
            pose[:3, :3], pose[:3, 3] = view.rotation, view.position
            if moved:
                frame = min(round(second * path.fps), len(path) - 1)
                pose = path.world_from_camera[frame]
            fov = view.fov_y_deg
            marks.append(Mark(index, place, share * length, second, pose, fov, not moved))
    return marks


def _shares(shot: Keyframes, views: list[View]) -> Float[np.ndarray, "key"]:
    """Return the share of a shot's time at which each of its keys is passed."""
    if len(views) == 1:
        return np.zeros(1)
    ways = key_spline(shot, views).key_shares[: len(views)]
    time = np.linspace(0.0, 1.0, 2001)
    return np.interp(ways, share_of_way(time, shot.ease), time)
