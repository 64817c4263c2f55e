"""Depth as numbers that other tools read, with their meaning beside them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from jaxtyping import Float32

MEANING = "distance along the optical axis (z depth), not along the ray"
UNIT = "world units of the scene"
NOTHING_HIT = 0.0


def depth_tiff(depth: Float32[np.ndarray, "h w"]) -> bytes:
    """Return a TIFF of one 32-bit float channel, deflated; its description tag says what it is."""
    from PIL import Image
    from PIL.TiffImagePlugin import IMAGEDESCRIPTION

    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(depth, dtype=np.float32)).save(
        stream,
        format="TIFF",
        compression="tiff_adobe_deflate",
        tiffinfo={IMAGEDESCRIPTION: f"{MEANING}; {UNIT}; {NOTHING_HIT:g} where nothing was hit"},
    )
    return stream.getvalue()


def depth_facts(metres_per_unit: float | None) -> dict[str, Any]:
    """Return what a reader of the depth files has to know, as JSON.

    ``metres_per_unit`` is what a depth has to be multiplied by to be in metres, None if unknown.
    """
    return {
        "meaning": MEANING,
        "unit": UNIT,
        "metres_per_unit": metres_per_unit,
        "nothing_hit": NOTHING_HIT,
        "format": "TIFF, one channel, 32-bit float",
    }
