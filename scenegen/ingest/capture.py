"""Capture folders: made from any input, and read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scenegen.errors import IngestError
from scenegen.ingest.ply import read_ply
from scenegen.ingest.transforms import read_transforms
from scenegen.types import Capture


def load_capture(folder: Path) -> Capture:
    """Read a folder with ``transforms.json``: our own, nerfstudio's or instant-ngp's."""
    file = folder / "transforms.json"
    if not file.is_file():
        raise IngestError(f"{folder}: no transforms.json")
    transforms = read_transforms(file)
    if transforms.points_file is None:
        points, colors = np.empty((0, 3), np.float32), np.empty((0, 3), np.uint8)
    else:
        points, colors = read_ply(transforms.points_file)
    return Capture(
        photos=transforms.photos,
        points=points,
        point_colors=colors,
        photos_total=len(transforms.photos),
    )
