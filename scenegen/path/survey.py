"""What the photos saw of a scene, measured by tracing its field: the ground that a path may show.

A radiance field is good where photos looked and guesses elsewhere, so a view is rated by how much
of what it shows was seen by photos, from a similar direction and not from much farther away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.types import Camera, Field

Distances = Callable[[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]], Float[np.ndarray, "n"]]
"""Distance in world units along rays (origins, unit directions); infinite where nothing is hit."""

_GRID = 12
"""Rays a side with which a photo's depth is sampled."""

_HORIZON = 20.0
"""Distance, in median depths, at which what no ray hits (the sky) is taken to be."""

_ANGLE_DEG = 25.0
"""Angle between a view and a photo of the same point at which its colour is trusted by 1/e."""

_OBSTACLE = 0.3
"""Distance, in median depths, from which a surface no longer stands in the way of a view."""

_NEARER = 1.5
"""How much nearer than the photos a view may come before it looks blurred."""


def field_distances(field: Field, near: float | None = None) -> Distances:
    """Return the distances to surfaces of ``field``; what is less than half opaque is none.

    Rays begin at ``near``, in radii of the field; unless stated where those of photos and frames
    do, and nothing nearer is met.
    """
    from scenegen.kernels import trace

    if near is not None:
        field = replace(field, near=near)

    def distances(
        origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
    ) -> Float[np.ndarray, "n"]:
        traced = trace(
            field,
            np.ascontiguousarray(origins, np.float32),
            np.ascontiguousarray(directions, np.float32),
        )
        hit = (traced.opacity > 0.5) & (traced.depth > 0)
        return np.where(hit, traced.depth, np.inf).astype(np.float64)

    return distances


class Survey:
    """The photos' cameras with the depth that each of them sees on a coarse grid.

    ``depth`` is the median distance from the photos to what they see, in world units, which is the
    unit in which a walkthrough measures speed and safe distances.
    """

    def __init__(
        self,
        cameras: Sequence[Camera],
        distances: Distances,
        points: Float[np.ndarray, "point 3"],
    ) -> None:
        self.cameras = tuple(cameras)
        self.distances = distances
        self.positions = np.array([camera.position for camera in cameras], np.float64)
        self.forwards = np.array([camera.forward for camera in cameras], np.float64)
        directions = np.stack([_grid_rays(camera, _GRID) for camera in cameras])
        origins = np.broadcast_to(self.positions[:, None], directions.shape)
        depth = distances(origins.reshape(-1, 3), directions.reshape(-1, 3))
        depth = depth.reshape(len(cameras), _GRID, _GRID)
        self.depth = _median_depth(depth, self.positions, points)
        self._reach = _widened(depth)

    def quality(
        self, points: Float[np.ndarray, "n 3"], eyes: Float[np.ndarray, "n 3"]
    ) -> Float[np.ndarray, "n"]:
        """Return 0 to 1: how well the photos tell what ``points`` look like from ``eyes``.

        It is the mean over the two best photos, for one photo alone does not fix the depth.
        """
        best = np.zeros((2, len(points)))
        away = points - eyes
        range_eye = np.linalg.norm(away, axis=1)
        for index, camera in enumerate(self.cameras):
            toward = points - self.positions[index]
            range_photo = np.linalg.norm(toward, axis=1)
            seen = self._sees(index, camera, toward, range_photo)
            cosine = (away * toward).sum(1) / np.maximum(range_eye * range_photo, 1e-12)
            angle = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
            sharp = np.minimum(1.0, _NEARER * range_eye / np.maximum(range_photo, 1e-12))
            rated = seen * sharp * np.exp(-((angle / _ANGLE_DEG) ** 2))
            best = np.sort(np.concatenate([best, rated[None]]), axis=0)[1:]
        return best.mean(axis=0) if len(self.cameras) > 1 else best[1]

    def nearest(
        self, points: Float[np.ndarray, "n 3"]
    ) -> tuple[Int[np.ndarray, "n"], Float[np.ndarray, "n"]]:
        """Return the photo nearest to each point, and how far away it was taken, in world units."""
        return nearest_of(points, self.positions)

    def surfaces(self, side: int) -> Float[np.ndarray, "n 3"]:
        """Return what the photos see, along ``side`` x ``side`` rays of each, in world units."""
        directions = np.concatenate([_grid_rays(camera, side) for camera in self.cameras])
        origins = np.repeat(self.positions, side * side, axis=0)
        reach = self.distances(origins, directions)
        hit = np.isfinite(reach)
        return origins[hit] + reach[hit, None] * directions[hit]

    def view_quality(
        self,
        positions: Float[np.ndarray, "view 3"],
        rotations: Float[np.ndarray, "view 3 3"],
        rays: Float[np.ndarray, "ray 3"],
    ) -> Float[np.ndarray, "view ray"]:
        """Return the quality of what each view sees along ``rays`` of its own camera frame.

        It falls to -1 for what is so near that it stands in the way of the view.
        """
        directions = np.einsum("vij,rj->vri", rotations, rays)
        eyes = np.broadcast_to(positions[:, None], directions.shape).reshape(-1, 3)
        directions = directions.reshape(-1, 3)
        reach = self.distances(eyes, directions)
        reach = np.where(np.isfinite(reach), reach, _HORIZON * self.depth)
        points = eyes + reach[:, None] * directions
        apart = np.minimum(1.0, 2 * reach / (_OBSTACLE * self.depth) - 1)
        rated = np.where(apart < 0, apart, apart * self.quality(points, eyes))
        return rated.reshape(len(positions), len(rays))

    def _sees(
        self,
        index: int,
        camera: Camera,
        toward: Float[np.ndarray, "n 3"],
        ranges: Float[np.ndarray, "n"],
    ) -> Bool[np.ndarray, "n"]:
        """Return which points lie in a photo's frame and not behind what it sees."""
        lens = camera.lens
        local = toward @ camera.world_from_camera[:3, :3]
        front = local[:, 2] < -1e-9
        z = np.where(front, -local[:, 2], 1.0)
        tangent = np.stack([local[:, 0] / z, -local[:, 1] / z])
        if lens.model == "OPENCV_FISHEYE":
            radius = np.maximum(np.linalg.norm(tangent, axis=0), 1e-12)
            tangent = tangent * np.arctan(radius) / radius
        column = (lens.fl_x * tangent[0] + lens.cx) / lens.width_px * _GRID
        row = (lens.fl_y * tangent[1] + lens.cy) / lens.height_px * _GRID
        inside = front & (column >= 0) & (column < _GRID) & (row >= 0) & (row < _GRID)
        cell = [np.clip(value, 0, _GRID - 1).astype(int) for value in (row, column)]
        return inside & (ranges <= self._reach[index, cell[0], cell[1]])


def nearest_of(
    points: Float[np.ndarray, "n 3"], places: Float[np.ndarray, "place 3"]
) -> tuple[Int[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Return which place is nearest to each point, and how far away it is."""
    apart = np.linalg.norm(points[:, None] - places, axis=2)
    return apart.argmin(axis=1), apart.min(axis=1)


def frame_rays(
    fov_y_deg: float, aspect: float, columns: int, rows: int
) -> Float[np.ndarray, "n 3"]:
    """Return unit rays in the camera frame on an even grid that spans the frame to its borders."""
    tangent = np.tan(np.deg2rad(fov_y_deg) / 2)
    x, y = np.meshgrid(np.linspace(-1, 1, columns) * aspect, np.linspace(-1, 1, rows))
    rays = np.stack([x * tangent, y * tangent, -np.ones_like(x)], axis=-1).reshape(-1, 3)
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def _grid_rays(camera: Camera, side: int) -> Float[np.ndarray, "n 3"]:
    """Return world rays through side x side parts of a photo, each its middle, undistorted."""
    lens = camera.lens
    centres = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(centres * lens.width_px, centres * lens.height_px)
    tangent = np.stack([(x - lens.cx) / lens.fl_x, -(y - lens.cy) / lens.fl_y], axis=-1)
    if lens.model == "OPENCV_FISHEYE":
        radius = np.maximum(np.linalg.norm(tangent, axis=-1, keepdims=True), 1e-12)
        tangent = tangent * np.tan(np.minimum(radius, 1.5)) / radius
    rays = np.concatenate([tangent, -np.ones_like(x)[..., None]], axis=-1).reshape(-1, 3)
    rays = rays @ camera.world_from_camera[:3, :3].T
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def _widened(depth: Float[np.ndarray, "photo row column"]) -> Float[np.ndarray, "photo row column"]:
    """Return how far each cell sees: as far as the farthest of its neighbours, and a tenth more."""
    from scipy.ndimage import maximum_filter

    return 1.1 * maximum_filter(depth, size=(1, 3, 3))


def _median_depth(
    depth: Float[np.ndarray, "photo row column"],
    positions: Float[np.ndarray, "photo 3"],
    points: Float[np.ndarray, "point 3"],
) -> float:
    """Return the median distance from the photos to what they see.

    From the field; where that is all but empty, from the sparse points; without these, from how far
    apart the photos are.
    """
    hit = depth[np.isfinite(depth)]
    if len(hit) >= 0.1 * depth.size:
        return float(np.median(hit))
    middle = np.median(positions, axis=0)
    if len(points):
        return float(np.median(np.linalg.norm(points - middle, axis=1)))
    spread = float(np.linalg.norm(positions - middle, axis=1).max())
    return spread if spread > 0 else 1.0
