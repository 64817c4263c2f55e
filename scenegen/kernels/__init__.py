"""The radiance field's arithmetic: C++ kernels, and the plain-PyTorch twin of every one of them.

`SCENEGEN_BACKEND` chooses ``native`` (the default where the extension is there) or ``torch``;
`SCENEGEN_ISA` chooses the native kernels' instruction set (``baseline``, ``avx2`` or ``avx512``; on
64-bit ARM there is only ``neon``).
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32

from scenegen.errors import LiftError
from scenegen.types import Field

Backend = Literal["native", "torch"]

MAX_THREADS = 256


@dataclass(frozen=True)
class Traced:
    """What rays found; ``depth`` is the distance along the ray in world units, 0 for no hit."""

    rgb: Float32[np.ndarray, "ray 3"]
    depth: Float32[np.ndarray, "ray"]
    opacity: Float32[np.ndarray, "ray"]


def backend() -> Backend:
    """Return the backend that is in use; raise `LiftError` for a name that is none."""
    name = os.environ.get("SCENEGEN_BACKEND")
    if not name:
        return "native" if importlib.util.find_spec("scenegen.kernels._native") else "torch"
    if name not in ("native", "torch"):
        raise LiftError(
            f"SCENEGEN_BACKEND={name}: expected native or torch; unset it to let scenegen choose"
        )
    return name


def threads() -> int:
    """Return the number of workers: `SCENEGEN_THREADS`, or the cores that this process may use.

    Raises `LiftError` where the variable holds no such number.
    """
    wanted = os.environ.get("SCENEGEN_THREADS")
    if not wanted:
        affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
        return len(affinity(0)) if affinity else os.cpu_count() or 1
    if not wanted.isdecimal() or not 1 <= int(wanted) <= MAX_THREADS:
        raise LiftError(
            f"SCENEGEN_THREADS={wanted}: expected a number of threads from 1 to {MAX_THREADS}; "
            "unset it to use all cores"
        )
    return int(wanted)


def trace(
    field: Field,
    origins: Float[np.ndarray, "ray 3"],
    directions: Float[np.ndarray, "ray 3"],
    pixel_angle: float = 0.0,
) -> Traced:
    """March rays through ``field``: world origins and unit directions in, colour and depth out.

    With ``pixel_angle``, in radians (see `Lens.pixel_angle`), each ray stands for a pixel: levels
    of the field with finer cells than the pixel covers at a sample fade out, so that far views do
    not flicker. Without it, rays are infinitely thin.
    """
    if backend() == "torch":
        from scenegen.kernels import reference

        return Traced(*reference.trace(field, origins, directions, pixel_angle=pixel_angle))
    from scenegen.kernels import native

    return Traced(*native.trace(field, origins, directions, pixel_angle))


def instruction_set() -> str:
    """Return the name of the native kernels in use: ``baseline``, ``avx2``, ``avx512`` or ``neon``.

    Raises `LiftError` where `SCENEGEN_ISA` names one that this processor has not.
    """
    from scenegen.kernels import native

    return native.instruction_set()
