"""Which refiner a film gets: scenegen's own network, or a pipeline of the user's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scenegen.errors import OutputError, RefineError
from scenegen.files import fingerprint
from scenegen.refine.config import RefineConfig
from scenegen.refine.grade import read_grade
from scenegen.refine.weights import SHIPPED, digest, lacking, load_refiner

if TYPE_CHECKING:
    from scenegen.render.frames import Refine
    from scenegen.render.guided import PhotoGuide

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refining:
    """A refiner that waits for a scene; ``key`` changes with whatever changes a pixel."""

    key: str
    of: Callable[[PhotoGuide | None], Refine]
    """The refiner of a scene's frames, by the photos that guide them."""


def opened(config: RefineConfig) -> Refining | None:
    """Return what refines frames; None, after saying why, where nothing here can.

    Raises:
        RefineError: the weights cannot be read, or the grade's words say nothing.
    """
    missing = lacking(config.refine_weights)
    if missing is not None:
        log.info("not refined: %s", missing)
        return None
    weights = config.refine_weights or SHIPPED
    from scenegen.film_refiner import FilmRefiner

    words = read_grade(config.grade)
    if words.not_understood:
        log.warning("--grade: not understood: %s", ", ".join(map(repr, words.not_understood)))
    network = load_refiner(weights)
    steps, seed = config.refine_steps, config.refine_seed
    key = fingerprint(digest(weights), steps, seed, astuple(words.grade), config.grade.split())

    def of(guide: PhotoGuide | None) -> Refine:
        return FilmRefiner(network, guide, steps, seed, words)

    return Refining(key, of)


def check_refining(config: RefineConfig, output: Path) -> None:
    """Raise unless frames can be refined here, and be told of beside ``output``."""
    missing = lacking(config.refine_weights)
    if missing is not None:
        raise RefineError(f"refine: {missing}")
    if config.overlay is not None and config.overlay.absolute() == output.absolute():
        raise OutputError(f"--overlay: {output} is the clip itself; choose another name")
