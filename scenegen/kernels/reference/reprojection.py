"""Pictures moved from camera to camera, the definition of `scenegen.kernels.reprojection`.

Tensors are [h w] unless stated; a depth of -1 is unknown.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from scenegen.kernels.reference.device import choose_device
from scenegen.types import Camera

_SKY = 1e6
"""Distance of what has none."""
_SAME_SURFACE = 0.03
"""Depths of one surface differ by less, relatively."""
_STEP = 0.1
"""Neighbours of one surface do, between a frame's pixels."""
_MARGIN = 2
_NONE = float("inf")


class _Transfer:
    """Takes image points at depths from one camera to another."""

    def __init__(self, source: Camera, to: Camera) -> None:
        turn = to.world_from_camera[:3, :3].T
        self.rotation = (turn @ source.world_from_camera[:3, :3]).astype(np.float32).tolist()
        self.offset = (turn @ (source.position - to.position)).astype(np.float32).tolist()
        self.source, self.to = source.lens, to.lens

    def __call__(self, u: Tensor, v: Tensor, depth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return place and depth, the latter infinite for what lies behind."""
        x = (u - self.source.cx) / self.source.fl_y * depth
        y = (self.source.cy - v) / self.source.fl_y * depth
        px, py, pz = (
            row[0] * x + row[1] * y - row[2] * depth + offset
            for row, offset in zip(self.rotation, self.offset, strict=True)
        )
        z = torch.where(-pz > 1e-6, -pz, torch.full_like(pz, _NONE))
        return self.to.cx + self.to.fl_y * px / z, self.to.cy - self.to.fl_y * py / z, z


def reproject(
    rgba: np.ndarray, depth: np.ndarray, camera: Camera, to: Camera
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``rgba`` [h w 4] and depth as `scenegen.kernels.reprojection.reproject` does."""
    device = choose_device()
    colors, known = torch.from_numpy(rgba).to(device), torch.from_numpy(depth).to(device)
    forth, back = _Transfer(camera, to), _Transfer(to, camera)
    z = _surface(_splat(forth, known))
    u, v = _centres(z)
    # What fell on the pixel did not fall on its centre: look there, once more.
    at_u, at_v, found, good = _look(known, back, u, v, z)
    z = forth(at_u, at_v, found)[2]
    at_u, at_v, _, again = _look(known, back, u, v, torch.where(good, z, _NONE))
    good &= again
    shown = _color_at(colors, at_u[good], at_v[good])
    made = torch.zeros((*z.shape, 4), device=device)
    made[good] = shown
    z = torch.where(z < 0.5 * _SKY, z, torch.zeros_like(z))
    return made.cpu().numpy(), torch.where(good, z, -torch.ones_like(z)).cpu().numpy()


def _centres(like: Tensor) -> tuple[Tensor, Tensor]:
    height, width = like.shape
    device = like.device
    v, u = torch.meshgrid(
        torch.arange(height, device=device) + 0.5,
        torch.arange(width, device=device) + 0.5,
        indexing="ij",
    )
    return u, v


def _splat(forth: _Transfer, depth: Tensor) -> Tensor:
    """Return the nearest depth that falls on each pixel, or infinity."""
    distant = torch.where(depth > 0, depth, _SKY)
    u, v = _centres(depth)
    u, v, z = forth(u, v, distant)
    width, height = forth.to.width_px, forth.to.height_px
    seen = (depth >= 0) & (z < _NONE) & (u >= 0) & (u < width) & (v >= 0) & (v < height)
    cell = v[seen].long() * width + u[seen].long()
    nearest = torch.full((height * width,), _NONE, device=depth.device)
    return nearest.scatter_reduce_(0, cell, z[seen], "amin").reshape(height, width)


def _surface(nearest: Tensor) -> Tensor:
    """Return each pixel's depth by what fell on it and around, or infinity.

    A surface that spreads may leave a crack, through which what lies behind must not be seen.
    """
    around = torch.stack(_neighbours(nearest, 1, _NONE))
    near = (around * (1 + _STEP) < nearest) & (around < _NONE)
    closer = near.sum(0)
    mean = torch.where(near, around, torch.zeros_like(around)).sum(0) / closer
    count = (around < _NONE).sum(0)
    uneven = ((around < _NONE) & ((around - mean).abs() > _STEP * mean)).any(0)
    filled = torch.where((count < 4) | uneven, _NONE, mean)
    own = torch.where(closer >= 2, _NONE, nearest)
    return torch.where(nearest < _NONE, own, filled)


def _neighbours(image: Tensor, reach: int, outside: float) -> list[Tensor]:
    """Return what lies at each offset but none of up to ``reach`` pixels, row by row."""
    height, width = image.shape
    wide = functional.pad(image, (reach,) * 4, value=outside)
    size, middle = 2 * reach + 1, (reach, reach)
    offsets = [(j, i) for j in range(size) for i in range(size) if (j, i) != middle]
    return [wide[j : j + height, i : i + width] for j, i in offsets]


def _look(
    depth: Tensor, back: _Transfer, u: Tensor, v: Tensor, z: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return where a pixel's depth leads to, the depth there, and whether it is the same."""
    known = z < _NONE
    at_u, at_v, expected = back(u, v, torch.where(known, z, 1.0))
    found = _depth_at(depth, at_u, at_v)
    good = known & (expected < _NONE) & (found >= 0)
    good &= (found - expected).abs() <= _SAME_SURFACE * found
    return at_u, at_v, torch.where(good, found, 1.0), good


def _depth_at(depth: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Return the depth between four pixels, or -1 where they are not of one surface."""
    height, width = depth.shape
    inside = (u >= 0.5) & (v >= 0.5) & (u + 0.5 < width) & (v + 0.5 < height)
    u, v = torch.where(inside, u - 0.5, 0.0), torch.where(inside, v - 0.5, 0.0)
    x, y = u.long(), v.long()
    right, below = (x + 1).clamp(max=width - 1), (y + 1).clamp(max=height - 1)
    four = torch.stack([depth[y, x], depth[y, right], depth[below, x], depth[below, right]])
    inside &= (four >= 0).all(0)
    four = torch.where(four == 0, _SKY, four)
    inside &= four.amax(0) <= (1 + _STEP) * four.amin(0)
    fx, fy = u - x, v - y
    above = four[0] * (1 - fx) + four[1] * fx
    return torch.where(inside, above * (1 - fy) + (four[2] * (1 - fx) + four[3] * fx) * fy, -1.0)


def _spline(f: Tensor) -> tuple[Tensor, ...]:
    """Return weights of four pixels in a row, by Catmull and Rom; f lies between the middle two."""
    return (
        f * (-0.5 + f * (1 - 0.5 * f)),
        1 + f * f * (-2.5 + 1.5 * f),
        f * (0.5 + f * (2 - 1.5 * f)),
        f * f * (-0.5 + 0.5 * f),
    )


def _color_at(rgba: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Return colour and opacity [n 4] at image points inside."""
    height, width, _ = rgba.shape
    x, y = (u - 0.5).long(), (v - 0.5).long()
    across, down = _spline(u - 0.5 - x), _spline(v - 0.5 - y)
    total = torch.zeros((len(u), 4), device=rgba.device)
    for j, weight in enumerate(down):
        row = (y - 1 + j).clamp(0, height - 1)
        columns = [(x - 1 + i).clamp(0, width - 1) for i in range(4)]
        line = [rgba[row, column] * across[i][:, None] for i, column in enumerate(columns)]
        total += torch.stack(line).sum(0) * weight[:, None]
    return total


def blend(
    first: tuple[np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray],
    share: float,
    tolerance: float,
    depth_tolerance: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return colours, depth and what is to be drawn anew, of two pairs of colours and depth."""
    rgba_a, depth_a, rgba_b, depth_b = (torch.from_numpy(one) for one in (*first, *second))
    in_a, in_b = depth_a >= 0, depth_b >= 0
    agree = (depth_a - depth_b).abs() <= depth_tolerance * torch.minimum(depth_a, depth_b)
    agree &= ((rgba_a - rgba_b).abs() <= tolerance).all(-1)
    sure_a, sure_b = _surrounded(depth_a), _surrounded(depth_b)
    good = torch.where(in_a & in_b, agree, torch.where(in_a, sure_a, in_b & sure_b))
    part = torch.where(in_a, torch.where(in_b, share, 0.0), 1.0)
    wide = part[..., None]
    none = torch.zeros_like(rgba_a)
    rgba_a = torch.where(in_a[..., None], rgba_a, none)
    rgba = (1 - wide) * rgba_a + wide * torch.where(in_b[..., None], rgba_b, none)
    depth = torch.where(good, (1 - part) * depth_a + part * depth_b, -1.0)
    return rgba.numpy(), depth.numpy(), (~good).to(torch.uint8).numpy()


def _surrounded(depth: Tensor) -> Tensor:
    """Return whether a pixel and all around it are known: at the edge depths are least sure."""
    around = torch.stack(_neighbours(depth, _MARGIN, -1.0))
    return (depth >= 0) & (around >= 0).all(0)
