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
    gpu_dtype: Dtype = "bfloat16"


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
    dtype: Dtype = "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return Machine(memory, torch.cuda.mem_get_info()[0], dtype)


def place(folder: Path, parameters: Mapping[str, int], machine: Machine) -> Place:
    """Return where a model of so many parameters in each component runs best.

    Raises:
        GenerateError: the memory does not hold it.
    """
    total, largest = sum(parameters.values()), max(parameters.values())
    dtypes: tuple[Dtype, ...] = ("float32", "bfloat16")
    if machine.gpu_memory is not None:
        size = _BYTES[machine.gpu_dtype]
        if total * size <= _ROOM * machine.gpu_memory:
            return Place("cuda", machine.gpu_dtype)
        if largest * size <= _ROOM * machine.gpu_memory and total * size <= _ROOM * machine.memory:
            return Place("cuda", machine.gpu_dtype, offload=True)
    for dtype in dtypes:
        if total * _BYTES[dtype] <= _ROOM * machine.memory:
            return Place("cpu", dtype)
    raise GenerateError(
        f"{folder}: its {total / 1e9:.1f} billion parameters take {total * 2 / 1e9:.1f} GB of "
        f"memory and some more to compute with, found {machine.memory / 1e9:.1f} GB free; close "
        "other programs, or take a smaller model"
    )
