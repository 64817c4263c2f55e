"""Pictures for the live view: coarse ones at once, and the frame that would be rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, UInt8

from scenegen.render.exposure import expose, exposure_of
from scenegen.render.field_pass import render_field
from scenegen.render.frames import rounded
from scenegen.render.preview import Preview
from scenegen.render.reuse import retrace
from scenegen.studio.stage import Stage
from scenegen.types import Camera, CameraPath, Frame, Lens

COARSE_WIDTH = 480
"""Longer side in pixels while the camera moves."""

STILL_WIDTH = 960
"""And when it rests."""

FARTHEST = 160.0
"""Depth in the browser's units of what nothing hits; it takes up to 167."""

_BAR = 18
"""Brightness of what lies beside the film's frame."""

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

    def same(self, other: Sight | None) -> bool:
        """Say whether another one shows the same."""
        return (
            other is not None
            and np.array_equal(self.pose, other.pose)
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
    def canvas_fov_deg(self) -> float:
        """Vertical field of view of the whole canvas."""
        return canvas_fov(self.fov_y_deg, self.aspect, self.canvas)


class Moved(Exception):  # noqa: N818
    """The camera moved on while its still picture was made."""


def canvas_fov(fov_y_deg: float, aspect: float, canvas: float) -> float:
    """Return the vertical field of view of a canvas into which a picture is fitted."""
    half = np.tan(np.deg2rad(fov_y_deg) / 2) * max(1.0, aspect / canvas)
    return float(2 * np.rad2deg(np.arctan(half)))


def coarse(preview: Preview, sight: Sight) -> Frame:
    """Return what a moving camera shows at once."""
    return preview.render(sight.camera(COARSE_WIDTH))


def still(stage: Stage, sight: Sight, moved: Callable[[], bool]) -> Frame:
    """Return the frame that rendering makes, by the same functions; raise `Moved` if told so.

    Until the stage is warm, it is what the field alone shows.
    """

    def check(_share: float) -> None:
        if moved():
            raise Moved

    camera = sight.camera(STILL_WIDTH)
    made = render_field(stage.scene.field, camera, progress=check)
    if sight.look == "picture" and stage.is_warm:
        with stage.guiding:
            check(1.0)
            made = stage.guide(camera, made)
    if sight.film is not None:
        lens = camera.lens
        exposure = exposure_of(sight.film, sight.frame, lens.width_px, lens.height_px)
        if exposure is not None:
            check(1.0)
            made = expose(made, exposure, partial(retrace, stage.scene.field))
    return rounded(made, 0)


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
) -> tuple[UInt8[np.ndarray, "h w 3"], Float32[np.ndarray, "h w"]]:
    """Return picture and depth, the latter in the browser's units, on the whole canvas."""
    picture = shown(stage, frame, sight.look)
    depth = np.where(frame.depth > 0, frame.depth * stage.scale, FARTHEST).astype(np.float32)
    depth = np.minimum(depth, FARTHEST)
    height, width = depth.shape
    wide = max(width, round(height * sight.canvas))
    high = max(height, round(wide / sight.canvas))
    if (high, wide) == (height, width):
        return picture, depth
    row, column = (high - height) // 2, (wide - width) // 2
    part = slice(row, row + height), slice(column, column + width)
    whole = np.full((high, wide, 3), _BAR, np.uint8)
    whole[part] = picture
    depths = np.full((high, wide), FARTHEST, np.float32)
    depths[part] = depth
    return whole, depths
