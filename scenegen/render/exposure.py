"""What a real lens and shutter make of a sharp frame: depth of field and motion blur.

The frame is moved to points of the lens and moments of the exposure, and what they see is averaged
in linear light, so that bright spots stay bright when they spread. A point of the lens sees the
plane of focus where the middle sees it: its camera is shifted, and its image shifted back (Cook,
Porter and Carpenter, "Distributed Ray Tracing", 1984; the shifted frames are the accumulation
buffer of Haeberli and Akeley, 1990). Points follow the golden angle, moments a van der Corput
sequence; both are the same in every frame, so that their pattern does not flicker. Between points
a blurred place is smoothed by as much as they lie apart, which makes a disc out of dots.

What the middle of the lens does not see is traced at a few places of its rim and at the end of the
exposure. What none of them know is left out of the average.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from scenegen.kernels.reprojection import Picture, reproject
from scenegen.render.field_pass import FieldFrame
from scenegen.types import Camera, CameraPath

MOST_SAMPLES = 64
LEAST_SAMPLES = 16
RIM_VIEWS = 6
"""Places of the lens's rim at which hidden surfaces are looked for."""

_UNSEEN_PX = 0.25
"""What spreads or moves by less than this looks sharp."""
_GAP_PX = 2.0
"""Samples are added until they lie so close, up to `MOST_SAMPLES`."""
_SMOOTHED = 0.45
"""Standard deviation of the smoothing, in distances of two samples."""
_LEVELS_PX = (0.7, 1.4, 2.8, 5.6)
"""Standard deviations of the smoothed pictures."""
_FEW = 0.3
"""Share of the samples below which a pixel is made up for: they end in cracks along edges."""
_CUT = 4.0
"""A step so many times larger than those before and after it is a cut..."""
_CUT_LEAST = 0.05
"""... if it is larger than this: radians, or shares of the distance of focus."""
_PARTS = 2
"""The average is made in so many parts at a time, always the same."""

Reveal = Callable[[Camera, Picture, Int[np.ndarray, "pixel"]], None]
"""Traces some pixels, numbered row by row, of a camera's picture into it."""


@dataclass(frozen=True)
class Exposure:
    """How one frame is exposed.

    The shutter is open from one camera to the other; ``focus_distance``, along the optical axis,
    and ``aperture``, the width of the lens, are in world units.
    """

    opening: Camera
    closing: Camera
    focus_distance: float
    aperture: float

    def camera(self, lens: tuple[float, float], moment: float) -> Camera:
        """Return the camera at a point of the lens, in the unit disc, and a moment, 0 to 1."""
        pose = _between(self.opening, self.closing, moment)
        one, other = self.opening.lens, self.closing.lens
        focal = (1 - moment) * one.fl_y + moment * other.fl_y
        right, up = (0.5 * self.aperture * part for part in lens)
        pose[:3, 3] += pose[:3, :3] @ [right, up, 0.0]
        shear = focal / self.focus_distance if self.aperture else 0.0
        seen = replace(
            one, fl_x=focal, fl_y=focal, cx=one.cx + shear * right, cy=one.cy - shear * up
        )
        return Camera(seen, pose)


def exposure_of(path: CameraPath, index: int, width_px: int, height_px: int) -> Exposure | None:
    """Return how a frame of a path is exposed, None where its camera is a pinhole for an instant.

    The camera goes on to the next frame, or at the end and before a cut as it came from the last.
    """
    work = path.lens_work
    if work is None or (work.aperture[index] <= 0 and work.shutter <= 0):
        return None
    opening = path.camera(index, width_px, height_px)
    closing = opening
    if work.shutter > 0:
        if _leads_on(path, index):
            to, share = path.camera(index + 1, width_px, height_px), work.shutter
        elif _leads_on(path, index - 1):
            to, share = path.camera(index - 1, width_px, height_px), -work.shutter
        else:
            to, share = opening, 0.0
        focal = opening.lens.fl_y * (to.lens.fl_y / opening.lens.fl_y) ** share
        lens = replace(opening.lens, fl_x=focal, fl_y=focal)
        closing = Camera(lens, _between(opening, to, share))
    return Exposure(
        opening, closing, float(work.focus_distance[index]), max(float(work.aperture[index]), 0.0)
    )


def expose(frame: FieldFrame, exposure: Exposure, reveal: Reveal | None = None) -> FieldFrame:
    """Return ``frame``, the sharp one at the opening, as lens and shutter show it.

    Its colours change alone: depth, opacity and evidence are those of what is sharp. ``reveal``
    traces what the frame hides; without it that is guessed from what is around. The same frame and
    exposure give the same pixels.
    """
    depth = frame.depth if frame.evidence is None else frame.evidence.depth
    spread, shift = _spread(exposure, depth), _shift(exposure, depth)
    if max(float(spread.max()), float(shift.max())) < _UNSEEN_PX:
        return frame
    count = _count(float(np.percentile(spread, 98)), float(np.percentile(shift, 98)))
    shown = np.dstack([frame.rgb, np.ones_like(depth)])
    hidden = []
    if reveal is not None:
        hidden = _hidden(Picture(shown, depth), exposure, shift.max() >= _UNSEEN_PX, reveal)
    light = np.dstack([linear(frame.rgb), np.ones_like(depth)])
    picture = Picture(_smoothed(light, spread * (_SMOOTHED * 0.5 * np.sqrt(np.pi / count))), depth)
    samples = _samples(count)

    def part(which: int) -> Float32[np.ndarray, "h w 4"]:
        total = np.zeros_like(light)
        for lens, moment in samples[which::_PARTS]:
            total += _seen(picture, hidden, exposure, lens, moment)
        return total

    with ThreadPoolExecutor(_PARTS) as pool:
        total = sum(pool.map(part, range(_PARTS)), np.zeros_like(light))
    blur = np.maximum(spread, np.float32(shift.max()))
    return replace(frame, rgb=encoded(_made_up(total, light, blur, _FEW * count)))


def linear(rgb: Float32[np.ndarray, "*n"]) -> Float32[np.ndarray, "*n"]:
    """Return the light of sRGB-encoded colours in 0..1, by IEC 61966-2-1."""
    low = rgb / np.float32(12.92)
    high = ((np.maximum(rgb, 0.0) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(rgb <= 0.04045, low, high)


def encoded(light: Float32[np.ndarray, "*n"]) -> Float32[np.ndarray, "*n"]:
    """Return sRGB-encoded colours, in 0..1, of light."""
    light = np.clip(light, 0.0, 1.0)
    high = np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(light <= 0.0031308, light * np.float32(12.92), high)


@dataclass(frozen=True)
class _Hidden:
    """What another place of the lens, or the end of the exposure, sees and the frame does not."""

    camera: Camera
    picture: Picture
    lens: tuple[float, float] | None


def _seen(
    picture: Picture,
    hidden: Sequence[_Hidden],
    exposure: Exposure,
    lens: tuple[float, float],
    moment: float,
) -> Float32[np.ndarray, "h w 4"]:
    """Return the light that one point of the lens gets at a moment, all 0 where nobody knows."""
    camera = exposure.camera(lens, moment)
    shown = reproject(picture, exposure.opening, camera)
    rim = [one for one in hidden if one.lens is not None]
    others = [one for one in hidden if one.lens is None]
    others += sorted(rim, key=lambda one: -np.dot(one.lens or (0, 0), lens))[:1]
    for other in others:
        _fill(shown, other, camera)
    shown.rgba[shown.depth < 0] = 0.0
    return shown.rgba


def _fill(shown: Picture, other: _Hidden, camera: Camera) -> None:
    """Show what another place knows, where nothing is known yet."""
    more = reproject(other.picture, other.camera, camera)
    gained = np.flatnonzero((shown.depth < 0) & (more.depth >= 0))
    rgba = more.rgba.reshape(-1, 4)[gained]  # at its edge the unknown is mixed in, as nothing
    shown.rgba.reshape(-1, 4)[gained] = rgba / rgba[:, 3:]
    shown.depth.flat[gained] = more.depth.flat[gained]


def _made_up(
    total: Float32[np.ndarray, "h w 4"],
    light: Float32[np.ndarray, "h w 4"],
    blur: Float32[np.ndarray, "h w"],
    least: float,
) -> Float32[np.ndarray, "h w 3"]:
    """Return the mean light; what few samples know is made up for from around, or if sharp as is.

    ``total`` is the light of all samples, and their number; so many are the ``least``.
    """
    from scipy.ndimage import gaussian_filter, maximum_filter

    lone = np.maximum(least - total[..., 3:], 0.0)
    around = gaussian_filter(total, (1.0, 1.0, 0), truncate=2.0)
    soft = np.clip(maximum_filter(blur, 7)[..., None] / 2 - 0.5, 0.0, 1.0) * (around[..., 3:] > 0)
    around /= np.maximum(around[..., 3:], 1e-6)
    total = total + lone * (soft * around + (1 - soft) * light)
    return total[..., :3] / total[..., 3:]


def _hidden(picture: Picture, exposure: Exposure, moves: bool, reveal: Reveal) -> list[_Hidden]:
    """Return what is seen from elsewhere alone: each view's own part, and a margin of known."""
    views: list[tuple[Camera, tuple[float, float] | None]] = []
    if moves:
        views.append((exposure.camera((0.0, 0.0), 1.0), None))
    if exposure.aperture > 0:
        for turn in 2 * np.pi * np.arange(RIM_VIEWS) / RIM_VIEWS:
            rim = (float(np.cos(turn)), float(np.sin(turn)))
            views.append((exposure.camera(rim, 0.5 if moves else 0.0), rim))
    found: list[_Hidden] = []
    for camera, lens in views:
        shown = reproject(picture, exposure.opening, camera)
        for other in found:
            _fill(shown, other, camera)
        wanted = _wide(shown.depth < 0)
        if not wanted.any():
            continue
        reveal(camera, shown, np.flatnonzero(wanted))
        shown.depth[~_grown(wanted)] = -1.0
        shown.rgba[shown.depth < 0] = 0.0
        shown.rgba[..., 3] = shown.depth >= 0
        found.append(_Hidden(camera, shown, lens))
    for one in found:
        one.picture.rgba[..., :3] = linear(one.picture.rgba[..., :3])
    return found


def _wide(unknown: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """Return the pixels of gaps that are wider than the cracks along every edge."""
    from scipy.ndimage import binary_dilation, binary_opening

    square = np.ones((3, 3), bool)
    padded = np.pad(unknown, 1, constant_values=True)
    return binary_dilation(binary_opening(padded, square), square)[1:-1, 1:-1] & unknown


def _grown(part: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    from scipy.ndimage import binary_dilation

    return binary_dilation(part, np.ones((3, 3), bool), iterations=2)


def _samples(count: int) -> list[tuple[tuple[float, float], float]]:
    """Return points of the unit disc, each of the same area, with moments from 0 to 1."""
    index = np.arange(count)
    radius, turn = np.sqrt((index + 0.5) / count), index * np.pi * (3 - np.sqrt(5))
    moments = np.zeros(count)
    for bit in range(count.bit_length()):
        moments += (index >> bit & 1) * 0.5 ** (bit + 1)
    order = np.argsort(np.argsort(moments))  # evenly spaced, in the sequence's order
    points = zip((radius * np.cos(turn)).tolist(), (radius * np.sin(turn)).tolist(), strict=True)
    return list(zip(points, ((order + 0.5) / count).tolist(), strict=True))


def _count(spread_px: float, shift_px: float) -> int:
    discs = np.pi * (0.5 * spread_px / _GAP_PX) ** 2
    return int(np.clip(np.ceil(discs + shift_px / _GAP_PX), LEAST_SAMPLES, MOST_SAMPLES))


def _spread(exposure: Exposure, depth: Float32[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    """Return the width in pixels of the disc into which each place's light spreads."""
    if exposure.aperture == 0:
        return np.zeros_like(depth)
    near = np.where(depth > 0, 1.0 / np.maximum(depth, 1e-9), 0.0)
    scale = exposure.aperture * exposure.opening.lens.fl_y
    return (scale * np.abs(near - 1.0 / exposure.focus_distance)).astype(np.float32)


def _shift(exposure: Exposure, depth: Float32[np.ndarray, "h w"]) -> Float[np.ndarray, "n"]:
    """Return by how many pixels some of the places move while the shutter is open."""
    lens, other = exposure.opening.lens, exposure.closing.lens
    if exposure.opening is exposure.closing:
        return np.zeros(1)
    rows = np.unique(np.linspace(0, lens.height_px - 1, 64).astype(int))
    columns = np.unique(np.linspace(0, lens.width_px - 1, 64).astype(int))
    z = depth[np.ix_(rows, columns)].astype(np.float64)
    z = np.where(z > 0, z, 1e6)
    u, v = columns + 0.5, rows[:, None] + 0.5
    here = np.stack([(u - lens.cx) / lens.fl_x * z, (lens.cy - v) / lens.fl_y * z, -z], -1)
    turn = exposure.opening.world_from_camera[:3, :3]
    world = here @ turn.T + (exposure.opening.position - exposure.closing.position)
    there = world @ exposure.closing.world_from_camera[:3, :3]
    ahead = np.maximum(-there[..., 2], 1e-6)
    moved_u = other.cx + other.fl_x * there[..., 0] / ahead - u
    moved_v = other.cy - other.fl_y * there[..., 1] / ahead - v
    return np.minimum(np.hypot(moved_u, moved_v), lens.width_px).ravel()


def _smoothed(
    light: Float32[np.ndarray, "h w 4"], width_px: Float32[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w 4"]:
    """Return a picture smoothed by a standard deviation of its own at each place.

    What is sharp counts little in what is smoothed, so that it does not spread over an edge.
    """
    from scipy.ndimage import gaussian_filter

    made, below = light, 0.0
    for level in _LEVELS_PX:
        share = np.clip((width_px - below) / (level - below), 0.0, 1.0)[..., None]
        if not share.any():
            break
        weight = (np.clip(width_px / level, 0.05, 1.0) ** 2)[..., None]
        wide = gaussian_filter(light * weight, (level, level, 0), truncate=2.5)
        wide[..., :3] /= wide[..., 3:]
        wide[..., 3] = 1.0
        made = (1 - share) * made + share * wide
        below = level
    return np.ascontiguousarray(made, np.float32)


def _between(one: Camera, other: Camera, share: float) -> Float[np.ndarray, "4 4"]:
    from scipy.spatial.transform import Rotation

    pose = np.array(one.world_from_camera, np.float64)
    if share and one is not other:
        goal = other.world_from_camera
        apart = Rotation.from_matrix(pose[:3, :3].T @ goal[:3, :3]).as_rotvec()
        pose[:3, 3] += share * (goal[:3, 3] - pose[:3, 3])
        pose[:3, :3] = pose[:3, :3] @ Rotation.from_rotvec(share * apart).as_matrix()
    return pose


def _leads_on(path: CameraPath, index: int) -> bool:
    """Return whether the camera moves on from a frame to the next, instead of cutting to it."""
    if not 0 <= index < len(path) - 1:
        return False
    around = max(_step(path, index - 1), _step(path, index + 1))
    step = _step(path, index)
    return step <= max(_CUT * around, _CUT_LEAST) or len(path) == 2


def _step(path: CameraPath, index: int) -> float:
    """Return how far a camera goes from a frame to the next, 0 beyond the ends."""
    if not 0 <= index < len(path) - 1 or path.lens_work is None:
        return 0.0
    one, other = path.world_from_camera[index : index + 2]
    cosine = (np.trace(one[:3, :3].T @ other[:3, :3]) - 1) / 2
    far = np.linalg.norm(other[:3, 3] - one[:3, 3]) / path.lens_work.focus_distance[index]
    zoom = abs(np.log(path.fov_y_deg[index + 1] / path.fov_y_deg[index]))
    return float(np.arccos(np.clip(cosine, -1, 1)) + far + zoom)
