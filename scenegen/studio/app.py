"""The studio's server: one session, one stage, and a seat for every browser that comes."""

from __future__ import annotations

import contextlib
import io
import logging
import threading
import warnings
from pathlib import Path

import numpy as np
import viser
from jaxtyping import Float

from scenegen.errors import SceneGenError, UsageError
from scenegen.lift.placement import AS_TRAINED, placed, write_placement
from scenegen.path.direct import opening
from scenegen.path.script.schema import Script
from scenegen.render.guided import GivenUp
from scenegen.studio import without_gpu
from scenegen.studio.film import ASPECT, Director
from scenegen.studio.gate import Gate, checked_token, only_through_gate
from scenegen.studio.jobs import Jobs
from scenegen.studio.live_training import LiveTraining
from scenegen.studio.pace import give_way
from scenegen.studio.page import PHONE
from scenegen.studio.seat import FREE_FOV_DEG, Seat
from scenegen.studio.session import Session
from scenegen.studio.stage import Stage
from scenegen.studio.uploads import PAGE
from scenegen.types import Scene

log = logging.getLogger("scenegen")

LOOPBACK = "127.0.0.1"
SESSION_FILE = "session.json"
_GRACE_S = 10.0
"""Seconds that threads have to finish what they are at when the studio closes."""


def desk_folder(scene_folder: Path) -> Path:
    """Return the folder beside a scene in which a studio keeps session, paths and clips."""
    place = scene_folder.absolute()
    return place.with_name(f"{place.name}.studio")


class Studio:
    """A running studio; browsers find it at `url` until it is closed.

    ``desk`` is the folder for the session's file, saved paths and clips. viser itself listens on a
    port of loopback that is told to nobody; browsers come in through the gate, at ``host`` and
    ``port``, with ``token`` where that is needed. A scene of which there are but photos so far is
    made by ``training``, which shows it as it grows.

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
        training: LiveTraining | None = None,
    ) -> None:
        self.desk, self.training = desk, training
        placement = AS_TRAINED if scene is None else scene.placement
        self.session = Session(desk / SESSION_FILE if desk is not None else None, placement)
        self.stage: Stage | None = None
        self.director = Director()
        self.jobs = Jobs()
        self._seats: dict[int, Seat] = {}
        self._left_seats: list[Seat] = []
        self._lock = threading.RLock()
        self._warming: threading.Thread | None = None
        self.session.listen(self._edited)
        token = checked_token(host, token)
        # A browser may leave while it is being shown something: that is nothing to warn of.
        warnings.filterwarnings("ignore", "Queued a .* on a closed connection", UserWarning)
        with contextlib.redirect_stdout(io.StringIO()):  # viser tells of its port
            self.server = viser.ViserServer(LOOPBACK, 0, label="scenegen studio", verbose=False)
        self.server.request_share_url = _not_shared
        routes, head = {}, without_gpu.SCRIPT + PHONE
        if training is not None:
            training.show = self.show_scene
            if training.uploads is not None:
                routes, head = training.uploads.routes, head + PAGE
        self.gate = Gate(host, port, self.server.get_port(), token, routes, head)
        only_through_gate(self.server, self.gate.secret)
        self.server.gui.configure_theme(
            control_width="large", dark_mode=True, show_logo=False, show_share_button=False
        )
        self.server.scene.set_up_direction("+z")
        # Nothing here is lit, and their shadows take a browser without a GPU 40 ms a frame.
        self.server.scene.configure_default_lights(enabled=False, cast_shadow=False)
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

    def show_scene(self, scene: Scene, growing: bool = False) -> None:
        """Show a scene, in place of the one before it; raises `PathError` for one without photos.

        May be called again and again while a scene is ``growing``; the field alone shows those.
        """
        before = self.stage
        of_one_world = before is not None and _same_cameras(before.scene, scene)
        stage = Stage(scene, before if of_one_world else None, growing)
        self.stage = stage
        self.session.stands(scene.placement)
        if not growing:
            self._warming = threading.Thread(target=self._warm, args=(stage,), daemon=True)
            self._warming.start()
        if not of_one_world:
            self._set_first_view(stage)
            if growing:
                for seat in self.seats:
                    seat.go_to_photo(len(scene.photos) // 2)
        self.director.play(self.session.script, stage)
        for seat in self.seats:
            seat.stage_changed()

    def _edited(self, script: Script) -> None:
        """Show what came of an edit; one that places the scene is kept with it."""
        stage, placement = self.stage, self.session.placement
        if stage is not None and stage.scene.placement != placement:
            self.stage = Stage(placed(stage.scene, placement), stage, stage.growing)
            folder = stage.scene.folder
            try:
                if folder is not None:
                    write_placement(folder, placement)
            except SceneGenError as error:
                log.warning("%s", error)
            for seat in self.seats:
                seat.stage_changed()
        self.director.play(script, self.stage)

    def close(self, gate: bool = True) -> None:
        """Stop serving."""
        with self._lock:
            seats = (*self._seats.values(), *self._left_seats)
        if self.training is not None:
            self.training.stop(wait=True)
        if gate:
            self.gate.stop()
        for seat in seats:
            seat.close()
        if self.stage is not None:
            self.stage.close()
        self.jobs.close()
        self.director.close()
        # A thread that Python ends within a kernel takes the process down with an ugly word, and
        # one that still draws, also for a browser that has just left, finds viser gone.
        for seat in seats:
            seat.wait(_GRACE_S)
        if self._warming is not None:
            self._warming.join(_GRACE_S)
        self.server.stop()

    def _warm(self, stage: Stage) -> None:
        """Make the photos ready to guide, then let every still picture be made again with them."""
        give_way()
        try:
            stage.warm()
        except GivenUp:
            return
        except SceneGenError as error:
            log.warning("%s", error)
            return
        for seat in self.seats:
            seat.live.again()

    def _set_first_view(self, stage: Stage) -> None:
        pose = _middle_photo(stage.scene)
        if not stage.growing:
            view = opening(self.session.script, stage.location, ASPECT)
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
            if seat is None:
                return
            self._left_seats = [one for one in self._left_seats if one.busy] + [seat]
        seat.close()


def _middle_photo(scene: Scene) -> Float[np.ndarray, "4 4"]:
    """Return the pose of the photo in the middle of the capture."""
    photo = scene.photos[len(scene.photos) // 2]
    return np.array(photo.camera.world_from_camera, np.float64)


def _same_cameras(one: Scene, other: Scene) -> bool:
    """Whether two scenes are of one capture; refined cameras differ by a little."""
    if len(one.photos) != len(other.photos):
        return False
    places = [np.array([camera.position for camera in scene.cameras]) for scene in (one, other)]
    return bool(np.abs(places[0] - places[1]).max() < 0.05 * one.field.radius)


def _not_shared(verbose: bool = True) -> None:
    """Answer a browser that asks viser for a public address: a studio has none."""
    del verbose


def open_studio(
    source: Path,
    host: str = LOOPBACK,
    port: int = 8080,
    token: str | None = None,
    output: Path | None = None,
) -> Studio:
    """Open a studio on a scene folder, or on anything that a scene can be made of.

    That is made as ``output``, by default SOURCE_scene beside it; if it is there already, it is
    opened.

    Raises:
        LiftError: the folder cannot be read.
        IngestError: the source is neither a scene nor anything to make one of.
        PathError: its session cannot be read, or the scene has no photos.
        UsageError: nothing can listen there, or the token could be guessed.
    """
    from scenegen.lift.scene_folder import SCENE_FILE, load_scene

    if output is None and (source / SCENE_FILE).is_file():
        return Studio(desk_folder(source), load_scene(source), host, port, token)
    training = LiveTraining.of(source, output)
    made = training.output
    scene = load_scene(made) if (made / SCENE_FILE).is_file() else None
    return Studio(desk_folder(made), scene, host, port, token, training)
