"""From COLMAP's model to arrays in our conventions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pycolmap
from jaxtyping import Float, Int, UInt8

from scenegen.ingest.colmap import TwoViews
from scenegen.types import Lens

_FITS = 0.005  # of the focal length, so about 4 px in a photo 1000 px wide
_OPENGL_FROM_OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True)
class Solved:
    """A model with the photos by their index, sorted; arrays follow ``indices``.

    ``poses`` are ``world_from_camera`` of OpenGL cameras in COLMAP's arbitrary world. ``seen``
    counts the points in a photo and ``looked_at`` is their middle. ``angles_deg`` has for each
    point the widest angle between two rays that made it.
    """

    total: int
    indices: tuple[int, ...]
    poses: Float[np.ndarray, "camera 4 4"]
    lenses: tuple[Lens, ...]
    points: Float[np.ndarray, "point 3"]
    colors: UInt8[np.ndarray, "point 3"]
    seen: Int[np.ndarray, "camera"]
    looked_at: Float[np.ndarray, "camera 3"]
    reprojection_px: Float[np.ndarray, "camera"]
    angles_deg: Float[np.ndarray, "point"]

    @property
    def posed(self) -> list[bool]:
        """For each photo, whether it is in the model."""
        there = set(self.indices)
        return [index in there for index in range(self.total)]

    @property
    def median_angle_deg(self) -> float:
        """Median over the points; 0 where there are none."""
        return float(np.median(self.angles_deg)) if len(self.angles_deg) else 0.0


def read_model(model: pycolmap.Reconstruction, total: int) -> Solved:
    """Return ``model`` of some of ``total`` photos as arrays; photo names hold the index."""
    images = sorted((model.images[i] for i in model.reg_image_ids()), key=lambda image: image.name)
    ids = sorted(model.points3D)
    place = {point_id: k for k, point_id in enumerate(ids)}
    points = np.array([model.points3D[i].xyz for i in ids]).reshape(-1, 3)
    poses = np.stack([_pose(image) for image in images])
    seen = [[place[p.point3D_id] for p in i.get_observation_points2D()] for i in images]
    views = [np.array(points_of_one, int) for points_of_one in seen]
    errors = [_reprojection_px(i, points[v]) for i, v in zip(images, views, strict=True)]
    return Solved(
        total=total,
        indices=tuple(index_of(image) for image in images),
        poses=poses,
        lenses=tuple(lens_of(model.cameras[image.camera_id]) for image in images),
        points=points,
        colors=np.array([model.points3D[i].color for i in ids], np.uint8).reshape(-1, 3),
        seen=np.array([len(view) for view in views]),
        looked_at=_looked_at(points, poses[:, :3, 3], views),
        reprojection_px=np.array(errors),
        angles_deg=_widest_angles_deg(points, poses[:, :3, 3], views),
    )


def _looked_at(
    points: Float[np.ndarray, "point 3"],
    positions: Float[np.ndarray, "camera 3"],
    views: Sequence[Int[np.ndarray, "seen"]],
) -> Float[np.ndarray, "camera 3"]:
    """Return the median of what each camera sees, of all points where it sees none.

    A model without any point says nothing: then it is the camera's own place.
    """
    if not len(points):
        return positions
    return np.stack([np.median(points[v] if len(v) else points, axis=0) for v in views])


def agreements(
    model: pycolmap.Reconstruction,
    keypoints: Sequence[Float[np.ndarray, "feature 2"]],
    pairs: Sequence[TwoViews],
) -> dict[int, float]:
    """Return for each photo of ``model`` the share of its verified matches that fit the poses.

    Reprojection errors cannot tell a folded or misplaced model, because the mapper drops what
    does not fit; this counts what was dropped. A match fits if both its features lie near the
    other's epipolar line: Sampson's distance (Hartley and Zisserman, equation 11.9).
    """
    images = {index_of(model.images[i]): model.images[i] for i in model.reg_image_ids()}
    rays = {index: _rays(image, keypoints[index]) for index, image in images.items()}
    fitting, total = dict.fromkeys(images, 0), dict.fromkeys(images, 0)
    for pair in pairs:
        first, second = pair.pair
        if first not in images or second not in images:
            continue
        relative = images[second].cam_from_world() * images[first].cam_from_world().inverse()
        essential = pycolmap.essential_matrix_from_pose(relative)
        a, b = rays[first][pair.inliers[:, 0]], rays[second][pair.inliers[:, 1]]
        line_b, line_a = a @ essential.T, b @ essential
        off = np.abs(np.einsum("ni,ni->n", b, line_b))
        slope = np.sqrt((line_a[:, :2] ** 2).sum(1) + (line_b[:, :2] ** 2).sum(1))
        fits = int((off <= _FITS * np.maximum(slope, 1e-12)).sum())
        for index in pair.pair:
            fitting[index] += fits
            total[index] += len(off)
    return {index: fitting[index] / max(total[index], 1) for index in images}


def index_of(image: pycolmap.Image) -> int:
    """Return the photo's index, which its name in the database holds."""
    return int(image.name.split(".")[0])


def _rays(image: pycolmap.Image, at: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 3"]:
    assert image.camera is not None
    rays = image.camera.cam_from_img(at.astype(np.float64).reshape(-1, 2))
    assert rays is not None
    return np.concatenate([rays, np.ones((len(rays), 1))], axis=1)


def lens_of(camera: pycolmap.Camera) -> Lens:
    """Return COLMAP's camera as a `Lens`; both count pixels from the top left corner."""
    k = camera.calibration_matrix()
    extra = [float(camera.params[i]) for i in camera.extra_params_idxs()]
    names = {"SIMPLE_RADIAL": ("k1",), "RADIAL": ("k1", "k2"), "OPENCV": ("k1", "k2", "p1", "p2")}
    return Lens(
        width_px=camera.width,
        height_px=camera.height,
        fl_x=float(k[0, 0]),
        fl_y=float(k[1, 1]),
        cx=float(k[0, 2]),
        cy=float(k[1, 2]),
        model="OPENCV",
        **dict(zip(names[camera.model_name], extra, strict=True)),
    )


def _pose(image: pycolmap.Image) -> Float[np.ndarray, "4 4"]:
    pose = np.eye(4)
    pose[:3] = image.cam_from_world().inverse().matrix()
    return pose @ _OPENGL_FROM_OPENCV


def _reprojection_px(image: pycolmap.Image, points: Float[np.ndarray, "n 3"]) -> float:
    # A photo of a weak model may see no point at all.
    seen = np.array([point.xy for point in image.get_observation_points2D()]).reshape(-1, 2)
    cam_from_world = image.cam_from_world().matrix()
    local = points @ cam_from_world[:, :3].T + cam_from_world[:, 3]
    assert image.camera is not None
    projected = image.camera.img_from_cam(local)
    assert projected is not None
    errors = np.linalg.norm(projected - seen, axis=1)
    return float(np.mean(errors)) if len(errors) else 0.0


def _widest_angles_deg(
    points: Float[np.ndarray, "point 3"],
    positions: Float[np.ndarray, "camera 3"],
    views: list[np.ndarray],
) -> Float[np.ndarray, "point"]:
    """Return twice the widest angle from a point's mean ray: at most the widest between two."""
    total = np.zeros_like(points)
    for position, view in zip(positions, views, strict=True):
        total[view] += _unit(points[view] - position)
    mean = _unit(total)
    least = np.ones(len(points))
    for position, view in zip(positions, views, strict=True):
        cosine = np.einsum("ni,ni->n", _unit(points[view] - position), mean[view])
        least[view] = np.minimum(least[view], cosine)
    return np.rad2deg(2 * np.arccos(np.clip(least, -1.0, 1.0)))


def _unit(vectors: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
