"""What a real lens and shutter make of a sharp frame: depth of field and motion blur.

Cameras at points of the lens, at moments of the exposure, look into the frame, and what they see
is averaged in linear light, so that bright spots stay bright when they spread. A point of the lens
sees the plane of focus where the middle sees it: its camera is shifted, and its image shifted back
(Cook, Porter and Carpenter, "Distributed Ray Tracing", 1984). Points follow the golden angle,
moments a van der Corput sequence; both are the same in every frame, so that their pattern does not
flicker. They lie so close that discs are even; where they cannot, the light is smoothed by as much
as they lie apart.

What the middle of the lens does not see is traced at a few places of its rim and at the end of the
exposure, and those that look past an edge look there. What none of them know is left out of the
average.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Float32, Int, Int32

from scenegen.kernels.gathering import LightView, gather
from scenegen.kernels.reprojection import Picture
from scenegen.kernels.srgb import encoded, linear
from scenegen.render.field_pass import FieldFrame
from scenegen.types import Camera, CameraPath

MOST_SAMPLES = 256
LEAST_SAMPLES = 32
RIM_VIEWS = 6
"""Places of the lens's rim at which hidden surfaces are looked for."""

_UNSEEN_PX = 0.25
"""What spreads or moves by less than this looks sharp."""
_RIM_PX = 2.0
"""Neighbours whose discs differ by more are taken for two surfaces."""
_GAP_PX = 1.25
"""Samples are added until they lie so close, up to `MOST_SAMPLES`."""
_SMOOTHED = 0.7
"""Standard deviation of the smoothing, in distances of two samples."""
_MOST_SMOOTHED_PX = 4.0
_FEW = 0.3
"""What a smaller share of the samples know shows the sharp frame instead."""

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
    traces what the frame hides; without it that is left out. The same frame and exposure give the
    same pixels.
    """
    depth = frame.depth if frame.evidence is None else frame.evidence.depth
    spread, shift = _spread(exposure, depth), _shift(exposure, depth)
    if max(float(spread.max()), float(shift.max())) < _UNSEEN_PX:
        return frame
    count = _count(float(np.percentile(spread, 98)), float(np.percentile(shift, 98)))
    light = _light(frame.rgb, depth)
    hidden, known = [], light
    middle = _Sight((0.0, 0.0), 0.0, LightView(exposure.opening, light))
    if reveal is not None:
        known = _without_rims(light, exposure)
        middle = replace(middle, view=LightView(exposure.opening, known))
        hidden = _hidden(middle, exposure, shift.max() >= _UNSEEN_PX, reveal)
    smooth = _smoothed(known, spread * (_SMOOTHED * 0.5 * np.sqrt(np.pi / count)))
    sights = [replace(middle, view=LightView(exposure.opening, smooth)), *hidden]
    samples = _samples(count)
    cameras = [exposure.camera(lens, moment) for lens, moment in samples]
    total = gather([sight.view for sight in sights], cameras, _order(sights, samples))
    lone = np.maximum(np.float32(_FEW * count) - total[..., 3:], 0.0)
    mean = (total[..., :3] + lone * light[..., :3]) / (total[..., 3:] + lone)
    return replace(frame, rgb=encoded(mean))


@dataclass(frozen=True)
class _Sight:
    """What a point of the lens sees at a moment; but for the middle, what no other does."""

    lens: tuple[float, float]
    moment: float
    view: LightView


def _light(
    rgb: Float32[np.ndarray, "*pixels 3"], depth: Float32[np.ndarray, "*pixels"]
) -> Float32[np.ndarray, "*pixels 4"]:
    """Return pixels of a view; a depth of 0 is endless, one below 0 is unknown."""
    pixels = np.empty((*depth.shape, 4), np.float32)
    pixels[..., :3] = linear(rgb)
    pixels[..., 3] = np.where(depth > 0, 1.0 / np.maximum(depth, 1e-9), np.minimum(depth, 0.0))
    return pixels


def _without_rims(
    pixels: Float32[np.ndarray, "h w 4"], exposure: Exposure
) -> Float32[np.ndarray, "h w 4"]:
    """Return a view that forgets what lies beside something nearer that spreads more.

    Such pixels have some of its colour, which would stay where they are: a rim around what spreads.
    """
    from scipy.ndimage import maximum_filter

    if exposure.aperture == 0:
        return pixels
    near = pixels[..., 3]
    nearest, focus = maximum_filter(near, 3), 1.0 / exposure.focus_distance
    apart = exposure.aperture * exposure.opening.lens.fl_y * (nearest - near)
    mixed = (apart > _RIM_PX) & (nearest - focus > np.abs(near - focus))
    known = pixels.copy()
    known[mixed, 3] = -1.0
    return known


def _hidden(middle: _Sight, exposure: Exposure, moves: bool, reveal: Reveal) -> list[_Sight]:
    """Trace what the rim and the end of the exposure see and neither middle nor those before."""
    places: list[tuple[tuple[float, float], float]] = []
    if moves:
        places.append(((0.0, 0.0), 1.0))
    if exposure.aperture > 0:
        for turn in 2 * np.pi * np.arange(RIM_VIEWS) / RIM_VIEWS:
            places.append(((float(np.cos(turn)), float(np.sin(turn))), 0.5 if moves else 0.0))
    known = [middle.view]
    found: list[_Sight] = []
    for lens, moment in places:
        camera = exposure.camera(lens, moment)
        seen = gather(known, [camera], np.arange(len(known), dtype=np.int32)[None])
        wanted = np.flatnonzero(seen[..., 3] == 0)
        if not len(wanted):
            continue
        shape = seen.shape[:2]
        traced = Picture(np.zeros((*shape, 4), np.float32), np.full(shape, -1, np.float32))
        reveal(camera, traced, wanted)
        pixels = np.full((*shape, 4), -1, np.float32)
        rgb, depth = traced.rgba.reshape(-1, 4)[wanted, :3], traced.depth.flat[wanted]
        pixels.reshape(-1, 4)[wanted] = _light(rgb, depth)
        view = LightView(camera, pixels)
        found.append(_Sight(lens, moment, view))
        known.append(view)
    return found


def _order(
    sights: Sequence[_Sight], samples: Sequence[tuple[tuple[float, float], float]]
) -> Int32[np.ndarray, "sample sight"]:
    """Return in which order samples ask: the middle of the lens, then from the nearest on."""
    ours = np.array([[*lens, moment] for lens, moment in samples])
    theirs = np.array([[*sight.lens, sight.moment] for sight in sights])
    apart = np.linalg.norm(ours[:, None] - theirs, axis=-1)
    apart[:, 0] = -1.0
    return np.argsort(apart, axis=1, kind="stable").astype(np.int32)


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
    pixels: Float32[np.ndarray, "h w 4"], width_px: Float32[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w 4"]:
    """Return a view whose light is smoothed by a standard deviation of its own at each place.

    Light flows between neighbours, as much as the sharper of the two lets pass: none is lost, and
    none spreads over what is sharp.
    """
    variance = np.minimum(width_px, np.float32(_MOST_SMOOTHED_PX)) ** 2
    rounds = int(np.ceil(2 * variance.max()))
    if rounds == 0:
        return pixels
    share = np.float32(0.5 / rounds) * variance
    made = pixels.copy()
    for color in range(3):
        light = np.ascontiguousarray(pixels[..., color])
        for _ in range(rounds):
            _flow(light, share)
            _flow(light.T, share.T)
        made[..., color] = light
    return made


def _flow(light: Float32[np.ndarray, "a b"], share: Float32[np.ndarray, "a b"]) -> None:
    """Let light flow between rows."""
    flow = light[1:] - light[:-1]
    flow *= np.minimum(share[1:], share[:-1])
    light[:-1] += flow
    light[1:] -= flow


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
    return 0 <= index < len(path) - 1 and index + 1 not in (path.cuts or ())
