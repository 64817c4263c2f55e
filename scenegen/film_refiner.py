"""The frames of a film on their way from render to refined: what is given of them, and what came.

Of every frame the photos that help it most are warped into it, each by itself; then the shot is
refined as a stream, checked, and told where its pixels come from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from scenegen.errors import RefineError
from scenegen.kernels.reprojection import Picture
from scenegen.refine.condition import PHOTOS, Rendered, filled, typical_depth
from scenegen.refine.grade import Words, graded, read_grade
from scenegen.refine.guard import guarded
from scenegen.refine.heads import SURE
from scenegen.refine.provenance import provenance
from scenegen.refine.sampler import Refined, refine_shot
from scenegen.refine.steady import STEADY_REACH, steadied
from scenegen.refine.temporal import REACH
from scenegen.render.field_pass import render_field
from scenegen.render.frames import Pass, Refinement
from scenegen.types import Camera, Provenance, Scene, Warps

if TYPE_CHECKING:
    from scenegen.refine.network import Refiner
    from scenegen.render.guided import PhotoGuide

_SOME_PHOTOS, _SMALL_PX = 16, 48
"""Views that the typical distance of a scene is taken from, and their longer sides."""

Redraw = Callable[[Float32[np.ndarray, "h w 3"]], Float32[np.ndarray, "h w 3"]]
"""Makes another picture of a frame, frame by frame, before the network sees it."""


class FilmRefiner:
    """Refines shots (`scenegen.render.frames.Refine`) with a network, and checks what it did."""

    def __init__(
        self,
        network: Refiner,
        scene: Scene,
        guide: PhotoGuide | None,
        steps: int = 1,
        seed: int = 0,
        words: Words | None = None,
        redraw: Redraw | None = None,
    ) -> None:
        self.network, self.guide, self.steps, self.seed = network, guide, steps, seed
        self.words, self.redraw = words or read_grade(""), redraw
        self.typical = typical_distance(scene) if self.words.grade.haze else 1.0
        self.cropped = scene.field.crop is not None
        # Each layer of the transformer looks that far in each step; what steadies the film looks
        # further, and the checks one frame more.
        self.lead = network.sizes.layers * steps * REACH + STEADY_REACH + 1

    def __call__(self, frames: Iterator[Pass]) -> Iterator[Refinement]:
        """Yield what becomes of each frame of a shot, in their order."""
        return self.shot(rendered(one, self.guide) for one in frames)

    def shot(self, frames: Iterator[Rendered]) -> Iterator[Refinement]:
        """Yield what becomes of the frames of a shot that were given what they need."""
        told: deque[Provenance] = deque()

        def shown() -> Iterator[tuple[Camera, Picture]]:
            for checked in guarded(self._refined(frames)):
                frame = checked.frame.rendered
                told.append(provenance(checked))
                yield frame.camera, self._picture(checked.frame)

        for rgb in steadied(shown()):
            if not np.isfinite(rgb).all():
                raise RefineError(
                    "refine: expected colours from 0 to 1, found values that are not numbers; the "
                    "network's weights are damaged: train them anew, or leave out --refine-weights"
                )
            yield Refinement(rgb, told.popleft())

    def _refined(self, frames: Iterator[Rendered]) -> Iterator[Refined]:
        """Yield the network's frames beside the graded ones."""
        words = self.words
        text = None if words.grade.empty else words.vector
        waiting: deque[Rendered] = deque()

        def given() -> Iterator[Rendered]:
            for one in frames:
                frame = graded(one, words.grade, self.typical)
                waiting.append(frame)
                yield replace(frame, rgb=self.redraw(frame.rgb)) if self.redraw else frame

        for one in refine_shot(given(), self.network, self.steps, self.seed, text):
            made = against(one, waiting.popleft())
            yield within_crop(made) if self.cropped else made

    def _picture(self, refined: Refined) -> Picture:
        """Return a frame to be made steady; what the box of a cropped scene hides has no part."""
        frame = refined.rendered
        depth = frame.depth
        if self.cropped:
            depth = np.where((depth > 0) & (frame.opacity > SURE), depth, np.float32(-1))
        return Picture(np.dstack([refined.rgb, frame.opacity]), depth)

    def revealed(
        self, rgb: Float32[np.ndarray, "n 3"], depth: Float32[np.ndarray, "n"]
    ) -> Float32[np.ndarray, "n 3"]:
        """Return colours that only lens and shutter see under the grade."""
        grade = self.words.grade
        return rgb if grade.empty else grade.of(rgb[None], grade.hazy(depth[None], self.typical))[0]


def against(refined: Refined, frame: Rendered) -> Refined:
    """Return a refined frame beside the one that was rendered: what was redrawn is made up."""
    redrawn = refined.rendered.rgb - frame.rgb
    made_up = refined.made_up + refined.shares[0][..., None] * redrawn
    return replace(refined, rendered=frame, made_up=made_up)


def within_crop(refined: Refined) -> Refined:
    """Return a refined frame of a cropped scene: what is behind the box is none of the network's.

    As far as the frame shows it, the render stays.
    """
    frame = refined.rendered
    share = np.where(frame.depth > 0, frame.opacity, 0.0).astype(np.float32)
    shares = share * refined.shares
    shares[0] += 1 - share
    rgb = frame.rgb + share[..., None] * (refined.rgb - frame.rgb)
    return replace(refined, rgb=rgb, shares=shares, made_up=share[..., None] * refined.made_up)


def typical_distance(scene: Scene) -> float:
    """Return how far away what some of a scene's photos see is, along their axes, in world units.

    Without photos it is the field's radius.
    """
    scene = scene.as_trained
    depths = []
    for camera in scene.cameras[:: len(scene.cameras) // _SOME_PHOTOS + 1]:
        lens = camera.lens
        factor = _SMALL_PX / max(lens.width_px, lens.height_px)
        small = lens.scaled(*(max(1, round(factor * s)) for s in (lens.width_px, lens.height_px)))
        depths.append(render_field(scene.field, Camera(small, camera.world_from_camera)).depth)
    if not depths:
        return scene.field.radius
    return typical_depth(np.concatenate([depth.ravel() for depth in depths])[None])


def rendered(one: Pass, guide: PhotoGuide | None) -> Rendered:
    """Return a frame with all that the refiner is given of it; without a guide, no photos.

    With one it asks `PHOTOS` of them, as those that the network learned from did.
    """
    shows, evidence = one.shows, one.shows.evidence
    if guide is None or evidence is None:
        nothing = np.zeros((0, *shows.depth.shape), np.float32)
        none = Warps(
            (), nothing[..., None].repeat(3, -1), nothing, nothing, nothing, nothing[:, 0, 0]
        )
        coverage = np.zeros_like(shows.depth)
        return Rendered(
            one.camera, shows.rgb, one.field.rgb, shows.depth, shows.opacity, coverage, none
        )
    warps = guide.warped(one.camera, shows, PHOTOS)
    whole = Rendered(
        one.camera, shows.rgb, one.field.rgb, evidence.depth, shows.opacity, evidence.coverage,
        warps,
    )  # fmt: skip
    return filled(whole)
