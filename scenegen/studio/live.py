"""The picture behind one browser's view: coarse while its camera moves, the whole frame at rest.

A camera tells of every move; only the latest is looked at. Nothing here waits for a browser: a
picture that nobody takes is replaced by the next one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import viser

from scenegen.errors import SceneGenError
from scenegen.render.preview import Preview
from scenegen.studio.film import Film
from scenegen.studio.pace import Pace, Pulse
from scenegen.studio.pictures import (
    LOOKS,
    Look,
    Moved,
    Sight,
    coarse,
    on_canvas,
    still,
)
from scenegen.studio.stage import Stage
from scenegen.types import Frame

log = logging.getLogger(__name__)

REST_S = 0.15
"""Seconds without a move after which a camera rests; slow browsers tell seven times a second."""

_ECHO = 2e-3
"""Moves below it, in the browser's units or radians, are a placed camera's echo."""

_ECHO_S, _PLACES = 3.0, 100
"""Seconds after which no echo comes any more: a slow browser tells of a playing film's cameras
when it has ended; and how many places are kept for that."""

_MOVING_QUALITY, _SHARP_QUALITY = 70, 92
"""Of the JPEGs."""


@dataclass
class Figures:
    """What the live view has done."""

    sharp_count: int = 0


class LiveView:
    """Renders for one client in a thread of its own until it is closed.

    ``stage`` and ``film`` give what is shown now; ``playing`` is told the second that a playing
    film is at, and None when it stopped by itself; ``looking`` where the camera is, in the
    browser's world, and whether it looks through the film's lens; ``hurry`` whether the camera of
    a slow browser moves.
    """

    def __init__(
        self,
        client: viser.ClientHandle,
        stage: Callable[[], Stage | None],
        film: Callable[[], Film],
        playing: Callable[[float | None], None],
        looking: Callable[[np.ndarray, bool], None],
        hurry: Callable[[bool], None],
    ) -> None:
        self._client, self._stage, self._film = client, stage, film
        self._playing, self._looking, self._hurry = playing, looking, hurry
        self.look: Look = LOOKS[0]
        self.figures = Figures()
        self._condition = threading.Condition()
        self._wanted: Sight | None = None
        self._through: float | None = None
        self._placed: deque[tuple[float, np.ndarray, np.ndarray]] = deque(maxlen=_PLACES)
        self._clock: tuple[float, float] | None = None
        self._pace, self._pulse = Pace(), Pulse()
        self._version = 0
        self._closed = False
        client.camera.on_update(self._camera_moved)
        self._thread = threading.Thread(target=self._work, name="studio-live", daemon=True)
        self._thread.start()

    @property
    def second(self) -> float | None:
        """The second of the film that is looked at through its own lens; None for a free view."""
        return self._through

    @property
    def is_playing(self) -> bool:
        """Whether the film plays."""
        return self._clock is not None

    def free_sight(self) -> Sight | None:
        """Return what the browser's own camera sees; None before there is a stage."""
        stage, camera = self._stage(), self._client.camera
        if stage is None or camera.image_height < 1 or camera.image_width < 1:
            return None
        canvas = round(float(np.clip(camera.aspect, 0.2, 5.0)), 3)
        pose = stage.pose(camera.wxyz, camera.position)
        fov = float(np.clip(np.rad2deg(camera.fov), 1.0, 150.0))
        return Sight(pose, fov, canvas, canvas, self.look)

    def scrub(self, second: float) -> None:
        """Look through the film's lens at a second; stops playing."""
        self._clock = None
        self._show_second(second)

    def play(self, second: float) -> None:
        """Play the film at its own speed from a second on."""
        if self._film().path is not None:
            with self._condition:
                self._clock = (time.monotonic(), second)
                self._condition.notify_all()

    def stop(self) -> None:
        """Stop playing; the camera stays where it is."""
        with self._condition:
            self._clock = None
            self._condition.notify_all()

    def go_to(self, pose: np.ndarray, fov_y_deg: float | None = None) -> None:
        """Move the browser's camera freely to a pose."""
        stage = self._stage()
        if stage is None:
            return
        self._clock = self._through = None
        self._place(stage, pose, fov_y_deg)
        self.refresh()

    def refresh(self) -> None:
        """Look again: what is shown, or how, has changed."""
        second = self._through
        if second is not None and self._film().path is not None:
            self._show_second(second)
            return
        self._through = None
        self._want(self.free_sight())

    def again(self) -> None:
        """Make the picture anew though nothing has moved: what it is made from is better now."""
        with self._condition:
            self._version += 1
            self._condition.notify_all()

    def close(self) -> None:
        """End the thread."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait so long at most for the thread to end, once closed."""
        self._thread.join(seconds)

    @property
    def busy(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    def _camera_moved(self, _camera: object) -> None:
        self._pulse.moved(time.monotonic())
        sight = self.free_sight()
        if sight is None or self._clock is not None:
            return
        if self._through is not None:
            wanted = self._wanted
            resized = wanted is not None and abs(wanted.canvas - sight.canvas) > 1e-3
            if resized:
                self.refresh()
                return
            if self._is_echo():
                return
            self._through = None
        self._want(sight)

    def _is_echo(self) -> bool:
        """Say whether the browser only tells of a place that it was given a moment ago."""
        camera, now = self._client.camera, time.monotonic()
        for at, turn, place in self._placed:
            apart = float(np.linalg.norm(camera.position - place))
            cosine = min(1.0, abs(float(np.dot(camera.wxyz, turn))))
            is_last = at == self._placed[-1][0]
            near = apart < _ECHO and 2 * np.arccos(cosine) < 0.02
            if near and (is_last or now - at < _ECHO_S):
                return True
        return False

    def _show_second(self, second: float) -> None:
        stage, film = self._stage(), self._film()
        if stage is None or film.path is None:
            return
        sight = self._film_sight(film, second)
        self._through = second
        self._place(stage, sight.pose, sight.canvas_fov_deg)
        self._want(sight)

    def _film_sight(self, film: Film, second: float) -> Sight:
        path = film.path
        assert path is not None
        frame = film.frame(second)
        camera = self._client.camera
        canvas = round(float(np.clip(camera.aspect, 0.2, 5.0)), 3)
        pose = path.world_from_camera[frame].astype(np.float64)
        fov = float(path.fov_y_deg[frame])
        return Sight(pose, fov, path.aspect, canvas, self.look, path, frame)

    def _place(self, stage: Stage, pose: np.ndarray, fov_y_deg: float | None) -> None:
        wxyz, position = stage.shown_pose(pose)
        camera = self._client.camera
        reach = max(0.3, float(np.linalg.norm(camera.look_at - camera.position)))
        level = abs(pose[2, 0]) < 1e-3 and pose[2, 1] > 0
        with self._client.atomic():
            # A camera that leans has its own up; a level one orbits about the world's.
            camera.up_direction = np.array([0.0, 0.0, 1.0]) if level else pose[:3, 1]
            camera.position = position
            camera.look_at = position - reach * pose[:3, 2]
            if fov_y_deg is not None:
                camera.fov = float(np.deg2rad(fov_y_deg))
        self._placed.append((time.monotonic(), wxyz, position))

    def _want(self, sight: Sight | None) -> None:
        with self._condition:
            stage = self._stage()
            if sight is None or stage is None or sight.same(self._wanted, stage.location.size):
                return
            self._wanted = sight
            self._version += 1
            self._condition.notify_all()

    def _work(self) -> None:
        shown, sharp, rests = 0, 0, 0.0
        stage, preview = None, None
        while not self._closed:
            now = self._stage()
            if now is not stage:
                stage, preview, shown = now, Preview(now.scene) if now else None, -1
            try:
                if stage is not None and preview is not None and self._clock is not None:
                    self._play_on(stage, preview)
                    shown, rests = -1, time.monotonic()
                    continue
                with self._condition:
                    version, sight = self._version, self._wanted
                if stage is None or preview is None or sight is None:
                    self._wait(version, 0.5)
                elif version != shown:
                    self._send(stage, self._coarse(preview, sight), sight, _MOVING_QUALITY)
                    shown, rests = version, time.monotonic()
                elif version != sharp:
                    if not self._wait(version, rests + REST_S - time.monotonic()):
                        sharp = self._sharpen(stage, sight, version)
                else:
                    self._wait(version, 0.5)
            except Moved:
                continue
            except SceneGenError as error:
                self._complain(str(error))
                sharp = shown = self._version
            except Exception:
                if self._closed:
                    return
                log.exception("the live view failed")
                self._wait(self._version, 1.0)

    def _coarse(self, preview: Preview, sight: Sight) -> Frame:
        self._hurry(self._pulse.is_slow)
        began = time.monotonic()
        frame = coarse(preview, sight, self._pace.effort)
        self._pace.took(time.monotonic() - began)
        return frame

    def _sharpen(self, stage: Stage, sight: Sight, version: int) -> int:
        frame = still(stage, sight, lambda: self._stale(version))
        self._hurry(False)
        self._send(stage, frame, sight, _SHARP_QUALITY)
        self.figures.sharp_count += 1
        return version

    def _stale(self, version: int) -> bool:
        return self._closed or self._version != version or self._clock is not None

    def _wait(self, version: int, seconds: float) -> bool:
        """Wait for something new; return whether there is."""
        with self._condition:
            return self._condition.wait_for(lambda: self._stale(version), max(0.0, seconds))

    def _play_on(self, stage: Stage, preview: Preview) -> None:
        clock, film = self._clock, self._film()
        if clock is None or film.path is None:
            self.stop()
            return
        second = clock[1] + time.monotonic() - clock[0]
        if second >= film.seconds and not film.script.loop:
            self._clock = None
            self._show_second(film.seconds - 0.5 / film.path.fps)
            self._playing(None)
            return
        second %= film.seconds
        sight = self._film_sight(film, second)
        frame = self._coarse(preview, sight)
        if self._clock is None:
            return
        self._through = second
        with self._condition:
            self._wanted = sight
            self._version += 1
        with self._client.atomic():
            self._place(stage, sight.pose, sight.canvas_fov_deg)
            self._send(stage, frame, sight, _MOVING_QUALITY)
        self._playing(second)

    def _send(self, stage: Stage, frame: Frame, sight: Sight, quality: int) -> None:
        self._looking(stage.shown(sight.pose[:3, 3]), sight.film is not None)
        picture, depth = on_canvas(stage, frame, sight)
        if self._closed:
            return
        self._client.scene.set_background_image(
            picture, format="jpeg", jpeg_quality=quality, depth=depth
        )
        self._client.flush()

    def _complain(self, words: str) -> None:
        log.warning("%s", words)
        self._client.add_notification("Cannot be shown", words, color="red")
