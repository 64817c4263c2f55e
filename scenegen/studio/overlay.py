"""What one browser shows in front of the live picture: photos, the path, its keyframes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import viser
from jaxtyping import Float, UInt8

from scenegen.path.check import PathCheck
from scenegen.studio.film import Film, Mark, film_aspect
from scenegen.studio.stage import Stage
from scenegen.types import CameraPath, Photo

_FRUSTUM = 0.1
"""Length of a photo's frustum in the browser's units; keyframes are longer."""

_IN_THE_WAY = 0.5
"""Distance in the browser's units within which a frustum would fill the view."""

_MOST_THUMBNAILS = 300
_THUMBNAIL_PX = 96
_MOST_SEGMENTS = 600

GOOD = (64, 200, 120)
WARN = (245, 170, 40)
BAD = (235, 60, 50)
_PHOTO = (120, 140, 170)
_KEY = (255, 214, 64)
_CHOSEN = (255, 255, 255)
_COLORS = {"crossing": BAD, "near": BAD, "unseen": WARN, "fast": WARN, "turn": WARN}


@dataclass(frozen=True)
class Hands:
    """What is done when something in the overlay is touched."""

    photo: Callable[[int], None]
    """A photo was clicked."""
    key: Callable[[int, int], None]
    """A keyframe (shot, key) was clicked."""
    dragged: Callable[[Mark, np.ndarray, bool], None]
    """A keyframe is at another pose; true when it is let go."""


class Overlay:
    """Draws over one client's view. Methods may be called from any thread."""

    def __init__(self, client: viser.ClientHandle, hands: Hands) -> None:
        self._client, self._hands = client, hands
        self._lock = threading.RLock()
        self._all_photos = client.scene.add_frame("/photos", show_axes=False)
        self._photos: list[viser.CameraFrustumHandle] = []
        self._drawn: tuple[tuple[Photo, ...], float] = ((), 0.0)
        self._curve: viser.LineSegmentsHandle | None = None
        self._keys: dict[tuple[int, int], viser.CameraFrustumHandle] = {}
        self._gizmo: viser.TransformControlsHandle | None = None
        self._gripped: Mark | None = None
        self._dragging = False
        self._shows = {"photos": True, "path": True, "keyframes": True}
        self._through = False
        self._eye = np.full(3, np.inf)

    def show(self, what: str, visible: bool) -> None:
        """Show or hide the photos, the path or the keyframes."""
        with self._lock:
            self._shows[what] = visible
            self._set_visible()

    def seen_from(self, eye: Float[np.ndarray, "3"], through: bool) -> None:
        """Leave out what would stand in the way of a camera in the browser's world.

        That is a photo or keyframe right at the ``eye``, and all of it when the camera looks
        ``through`` the film's lens: what is seen then is what will be rendered.
        """
        with self._lock:
            self._eye, self._through = eye, through
            self._set_visible()

    def hurry(self, moving: bool) -> None:
        """Leave out the photos, which take a slow browser longest to draw, while it moves."""
        with self._lock:
            if self._all_photos.visible == moving:
                self._all_photos.visible = not moving

    def _set_visible(self) -> None:
        for what in self._shows:
            for handle in self._handles(what):
                visible = self._sees(what, handle.position)
                if handle.visible != visible:
                    handle.visible = visible

    def _sees(self, what: str, position: Float[np.ndarray, "3"]) -> bool:
        if self._through or not self._shows[what]:
            return False
        return what == "path" or float(np.linalg.norm(position - self._eye)) > _IN_THE_WAY

    def draw_photos(self, stage: Stage) -> None:
        """Draw the photos as frustums with thumbnails."""
        with self._lock:
            drawn = (stage.scene.photos, stage.scale)
            if drawn[0] is self._drawn[0] and drawn[1] == self._drawn[1]:
                return  # a growing scene comes every second
            same = [one.file for one in drawn[0]] == [one.file for one in self._drawn[0]]
            self._drawn = drawn
            if same and len(self._photos) == len(drawn[0]):
                for handle, photo in zip(self._photos, drawn[0], strict=True):
                    handle.wxyz, handle.position = stage.shown_pose(photo.camera.world_from_camera)
                return
            for handle in self._photos:
                handle.remove()
            self._photos = [
                self._photo(stage, index, photo) for index, photo in enumerate(stage.scene.photos)
            ]

    def draw_film(self, stage: Stage, film: Film, chosen: tuple[int, int] | None) -> None:
        """Draw the path with its troubles, the keyframes, and a gizmo at the chosen one."""
        with self._lock:
            if self._curve is not None:
                self._curve.remove()
                self._curve = None
            if film.path is not None and len(film.path) > 1:
                points, colors = curve(stage, film.path, film.check)
                self._curve = self._client.scene.add_line_segments(
                    "/path",
                    points,
                    colors,
                    thickness=3.0,
                    thickness_units="screen",
                    visible=self._sees("path", self._eye),
                )
            self._draw_keys(stage, film, chosen)

    def _draw_keys(self, stage: Stage, film: Film, chosen: tuple[int, int] | None) -> None:
        places = {(mark.shot, mark.key): mark for mark in film.marks}
        for place in [place for place in self._keys if place not in places]:
            self._keys.pop(place).remove()
        for place, mark in places.items():
            self._draw_key(stage, mark, film_aspect(film.script), place == chosen)
        mark = places.get(chosen) if chosen is not None else None
        if not self._dragging:
            self._grip(stage, mark if mark is not None and mark.draggable else None)

    def _draw_key(self, stage: Stage, mark: Mark, aspect: float, chosen: bool) -> None:
        wxyz, position = stage.shown_pose(mark.pose)
        place = (mark.shot, mark.key)
        color = _CHOSEN if chosen else _KEY
        fov = float(np.deg2rad(mark.fov_y_deg))
        handle = self._keys.get(place)
        if handle is not None and (abs(handle.fov - fov) > 1e-6 or handle.aspect != aspect):
            handle.remove()
            handle = None
        if handle is not None:
            handle.wxyz, handle.position, handle.color = wxyz, position, color
            return
        handle = self._client.scene.add_camera_frustum(
            f"/keyframes/{mark.shot}-{mark.key}",
            fov,
            aspect,
            scale=1.4 * _FRUSTUM,
            thickness=2.5,
            thickness_units="screen",
            color=color,
            wxyz=wxyz,
            position=position,
            visible=self._sees("keyframes", position),
        )
        handle.on_click(lambda _event: self._hands.key(*place))
        self._keys[place] = handle

    def _grip(self, stage: Stage, mark: Mark | None) -> None:
        """Put the gizmo at a keyframe, or away."""
        if mark is None:
            if self._gizmo is not None:
                self._gizmo.remove()
            self._gizmo = self._gripped = None
            return
        wxyz, position = stage.shown_pose(mark.pose)
        if self._gizmo is None:
            self._gizmo = self._client.scene.add_transform_controls(
                "/gizmo",
                scale=0.5,
                depth_test=False,
                wxyz=wxyz,
                position=position,
                visible=self._sees("keyframes", position),
            )

            @self._gizmo.on_update
            async def _(event: viser.TransformControlsEvent) -> None:
                # On the event loop, so that moves arrive in their order.
                self._moved(stage, event)

        elif self._gripped is None or not np.array_equal(self._gripped.pose, mark.pose):
            self._gizmo.wxyz, self._gizmo.position = wxyz, position
        self._gripped = mark

    def _moved(self, stage: Stage, event: viser.TransformControlsEvent) -> None:
        mark = self._gripped
        self._dragging = event.phase != "end"
        if mark is None or event.phase == "start":
            return
        pose = stage.pose(event.target.wxyz, event.target.position)
        self._hands.dragged(mark, pose, event.phase == "end")

    def _photo(self, stage: Stage, index: int, photo: Photo) -> viser.CameraFrustumHandle:
        lens = photo.camera.lens
        wxyz, position = stage.shown_pose(photo.camera.world_from_camera)
        handle = self._client.scene.add_camera_frustum(
            f"/photos/{index}",
            2 * float(np.arctan(lens.height_px / 2 / lens.fl_y)),
            lens.width_px / lens.height_px,
            scale=_FRUSTUM,
            thickness=1.0,
            thickness_units="screen",
            color=_PHOTO,
            image=thumbnail(photo) if index < _MOST_THUMBNAILS else None,
            jpeg_quality=70,
            wxyz=wxyz,
            position=position,
            visible=self._sees("photos", position),
        )
        handle.on_click(lambda _event: self._hands.photo(index))
        return handle

    def _handles(self, what: str) -> list[viser.SceneNodeHandle]:
        if what == "photos":
            return list(self._photos)
        if what == "path":
            return [] if self._curve is None else [self._curve]
        return [*self._keys.values(), *([] if self._gizmo is None else [self._gizmo])]


def curve(
    stage: Stage, path: CameraPath, check: PathCheck | None
) -> tuple[np.ndarray, UInt8[np.ndarray, "n 2 3"]]:
    """Return line segments (n, 2, 3) along a path, and their colours by what is wrong there."""
    count = len(path)
    step = max(1, count // _MOST_SEGMENTS)
    frames = np.unique(np.append(np.arange(0, count, step), count - 1))
    places = stage.shown(path.world_from_camera[frames, :3, 3].astype(np.float64))
    points = np.stack([places[:-1], places[1:]], axis=1)
    colors = np.tile(np.array(GOOD, np.uint8), (count, 1))
    for trouble in sorted(
        check.troubles if check else (), key=lambda one: _COLORS.get(one.kind, WARN) == BAD
    ):
        # The worst comes last, and what takes a moment is still to be seen.
        begin = int((trouble.start - 0.1) * path.fps)
        end = int((trouble.end + 0.1) * path.fps)
        colors[max(0, begin) : end + 1] = _COLORS.get(trouble.kind, WARN)
    return points, np.stack([colors[frames[:-1]], colors[frames[1:]]], axis=1)


def thumbnail(photo: Photo) -> UInt8[np.ndarray, "h w 3"] | None:
    """Return a photo a hundred pixels wide, None if it cannot be read."""
    from PIL import Image

    try:
        with Image.open(photo.file) as image:
            image.draft("RGB", (_THUMBNAIL_PX, _THUMBNAIL_PX))
            small = image.convert("RGB")
            small.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
            return np.array(small)
    except (OSError, ValueError):
        return None
