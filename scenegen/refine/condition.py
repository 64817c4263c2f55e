"""What the network is given of a frame, made from what the render stage knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32

from scenegen.types import Camera, Warps

if TYPE_CHECKING:
    from scenegen.refine.temporal import Reprojection

MIDDLE = 8
"""Pixels of the frame to a cell of the grid on which frames attend to each other."""
MOST_ANGLE_DEG = 45.0
MOST_OCTAVES = 3.0
"""Angles and resolutions of photos beyond these are given as these."""


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
    typical = float(np.median(frame.depth[hit])) if hit.any() else 1.0
    near = np.where(hit, np.log(typical / np.maximum(frame.depth, 1e-9)), -MOST_OCTAVES)
    near = np.clip(near, -MOST_OCTAVES, MOST_OCTAVES) / MOST_OCTAVES
    planes = [frame.opacity, near, frame.coverage]
    colors = np.concatenate([frame.rgb, frame.field], axis=-1)
    return np.concatenate([np.moveaxis(colors, -1, 0), np.stack(planes)]).astype(np.float32)


def photo_channels(frame: Rendered) -> Float32[np.ndarray, "photo channel h w"]:
    """Return colours, their difference from the render, and how each photo sees each pixel.

    Of a photo's colours those are given that it knows: elsewhere they are the render's.
    """
    warps = frame.warps
    seen = warps.seen[..., None]
    rgb = np.where(seen > 0, warps.rgb, frame.rgb)
    angle = np.minimum(warps.angle_deg, MOST_ANGLE_DEG) / MOST_ANGLE_DEG
    octaves = np.log2(np.maximum(warps.resolution, 1e-6))
    octaves = np.clip(octaves, -MOST_OCTAVES, MOST_OCTAVES) / MOST_OCTAVES
    share = np.broadcast_to(warps.share[:, None, None], angle.shape)
    colors = np.moveaxis(np.concatenate([rgb, rgb - frame.rgb], axis=-1), -1, 1)
    planes = np.stack([warps.seen, angle, octaves, share], axis=1)
    return np.concatenate([colors, planes], axis=1).astype(np.float32)


def reprojection(
    camera: Camera,
    depth: Float32[np.ndarray, "h w"],
    other: Camera,
    other_depth: Float32[np.ndarray, "h w"],
) -> tuple[Float32[np.ndarray, "cell_h cell_w 2"], Float32[np.ndarray, "cell_h cell_w"]]:
    """Return where a frame's cells are in another frame, and how far the depths there disagree.

    Places are x and y from -1 to 1 over the other frame; disagreement is the absolute difference
    of the depths' logarithms, infinite out of the frame. Cameras have no distortion; sides are
    multiples of `MIDDLE`.
    """
    rows, columns = (np.arange(side // MIDDLE) * MIDDLE + MIDDLE // 2 for side in depth.shape)
    at = depth[np.ix_(rows, columns)].astype(np.float64)
    far = 1e3 * max(float(depth.max()), 1e-6)  # the sky moves with the camera's turn alone
    at = np.where(at > 0, at, far)
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
    there = np.where(there > 0, there, far)
    apart = np.where(inside, np.abs(np.log(ahead / there)), np.inf)
    place = np.stack([2 * u / width - 1, 2 * v / height - 1], axis=-1)
    return np.clip(place, -2, 2).astype(np.float32), apart.astype(np.float32)


def padded(
    planes: Float[np.ndarray, "*n h w"], multiple: int
) -> Float[np.ndarray, "*n padded_h padded_w"]:
    """Return planes whose last rows and columns go on to multiples of a number."""
    grow = [(0, 0)] * (planes.ndim - 2) + [(0, -side % multiple) for side in planes.shape[-2:]]
    return np.pad(planes, grow, mode="edge")


def as_reprojection(
    found: tuple[Float32[np.ndarray, "cell_h cell_w 2"], Float32[np.ndarray, "cell_h cell_w"]],
) -> Reprojection:
    """Return one frame's reprojection as a batch of one."""
    import torch

    from scenegen.refine.temporal import Reprojection

    return Reprojection(*(torch.from_numpy(array)[None] for array in found))
