"""Which refiner a film gets: scenegen's own network, or a pipeline of the user's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from scenegen.errors import RefineError
from scenegen.files import fingerprint
from scenegen.generative.backend import Order
from scenegen.generative.loading import IMAGE_TO_IMAGE, check_model
from scenegen.refine.config import RefineConfig
from scenegen.refine.grade import read_grade
from scenegen.refine.weights import SHIPPED, digest, lacking, load_refiner

if TYPE_CHECKING:
    from scenegen.generative.diffusers_models import DiffusersImageToImage
    from scenegen.generative.folder import ModelFolder
    from scenegen.render.frames import Refine
    from scenegen.render.guided import PhotoGuide
    from scenegen.types import Scene

log = logging.getLogger(__name__)

_PROMPT = "a sharp photograph, fine detail"
"""What pipelines of the user's are told, before the words of the grade."""


@dataclass(frozen=True)
class Refining:
    """A refiner that waits for a scene; ``key`` changes with whatever changes a pixel."""

    key: str
    of: Callable[[Scene, PhotoGuide | None], Refine]
    """The refiner of a scene's frames, by the photos that guide them."""


def opened(config: RefineConfig) -> Refining | None:
    """Return what refines frames; None, after saying why, where nothing here can.

    Raises:
        RefineError: the weights cannot be read, or the grade's words say nothing.
        GenerateError: the pipeline of the user's cannot be used.
    """
    missing = lacking(config.refine_weights)
    if missing is not None:
        log.info("not refined: %s", missing)
        return None
    weights = config.refine_weights or SHIPPED
    import torch

    from scenegen.film_refiner import FilmRefiner

    words = read_grade(config.grade)
    if words.not_understood:
        log.warning("--grade: not understood: %s", ", ".join(map(repr, words.not_understood)))
    network = load_refiner(weights)
    steps, seed = config.refine_steps, config.refine_seed
    asked = steps, seed, astuple(words.grade), config.grade.split()
    key = fingerprint(digest(weights), torch.__version__, asked)  # others round otherwise
    redraw = None
    if config.refine_model is not None:
        found = check_model(config.refine_model, IMAGE_TO_IMAGE)
        key = fingerprint(key, found.fingerprint, config.refine_strength)
        redraw = _Redrawer(found, config)

    def of(scene: Scene, guide: PhotoGuide | None) -> Refine:
        return FilmRefiner(network, scene, guide, steps, seed, words, redraw)

    return Refining(key, of)


class _Redrawer:
    """A pipeline of the user's that redraws frames; it is read when the first one comes."""

    def __init__(self, found: ModelFolder, config: RefineConfig) -> None:
        self._found, self._config = found, config

    def __call__(self, rgb: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
        from PIL import Image

        height, width = rgb.shape[:2]
        shape = self._model.fitted(width, height)
        picture = Image.fromarray(np.rint(255 * np.clip(rgb, 0, 1)).astype(np.uint8))
        size = shape.width_px, shape.height_px
        small = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
        words = f"{_PROMPT}, {self._config.grade}" if self._config.grade.strip() else _PROMPT
        order = Order(words, shape, self._config.refine_seed)
        made = self._model.redrawn(small, order, self._config.refine_strength)
        back = Image.fromarray(made).resize((width, height), Image.Resampling.LANCZOS)
        return np.asarray(back, np.float32) / 255

    @cached_property
    def _model(self) -> DiffusersImageToImage:
        from scenegen.generative.diffusers_models import DiffusersImageToImage

        return DiffusersImageToImage(self._found)


def check_refining(config: RefineConfig, required: bool = False) -> None:
    """Raise, before any long work, where frames cannot be refined as it is asked for.

    Where nothing here can refine, that is so if it is ``required``, or something of it is stated.

    Raises:
        RefineError: nothing can refine, or the grade's words say nothing.
        GenerateError: the pipeline of the user's cannot be used.
    """
    if not config.refine:
        return
    missing = lacking(config.refine_weights)
    if missing is not None and (required or config.stated):
        raise RefineError(f"refine: {missing}")
    read_grade(config.grade)
    if config.refine_model is not None:
        check_model(config.refine_model, IMAGE_TO_IMAGE)
