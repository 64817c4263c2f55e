"""What each stage of training and rendering has to do for one sample, counted from the code.

Multiply-adds count as two operations. Trilinear weights, exponentials and the like are counted at
about the number of instructions that they take; they are a few percent of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from scenegen.types import FieldShape

GEOMETRY, COLORS = 16, 3
_EXPONENTIAL = 16
_BLOCK_VALUES = 16
"""Values of the four hash entries that the optimiser moves at once."""
GATHER_BYTES, SCATTER_BYTES = 8, 32
"""What one load of a hash entry reads; what one addition to its gradient reads and writes."""


@dataclass(frozen=True)
class Work:
    """Operations, random loads of 8 bytes, random additions to 16 bytes, bytes moved in order."""

    flops: float
    gathers: float = 0.0
    scatters: float = 0.0
    stream_bytes: float = 0.0

    @property
    def bytes(self) -> float:
        """All bytes that have to be read or written."""
        return self.gathers * GATHER_BYTES + self.scatters * SCATTER_BYTES + self.stream_bytes


def encode(shape: FieldShape) -> Work:
    """Eight vertices a level, four features each, blended by trilinear weights."""
    corner, weights = 2 * shape.features, 4
    return Work(shape.levels * (8 * (corner + weights) + 20), gathers=8 * shape.levels)


def scatter(shape: FieldShape) -> Work:
    """The same backwards: an addition to the gradient of every vertex."""
    work = encode(shape)
    return Work(work.flops, scatters=work.gathers)


def density(shape: FieldShape) -> Work:
    """The density network forwards."""
    encoded = shape.levels * shape.features
    return Work(2 * shape.hidden * (encoded + GEOMETRY) + _EXPONENTIAL)


def color(shape: FieldShape) -> Work:
    """The colour network forwards; its inputs from the direction are counted with the ray."""
    return Work(2 * shape.hidden * (GEOMETRY + COLORS) + COLORS * _EXPONENTIAL)


def shade(shape: FieldShape) -> Work:
    """Colour of a sample, and its share in the colour of its ray."""
    return Work(color(shape).flops + 2 * _EXPONENTIAL + 20)


def learn(shape: FieldShape) -> Work:
    """Colour, compositing, and both networks backwards: gradients of inputs and of weights."""
    compositing = 4 * _EXPONENTIAL + 60
    once = density(shape).flops + color(shape).flops
    return Work(color(shape).flops + compositing + 2 * once)


def march() -> Work:
    """A sample's place, its cell and its length; a step over empty space costs the same."""
    return Work(30, gathers=1)


def optimise(blocks: float) -> Work:
    """Adam on blocks: value, gradient, both moments read and written, a half written."""
    return Work(blocks * _BLOCK_VALUES * 14, stream_bytes=blocks * _BLOCK_VALUES * (4 * 8 + 2))
