"""All that training changes, as plain arrays: what a checkpoint holds, whatever the backend."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float32

from scenegen.types import FieldShape

CELLS = 128
"""Cells along an edge of the occupancy grid."""
OCCUPIED_ALPHA = 0.05
"""Opacity, over its own width, above which a cell counts as occupied."""
FIRST_STEP = 0.05
"""Length of a marching step when training begins, in radii of the unit ball."""


@dataclass
class TrainingState:
    """Parameters with their Adam moments, the occupancy grid, and how far training has come.

    The networks' weights lie in one flat array: density_hidden [hidden, levels * 4], density_out
    [16, hidden], color_hidden [hidden, 16 + 16], color_out [3, hidden]. ``sky`` are the logits of
    the colour behind everything, see `scenegen.types.Field`. ``alpha`` is the opacity of each cell
    of the occupancy grid over its own width. ``exposure`` holds the photos' log gains,
    ``exposure_fit`` what they are found from, see `scenegen.lift.exposures`. ``pose`` is how far
    each photo's camera has turned and moved from where it was given and ``pose_sums`` what says so,
    see `scenegen.lift.poses`.
    """

    hash: Float32[np.ndarray, "level entry 4"]
    hash_m: Float32[np.ndarray, "level entry 4"]
    hash_v: Float32[np.ndarray, "level entry 4"]
    mlp: Float32[np.ndarray, "weight"]
    mlp_m: Float32[np.ndarray, "weight"]
    mlp_v: Float32[np.ndarray, "weight"]
    exposure: Float32[np.ndarray, "photo 3"]
    exposure_fit: Float32[np.ndarray, "photo 2 3"]
    pose: Float32[np.ndarray, "photo 6"]
    pose_sums: Float32[np.ndarray, "photo 13 6"]
    alpha: Float32[np.ndarray, "z y x"]
    sky: Float32[np.ndarray, "3 16"]
    sky_m: Float32[np.ndarray, "3 16"]
    sky_v: Float32[np.ndarray, "3 16"]
    step: int = 0
    pose_spent: float = 0.0
    """Share of the budget up to which ``pose_sums`` have been taken."""
    pose_judged: bool = False
    pose_refined: bool = True
    """Whether cameras move, or have moved; it is judged once."""
    elapsed_s: float = 0.0
    step_length: float = FIRST_STEP
    samples_per_ray: float = 64.0
    error: float = 1.0
    """Root mean square error of the colours of the last rays, in 0..1."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    def numbers(self) -> dict[str, float]:
        """Return the numbers by name."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: v for name, v in values.items() if not isinstance(v, np.ndarray)}


def new_state(shape: FieldShape, photo_count: int, seed: int) -> TrainingState:
    """Return the state in which training begins. He et al. (2015) for the networks' weights."""
    rng = np.random.default_rng(seed)
    table = rng.uniform(-1e-4, 1e-4, (shape.levels, 1 << shape.log2_table, shape.features))
    encoded, hidden = shape.levels * shape.features, shape.hidden

    def weights(outputs: int, inputs: int, gain: float) -> np.ndarray:
        bound = gain * np.sqrt(6.0 / inputs)
        return rng.uniform(-bound, bound, outputs * inputs)

    mlp = np.concatenate(
        [
            weights(hidden, encoded, 1.0),
            weights(16, hidden, 0.5),
            weights(hidden, 32, 1.0),
            weights(3, hidden, 0.5),
        ]
    ).astype(np.float32)
    table = table.astype(np.float32)
    exposure = np.zeros((photo_count, 3), np.float32)
    return TrainingState(
        hash=table,
        hash_m=np.zeros_like(table),
        hash_v=np.zeros_like(table),
        mlp=mlp,
        mlp_m=np.zeros_like(mlp),
        mlp_v=np.zeros_like(mlp),
        exposure=exposure,
        exposure_fit=np.zeros((photo_count, 2, 3), np.float32),
        pose=np.zeros((photo_count, 6), np.float32),
        pose_sums=np.zeros((photo_count, 13, 6), np.float32),
        alpha=np.zeros((CELLS, CELLS, CELLS), np.float32),
        sky=np.zeros((3, 16), np.float32),
        sky_m=np.zeros((3, 16), np.float32),
        sky_v=np.zeros((3, 16), np.float32),
    )
