"""Depth maps of the photos: what the field says, refined until the photos agree.

Around the field's depth, candidates along each ray are tried: at the right one, the other photos
show the same colour (plane-sweep stereo; Collins, "A space-sweep approach to true multi-image
matching", 1996). The maps are small, made when a photo is first needed, and kept with the scene.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from scenegen import files
from scenegen.errors import SceneGenError
from scenegen.kernels import trace
from scenegen.kernels.guiding import GuidePhoto, GuideSettings, GuideView, match
from scenegen.kernels.rays import camera_rays
from scenegen.render.sources import Pyramids, choose, first_level
from scenegen.types import Camera, Field, Scene

log = logging.getLogger("scenegen")

LONGEST_PX = 400
"""Longer side of a depth map."""
FAR = 1000.0
"""Depth of what nothing was hit in, in radii of the field: a direction, as of the sky."""
SEARCH = 0.04
"""Candidates lie within this share of the field's depth."""
CANDIDATES = 17
NEIGHBOURS = 7
SMOOTHING_PX = 1.5
PULL = 2e-4
"""Cost, in squared colours of 0..1, of the candidates farthest from the field's depth."""
MATCHING = GuideSettings(nearest=4, fusions=0, tolerance=0.06, bias=-0.5)
FORMAT_VERSION = 2


def small_camera(camera: Camera, longest_px: int = LONGEST_PX) -> Camera:
    """Return ``camera`` at an image size whose longer side has ``longest_px`` or less."""
    lens = camera.lens
    scale = min(1.0, longest_px / max(lens.width_px, lens.height_px))
    size = (max(1, round(lens.width_px * scale)), max(1, round(lens.height_px * scale)))
    return Camera(lens.scaled(*size), camera.world_from_camera)


def field_view(field: Field, camera: Camera) -> GuideView:
    """Return what ``field`` shows ``camera``, through whatever lens."""
    size = (camera.lens.height_px, camera.lens.width_px)
    traced = trace(field, *camera_rays(camera))
    distance = np.where(traced.depth > 0, traced.depth, np.float32(FAR * field.radius))
    rgb = np.ascontiguousarray(traced.rgb, np.float32).reshape(*size, 3)
    return GuideView(camera, rgb, distance.astype(np.float32).reshape(size))


def axial(camera: Camera) -> Float32[np.ndarray, "h w"]:
    """Return the cosine of each pixel's ray with the optical axis."""
    lens = camera.lens
    size = (lens.height_px, lens.width_px)
    if lens.model == "PINHOLE":
        x = ((np.arange(lens.width_px) + 0.5 - lens.cx) / lens.fl_x).astype(np.float32)
        y = ((np.arange(lens.height_px) + 0.5 - lens.cy) / lens.fl_y).astype(np.float32)
        return 1 / np.sqrt(1 + x**2 + y[:, None] ** 2)
    _, directions = camera_rays(camera)
    return (directions @ camera.forward).astype(np.float32).reshape(size)


class PhotoDepths:
    """Depth maps of a scene's photos, made when asked for.

    ``refined`` False gives the field's own depth. Maps are float16 multiples of the field's radius,
    in memory as in ``folder``, so that it makes no difference which of them a map comes from.
    """

    def __init__(self, scene: Scene, pyramids: Pyramids, folder: Path | None = None) -> None:
        self._scene, self._pyramids, self._folder = scene, pyramids, folder
        self._cameras = [small_camera(photo.camera) for photo in scene.photos]
        self._views: dict[int, GuideView] = {}
        self._field: dict[int, np.ndarray] = {}
        self._refined: dict[int, np.ndarray] = {}
        self._key = depths_fingerprint(scene)

    def of(self, index: int, refined: bool = True) -> Float32[np.ndarray, "depth_h depth_w"]:
        """Return the depth of a photo along its optical axis, in world units."""
        maps = self._refined if refined else self._field
        if index not in maps and not self._load(index):
            self._make(index, refined)
        return maps[index].astype(np.float32) * np.float32(self._scene.field.radius)

    def _make(self, index: int, refined: bool) -> None:
        camera = self._cameras[index]
        if index not in self._field:
            self._views[index] = field_view(self._scene.field, camera)
            self._field[index] = self._stored(self._views[index].distance * axial(camera))
        if refined:
            view = self._views.pop(index, None) or field_view(self._scene.field, camera)
            distance = self._refine(view)
            self._refined[index] = self._stored(distance * axial(camera))
            self._save(index)

    def _stored(self, depth: np.ndarray) -> np.ndarray:
        radii = depth / np.float32(self._scene.field.radius)
        return np.clip(radii, 1e-4, 6e4).astype(np.float16)

    def _refine(self, view: GuideView) -> Float32[np.ndarray, "h w"]:
        """Return the distance along each ray at which the photos agree best."""
        from scipy.ndimage import gaussian_filter

        photos = []
        for chosen in choose(view, self._scene.cameras, NEIGHBOURS):
            camera = self._scene.photos[chosen.index].camera
            level = first_level(chosen.coarsest_ratio, MATCHING.bias, camera.lens)
            photos.append(
                GuidePhoto(
                    chosen.index,
                    camera,
                    self._pyramids.of(chosen.index, level),
                    self.of(chosen.index, refined=False),
                    level,
                    gain_of(self._scene, chosen.index),
                    chosen.share,
                )
            )
        factors = np.linspace(1 - SEARCH, 1 + SEARCH, CANDIDATES, dtype=np.float32)
        cost = match(view, photos, factors, MATCHING)
        for plane in cost:
            gaussian_filter(plane, SMOOTHING_PX, output=plane)
        cost += (PULL * np.linspace(-1, 1, CANDIDATES, dtype=np.float32) ** 2)[:, None, None]
        return view.distance * _lowest(cost, factors)

    def _file(self, index: int) -> Path | None:
        return self._folder / f"{index:05}.safetensors" if self._folder else None

    def _save(self, index: int) -> None:
        from safetensors.numpy import save

        file = self._file(index)
        if file is None:
            return
        maps = {"field": self._field[index], "refined": self._refined[index]}
        try:
            files.write_atomic(file, save(maps, metadata={"made_from": self._key}))
        except (OSError, SceneGenError) as cause:  # a scene on a read-only disk
            log.info("%s: depth maps are not kept (%s)", file.parent, cause)
            self._folder = None

    def _load(self, index: int) -> bool:
        from safetensors import SafetensorError, safe_open

        file, lens = self._file(index), self._cameras[index].lens
        if file is None or not file.is_file():
            return False
        try:
            with safe_open(file, "numpy") as stored:
                made_from = (stored.metadata() or {}).get("made_from")
                maps = [stored.get_tensor(name) for name in ("field", "refined")]
        except (OSError, SafetensorError):
            return False  # cut short: it is made again
        shape = (lens.height_px, lens.width_px)
        if made_from != self._key or any(
            found.shape != shape or found.dtype != np.float16 or not np.isfinite(found).all()
            for found in maps
        ):
            return False
        self._field[index], self._refined[index] = maps
        return True


def gain_of(scene: Scene, index: int) -> tuple[float, float, float]:
    """Return what a photo's colours are multiplied with to have the field's exposure."""
    red, green, blue = np.exp(-scene.exposures[index].astype(float)).tolist()
    return red, green, blue


def _lowest(
    cost: Float32[np.ndarray, "candidate h w"], factors: Float32[np.ndarray, "candidate"]
) -> Float32[np.ndarray, "h w"]:
    """Return the factor of the lowest cost, between candidates by a parabola."""
    at = cost.argmin(axis=0)
    inner = np.clip(at, 1, len(factors) - 2)[None]
    before, here, after = (np.take_along_axis(cost, inner + k, 0)[0] for k in (-1, 0, 1))
    bend = before - 2 * here + after
    offset = np.where(bend > 1e-9, 0.5 * (before - after) / np.maximum(bend, 1e-9), 0.0)
    offset = np.where(at == inner[0], np.clip(offset, -0.5, 0.5), at - inner[0])
    step = factors[1] - factors[0]
    return (factors[inner[0]] + offset * step).astype(np.float32)


def depths_fingerprint(scene: Scene) -> str:
    """Return 16 hex digits that change whenever a depth map would."""
    lenses = [asdict(photo.camera.lens) for photo in scene.photos]
    poses = [photo.camera.world_from_camera.tolist() for photo in scene.photos]
    settings = [asdict(MATCHING), LONGEST_PX, SEARCH, CANDIDATES, SMOOTHING_PX, PULL, NEIGHBOURS]
    return files.fingerprint(
        FORMAT_VERSION, scene.fingerprint, lenses, poses, scene.exposures.tolist(), settings
    )
