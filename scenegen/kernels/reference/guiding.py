"""Photos warped into a frame and blended, the definition of `scenegen.kernels.guiding`.

Tensors are [h w] unless stated; colours are in 0..255 inside, as in the kernel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from scenegen.kernels.guiding import (
    BORDER,
    SOFT_SCALE,
    Guided,
    GuidePhoto,
    GuideSettings,
    GuideView,
    focal_length,
    soft_render,
)
from scenegen.kernels.rays import camera_rays, distort, reach
from scenegen.kernels.reference.device import choose_device

_NEVER = 1e9
_FARTHEST = 1e6
"""Penalty beyond which no photo counts."""
_SKIPPED = 3.0
"""Photos at so many times the penalty that still counts are not looked at again."""


@dataclass
class _Seen:
    """How a photo sees the points of a frame."""

    u: Tensor
    v: Tensor
    level: Tensor
    angle: Tensor
    ratio: Tensor
    penalty: Tensor
    share: Tensor
    shift: Tensor


class _Frame:
    """A view's rays and the tensors that all photos are compared with."""

    def __init__(self, view: GuideView, device: torch.device) -> None:
        self.device = device
        self.focal = focal_length(view.camera.lens)
        self.position = view.camera.position
        size = view.distance.shape
        _, directions = camera_rays(view.camera)
        self.rays = self.tensor(directions).reshape(*size, 3)
        self.distance = self.tensor(view.distance)
        self.rgb = self.tensor(view.rgb) * 255.0
        self.soft = self._soft(view)

    def tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(array, np.float32)).to(self.device)

    def _soft(self, view: GuideView) -> Tensor:
        height, width = view.distance.shape
        soft = self.tensor(soft_render(view.rgb)).permute(2, 0, 1)
        rows, columns = torch.meshgrid(
            torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij"
        )
        at = (columns.to(self.device) / SOFT_SCALE, rows.to(self.device) / SOFT_SCALE)
        return 255.0 * _bilinear(soft, *at).permute(1, 2, 0)


@torch.no_grad()
def guide(
    view: GuideView, photos: list[GuidePhoto], settings: GuideSettings, device: str | None = None
) -> Guided:
    """Return ``view`` with the photos' detail, as `scenegen.kernels.guiding.guide`."""
    frame = _Frame(view, choose_device(device))
    distance, seen = _look_and_fuse(frame, photos, settings)
    out = Guided.empty(*view.distance.shape)
    out.distance[:] = distance.cpu().numpy()
    if not photos:
        out.angle[:], out.ratio[:] = 180.0, 1e6
        out.rgb[:] = view.rgb
        return out
    weights = _weights(torch.stack([s.penalty for s in seen]), settings.nearest)
    colors, kept = _trusted(frame, photos, settings, seen, weights)
    total = kept.sum(0)
    mean = (kept[..., None] * colors).sum(0) / total.clamp(min=1e-12)[..., None]
    square = (kept[..., None] * colors**2).sum(0) / total.clamp(min=1e-12)[..., None]
    spread = (square - mean**2).clamp(min=0).mean(-1) / (255.0 * settings.spread) ** 2
    covered = (total > 1e-9).float()
    agreement = covered / (1.0 + spread)
    shares = torch.stack([s.share for s in seen])
    coverage = (kept * shares).sum(0) / weights.sum(0).clamp(min=1e-12)
    coverage = covered * coverage.clamp(max=1.0)
    mix = coverage * (settings.least + (settings.most - settings.least) * agreement)
    rgb = (frame.rgb + mix[..., None] * (mean - frame.rgb)) / 255.0
    out.rgb[:] = rgb.clamp(0, 1).cpu().numpy()
    out.agreement[:], out.coverage[:] = agreement.cpu().numpy(), coverage.cpu().numpy()
    _note_evidence(out, photos, seen, kept)
    return out


def _note_evidence(out: Guided, photos: list[GuidePhoto], seen: list[_Seen], kept: Tensor) -> None:
    sees = torch.stack(
        [
            (s.share > 0.5 * photo.share) & (s.penalty < _NEVER)
            for s, photo in zip(seen, photos, strict=True)
        ]
    )
    angle = torch.stack([s.angle for s in seen]).masked_fill(~sees, 180.0)
    ratio = torch.stack([s.ratio for s in seen]).masked_fill(~sees, 1e6)
    out.count[:] = sees.sum(0).cpu().numpy()
    out.angle[:] = angle.min(0).values.cpu().numpy()
    out.ratio[:] = ratio.min(0).values.cpu().numpy()
    indices = torch.tensor([photo.index for photo in photos], device=kept.device)
    best = torch.where(kept.max(0).values > 0, indices[kept.argmax(0)], -1)
    out.best[:] = best.cpu().numpy()


@torch.no_grad()
def match(
    view: GuideView,
    photos: list[GuidePhoto],
    factors: np.ndarray,
    settings: GuideSettings,
    device: str | None = None,
) -> np.ndarray:
    """Return the cost [candidate h w] of distances, as `scenegen.kernels.guiding.match`."""
    frame = _Frame(view, choose_device(device))
    seen = [_look(frame, photo, settings, frame.distance) for photo in photos]
    costs = torch.zeros(len(factors), *view.distance.shape, device=frame.device)
    if not photos:
        return costs.cpu().numpy()
    weights = _weights(torch.stack([s.penalty for s in seen]), settings.nearest)
    for k, factor in enumerate(factors.tolist()):
        total = torch.full_like(frame.distance, 1e-6)
        mean, square = torch.zeros_like(frame.rgb), torch.zeros_like(frame.distance)
        for photo, s, weight in zip(photos, seen, weights, strict=True):
            offset = factor * frame.distance[..., None] * frame.rays - _centre(frame, photo)
            u, v, _, fold = _project(photo, offset)
            rgba = _trilinear(photo, u, v, s.level + settings.bias)
            color = rgba[..., :3] * torch.tensor(photo.gain, device=frame.device)
            w = weight * fold
            total += w
            mean += w[..., None] * color
            square += w * (color**2).sum(-1)
        mean /= total[..., None]
        variance = (square - total * (mean**2).sum(-1)).clamp(min=0) / total
        off = ((mean - frame.rgb) ** 2).sum(-1)
        cost = (variance + settings.pull * off) / (3 * 255.0**2)
        costs[k] = torch.where(total > 1e-4, cost, 0.0)
    return costs.cpu().numpy()


def _look_and_fuse(
    frame: _Frame, photos: list[GuidePhoto], settings: GuideSettings
) -> tuple[Tensor, list[_Seen]]:
    """Return the distance that the photos' depths agree on, and how they see the points there."""
    distance = frame.distance
    seen = [_look(frame, photo, settings, distance) for photo in photos]
    for _ in range(settings.fusions if photos else 0):
        penalty = torch.stack([s.penalty for s in seen])
        weight = 1.0 / penalty**2
        shift = torch.stack([s.shift for s in seen])
        distance = distance + (weight * shift).sum(0) / (settings.field_share + weight.sum(0))
        far = penalty > _SKIPPED * _first_left_out(penalty, settings.nearest)
        seen = [_look(frame, photo, settings, distance) for photo in photos]
        for s, out in zip(seen, far, strict=True):
            s.penalty, s.share = s.penalty.masked_fill(out, _NEVER), s.share.masked_fill(out, 0.0)
    return distance, seen


def _look(frame: _Frame, photo: GuidePhoto, settings: GuideSettings, distance: Tensor) -> _Seen:
    lens = photo.camera.lens
    offset = distance[..., None] * frame.rays - _centre(frame, photo)
    u, v, z, fold = _project(photo, offset)
    border = BORDER * max(lens.width_px, lens.height_px)
    margin = torch.minimum(
        torch.minimum(u, lens.width_px - u), torch.minimum(v, lens.height_px - v)
    )
    edge = (margin / border).clamp(0, 1)
    seen, depth_ratio = _visible(photo, u, v, z, settings.tolerance)
    share = fold * edge * edge * (3 - 2 * edge) * photo.share * seen
    along = (offset * frame.rays).sum(-1)
    far = offset.norm(dim=-1).clamp(min=1e-9)
    x = (1 - along / far).clamp(0, 2)
    angle = (180 / math.pi) * torch.sqrt(2 * x) * (1 + x * (1 / 12 + x * (3 / 160)))
    ratio = far * frame.focal / (distance.clamp(min=1e-9) * focal_length(lens))
    penalty = 1 + angle + settings.resolution * (ratio - 1).clamp(min=0)
    counts = share > 1e-4
    penalty = torch.where(counts, penalty / share.clamp(min=1e-9), _NEVER)
    shift = torch.where(counts, (depth_ratio - 1) * along, 0.0)
    level = -torch.log2(ratio.clamp(1e-6, 1e6))
    return _Seen(u, v, level, angle, ratio, penalty, share, shift)


def _centre(frame: _Frame, photo: GuidePhoto) -> Tensor:
    return frame.tensor(photo.camera.position - frame.position)


def _project(photo: GuidePhoto, offset: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return image point, axial depth, and 1 where the lens sees the direction at all."""
    lens = photo.camera.lens
    turn = torch.from_numpy(photo.camera.world_from_camera[:3, :3].astype(np.float32))
    x, y, z = (offset @ turn.to(offset.device)).unbind(-1)
    y, z = -y, -z
    if lens.model == "OPENCV_FISHEYE":
        radius = torch.sqrt(x * x + y * y)
        theta = torch.atan2(radius, z)
        q = theta * theta
        grown = theta * (1 + q * (lens.k1 + q * (lens.k2 + q * (lens.k3 + q * lens.k4))))
        scale = grown / radius.clamp(min=1e-9)
        a, b, fold = x * scale, y * scale, theta < reach(lens)
    else:
        ahead = z.clamp(min=1e-6)
        a, b = x / ahead, y / ahead
        fold = (a * a + b * b < reach(lens) ** 2) & (z > 1e-6)
        a, b = distort(lens, a, b)
    u, v = lens.fl_x * a + lens.cx, lens.fl_y * b + lens.cy
    return u.clamp(-1e6, 1e6), v.clamp(-1e6, 1e6), z, fold.float()


def _corners(u: Tensor, v: Tensor, width: int, height: int) -> list[tuple[Tensor, Tensor]]:
    """Return flat index and weight of the four texels around (u, v), which are texel units."""
    x, y = (u - 0.5).clamp(0, width - 1), (v - 0.5).clamp(0, height - 1)
    x0, y0 = x.long(), y.long()
    fx, fy = x - x0, y - y0
    x1, y1 = (x0 + 1).clamp(max=width - 1), (y0 + 1).clamp(max=height - 1)
    return [
        (y0 * width + x0, (1 - fx) * (1 - fy)),
        (y0 * width + x1, fx * (1 - fy)),
        (y1 * width + x0, (1 - fx) * fy),
        (y1 * width + x1, fx * fy),
    ]


def _bilinear(image: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Return an image [c h w] at points [...] as [c ...]."""
    flat = image.flatten(1)
    corners = _corners(u, v, image.shape[2], image.shape[1])
    return torch.stack([flat[:, index] * weight for index, weight in corners]).sum(0)


def _visible(
    photo: GuidePhoto, u: Tensor, v: Tensor, z: Tensor, tolerance: float
) -> tuple[Tensor, Tensor]:
    height, width = photo.depth.shape
    lens = photo.camera.lens
    depth = torch.from_numpy(photo.depth).to(u.device).flatten()
    share, mean = torch.zeros_like(u), torch.zeros_like(u)
    corners = _corners(u * width / lens.width_px, v * height / lens.height_px, width, height)
    for index, weight in corners:
        relative = depth[index] / z.clamp(min=1e-6)
        seen = weight * (2 - (relative - 1).abs() / tolerance).clamp(0, 1)
        share, mean = share + seen, mean + seen * relative
    return share, mean / share.clamp(min=1e-6)


def _trilinear(photo: GuidePhoto, u: Tensor, v: Tensor, level: Tensor) -> Tensor:
    """Return RGBA [h w 4], 0..255, between the pyramid's levels."""
    last = photo.first_level + len(photo.levels) - 1
    level = level.clamp(photo.first_level, last)
    out = torch.zeros(*u.shape, 4, device=u.device)
    for k, pixels in enumerate(photo.levels, photo.first_level):
        weight = (1 - (level - k).abs()).clamp(min=0)
        if weight.any():
            image = torch.from_numpy(pixels.astype(np.float32)).to(u.device).permute(2, 0, 1)
            scale = 0.5**k
            out += weight[..., None] * _bilinear(image, u * scale, v * scale).permute(1, 2, 0)
    return out


def _first_left_out(penalty: Tensor, nearest: int) -> Tensor:
    short = max(0, nearest + 1 - len(penalty))
    padded = functional.pad(penalty, (0, 0, 0, 0, 0, short), value=_FARTHEST)
    return padded.sort(0).values[nearest].clamp(max=_FARTHEST)


def _weights(penalty: Tensor, nearest: int) -> Tensor:
    """Return weights [photo h w] that fall to 0 at the first photo that does not count."""
    last = _first_left_out(penalty, nearest)
    return (1 - penalty / last).clamp(min=0) / penalty


def _trusted(
    frame: _Frame,
    photos: list[GuidePhoto],
    settings: GuideSettings,
    seen: list[_Seen],
    weights: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return colours [photo h w 3] and what is left of the weights where photo and field agree."""
    colors, kept = [], []
    for photo, s, weight in zip(photos, seen, weights, strict=True):
        gain = torch.tensor(photo.gain, device=frame.device)
        fine = _trilinear(photo, s.u, s.v, s.level + settings.bias)
        broad = _trilinear(photo, s.u, s.v, s.level + settings.coarse)
        difference = (broad[..., :3] * gain - frame.soft).abs().mean(-1)
        trust = torch.exp(-((difference / (255.0 * settings.guard)) ** 4))
        unmasked = (fine[..., 3] * (2 / 255.0) - 1).clamp(0, 1)
        colors.append(fine[..., :3] * gain)
        kept.append(weight * trust * unmasked)
    return torch.stack(colors), torch.stack(kept)
