"""The occupancy grid: which cells a camera sees, which are occupied, how far the next one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, UInt8
from torch import Tensor

from scenegen.kernels.reference.random import mix, uniform
from scenegen.types import Camera

MAX_DISTANCE = 15
_MARGIN = 0.1
_CHUNK = 1 << 18


def uncontract(
    c: Float[Tensor, "n 3"], far: float
) -> tuple[Float[Tensor, "n 3"], Bool[Tensor, "n"]]:
    """Invert contraction at points of [-2, 2]^3; also say which of them lie within ``far``."""
    n = c.norm(dim=-1)
    scale = torch.where(n <= 1.0, 1.0, 1.0 / ((2.0 - n) * n))
    return c * scale[:, None], (n < 2.0) & (n * scale <= far)


def _cell_index(at: Tensor, cells: int) -> Tensor:
    return torch.stack([at % cells, at // cells % cells, at // cells**2], dim=-1)


def distance_field(
    alpha: Float32[np.ndarray, "z y x"], threshold: float
) -> UInt8[np.ndarray, "z y x"]:
    """Return the Chebyshev distance, at most 15, to the nearest cell above ``threshold``."""
    from scipy.ndimage import distance_transform_cdt

    empty = ~(alpha > threshold)
    if empty.all():  # SciPy has no distance to give then
        return np.full(alpha.shape, MAX_DISTANCE, np.uint8)
    distance = np.asarray(distance_transform_cdt(empty, "chessboard"))
    return np.minimum(distance, MAX_DISTANCE).astype(np.uint8)


def occupancy_sweep(
    density: Callable[[Float[Tensor, "n 3"]], Float[Tensor, "n"]],
    alpha: Float32[Tensor, "z y x"],
    visible: UInt8[Tensor, "z y x"],
    far: float,
    sweep: tuple[float, int, int, int],
) -> None:
    """Refresh ``alpha`` in place: the opacity of a cell's width at a random place of each.

    Places beyond ``far`` are left alone. ``sweep`` is decay, stride, phase and seed: of the cells
    that some camera sees, every ``stride``-th from ``phase`` on keeps the larger of its new alpha
    and ``decay`` times its old one.
    """
    decay, stride, phase, seed = sweep
    cells, device = len(alpha), alpha.device
    flat = alpha.view(-1)
    at = torch.arange(phase, flat.numel(), stride, device=device)
    at = at[visible.reshape(-1)[at] != 0]
    for chunk in at.split(_CHUNK):
        h = mix(np.uint64(seed) ^ chunk.cpu().numpy().astype(np.uint64))
        shift = np.stack([uniform(mix(h + np.uint64(i))) for i in range(3)], axis=-1)
        c = (_cell_index(chunk, cells) + torch.from_numpy(shift).to(device)) * (4.0 / cells) - 2.0
        points, within = uncontract(c, far)
        points, chunk = points[within], chunk[within]
        length = (4.0 / cells) * points.norm(dim=-1).clamp(min=1.0)
        now = 1.0 - torch.exp(-density(points) * length)
        flat[chunk] = torch.maximum(now, flat[chunk] * decay)


def visible_cells(
    cameras: Sequence[Camera],
    centre: Float[np.ndarray, "3"],
    radius: float,
    near: Sequence[float],
    cells: int,
) -> UInt8[np.ndarray, "z y x"]:
    """Return 1 for cells whose centre some camera sees, with a margin of a tenth of its image.

    Cameras are in the world; each sees only beyond its ``near``, in units of ``radius``.
    """
    at = torch.arange(cells**3)
    c = (_cell_index(at, cells) + 0.5) * (4.0 / cells) - 2.0
    inside = torch.nonzero(c.norm(dim=-1) < 2.0)[:, 0]
    points, _ = uncontract(c[inside], float("inf"))
    seen = torch.zeros(len(points), dtype=torch.bool)
    for camera, distance in zip(cameras, near, strict=True):
        position = torch.from_numpy(np.asarray((camera.position - centre) / radius, np.float32))
        seen |= _sees(camera, points - position, distance)
    out = torch.zeros(cells**3, dtype=torch.uint8)
    out[inside] = seen.to(torch.uint8)
    return out.view(cells, cells, cells).numpy()


def _sees(camera: Camera, offset: Float[Tensor, "n 3"], near: float) -> Bool[Tensor, "n"]:
    lens = camera.lens
    far_enough = offset.norm(dim=-1) >= near
    if lens.model == "OPENCV_FISHEYE":
        return far_enough
    rotation = torch.from_numpy(np.asarray(camera.world_from_camera[:3, :3], np.float32))
    x, y, z = (offset @ rotation).unbind(-1)
    depth = torch.where(z < 0, -z, 1.0)
    u, v = lens.cx + lens.fl_x * x / depth, lens.cy - lens.fl_y * y / depth
    width, height = _MARGIN * lens.width_px, _MARGIN * lens.height_px
    across = (u > -width) & (u < lens.width_px + width)
    down = (v > -height) & (v < lens.height_px + height)
    return far_enough & (z < 0) & across & down
