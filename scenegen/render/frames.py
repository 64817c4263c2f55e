"""A scene and a camera path in, frames out, one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from jaxtyping import Float32

from scenegen import __version__
from scenegen.errors import RenderError
from scenegen.files import fingerprint
from scenegen.kernels import backend
from scenegen.kernels.reprojection import Picture
from scenegen.progress import Progress, silent
from scenegen.render.config import RenderConfig
from scenegen.render.exposure import expose, exposure_of
from scenegen.render.field_pass import FieldFrame, Trace, render_field
from scenegen.render.guided import PhotoGuide, guide_fingerprint
from scenegen.render.reuse import KeyedFrames, retrace
from scenegen.types import Camera, CameraPath, Frame, LensWork, Provenance, Scene

MOST_PIXELS = 1 << 27
"""16384 x 8192: beyond it one frame alone would take gigabytes."""


Guide = Callable[[Camera, FieldFrame], FieldFrame]
"""Makes a better frame out of what the field alone shows a camera."""


@dataclass(frozen=True, eq=False)
class Pass:
    """A frame on its way: what the ``field`` alone shows, and what it ``shows`` once guided."""

    index: int
    camera: Camera
    field: FieldFrame
    shows: FieldFrame


@dataclass(frozen=True, eq=False)
class Refinement:
    """What became of a frame that was refined: colours in 0..1, and where they come from."""

    rgb: Float32[np.ndarray, "h w 3"]
    provenance: Provenance


class Refine(Protocol):
    """Refines the frames of a shot, each with an eye to those around it."""

    lead: int
    """Frames before and after a frame on which it depends."""

    def __call__(self, frames: Iterator[Pass], /) -> Iterator[Refinement]:
        """Yield what becomes of each frame, in their order."""
        ...

    def revealed(
        self, rgb: Float32[np.ndarray, "n 3"], depth: Float32[np.ndarray, "n"], /
    ) -> Float32[np.ndarray, "n 3"]:
        """Return what becomes of pixels that only lens and shutter see."""
        ...


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
    if guide is None and scene.photos and not config.plain:
        guide = PhotoGuide(scene)
    rendering = _Rendering(scene, path, config, progress, trace, guide)
    passes = rendering.passes(range(first, len(path)))
    return (rounded(rendering.exposed(one.index, one.shows), one.index) for one in passes)


def refine_path(
    scene: Scene,
    path: CameraPath,
    config: RenderConfig,
    refine: Refine,
    first: int = 0,
    progress: Progress = silent,
    guide: Guide | None = None,
) -> Iterator[Frame]:
    """Return frames as `render_path` does, each refined before lens and shutter blur it.

    ``refine`` is asked for each shot in turn, from some frames before the first one that is wanted;
    nothing guides the frames but ``guide``.
    """
    _check(path, config, first)
    rendering = _Rendering(scene, path, config, progress, None, guide)
    return _refined(rendering, refine, shots(path, first))


class _Rendering:
    """The cameras of a path, and what they see of a scene."""

    def __init__(
        self,
        scene: Scene,
        path: CameraPath,
        config: RenderConfig,
        progress: Progress,
        trace: Trace | None,
        guide: Guide | None,
    ) -> None:
        size = config.width_px, config.height_px
        self._cameras = [path.camera(index, *size) for index in range(len(path))]
        self._scene, self._path, self._size = scene, path, size
        self._progress, self._trace, self._guide = progress, trace, guide
        keyed = None if config.every_frame_anew else KeyedFrames(scene.field, self._cameras, trace)
        self._keyed = keyed

    def passes(self, span: range) -> Iterator[Pass]:
        """Yield some frames in their order, guided."""
        total = len(self._cameras)
        for index in span:
            camera = self._cameras[index]

            def share(done: float, index: int = index) -> None:
                self._progress("rendering", index + done, total)

            if self._keyed is None:
                alone = render_field(self._scene.field, camera, self._trace, share)
            else:
                alone = self._keyed.frame(index, share)
            yield Pass(index, camera, alone, self._guide(camera, alone) if self._guide else alone)

    def exposed(self, index: int, made: FieldFrame, refine: Refine | None = None) -> FieldFrame:
        """Return a frame as the path's lens and shutter expose it; ``refine`` made it."""
        exposure = exposure_of(self._path, index, *self._size)
        if exposure is None:
            return made

        def reveal(camera: Camera, picture: Picture, pixels: np.ndarray) -> None:
            retrace(self._scene.field, camera, picture, pixels, self._trace)
            if refine is not None:
                rgb, depth = picture.rgba.reshape(-1, 4)[:, :3], picture.depth.reshape(-1)
                rgb[pixels] = refine.revealed(rgb[pixels], depth[pixels])

        return expose(made, exposure, reveal)


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


def shots(path: CameraPath, first: int) -> list[tuple[int, range]]:
    """Return the shots of a path from frame ``first`` on: where each begins, and what is wanted."""
    starts = [0, *(path.cuts or ())]
    ends = [*starts[1:], len(path)]
    spans = zip(starts, ends, strict=True)
    return [(start, range(max(start, first), end)) for start, end in spans if end > first]


def _refined(
    rendering: _Rendering, refine: Refine, spans: Sequence[tuple[int, range]]
) -> Iterator[Frame]:
    for start, wanted in spans:
        begin = max(start, wanted.start - refine.lead)  # so it is the same wherever it begins
        waiting: deque[Pass] = deque()

        def fed(span: range, waiting: deque[Pass] = waiting) -> Iterator[Pass]:
            for one in rendering.passes(span):
                waiting.append(one)
                yield one

        for made in refine(fed(range(begin, wanted.stop))):
            one = waiting.popleft()
            if one.index >= wanted.start:
                shown = replace(one.shows, rgb=made.rgb)
                shown = rendering.exposed(one.index, shown, refine)
                yield replace(rounded(shown, one.index), provenance=made.provenance)


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
