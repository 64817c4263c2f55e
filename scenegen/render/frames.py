"""A scene and a camera path in, frames out, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from scenegen import __version__
from scenegen.errors import RenderError
from scenegen.files import fingerprint
from scenegen.kernels import backend
from scenegen.progress import Progress, silent
from scenegen.render.config import RenderConfig
from scenegen.render.exposure import expose, exposure_of
from scenegen.render.field_pass import FieldFrame, Trace, render_field
from scenegen.render.guided import PhotoGuide, guide_fingerprint
from scenegen.render.reuse import KeyedFrames, retrace
from scenegen.types import Camera, CameraPath, Frame, LensWork, Scene

MOST_PIXELS = 1 << 27
"""16384 x 8192: beyond it one frame alone would take gigabytes."""


Guide = Callable[[Camera, FieldFrame], FieldFrame]
"""Makes a better frame out of what the field alone shows a camera."""


def render_path(
    scene: Scene,
    path: CameraPath,
    config: RenderConfig,
    first: int = 0,
    progress: Progress = silent,
    trace: Trace | None = None,
    guide: Guide | None = None,
) -> Iterator[Frame]:
    """Return the frames ``first``, ``first + 1``, ... of a path, each rendered when asked for.

    The vertical field of view is the path's; a width that differs from the path's aspect shows
    more or less at the sides. Where the path states `LensWork`, frames have its depth of field and
    motion blur (`scenegen.render.exposure`). A frame is the same wherever rendering began.
    ``trace`` stands in for `scenegen.kernels.trace`; ``guide`` says what a frame shows before
    lens and shutter blur it. Unless it is given, the photos that trained the scene do
    (`scenegen.render.guided`), or with ``config.plain`` nobody.

    Raises:
        RenderError: the size or the path is unusable (raised before the first frame), or the
            field gives colours that are not numbers.
    """
    _check(path, config, first)
    cameras = [path.camera(i, config.width_px, config.height_px) for i in range(len(path))]
    if guide is None and scene.photos and not config.plain:
        guide = PhotoGuide(scene)
    if config.every_frame_anew:

        def field_frame(index: int, progress: Callable[[float], None]) -> FieldFrame:
            return render_field(scene.field, cameras[index], trace, progress)
    else:
        field_frame = KeyedFrames(scene.field, cameras, trace).frame

    def exposed(index: int, made: FieldFrame) -> FieldFrame:
        exposure = exposure_of(path, index, config.width_px, config.height_px)
        return expose(made, exposure, reveal) if exposure else made

    reveal = partial(retrace, scene.field, trace=trace)
    return _frames(cameras, field_frame, first, progress, guide, exposed)


def render_fingerprint(scene: Scene, path: CameraPath, config: RenderConfig) -> str:
    """Return 16 hex digits that change with whatever changes a pixel of the rendered frames."""
    return fingerprint(
        [__version__, backend()],  # others round otherwise
        scene.fingerprint,
        np.ascontiguousarray(path.world_from_camera, dtype=np.float64).tobytes(),
        np.ascontiguousarray(path.fov_y_deg, dtype=np.float64).tobytes(),
        [config.width_px, config.height_px, config.every_frame_anew],
        [] if config.plain else [guide_fingerprint(scene)],
        *([] if path.lens_work is None else [_lens_key(path.lens_work), list(path.cuts or ())]),
    )


def rounded(made: FieldFrame, index: int) -> Frame:
    """Return a frame in 8 bits; raise `RenderError` if its colours are not numbers."""
    if not np.isfinite(made.rgb).all():
        raise RenderError(
            f"frame {index}: expected colours from 0 to 1, found values that are not numbers; "
            "the scene is damaged: run `scenegen lift` again"
        )
    rgb = np.rint(np.clip(made.rgb, 0, 1) * 255).astype(np.uint8)
    return Frame(index, rgb, made.depth, made.opacity, made.evidence)


def _lens_key(work: LensWork) -> bytes:
    arrays = (work.focus_distance, work.aperture, np.array([work.shutter]))
    return b"".join(np.ascontiguousarray(one, dtype=np.float64).tobytes() for one in arrays)


def _frames(
    cameras: Sequence[Camera],
    field_frame: Callable[[int, Callable[[float], None]], FieldFrame],
    first: int,
    progress: Progress,
    guide: Guide | None,
    exposed: Callable[[int, FieldFrame], FieldFrame],
) -> Iterator[Frame]:
    total = len(cameras)
    for index in range(first, total):

        def share(done: float, index: int = index) -> None:
            progress("rendering", index + done, total)

        made = field_frame(index, share)
        if guide:
            made = guide(cameras[index], made)
        yield rounded(exposed(index, made), index)


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
    _check_lens(path)
    assert 0 <= first <= len(path), (first, len(path))


def _check_lens(path: CameraPath) -> None:
    work = path.lens_work
    if work is None:
        return
    apertures = (work.aperture >= 0) & (work.aperture < np.inf)
    good = apertures & (work.focus_distance > 0) & (work.focus_distance < np.inf)
    bad = np.flatnonzero(~good)
    if len(bad):
        raise RenderError(
            f"render: frame {bad[0]} of the camera path has an aperture of "
            f"{work.aperture[bad[0]]:g} and its focus at {work.focus_distance[bad[0]]:g}, expected "
            "0 or more and more than 0; mend the path"
        )
    if not 0 <= work.shutter <= 1:
        raise RenderError(
            f"render: the camera path has its shutter open for {work.shutter:g} of a frame's time, "
            "expected 0 to 1; mend the path"
        )
