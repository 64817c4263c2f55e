"""Depth of field and motion blur: seconds a frame, and how near they come to a true lens.

A true lens is the mean, in linear light, of what pinholes at many of its points see while the
shutter is open, each traced through the field. The photos are left out of both. The width of the
lens follows from that of the discs, in pixels of a frame 960 wide, into which all but a fiftieth
of the picture's light spreads at most; the focus is on what is nearer, or farther, than four fifths
of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmark.frames import seconds_of, view_from
from benchmark.training import Subject, kept_scene
from scenegen.kernels.srgb import encoded, linear
from scenegen.lift.evaluate import psnr_db, ssim_map
from scenegen.render.exposure import Exposure, expose
from scenegen.render.field_pass import FieldFrame, render_field
from scenegen.render.reuse import retrace
from scenegen.types import Camera, Scene

Facts = dict[str, Any]

DISCS_PX = {"small": 4.0, "moderate": 12.0, "large": 40.0}
"""Widths of discs in frames `NOMINAL_PX` wide."""
NOMINAL_PX = 960
FOCI = {"near": 20.0, "far": 80.0}
"""Share of the picture, in percent, that lies before the plane of focus."""
TURN = 0.02
SHIFT = 0.01
"""A moving camera turns by so many radians while the shutter is open, and travels by such a share
of the distance to the middle of the picture."""


@dataclass(frozen=True)
class Shot:
    """A lens to be measured, with the sharp frame that it is made of."""

    name: str
    exposure: Exposure
    sharp: FieldFrame


def shots(scene: Scene, camera: Camera) -> list[Shot]:
    """Return the lenses that are tried on a camera's view: three widths at two foci, a shutter."""
    sharp = render_field(scene.field, camera)
    hit = sharp.depth[sharp.depth > 0]
    found = []
    for focus, percent in FOCI.items():
        distance = float(np.percentile(hit, percent))
        near = np.where(sharp.depth > 0, 1.0 / np.maximum(sharp.depth, 1e-9), 0.0)
        spread = float(np.percentile(np.abs(near - 1.0 / distance), 98)) * camera.lens.fl_y
        for width, disc_px in DISCS_PX.items():
            aperture = disc_px * camera.lens.width_px / NOMINAL_PX / spread
            exposure = Exposure(camera, camera, distance, aperture)
            found.append(Shot(f"{width} discs, focus {focus}", exposure, sharp))
    middle = float(np.median(hit))
    moving = Exposure(camera, moved(camera, middle), middle, 0.0)
    return [*found, Shot("shutter", moving, sharp)]


def moved(camera: Camera, distance: float) -> Camera:
    """Return a camera that has turned to the right and travelled a little."""
    c, s = np.cos(TURN), np.sin(TURN)
    turn = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    pose = camera.world_from_camera.copy()
    pose[:3, 3] += pose[:3, :3] @ np.array([SHIFT, 0.0, -SHIFT]) * distance
    pose[:3, :3] = pose[:3, :3] @ turn
    return Camera(camera.lens, pose)


def true_lens(scene: Scene, exposure: Exposure, points: int) -> np.ndarray:
    """Return the frame that so many points of the lens, at as many moments, see together.

    They are drawn at random, each within a share of its own of the disc and of the exposure.
    """
    rng = np.random.default_rng(0)
    lens = exposure.opening.lens
    light = np.zeros((lens.height_px, lens.width_px, 3))
    radius = np.sqrt((np.arange(points) + rng.random(points)) / points)
    turn = 2 * np.pi * (rng.permutation(points) + rng.random(points)) / points
    moments = (rng.permutation(points) + rng.random(points)) / points
    at = np.stack([radius * np.cos(turn), radius * np.sin(turn)], -1)
    for (x, y), moment in zip(at.tolist(), moments.tolist(), strict=True):
        light += linear(render_field(scene.field, exposure.camera((x, y), moment)).rgb)
    return encoded((light / points).astype(np.float32))


def through(scene: Scene, shot: Shot) -> np.ndarray:
    """Return the frame as `scenegen render` shows it through a lens."""
    return expose(shot.sharp, shot.exposure, partial(retrace, scene.field)).rgb


def measure_lens(subject: Subject) -> Facts:
    """Time lenses at the size of frames, and hold them against true ones at that of previews."""
    scene, effort = kept_scene(subject), subject.effort
    camera = scene.photos[len(scene.photos) // 4].camera
    timed: dict[str, Facts] = {}
    for shot in shots(scene, view_from(camera, effort.frame_px)):
        seconds = [seconds_of(partial(through, scene, shot)) for _ in range(effort.lens_turns)]
        timed[shot.name] = {"extra_s": min(seconds), "seconds": seconds}
    found: dict[str, Facts] = {}
    for shot in shots(scene, view_from(camera, effort.preview_px)):
        truth = true_lens(scene, shot.exposure, effort.lens_points)
        sharp = nearness(shot.sharp.rgb, truth)
        found[shot.name] = nearness(through(scene, shot), truth) | timed[shot.name]
        found[shot.name]["sharp_psnr_db"] = sharp["psnr_db"]
    return {"size_px": list(effort.frame_px), "truth_px": list(effort.preview_px), "shots": found}


def lens_table(found: Facts) -> str:
    """Return what each lens costs on top of a sharp frame, and how near it is to a true one."""
    if not found:
        return ""
    lines = [
        "| lens | on top of a frame | PSNR | SSIM | the sharp frame's PSNR |",
        "|---|---|---|---|---|",
    ]
    for name, row in found["shots"].items():
        seconds, psnr = f"{row['extra_s']:.2f} s", f"{row['psnr_db']:.2f} dB"
        sharp = f"{row['sharp_psnr_db']:.2f} dB"
        lines.append(f"| {name} | {seconds} | {psnr} | {row['ssim']:.3f} | {sharp} |")
    return "\n".join(lines)


def nearness(shown: np.ndarray, truth: np.ndarray) -> Facts:
    """Return PSNR and SSIM of a frame."""
    return {
        "psnr_db": round(psnr_db(shown, truth), 2),
        "ssim": round(float(ssim_map(shown, truth).mean()), 4),
    }
