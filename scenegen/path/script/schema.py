"""A path script as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scenegen.path.script.changes import Transform
from scenegen.path.script.shots import AnyShot, Optics
from scenegen.path.script.values import Aspect, Flag, Share, Words

SCHEMA = "scenegen.path/1"


class Shake(Words):
    """A hand that holds the camera."""

    amount: Share = 0.3
    """0 is a tripod, 1 a walk."""
    seed: Annotated[int, Field(ge=0, strict=True)] = 0
    """Another seed shakes otherwise."""


class Script(Optics):
    """A path script."""

    schema_: Annotated[Literal["scenegen.path/1"], Field(alias="schema")] = SCHEMA
    """Always ``scenegen.path/1``."""
    fps: Annotated[float, Field(gt=0, le=240, strict=True)] = 24.0
    """Frames a second."""
    aspect: Aspect | None = None
    """Width over height, such as ``16:9``; by default that of the clip's size."""
    join_s: Annotated[float, Field(gt=0, le=10, strict=True)] = 0.6
    """Seconds over which one shot's motion turns into the next one's."""
    shutter: Annotated[float, Field(ge=0, le=360, strict=True)] = 0.0
    """How long each frame is exposed, in degrees of a frame's time: 180 is film, 0 freezes."""
    shake: Shake | None = None
    """A hand that holds the camera: ``{amount: 0.3}``."""
    loop: Flag = False
    """Travel back to the beginning, so that the clip can be played around."""
    transform: tuple[Transform, ...] = ()
    """Changes of the whole path, one after another."""
    shots: Annotated[tuple[AnyShot, ...], Field(min_length=1)]
    """The shots in their order."""

    @model_validator(mode="after")
    def _no_zoom(self) -> Script:
        for word in ("fov", "focal"):
            if isinstance(getattr(self, word), tuple):
                raise ValueError(f"one {word} for all shots; zoom in a shot: {word}: [from, to]")
        return self
