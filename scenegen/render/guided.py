"""Frames with the detail of the photos that see the same surfaces."""

from __future__ import annotations

from copy import copy
from dataclasses import asdict, replace
from functools import cached_property
from threading import Event

import numpy as np
from jaxtyping import Bool

from scenegen.files import fingerprint
from scenegen.kernels.guiding import (
    MOST_GUIDES,
    Guided,
    GuidePhoto,
    GuideSettings,
    GuideView,
    guide,
)
from scenegen.render.field_pass import FieldFrame
from scenegen.render.photo_depths import FAR, PhotoDepths, axial, depths_fingerprint, gain_of
from scenegen.render.sources import CACHE_BYTES, MOST_PHOTOS, Pyramids, choose, first_level
from scenegen.render.strength import fitting, guide_strength, scaled
from scenegen.types import Camera, Evidence, Placement, Scene, Warps

DEPTHS_FOLDER = "depths"
"""Where in a scene's folder the photos' depth maps are kept."""
assert MOST_PHOTOS <= MOST_GUIDES

_ALONE = GuideSettings(nearest=1, fusions=0, guard=1e6, least=1.0, most=1.0)
"""A photo as it is: neither compared with the field nor mixed with it where it sees the surface."""


class GivenUp(Exception):  # noqa: N818
    """The guide is of no use any more: whoever waits for it may end."""


class PhotoGuide:
    """Guides frames by the photos that trained ``scene``, never by those that were held out.

    Depth maps of photos are kept in the scene's folder, where it has one that may be written to. So
    is how far the photos may stand in for the field (`guide_strength`), unless ``settings`` says
    it. All of this happens in the frame that the scene was trained in, and with all of it, so that
    turning and cropping a scene leaves what is kept good; only ``placement`` says how frames are
    placed. A guided frame depends on the scene and its camera alone, not on what was guided before.
    """

    def __init__(
        self,
        scene: Scene,
        settings: GuideSettings | None = None,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self.placement, scene = scene.placement, scene.as_trained
        self.scene = scene
        self._folder = scene.folder / DEPTHS_FOLDER if scene.folder else None
        self._stated = settings
        self._given_up = Event()
        self.pyramids = Pyramids(scene.photos, cache_bytes)
        self.depths = PhotoDepths(scene, self.pyramids, self._folder)

    @cached_property
    def settings(self) -> GuideSettings:
        """How photos are blended; unless it was stated, found by leaving some photos out."""
        if self._stated is not None:
            return self._stated
        kept = (self._folder, guide_fingerprint(self.scene)) if self._folder else None
        plain = GuideSettings()
        strength = guide_strength(self.scene, self.photos_for, plain, self.pyramids, kept)
        return scaled(plain, strength)

    def give_up(self) -> None:
        """Let whoever is being guided, in another thread, end with `GivenUp` at its next photo."""
        self._given_up.set()

    def placed(self, placement: Placement) -> PhotoGuide:
        """Return a guide of the same scene as it stands now, which shares all that is kept."""
        other = copy(self)
        other.placement = placement
        return other

    def __call__(self, camera: Camera, frame: FieldFrame) -> FieldFrame:
        """Return ``frame``, as the field shows it, with the photos' detail and their evidence.

        Raises `RenderError` for a photo that cannot be read.
        """
        cosine = axial(camera)
        far = np.float32(FAR * self.scene.field.radius)
        hit = frame.depth > 0
        distance = np.where(hit, frame.depth / cosine, far).astype(np.float32)
        view = GuideView(self._entered(camera), np.ascontiguousarray(frame.rgb), distance)
        guided = self.guide(view)
        if self.placement.crop is not None:
            guided = _within_crop(guided, frame, hit)
        depth = np.where(hit, guided.distance * cosine, 0.0).astype(np.float32)
        evidence = Evidence(
            photos=guided.count,
            angle_deg=guided.angle,
            resolution=guided.ratio,
            agreement=guided.agreement,
            best_photo=guided.best,
            coverage=guided.coverage,
            depth=depth,
            opacity=frame.opacity,
        )
        return replace(frame, rgb=guided.rgb, evidence=evidence)

    def _entered(self, camera: Camera) -> Camera:
        """Return a camera of the world in the frame that the scene was trained in."""
        pose = camera.world_from_camera.copy()
        pose[:3] = self.placement.turn.T @ pose[:3]
        return Camera(camera.lens, pose)

    def guide(self, view: GuideView) -> Guided:
        """Return ``view``, through whatever lens, guided by the photos that help it most."""
        return guide(view, self.photos_for(view), self.settings)

    def warped(self, camera: Camera, frame: FieldFrame, most: int) -> Warps:
        """Return the ``most`` photos that help a guided frame most, each warped into it alone.

        ``frame`` is what `__call__` made; the surfaces are those of its evidence. Raises
        `RenderError` for a photo that cannot be read.
        """
        depth = frame.depth if frame.evidence is None else frame.evidence.depth
        far = np.float32(FAR * self.scene.field.radius)
        distance = np.where(depth > 0, depth / axial(camera), far).astype(np.float32)
        view = GuideView(self._entered(camera), np.ascontiguousarray(frame.rgb), distance)
        photos = self.photos_for(view, most)
        alone = [guide(view, [photo], _ALONE) for photo in photos]
        if self.placement.crop is not None:
            alone = [_within_crop(one, frame, depth > 0) for one in alone]
        size = (len(alone), *distance.shape)

        def stacked(arrays: list[np.ndarray]) -> np.ndarray:
            return np.array(arrays, np.float32).reshape(size)

        return Warps(
            photos=tuple(photo.index for photo in photos),
            rgb=np.array([one.rgb for one in alone], np.float32).reshape(*size, 3),
            seen=stacked([one.coverage for one in alone]),
            angle_deg=stacked([one.angle for one in alone]),
            resolution=stacked([one.ratio for one in alone]),
            share=np.array([photo.share for photo in photos], np.float32),
        )

    def photos_for(self, view: GuideView, most: int = MOST_PHOTOS) -> list[GuidePhoto]:
        """Return the photos that guide ``view``, with all that the kernels need of them."""
        photos, bias = [], (self._stated or GuideSettings()).bias
        for chosen in choose(view, self.scene.cameras, most):
            if self._given_up.is_set():
                raise GivenUp
            camera = self.scene.photos[chosen.index].camera
            level = first_level(chosen.coarsest_ratio, bias, camera.lens)
            photos.append(
                GuidePhoto(
                    index=chosen.index,
                    camera=camera,
                    levels=self.pyramids.of(chosen.index, level),
                    depth=self.depths.of(chosen.index),
                    first_level=level,
                    gain=gain_of(self.scene, chosen.index),
                    share=chosen.share,
                )
            )
        return photos


def _within_crop(guided: Guided, frame: FieldFrame, hit: Bool[np.ndarray, "h w"]) -> Guided:
    """Return a guided frame of a cropped scene: photos know nothing of the colour behind the box.

    They add as much as there is in front of it, and are no evidence where there is nothing.
    """
    share = np.where(hit, frame.opacity, 0.0).astype(np.float32)[..., None]

    def kept(values: np.ndarray, nothing: float) -> np.ndarray:
        return np.where(hit, values, np.array(nothing, values.dtype))

    return replace(
        guided,
        rgb=frame.rgb + share * (guided.rgb - frame.rgb),
        count=kept(guided.count, 0),
        angle=kept(guided.angle, 180),
        ratio=kept(guided.ratio, 1e6),
        agreement=kept(guided.agreement, 0),
        best=kept(guided.best, -1),
        coverage=kept(guided.coverage, 0),
    )


def guide_fingerprint(scene: Scene) -> str:
    """Return 16 hex digits that change with whatever changes how photos guide a scene's frames."""
    scene = scene.as_trained
    return fingerprint(depths_fingerprint(scene), asdict(GuideSettings()), MOST_PHOTOS, fitting())
