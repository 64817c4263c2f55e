"""The film of a world traced frame by frame, without a field between: slow, and true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenegen.errors import WorldError
from scenegen.files import fingerprint
from scenegen.progress import Progress
from scenegen.publish.footage import Footage
from scenegen.types import Frame
from scenegen.worlds.photograph import shoot

if TYPE_CHECKING:
    from scenegen.looks.config import LookConfig
    from scenegen.refine.config import RefineConfig
    from scenegen.render.config import RenderConfig
    from scenegen.types import CameraPath
    from scenegen.worlds.trace import Tracer


@dataclass(frozen=True)
class Shooting:
    """How a world's frames are traced; ``key`` is the fingerprint of the world and its way."""

    tracer: Tracer
    samples: int
    exposure: float
    key: str


def check_direct(config: RenderConfig, look: LookConfig, refine: RefineConfig) -> None:
    """Raise `WorldError` for options of the film that traced frames have no use for."""
    if not look.amounts.empty:
        raise WorldError(
            "--look: dresses frames of a scene, but --direct has none, found both; say the weather "
            "in the sentence, or leave out one of them"
        )
    if refine.stated:
        raise WorldError(
            f"--{next(iter(refine.stated))}: is the refiner's, but --direct leaves nothing to "
            "refine, found both; leave out one of them"
        )
    for name in ("aperture", "focus", "shutter", "evidence"):
        if getattr(config, name) is not None:
            raise WorldError(
                f"--{name}: belongs to frames rendered from a field, but --direct traces them "
                "sharp, found both; leave out one of them"
            )


def traced_footage(
    shooting: Shooting, walked: CameraPath, config: RenderConfig, progress: Progress
) -> Footage:
    """Return the frames of a path as the path tracer sees them; each is traced when asked for.

    A frame is the same wherever tracing began, so that an interrupted film goes on. All frames have
    one exposure, and nothing in the world moves.
    """
    size = config.width_px, config.height_px
    cameras = [walked.camera(index, *size) for index in range(len(walked))]

    def frames_from(first: int) -> Iterator[Frame]:
        shots = shoot(
            shooting.tracer, cameras, shooting.samples, shooting.exposure, progress,
            "Tracing the film", first,
        )  # fmt: skip
        for index, shot in enumerate(shots, first):
            yield Frame(index, shot.rgb, shot.depth, (shot.depth > 0).astype(np.float32))

    key = fingerprint(
        shooting.key, "direct", shooting.samples,
        np.ascontiguousarray(walked.world_from_camera, np.float64).tobytes(),
        np.ascontiguousarray(walked.fov_y_deg, np.float64).tobytes(), [*size],
    )  # fmt: skip
    return Footage(frames_from, len(walked), walked.fps, *size, key, metres_per_unit=1.0)
