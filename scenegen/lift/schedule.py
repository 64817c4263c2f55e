"""How training spends its budget: size of the field, learning rates, length of a step.

The figures behind the choices are in ``docs/benchmarks.md``.
"""

from __future__ import annotations

import numpy as np

from scenegen.lift.trainer import Rates
from scenegen.types import FieldShape

HASH_RATE = 0.1
MLP_RATE = 0.01
EXPOSURE_RATE = 1.6
"""Share of the way to what the photos say that their gains go after a slice of training. More than
all of it, since the field has followed them half the way."""
EXPOSURE_SHARE = 0.01
"""Share of the budget before they do: what the field does not show yet is no matter of exposure."""
FINAL_RATE = 0.03
"""Share of a learning rate that is left at the end."""
WARM_SHARE = 0.1
"""Share of the budget before the rates begin to fall."""
POSE_SHARES = (0.1, 0.3, 0.85)
"""Shares of the budget at which cameras begin to move, since the field has to show something first;
at which they must have shown that they were wrong; and at which they rest, so that the field can
settle."""
TRUST_SHARE = 0.25
"""Share of the budget after which rays that the scene cannot explain lose weight."""
SIGHTING_WEIGHT = 1.0
FINAL_SIGHTING = 0.03
"""Share of the pull of sparse points that is left at the end."""
SKY_PULL = 0.01
"""What the logarithm of a ray's optical depth costs where the sky alone explains its colour."""
TARGET_SAMPLES = 40.0
"""Samples a ray to which the step length adapts."""
STEP_RANGE = (0.002, 0.05)
"""Step lengths, in radii of the unit ball."""
STEPS_PER_S = 400.0
"""Steps that two cores take in a second, roughly: a number of steps as a budget."""


def field_shape(budget_s: float) -> FieldShape:
    """Return the size of field that a budget can fill on two cores: small tables learn faster."""
    if budget_s < 10:
        return FieldShape(levels=8, log2_table=16, finest=512)
    if budget_s < 100:
        return FieldShape(levels=8, log2_table=17, finest=1024)
    return FieldShape(levels=8, log2_table=18, finest=1024)


def rates_at(spent: float, error: float, refine_poses: bool = False) -> Rates:
    """Return the rates after the share ``spent`` of the budget; ``error`` is the colours' RMS."""
    fall = FINAL_RATE ** float(np.clip((spent - WARM_SHARE) / (1 - WARM_SHARE), 0, 1))
    return Rates(
        hash=HASH_RATE * fall,
        mlp=MLP_RATE * fall,
        exposure=EXPOSURE_RATE * fall if spent > EXPOSURE_SHARE else 0.0,
        outlier=max(0.15, 5.0 * error) if spent > TRUST_SHARE else 0.0,
        sighting=FINAL_SIGHTING**spent,
        sky=SKY_PULL,
        pose=refine_poses and POSE_SHARES[0] < spent < POSE_SHARES[2],
    )


def sighting_weight(photos: int) -> float:
    """Return how strongly sparse points pull at first: many photos need no such help."""
    return SIGHTING_WEIGHT * float(np.clip((60 - photos) / 40, 0.0, 1.0))


def step_length_for(samples_per_ray: float, step_length: float) -> float:
    """Return the next step length, a little nearer to `TARGET_SAMPLES` samples a ray."""
    wanted = step_length * (samples_per_ray / TARGET_SAMPLES) ** 0.1
    return float(np.clip(wanted, *STEP_RANGE))
