"""Frames for a camera that someone moves: whatever comes next, in a bounded time.

A key picture is kept. A frame shows it moved to where the camera is now, and what it does not know
is traced. Meanwhile the next key grows, a few pixels of it with every frame, and takes the old
one's place when all of it is traced: what is shown is resampled once, whatever the way it came. A
camera that stands still sees its own key come true; after `PreviewConfig.calls_to_rest` calls every
pixel is the one that a whole frame would have. Where too much is unknown every second pixel of it
is traced in both directions, and the others copy these until it is their turn.
Source for caching and renewing: Walter, Drettakis and Parker, "Interactive rendering using the
render cache" (1999).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil

import numpy as np
from jaxtyping import Int

from scenegen.kernels.reprojection import Picture, reproject
from scenegen.render.field_pass import Trace
from scenegen.render.frames import rounded
from scenegen.render.reuse import field_frame_of, retrace
from scenegen.types import Camera, Frame, Scene


@dataclass(frozen=True)
class PreviewConfig:
    """How much a preview traces."""

    traced_share: float = 0.2
    """Share of the pixels that a frame traces, or a quarter of them after a jump."""

    renewed_share: float = 0.08
    """Share of the pixels that the next key grows by with every frame, at least."""

    @property
    def calls_to_rest(self) -> int:
        """Calls with one camera, after which nothing more gets better."""
        return 2 + ceil(1 / self.traced_share)


PREVIEW = PreviewConfig()


class _Key:
    """A picture from a camera, and the pixels that are still to be traced, in their order."""

    def __init__(self, camera: Camera, picture: Picture, pending: Int[np.ndarray, "pixel"]) -> None:
        self.camera, self.picture, self.pending = camera, picture, pending


class Preview:
    """Previews of a scene, as the field alone shows it.

    A frame depends on the cameras so far and on nothing else. Their sizes and lenses may change
    from call to call. ``trace`` stands in for `scenegen.kernels.trace`.
    """

    def __init__(
        self, scene: Scene, config: PreviewConfig = PREVIEW, trace: Trace | None = None
    ) -> None:
        assert 0 < config.renewed_share < config.traced_share
        self._field, self._config, self._trace = scene.field, config, trace
        self._shown: _Key | None = None
        self._growing: _Key | None = None
        self._last: tuple[Camera, Picture]
        self._count = 0

    def render(self, camera: Camera, effort: float = 1.0) -> Frame:
        """Return what ``camera``, a pinhole with square pixels, sees; calls number the frames.

        ``effort``, in (0, 1], is how much of what its config says this frame traces.

        Raises `RenderError` for a field that gives colours that are not numbers.
        """
        lens = camera.lens
        pixels = effort * lens.width_px * lens.height_px
        limit = int(self._config.traced_share * pixels) + 1
        shown = self._shown
        if shown is not None and _same(shown.camera, camera):
            self._grow(shown, limit)
            picture = _copy(shown.picture)
            self._last = (camera, picture)
        else:
            picture = self._moved(camera, limit, int(self._config.renewed_share * pixels))
        self._count += 1
        return rounded(field_frame_of(picture), self._count - 1)

    def _moved(self, camera: Camera, limit: int, renewed: int) -> Picture:
        picture = self._known(camera)
        unknown = np.flatnonzero(picture.depth < 0)
        many = len(unknown) > limit - renewed
        traced = unknown
        if many:
            row, column = np.divmod(unknown, camera.lens.width_px)
            traced = unknown[(row % 2 == 0) & (column % 2 == 0)]
        retrace(self._field, camera, picture, traced, self._trace)
        if many:
            _copy_from_traced(picture, unknown)
        if self._shown is None or many or _same(self._last[0], camera):
            self._shown = _Key(camera, _copy(picture), _in_turn(camera, unknown, traced))
            self._growing = None
        if not many:
            self._renew(camera, picture, limit - len(traced))
        self._last = (camera, picture)
        return picture

    def _known(self, camera: Camera) -> Picture:
        """Return what the key knows, and where it knows nothing the frame before."""
        if self._shown is None:
            shape = (camera.lens.height_px, camera.lens.width_px)
            return Picture(np.zeros((*shape, 4), np.float32), np.full(shape, -1, np.float32))
        with ThreadPoolExecutor(2) as pool:
            sources = ((self._shown.camera, self._shown.picture), self._last)
            picture, last = pool.map(lambda one: reproject(one[1], one[0], camera), sources)
        gained = (picture.depth < 0) & (last.depth >= 0)
        picture.rgba[gained], picture.depth[gained] = last.rgba[gained], last.depth[gained]
        return picture

    def _renew(self, camera: Camera, picture: Picture, count: int) -> None:
        """Trace some of a key that is shown and not yet whole, or else of the next one."""
        assert self._shown is not None
        if len(self._shown.pending):
            self._grow(self._shown, count)
            return
        if self._growing is None:
            self._growing = _Key(camera, _copy(picture), np.arange(picture.depth.size))
        self._grow(self._growing, count)
        if not len(self._growing.pending):
            self._shown, self._growing = self._growing, None

    def _grow(self, key: _Key, count: int) -> None:
        retrace(self._field, key.camera, key.picture, key.pending[:count], self._trace)
        key.pending = key.pending[count:]


def _copy(picture: Picture) -> Picture:
    return Picture(picture.rgba.copy(), picture.depth.copy())


def _copy_from_traced(picture: Picture, pixels: Int[np.ndarray, "pixel"]) -> None:
    """Fill pixels in with those of even row and column before them."""
    row, column = np.divmod(pixels, picture.depth.shape[1])
    picture.rgba[row, column] = picture.rgba[row & ~1, column & ~1]
    picture.depth[row, column] = picture.depth[row & ~1, column & ~1]


def _in_turn(
    camera: Camera, first: Int[np.ndarray, "pixel"], done: Int[np.ndarray, "pixel"]
) -> Int[np.ndarray, "pixel"]:
    """Return the pixels not ``done``, some ``first``, by lattices of every second one."""
    width, height = camera.lens.width_px, camera.lens.height_px
    row, column = np.arange(height)[:, None] & 1, np.arange(width) & 1
    turn = ((row ^ column) * 2 + row).astype(np.int8)
    turn.flat[first] -= 4
    turn.flat[done] = 4
    return np.argsort(turn, axis=None, kind="stable")[: turn.size - len(done)]


def _same(one: Camera | None, other: Camera) -> bool:
    return (
        one is not None
        and one.lens == other.lens
        and np.array_equal(one.world_from_camera, other.world_from_camera)
    )
