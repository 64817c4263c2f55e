"""From words to a clip by models of the user's own: a first view, a video that goes on from it.

No 3D scene comes of it, and nothing keeps what the camera leaves and returns to as it was: the
models make up every frame. What is made stays in the working folder beside the clip:

clip.scenegen/first_view.png   what the image model made, or the user's picture
clip.scenegen/video/000/       the frames of the video model's first run; the second's are in 001
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenegen import __version__
from scenegen.errors import GenerateError, OutputError, UsageError
from scenegen.files import (
    check_output,
    fingerprint,
    input_errors,
    staged_folder,
    write_atomic,
)
from scenegen.generative.backend import ImageToVideo, Order, Picture, TextToImage
from scenegen.generative.config import GenerateConfig
from scenegen.pipeline import Settings
from scenegen.progress import Progress, silent
from scenegen.report import Report
from scenegen.work import WorkFolder

if TYPE_CHECKING:
    from scenegen.generative.folder import ModelFolder
    from scenegen.publish.footage import ClipFacts
    from scenegen.types import Frame

log = logging.getLogger(__name__)

FIRST_VIEW = "first_view.png"


@dataclass(frozen=True)
class Generated:
    """What models made; ``clip`` is None where it is a picture alone."""

    first_view: Path
    clip: ClipFacts | None = None


@dataclass(frozen=True)
class Job:
    """What models are to make."""

    words: str
    output: Path
    models: GenerateConfig
    settings: Settings
    seed: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is to be written, in pixels."""
        return self.settings.render.width_px, self.settings.render.height_px


def words_for_models(words: str) -> str:
    """Return what models are told: the words, or the sentence in a world's spec.

    Raises:
        GenerateError: there are none.
        WorldError: a spec's file cannot be read.
    """
    from scenegen.worlds.files import is_spec, read_spec

    said = read_spec(Path(words)).sentence if is_spec(words) else words
    said = " ".join(said.encode(errors="replace").decode().split())
    if not said:
        where = f"{words}: sentence" if is_spec(words) else "sentence"
        raise GenerateError(f"{where}: expected words for the model, found none; say what to show")
    return said


def check_settings(settings: Settings) -> None:
    """Raise for options of which nothing can come without a 3D scene.

    Raises:
        UsageError: one of them is set.
    """
    render = settings.render
    stated = {name: getattr(render, name) for name in ("evidence", "aperture", "focus", "shutter")}
    stated |= {"look": settings.look.look or None, **settings.refine.stated}
    for name, value in stated.items():
        if value is not None:
            raise UsageError(
                f"--{name}: needs a 3D scene, but models of yours make pictures without one, found "
                "both; leave out one of them"
            )


def generate(job: Job, progress: Progress = silent, report: Report | None = None) -> Generated:
    """Make a clip, or with ``images_from`` alone a picture, with models of the user's own.

    Raises:
        GenerateError: a model cannot be read, or made nothing.
        OutputError, PublishError: the output cannot be written so.
        UsageError: an option asks for what only a 3D scene has.
    """
    report = report or Report("imagine")
    report.note(made_by="models", is_3d=False)
    if job.models.video_from is not None:
        return _clip(job, job.models.video_from, progress, report)
    if job.output.suffix.lower() != ".png":
        raise GenerateError(
            f"{job.output}: expected a name that ends in .png, since --images-from alone makes a "
            "picture; rename it, or pass --video-from for a clip"
        )
    check_output(job.output, job.settings.publish.overwrite)
    view = _imagined(job, _image_model(job), progress, report)
    _write_picture(job.output, _fitted(view, *job.size))
    report.note(width_px=job.size[0], height_px=job.size[1])
    return Generated(job.output)


def _clip(job: Job, video_from: Path, progress: Progress, report: Report) -> Generated:
    from scenegen.generative.loading import IMAGE_TO_VIDEO, check_model
    from scenegen.publish.clip import check_clip

    check_settings(job.settings)
    check_clip(job.output, *job.size, job.settings.publish)
    imager = _image_model(job) if job.models.images_from else None
    chosen = None if imager else _read_picture(job.models.first_view or Path())
    filmer = check_model(video_from, IMAGE_TO_VIDEO)
    work = WorkFolder(job.output)
    steps, path = job.models.denoise_steps, job.settings.path
    source = imager.fingerprint if imager else chosen.tobytes() if chosen is not None else b""
    view_key = fingerprint(__version__, source, job.words, job.seed, steps, path.aspect)
    key = fingerprint(view_key, filmer.fingerprint, path.frame_count, path.fps)
    if work.holds_other("first_view", view_key) and not job.settings.publish.overwrite:
        raise OutputError(
            f"{work.folder}: holds another first view; "
            "pass --overwrite to replace it or choose another --output"
        )
    file = work.folder / FIRST_VIEW
    if not (work.finished("first_view", view_key) and file.is_file()):
        view = chosen if imager is None else _imagined(job, imager, progress, report)
        assert view is not None
        _write_picture(file, view)
        work.finish("first_view", view_key)
    frames = _filmed(job, filmer, work, key, progress, report)
    return Generated(file, _published(job, frames, key, progress, report))


def _image_model(job: Job) -> ModelFolder:
    from scenegen.generative.loading import TEXT_TO_IMAGE, check_model

    assert job.models.images_from is not None
    return check_model(job.models.images_from, TEXT_TO_IMAGE)


def _imagined(job: Job, found: ModelFolder, progress: Progress, report: Report) -> Picture:
    """Return the first view that a model makes, at the size at which it is at its best."""
    from scenegen.generative.diffusers_models import DiffusersTextToImage

    with report.stage("first_view"), DiffusersTextToImage(found) as model:
        shape = model.shape(job.settings.path.aspect)
        _tell_unread(model, job, found)
        view = model.picture(Order(job.words, shape, job.seed, job.models.denoise_steps), progress)
    log.info("first view: made at %dx%d", shape.width_px, shape.height_px)
    report.note(image_model=found.pipeline, image_made_at=f"{shape.width_px}x{shape.height_px}")
    return view


def _filmed(
    job: Job, found: ModelFolder, work: WorkFolder, key: str, progress: Progress, report: Report
) -> list[Path]:
    """Return the files of a clip's frames; the runs of the video model that are there are kept."""
    from scenegen.generative.diffusers_models import DiffusersImageToVideo

    report.note(video_model=found.pipeline)
    kept = _kept(work, key)
    count = job.settings.path.frame_count
    if len(_in_order(kept)) < count:
        with report.stage("video"), DiffusersImageToVideo(found) as model:
            _tell_unread(model, job, found)
            kept = _runs(job, model, work, key, progress)
    shown = _read_picture(kept[0][0])
    report.note(video_runs=len(kept), video_made_at=f"{shown.shape[1]}x{shown.shape[0]}")
    return _in_order(kept)[:count]


def _runs(
    job: Job, model: ImageToVideo, work: WorkFolder, key: str, progress: Progress
) -> list[list[Path]]:
    """Run the model until there are frames enough; each run begins with the last frame before."""
    count, fps = job.settings.path.frame_count, job.settings.path.fps
    shape = model.shape(job.settings.path.aspect)
    needed = 1 + max(0, math.ceil((count - shape.frames) / max(1, shape.frames - 1)))
    log.info("video: %d frames at %dx%d in %d run%s of %d", count, shape.width_px,
             shape.height_px, needed, "" if needed == 1 else "s", shape.frames)  # fmt: skip
    kept = _kept(work, key)
    while len(kept) < needed:
        run = len(kept)
        first = _read_picture(kept[-1][-1] if kept else work.folder / FIRST_VIEW)
        order = Order(job.words, shape, job.seed + run, job.models.denoise_steps, fps)

        def told(label: str, done: float, total: float, run: int = run) -> None:
            progress(label, run * total + done, needed * total)

        video = model.video(_fitted(first, shape.width_px, shape.height_px), order, told)
        with staged_folder(_run_folder(work, run), overwrite=True) as folder:
            for index, frame in enumerate(video):
                _write_picture(folder / f"{index:06}.png", frame)
        work.finish(f"video {run}", key)
        kept = _kept(work, key)
    return kept


def _run_folder(work: WorkFolder, run: int) -> Path:
    return work.folder / "video" / f"{run:03}"


def _kept(work: WorkFolder, key: str) -> list[list[Path]]:
    """Return the files of the runs that an earlier call has finished, up to the first gap."""
    found: list[list[Path]] = []
    while work.finished(f"video {len(found)}", key):
        files = sorted(_run_folder(work, len(found)).glob("*.png"))
        if not files:
            break
        found.append(files)
    return found


def _in_order(runs: Sequence[Sequence[Path]]) -> list[Path]:
    """Return the frames of all runs; the first of a further run is the last of the one before."""
    return [file for run, files in enumerate(runs) for file in files[min(run, 1) :]]


def _published(
    job: Job, files: Sequence[Path], key: str, progress: Progress, report: Report
) -> ClipFacts:
    from scenegen.publish.clip import publish_clip
    from scenegen.publish.footage import Footage

    width, height = job.size
    footage = Footage(
        render=lambda first: _frames(files, first, width, height),
        count=len(files),
        fps=job.settings.path.fps,
        width_px=width,
        height_px=height,
        fingerprint=key,
    )
    with report.stage("publish"):
        clip = publish_clip(footage, job.output, job.settings.publish, progress)
    report.note(frames=clip.frames, width_px=width, height_px=height, clip_s=clip.seconds)
    return clip


def _frames(files: Sequence[Path], first: int, width: int, height: int) -> Iterator[Frame]:
    """Yield the frames from one on; they have no depth."""
    from scenegen.types import Frame

    nowhere, opaque = np.zeros((height, width), np.float32), np.ones((height, width), np.float32)
    for index in range(first, len(files)):
        yield Frame(index, _fitted(_read_picture(files[index]), width, height), nowhere, opaque)


def _tell_unread(model: TextToImage | ImageToVideo, job: Job, found: ModelFolder) -> None:
    left = model.unread(job.words)
    if left == job.words:
        log.info("%s reads no words: the first view tells it all", found.pipeline)
    elif left:
        shown = left if len(left) < 80 else f"{left[:77]}..."
        log.warning('%s has no room for so many words; not read: "%s"', found.pipeline, shown)


def _fitted(picture: Picture, width: int, height: int) -> Picture:
    """Return a picture of another size: what is too wide or too high is cut off evenly."""
    from PIL import Image, ImageOps

    if picture.shape[:2] == (height, width):
        return picture
    image = ImageOps.fit(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _read_picture(file: Path) -> Picture:
    from scenegen.ingest.images import BadImageError, open_image, to_rgb

    with input_errors(file, GenerateError):
        exists, is_folder = file.exists(), file.is_dir()
    if not exists or is_folder:
        found = "a folder; name a file" if is_folder else "no such file; check the path"
        raise GenerateError(f"{file}: expected a picture, found {found}")
    try:
        with input_errors(file, GenerateError), open_image(file) as image:
            return np.array(to_rgb(image))
    except BadImageError as cause:
        raise GenerateError(f"{file}: expected a picture: {cause}") from cause


def _write_picture(file: Path, picture: Picture) -> None:
    from scenegen.publish.images import png

    write_atomic(file, png(picture))
