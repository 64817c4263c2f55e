"""Seconds a frame: the field at full quality, frames of a smooth path, previews, the guide."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from benchmark.training import Subject, kept_scene
from scenegen.lift.evaluate import psnr_db
from scenegen.path.config import PathConfig
from scenegen.path.walkthrough import plan_walkthrough
from scenegen.render.config import RenderConfig
from scenegen.render.field_pass import render_field
from scenegen.render.frames import render_path, rounded
from scenegen.render.guided import PhotoGuide
from scenegen.render.preview import Preview
from scenegen.render.reuse import KEY_EVERY
from scenegen.types import Camera, CameraPath, Frame, Lens, Scene

Facts = dict[str, Any]


def measure_frames(subject: Subject) -> Facts:
    """Time single frames of the field from the places of photos, at both sizes."""
    scene, effort = kept_scene(subject), subject.effort
    return {
        "full": _timed_views(scene, effort.frame_px, effort.frames),
        "preview": _timed_views(scene, effort.preview_px, effort.frames),
    }


def _timed_views(scene: Scene, size: tuple[int, int], count: int) -> Facts:
    chosen = np.linspace(0, len(scene.photos) - 1, count).astype(int).tolist()
    cameras = [view_from(scene.photos[index].camera, size) for index in chosen]
    seconds = [
        seconds_of(lambda camera=camera: render_field(scene.field, camera)) for camera in cameras
    ]
    return {"size_px": list(size), **spread(seconds), "seconds": seconds}


def view_from(camera: Camera, size: tuple[int, int]) -> Camera:
    """Return a pinhole camera at the place of a photo's, with its vertical field of view."""
    width, height = size
    focal = camera.lens.fl_y * height / camera.lens.height_px
    lens = Lens(width, height, focal, focal, width / 2, height / 2)
    return Camera(lens, camera.world_from_camera)


def middle_of_walk(scene: Scene, count: int, size: tuple[int, int]) -> CameraPath:
    """Return ``count`` frames from the middle of the automatic walkthrough, at 24 a second."""
    walk = plan_walkthrough(scene, PathConfig(width_px=size[0], height_px=size[1]))
    first = max(0, (len(walk) - count) // 2)
    kept = slice(first, first + count)
    poses, fovs = walk.world_from_camera[kept], walk.fov_y_deg[kept]
    return replace(walk, world_from_camera=poses, fov_y_deg=fovs)


def timed_frames(frames: Iterable[Frame]) -> tuple[list[Frame], list[float]]:
    """Return frames and the seconds that each took."""
    made, seconds = [], []
    iterator = iter(frames)
    while True:
        begun = time.perf_counter()
        frame = next(iterator, None)
        if frame is None:
            return made, seconds
        seconds.append(round(time.perf_counter() - begun, 4))
        made.append(frame)


def fidelity(frames: list[Frame], truth: list[Frame]) -> Facts:
    """Return how near frames are to those at full quality, as PSNR."""
    pairs = zip(frames, truth, strict=True)
    values = [psnr_db(a.rgb / 255.0, b.rgb / 255.0) for a, b in pairs]
    return {
        "psnr_min_db": round(min(values), 2),
        "psnr_mean_db": round(float(np.mean(values)), 2),
    }


def spread(seconds: list[float]) -> Facts:
    """Return median and range of seconds a frame."""
    return {
        "s_per_frame": round(statistics.median(seconds), 4),
        "s_per_frame_range": [round(min(seconds), 4), round(max(seconds), 4)],
    }


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long something takes."""
    begun = time.perf_counter()
    work()
    return round(time.perf_counter() - begun, 4)


def measure_path(subject: Subject) -> Facts:
    """Time the frames of a smooth path, reusing those around, and hold them against full quality.

    The photos are left out of both. Means over all frames but the first: one in sixteen is traced
    whole and takes far longer than the others.
    """
    scene, effort = kept_scene(subject), subject.effort
    width, height = effort.frame_px
    path = middle_of_walk(scene, effort.path_frames, effort.frame_px)
    config = RenderConfig(width_px=width, height_px=height, plain=True)
    reused, seconds = timed_frames(render_path(scene, path, config))
    anew = replace(config, every_frame_anew=True)
    truth, full_s = timed_frames(render_path(scene, path, anew))
    return {
        "size_px": [width, height],
        "s_per_frame": round(float(np.mean(seconds[1:])), 4),
        "s_per_frame_anew": round(float(np.mean(full_s[1:])), 4),
        **fidelity(reused, truth),
        **popping(reused, truth),
        "seconds": seconds,
    }


def popping(frames: list[Frame], truth: list[Frame]) -> Facts:
    """Return how the error changes from frame to frame, root mean square in 8-bit levels.

    An error that stays is not seen to pop: what changes most where a frame traced whole begins or
    ends, more than between others, is.
    """
    errors = [a.rgb.astype(np.float32) - b.rgb for a, b in zip(frames, truth, strict=True)]
    change = [float(np.sqrt(np.mean((b - a) ** 2))) for a, b in pairwise(errors)]
    keys = [value for i, value in enumerate(change) if 0 in (i % KEY_EVERY, (i + 1) % KEY_EVERY)]
    others = [v for i, v in enumerate(change) if 0 not in (i % KEY_EVERY, (i + 1) % KEY_EVERY)]
    return {
        "error_change_at_keys": round(statistics.median(keys), 2),
        "error_change_between": round(statistics.median(others), 2) if others else None,
    }


def measure_preview(subject: Subject) -> Facts:
    """Time previews in motion along a path, each camera new to them, against full quality.

    The first frames are as after a jump: fewer pixels are traced than there are.
    """
    scene, effort = kept_scene(subject), subject.effort
    path = middle_of_walk(scene, effort.preview_frames, effort.preview_px)
    cameras = [path.camera(index, *effort.preview_px) for index in range(len(path))]
    preview = Preview(scene)
    made, seconds = timed_frames(preview.render(camera) for camera in cameras)
    truth = [rounded(render_field(scene.field, c), i) for i, c in enumerate(cameras)]
    settled = min(12, len(made) // 2)
    return {
        "size_px": list(effort.preview_px),
        **spread(seconds),
        **fidelity(made, truth),
        "psnr_min_settled_db": fidelity(made[settled:], truth[settled:])["psnr_min_db"],
        "seconds": seconds,
    }


def measure_guided(subject: Subject) -> Facts:
    """Time what the photos' detail costs on top of the field, along a smooth path.

    The first frame also makes the depth maps of the photos that it asks, unless they are kept with
    the scene already; it is noted by itself.
    """
    scene, effort = kept_scene(subject), subject.effort
    path = middle_of_walk(scene, effort.path_frames, effort.frame_px)
    guide = PhotoGuide(scene)
    seconds = []
    for index in range(len(path)):
        camera = path.camera(index, *effort.frame_px)
        frame = render_field(scene.field, camera)
        seconds.append(seconds_of(lambda camera=camera, frame=frame: guide(camera, frame)))
    return {"first_s": seconds[0], **spread(seconds[1:]), "seconds": seconds}
