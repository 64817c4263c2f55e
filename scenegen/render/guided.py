"""Frames with the detail of the photos that see the same surfaces."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cached_property

import numpy as np

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
from scenegen.types import Camera, Evidence, Scene

DEPTHS_FOLDER = "depths"
"""Where in a scene's folder the photos' depth maps are kept."""
assert MOST_PHOTOS <= MOST_GUIDES


class PhotoGuide:
    """Guides frames by the photos that trained ``scene``, never by those that were held out.

    Depth maps of photos are kept in the scene's folder, where it has one that may be written to. So
    is how far the photos may stand in for the field (`guide_strength`), unless ``settings`` says
    it. A guided frame depends on the scene and its camera alone, not on what was guided before.
    """

    def __init__(
        self,
        scene: Scene,
        settings: GuideSettings | None = None,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self.scene = scene
        self._folder = scene.folder / DEPTHS_FOLDER if scene.folder else None
        self._stated = settings
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

    def __call__(self, camera: Camera, frame: FieldFrame) -> FieldFrame:
        """Return ``frame``, as the field shows it, with the photos' detail and their evidence.

        Raises `RenderError` for a photo that cannot be read.
        """
        cosine = axial(camera)
        far = np.float32(FAR * self.scene.field.radius)
        hit = frame.depth > 0
        distance = np.where(hit, frame.depth / cosine, far).astype(np.float32)
        guided = self.guide(GuideView(camera, np.ascontiguousarray(frame.rgb), distance))
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

    def guide(self, view: GuideView) -> Guided:
        """Return ``view``, through whatever lens, guided by the photos that help it most."""
        return guide(view, self.photos_for(view), self.settings)

    def photos_for(self, view: GuideView) -> list[GuidePhoto]:
        """Return the photos that guide ``view``, with all that the kernels need of them."""
        photos, bias = [], (self._stated or GuideSettings()).bias
        for chosen in choose(view, self.scene.cameras, MOST_PHOTOS):
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


def guide_fingerprint(scene: Scene) -> str:
    """Return 16 hex digits that change with whatever changes how photos guide a scene's frames."""
    return fingerprint(depths_fingerprint(scene), asdict(GuideSettings()), MOST_PHOTOS, fitting())
