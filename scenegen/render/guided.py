"""Frames with the detail of the photos that see the same surfaces."""

from __future__ import annotations

from dataclasses import asdict, replace

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
from scenegen.render.sources import CACHE_BYTES, Pyramids, choose, first_level
from scenegen.types import Camera, Evidence, Scene

DEPTHS_FOLDER = "depths"
"""Where in a scene's folder the photos' depth maps are kept."""
MOST_PHOTOS = 12
"""Photos that a frame asks."""
assert MOST_PHOTOS <= MOST_GUIDES


class PhotoGuide:
    """Guides frames by the photos that trained ``scene``, never by those that were held out.

    Depth maps of photos are kept in the scene's folder, where it has one that may be written to. A
    guided frame depends on the scene and its camera alone, not on what was guided before.
    """

    def __init__(
        self,
        scene: Scene,
        settings: GuideSettings | None = None,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self.scene = scene
        folder = scene.folder / DEPTHS_FOLDER if scene.folder else None
        self.settings = settings or GuideSettings()
        self.pyramids = Pyramids(scene.photos, cache_bytes)
        self.depths = PhotoDepths(scene, self.pyramids, folder)

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
        photos = []
        for chosen in choose(view, self.scene.cameras, MOST_PHOTOS):
            level = first_level(chosen.finest_ratio, self.settings.bias)
            photos.append(
                GuidePhoto(
                    index=chosen.index,
                    camera=self.scene.photos[chosen.index].camera,
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
    return fingerprint(depths_fingerprint(scene), asdict(GuideSettings()), MOST_PHOTOS)
