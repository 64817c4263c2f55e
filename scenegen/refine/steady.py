"""What the network changed, made steady: its correction of a surface is the mean over frames.

A correction is what a refined frame is beside its render. Frames of their own, corrections of one
surface differ a little, and flicker; the render, which is of one scene, does not. So a frame keeps
its own render, and its correction is the mean of those that the frames around have of the same
surfaces. That costs hardly any sharpness, since the detail of the render is not averaged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor
from torch.nn import functional

from scenegen.refine.sampler import Refined
from scenegen.refine.temporal import windowed
from scenegen.types import Camera

_TOLERANCE = 0.02
"""Relative difference of depths up to which two frames see the same surface."""


@dataclass(frozen=True, eq=False)
class _Change:
    """What the network changed of a frame, and where: the correction, and what of it is made up."""

    camera: Camera
    depth: Float[Tensor, "1 1 h w"]
    colors: Float[Tensor, "1 6 h w"]


def steadied(frames: Iterable[Refined]) -> Iterator[Refined]:
    """Yield the frames of a shot, each with the mean of the corrections around.

    Cameras have no distortion. Shares stay those of the frame itself.
    """
    waiting: deque[Refined] = deque()

    def changes() -> Iterator[_Change]:
        for frame in frames:
            waiting.append(frame)
            shown = frame.rendered
            both = np.concatenate([frame.rgb - shown.rgb, frame.made_up], axis=-1)
            colors = torch.from_numpy(np.moveaxis(both, -1, 0).astype(np.float32))[None]
            yield _Change(shown.camera, torch.from_numpy(shown.depth.copy())[None, None], colors)

    for window in windowed(changes()):
        frame = waiting.popleft()
        mean = _mean(window)
        rgb = np.clip(frame.rendered.rgb + mean[..., :3], 0, 1)
        yield replace(frame, rgb=rgb.astype(np.float32), made_up=mean[..., 3:])


def _mean(window: dict[int, _Change]) -> Float32[np.ndarray, "h w 6"]:
    own = window[0]
    total, count = own.colors.clone(), torch.ones_like(own.depth)
    for later, other in window.items():
        if later:
            place, same = _there(own, other)
            found = functional.grid_sample(
                other.colors, place, padding_mode="border", align_corners=False
            )
            total += same * found
            count += same
    return np.moveaxis((total / count)[0].numpy(), 0, -1)


def _there(
    own: _Change, other: _Change
) -> tuple[Float[Tensor, "1 h w 2"], Bool[Tensor, "1 1 h w"]]:
    """Return where a frame's pixels are in another, from -1 to 1, and whether they are seen there.

    What was not hit is seen nowhere else.
    """
    lens, theirs = own.camera.lens, other.camera.lens
    height, width = own.depth.shape[2:]
    columns = (torch.arange(width) + 0.5 - lens.cx) / lens.fl_x
    rows = (lens.cy - torch.arange(height) - 0.5) / lens.fl_y
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    depth = own.depth[0, 0]
    moved = np.linalg.inv(other.camera.world_from_camera) @ own.camera.world_from_camera
    right, up, back = (
        depth * (turn[0] * x + turn[1] * y - turn[2]) + turn[3] for turn in moved[:3].tolist()
    )
    ahead = (-back).clamp(min=1e-9)
    u = theirs.fl_x * right / ahead + theirs.cx
    v = theirs.cy - theirs.fl_y * up / ahead
    place = torch.stack([2 * u / width - 1, 2 * v / height - 1], dim=-1)[None]
    met = functional.grid_sample(other.depth, place, padding_mode="border", align_corners=False)
    same = (depth > 0) & (back < 0) & (place[0].abs() < 1).all(dim=-1)
    return place, same[None, None] & ((met / ahead - 1).abs() < _TOLERANCE)
