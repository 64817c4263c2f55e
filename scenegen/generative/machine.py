"""Where a model runs on this machine, and in how exact numbers: by the memory that there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scenegen.errors import GenerateError

_ROOM = 0.8
"""Share of the free memory that weights may take: what is computed with them needs some as well."""

Dtype = Literal["float32", "bfloat16", "float16"]
_BYTES: dict[Dtype, int] = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Machine:
    """What there is: free bytes, of the GPU None where there is none."""

    memory: int
    gpu_memory: int | None = None
    gpu_bfloat16: bool = True


@dataclass(frozen=True)
class Place:
    """Where a model runs. ``offload`` keeps only the component at work on the GPU."""

    device: Literal["cuda", "cpu"]
    dtype: Dtype
    offload: bool = False


def this_machine() -> Machine:
    """Look at this machine; needs torch and psutil."""
    import psutil
    import torch

    memory = psutil.virtual_memory().available
    if not torch.cuda.is_available():
        return Machine(memory)
    return Machine(memory, torch.cuda.mem_get_info()[0], torch.cuda.is_bf16_supported())


def place(folder: Path, parameters: Mapping[str, int], machine: Machine) -> Place:
    """Return where a model of so many parameters in each component runs best.

    U-Nets are made for float16, and their pipelines raise what needs more, but only out of that;
    transformers are made for bfloat16. On the CPU both run in float32 where it fits.

    Raises:
        GenerateError: the memory does not hold it.
    """
    total, largest = sum(parameters.values()), max(parameters.values())
    modern = "unet" not in parameters
    room = _ROOM * machine.memory
    if machine.gpu_memory is not None:
        half: Dtype = "bfloat16" if modern and machine.gpu_bfloat16 else "float16"
        gpu_room = _ROOM * machine.gpu_memory
        if total * _BYTES[half] <= gpu_room:
            return Place("cuda", half)
        if largest * _BYTES[half] <= gpu_room and total * _BYTES[half] <= room:
            return Place("cuda", half, offload=True)
    dtypes: tuple[Dtype, ...] = ("float32", "bfloat16") if modern else ("float32",)
    for dtype in dtypes:
        if total * _BYTES[dtype] <= room:
            return Place("cpu", dtype)
    least = total * _BYTES[dtypes[-1]]
    raise GenerateError(
        f"{folder}: its {total / 1e9:.1f} billion parameters take {least / 1e9:.1f} GB of "
        f"memory and some more to compute with, found {machine.memory / 1e9:.1f} GB free; close "
        "other programs, or take a smaller model"
    )
