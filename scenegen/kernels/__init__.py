"""The radiance field's arithmetic: C++ kernels, and the plain-PyTorch twin of every one of them.

`SCENEGEN_BACKEND` chooses ``tcnn`` (the default where tinycudann runs), ``native`` (the default
elsewhere, where the extension is there) or ``torch``; see docs/backends.md. `SCENEGEN_ISA` chooses
the native kernels' instruction set (``baseline``, ``avx2`` or ``avx512``; on 64-bit ARM there is
only ``neon``).
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32

from scenegen.errors import LiftError
from scenegen.types import Field

Backend = Literal["native", "torch", "tcnn"]

MAX_THREADS = 256


@dataclass(frozen=True)
class Traced:
    """What rays found; ``depth`` is the distance along the ray in world units, 0 for no hit."""

    rgb: Float32[np.ndarray, "ray 3"]
    depth: Float32[np.ndarray, "ray"]
    opacity: Float32[np.ndarray, "ray"]


def backend() -> Backend:
    """Return the backend that is in use.

    Raises `LiftError` for a name that is none, and for one that this machine cannot run.
    """
    name = os.environ.get("SCENEGEN_BACKEND")
    if not name:
        if not tcnn_obstacle(os.environ.get("SCENEGEN_DEVICE", "")):
            return "tcnn"
        return "native" if importlib.util.find_spec("scenegen.kernels._native") else "torch"
    if name == "tcnn":
        require_tcnn("SCENEGEN_BACKEND=tcnn")
    elif name not in ("native", "torch"):
        raise LiftError(
            f"SCENEGEN_BACKEND={name}: expected native, torch or tcnn; "
            "unset it to let scenegen choose"
        )
    return name


@functools.cache
def tcnn_obstacle(device: str) -> str:
    """Return why tinycudann cannot run here if tensors are on ``device``; nothing where it can."""
    for module, source in (
        ("torch", "pip install 'scenegen[torch]'"),
        ("tinycudann", "build it as https://github.com/NVlabs/tiny-cuda-nn says"),
    ):
        if not importlib.util.find_spec(module):
            return f"expected {module}, which is not installed; {source}"
    if device and not device.startswith("cuda"):
        return f"expected a CUDA device, found SCENEGEN_DEVICE={device}; unset it"
    import torch

    if not torch.cuda.is_available():
        return "expected a CUDA device, PyTorch finds none; choose native or torch"
    try:
        importlib.import_module("tinycudann")
    except (ImportError, OSError, RuntimeError) as cause:
        reason = (str(cause).splitlines() or [type(cause).__name__])[0]
        return f"expected tinycudann to work, importing it says: {reason}; build it anew"
    return ""


def require_tcnn(chosen: str) -> None:
    """Raise `LiftError` where tinycudann cannot run; ``chosen`` is the setting that wants it."""
    if obstacle := tcnn_obstacle(os.environ.get("SCENEGEN_DEVICE", "")):
        raise LiftError(f"{chosen}: {obstacle}")


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
    not flicker. Without it, rays are infinitely thin. Here alone rays are turned into the frame
    that the field was trained in: what is below this function knows no `Field.turn`.
    """
    if field.turn is not None:
        origins, directions = origins @ field.turn, directions @ field.turn
    name = backend()
    if name == "native":
        from scenegen.kernels import native

        return Traced(*native.trace(field, origins, directions, pixel_angle))
    from scenegen.kernels import reference

    reader = reference.plain
    if name == "tcnn":
        from scenegen.kernels import tcnn

        reader = tcnn.fused
    return Traced(*reference.trace(field, origins, directions, None, pixel_angle, reader))


def instruction_set() -> str:
    """Return the name of the native kernels in use: ``baseline``, ``avx2``, ``avx512`` or ``neon``.

    Raises `LiftError` where `SCENEGEN_ISA` names one that this processor has not.
    """
    from scenegen.kernels import native

    return native.instruction_set()
