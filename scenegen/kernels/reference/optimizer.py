"""Adam, also lazily by blocks of hash entries.

Source: Kingma and Ba, "Adam" (2015), algorithm 1, here without weight decay.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from scenegen.kernels.reference.hash_grid import LARGEST_HALF

BLOCK = 16
"""Floats that move together: four entries of four features."""
BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-15


@dataclass(frozen=True)
class AdamStep:
    """Learning rate and number, from 0, of a step."""

    rate: float
    step: int

    @property
    def corrections(self) -> tuple[float, float]:
        """Factors that undo the moments' start at zero."""
        return 1.0 / (1.0 - BETA1 ** (self.step + 1)), 1.0 / (1.0 - BETA2 ** (self.step + 1))


def adam_dense(
    value: Float[Tensor, "*n"],
    grad: Float[Tensor, "*n"],
    m: Float[Tensor, "*n"],
    v: Float[Tensor, "*n"],
    adam: AdamStep,
) -> None:
    """Move ``value`` against ``grad`` and update the moments, all in place."""
    first, second = adam.corrections
    m.mul_(BETA1).add_(grad, alpha=1.0 - BETA1)
    v.mul_(BETA2).addcmul_(grad, grad, value=1.0 - BETA2)
    value.addcdiv_(m, (v * second).sqrt_().add_(EPSILON), value=-adam.rate * first)


def adam_blocks(
    arrays: tuple[Tensor, Tensor, Tensor, Tensor],
    half: Float[Tensor, "*n"],
    touched: Bool[Tensor, "block"],
    adam: AdamStep,
) -> None:
    """Apply Adam to the touched blocks only, and refresh their half copy.

    ``arrays`` are value, gradient and both moments, of the same shape. What no gradient reached
    keeps its moments too (lazy Adam).
    """
    at = torch.nonzero(touched)[:, 0]
    blocks = [array.view(-1, BLOCK) for array in arrays]
    value, grad, m, v = (block[at] for block in blocks)
    adam_dense(value, grad, m, v, adam)
    for block, moved in zip((blocks[0], blocks[2], blocks[3]), (value, m, v), strict=True):
        block[at] = moved
    half.view(-1, BLOCK)[at] = to_half(value)


def to_half(value: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    """Round to half precision, to nearest even, saturating at the largest half."""
    return value.clamp(-LARGEST_HALF, LARGEST_HALF).half()
