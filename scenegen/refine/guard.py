"""What a refined frame may not do; where it does, the render comes back.

Three checks, each on cells of `CELL_PX` pixels, so that a single pixel proves nothing; what it is
made of are the render, the field, and the photos where they see the place:

- colour drift: a cell's mean colour may not leave those of its sources by more than `DRIFT`;
- unsteadiness: it may not differ from the frame before, along its surfaces, by more than the
  render's own difference there and `UNSTEADY`;
- edges: it may not have more contrast than the sharpest of its sources and `EDGES` of that.

What is put back fades in and out over the cells around, and over the frames around once the film
is made steady (`scenegen.refine.steady`). Cells at the right and below that are cut off go on as
their last pixels do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch.nn.functional import avg_pool2d

from scenegen.refine.condition import MIDDLE, padded, reprojection
from scenegen.refine.sampler import Refined

CELL_PX = MIDDLE
DRIFT = 0.04
UNSTEADY = 0.03
EDGES = 0.35
_FADE_CELLS = 1.0
"""Standard deviation of the fade between what is refined and what is put back."""
Sources = list[Float32[np.ndarray, "h w 3"]]
"""Frames of all that a pixel may be made of."""
_APART = 0.05
"""Difference of the logarithms of depths up to which two cells show the same surface."""


@dataclass(frozen=True, eq=False)
class Guarded:
    """A frame that passed, where need be with the render put back; ``fallback`` in 0..1 says where.

    ``reasons`` gives the share of the frame that each check turned down.
    """

    frame: Refined
    fallback: Float32[np.ndarray, "h w"]
    reasons: dict[str, float]


def guarded(frames: Iterable[Refined]) -> Iterator[Guarded]:
    """Yield the frames of a shot after the checks."""
    before: Refined | None = None
    for frame in frames:
        sources = _sources(frame)
        found = {
            "drift": drifts(frame, sources),
            "unsteady": unsteady(frame, before),
            "edges": has_new_edges(frame, sources),
        }
        before = frame
        reasons = {name: round(float(cells.mean()), 4) for name, cells in found.items()}
        yield _put_back(frame, reasons, _soft(np.any(list(found.values()), axis=0)))


def drifts(frame: Refined, sources: Sources) -> Bool[np.ndarray, "cell_h cell_w"]:
    """Return the cells whose mean colour lies beyond those of render and photos."""
    mean, means = _cells(frame.rgb), [_cells(source) for source in sources]
    beyond = mean < np.min(means, axis=0) - DRIFT
    beyond |= mean > np.max(means, axis=0) + DRIFT
    return np.any(beyond, axis=-1)


def unsteady(frame: Refined, before: Refined | None) -> Bool[np.ndarray, "cell_h cell_w"]:
    """Return the cells that changed more since the frame before than the render did."""
    mean = _cells(frame.rgb)
    if before is None:
        return np.zeros(mean.shape[:2], bool)
    here, there = frame.rendered, before.rendered
    depths = padded(here.depth, CELL_PX), padded(there.depth, CELL_PX)
    place, apart = reprojection(here.camera, depths[0], there.camera, depths[1])
    rows, columns = apart.shape
    x = np.clip(((place[..., 0] + 1) / 2 * columns).astype(int), 0, columns - 1)
    y = np.clip(((place[..., 1] + 1) / 2 * rows).astype(int), 0, rows - 1)
    refined = np.abs(mean - _cells(before.rgb)[y, x]).max(axis=-1)
    rendered = np.abs(_cells(here.rgb) - _cells(there.rgb)[y, x]).max(axis=-1)
    return (apart < _APART) & (refined > rendered + UNSTEADY)


def has_new_edges(frame: Refined, sources: Sources) -> Bool[np.ndarray, "cell_h cell_w"]:
    """Return the cells with more contrast than any source of theirs has."""
    most = np.max([_contrast(source) for source in sources], axis=0)
    return _contrast(frame.rgb) > (1 + EDGES) * most + 0.02


def _soft(cells: Bool[np.ndarray, "cell_h cell_w"]) -> Float32[np.ndarray, "cell_h cell_w"]:
    """Return 1 where a check failed, fading around it."""
    from scipy.ndimage import gaussian_filter

    soft = gaussian_filter(cells.astype(np.float32), _FADE_CELLS)
    return np.clip(2 * soft, cells, 1).astype(np.float32)


def _put_back(
    frame: Refined, reasons: dict[str, float], cells: Float32[np.ndarray, "cell_h cell_w"]
) -> Guarded:
    height, width = frame.rgb.shape[:2]
    fallback = cells.repeat(CELL_PX, axis=0).repeat(CELL_PX, axis=1)[:height, :width]
    rgb = frame.rgb + fallback[..., None] * (frame.rendered.rgb - frame.rgb)
    return Guarded(replace(frame, rgb=rgb.astype(np.float32)), fallback, reasons)


def _sources(frame: Refined) -> Sources:
    """Return all that a pixel may be made of; photos are the render where they see nothing."""
    shown = frame.rendered
    photos = zip(shown.warps.rgb, shown.warps.seen, strict=True)
    return [
        shown.rgb,
        shown.field,
        *(np.where(seen[..., None] > 0, rgb, shown.rgb) for rgb, seen in photos if seen.any()),
    ]


def _contrast(rgb: Float32[np.ndarray, "h w 3"]) -> Float[np.ndarray, "cell_h cell_w"]:
    """Return the standard deviation of the brightness in every cell."""
    grey = rgb @ np.full((3, 1), 1 / 3, np.float32)
    mean = _cells(grey)
    return np.sqrt(np.maximum(_cells(grey**2) - mean**2, 0))[..., 0]


def _cells(values: Float32[np.ndarray, "h w c"]) -> Float[np.ndarray, "cell_h cell_w c"]:
    """Return means over cells."""
    whole = torch.from_numpy(padded(np.moveaxis(values, -1, 0), CELL_PX))
    return np.moveaxis(avg_pool2d(whole[None], CELL_PX)[0].numpy(), 0, -1)
