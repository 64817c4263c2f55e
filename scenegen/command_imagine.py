"""The subcommand `imagine`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tyro.conf import Positional

from scenegen.command import Command, Height, Output, Width
from scenegen.generative.config import GenerateConfig
from scenegen.lift.config import LiftConfig
from scenegen.looks.config import LookConfig
from scenegen.path.config import PathConfig
from scenegen.progress import Progress
from scenegen.publish.config import PublishConfig
from scenegen.refine.config import RefineConfig
from scenegen.render.config import RenderConfig
from scenegen.report import Report
from scenegen.sentences import clip_said
from scenegen.worlds.config import WorldConfig

if TYPE_CHECKING:
    from scenegen.pipeline import Settings


@dataclass(frozen=True, kw_only=True)
class Imagine(
    Command,
    PublishConfig,
    LookConfig,
    RefineConfig,
    RenderConfig,
    PathConfig,
    LiftConfig,
    WorldConfig,
    GenerateConfig,
):
    """Make a clip out of a sentence: a world is built, photographed, lifted and filmed.

    --show prints what was understood, as a file that can be edited and given in the sentence's
    place. The world's photos, scene and path stay in a folder beside the clip (clip.scenegen).
    --direct traces the frames themselves instead.
    With --images-from and --video-from, large models of yours make the clip instead, without 3D.

    Example: scenegen imagine "a foggy pine valley at dawn, a river" --output clip.mp4
    """

    kept: ClassVar[str] = "Finished work is kept: the same command goes on from there."

    words: Positional[str]
    """A sentence, or a YAML file that --show printed."""

    output: Output = Path("imagined.mp4")
    """Clip to write: .mp4 or .gif."""

    show: bool = False
    """Print what was understood, and make nothing."""

    seconds: float = 6.0
    """Length of the clip in seconds."""

    width_px: Width = 640
    """Width of a frame in pixels; even, if the output is an .mp4."""

    height_px: Height = 360
    """Height of a frame in pixels; even, if the output is an .mp4."""

    def check(self) -> None:
        """Raise a `SceneGenError` for options that no input could satisfy."""
        super().check()
        if self.config(GenerateConfig).asked and not self.show:
            from scenegen.generating import check_settings

            check_settings(self._settings)

    def run(self, report: Report, progress: Progress) -> str:
        """Make the clip, or say what was understood."""
        from scenegen import imagining
        from scenegen.worlds.files import shown_text

        models = self.config(GenerateConfig)
        if models.asked and not self.show:
            return self._by_models(models, report, progress)
        spec = imagining.understood(self.words, self.seed)
        if self.show:
            return shown_text(spec).rstrip()
        world = self.config(WorldConfig)
        made = imagining.imagine(spec, self.output, self._settings, world, progress, report)
        said = f"{clip_said(report, self.output)}\nWorld: {made.work.folder / imagining.SPEC_FILE}"
        if self.direct:
            return said
        truth = report.figures["world_psnr_db"]
        return f"{said}\nScene: {made.work.scene}; {truth:.1f} dB PSNR of its frames to the world"

    @property
    def _settings(self) -> Settings:
        from scenegen.pipeline import Settings

        return Settings(
            lift=self.config(LiftConfig),
            path=self.config(PathConfig),
            render=self.config(RenderConfig),
            publish=self.config(PublishConfig),
            look=self.config(LookConfig),
            refine=self.config(RefineConfig),
        )

    def _by_models(self, models: GenerateConfig, report: Report, progress: Progress) -> str:
        from scenegen import generating

        words = generating.words_for_models(self.words)
        job = generating.Job(words, self.output, models, self._settings, self.seed)
        made = generating.generate(job, progress, report)
        told = "A model made this up: there is no 3D scene behind it."
        if made.clip is None:
            return f"Picture: {made.first_view}\n{told}"
        return f"{clip_said(report, self.output)}\nFirst view: {made.first_view}\n{told}"
