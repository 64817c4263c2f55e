"""The crop's box in one browser's view: its edges, and a handle at the middle of each face."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import viser
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from scenegen.studio.placing import edges, face_points
from scenegen.studio.stage import SHOWN_SIZE, Stage
from scenegen.types import Crop

_EDGE = (120, 200, 255)
_HANDLE = 0.06 * SHOWN_SIZE
_GRID = 2 * SHOWN_SIZE
_FLOOR = 2.0
"""Percentile of the heights of what photos saw, at which the level grid lies."""

Dragged = Callable[[int, np.ndarray, bool], None]
"""A face is at another point of the browser's world; true when it is let go."""


class CropView:
    """Draws in one client's view. Methods may be called from any thread."""

    def __init__(self, client: viser.ClientHandle, dragged: Dragged) -> None:
        self._client, self._dragged = client, dragged
        self._lock = threading.RLock()
        self._edges: viser.LineSegmentsHandle | None = None
        self._grips: list[viser.TransformControlsHandle] = []
        self._grid: viser.GridHandle | None = None
        self._shows = {"box": True, "grid": False}
        self._through = False
        self._held: int | None = None
        self._stage: Stage | None = None

    def show(self, what: str, visible: bool) -> None:
        """Show or hide the box or the level grid."""
        with self._lock:
            self._shows[what] = visible
            if self._stage is not None:
                self.draw(self._stage)

    def seen_through(self, through: bool) -> None:
        """Hide all of it while the browser looks through the film's lens."""
        with self._lock:
            if through != self._through:
                self._through = through
                if self._stage is not None:
                    self.draw(self._stage)

    def draw(self, stage: Stage) -> None:
        """Draw a stage's crop."""
        with self._lock:
            self._stage = stage
            crop = stage.scene.placement.crop
            self._draw_grid(stage)
            if crop is None or self._through or not self._shows["box"]:
                self._remove()
                return
            ends = stage.shown(edges(crop)).astype(np.float32)
            if self._edges is None:
                self._edges = self._client.scene.add_line_segments(
                    "/crop/edges", ends, _EDGE, thickness=2.0, thickness_units="screen"
                )
                self._grips = [self._grip(stage, crop, face) for face in range(6)]
                return
            self._edges.points = ends
            for face, grip in enumerate(self._grips):
                if face != self._held:
                    grip.position = stage.shown(face_points(crop)[face])
                    grip.wxyz = _outward(crop, face)

    def _remove(self) -> None:
        if self._edges is not None:
            self._edges.remove()
        for grip in self._grips:
            grip.remove()
        self._edges, self._grips, self._held = None, [], None

    def _grip(self, stage: Stage, crop: Crop, face: int) -> viser.TransformControlsHandle:
        handle = self._client.scene.add_transform_controls(
            f"/crop/face{face}",
            scale=_HANDLE,
            active_axes=(True, False, False),
            disable_sliders=True,
            disable_rotations=True,
            depth_test=False,
            wxyz=_outward(crop, face),
            position=stage.shown(face_points(crop)[face]),
        )

        @handle.on_update
        async def _(event: viser.TransformControlsEvent) -> None:
            # On the event loop, so that moves arrive in their order.
            self._held = None if event.phase == "end" else face
            if event.phase != "start":
                self._dragged(face, np.array(event.target.position), event.phase == "end")

        return handle

    def _draw_grid(self, stage: Stage) -> None:
        shown = self._shows["grid"] and not self._through
        if self._grid is not None:
            self._grid.remove()
            self._grid = None
        if shown:
            low = float(np.percentile(stage.location.seen[:, 2], _FLOOR))
            height = (low - stage.centre[2]) * stage.scale
            self._grid = self._client.scene.add_grid(
                "/level", _GRID, _GRID, plane="xy", cell_size=0.25, position=(0.0, 0.0, height)
            )


def _outward(crop: Crop, face: int) -> Float[np.ndarray, "4"]:
    """Return the rotation, wxyz, whose X axis points out of a face."""
    axis, high = divmod(face, 2)
    x = crop.axes[:, axis] * (1.0 if high else -1.0)
    y = crop.axes[:, (axis + 1) % 3]
    turn = Rotation.from_matrix(np.stack([x, y, np.cross(x, y)], axis=1))
    return turn.as_quat(scalar_first=True)
