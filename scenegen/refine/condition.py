"""What the network is given of a frame, made from what the render stage knows of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float32

from scenegen.types import Camera, Warps

if TYPE_CHECKING:
    from scenegen.refine.temporal import Reprojection

MIDDLE = 8
"""Pixels of the frame to a cell of the grid on which frames attend to each other."""
PHOTOS = 4
"""That each frame asks."""
PHOTO_CHANNELS = 11
"""Colours, their difference from the render, validity, angle, resolution, share of the frame, and
how far the colours are from those of the other photos."""
MOST_ANGLE_DEG = 45.0
MOST_OCTAVES = 3.0
"""Angles and resolutions of photos beyond these are given as these."""
_UNSEEN_DEG, _UNSEEN_RATIO = 180.0, 1e6
"""Angle and resolution of photos where they see nothing, as `scenegen.types.Evidence` has them."""
_MOST_DEPTH = 3.0
"""And logarithms of depths: a twentieth of the typical depth, or twenty times that."""


@dataclass(frozen=True, eq=False)
class Rendered:
    """A frame before it is refined. Colours are sRGB-encoded, in 0..1.

    ``rgb`` is the render with the photos' detail, ``field`` that of the field alone; ``depth``
    along the optical axis, in world units, 0 where nothing was hit; ``opacity`` and ``coverage``
    in 0..1 as in `scenegen.types.Evidence`.
    """

    camera: Camera
    rgb: Float32[np.ndarray, "h w 3"]
    field: Float32[np.ndarray, "h w 3"]
    depth: Float32[np.ndarray, "h w"]
    opacity: Float32[np.ndarray, "h w"]
    coverage: Float32[np.ndarray, "h w"]
    warps: Warps

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.depth.shape[0], self.depth.shape[1]


def frame_channels(frame: Rendered) -> Float32[np.ndarray, "channel h w"]:
    """Return render, field, opacity, logarithm of the inverse depth, and coverage."""
    hit = frame.depth > 0
    near = np.log(typical_depth(frame.depth) / np.where(hit, frame.depth, np.inf).clip(1e-9, 1e30))
    near = np.clip(near, -_MOST_DEPTH, _MOST_DEPTH) / _MOST_DEPTH
    planes = [frame.opacity, near, frame.coverage]
    colors = np.concatenate([frame.rgb, frame.field], axis=-1)
    return np.concatenate([np.moveaxis(colors, -1, 0), np.stack(planes)]).astype(np.float32)


def typical_depth(depth: Float32[np.ndarray, "h w"]) -> float:
    """Return the geometric mean of a frame's depths, 1 where nothing was hit.

    From frame to frame it changes by no more than the frame does; a median would jump.
    """
    hit = depth[depth > 0]
    return float(np.exp(np.log(hit, dtype=np.float64).mean())) if len(hit) else 1.0


def photo_channels(frame: Rendered) -> Float32[np.ndarray, "photo channel h w"]:
    """Return colours, their difference from the render, and how each photo sees each pixel.

    Of a photo's colours those are given that it knows: elsewhere they are the render's. The last
    channel is how far a photo's colours are from the mean of the others', 0 where no other sees.
    """
    warps, seen = frame.warps, frame.warps.seen
    own, photos = np.moveaxis(frame.rgb, -1, 0), np.moveaxis(frame.warps.rgb, -1, 1)
    planes = np.empty((len(seen), PHOTO_CHANNELS, *frame.size), np.float32)
    colors = planes[:, :3]
    colors[:] = own
    np.copyto(colors, photos, where=seen[:, None] > 0)
    np.subtract(colors, own, out=planes[:, 3:6])
    octaves = np.log2(np.maximum(warps.resolution, 1e-6))
    planes[:, 6] = seen
    planes[:, 7] = np.minimum(warps.angle_deg, MOST_ANGLE_DEG) / MOST_ANGLE_DEG
    planes[:, 8] = np.clip(octaves, -MOST_OCTAVES, MOST_OCTAVES) / MOST_OCTAVES
    planes[:, 9] = warps.share[:, None, None]
    total, weight = (seen[:, None] * colors).sum(axis=0), seen.sum(axis=0)
    for plane, known in zip(planes, seen, strict=True):
        others = weight - known
        mean = (total - known * plane[:3]) / np.maximum(others, 1e-6)
        apart = np.abs(plane[:3] - mean).sum(axis=0)
        plane[10] = np.where((known > 0) & (others > 0), apart, 0)
    return planes


def filled(frame: Rendered, count: int = PHOTOS) -> Rendered:
    """Return a frame that asks so many photos: what it lacks are photos that see nothing."""
    warps = frame.warps
    lacking = count - len(warps.photos)
    if lacking <= 0:
        return frame
    size = (lacking, *frame.size)
    unseen = {"seen": 0.0, "angle_deg": _UNSEEN_DEG, "resolution": _UNSEEN_RATIO}
    planes = {
        name: np.concatenate([getattr(warps, name), np.full(size, value, np.float32)])
        for name, value in unseen.items()
    }
    more = replace(
        warps,
        photos=(*warps.photos, *[-1] * lacking),
        rgb=np.concatenate([warps.rgb, np.broadcast_to(frame.rgb, (*size, 3))]),
        share=np.concatenate([warps.share, np.zeros(lacking, np.float32)]),
        **planes,
    )
    return replace(frame, warps=more)


def blinded(frame: Rendered, kept: Bool[np.ndarray, "photo"]) -> Rendered:
    """Return a frame of which all photos but those that are ``kept`` see nothing.

    They are like those of `filled`. Where none is kept, the render is the field's.
    """
    warps, gone = frame.warps, ~kept[:, None, None]
    blind = replace(
        warps,
        seen=np.where(gone, np.float32(0), warps.seen),
        angle_deg=np.where(gone, np.float32(_UNSEEN_DEG), warps.angle_deg),
        resolution=np.where(gone, np.float32(_UNSEEN_RATIO), warps.resolution),
        share=np.where(kept, warps.share, np.float32(0)),
    )
    if kept.any():
        return replace(frame, warps=blind)
    return replace(frame, rgb=frame.field, coverage=np.zeros_like(frame.coverage), warps=blind)


def reprojection(
    camera: Camera,
    depth: Float32[np.ndarray, "h w"],
    other: Camera,
    other_depth: Float32[np.ndarray, "h w"],
) -> tuple[Float32[np.ndarray, "cell_h cell_w 2"], Float32[np.ndarray, "cell_h cell_w"]]:
    """Return where a frame's cells are in another frame, and how far the depths there disagree.

    A cell's depth is that of the pixel right and below of its middle. Places are x and y from -1 to
    1 over the other frame, those of a cell's middle: in the frame itself each cell finds itself.
    Disagreement is the absolute difference of the depths' logarithms, infinite out of the frame.
    Cameras have no distortion; sides are multiples of `MIDDLE`.
    """
    rows, columns = (np.arange(side // MIDDLE) * MIDDLE + MIDDLE // 2 for side in depth.shape)
    at = depth[np.ix_(rows, columns)].astype(np.float64)
    # The sky moves with the camera's turn alone, also where nothing else is seen.
    step = float(np.linalg.norm(camera.position - other.position))
    far = 1e3 * max(float(depth.max()), float(other_depth.max()), step, 1e-6)
    hit = at > 0
    at = np.where(hit, at, far)
    lens = camera.lens
    x, y = np.meshgrid((columns + 0.5 - lens.cx) / lens.fl_x, -(rows + 0.5 - lens.cy) / lens.fl_y)
    points = at[..., None] * np.stack([x, y, np.full(x.shape, -1.0)], axis=-1)
    world = points @ camera.world_from_camera[:3, :3].T + camera.position
    seen = (world - other.position) @ other.world_from_camera[:3, :3]
    ahead = np.maximum(-seen[..., 2], 1e-9)
    u = other.lens.fl_x * seen[..., 0] / ahead + other.lens.cx
    v = other.lens.cy - other.lens.fl_y * seen[..., 1] / ahead
    height, width = other_depth.shape
    inside = (seen[..., 2] < 0) & (u >= 0) & (u < width) & (v >= 0) & (v < height)
    there = other_depth[np.clip(v, 0, height - 1).astype(int), np.clip(u, 0, width - 1).astype(int)]
    # To the sky it is as far wherever it is looked for.
    there = np.where(there > 0, there, np.where(hit, far, ahead))
    apart = np.where(inside, np.abs(np.log(ahead / there)), np.inf)
    middle = np.stack([(u - 0.5) / width, (v - 0.5) / height], axis=-1)  # it is a corner of pixels
    place = 2 * middle - 1
    return np.clip(place, -2, 2).astype(np.float32), apart.astype(np.float32)


def padded(
    planes: Float[np.ndarray, "*n h w"], multiple: int
) -> Float[np.ndarray, "*n padded_h padded_w"]:
    """Return planes whose last rows and columns go on to multiples of a number."""
    grow = [(0, 0)] * (planes.ndim - 2) + [(0, -side % multiple) for side in planes.shape[-2:]]
    if not np.any(grow):
        return planes
    return np.pad(planes, grow, mode="edge")


def as_reprojection(
    found: tuple[Float32[np.ndarray, "cell_h cell_w 2"], Float32[np.ndarray, "cell_h cell_w"]],
) -> Reprojection:
    """Return one frame's reprojection as a batch of one."""
    import torch

    from scenegen.refine.temporal import Reprojection

    return Reprojection(*(torch.from_numpy(array)[None] for array in found))
