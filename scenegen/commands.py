"""The subcommands of `scenegen`, one a stage; the fields of each are its options.

Nothing is computed here: a command hands its options to `scenegen.pipeline` and says what was made.
Only light modules are imported before a job begins, so that `--help` answers at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from tyro.conf import Positional, arg

from scenegen.command import Command, Height, Output, PathFormat, Width
from scenegen.command_imagine import Imagine
from scenegen.command_render import Refine, Render
from scenegen.errors import SceneGenError, UsageError
from scenegen.ingest.config import IngestConfig
from scenegen.lift.config import LiftConfig
from scenegen.looks.config import LookConfig
from scenegen.path.config import CheckConfig, PathConfig
from scenegen.path.formats.hints import RotationOrder
from scenegen.planning import check_timing
from scenegen.previewing import SheetConfig
from scenegen.progress import Progress
from scenegen.publish.config import PublishConfig
from scenegen.refine.config import RefineConfig
from scenegen.render.config import RenderConfig
from scenegen.report import Report
from scenegen.sentences import clip_said, photos_said, quality_said, training_said


@dataclass(frozen=True, kw_only=True)
class Ingest(Command, IngestConfig):
    """Find out where each photo was taken: photos or a video to a capture folder.

    The capture folder holds transforms.json, the photos and sparse points, as nerfstudio reads
    them, and capture.json, which says for every photo that was left out why, and what to retake.

    Example: scenegen ingest my_photos/ --output capture
    """

    input: Positional[Path]
    """Folder of photos, video file, or folder with transforms.json or a COLMAP model."""

    output: Output
    """Capture folder to make."""

    def run(self, report: Report, progress: Progress) -> str:
        """Make the capture folder."""
        from scenegen import pipeline

        made = pipeline.ingest(self.input, self.output, self.config(IngestConfig), progress, report)
        return f"{photos_said(report)}\nCapture: {self.output} ({len(made.points)} points)"


@dataclass(frozen=True, kw_only=True)
class Lift(Command, LiftConfig, IngestConfig):
    """Train a 3D scene on photos, a video or a posed capture, in a given time.

    Photos and videos are posed first. Stop it whenever you like: the same command goes on.

    Example: scenegen lift capture --output scene --budget-s 120
    """

    kept: ClassVar[str] = "What was trained so far is kept: the same command goes on from there."

    input: Positional[Path]
    """Capture folder, folder of photos, video file, transforms.json folder or COLMAP model."""

    output: Output
    """Scene folder to make."""

    def run(self, report: Report, progress: Progress) -> str:
        """Train the scene folder."""
        from scenegen import pipeline

        configs = self.config(LiftConfig), self.config(IngestConfig)
        pipeline.lift(self.input, self.output, *configs, progress, report)
        return (
            f"{photos_said(report)} {training_said(report)}\n"
            f"Scene: {self.output}\n"
            f"A clip of it: scenegen render {self.output} --output clip.mp4"
        )


@dataclass(frozen=True, kw_only=True)
class Plan(Command, CheckConfig, PathConfig):
    """Play a path script in a scene, or plan a smooth walk through what the photos saw.

    The output's suffix names its format: .json (nerfstudio, or another by --format), .chan (Nuke),
    .gltf, .glb, .usda, .usdc; --format colmap makes a folder. All of them are read too. Before
    it is written the path is checked: what it hits, what photos never saw, what makes people sick.

    Example: scenegen path scene note.yaml --output path.json --check-map map.png
    """

    scene: Positional[Path]
    """Scene folder, as `scenegen lift` makes it."""

    script: Positional[Path | None] = None
    """Path script (.yaml, .json, .py) or camera path; without one the walk is planned."""

    output: Output
    """Camera path to write, such as path.json."""

    format: PathFormat | None = None
    """What to write, where the suffix of the output leaves it open."""

    overwrite: bool = False
    """Replace the output if it exists."""

    width_px: Width = PathConfig.width_px
    """Width of a frame in pixels; with the height it fixes the aspect."""

    height_px: Height = PathConfig.height_px
    """Height of a frame in pixels."""

    def check(self) -> None:
        """Raise a `SceneGenError` for options that no input could satisfy."""
        super().check()
        check_timing(self.script, self.config(PathConfig))

    def run(self, report: Report, progress: Progress) -> str:
        """Write the camera path."""
        from scenegen import pipeline

        route = pipeline.Route(self.config(PathConfig), self.script, self.config(CheckConfig))
        made = pipeline.path(
            self.scene, self.output, route, self.overwrite, progress, report, self.format
        )
        return f"Path: {self.output} ({len(made)} frames at {made.fps:g} a second)"


@dataclass(frozen=True, kw_only=True)
class Preview(Command, SheetConfig):
    """Show a path within seconds: a contact sheet and a small GIF of it.

    The pictures are what the radiance field alone shows, with seconds and shots below them; under
    a --look if one is asked for.

    Example: scenegen preview scene note.yaml --output note
    """

    scene: Positional[Path]
    """Scene folder, as `scenegen lift` makes it."""

    script: Positional[Path | None] = None
    """Path script or camera path; without one the automatic walkthrough is planned."""

    output: Output
    """Contact sheet (.png, .jpg) or GIF (.gif); a name without suffix makes both."""

    overwrite: bool = False
    """Replace outputs that exist already."""

    width_px: Width = SheetConfig.width_px
    """Width of a picture in pixels; at most 240 in a GIF."""

    fps: float = PathConfig.fps
    """Frames per second, where a camera path does not state them."""

    normalised: Path | None = None
    """As of `scenegen path`: the frame that a tool's camera path is in."""

    rotation_order: RotationOrder = PathConfig.rotation_order
    """As of `scenegen path`: order of the turns in a Nuke .chan."""

    metres_per_unit: float | None = None
    """As of `scenegen path`: length of a unit of a USD file; by default as it states."""

    @property
    def _walk(self) -> PathConfig:
        return PathConfig(
            fps=self.fps,
            normalised=self.normalised,
            rotation_order=self.rotation_order,
            metres_per_unit=self.metres_per_unit,
        )

    def check(self) -> None:
        """Raise a `SceneGenError` for options that no input could satisfy."""
        super().check()
        check_timing(self.script, self._walk)

    def run(self, report: Report, progress: Progress) -> str:
        """Write the pictures."""
        from scenegen import pipeline

        route = pipeline.Route(self._walk, self.script)
        config = self.config(SheetConfig)
        made = pipeline.preview(
            self.scene, self.output, route, config, self.overwrite, progress, report
        )
        return f"Preview: {' and '.join(map(str, made))} ({report.figures['clip_s']:.1f} s)"


@dataclass(frozen=True, kw_only=True)
class Evaluate(Command):
    """Compare a scene with the photos that were held out of its training.

    Example: scenegen evaluate scene
    """

    scene: Positional[Path]
    """Scene folder, made by `scenegen lift` with --holdout-every."""

    refine: bool = False
    """Measure refined views as well; the photos that are measured against are no help to them."""

    refine_weights: Path | None = None
    """With --refine: weights of your own."""

    def check(self) -> None:
        """Raise a `SceneGenError` for options that no input could satisfy."""
        super().check()
        if self.refine_weights is not None and not self.refine:
            raise UsageError("--refine-weights: needs --refine, found none; pass both")

    def run(self, report: Report, progress: Progress) -> str:
        """Measure the scene."""
        from scenegen import pipeline

        refine = RefineConfig(self.refine, refine_weights=self.refine_weights)
        pipeline.evaluate(self.scene, progress, report, refine)
        return quality_said(report)


@dataclass(frozen=True, kw_only=True)
class Walkthrough(
    Command,
    PublishConfig,
    LookConfig,
    RefineConfig,
    RenderConfig,
    CheckConfig,
    PathConfig,
    LiftConfig,
    IngestConfig,
):
    """Make a walkthrough clip out of photos or a video: all stages, one after another.

    The posed photos, the scene and the camera path stay in a folder beside the clip
    (clip.scenegen). Stop it whenever you like: the same command goes on from there.

    Example: scenegen walkthrough my_photos/ --output clip.mp4
    """

    kept: ClassVar[str] = "Finished work is kept: the same command goes on from there."

    input: Positional[Path]
    """Folder of photos, video file, or folder with transforms.json or a COLMAP model."""

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
        """Make the clip."""
        from scenegen import pipeline

        settings = pipeline.Settings(
            ingest=self.config(IngestConfig),
            lift=self.config(LiftConfig),
            path=self.config(PathConfig),
            check=self.config(CheckConfig),
            render=self.config(RenderConfig),
            publish=self.config(PublishConfig),
            look=self.config(LookConfig),
            refine=self.config(RefineConfig),
            path_file=self.path,
        )
        made = pipeline.walkthrough(self.input, self.output, settings, progress, report)
        return (
            f"{photos_said(report)} {training_said(report)}\n"
            f"{clip_said(report, self.output)}\n"
            f"Scene: {made.work.scene}\n"
            f"Other views of it: scenegen render {made.work.scene} --output other.mp4"
        )


@dataclass(frozen=True, kw_only=True)
class Studio(Command):
    """Direct a scene in the browser: a live view, a timeline, keyframes by hand, rendering.

    Opened on photos it shows the scene as it is made of them; drop photos on the page to add them.
    What you edit is kept beside the scene (SCENE.studio) with every step. Ctrl-C ends it.

    Example: scenegen studio scene
    """

    kept: ClassVar[str] = "What was edited is kept: the same command goes on from there."

    input: Positional[Path | None] = None
    """Scene folder, or photos, video or posed capture; nothing begins with an empty folder."""

    output: Annotated[Path | None, arg(aliases=["-o"])] = None
    """Scene folder to make of photos; INPUT_scene unless stated."""

    host: str = "127.0.0.1"
    """Address to listen on; any other than this machine's own asks browsers for a token."""

    port: int = 8080
    """Port to listen on; 0 takes a free one."""

    token: str | None = None
    """What browsers must know, 12 characters or more; made up where one is needed."""

    def run(self, report: Report, progress: Progress) -> str:
        """Serve until stopped."""
        del report, progress  # a studio has jobs of its own, which tell the browser
        from scenegen.serving import serve

        serve(self.input, self.output, self.host, self.port, self.token)
        return ""


@dataclass(frozen=True, kw_only=True)
class Doctor(Command):
    """Say what this machine has: cores, instruction set, CUDA, extras, encoders, free space.

    Example: scenegen doctor
    """

    def run(self, report: Report, progress: Progress) -> str:
        """Look at the machine."""
        del progress  # nothing here takes long
        from scenegen.doctor import examine, missing_extras

        health = examine(Path.cwd())
        report.note(**health.facts, broken=list(health.broken))
        if health.broken:
            raise SceneGenError("\n".join([health.table(), *health.broken]))
        missing = missing_extras(health.facts)
        return "\n".join([health.table(), *(["", "Not installed:", *missing] if missing else [])])


COMMANDS: dict[str, type[Command]] = {
    "ingest": Ingest,
    "lift": Lift,
    "path": Plan,
    "preview": Preview,
    "render": Render,
    "refine": Refine,
    "evaluate": Evaluate,
    "walkthrough": Walkthrough,
    "imagine": Imagine,
    "studio": Studio,
    "doctor": Doctor,
}
