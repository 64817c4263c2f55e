"""The words of a path script: lengths, targets, apertures, aspects.

They stay as they were written, so that a script can be written again; what they mean in a scene is
said by `scenegen.path.location.Location`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

FILM_WIDTH_MM = 36.0
"""Width of the film to which focal lengths in millimetres refer, as photographers quote them."""

_LENGTH = re.compile(
    r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(m|cm|units?)\s*", re.IGNORECASE
)
_STOP = re.compile(r"\s*f\s*/\s*(\d+\.?\d*|\.\d+)\s*", re.IGNORECASE)
_ASPECT = re.compile(r"\s*(\d+\.?\d*)\s*[:x/]\s*(\d+\.?\d*)\s*")

LengthUnit = Literal["size", "m", "unit"]


class Words(BaseModel):
    """Base of all that a script states: no unknown words, nothing changes once it is read."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )


def split_length(value: float | str) -> tuple[float, LengthUnit]:
    """Return the number of a length and its unit; raise ValueError for what is none.

    A plain number counts sizes of the scene; ``2 m`` and ``40 cm`` are metres, ``3 units`` are
    units of the scene's own world.
    """
    if not isinstance(value, str):
        return float(value), "size"
    match = _LENGTH.fullmatch(value)
    if match is None:
        raise ValueError("a length: a number in sizes of the scene, '2 m', '40 cm' or '3 units'")
    number, unit = float(match[1]), match[2].lower()
    if unit == "cm":
        return number / 100, "m"
    return number, "m" if unit == "m" else "unit"


def is_length(value: str) -> bool:
    """Say whether a word is a length rather than a name."""
    return _LENGTH.fullmatch(value) is not None


def split_stop(value: float | str) -> float | None:
    """Return N of an aperture ``f/N``; None for one that is given as a length."""
    match = _STOP.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) if match else None


def aspect_ratio(value: float | str) -> float:
    """Return width over height of ``16:9``, ``1920x1080`` or a number; raise ValueError."""
    if isinstance(value, str):
        match = _ASPECT.fullmatch(value)
        ratio = float(match[1]) / max(float(match[2]), 1e-12) if match else 0.0
    else:
        ratio = float(value)
    if not 0.1 <= ratio <= 10:
        raise ValueError("width over height, from 0.1 to 10, such as 1.78 or '16:9'")
    return ratio


def said(expected: str) -> WrapValidator:
    """Return a validator that answers whatever is wrong with one sentence."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValueError as cause:
            raise ValueError(expected) from cause

    return WrapValidator(check)


def _length(value: float | str) -> float | str:
    split_length(value)
    return value


def _positive_length(value: float | str) -> float | str:
    if split_length(value)[0] <= 0:
        raise ValueError
    return value


def _aperture(value: float | str) -> float | str:
    if split_stop(value) is None and split_length(value)[0] < 0:
        raise ValueError
    return value


def _aspect(value: float | str) -> float | str:
    aspect_ratio(value)
    return value


def _target(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"subject|start|photo:.+", value):
        raise ValueError
    return value


_LENGTH_SAID = "a length: a number in sizes of the scene, '2 m', '40 cm' or '3 units'"
_TARGET_SAID = (
    "a target: 'subject', 'photo:NAME', a point [x, y, z] or {photo: NAME, pixel: [column, row]}"
)

Number = Annotated[float, Field(strict=True)]
Positive = Annotated[float, Field(gt=0, strict=True)]
Degrees = Number
Flag = Annotated[bool, Field(strict=True)]
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Vector = tuple[Number, Number, Number]
Fov = Annotated[float, Field(ge=1, le=150, strict=True)]
FocalMm = Annotated[float, Field(ge=1, le=2000, strict=True)]


class Picked(Words):
    """A surface point, picked in a photo."""

    photo: str
    """File name of the photo."""

    pixel: tuple[Number, Number]
    """Column and row in the photo, from its top left corner."""


Length = Annotated[Number | str, AfterValidator(_length), said(_LENGTH_SAID)]
PositiveLength = Annotated[
    Number | str, AfterValidator(_positive_length), said(f"{_LENGTH_SAID}, above 0")
]
Aperture = Annotated[
    Number | str,
    AfterValidator(_aperture),
    said("an aperture: 'f/2.8', or the width of the lens as a length, not below 0"),
]
Aspect = Annotated[
    Number | str,
    AfterValidator(_aspect),
    said("width over height, from 0.1 to 10, such as 1.78 or '16:9'"),
]
Target = Annotated[str | Vector | Picked, AfterValidator(_target), said(_TARGET_SAID)]
"""``subject``; ``photo:NAME``, also ``photo:first``, ``photo:last`` and ``photo:25%`` of the way
through the photos; a point of the scene's world; or a pixel of a photo."""
Look = Annotated[Literal["ahead"] | Target, said(f"'ahead', along the way, or {_TARGET_SAID}")]
Focus = Annotated[
    Target | Length, said(f"{_TARGET_SAID}; or a distance: a number, '2 m', '3 units'")
]
Zoom = Annotated[Fov | tuple[Fov, Fov], said("1 to 150 degrees, or two of them to zoom: [50, 30]")]
FocalZoom = Annotated[
    FocalMm | tuple[FocalMm, FocalMm], said("1 to 2000 mm, or two of them to zoom: [24, 70]")
]


def words_of(value: Any) -> str:
    """Return a target as one says it, for messages and lists."""
    if isinstance(value, Picked):
        return f"pixel {value.pixel[0]:g}, {value.pixel[1]:g} of {value.photo}"
    if isinstance(value, str):
        return value
    return "[" + ", ".join(f"{part:g}" for part in value) + "]"
