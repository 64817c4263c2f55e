"""Pictures for the live view: coarse ones at once, and the frame that would be rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, UInt8

from scenegen.kernels import Traced
from scenegen.render.exposure import expose, exposure_of
from scenegen.render.field_pass import Trace, field_trace, render_field
from scenegen.render.frames import rounded
from scenegen.render.preview import Preview
from scenegen.render.reuse import retrace
from scenegen.studio.stage import Stage
from scenegen.types import Camera, CameraPath, Field, Frame, Lens

COARSE_WIDTH = 480
"""Longer side in pixels while the camera moves."""

STILL_WIDTH = 960
"""And when it rests."""

DEPTH_STEP = 3
"""Browsers get the depth of every third row and column: it only says what hides what."""

DEPTH_GRAIN = 1024e-5
"""Depths are multiples of it, in the browser's units: noise in them takes long to compress."""

_RAYS_AT_ONCE = 1 << 14
"""A camera that moves on waits for so many rays; more would not be faster."""

FARTHEST = 160.0
"""Depth in the browser's units of what nothing hits; it takes up to 167."""

_BAR = 18
"""Brightness of what lies beside the film's frame."""

_TREMBLE = 2e-5
"""Poses are the same up to it, in sizes of the scene and radians: 0.02 pixels."""

Look = Literal["picture", "field alone", "depth", "opacity"]
LOOKS: tuple[Look, ...] = ("picture", "field alone", "depth", "opacity")


@dataclass(frozen=True, eq=False)
class Sight:
    """What a browser is to show: a camera, the shape of its canvas, and what of the scene.

    ``aspect`` is that of the picture, ``canvas`` that of the browser's canvas; where they differ,
    bars fill the rest. ``fov_y_deg`` is the picture's. Through the film's own lens, ``film`` and
    ``frame`` say what lens and shutter do.
    """

    pose: Float[np.ndarray, "4 4"]
    fov_y_deg: float
    aspect: float
    canvas: float
    look: Look = "picture"
    film: CameraPath | None = None
    frame: int = 0

    def same(self, other: Sight | None, size: float) -> bool:
        """Say whether another one shows the same, in a scene of that ``size``.

        A browser's camera trembles for a while after it has stopped: nobody sees that.
        """
        if other is None:
            return False
        apart = np.abs(self.pose - other.pose)
        apart[:3, 3] /= size
        return (
            float(apart.max()) <= _TREMBLE
            and self.film is other.film
            and all(
                getattr(self, field.name) == getattr(other, field.name)
                for field in fields(self)
                if field.name not in ("pose", "film")
            )
        )

    def camera(self, longest: int) -> Camera:
        """Return the camera at a size whose longer side has ``longest`` pixels."""
        width = longest if self.aspect >= 1 else round(longest * self.aspect)
        height = round(longest / self.aspect) if self.aspect >= 1 else longest
        fl = 0.5 * height / np.tan(np.deg2rad(self.fov_y_deg) / 2)
        return Camera(Lens(width, height, fl, fl, width / 2, height / 2), self.pose)

    @property
    def level_forward(self) -> Float[np.ndarray, "3"]:
        """Where the camera looks, level; where its top points if it looks straight down or up."""
        ahead = -self.pose[:3, 2] * [1.0, 1.0, 0.0]
        if np.linalg.norm(ahead) < 1e-3:
            ahead = self.pose[:3, 1] * [1.0, 1.0, 0.0]
        return ahead / np.linalg.norm(ahead)

    @property
    def canvas_fov_deg(self) -> float:
        """Vertical field of view of the whole canvas."""
        return canvas_fov(self.fov_y_deg, self.aspect, self.canvas)


class Moved(Exception):  # noqa: N818
    """The camera moved on while its still picture was made."""


def canvas_fov(fov_y_deg: float, aspect: float, canvas: float) -> float:
    """Return the vertical field of view of a canvas into which a picture is fitted."""
    half = np.tan(np.deg2rad(fov_y_deg) / 2) * max(1.0, aspect / canvas)
    return float(2 * np.rad2deg(np.arctan(half)))


def coarse(preview: Preview, sight: Sight, effort: float = 1.0) -> Frame:
    """Return what a moving camera shows at once; see `Preview.render` for ``effort``."""
    return preview.render(sight.camera(COARSE_WIDTH), effort)


def still(stage: Stage, sight: Sight, moved: Callable[[], bool]) -> Frame:
    """Return the frame that rendering makes, by the same functions; raise `Moved` if told so.

    Until the stage is warm, it is what the field alone shows.
    """

    def check() -> None:
        if moved():
            raise Moved

    camera = sight.camera(STILL_WIDTH)
    made = render_field(stage.scene.field, camera, _interruptible(camera, check))
    if sight.look == "picture" and stage.is_warm:
        with stage.guiding:
            check()
            made = stage.guide(camera, made)
    if sight.film is not None:
        lens = camera.lens
        exposure = exposure_of(sight.film, sight.frame, lens.width_px, lens.height_px)
        if exposure is not None:
            check()
            made = expose(made, exposure, partial(retrace, stage.scene.field))
    return rounded(made, 0)


def _interruptible(camera: Camera, check: Callable[[], None]) -> Trace:
    """Return what traces as the kernel does, to the bit, calling ``check`` many times."""
    follow = field_trace(None, camera)

    def trace(field: Field, origins: np.ndarray, directions: np.ndarray) -> Traced:
        pieces = []
        for begin in range(0, len(origins), _RAYS_AT_ONCE):
            check()
            part = slice(begin, begin + _RAYS_AT_ONCE)
            pieces.append(follow(field, origins[part], directions[part]))
        names = ("rgb", "depth", "opacity")
        return Traced(*(np.concatenate([getattr(p, name) for p in pieces]) for name in names))

    return trace


def shown(stage: Stage, frame: Frame, look: Look) -> UInt8[np.ndarray, "h w 3"]:
    """Return a frame as one looks at it: its colours, or depth or opacity in greys."""
    if look == "opacity":
        return np.repeat(np.rint(frame.opacity * 255).astype(np.uint8)[..., None], 3, axis=2)
    if look == "depth":
        # Near is bright; by the inverse, which spreads what is near and ends at the sky.
        with np.errstate(divide="ignore"):
            near = np.where(frame.depth > 0, stage.location.size / frame.depth, 0.0)
        grey = np.rint(255 * near / (1 + near)).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    return frame.rgb


def on_canvas(
    stage: Stage, frame: Frame, sight: Sight
) -> tuple[UInt8[np.ndarray, "h w 3"], Float32[np.ndarray, "depth_h depth_w"]]:
    """Return the picture on the whole canvas, and its depth as a browser gets it.

    That has every `DEPTH_STEP`-th row and column, in the browser's units.
    """
    picture, depth = shown(stage, frame, sight.look), frame.depth
    height, width = depth.shape
    wide = max(width, round(height * sight.canvas))
    high = max(height, round(wide / sight.canvas))
    if (high, wide) != (height, width):
        row, column = (high - height) // 2, (wide - width) // 2
        part = slice(row, row + height), slice(column, column + width)
        whole, depths = np.full((high, wide, 3), _BAR, np.uint8), np.zeros((high, wide), np.float32)
        whole[part], depths[part] = picture, depth
        picture, depth = whole, depths
    return picture, browser_depth(depth[::DEPTH_STEP, ::DEPTH_STEP] * np.float32(stage.scale))


def browser_depth(depth: Float32[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    """Return depths in the browser's units, 0 where nothing is hit, so that they are sent quickly.

    viser makes integers of 1e-5 units out of them, rounding down.
    """
    near = np.where(depth > 0, np.minimum(depth, FARTHEST), FARTHEST)
    return (np.rint(near / DEPTH_GRAIN) * DEPTH_GRAIN + 2e-6).astype(np.float32)
