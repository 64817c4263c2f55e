"""What a path script may do to the whole path."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Tag

from scenegen.path.script.values import Degrees, Positive, Target, Vector, Words


class Move(Words):
    """Shift the whole path."""

    move: Vector
    """By so many units of the scene's world."""


class Rotate(Words):
    """Turn the whole path about the vertical."""

    rotate: Degrees
    """Degrees, counter-clockwise seen from above."""
    about: Target = "subject"
    """What stays where it is."""


class Scale(Words):
    """Make the whole path larger or smaller."""

    scale: Positive
    """Factor."""
    about: Target = "subject"
    """What stays where it is."""


class Mirror(Words):
    """Fly the whole path on the other side of a vertical plane; pictures are not mirrored."""

    mirror: Literal["x", "y", "left-right"]
    """Normal of the plane: the world's x or y, or the side of the path's first camera."""
    about: Target = "subject"
    """A point of the plane."""


class Reverse(Words):
    """Play the whole path backwards."""

    reverse: Literal[True]
    """Always true."""


class Retime(Words):
    """Play the whole path in another time."""

    retime: Positive
    """Seconds it takes."""


def _kind(value: Any) -> str | None:
    """Return which transform a mapping states, by the word that it alone has."""
    words = value if isinstance(value, dict) else getattr(value, "model_fields_set", ())
    return next((kind for kind in TRANSFORMS if kind in words), None)


TRANSFORMS: dict[str, type[BaseModel]] = {
    "move": Move,
    "rotate": Rotate,
    "scale": Scale,
    "mirror": Mirror,
    "reverse": Reverse,
    "retime": Retime,
}
"""The transforms by the word that each alone has."""

Transform = Annotated[
    Annotated[Move, Tag("move")]
    | Annotated[Rotate, Tag("rotate")]
    | Annotated[Scale, Tag("scale")]
    | Annotated[Mirror, Tag("mirror")]
    | Annotated[Reverse, Tag("reverse")]
    | Annotated[Retime, Tag("retime")],
    Discriminator(_kind),
]
