"""Pipelines of diffusers, opened from a folder without trust in it and without a network."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scenegen.errors import GenerateError
from scenegen.generative.folder import ModelFolder, check_folder
from scenegen.generative.machine import Place, place, this_machine

log = logging.getLogger(__name__)

INSTALL = "pip install 'scenegen[diffusers]'"
"""The command that installs what this module needs."""

PACKAGES = ("torch", "diffusers", "transformers", "accelerate")


@dataclass(frozen=True)
class Role:
    """What a pipeline is to do, told by what its call takes."""

    noun: str
    example: str
    takes: frozenset[str]
    lacks: frozenset[str]
    sibling: str = ""
    """How the class is named that does it with the parts of a text-to-image pipeline."""


TEXT_TO_IMAGE = Role(
    noun="a text-to-image pipeline",
    example="StableDiffusionXLPipeline",
    takes=frozenset({"prompt", "height", "width"}),
    lacks=frozenset(
        {"num_frames", "strength", "mask_image", "control_image", "controlnet_conditioning_scale"}
    ),
)
IMAGE_TO_IMAGE = Role(
    noun="an image-to-image pipeline",
    example="StableDiffusionXLImg2ImgPipeline",
    takes=frozenset({"prompt", "image", "strength"}),
    lacks=frozenset({"num_frames", "mask_image", "control_image"}),
    sibling="Img2ImgPipeline",
)
IMAGE_TO_VIDEO = Role(
    noun="an image-to-video pipeline",
    example="StableVideoDiffusionPipeline",
    takes=frozenset({"image", "num_frames", "height", "width"}),
    lacks=frozenset({"mask", "mask_image", "control_video"}),
)


@dataclass(frozen=True)
class Opened:
    """A pipeline that is ready, and where it runs."""

    folder: Path
    pipeline: Any
    place: Place

    @property
    def takes(self) -> dict[str, Any]:
        """What its call takes, with the values that it has by default."""
        return call_of(type(self.pipeline))


def check_model(folder: Path, role: Role) -> ModelFolder:
    """Return what a folder holds, having made sure of all that can be known before it is read.

    Raises:
        GenerateError: it cannot be trusted, its packages are missing, or it is for something else.
    """
    found = check_folder(folder)
    check_installed(folder)
    check_role(found, role)
    return found


def check_installed(folder: Path) -> None:
    """Raise unless the packages are there that read the model in ``folder``."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise GenerateError(
            f"{folder}: to run a model of diffusers, expected the packages {', '.join(PACKAGES)}, "
            f"found no {' and no '.join(missing)}; install them: {INSTALL}"
        )


def check_role(found: ModelFolder, role: Role) -> type:
    """Return the class of a folder's pipeline, from diffusers and nowhere else.

    Raises:
        GenerateError: diffusers has no such class, or it does something else.
    """
    diffusers = import_module("diffusers")  # an extra: type checkers need not find it
    with quiet():
        kind = getattr(diffusers, found.pipeline, None)
        if role.sibling and not found.pipeline.endswith(role.sibling):
            other = found.pipeline.removesuffix("Pipeline") + role.sibling
            kind = getattr(diffusers, other, kind)
    strange = [name for name in found.libraries if not _trusted(name)]
    expected = f"{role.noun} of diffusers, such as {role.example}"
    if not (inspect.isclass(kind) and issubclass(kind, diffusers.DiffusionPipeline)):
        raise GenerateError(
            f"{found.folder}: expected {expected}, found {found.pipeline!r}, which diffusers "
            f"{diffusers.__version__} does not have, or not without further packages; update it "
            "(pip install --upgrade diffusers) or take another model"
        )
    if strange:
        raise GenerateError(
            f"{found.folder}: expected components of diffusers and transformers, found some of "
            f"{', '.join(sorted(strange))}; no other code is run: take another model"
        )
    taken = call_of(kind).keys()
    if not (role.takes <= taken and not role.lacks & taken):
        raise GenerateError(
            f"{found.folder}: expected {expected}, found {found.pipeline}; name the folder of "
            "another model"
        )
    return kind


def _trusted(library: str) -> bool:
    """Say whether a component's class comes from the two libraries, as some do by a pipeline."""
    own = library.isidentifier() and find_spec(f"diffusers.pipelines.{library}") is not None
    return own or library in ("diffusers", "transformers")


def call_of(kind: type) -> dict[str, Any]:
    """Return what a pipeline's call takes, with the values that it has by default."""
    parameters = inspect.signature(kind.__call__).parameters
    return {name: parameter.default for name, parameter in parameters.items() if name != "self"}


def open_pipeline(found: ModelFolder, role: Role) -> Opened:
    """Read a pipeline into memory, on the GPU where there is one.

    Raises:
        GenerateError: its packages are missing, it is none of that role, the memory does not hold
            it, or diffusers cannot read it.
    """
    check_installed(found.folder)
    kind: Any = check_role(found, role)
    where = place(found.folder, found.parameters, this_machine())
    _told(found, where)
    import torch

    with quiet(), failures(found.folder, "could not be read; copy the whole folder again"):
        pipeline = kind.from_pretrained(
            str(found.folder.resolve()),
            dtype=getattr(torch, where.dtype),
            variant=found.variant,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
        )
        pipeline.set_progress_bar_config(disable=True)
        if where.offload:
            pipeline.enable_model_cpu_offload()
            if hasattr(getattr(pipeline, "vae", None), "enable_tiling"):
                pipeline.vae.enable_tiling()
        else:
            pipeline.to(where.device)
    return Opened(found.folder, pipeline, where)


def closed(opened: Opened) -> None:
    """Give the memory of a pipeline back."""
    import gc

    import torch

    opened.pipeline.maybe_free_model_hooks()
    for name in list(opened.pipeline.components):
        setattr(opened.pipeline, name, None)
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _told(found: ModelFolder, where: Place) -> None:
    total = sum(found.parameters.values())
    size = f"{total / 1e9:.1f} billion" if total >= 5e7 else f"{total / 1e6:.2f} million"
    said = f"{found.folder}: {found.pipeline}, {size} parameters, {where.dtype} on {where.device}"
    if where.device == "cpu":
        log.warning("%s; without a GPU, expect minutes for a picture, hours for a video", said)
    else:
        log.info("%s%s", said, ", a component at a time" if where.offload else "")


@contextmanager
def failures(folder: Path, what: str) -> Iterator[None]:
    """Turn whatever a library raises into a `GenerateError`; code of models may raise anything."""
    try:
        yield
    except (GenerateError, MemoryError):
        raise
    except Exception as cause:
        if type(cause).__name__ == "OutOfMemoryError":
            raise GenerateError(
                f"{folder}: the GPU's memory is full; close other programs that use it, or take a "
                "smaller model"
            ) from cause
        first = (str(cause).strip().splitlines() or [""])[0][:300]
        why, _, fix = what.partition("; ")
        raise GenerateError(f"{folder}: {why} ({type(cause).__name__}: {first}); {fix}") from cause


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' own talk, warnings and progress bars off the terminal for a while."""
    both = [import_module(f"{name}.utils.logging") for name in ("transformers", "diffusers")]
    levels = [one.get_verbosity() for one in both]
    bars = [one.is_progress_bar_enabled() for one in both]
    try:
        for one in both:
            one.set_verbosity(logging.CRITICAL)
            one.disable_progress_bar()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level, bar in zip(both, levels, bars, strict=True):
            one.set_verbosity(level)
            if bar:
                one.enable_progress_bar()
