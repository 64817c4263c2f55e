"""Where every pixel of a refined frame comes from: photos, the render, or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scenegen.types import Provenance

if TYPE_CHECKING:
    from scenegen.refine.guard import Guarded

VISIBLE = 0.1
"""What is made up counts wholly from so much on, of colours in 0..1: three just visible steps."""


def provenance(checked: Guarded) -> Provenance:
    """Return where the pixels of a frame come from, after the checks put back what failed.

    A warped photo is mixed with the render as far as it does not see the place: that much of what
    is copied of it was rendered.
    """
    frame, stays = checked.frame, 1 - checked.fallback
    made = stays * np.minimum(np.abs(frame.made_up).max(axis=-1) / VISIBLE, 1.0)
    copied = stays * (1 - made) * (frame.shares[2:] * frame.rendered.warps.seen).sum(axis=0)
    return Provenance(copied, 1 - made - copied, made, checked.reasons)
