"""The studio's server: one session, one stage, and a seat for every browser that comes."""

from __future__ import annotations

import contextlib
import io
import logging
import threading
from pathlib import Path

import numpy as np
import viser

from scenegen.errors import SceneGenError, UsageError
from scenegen.path.direct import opening
from scenegen.studio.film import ASPECT, Director
from scenegen.studio.gate import Gate, checked_token, only_through_gate
from scenegen.studio.jobs import Jobs
from scenegen.studio.seat import FREE_FOV_DEG, Seat
from scenegen.studio.session import Session
from scenegen.studio.stage import Stage
from scenegen.types import Scene

log = logging.getLogger("scenegen")

LOOPBACK = "127.0.0.1"
SESSION_FILE = "session.json"


def desk_folder(scene_folder: Path) -> Path:
    """Return the folder beside a scene in which a studio keeps session, paths and clips."""
    place = scene_folder.absolute()
    return place.with_name(f"{place.name}.studio")


class Studio:
    """A running studio; browsers find it at `url` until it is closed.

    ``desk`` is the folder for the session's file, saved paths and clips. viser itself listens on a
    port of loopback that is told to nobody; browsers come in through the gate, at ``host`` and
    ``port``, with ``token`` where that is needed.

    Raises:
        PathError: the desk's session file is none, or the scene has no photos.
        UsageError: nothing can listen there, or the token could be guessed.
    """

    def __init__(
        self,
        desk: Path | None,
        scene: Scene | None = None,
        host: str = LOOPBACK,
        port: int = 8080,
        token: str | None = None,
    ) -> None:
        self.desk = desk
        self.session = Session(desk / SESSION_FILE if desk is not None else None)
        self.stage: Stage | None = None
        self.director = Director()
        self.jobs = Jobs()
        self._seats: dict[int, Seat] = {}
        self._lock = threading.RLock()
        self.session.listen(lambda script: self.director.play(script, self.stage))
        token = checked_token(host, token)
        with contextlib.redirect_stdout(io.StringIO()):  # viser tells of its port
            self.server = viser.ViserServer(LOOPBACK, 0, label="scenegen studio", verbose=False)
        self.server.request_share_url = _not_shared
        self.gate = Gate(host, port, self.server.get_port(), token)
        only_through_gate(self.server, self.gate.secret)
        self.server.gui.configure_theme(dark_mode=True, show_logo=False, show_share_button=False)
        self.server.scene.set_up_direction("+z")
        if scene is not None:
            self.show_scene(scene)
        self.server.on_client_connect(self._arrived)
        self.server.on_client_disconnect(self._left)
        try:
            self.gate.start()
        except UsageError:
            self.close(gate=False)
            raise

    @property
    def url(self) -> str:
        """Where browsers find the studio, with its token."""
        return self.gate.url

    @property
    def paths_folder(self) -> Path | None:
        """Where scripts and paths are saved."""
        return None if self.desk is None else self.desk / "paths"

    @property
    def seats(self) -> tuple[Seat, ...]:
        """The browsers that are there."""
        with self._lock:
            return tuple(self._seats.values())

    def show_scene(self, scene: Scene) -> None:
        """Show a scene, in place of the one before it; raises `PathError` for one without photos.

        May be called again and again while a scene trains.
        """
        stage = Stage(scene)
        first = self.stage is None
        self.stage = stage
        threading.Thread(target=self._warm, args=(stage,), daemon=True).start()
        if first:
            self._set_first_view(stage)
        self.director.play(self.session.script, stage)
        for seat in self.seats:
            seat.stage_changed()

    def close(self, gate: bool = True) -> None:
        """Stop serving."""
        if gate:
            self.gate.stop()
        for seat in self.seats:
            seat.close()
        self.jobs.close()
        self.director.close()
        self.server.stop()

    def _warm(self, stage: Stage) -> None:
        """Make the photos ready to guide, then let every still picture be made again with them."""
        try:
            stage.warm()
        except SceneGenError as error:
            log.warning("%s", error)
            return
        for seat in self.seats:
            seat.live.again()

    def _set_first_view(self, stage: Stage) -> None:
        view = opening(self.session.script, stage.location, ASPECT)
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = view.rotation, view.position
        _, position = stage.shown_pose(pose)
        camera = self.server.initial_camera
        camera.position, camera.fov = position, float(np.deg2rad(FREE_FOV_DEG))
        reach = max(0.5, float(np.linalg.norm(position)))
        camera.look_at = position - reach * pose[:3, 2]
        camera.near, camera.far = 0.01, 1000.0

    def _arrived(self, client: viser.ClientHandle) -> None:
        with self._lock:
            self._seats[client.client_id] = Seat(self, client)

    def _left(self, client: viser.ClientHandle) -> None:
        with self._lock:
            seat = self._seats.pop(client.client_id, None)
        if seat is not None:
            seat.close()


def _not_shared(verbose: bool = True) -> None:
    """Answer a browser that asks viser for a public address: a studio has none."""
    del verbose


def open_studio(
    scene_folder: Path, host: str = LOOPBACK, port: int = 8080, token: str | None = None
) -> Studio:
    """Open a studio on a scene folder.

    Raises:
        LiftError: the folder cannot be read.
        PathError: its session cannot be read, or the scene has no photos.
        UsageError: nothing can listen there, or the token could be guessed.
    """
    from scenegen.lift.scene_folder import load_scene

    return Studio(desk_folder(scene_folder), load_scene(scene_folder), host, port, token)
