"""Where a model runs: as exactly as the memory allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenegen.errors import GenerateError
from scenegen.generative.machine import Machine, Place, place

SDXL = {"unet": 2_567_000_000, "text_encoder": 123_000_000, "text_encoder_2": 695_000_000}
GB = 10**9


@pytest.mark.parametrize(
    ("machine", "where"),
    [
        (Machine(16 * GB), Place("cpu", "bfloat16")),  # 13.5 GB would leave too little
        (Machine(18 * GB), Place("cpu", "float32")),
        (Machine(12 * GB), Place("cpu", "bfloat16")),
        (Machine(32 * GB, 24 * GB), Place("cuda", "bfloat16")),
        (Machine(32 * GB, 24 * GB, "float16"), Place("cuda", "float16")),
        (Machine(32 * GB, 8 * GB), Place("cuda", "bfloat16", offload=True)),
        (Machine(32 * GB, 4 * GB), Place("cpu", "float32")),
    ],
)
def test_memory_decides(machine: Machine, where: Place) -> None:
    assert place(Path("sdxl"), SDXL, machine) == where


def test_a_model_that_does_not_fit_is_refused() -> None:
    with pytest.raises(GenerateError) as told:
        place(Path("sdxl"), SDXL, Machine(6 * GB))
    assert str(told.value) == (
        "sdxl: its 3.4 billion parameters take 6.8 GB of memory and some more to compute with, "
        "found 6.0 GB free; close other programs, or take a smaller model"
    )
