"""A scene and a camera path in, frames out, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from jaxtyping import Float32

from scenegen import __version__
from scenegen.errors import RenderError
from scenegen.files import fingerprint
from scenegen.kernels import backend
from scenegen.progress import Progress, silent
from scenegen.render.config import RenderConfig
from scenegen.render.rays import ray_bands
from scenegen.types import Camera, CameraPath, Field, Frame, Scene

MOST_PIXELS = 1 << 27
"""16384 x 8192: beyond it one frame alone would take gigabytes."""


class Traced(Protocol):
    """What rays met."""

    @property
    def rgb(self) -> Float32[np.ndarray, "ray 3"]:
        """Colours, sRGB-encoded, in 0..1."""
        ...

    @property
    def depth(self) -> Float32[np.ndarray, "ray"]:
        """Distance along the ray in world units, 0 where nothing was hit."""
        ...

    @property
    def opacity(self) -> Float32[np.ndarray, "ray"]:
        """Share of the light that the scene stops, in 0..1."""
        ...


Trace = Callable[[Field, np.ndarray, np.ndarray], Traced]
"""Follows rays, given by origins and unit directions in the world, through a field."""


def render_path(
    scene: Scene,
    path: CameraPath,
    config: RenderConfig,
    first: int = 0,
    progress: Progress = silent,
    trace: Trace | None = None,
) -> Iterator[Frame]:
    """Return the frames ``first``, ``first + 1``, ... of a path, each rendered when asked for.

    The vertical field of view is the path's; a width that differs from the path's aspect shows
    more or less at the sides. A frame never depends on the frames before it. ``trace`` stands in
    for `scenegen.kernels.trace`.

    Raises:
        RenderError: the size or the path is unusable (raised before the first frame), or the
            field gives colours that are not numbers.
    """
    _check(path, config, first)
    return _frames(scene.field, path, config, first, progress, trace or _kernel())


def render_fingerprint(scene: Scene, path: CameraPath, config: RenderConfig) -> str:
    """Return 16 hex digits that change with whatever changes a pixel of the rendered frames."""
    return fingerprint(
        [__version__, backend()],  # others round otherwise
        scene.fingerprint,
        np.ascontiguousarray(path.world_from_camera, dtype=np.float64).tobytes(),
        np.ascontiguousarray(path.fov_y_deg, dtype=np.float64).tobytes(),
        [config.width_px, config.height_px],
    )


def _frame(
    field: Field, camera: Camera, index: int, trace: Trace, progress: Callable[[float], None]
) -> Frame:
    """Render what a camera sees; ``progress`` gets the share of the frame that is done."""
    height, width = camera.lens.height_px, camera.lens.width_px
    rgb = np.empty((height, width, 3), dtype=np.uint8)
    depth = np.empty((height, width), dtype=np.float32)
    opacity = np.empty((height, width), dtype=np.float32)
    for band in ray_bands(camera):
        traced = trace(field, band.origins, band.directions)
        if not np.isfinite(traced.rgb).all():
            raise RenderError(
                f"frame {index}: expected colours from 0 to 1, found values that are not numbers; "
                "the scene is damaged: run `scenegen lift` again"
            )
        rows = slice(band.first_row, band.end_row)
        rgb[rows] = np.rint(np.clip(traced.rgb, 0, 1) * 255).reshape(-1, width, 3)
        depth[rows] = (traced.depth * band.axial).reshape(-1, width)
        opacity[rows] = np.clip(traced.opacity, 0, 1).reshape(-1, width)
        progress(band.end_row / height)
    return Frame(index, rgb, depth, opacity)


def _frames(
    field: Field,
    path: CameraPath,
    config: RenderConfig,
    first: int,
    progress: Progress,
    trace: Trace,
) -> Iterator[Frame]:
    total = len(path)
    for index in range(first, total):
        camera = path.camera(index, config.width_px, config.height_px)

        def share(done: float, index: int = index) -> None:
            progress("rendering", index + done, total)

        yield _frame(field, camera, index, trace, share)


def _kernel() -> Trace:
    from scenegen.kernels import trace

    return trace


def _check(path: CameraPath, config: RenderConfig, first: int) -> None:
    width, height = config.width_px, config.height_px
    if width < 1 or height < 1 or width * height > MOST_PIXELS:
        raise RenderError(
            f"render: frame size {width}x{height} pixels, expected 1x1 to {MOST_PIXELS:,} pixels "
            "in all; choose another --width and --height"
        )
    if len(path) == 0:
        raise RenderError(
            "render: the camera path has no frames, expected one or more; plan it anew"
        )
    with np.errstate(invalid="ignore"):  # of poses that are not finite
        turn = path.world_from_camera[:, :3, :3]
        skew = np.abs(turn @ turn.swapaxes(1, 2) - np.eye(3)).max(axis=(1, 2))
    rigid = (skew < 1e-3) & np.isfinite(path.world_from_camera).all(axis=(1, 2))
    bad = np.flatnonzero(~(rigid & (path.fov_y_deg > 0) & (path.fov_y_deg < 180)))
    if len(bad):
        raise RenderError(
            f"render: frame {bad[0]} of the camera path has a pose that is not a finite rigid "
            f"motion, or a field of view outside 0 to 180 degrees ({path.fov_y_deg[bad[0]]:g}); "
            "mend the path"
        )
    assert 0 <= first <= len(path), (first, len(path))
