"""A world photographed: where its photos are taken, and the photos with their true depth.

Photos surround the way of the film's camera: some stand on it, most beside it, so that every
surface that the film shows is seen from several sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32, UInt8
from PIL import Image

from scenegen.progress import Progress, silent
from scenegen.types import Camera, CameraPath, Lens, Photo
from scenegen.worlds.develop import develop, exposure_of
from scenegen.worlds.trace import Tracer
from scenegen.worlds.world import Stand, World

Reach = Callable[[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]], Float[np.ndarray, "n"]]
"""Distances in metres along rays (origins, unit directions); infinite where nothing is hit."""

_WIDER = 1.25
"""How much wider than the film its photos are, as a ratio of tangents."""

_ROOM = 0.6
"""Share of the free way to a surface up to which a photo is moved aside."""

_PARALLAX = 0.16
"""Distance between neighbouring photos beside the way, as a share of that to the subject."""

_FAR_M = 40.0
"""Subjects farther away are photographed as if they were so far: what is near needs photos too."""

_ASIDES = (
    (0.0, 0.0), (1.0, 0.2), (-1.0, 0.1), (0.3, 0.8), (-0.6, -0.4), (1.6, 0.5), (-1.6, 0.4),
)  # fmt: skip
"""To the right and up: where photos are taken beside the way, by turns, in such distances."""

_POINTS_A_PHOTO = 400


def scouts(stand: Stand, reach: Reach, width_px: int, height_px: int) -> tuple[Camera, ...]:
    """Return cameras about a stand that look at its subject; they tell a script its place."""
    view = level_pose(stand.eye, stand.subject)
    right, up, back = view[:3, 0], np.array([0.0, 0.0, 1.0]), view[:3, 2]
    sides = [0 * right, right, -right, 0.6 * back, -0.6 * back, 0.35 * up]
    sides += [0.7 * (right + back), 0.7 * (back - right)]
    places = [stand.eye + _free(stand.eye, stand.room * side, reach) for side in sides]
    lens = lens_of(stand.fov_y_deg, width_px, height_px)
    return tuple(Camera(lens, level_pose(place, stand.subject)) for place in places)


def rig(
    path: CameraPath, around: Sequence[Camera], subject: Float[np.ndarray, "3"], reach: Reach,
    count: int,
) -> tuple[Camera, ...]:  # fmt: skip
    """Return cameras that photograph what ``path`` films: ``count``, or four beside ``around``.

    ``around`` are taken always. The others look as the path does from places beside it, left,
    right, above and on it in turn, as far aside as there is room.
    """
    own = max(count - len(around), 4)
    lens = around[0].lens
    frames = np.linspace(0, len(path) - 1, own).round().astype(int)
    made = list(around)
    for k, frame in enumerate(frames):
        pose = path.world_from_camera[frame].astype(np.float64).copy()
        arm = float(np.linalg.norm(subject - pose[:3, 3]))
        right, rise = _ASIDES[k % len(_ASIDES)]
        shift = _PARALLAX * min(arm, _FAR_M) * (right * pose[:3, 0] + rise * pose[:3, 1])
        pose[:3, 3] += _free(pose[:3, 3], shift, reach)
        fov = float(path.fov_y_deg[frame])
        made.append(Camera(lens_of(fov, lens.width_px, lens.height_px), pose))
    return tuple(_wider(camera) for camera in made)


@dataclass(frozen=True)
class Shot:
    """A photo of a world with what is true of it: see `scenegen.worlds.trace.Traced`."""

    camera: Camera
    rgb: UInt8[np.ndarray, "height width 3"]
    depth: Float32[np.ndarray, "height width"]
    normals: Float32[np.ndarray, "height width 3"]


def exposed(tracer: Tracer, camera: Camera) -> float:
    """Return the exposure of all photos of a world, measured by a small one."""
    lens = camera.lens
    small = Camera(lens.scaled(160, max(2, round(160 * lens.height_px / lens.width_px))),
                   camera.world_from_camera)  # fmt: skip
    return exposure_of(tracer.trace(small, 4, 0).radiance, tracer.world.night)


def shoot(
    tracer: Tracer, cameras: Sequence[Camera], samples: int, exposure: float,
    progress: Progress = silent, label: str = "Photographing", first: int = 0,
) -> Iterator[Shot]:  # fmt: skip
    """Yield a photo for each camera from the ``first`` on, in their order."""
    world: World = tracer.world
    for index in range(first, len(cameras)):
        progress(label, index, len(cameras))
        camera = cameras[index]
        seen = tracer.trace(camera, samples, index)
        rgb = develop(seen.radiance, exposure, world.spec.mood)
        yield Shot(camera, rgb, seen.depth, seen.normals)
    progress(label, len(cameras), len(cameras))


def keep(
    shots: Iterator[Shot], folder: Path
) -> tuple[list[Photo], Float32[np.ndarray, "n 3"], UInt8[np.ndarray, "n 3"]]:
    """Write photos into a folder with their true depth and normals; return them, with points.

    ``images/NAME.png`` are the photos, ``true_depth/NAME.tiff`` metres along the optical axis, 0
    for the sky, and ``true_normals/NAME.png`` world normals, -1..1 as 0..255. The points (n, 3) are
    a few of what each photo sees, with their colours.
    """
    photos, points, colors = [], [], []
    for name in ("images", "true_depth", "true_normals"):
        (folder / name).mkdir()
    for index, shot in enumerate(shots):
        name = f"photo_{index + 1:03d}"
        file = folder / "images" / f"{name}.png"
        Image.fromarray(shot.rgb).save(file)
        Image.fromarray(shot.depth).save(folder / "true_depth" / f"{name}.tiff")
        normals = np.rint(127.5 + 127.5 * np.clip(shot.normals, -1, 1)).astype(np.uint8)
        Image.fromarray(normals).save(folder / "true_normals" / f"{name}.png")
        photos.append(Photo(file, shot.camera))
        some, tint = _points(shot, np.random.default_rng(index))
        points.append(some)
        colors.append(tint)
    return photos, np.concatenate(points), np.concatenate(colors)


def _points(
    shot: Shot, rng: np.random.Generator
) -> tuple[Float32[np.ndarray, "n 3"], UInt8[np.ndarray, "n 3"]]:
    """Return a few places that a photo sees, in the world, with their colours."""
    rows, columns = np.nonzero(shot.depth > 0)
    chosen = rng.permutation(len(rows))[:_POINTS_A_PHOTO]
    row, column = rows[chosen], columns[chosen]
    lens, depth = shot.camera.lens, shot.depth[row, column].astype(np.float64)
    x = (column + 0.5 - lens.cx) / lens.fl_x * depth
    y = (lens.cy - row - 0.5) / lens.fl_y * depth
    pose = shot.camera.world_from_camera
    points = np.stack([x, y, -depth], -1) @ pose[:3, :3].T + pose[:3, 3]
    return points.astype(np.float32), shot.rgb[row, column]


def _free(origin: np.ndarray, shift: np.ndarray, reach: Reach) -> np.ndarray:
    """Return a shift, shortened where something is in its way."""
    length = float(np.linalg.norm(shift))
    if length < 1e-6:
        return shift
    free = float(reach(origin[None], shift[None] / length)[0])
    return shift * min(1.0, _ROOM * free / length)


def lens_of(fov_y_deg: float, width_px: int, height_px: int) -> Lens:
    """Return a lens without distortion that sees so high, its axis in the middle."""
    focal = 0.5 * height_px / np.tan(np.radians(fov_y_deg) / 2)
    return Lens(width_px, height_px, focal, focal, width_px / 2, height_px / 2)


def _wider(camera: Camera) -> Camera:
    lens = camera.lens
    return replace(camera, lens=replace(lens, fl_x=lens.fl_x / _WIDER, fl_y=lens.fl_y / _WIDER))


def level_pose(eye: Float[np.ndarray, "3"], at: Float[np.ndarray, "3"]) -> Float[np.ndarray, "4 4"]:
    """Return world_from_camera of a level camera at ``eye`` that looks at another place.

    That place is neither the eye's own nor straight above or below it.
    """
    back = eye - at
    back = back / np.linalg.norm(back)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], -1)
    pose[:3, 3] = eye
    return pose
