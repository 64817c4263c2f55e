"""One browser at the studio: its live picture, its overlay, its panels, and what it has chosen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import viser

from scenegen.path.script.schema import Script
from scenegen.studio import edits, placing
from scenegen.studio.box import CropView
from scenegen.studio.film import Film, Mark
from scenegen.studio.live import LiveView
from scenegen.studio.overlay import Hands, Overlay
from scenegen.studio.panels import Panel, panels_of
from scenegen.studio.pictures import canvas_fov
from scenegen.studio.worker import Worker

if TYPE_CHECKING:
    from scenegen.studio.app import Studio

FREE_FOV_DEG = 50.0
"""Vertical field of view of a browser that has just come."""

_NARROW = 1.1

log = logging.getLogger(__name__)


class Seat:
    """Everything that belongs to one client; the session it edits is the studio's.

    ``shot`` and ``key`` are what the browser has chosen: places in the script, or None.
    """

    def __init__(self, studio: Studio, client: viser.ClientHandle) -> None:
        self.studio, self.client = studio, client
        self.shot: int | None = None
        self.key: int | None = None
        self.worker = Worker(f"studio-seat-{client.client_id}", self.complain)
        self.overlay = Overlay(client, Hands(self.go_to_photo, self._key_clicked, self._dragged))
        self.box = CropView(client, self._face_dragged)
        self.live = LiveView(
            client,
            lambda: studio.stage,
            lambda: studio.director.film,
            self._playing,
            self._looking,
            self.overlay.hurry,
        )
        self._panels: list[Panel] = []
        self._heard = [studio.director.listen(self._film_made)]
        self.worker.post(self._furnish)

    @property
    def film(self) -> Film:
        """What came of the script."""
        return self.studio.director.film

    @property
    def script(self) -> Script:
        """The script as it is now."""
        return self.studio.session.script

    def close(self) -> None:
        """Leave: the client is gone."""
        for stop in self._heard:
            stop()
        for panel in self._panels:
            panel.close()
        self.live.close()
        self.worker.close()

    def wait(self, seconds: float) -> None:
        """Wait so long at most for each of its threads to end, once closed."""
        self.live.wait(seconds)
        self.worker.wait(seconds)

    @property
    def busy(self) -> bool:
        """Whether a thread of its own still runs."""
        return self.live.busy or self.worker.busy

    def hear(
        self, register: Callable[[Any], Any], act: Callable[[Any], None], latest: bool = False
    ) -> None:
        """Let ``act`` get the values that a user gives a handle: in order, in the seat's thread.

        ``register`` is the handle's ``on_update`` or ``on_click``. Values that the program sets
        itself are no news. With ``latest`` those that came while another was dealt with are
        skipped but for the last one.
        """
        kind = object() if latest else None

        async def heard(event: viser.GuiEvent[Any]) -> None:
            if event.client is not None:
                value = event.target.value
                self.worker.post(lambda: act(value), kind)

        register(heard)

    def do(self, edit: Callable[[Script], Script], merge: str | None = None) -> None:
        """Edit the shared script."""
        self.studio.session.do(edit, merge)

    def choose(self, shot: int | None, key: int | None = None) -> None:
        """Choose a shot and maybe one of its keyframes."""
        self.shot, self.key = shot, key
        self._draw()

    def complain(self, words: str) -> None:
        """Tell the browser what could not be done."""
        self.client.add_notification("Not done", words, color="red", auto_close_seconds=12.0)

    def tell(self, title: str, words: str) -> None:
        """Tell the browser something."""
        self.client.add_notification(title, words, color="green", auto_close_seconds=8.0)

    def stage_changed(self) -> None:
        """Show another scene."""
        self.worker.post(self._set_stage, kind="stage")

    def add_key_here(self, after: int | None = None) -> None:
        """Add a keyframe where the browser's camera is."""
        sight = self.live.free_sight()
        if sight is None:
            return
        stage = self.studio.stage
        assert stage is not None
        through = self.live.second
        fov = sight.fov_y_deg
        if through is not None and self.film.path is not None:
            fov = float(self.film.path.fov_y_deg[self.film.frame(through)])
        key = edits.key_at_pose(sight.pose, fov)
        place: list[int] = []

        def edit(script: Script) -> Script:
            made, shot, at = edits.with_key(script, key, self._key_shot(script), after)
            place[:] = [shot, at]
            return made

        self.do(edit)
        self.choose(*place)

    def _key_shot(self, script: Script) -> int | None:
        """Return the chosen shot where it is one of keyframes."""
        if self.shot is None or self.shot >= len(script.shots):
            return None
        return self.shot if hasattr(script.shots[self.shot], "keys") else None

    def _furnish(self) -> None:
        camera = self.client.camera
        if camera.aspect < _NARROW:  # held upright, a phone would see but a slit
            camera.fov = float(np.deg2rad(canvas_fov(FREE_FOV_DEG, _NARROW, camera.aspect)))
        self._panels = panels_of(self)
        self._set_stage()

    def _set_stage(self) -> None:
        stage = self.studio.stage
        if stage is not None:
            self.overlay.draw_photos(stage)
            self.live.refresh()
        self._draw()

    def _film_made(self, _: Film) -> None:
        self.worker.post(self._draw, kind="film")

    def _draw(self) -> None:
        film, stage = self.film, self.studio.stage
        self._keep_choice()
        if stage is not None:
            chosen = None
            if self.shot is not None and self.key is not None:
                chosen = (self.shot, self.key)
            self.overlay.draw_film(stage, film, chosen)
            self.box.draw(stage)
        for panel in self._panels:
            panel.refresh(film)
        if self.live.second is not None and not self.live.is_playing:
            self.live.refresh()

    def _keep_choice(self) -> None:
        """Let go of what is no longer there; without a choice it is the last shot."""
        shots = self.script.shots
        if self.shot is None and shots:
            self.shot = len(shots) - 1
        if self.shot is not None and self.shot >= len(shots):
            self.shot = len(shots) - 1 if shots else None
            self.key = None
        keys = () if self.shot is None else getattr(shots[self.shot], "keys", ())
        if self.key is not None and self.key >= len(keys):
            self.key = len(keys) - 1 if keys else None

    def _looking(self, eye: np.ndarray, through: bool) -> None:
        self.overlay.seen_from(eye, through)
        self.box.seen_through(through)

    def _face_dragged(self, face: int, point: np.ndarray, done: bool) -> None:
        def move() -> None:
            stage, session = self.studio.stage, self.studio.session
            crop = session.placement.crop
            if stage is None or crop is None:
                return
            at = point / stage.scale + stage.centre
            moved = placing.with_face(crop, face, at, stage.location.size)
            session.place(lambda placement: replace(placement, crop=moved), f"face {face}")
            if done:
                session.end_gesture()

        self.worker.post(move, kind="face")

    def _playing(self, second: float | None) -> None:
        for panel in self._panels:
            panel.playing(second)

    def go_to_photo(self, index: int) -> None:
        """Look from where a photo was taken, as wide as its camera looks."""

        def go() -> None:
            stage = self.studio.stage
            if stage is not None and index < len(stage.scene.photos):
                view = stage.location.view(stage.scene.photos[index].camera, 16 / 9)
                pose = np.array(stage.scene.photos[index].camera.world_from_camera, np.float64)
                aspect = self.client.camera.aspect
                fov = view.fov_y_deg
                if aspect < _NARROW:
                    fov = canvas_fov(fov, _NARROW, aspect)
                self.live.go_to(pose, float(fov))

        self.worker.post(go, kind="go")

    def _key_clicked(self, shot: int, key: int) -> None:
        self.worker.post(lambda: self.choose(shot, key), kind="choose")

    def _dragged(self, mark: Mark, pose: np.ndarray, done: bool) -> None:
        def move() -> None:
            key = edits.key_at_pose(pose, mark.fov_y_deg)
            self.do(
                lambda script: edits.with_key_moved(script, mark.shot, mark.key, key),
                merge=f"drag {mark.shot} {mark.key}",
            )
            if done:
                self.studio.session.end_gesture()

        self.worker.post(move, kind="drag")
