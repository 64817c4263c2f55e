"""The crop of a field, as rays meet it: in the frame and the units in which rays are marched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from scenegen.types import Field


@dataclass(frozen=True, eq=False)
class CropBox:
    """A box whose ``axes`` are rows, with ``half`` of its size, normalised as the field's points.

    A point is inside where ``abs(axes @ (p - centre)) <= half``.
    """

    axes: Float[np.ndarray, "3 3"]
    centre: Float[np.ndarray, "3"]
    half: Float[np.ndarray, "3"]


def crop_box(field: Field) -> CropBox | None:
    """Return the box to which a field's rays are clipped; None for a field that is whole."""
    crop = field.crop
    if crop is None:
        return None
    turn = np.eye(3) if field.turn is None else field.turn
    return CropBox(
        axes=crop.axes.T @ turn,
        centre=(turn.T @ np.array(crop.centre) - field.centre) / field.radius,
        half=np.array(crop.size) / 2 / field.radius,
    )
