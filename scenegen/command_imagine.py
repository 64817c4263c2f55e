"""The subcommand `imagine`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tyro.conf import Positional

from scenegen.command import Command, Height, Output, Width
from scenegen.lift.config import LiftConfig
from scenegen.looks.config import LookConfig
from scenegen.path.config import PathConfig
from scenegen.progress import Progress
from scenegen.publish.config import PublishConfig
from scenegen.render.config import RenderConfig
from scenegen.report import Report
from scenegen.sentences import clip_said
from scenegen.worlds.config import WorldConfig


@dataclass(frozen=True, kw_only=True)
class Imagine(
    Command, PublishConfig, LookConfig, RenderConfig, PathConfig, LiftConfig, WorldConfig
):
    """Make a clip out of a sentence: a world is built, photographed, lifted and filmed.

    --show prints what was understood, as a file that can be edited and given in the sentence's
    place. The world's photos, scene and path stay in a folder beside the clip (clip.scenegen).

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

    def run(self, report: Report, progress: Progress) -> str:
        """Make the clip, or say what was understood."""
        from scenegen import imagining
        from scenegen.pipeline import Settings
        from scenegen.worlds.files import shown_text

        spec = imagining.understood(self.words, self.seed)
        if self.show:
            return shown_text(spec).rstrip()
        settings = Settings(
            lift=self.config(LiftConfig),
            path=self.config(PathConfig),
            render=self.config(RenderConfig),
            publish=self.config(PublishConfig),
            look=self.config(LookConfig),
        )
        world = self.config(WorldConfig)
        made = imagining.imagine(spec, self.output, settings, world, progress, report)
        return (
            f"{clip_said(report, self.output)}\n"
            f"World: {made.work.folder / imagining.SPEC_FILE}\nScene: {made.work.scene}"
        )
