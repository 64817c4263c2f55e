"""Small pictures of a made-up subject, each different, and ways to spoil them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image

WIDTH, HEIGHT = 120, 80


def scenery(seed: int, width: int = WIDTH, height: int = HEIGHT) -> UInt8[np.ndarray, "h w 3"]:
    """Return a picture of coloured blotches, another one for each seed."""
    cells = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC))


def save(folder: Path, name: str, seed: int, **options: Any) -> Path:
    """Write picture ``seed`` as ``name`` and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    Image.fromarray(scenery(seed)).save(file, **options)
    return file


def save_some(folder: Path, count: int, first: int = 0) -> Path:
    """Write ``count`` different JPEGs into ``folder`` and return it."""
    for seed in range(first, first + count):
        save(folder, f"photo_{seed}.jpg", seed, quality=90)
    return folder
