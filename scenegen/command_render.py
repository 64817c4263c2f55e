"""The subcommands `render` and `refine`: a scene and a path become a clip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from tyro.conf import Positional, Suppress

from scenegen.command import Command, Height, Output, Width
from scenegen.looks.config import LookConfig
from scenegen.path.config import CheckConfig, PathConfig
from scenegen.planning import check_timing
from scenegen.progress import Progress
from scenegen.publish.config import PublishConfig
from scenegen.refine.config import RefineConfig
from scenegen.render.config import RenderConfig
from scenegen.report import Report
from scenegen.sentences import clip_said


@dataclass(frozen=True, kw_only=True)
class Render(Command, PublishConfig, LookConfig, RenderConfig, CheckConfig, PathConfig):
    """Render a clip (.mp4, .gif) of a scene, along a camera path or the automatic walkthrough.

    Stop it whenever you like: the same command goes on at the frame that it had reached.

    Example: scenegen render scene --path path.json --output clip.mp4 --frames clip_frames
    """

    kept: ClassVar[str] = "Finished frames are kept: the same command goes on from there."

    scene: Positional[Path]
    """Scene folder, as `scenegen lift` makes it."""

    output: Output
    """Clip to write: .mp4 or .gif."""

    path: Path | None = None
    """Path script or camera path; without one the automatic walkthrough is planned."""

    width_px: Width = RenderConfig.width_px
    """Width of a frame in pixels; even, if the output is an .mp4."""

    height_px: Height = RenderConfig.height_px
    """Height of a frame in pixels; even, if the output is an .mp4."""

    def check(self) -> None:
        """Raise a `SceneGenError` for options that no input could satisfy."""
        super().check()
        check_timing(self.path, self.config(PathConfig))

    def run(self, report: Report, progress: Progress) -> str:
        """Render the clip."""
        from scenegen import pipeline

        route = pipeline.Route(self.config(PathConfig), self.path, self.config(CheckConfig))
        settings = pipeline.Settings(
            render=self.config(RenderConfig),
            publish=self.config(PublishConfig),
            look=self.config(LookConfig),
            refine=self._refine,
        )
        pipeline.render(self.scene, self.output, route, settings, None, progress, report)
        return clip_said(report, self.output)

    @property
    def _refine(self) -> RefineConfig:
        return RefineConfig(refine=False)


@dataclass(frozen=True, kw_only=True)
class Refine(Render, RefineConfig):
    """Render a clip of a scene and refine it: sharper, steadier, by what the photos show.

    A small diffusion model looks at each frame, the photos that see the same surfaces and the
    frames around it. Beside the clip, clip.mp4.provenance.json says for every frame how much was
    copied from photos, kept from the render, and made up.

    Example: scenegen refine scene --path path.json --output clip.mp4 --overlay made_of.mp4
    """

    refine: Annotated[bool, Suppress] = True

    def check(self) -> None:
        """Raise a `SceneGenError` for options that no input could satisfy."""
        from scenegen.refining import check_refining

        super().check()
        check_refining(self._refine, required=True)

    @property
    def _refine(self) -> RefineConfig:
        return self.config(RefineConfig)
