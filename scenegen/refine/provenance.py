"""Where every pixel of a refined frame comes from: photos, the render, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen.refine.sampler import Refined

VISIBLE = 0.1
"""What is made up counts wholly from so much on, of colours in 0..1: three just visible steps."""

COPIED_INK = (64, 200, 120)
KEPT_INK = (90, 140, 255)
MADE_UP_INK = (235, 60, 50)
_STRENGTH = 0.55
"""Of the ink over the picture."""


@dataclass(frozen=True, eq=False)
class Provenance:
    """Shares of each pixel, which add up to 1, all in 0..1.

    ``copied`` comes from photos that were warped into the frame, ``kept`` from the render, which
    has its own evidence (`scenegen.types.Evidence`), and ``made_up`` from the network alone.
    """

    copied: Float32[np.ndarray, "h w"]
    kept: Float32[np.ndarray, "h w"]
    made_up: Float32[np.ndarray, "h w"]

    def figures(self) -> dict[str, float]:
        """Return the mean shares of the frame."""
        names = ("copied", "kept", "made_up")
        return {name: round(float(getattr(self, name).mean()), 4) for name in names}


def provenance(frame: Refined, fallback: Float32[np.ndarray, "h w"] | None = None) -> Provenance:
    """Return where the pixels of a frame come from.

    ``fallback`` in 0..1 is how much of each pixel was put back to the render afterwards.
    """
    made = np.minimum(np.abs(frame.made_up).max(axis=-1) / VISIBLE, 1.0)
    if fallback is not None:
        made = made * (1 - fallback)
    copied = (1 - made) * frame.shares[2:].sum(axis=0)
    if fallback is not None:
        copied = copied * (1 - fallback)
    return Provenance(copied, 1 - made - copied, made)


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
