"""What a file of another tool may leave open, and where tools differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

RotationOrder = Literal["ZXY", "XYZ", "XZY", "YXZ", "YZX", "ZYX"]


@dataclass(frozen=True)
class Hints:
    """What a file may leave open: ``aspect`` (width over height) and frames per second.

    ``frame`` is the file by which the tool moved the capture into a frame of its own:
    nerfstudio's ``dataparser_transforms.json``, or the ``transforms.json`` that instant-ngp loaded.
    ``rotation_order`` is that of a .chan's angles, the first letter's turned first.
    ``metres_per_unit`` is the length of USD's unit: when reading, None trusts the file; when
    writing, it stands for centimetres.
    """

    aspect: float = 16 / 9
    fps: float = 24.0
    frame: Path | None = None
    rotation_order: RotationOrder = "ZXY"
    metres_per_unit: float | None = None
