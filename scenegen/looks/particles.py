"""Flakes and drops: particles that fall through the world, in a box that goes with the camera.

A particle's place follows from its number and the time. The box repeats in all directions, so that
any two cameras see the same particles at the same time where their boxes overlap; towards its walls
they fade. What is nearer hides them. While the shutter is open they draw a streak.
Source for boxes that repeat: Tariq, "Rain" (NVIDIA, 2007); for streaks as the time that a drop
spends before a pixel: Garg and Nayar, "Vision and rain" (2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32
from PIL import Image
from scipy.ndimage import gaussian_filter

from scenegen.looks.snow import smoothstep
from scenegen.types import Camera

_MOST_SAMPLES = 96
"""Discs that a streak is drawn of."""
_LEVELS = 5
_SOFT = 0.6
"""Standard deviation of a particle's edge, in pixels of the picture that it is drawn in."""


@dataclass(frozen=True)
class Kind:
    """Particles of a kind, in world units and seconds.

    There are ``count`` of them in a box of edge ``box``, with ``radius`` each. They fall with
    ``velocity`` and sway by ``sway`` about their way. ``opaque`` is how much light one stops;
    drops, which gather that of half the sky, count for more than their width.
    """

    count: int
    box: float
    radius: float
    velocity: tuple[float, float, float]
    sway: float
    opaque: float


def flakes_of(amount: float, metre: float) -> Kind:
    """Return snowflakes: they fall with a metre a second, whatever their size."""
    wind = (0.35 * metre, 0.2 * metre, -1.0 * metre)
    return Kind(round(11_000 * amount), 9.0 * metre, 0.006 * metre, wind, 0.10 * metre, 0.9)


def drops_of(amount: float, metre: float) -> Kind:
    """Return raindrops of 2 mm, which fall with 7 m/s (Gunn and Kinzer, 1949)."""
    wind = (0.5 * metre, 0.25 * metre, -7.0 * metre)
    return Kind(round(16_000 * amount), 9.0 * metre, 0.002 * metre, wind, 0.0, 2.5)


class Particles:
    """Particles of a kind; the same seed is the same particles."""

    def __init__(self, kind: Kind, seed: int) -> None:
        rng = np.random.default_rng([seed, 5])
        self._kind = kind
        self._start = rng.random((kind.count, 3)) * kind.box
        self._phase = rng.uniform(0, 2 * np.pi, (kind.count, 2))
        self._rate = rng.uniform(0.7, 2.2, (kind.count, 2))
        self._size = rng.uniform(0.6, 1.3, kind.count)

    def places(self, around: Float[np.ndarray, "3"], second: float) -> Float[np.ndarray, "n 3"]:
        """Return where the particles are, of each the copy that is nearest to a place."""
        box = self._kind.box
        at = self._way(second) - around
        return around + (at + box / 2) % box - box / 2

    def drawn(
        self,
        camera: Camera,
        depth: Float32[np.ndarray, "h w"],
        second: float,
        exposed_s: float,
    ) -> Float32[np.ndarray, "h w"]:
        """Return how much of each pixel particles cover, 0 to 1.

        ``depth`` is along the optical axis, infinite where nothing is; ``exposed_s`` is how long
        the shutter is open. The camera is taken to stand still meanwhile.
        """
        start = self.places(camera.position, second) - camera.position
        moved = self._way(second + exposed_s) - self._way(second)
        turn = camera.world_from_camera[:3, :3]
        ends = start @ turn, (start + moved) @ turn
        reach = np.abs(start).max(axis=1) / (self._kind.box / 2)
        near = -np.maximum(ends[0][:, 2], ends[1][:, 2]) / self._kind.box
        weight = (1 - smoothstep(0.6, 1.0, reach)) * smoothstep(0.04, 0.12, near)
        return self._splat(camera, depth, ends, weight)

    def _way(self, second: float) -> Float[np.ndarray, "n 3"]:
        kind = self._kind
        way = self._start + np.array(kind.velocity) * second
        if kind.sway:
            way[:, :2] += kind.sway * np.sin(self._phase + self._rate * second)
        return way

    def _splat(
        self,
        camera: Camera,
        depth: Float32[np.ndarray, "h w"],
        ends: tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]],
        weight: Float32[np.ndarray, "n"],
    ) -> Float32[np.ndarray, "h w"]:
        lens, kept = camera.lens, weight > 0
        first, last = (_projected(camera, end[kept]) for end in ends)
        size, weight = self._size[kept] * self._kind.radius, weight[kept]
        radius = size * lens.fl_y / first[:, 2]
        length = np.linalg.norm(last[:, :2] - first[:, :2], axis=1)
        count = np.ceil(length / np.maximum(0.7 * radius, 0.7)).astype(int) + 1
        count = np.minimum(count, _MOST_SAMPLES)
        which = np.repeat(np.arange(len(count)), count)
        share = (np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)) + 0.5
        at = first[which] + (share / count[which])[:, None] * (last - first)[which]
        inside = (at[:, 0] >= 0) & (at[:, 0] < lens.width_px)
        inside &= (at[:, 1] >= 0) & (at[:, 1] < lens.height_px)
        at, which = at[inside], which[inside]
        before = at[:, 2] < depth[at[:, 1].astype(int), at[:, 0].astype(int)]
        at, which = at[before], which[before]
        area = np.pi * radius**2 * weight * self._kind.opaque / count
        level = np.clip(np.ceil(np.log2(np.maximum(radius, 0.5))), 0, _LEVELS - 1).astype(int)
        total = np.zeros(depth.shape, np.float32)
        for step in range(_LEVELS):
            mine = level[which] == step
            if mine.any():
                total += _spread(at[mine, :2], area[which[mine]], step, depth.shape)
        return -np.expm1(-total)


def _projected(camera: Camera, local: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """Return column and row in pixels, and the distance along the optical axis."""
    lens = camera.lens
    ahead = np.maximum(-local[:, 2], 1e-9)
    column = lens.cx + lens.fl_x * local[:, 0] / ahead
    row = lens.cy - lens.fl_y * local[:, 1] / ahead
    return np.stack([column, row, ahead], axis=-1)


def _spread(
    at: Float[np.ndarray, "n 2"], area: Float[np.ndarray, "n"], step: int, shape: tuple[int, int]
) -> Float32[np.ndarray, "h w"]:
    """Return the coverage of discs of some areas, drawn in a picture 2^step times as small."""
    scale = 1 << step
    height, width = -(-shape[0] // scale), -(-shape[1] // scale)
    place = at / scale - 0.5
    low = np.floor(place).astype(int)
    share = place - low
    total = np.zeros((height + 2) * (width + 2))
    for dx, dy in np.ndindex(2, 2):
        weight = (share[:, 0] if dx else 1 - share[:, 0]) * (share[:, 1] if dy else 1 - share[:, 1])
        index = (low[:, 1] + 1 + dy) * (width + 2) + low[:, 0] + 1 + dx
        total += np.bincount(index, weight * area / scale**2, len(total))
    small = total.reshape(height + 2, width + 2)[1:-1, 1:-1].astype(np.float32)
    small = gaussian_filter(small, _SOFT, mode="constant") if step else small
    if not step:
        return small
    picture = Image.fromarray(small).resize(
        (width * scale, height * scale), Image.Resampling.BILINEAR
    )
    return np.asarray(picture)[: shape[0], : shape[1]]
