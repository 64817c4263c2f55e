"""Frames under inks that tell where their pixels come from."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from scenegen.types import Frame, Provenance

COPIED_INK = (64, 200, 120)
KEPT_INK = (90, 140, 255)
MADE_UP_INK = (235, 60, 50)
_STRENGTH = 0.55
"""Of the ink over the picture."""


def inked(frame: Frame) -> UInt8[np.ndarray, "h w 3"]:
    """Return what a clip shows of a frame's provenance: its own picture where there is none."""
    return frame.rgb if frame.provenance is None else overlay(frame.rgb, frame.provenance)


def overlay(rgb: UInt8[np.ndarray, "h w 3"], found: Provenance) -> UInt8[np.ndarray, "h w 3"]:
    """Return a frame in grey under inks: green was copied, blue was kept, red is made up."""
    grey = (rgb.astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32))[..., None]
    ink = sum(
        share[..., None] * np.array(color, np.float32)
        for share, color in (
            (found.copied, COPIED_INK),
            (found.kept, KEPT_INK),
            (found.made_up, MADE_UP_INK),
        )
    )
    shaded = ink * (0.35 + 0.65 * grey / 255)
    return np.rint((1 - _STRENGTH) * grey + _STRENGTH * shaded).clip(0, 255).astype(np.uint8)
