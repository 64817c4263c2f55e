"""Where a model runs: as exactly as the memory allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenegen.errors import GenerateError
from scenegen.generative.machine import Machine, Place, place

SDXL = {"unet": 2_567_000_000, "text_encoder": 123_000_000, "text_encoder_2": 695_000_000}
WAN = {"transformer": 1_300_000_000, "text_encoder": 5_680_000_000, "vae": 127_000_000}
GB = 10**9


@pytest.mark.parametrize(
    ("parts", "machine", "where"),
    [
        (SDXL, Machine(18 * GB), Place("cpu", "float32")),
        (SDXL, Machine(32 * GB, 24 * GB), Place("cuda", "float16")),
        (SDXL, Machine(32 * GB, 8 * GB), Place("cuda", "float16", offload=True)),
        (SDXL, Machine(32 * GB, 4 * GB), Place("cpu", "float32")),
        (WAN, Machine(64 * GB), Place("cpu", "float32")),
        (WAN, Machine(24 * GB), Place("cpu", "bfloat16")),
        (WAN, Machine(64 * GB, 24 * GB), Place("cuda", "bfloat16")),
        (WAN, Machine(64 * GB, 24 * GB, gpu_bfloat16=False), Place("cuda", "float16")),
        (WAN, Machine(24 * GB, 16 * GB), Place("cuda", "bfloat16", offload=True)),
    ],
)
def test_memory_decides(parts: dict[str, int], machine: Machine, where: Place) -> None:
    assert place(Path("model"), parts, machine) == where


def test_a_model_that_does_not_fit_is_refused() -> None:
    with pytest.raises(GenerateError) as told:
        place(Path("sdxl"), SDXL, Machine(16 * GB))
    assert str(told.value) == (
        "sdxl: its 3.4 billion parameters take 13.5 GB of memory and some more to compute with, "
        "found 16.0 GB free; close other programs, or take a smaller model"
    )
    with pytest.raises(GenerateError, match=r"take 14\.2 GB of memory .* 16\.0 GB free"):
        place(Path("wan"), WAN, Machine(16 * GB))
