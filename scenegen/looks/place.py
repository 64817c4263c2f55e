"""A scene as its weather sees it: what faces up, what lies open, where the ground is.

Rays of the photos are traced once; what they meet is gathered in cells of the world
(`scenegen.looks.voxels`). A cell's normal is the direction in which the points in and around it
spread least, on the side from which they were seen (Hoppe et al., "Surface reconstruction from
unorganized points", 1992). How open it lies to the sky, and whether it sees the sun, is traced from
it through the field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from scenegen.kernels import Traced
from scenegen.kernels.rays import camera_rays
from scenegen.kernels.srgb import linear
from scenegen.looks.voxels import Cells, VoxelMap, around, smoothed
from scenegen.types import Camera, Field, Scene

MOST_RAYS = 400_000
MOST_PHOTOS = 60
EYE_M = 1.6
"""How high a camera is thought to be held, in metres, where nothing tells the scale."""

_EVEN = 0.9
"""Radius of the ball in which cells are even, in sizes of the scene."""
_SKY_RAYS = 6
_SUN_RAYS = 4
_LEAST_POINTS = 4
_OPAQUE = 0.6
_LEAST_GROUND = 0.02
"""Share of what photos saw that ground has to be."""
_NEAR_SHARE = 30
"""The ground under an eye is told by one in so many of the level cells."""
_UNEVEN = 0.4
"""Share of the variance of heights that an even slope may leave."""
_STEEPEST = 0.2
_LOWEST = 8
"""Per cent of surfaces that lie below the ground where no ground was seen."""
_UP = 0.8
"""Least z of the normal of what is ground."""


Trace = Callable[[Field, np.ndarray, np.ndarray, float], Traced]
"""Follows rays through a field, as `scenegen.kernels.trace` does."""


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Surfaces of a place, a row for each cell that has some.

    ``points`` and ``normals`` are in the world, ``light`` is their linear colour, ``openness`` the
    share of the sky above that they see.
    """

    cells: Cells
    numbers: Int[np.ndarray, "cell"]
    neighbours: Int[np.ndarray, "27 cell"]
    weight: Float[np.ndarray, "cell"]
    points: Float[np.ndarray, "cell 3"]
    normals: Float[np.ndarray, "cell 3"]
    light: Float[np.ndarray, "cell 3"]
    openness: Float[np.ndarray, "cell"]


@dataclass(frozen=True, eq=False)
class Place:
    """What looks know of a scene, in world units.

    ``size`` is the median distance from the photos to what they see, ``ground`` the median
    height of the ground under them and ``slope`` its even rise along x and y. ``metre`` is what a
    metre is worth, known or guessed; ``ahead`` is where the photos look in the mean, level, of a
    length up to 1.
    """

    field: Field
    surfaces: Surfaces
    size: float
    ground: float
    slope: Float[np.ndarray, "2"]
    metre: float
    ahead: Float[np.ndarray, "2"]
    trace: Trace

    def blocked(
        self, origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
    ) -> Float[np.ndarray, "n"]:
        """Return how much of the light from ``directions`` the scene stops, 0 to 1."""
        return blocked(self.field, origins, directions, self.trace)


def know(scene: Scene, trace: Trace | None = None) -> Place:
    """Look at a scene with the eyes of its photos; ``trace`` stands in for the kernel's.

    The same scene gives the same place, whatever is filmed of it.
    """
    if trace is None:
        from scenegen.kernels import trace
    field = scene.field
    cameras = scene.cameras
    if len(cameras) > MOST_PHOTOS:
        at = np.linspace(0, len(cameras) - 1, MOST_PHOTOS).round().astype(int)
        cameras = tuple(cameras[k] for k in at)
    points, colours, views, size = _seen(field, cameras, trace)
    positions = np.array([camera.position for camera in cameras])
    surfaces = _surfaces(field, size, (points, colours, views), trace)
    below = ground_below(surfaces, positions, size)
    ground = float(np.median(below))
    forward = np.array([camera.forward[:2] for camera in scene.cameras]).mean(axis=0)
    metre = _metre(scene, float(np.median(positions[:, 2] - below)), size)
    slope = _slope(positions, below, size)
    return Place(field, surfaces, size, ground, slope, metre, forward, trace)


def sunlit(place: Place, sun: Float[np.ndarray, "3"], width: float) -> Float[np.ndarray, "cell"]:
    """Return how much of a sun in direction ``sun`` each cell sees, 0 to 1.

    ``width`` is the radius of the sun in radians: larger suns have softer shadows.
    """
    surfaces = place.surfaces
    side = np.cross(sun, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    other = np.cross(side, sun)
    seen = np.zeros(len(surfaces.points))
    for turn in 2 * np.pi * (np.arange(_SUN_RAYS) + 0.5) / _SUN_RAYS:
        ray = sun + width * (np.cos(turn) * side + np.sin(turn) * other)
        seen += 1 - place.blocked(_lifted(surfaces), _along(ray, len(seen)))
    found = seen[:, None] / _SUN_RAYS
    for _ in range(2):
        found = smoothed(found, surfaces.weight, surfaces.neighbours)
    return found[:, 0]


def map_of(place: Place, *columns: Float[np.ndarray, "cell value"]) -> VoxelMap:
    """Return a map of values that the place's surfaces have."""
    values = np.concatenate(columns, axis=1).astype(np.float32)
    return VoxelMap(place.surfaces.cells, place.surfaces.numbers, values)


def blocked(
    field: Field,
    origins: Float[np.ndarray, "n 3"],
    directions: Float[np.ndarray, "n 3"],
    trace: Trace,
) -> Float[np.ndarray, "n"]:
    """Return how much of the light from ``directions`` a field stops, 0 to 1.

    Rays begin right at their origins, where those of photos begin farther out.
    """
    near = replace(field, near=1e-4)
    traced = trace(
        near,
        np.ascontiguousarray(origins, np.float32),
        np.ascontiguousarray(directions, np.float32),
        0.01,
    )
    return np.clip(traced.opacity, 0.0, 1.0)


def _seen(
    field: Field, cameras: Sequence[Camera], trace: Trace
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return what photos see: points, linear colours, directions to it, the median distance."""
    found = []
    for camera in cameras:
        lens = camera.lens
        thin = np.sqrt(lens.width_px * lens.height_px * len(cameras) / MOST_RAYS)
        small = lens.scaled(max(8, int(lens.width_px / thin)), max(8, int(lens.height_px / thin)))
        origins, directions = camera_rays(replace(camera, lens=small))
        origins, directions = origins.astype(np.float32), directions.astype(np.float32)
        traced = trace(field, origins, directions, small.pixel_angle)
        hit = (traced.opacity > _OPAQUE) & (traced.depth > 0)
        points = origins[hit] + traced.depth[hit, None] * directions[hit]
        found.append((points, traced.rgb[hit], directions[hit], traced.depth[hit]))
    points, colours, views, depth = (np.concatenate(one) for one in zip(*found, strict=True))
    return points, linear(colours), views, float(np.median(depth)) if len(depth) else field.radius


def _surfaces(
    field: Field, size: float, seen: tuple[np.ndarray, np.ndarray, np.ndarray], trace: Trace
) -> Surfaces:
    points, colours, views = (part.astype(np.float64) for part in seen)
    centre = np.median(points, axis=0) if len(points) else field.centre
    cells = Cells(np.asarray(centre, np.float64), _EVEN * size)
    numbers, cell = np.unique(cells.number(points), return_inverse=True)
    weight = np.bincount(cell, minlength=len(numbers)).astype(np.float64)
    near = points - centre
    moments = [near, (near[:, :, None] * near[:, None]).reshape(-1, 9), colours, views]
    mean = np.stack(
        [np.bincount(cell, one, len(numbers)) / weight for one in np.hstack(moments).T], axis=-1
    ) if len(points) else np.zeros((0, 18))  # fmt: skip
    neighbours = around(numbers)
    wide = smoothed(mean, weight, neighbours)
    crowd = np.append(weight, 0.0)[neighbours].sum(axis=0)
    normals, flat = _normals(wide[:, :3], wide[:, 3:12].reshape(-1, 3, 3), wide[:, 15:18])
    for _ in range(2):
        normals = smoothed(normals, weight * flat, neighbours)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    kept = crowd >= _LEAST_POINTS
    numbers, weight = numbers[kept], weight[kept]
    made = Surfaces(
        cells, numbers, around(numbers), weight, wide[kept, :3] + centre, normals[kept],
        wide[kept, 12:15], np.ones(len(numbers)),
    )  # fmt: skip
    return replace(made, openness=_openness(field, made, trace))


def _normals(
    mean: Float[np.ndarray, "cell 3"],
    square: Float[np.ndarray, "cell 3 3"],
    views: Float[np.ndarray, "cell 3"],
) -> tuple[Float[np.ndarray, "cell 3"], Float[np.ndarray, "cell"]]:
    """Return unit normals of the planes through points of some moments, towards who saw them.

    With them comes how flat the points lie, 0 to 1: round an edge they do not.
    """
    spread = square - mean[:, :, None] * mean[:, None]
    if not len(spread):
        return np.zeros((0, 3)), np.zeros(0)
    widths, axes = np.linalg.eigh(spread)
    normals = axes[:, :, 0]
    behind = np.einsum("ij,ij->i", normals, views) > 0
    flat = 1 - np.sqrt(np.clip(widths[:, 0] / np.maximum(widths[:, 1], 1e-12), 0.0, 1.0))
    return np.where(behind[:, None], -normals, normals), np.maximum(flat**2, 1e-3)


def _openness(field: Field, surfaces: Surfaces, trace: Trace) -> Float[np.ndarray, "cell"]:
    """Return the share of the sky that cells see: within 60 degrees of straight up."""
    seen = np.zeros(len(surfaces.points))
    origins = _lifted(surfaces)
    for index in range(_SKY_RAYS):
        turn = 2.399963 * index  # the golden angle
        z = 1 - 0.5 * (index + 0.5) / _SKY_RAYS
        flat = np.sqrt(1 - z * z)
        ray = np.array([flat * np.cos(turn), flat * np.sin(turn), z])
        seen += 1 - blocked(field, origins, _along(ray, len(seen)), trace)
    return smoothed(seen[:, None] / _SKY_RAYS, surfaces.weight, surfaces.neighbours)[:, 0]


def _lifted(surfaces: Surfaces) -> Float[np.ndarray, "cell 3"]:
    """Return the cells' points, raised off their surfaces by what depths may err."""
    step = 1.5 * np.minimum(surfaces.cells.stretch(surfaces.points), 8 * surfaces.cells.edge)
    return surfaces.points + step[:, None] * surfaces.normals


def _along(direction: Float[np.ndarray, "3"], count: int) -> Float[np.ndarray, "n 3"]:
    unit = direction / np.linalg.norm(direction)
    return np.broadcast_to(unit, (count, 3))


def _metre(scene: Scene, height: float, size: float) -> float:
    """Return what a metre is worth: as is known, or else as if eyes were `EYE_M` up.

    The guess is kept sane: seen from the air or from a table's edge, they are not.
    """
    if scene.metres_per_unit is not None:
        return 1 / scene.metres_per_unit
    return float(np.clip(height / EYE_M, size / 20, size / 1.5))


def _slope(
    eyes: Float[np.ndarray, "eye 3"], below: Float[np.ndarray, "eye"], size: float
) -> Float[np.ndarray, "2"]:
    """Return how the ground rises along x and y where it does so evenly, and not steeply.

    Photos that all look along a street leave open how much of its rise is their own: which way is
    up is then known across the street alone.
    """
    aside = eyes[:, :2] - eyes[:, :2].mean(axis=0)
    rise = below - below.mean()
    # What the photos are not spread along keeps its level.
    held = aside.T @ aside + len(eyes) * (0.2 * size) ** 2 * np.eye(2)
    slope = np.linalg.solve(held, aside.T @ rise)
    even = ((rise - aside @ slope) ** 2).sum() < _UNEVEN * (rise**2).sum()
    return slope if even and np.linalg.norm(slope) < _STEEPEST else np.zeros(2)


def ground_below(
    surfaces: Surfaces, eyes: Float[np.ndarray, "eye 3"], size: float
) -> Float[np.ndarray, "eye"]:
    """Return the height of the ground under each of some eyes, which may lie on a slope.

    That is the median of the level things nearest to it, to the side, which are lower. Where next
    to nothing level was seen it is the height of the lowest things that were.
    """
    level = (surfaces.normals[:, 2] > _UP) & (surfaces.points[:, 2] < eyes[:, 2].max())
    if surfaces.weight[level].sum() <= _LEAST_GROUND * surfaces.weight.sum():
        seen = surfaces.points[:, 2]
        low = float(np.percentile(seen, _LOWEST)) if len(seen) else float(eyes[:, 2].min() - size)
        return np.full(len(eyes), low)
    points = surfaces.points[level]
    found = []
    for eye in eyes:
        aside = np.linalg.norm(points[:, :2] - eye[:2], axis=1)
        aside[points[:, 2] > eye[2]] += 100 * size
        nearest = np.argsort(aside)[: max(_LEAST_POINTS, len(points) // _NEAR_SHARE)]
        found.append(np.median(points[nearest, 2]))
    return np.array(found)
