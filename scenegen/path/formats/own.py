"""What a camera path states that another tool's file has no place for, under the key ``scenegen``.

    {"fps": 24.0, "aspect": 1.78, "lens_work": {"focus_distance": [...], "aperture": [...],
                                                "shutter": 0.5}, "cuts": [72]}

Other tools pass over the key. Lengths are in world units of the scene, whatever the tool's are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from scenegen.errors import PathError
from scenegen.path.formats.values import as_object, kind, number, positive
from scenegen.types import CameraPath, LensWork

KEY = "scenegen"


@dataclass(frozen=True)
class Own:
    """What the key states; None where it does not."""

    fps: float | None = None
    aspect: float | None = None
    lens_work: LensWork | None = None
    cuts: tuple[int, ...] | None = None


def own_of(path: CameraPath) -> dict[str, Any]:
    """Return the key's value for a path."""
    stated: dict[str, Any] = {"fps": path.fps, "aspect": path.aspect}
    work = path.lens_work
    if work is not None:
        stated["lens_work"] = {
            "focus_distance": _short(work.focus_distance),
            "aperture": _short(work.aperture),
            "shutter": work.shutter,
        }
    if path.cuts is not None:
        stated["cuts"] = list(path.cuts)
    return stated


def read_own(value: Any, where: str, frames: int | None = None) -> Own:
    """Return what the key's ``value`` states, checked; raise `PathError` where it is malformed.

    ``frames`` is the number that focus and aperture are to have, and that cuts are to be within;
    with None these are passed over.
    """
    if value is None:
        return Own()
    stated = as_object(value, where, "scenegen")
    fps, aspect, work = (stated.get(name) for name in ("fps", "aspect", "lens_work"))
    return Own(
        None if fps is None else positive(fps, f"{where}.fps"),
        None if aspect is None else positive(aspect, f"{where}.aspect"),
        None if work is None or frames is None else _lens(work, f"{where}.lens_work", frames),
        None if frames is None else read_cuts(stated, where, frames),
    )


def read_cuts(stated: dict[str, Any], where: str, frames: int) -> tuple[int, ...] | None:
    """Return the frames that begin a shot, None where they are not stated."""
    value = stated.get("cuts")
    if value is None:
        return None
    found = [one for one in value if type(one) is int] if isinstance(value, list) else []
    places = [0, *found, frames]
    if found != value or any(one >= other for one, other in pairwise(places)):
        raise PathError(
            f"{where}.cuts: expected rising numbers of frames from 1 to {frames - 1}, each "
            f"beginning a shot, found {kind(value)}; correct it, or leave it out"
        )
    return tuple(found)


def _lens(value: Any, where: str, frames: int) -> LensWork:
    stated = as_object(value, where, "scenegen")
    rows = []
    for name in ("focus_distance", "aperture"):
        found = stated.get(name)
        if not isinstance(found, list) or len(found) not in (1, frames):
            raise PathError(
                f"{where}.{name}: expected a list of 1 or {frames} numbers, one a frame, "
                f"found {kind(found)}; export it again"
            )
        row = np.array([number(item, f"{where}.{name}[{i}]") for i, item in enumerate(found)])
        if row.min() < 0:
            raise PathError(
                f"{where}.{name}: expected numbers from 0 on, found {row.min():g}; correct it"
            )
        rows.append(np.resize(row, frames))
    return LensWork(rows[0], rows[1], read_shutter(stated, where))


def read_shutter(stated: dict[str, Any], where: str) -> float:
    """Return the shutter that a ``lens_work`` states, a share of a frame's time, by default 0."""
    shutter = number(stated.get("shutter", 0.0), f"{where}.shutter")
    if not 0 <= shutter <= 1:
        raise PathError(
            f"{where}.shutter: expected a share of a frame's time, 0 to 1, found {shutter:g}; "
            "correct it"
        )
    return shutter


def _short(row: np.ndarray) -> list[float]:
    """Return a list that says a constant once."""
    return row[:1].tolist() if len(row) and (row == row[0]).all() else row.tolist()
