"""From COLMAP's model to arrays in our conventions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pycolmap
from jaxtyping import Float, Int, UInt8

from scenegen.types import Lens

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
        return [index in self.indices for index in range(self.total)]

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
    views = [np.array([place[p.point3D_id] for p in i.get_observation_points2D()]) for i in images]
    errors = [_reprojection_px(i, points[v]) for i, v in zip(images, views, strict=True)]
    return Solved(
        total=total,
        indices=tuple(int(image.name.split(".")[0]) for image in images),
        poses=poses,
        lenses=tuple(lens_of(model.cameras[image.camera_id]) for image in images),
        points=points,
        colors=np.array([model.points3D[i].color for i in ids], np.uint8).reshape(-1, 3),
        seen=np.array([len(view) for view in views]),
        looked_at=np.stack([np.median(points[view], axis=0) for view in views]),
        reprojection_px=np.array(errors),
        angles_deg=_widest_angles_deg(points, poses[:, :3, 3], views),
    )


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
    seen = np.array([point.xy for point in image.get_observation_points2D()])
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
